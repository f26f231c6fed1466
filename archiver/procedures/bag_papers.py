"""What is told of a bag: in its own tag files, in our papers, and in the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from archiver import __version__
from archiver.bagging import Packed
from archiver.catalogue import Desk, Reading, bags, items, orders, plans
from archiver.catalogue.bags import BagRow
from archiver.catalogue.plans import PlanRow
from archiver.procedures.account import Account
from archiver.procedures.bag_contents import Listed
from archiver.procedures.covering import held
from archiver.procedures.deciding import SLICE
from archiver.procedures.errands import Errand
from archiver.procedures.registers_asked import covering, registers_asked
from archiver.procedures.staying import PART
from archiver.procedures.warrants import approvals, authority, proposer, series_told
from archiver.records.canonical import Json
from archiver.records.events import EventKind
from archiver.records.moments import micros, moment, written
from archiver.records.schedules import Schedule
from archiver.records.transfers import BagStatus

_SHOWN = 200
_IDENTIFIER_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Bagging:
    """One bag on its way: whose errand, of which plan, under which schedule."""

    errand: Errand
    schedule: Schedule
    plan: PlanRow
    bag: BagRow


@dataclass(slots=True)
class Handed:
    """What a transfer came to: the bag as it stands, where it lies, and what stayed, and why."""

    bag: BagRow
    path: Path
    stayed: dict[str, tuple[str, ...]] = field(default_factory=dict)


def identifier(account: Account, name: str) -> str:
    """Give the name of the bag called *name* among all bags of all archives."""
    return f"{name}-{account.key.name('bag', name)[:_IDENTIFIER_DIGITS]}"


def told_of(row: BagRow, plan: str) -> dict[str, str | int | None]:
    """Say how the bag of *plan* stands."""
    return {
        "plan": plan,
        "bag": row.bag,
        "status": row.status,
        "recipient": row.recipient,
        "items": row.items,
        "files": row.files,
        "octets": row.octets,
        "manifest": row.manifest,
        "received": written(moment(row.received_at)) if row.received_at is not None else None,
    }


def heading(bagging: Bagging) -> dict[str, str]:
    """Say what bag it is, in its index and on its finding aid."""
    account, bag, schedule = bagging.errand.account, bagging.bag, bagging.schedule
    return {
        "bag": bag.bag,
        "identifier": identifier(account, bag.bag),
        "source": schedule.agency,
        "recipient": bag.recipient,
        "plan": bagging.plan.plan,
        "schedule": f"{schedule.name}, version {bagging.plan.schedule}",
        "bagging_date": account.day(bag.begun_at).isoformat(),
    }


def info(bagging: Bagging, listed: Listed) -> list[tuple[str, str]]:
    """Give what bag-info.txt says, under the labels of RFC 8493."""
    head = heading(bagging)
    series = ", ".join(sorted(listed.series))
    what = f"Social media records of series {series}, for {head['recipient']}"
    return [
        ("Source-Organization", head["source"]),
        ("Bagging-Date", head["bagging_date"]),
        ("External-Description", what),
        ("Internal-Sender-Identifier", f"{head['plan']} {head['bag']}"),
        ("Internal-Sender-Description", f"Transferred under {head['schedule']}"),
        ("Bag-Software-Agent", f"archiver {__version__}"),
    ]


def enter_bagged(bagging: Bagging, handed: Handed, listed: Listed, packed: Packed) -> bool:
    """Enter that the bag is written; from now on what lies in it awaits its receipt.

    False, and nothing is entered, where something in it has begun to be destroyed meanwhile.
    """
    account, plan = bagging.errand.account, bagging.plan
    now = account.now()
    row = replace(
        bagging.bag,
        status=BagStatus.BAGGED,
        bagged_at=micros(now),
        items=listed.items,
        octets=packed.octets,
        files=packed.files,
        manifest=packed.manifest,
    )
    paper = account.paper("bag", _particulars(bagging, row, handed.stayed, listed))
    told: dict[str, Json] = {
        "pl": plan.plan,
        "n": row.items,
        "f": row.files,
        "o": str(row.octets),
        "m": row.manifest,
    }
    with account.catalogue.writing() as desk:
        if not bags.is_whole(desk.connection, row.n):
            return False
        _enter_stayed(bagging, desk, handed)
        handed.bag = bags.write(desk.connection, replace(row, paper=paper), account.key)
        plans.plan_stands(desk.connection, plan.n, "carried_out")
        account.enter(
            desk,
            EventKind.TRANSFER_BAGGED,
            by=bagging.errand.person.id,
            subject=row.bag,
            told=told,
            paper=paper,
            at=now,
        )
    return True


def enter_dropped(bagging: Bagging, handed: Handed) -> None:
    """Enter that nothing is left of what should have been transferred: the plan is void."""
    account = bagging.errand.account
    row = replace(bagging.bag, status=BagStatus.DROPPED)
    with account.catalogue.writing() as desk:
        _enter_stayed(bagging, desk, handed)
        handed.bag = bags.write(desk.connection, row, account.key)
        plans.plan_stands(desk.connection, bagging.plan.n, "void")
        kind, by = EventKind.TRANSFER_DROPPED, bagging.errand.person.id
        account.enter(desk, kind, by=by, subject=row.bag, told={"pl": bagging.plan.plan})


def _enter_stayed(bagging: Bagging, desk: Desk, handed: Handed) -> None:
    """Write one entry for everything that was planned and is not in the bag."""
    if not handed.stayed:
        return
    shown = list[Json](sorted(handed.stayed)[:_SHOWN])
    told: dict[str, Json] = {"n": len(handed.stayed), "i": shown}
    kind, by = EventKind.DISPOSITION_STAYED, bagging.errand.person.id
    bagging.errand.account.enter(desk, kind, by=by, subject=bagging.plan.plan, told=told)


def _particulars(
    bagging: Bagging, row: BagRow, stayed: Mapping[str, tuple[str, ...]], listed: Listed
) -> dict[str, Json]:
    """Give the particulars of a bag: what, to whom, by whose word; of content nothing."""
    account, plan = bagging.errand.account, bagging.plan
    parts = list[Json](_parts(account, row))
    with account.catalogue.reading() as connection:
        return {
            **heading(bagging),
            "begun": written(moment(row.begun_at)),
            "bagged": written(moment(row.bagged_at or row.begun_at)),
            "by": bagging.errand.person.id,
            "name": bagging.errand.person.name,
            "schedule": plan.schedule,
            "items": row.items,
            "files": row.files,
            "octets": str(row.octets),
            "manifest": row.manifest,
            "series": [
                {"number": number, **series_told(bagging.schedule, number), **one.told()}
                for number, one in sorted(listed.series.items())
            ],
            "authority": authority(account, connection, bagging.schedule),
            "approvals": list[Json](approvals(account, connection, plan.n)),
            "proposed_by": proposer(connection, plan.n),
            **asked_of_registers(account, connection, row),
            "stayed": [[item, list[Json](why)] for item, why in sorted(stayed.items())],
            "parts": parts,
        }


def asked_of_registers(account: Account, connection: Reading, row: BagRow) -> dict[str, Json]:
    """Say what held, what was asked for and what courts ordered, and what covers what lies in it.

    What came after the bag was asked about for the last time is told as well: it finds everything
    still here.
    """
    holding: set[str] = set()
    ordering: set[str] = set()
    after = 0
    while some := bags.lying_in(connection, row.n, after=after, limit=SLICE):
        known = items.by_numbers(connection, [one.item_n for one in some])
        rows = list(known.values())
        holding |= covering(held(connection, rows), (one.item for one in rows))
        ordering |= covering(orders.keeping(connection, list(known)), known)
        after = some[-1].item_n
    return registers_asked(account, connection, holding=holding, ordering=ordering)


def _parts(account: Account, row: BagRow) -> Iterator[str]:
    """List what lies in the bag in papers of their own; give the digest of each."""
    after = 0
    while True:
        with account.catalogue.reading() as connection:
            some = bags.lying_in(connection, row.n, after=after, limit=PART)
            known = items.by_numbers(connection, [one.item_n for one in some])
        if not some:
            return
        lines: list[Json] = [[known[one.item_n].item, one.version] for one in some]
        yield account.paper("bag_part", {"bag": row.bag, "items": lines})
        after = some[-1].item_n
