"""A report of moderation on paper and in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from archiver.printing import Cell, Grid, Sheet
from archiver.procedures.moderation import ModerationReport, OutOfSight, Told
from archiver.procedures.moderation_list_sheets import HOW_TO_READ, list_grids, list_rows
from archiver.records.captures import CaptureStatus
from archiver.records.moments import moment

COLUMNS = (
    "item", "kind", "author", "published", "text", "last seen", "visited before",
    "first missing", "seen", "ground", "actor", "remark", "seen again", "address",
    "list", "change", "as before until", "found so at",
)  # fmt: skip
"""What a spreadsheet says of each item, and of each change of a list, in this order."""

_OF_A_LIST = 4
"""How many of them, the last ones, tell of lists alone."""

_PRINTED = ("item", "author", "text", "last seen", "first missing", "what was seen", "seen again")

_HOW_TO_READ = tuple(
    """
This lists what the archive saw go out of sight. It concludes nothing about who did it, or why: \
ground and actor stand here only where the platform itself told them.
Last seen is when the archive last entered the item as visible, first missing when a visit first \
found it hidden or no longer shown; it went out of sight at some time between. A complete visit \
between the two, where there was one, did not miss it.
An item that came and went between two visits, or that the platform never shows to the page's \
owner, is not here.
""".strip().splitlines()
)


def moderation_rows(report: ModerationReport, zone: ZoneInfo) -> Iterator[tuple[Cell, ...]]:
    """Give the rows of the spreadsheet: the times items were out of sight, the lists, the log."""
    for one in report.items:
        row = one.found.row
        yield (
            row.item,
            row.kind,
            author_of(one),
            at_there(row.published_at, zone),
            text_of(one),
            at_there(one.last_seen, zone),
            at_there(one.visited_before, zone),
            at_there(one.first_missing, zone),
            "; ".join(each.state.replace("_", " ") for each in one.told),
            _joined(each.ground for each in one.told),
            _joined(each.actor for each in one.told),
            _joined(each.remark for each in one.told),
            at_there(one.back_at, zone),
            one.content.permalink if one.content else "",
            *("" for _ in range(_OF_A_LIST)),
        )
    yield from list_rows(report.lists, zone, len(COLUMNS) - _OF_A_LIST)


def moderation_sheet(agency: str, report: ModerationReport, zone: ZoneInfo) -> Sheet:
    """Give the report as it is printed."""
    visits = sum(report.visits.values())
    whole = report.visits.get(CaptureStatus.COMPLETE.value, 0)
    since, until = at_there(report.span.since, zone), at_there(report.span.until, zone)
    return Sheet(
        title=f"Moderation of {report.page.name}",
        subtitle=agency,
        fields=[
            ("Page", report.page.identity),
            ("From", since),
            ("To before", until),
            ("Times that items were out of sight", len(report.items)),
            ("Restricted items not shown to this reader", report.not_shown),
            ("Visits in this time", f"{visits}, of which {whole} complete"),
            ("Lists by which the page is moderated", len(report.lists.lists)),
            ("Entries of the platform's log of moderation", len(report.lists.logged)),
            ("Gaps open in this time", len(report.gaps)),
            ("Items of this page destroyed by authority, of which nothing can be told",
             report.tombstones),
        ],
        paragraphs=[
            *_HOW_TO_READ,
            *(HOW_TO_READ if report.lists.lists or report.lists.logged else ()),
            *(f"Not seen by the connector: {line}" for line in report.blind_to),
        ],
        tables=[
            _out_of_sight(report, zone),
            *(grid for grid in list_grids(report.lists, zone) if grid.rows),
            _gaps(report, zone),
        ],
        footer=f"Moderation of {report.page.name}, {since} to {until}",
        wide=True,
    )  # fmt: skip


def _out_of_sight(report: ModerationReport, zone: ZoneInfo) -> Grid:
    return Grid(
        title="Out of sight",
        columns=_PRINTED,
        rows=[_printed(one, zone) for one in report.items],
    )


def _gaps(report: ModerationReport, zone: ZoneInfo) -> Grid:
    return Grid(
        title="Gaps: what visits could not have",
        columns=("since", "until", "what", "why"),
        rows=[
            (at_there(gap.opened_at, zone), at_there(gap.closed_at, zone), gap.what, gap.why)
            for gap in report.gaps
        ],
    )


def author_of(one: OutOfSight) -> str:
    """Give what its author was called; empty where the platform did not say."""
    author = one.content.author if one.content else None
    return (author.name or author.handle or author.native_id) if author else ""


def text_of(one: OutOfSight) -> str:
    """Give what the item said when it was missed."""
    return f"{one.content.title}\n{one.content.text}".strip() if one.content else ""


def at_there(micros_since: int | None, zone: ZoneInfo) -> str:
    """Give a moment as the agency's own clocks showed it; empty for none."""
    if micros_since is None:
        return ""
    return f"{moment(micros_since).astimezone(zone):%Y-%m-%d %H:%M %Z}"


def told_in_words(told: Told) -> str:
    """Say what was seen, by whom as far as the platform tells, and on what ground."""
    by = f" by {told.actor}" if told.actor else ""
    beside = "; ".join(part for part in (told.ground, told.remark) if part)
    return told.state.replace("_", " ") + by + (f" ({beside})" if beside else "")


def _printed(one: OutOfSight, zone: ZoneInfo) -> tuple[Cell, ...]:
    steps = [f"{at_there(each.at, zone)}: {told_in_words(each)}" for each in one.told]
    return (
        f"{one.found.row.item[:12]} ({one.found.row.kind})",
        author_of(one),
        text_of(one),
        at_there(one.last_seen, zone) or "never",
        at_there(one.first_missing, zone),
        "\n".join(steps),
        at_there(one.back_at, zone),
    )


def _joined(parts: Iterator[str]) -> str:
    return "; ".join(dict.fromkeys(part for part in parts if part))
