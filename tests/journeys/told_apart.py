"""The archive held against the town: what it has too little, and what it has too much.

Each function gives its findings as sentences, and none where archive and town agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Select, select

from archiver.catalogue import tables as t
from archiver.catalogue.contents import from_body
from archiver.records.captures import GapReason, PlatformState
from archiver.records.identity import sha256
from archiver.records.items import OF_MODERATION, ItemKind
from archiver.records.moments import moment
from tests.archive import Archive
from tests.connectors.platforms import FIRST_MOMENT
from tests.journeys.town import SEARCHED, Look, Page

_APART = sorted(kind.value for kind in OF_MODERATION | {ItemKind.PROFILE})
"""Kinds of what a page says of itself, and how it is moderated: nobody said it on the page."""

_UNKNOWN = PlatformState.UNKNOWN.value
GONE = {PlatformState.NOT_VISIBLE.value, PlatformState.REPORTED_REMOVED.value}


def night_of(at: int) -> int:
    return (moment(at) - FIRST_MOMENT).days


@dataclass
class Archived:
    """What the archive tells of one item: wordings and states, each with its night."""

    n: int = 0
    life: str = ""
    tag: str = ""
    versions: list[tuple[int, str]] = field(default_factory=list)
    states: list[tuple[int, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Kept:
    """What the archive tells of a page: live items by the town's numbers, and all the rest.

    *strange* are items that say what nobody said on the page, or what another says already.
    """

    items: Mapping[int, Archived]
    destroyed: int
    strange: list[Archived]


def kept_of(archive: Archive, page: Page) -> Kept:
    numbers = {text: number for number, texts in page.words.items() for text in texts}
    found: dict[int, Archived] = {}
    destroyed, strange = 0, []
    for item in _items(archive, page).values():
        said = {numbers.get(text) for _, text in item.versions}
        number = said.pop() if len(said) == 1 else None
        if item.life == "destroyed":
            destroyed += 1
        elif number is None or number in found:
            strange.append(item)
        else:
            found[number] = item
    return Kept(found, destroyed, strange)


def _items(archive: Archive, page: Page) -> dict[int, Archived]:
    found: dict[int, Archived] = defaultdict(Archived)
    mine = select(t.items.c.n).where(
        t.items.c.page_n == _number(archive, page), t.items.c.kind.notin_(_APART)
    )

    def of(table, *columns) -> Select:
        return select(*columns or (table,)).where(table.c.item_n.in_(mine)).order_by(table.c.n)

    with archive.office.catalogue.reading() as connection:
        for row in connection.execute(select(t.items).where(t.items.c.n.in_(mine))):
            found[row.n] = Archived(n=row.n, life=row.life, tag=row.tag)
        said = of(t.versions, t.versions.c.item_n, t.versions.c.captured_at, t.contents.c.body)
        for row in connection.execute(said.join(t.contents, t.contents.c.n == t.versions.c.n)):
            text = from_body(row.body).text.partition("[[File:")[0]  # a wiki's text names files
            found[row.item_n].versions.append((night_of(row.captured_at), text))
        for row in connection.execute(of(t.sightings)):
            found[row.item_n].states.append((night_of(row.at), row.state))
        for row in connection.execute(of(t.attachments)):
            found[row.item_n].files.append(row.digest)
    return found


def _number(archive: Archive, page: Page) -> int:
    with archive.office.catalogue.reading() as connection:
        mine = select(t.pages.c.n).where(t.pages.c.page == archive.office.id_of(page.settings))
        return connection.execute(mine).scalar_one()


# --- what was said ------------------------------------------------------------------------------


def wording_faults(page: Page, kept: Kept, *, history: bool) -> Iterator[str]:
    """Name every wording that stood before a whole visit and was not kept that night, or that was
    kept and never stood; a *history* tells of those that nobody came to see, too."""
    for item in kept.strange:
        yield f"{page.name}: {item} was said by nobody, or by somebody else"
    for number, texts in page.words.items():
        if number in page.greeted:
            continue
        versions = kept.items[number].versions if number in kept.items else []
        nights = {text: night for night, text in reversed(versions)}
        for text in texts:
            yield from _faults_of(page, number, text, nights, history=history)
        # what a history tells may come nights after the wording that showed then
        together = set(nights.values()) if history else {None}
        for night in together:
            came = [text for on, text in versions if night in {None, on}]
            if [text for text in texts if text in came] != list(dict.fromkeys(came)):
                yield f"{page.name} {number}: its wordings came in another order: {versions}"


def _faults_of(
    page: Page, number: int, text: str, nights: Mapping[str, int], *, history: bool
) -> Iterator[str]:
    stood = page.stood(number, text)
    due = [look.night for look in stood if page.reaches(look, number)]
    came = nights.get(text)
    if due and (came is None or came > due[0]):
        yield f"{page.name} {number}: {text!r} stood on night {due[0]}, and came on {came}"
    if came is not None and not history and came not in {look.night for look in stood}:
        yield f"{page.name} {number}: {text!r} came on {came}, and did not stand there"


def picture_faults(page: Page, kept: Kept) -> Iterator[str]:
    """Name every item whose picture is not kept, or not the one that was shown."""
    for number, item in kept.items.items():
        shown = page.platform.pictures.get(page.born[number].picture)
        hurried = not item.files and not page.seen_whole(number)
        if item.files != ([] if shown is None else [sha256(shown)]) and not hurried:
            yield f"{page.name} {number}: its files are {item.files}, shown was {shown!r}"


# --- what became of it --------------------------------------------------------------------------


def state_faults(page: Page, kept: Kept) -> Iterator[str]:
    """Name every removal and hiding that was not seen when it had to be, and what never was."""
    for number, item in kept.items.items():
        true = {look.night: look.state(number) for look in page.looks}
        for night, state in item.states:
            if state != _UNKNOWN and true[night] != _word(state):
                yield f"{page.name} {number}: {state} on night {night}, and was {true[night]}"
        for turn, before, now in _turns(page, number):
            if item.versions[0][0] < turn:
                yield from _unseen(page, number, item, turn, before, now)


def _unseen(
    page: Page, number: int, item: Archived, turn: int, before: str, now: str
) -> Iterator[str]:
    """Say so where what *number* was from the night *turn* on was seen too late, or not at all.

    What was hidden is expected in no listing, so that its removal may wait for the ladder.
    """
    seen = [night for night, state in item.states if night >= turn and _word(state) == now]
    later = [look for look in page.looks if look.night >= turn]
    due = [look.night for look in later if page.lists(look, number) and before != "hidden"]
    lasts = all(look.state(number) == now for look in later)
    if (due and (not seen or seen[0] > due[0])) or (lasts and not seen):
        yield f"{page.name} {number}: {now} since night {turn}, due {due[:1]}, seen {seen}"


def _word(state: str) -> str:
    return "gone" if state in GONE else state


def _turns(page: Page, number: int) -> Iterator[tuple[int, str, str]]:
    """Give the nights from which on something was hidden or gone: before, and since."""
    before = ""
    for look in page.looks:
        now = look.state(number)
        if before and now != before:
            yield look.night, before, now
        before = now if before or now != "gone" else ""


# --- what could not be had ----------------------------------------------------------------------


@dataclass(frozen=True)
class Hole:
    """A gap as the coverage record tells it; *closed* is None while it is open."""

    what: str
    why: str
    item_n: int | None
    opened: int
    closed: int | None
    file: bool


def holes_of(archive: Archive, page: Page) -> list[Hole]:
    query = select(t.gaps).where(t.gaps.c.page_n == _number(archive, page)).order_by(t.gaps.c.n)
    with archive.office.catalogue.reading() as connection:
        return [
            Hole(
                row.what, row.why, row.item_n, night_of(row.opened_at),
                night_of(row.closed_at) if row.closed_at else None, bool(row.slot),
            )
            for row in connection.execute(query)
        ]  # fmt: skip


def statuses_of(archive: Archive, page: Page) -> dict[int, str]:
    """Give how each night's visit of *page* ended, as the coverage record tells it."""
    query = select(t.captures).where(t.captures.c.page_n == _number(archive, page))
    with archive.office.catalogue.reading() as connection:
        rows = connection.execute(query).all()
    assert len(rows) == len(page.looks)
    return {night_of(row.begun_at): row.status for row in rows}


def coverage_faults(archive: Archive, page: Page, kept: Kept) -> Iterator[str]:
    """Name every night that the coverage record tells otherwise than it was, and every gap."""
    holes, statuses = holes_of(archive, page), statuses_of(archive, page)
    lasting = [hole for hole in holes if hole.why == GapReason.GONE.value]
    late = [hole for hole in holes if hole.why == GapReason.TOO_LATE.value]
    for look in page.looks:
        spoiled = any(hole.opened == look.night for hole in lasting + late)
        if statuses[look.night] not in _statuses(look, spoiled=spoiled):
            yield f"{page.name}: night {look.night} is told as {statuses[look.night]}"
        if look.trouble is not None and not any(_tells(hole, look) for hole in holes):
            yield f"{page.name}: no gap tells of night {look.night} ({look.trouble.why.value})"
    yield from _lasting_faults(page, kept, [hole for hole in lasting if hole.closed is None])
    yield from _late_faults(page, late)
    for hole in holes:
        if hole not in lasting + late:
            yield from _hole_faults(page, hole, statuses)


def _statuses(look: Look, *, spoiled: bool) -> set[str]:
    if look.trouble is None:
        return {"partial" if spoiled else "complete"}
    if look.trouble.bare:
        return {"suspect"}
    return {"failed"} if look.trouble.after == 0 else {"failed", "partial"}


def _tells(hole: Hole, look: Look) -> bool:
    assert look.trouble is not None
    there = hole.opened <= look.night and (hole.closed is None or hole.closed > look.night)
    return there and hole.why == look.trouble.why.value


def _hole_faults(page: Page, hole: Hole, statuses: Mapping[int, str]) -> Iterator[str]:
    """Say where a gap is of a night that had none, or did not close when all was had again."""
    begun = next(look for look in page.looks if look.night == hole.opened)
    if begun.trouble is None or begun.trouble.why.value != hole.why:
        yield f"{page.name}: {hole} opened on a night of {begun.trouble}"
    calm = [look.night for look in page.looks if look.trouble is None and look.night > hole.opened]
    healed = calm[0] if hole.file else next(n for n in calm if statuses[n] == "complete")
    early = hole.file and hole.closed is not None and hole.closed < healed
    if hole.closed != healed and not early:
        yield f"{page.name}: {hole} should have closed on night {healed}"


def _late_faults(page: Page, late: list[Hole]) -> Iterator[str]:
    """Name each night that came too late for some answers and did not say so, and the reverse."""
    searched = None
    for look in page.looks:
        told = [hole for hole in late if hole.opened == look.night]
        since = look.at - SEARCHED[page.name] if page.name in SEARCHED else None
        due = since is not None and (searched is None or searched < since)
        if len(told) > due or (due and not told and look.trouble is None):
            yield f"{page.name}: night {look.night} tells of {told} that was too late"
        if told or look.trouble is None:
            searched = look.at
    if closed := [hole for hole in late if hole.closed is not None]:
        yield f"{page.name}: {closed} cannot have been had later"


def _lasting_faults(page: Page, kept: Kept, lasting: list[Hole]) -> Iterator[str]:
    """Compare what stays wanting with what the town knows to be lost for good."""
    lost = {kept.items[n].n for n in page.lost_pictures if n in kept.items}
    hurried = {item.n for n, item in kept.items.items() if not page.seen_whole(n)}
    files = [hole.item_n for hole in lasting if hole.file and hole.item_n not in hurried]
    if sorted(lost - hurried) != sorted(n for n in files if n is not None):
        yield f"{page.name}: the pictures of {lost} are lost, and gaps tell of {files}"
    unseen = [n for n in page.told_of_only() if n not in kept.items]
    others = [hole.what for hole in lasting if not hole.file]
    if len(others) != len(unseen):
        yield f"{page.name}: {unseen} were gone before anybody came, and gaps tell of {others}"
