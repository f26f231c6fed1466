"""Enabling a page: which term of the platform it meets, and by which statute it is captured.

Platforms ask that what they delete be deleted everywhere; a public record is kept all the same,
because a statute says so. Counsel says which, once for each page; what is entered later counts
instead of what was entered before. Capture does not wait for it: until it is there, `status` is
amber.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from archiver.catalogue import enablings
from archiver.catalogue.enablings import EnablingRow
from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.procedures.instruments import Instrument, keep_instrument
from archiver.records.canonical import Json
from archiver.records.errors import ConfigInvalid
from archiver.records.events import EventKind
from archiver.records.moments import micros
from archiver.records.pages import PageSettings
from archiver.records.people import Right, SignedIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliance:
    """What is relied on: the platform's *term*, the *statute* against it, who said so and when."""

    term: str
    statute: str
    counsel: str
    dated: date


def enable(
    account: Account,
    signed: SignedIn,
    settings: PageSettings,
    reliance: Reliance,
    document: Instrument | None = None,
) -> EnablingRow:
    """Enter on what the capture of a page rests; *document* is counsel's own, kept whole.

    Raises:
        NotPermitted: the person may not adopt.
        ConfigInvalid: its date is yet to come, or the document cannot be kept.
    """
    demand(account, signed.person, Right.ADOPT)
    if reliance.dated > account.today():
        raise ConfigInvalid(
            f"{reliance.dated} is yet to come", remedy="Give the day on which counsel said so."
        )
    page = account.key.page(settings.platform, settings.identity)
    kept = keep_instrument(account, document) if document is not None else None
    by: dict[str, Json] = {"by": signed.person.id, "means": signed.means.value}
    told: dict[str, Json] = by | {
        "page": page,
        "connector": settings.connector,
        "term": reliance.term,
        "statute": reliance.statute,
        "counsel": reliance.counsel,
        "dated": reliance.dated.isoformat(),
        "document": kept.paper if kept else "",
        "file": kept.told() if kept else None,
    }
    paper, person = account.paper("enabling", told), signed.person.id
    with account.catalogue.writing() as desk:
        at, name = account.now(), enablings.next_name(desk.connection)
        row = row_of(name, told, at=micros(at), by=person, paper=paper)
        enablings.add(desk.connection, row)
        kind, which = EventKind.PAGE_ENABLED, dict[str, Json](pg=page)
        account.enter(desk, kind, by=person, subject=name, told=which, paper=paper, at=at)
    account.acknowledge()
    return row


def row_of(name: str, told: dict[str, Json], *, at: int, by: str, paper: str) -> EnablingRow:
    """Give the row of the enabling that its paper *told*."""
    return EnablingRow(
        n=int(name.partition("-")[2]),
        enabling=name,
        page=str(told["page"]),
        connector=str(told["connector"]),
        term=str(told["term"]),
        statute=str(told["statute"]),
        counsel=str(told["counsel"]),
        dated=date.fromisoformat(str(told["dated"])).toordinal(),
        document=str(told["document"]),
        entered_at=at,
        by=by,
        paper=paper,
    )


@dataclass(frozen=True, slots=True)
class Enabled:
    """A configured page, and the enabling that counts for it, if any was entered."""

    page: PageSettings
    row: EnablingRow | None


def enabled(account: Account, pages: Iterable[PageSettings]) -> list[Enabled]:
    """Give each of *pages* with what its capture rests on."""
    with account.catalogue.reading() as connection:
        known = enablings.in_force(connection)
    return [
        Enabled(page, known.get(account.key.page(page.platform, page.identity))) for page in pages
    ]
