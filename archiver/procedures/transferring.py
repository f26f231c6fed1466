"""Transferring: what people approved goes into a bag for another archive; nothing leaves here.

`begun` → what may go is chosen, asked again inside the transaction → its bytes are written aside,
proven → asked once more, and what a hold or an edit has taken out leaves the bag → index and
manifests → everything durable → the bag gets its name → `bagged`. A crash leaves a begun bag; the
same command goes on with it. A hold that comes later finds everything still here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from archiver.bagging import BagFolder
from archiver.catalogue import Reading, bags, items, plans
from archiver.catalogue.bags import BagRow
from archiver.catalogue.plans import PlanRow
from archiver.ports import ObjectReader
from archiver.procedures.account import Account
from archiver.procedures.approving import demand_standing
from archiver.procedures.authority import demand, demand_quorum, demand_to_destroy, refuse
from archiver.procedures.bag_contents import ITEMS, enclosed, payload, put_objects, write_index
from archiver.procedures.bag_papers import (
    Bagging,
    Handed,
    enter_bagged,
    enter_dropped,
    heading,
    identifier,
    info,
)
from archiver.procedures.believing import demand_believable
from archiver.procedures.carrying import demand_approved, saved
from archiver.procedures.deciding import Decided
from archiver.procedures.dispose import next_threads
from archiver.procedures.errands import Errand, Threads
from archiver.procedures.planning import named
from archiver.records.approval import Terms
from archiver.records.disposition import Action
from archiver.records.errors import ConfigInvalid, NotApproved
from archiver.records.events import EventKind
from archiver.records.moments import moment
from archiver.records.people import Person, Right, SignedIn
from archiver.records.schedules import Schedule
from archiver.records.transfers import BagStatus

LOCK = "transfer"
"""The lock of the archive under which bags are written."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """What a transfer may use: it reads objects, and can neither keep nor destroy any."""

    account: Account
    objects: ObjectReader
    schedule: Schedule
    terms: Terms


@dataclass(frozen=True, slots=True)
class _Packing:
    """One bag on its way: what it is, what may be read for it, and its folder."""

    bagging: Bagging
    objects: ObjectReader
    folder: BagFolder

    @property
    def account(self) -> Account:
        """Give the account of deeds."""
        return self.bagging.errand.account

    @property
    def bag(self) -> BagRow:
        """Give the row of the bag as it was begun."""
        return self.bagging.bag

    def asked(self, connection: Reading, planned: Threads) -> list[Decided]:
        """Decide anew on what was planned, by what is known of it in this transaction."""
        errand = self.bagging.errand
        return errand.asked(errand.grounds(connection, planned), planned)

    def due(self, one: Decided) -> bool:
        """Say whether a thread may go, by what was decided of it."""
        return one.verdict.action is Action(self.bagging.plan.action)


def transfer(
    carrier: Carrier,
    signed: SignedIn,
    name: str,
    to: Path,
    *,
    recipient: str,
    on: date,
    progress: Progress = lambda _count: None,
) -> Handed:
    """Write what the plan called *name* lists into a bag in the folder *to*, for *recipient*.

    A bag that was begun before is gone on with. *progress* is told items written.

    Raises:
        NotFound: there is no such plan.
        NotPermitted: the person may not dispose.
        NotApproved: it is no plan to transfer, a step of its chain is missing, its approval has
            expired or rests, or it is void.
        QuorumMissing: fewer than two people could approve.
        NotAdopted: no adoption gives the schedule force, or the clock was put back.
        RestoreUnconfirmed: the archive was restored and not reconciled.
        ConfigInvalid: *to* is no folder, something else stands there, or the bag was begun for
            another recipient.
        ArchiveBusy: another process is transferring.
    """
    account, person = carrier.account, signed.person
    demand(account, person, Right.DISPOSE)
    with account.catalogue.exclusive(LOCK, wait=False):
        demand_quorum(account, person, name, demonstration=carrier.terms.demonstration)
        plan = demand_standing(account, person, named(account, name), carrier.schedule)
        _demand_transferable(account, person, plan, carrier.terms)
        demand_to_destroy(account, person, name, plan.schedule, carrier.schedule, attended=True)
        demand_believable(account, person, name, plan=name)
        if not to.is_dir():
            raise ConfigInvalid(f"--to {to}: is no folder", remedy="Make it, or name another.")
        bag = _begun(account, person, plan, to, recipient)
        errand = Errand(
            account=account,
            person=person,
            plan=saved(plan),
            schedule=carrier.schedule,
            on=on,
            objects=carrier.objects,
        )
        bagging = Bagging(errand=errand, schedule=carrier.schedule, plan=plan, bag=bag)
        packing = _Packing(bagging, carrier.objects, _folder(account, bag, to))
        handed = _pack(packing, progress)
    account.acknowledge()
    return handed


def _demand_transferable(account: Account, person: Person, row: PlanRow, terms: Terms) -> None:
    """Pass if people approved to transfer what *row* lists, or it was offered and accepted.

    Raises:
        NotApproved: they did not, not any more, or it was transferred already.
    """
    if row.status != "accepted":
        demand_approved(account, person, row, terms, to=Action.TRANSFER)
        return
    with account.catalogue.reading() as connection:
        said = plans.approvals_of(connection, row.n)[-1]
    ends = date.fromordinal(said.on_day) + timedelta(days=terms.approval_days)
    if account.today() > ends:
        refusal = NotApproved(
            f"the acceptance of {row.plan} is older than {terms.approval_days} days",
            remedy="Make a new plan, and offer it anew.",
        )
        refuse(account, person, row.plan, refusal)


def _folder(account: Account, bag: BagRow, to: Path) -> BagFolder:
    return BagFolder(to, bag.bag, identifier(account, bag.bag))


def _begun(account: Account, person: Person, plan: PlanRow, to: Path, recipient: str) -> BagRow:
    """Enter that a bag is begun, or find the one that was."""
    with account.catalogue.reading() as connection:
        found = bags.of_plan(connection, plan.n)
    if found is not None:
        if found.recipient != recipient:
            raise ConfigInvalid(
                f"--recipient: {found.bag} was begun for {found.recipient}",
                remedy="Name the same recipient, or decline the plan and make a new one.",
            )
        return found
    now = account.now_micros()
    row = BagRow(
        n=0,
        bag="",
        plan_n=plan.n,
        status=BagStatus.BEGUN,
        recipient=recipient,
        begun_at=now,
        by=person.id,
    )
    paper = account.paper("transfer", {"plan": plan.plan, "recipient": recipient})
    with account.catalogue.writing() as desk:
        row = bags.add(desk.connection, row, account.key)
        if _folder(account, row, to).is_another:
            raise ConfigInvalid(f"{to / row.bag} is there already, and is not ours to write over")
        account.enter(
            desk,
            EventKind.TRANSFER_BEGUN,
            by=person.id,
            subject=row.bag,
            told={"pl": plan.plan, "s": plan.schedule},
            paper=paper,
            at=moment(now),
        )
    account.acknowledge()
    return row


# --- packing --------------------------------------------------------------------------------------


def _pack(packing: _Packing, progress: Progress) -> Handed:
    handed = Handed(packing.bag, packing.folder.path)
    account, folder, bag = packing.account, packing.folder, packing.bag
    _choose(packing, handed)
    folder.open()
    folder.keep_only(ITEMS, lambda names: _lying_in(account, bag, names))
    for count, one in enumerate(enclosed(account, bag.n), 1):
        put_objects(account, packing.objects, folder, one)
        progress(count)
    while not _closed(packing, handed):
        folder.open()
    return handed


def _closed(packing: _Packing, handed: Handed) -> bool:
    """Ask once more, close the bag and enter it; False where it must be asked again."""
    account, folder, bag = packing.account, packing.folder, packing.bag
    _ask_again(packing, handed)
    folder.keep_only(ITEMS, lambda names: _lying_in(account, bag, names))
    listed = write_index(account, folder, bag, heading(packing.bagging))
    if not listed.items:
        folder.discard()
        enter_dropped(packing.bagging, handed)
        return True
    files = payload(account, bag.n, listed.indexes)
    packed = folder.close(files, info(packing.bagging, listed))
    return enter_bagged(packing.bagging, handed, listed, packed)


def _lying_in(account: Account, bag: BagRow, names: list[str]) -> set[str]:
    """Give those of the items called *names* that lie in *bag*."""
    with account.catalogue.reading() as connection:
        rows = items.by_ids(connection, names)
        lying = bags.bagged_of(connection, bag.n, [row.n for row in rows.values()])
    return {name for name, row in rows.items() if row.n in lying}


def _threads(packing: _Packing) -> Iterator[Threads]:
    """Give the plan's threads with what it lists of each, some at a time."""
    some, last = next_threads(packing.account, packing.bagging.errand.plan, 0)
    while some:
        yield some
        some, last = next_threads(packing.account, packing.bagging.errand.plan, last)


def _choose(packing: _Packing, handed: Handed) -> None:
    """Put into the bag what may go now; what a broken-off run had chosen is chosen anew."""
    account, bag = packing.account, packing.bag
    with account.catalogue.writing() as desk:
        bags.emptied(desk.connection, bag.n)
    for planned in _threads(packing):
        with account.catalogue.writing() as desk:
            for one in packing.asked(desk.connection, planned):
                if packing.due(one):
                    bags.put_in(desk.connection, bag.n, one.members, account.key)
                else:
                    handed.stayed.update((row.item, one.reasons(row)) for row in one.members)


def _ask_again(packing: _Packing, handed: Handed) -> None:
    """Take out of the bag what may not go any more: a hold that came while it was written wins."""
    account, bag = packing.account, packing.bag
    for planned in _threads(packing):
        with account.catalogue.writing() as desk:
            asked = packing.asked(desk.connection, planned)
            stays = [one for one in asked if not packing.due(one)]
            bags.take_out(desk.connection, bag.n, {one.row.n for one in stays})
        for one in stays:
            handed.stayed.update((row.item, one.reasons(row)) for row in one.members)
