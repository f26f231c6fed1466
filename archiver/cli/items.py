"""`items`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from archiver.cli.item_output import author_of, list_items, say_not_counted, text_of, told
from archiver.cli.output import (
    Told,
    day_time,
    emit_json,
    iso,
    json_option,
    plain,
    said,
    shortened,
    table,
)
from archiver.cli.proving import print_proof, print_raw, proof_told
from archiver.cli.restricting import items_restrict, items_unrestrict
from archiver.cli.root import Counter, pass_counter
from archiver.cli.triggering import items_trigger
from archiver.records.counting import count_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.office import Office
    from archiver.procedures.finding import Answer, Found, Whole
    from archiver.records.items import RawFragment

_SORTS = ("relevance", "newest", "oldest")
_LISTS = ("holds", "matched", "restricted")
"""The lists that stand on one line of what is shown of an item."""


@click.group()
def items() -> None:
    r"""Search and show what is archived.

    \b
    Example:
      archiver items search '"road closed" OR detour'
    """


@items.command("search")
@click.argument("query")
@click.option(
    "--limit",
    default=20,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="At most so many.",
)
@click.option("--offset", default=0, type=click.IntRange(0), help="Leave out the first so many.")
@click.option(
    "--sort",
    default="relevance",
    show_default=True,
    type=click.Choice(_SORTS),
    help="What comes first.",
)
@json_option
@pass_counter
def items_search(
    counter: Counter, query: str, limit: int, offset: int, sort: str, *, as_json: bool
) -> None:
    r"""Find items that match QUERY.

    Words mean all of them, in any form; "quoted words" mean exactly these; OR, NOT and
    parentheses; evac* for beginnings; page:, platform:, kind:, author:, title:, from:, to:;
    is:attachment, is:post, is:comment. What you may not see is neither found nor counted.

    \b
    Examples:
      archiver items search 'pothole NOT "main street" page:facebook' --sort newest
      archiver items search 'author:smith from:2026-01-01 to:2026-06-30' --json
    """
    from archiver.office.naming import query_of
    from archiver.procedures.finding import search
    from archiver.procedures.viewing import closed_to, view

    office = counter.for_reader
    answer = search(
        office.catalogue,
        office.index,
        query_of(office, query),
        limit=limit,
        offset=offset,
        sort=sort,
        without=closed_to(office.account, office.person),
        now=office.account.now(),
    )
    viewed = view(office.account, office.person, answer.items, where="search")
    answer = replace(answer, items=viewed.items)
    if as_json:
        emit_json(_answer(answer))
    else:
        _print_answer(answer)
        say_not_counted(answer.not_searched, "a search of yours does not look into them")


def _print_answer(answer: Answer) -> None:
    rows = [
        (
            f.row.item[:12],
            day_time(f.row.published_at),
            f.page.name,
            f.row.kind,
            author_of(f),
            f"{f.row.tag} {f.row.series}".strip(),
            "held" if f.held else "",
            shortened(text_of(f)),
        )
        for f in answer.items
    ]
    columns = ("id", "published", "page", "kind", "author", "tag", "held", "text")
    table(f"{answer.total} found", columns, rows)
    behind = ""
    if left := answer.of - answer.indexed:
        behind = f"; {count_of(left, 'more is', 'more are')} to be indexed, or indexed anew"
    click.echo(
        f"{answer.total} found; searched {answer.indexed} of {answer.of} items "
        f"as of {iso(answer.as_of)}, in {answer.took_ms} ms{behind}; "
        f"{answer.gone} more are already gone, destroyed by authority",
        err=True,
    )


def _answer(answer: Answer) -> dict[str, Told]:
    return {
        "total": answer.total,
        "indexed": answer.indexed,
        "of": answer.of,
        "not_searched": answer.not_searched,
        "gone": answer.gone,
        "as_of": iso(answer.as_of),
        "engine": answer.engine,
        "took_ms": answer.took_ms,
        "items": [told(found) for found in answer.items],
    }


def _known_as(found: Found) -> dict[str, Told]:
    """Give what the platform knows an author by, for whoever is to hold what they wrote."""
    author = found.content.author if found.content else None
    return {
        "author_id": author.native_id if author else "",
        "author_handle": author.handle if author else "",
    }


@items.command("show")
@click.argument("item")
@click.option("--versions", is_flag=True, help="Show every version, not only the newest.")
@click.option(
    "--proof", is_flag=True, help="Show every deed on it with its ledger index, and why it is kept."
)
@click.option(
    "--raw",
    is_flag=True,
    help="Show the platform's own bytes, and the request and answer that brought them.",
)
@json_option
@pass_counter
def items_show(
    counter: Counter, item: str, *, versions: bool, proof: bool, raw: bool, as_json: bool
) -> None:
    r"""Show everything the archive knows of ITEM (an id, or its unambiguous beginning).

    \b
    Examples:
      archiver items show 3f9a2c --versions
      archiver items show 3f9a2c --proof
      archiver items show 3f9a2c --raw
    """
    from archiver.procedures.finding import full_id, show
    from archiver.procedures.proof_of_item import proof_of
    from archiver.procedures.viewing import view_one

    office = counter.for_reader
    whole = show(office.catalogue, full_id(office.catalogue, item))
    view_one(office.account, office.person, whole.found)
    shown_proof = proof_of(office.account, office.schedule, whole.found.row.item) if proof else None
    sent = _sent(office, whole, versions=versions) if raw else {}
    if as_json:
        more: dict[str, Told] = {"proof": proof_told(shown_proof)} if shown_proof else {}
        emit_json(_whole(office, whole) | more | ({"raw": _raw_told(sent)} if raw else {}))
        return
    _print_whole(office, whole, versions=versions)
    for number, fragment in sent.items():
        print_raw(number, fragment)
    if shown_proof is not None:
        print_proof(shown_proof)


def _print_whole(office: Office, whole: Whole, *, versions: bool) -> None:
    for name, value in _whole(office, whole).items():
        if not isinstance(value, list | dict):
            click.echo(f"{name:14} {plain(str(value))}")
        elif name in _LISTS and value:
            click.echo(f"{name:14} {plain(said(value))}")
    shown = whole.versions if versions else whole.versions[-1:]
    for row, content in shown:
        click.echo(f"\nversion {row.number}, captured {day_time(row.captured_at)}, {row.digest}")
        click.echo(plain(content.text) if content else "(struck)")
    for sighting in whole.sightings:
        remark = _remark(office, whole.found.row.item, sighting.paper)
        by = f" by {sighting.actor}" if sighting.actor else ""
        quoted = f" ({remark})" if remark else ""
        line = f"{sighting.state}{by}{quoted} {sighting.source}".rstrip()
        click.echo(f"seen {day_time(sighting.at)}: {plain(line)}")
    for byline in whole.bylines:
        when, author = day_time(byline.published), byline.author[:12] or "nobody named"
        click.echo(f"shown since {day_time(byline.since)} as of {when}, by {author}")
    for file in whole.attachments:
        click.echo(f"attachment {file.slot}: {file.media_type} {file.size} bytes, {file.digest}")
    for gap in whole.gaps:
        closed = f", closed {day_time(gap.closed_at)}" if gap.closed_at else ", open"
        what = gap.what or "(struck)"
        click.echo(f"gap since {day_time(gap.opened_at)}: {what}: {gap.why}{closed}")


def _sent(office: Office, whole: Whole, *, versions: bool) -> dict[int, RawFragment]:
    """Give what the platform sent of each version that is shown and not struck, by its number."""
    from archiver.procedures.as_sent import as_sent

    item, shown = whole.found.row.item, whole.versions if versions else whole.versions[-1:]
    return {
        row.number: as_sent(office.objects, item, row.digest)
        for row, content in shown
        if content is not None
    }


def _raw_told(sent: Mapping[int, RawFragment]) -> list[Told]:
    return [
        dict[str, Told](fragment.to_json()) | {"version": number}
        for number, fragment in sent.items()
    ]


def _remark(office: Office, item: str, paper: str) -> str | None:
    """Give the platform's own remark of a sighting, where a paper holds one."""
    from archiver.procedures.remarks import remark_of

    return remark_of(office.keys.archive, office.objects, item, paper) if paper else None


def _whole(office: Office, whole: Whole) -> dict[str, Told]:
    return told(whole.found) | {
        **_known_as(whole.found),
        "thread": whole.thread,
        "confidence": whole.found.row.confidence / 1000,
        "schedule": whole.found.row.schedule,
        "matched": list(whole.matched),
        "engagement": dict(whole.counts),
        "versions": _versions_told(whole),
        "attachments": [
            {"slot": a.slot, "digest": a.digest, "size": a.size, "media_type": a.media_type}
            for a in whole.attachments
        ],
        "sightings": [
            {"at": iso(s.at), "state": s.state, "actor": s.actor, "source": s.source}
            | {"remark": _remark(office, whole.found.row.item, s.paper)}
            for s in whole.sightings
        ],
        "bylines": [
            {"since": iso(b.since), "published_at": iso(b.published), "author": b.author}
            for b in whole.bylines
        ],
        "gaps": [
            {
                "what": g.what,
                "why": g.why,
                "opened_at": iso(g.opened_at),
                "closed_at": iso(g.closed_at),
                "tries": g.tries,
            }
            for g in whole.gaps
        ],
    }


def _versions_told(whole: Whole) -> list[Told]:
    return [
        {
            "number": row.number,
            "digest": row.digest,
            "size": row.size,
            "captured_at": iso(row.captured_at),
            "title": content.title if content else None,
            "text": content.text if content else None,
        }
        for row, content in whole.versions
    ]


@items.command("thread")
@click.argument("item")
@json_option
@pass_counter
def items_thread(counter: Counter, item: str, *, as_json: bool) -> None:
    r"""Show the thread ITEM belongs to, oldest first.

    \b
    Example:
      archiver items thread 3f9a2c
    """
    from archiver.procedures.finding import full_id, thread
    from archiver.procedures.viewing import view

    office = counter.for_reader
    found = thread(office.catalogue, full_id(office.catalogue, item))
    viewed = view(office.account, office.person, found, where="thread")
    list_items(viewed, "Thread", as_json=as_json)


for command in (items_trigger, items_restrict, items_unrestrict):
    items.add_command(command)
