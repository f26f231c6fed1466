"""Deciding: what the rulebook says of threads, by what the catalogue knows of them now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from archiver.catalogue import Reading, bags, disposals, inspection, orders, pages
from archiver.catalogue.items import LIVE, ItemRow, ThreadRow
from archiver.catalogue.pages import PageRow
from archiver.catalogue.unasked import NOTHING_UNASKED, Unasked, unasked
from archiver.procedures.account import Account
from archiver.procedures.activity import threads_behind
from archiver.procedures.bagged import Lying, transferred
from archiver.procedures.covering import held
from archiver.procedures.row_deeds import behind
from archiver.records.alike import Decider
from archiver.records.captures import PlatformState
from archiver.records.classification import Basis, Tag
from archiver.records.disposition import Action, Member, Reason, Thread, Verdict, Why, decide
from archiver.records.making import quickly
from archiver.records.restrictions import Restriction, restricted_by
from archiver.records.schedules import Schedule
from archiver.records.series import Trigger, days_read
from archiver.records.transfers import Transferred

SLICE = 500
"""How many threads are decided at once."""

BINDING = frozenset({Why.HELD, Why.ORDERED})
"""What keeps an item however long its time has lapsed."""

_WAITING = (Restriction.SCHEDULE,)
"""What may be found of an item that the schedule's rules were not asked of yet."""

NOTHING: Mapping[int, Transferred] = {}
"""None of it lies in a bag."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A thread with its members and what was decided of it."""

    row: ThreadRow
    members: tuple[ItemRow, ...]
    verdict: Verdict
    asked: Thread
    """What was decided on: its members stand in the order of those above."""
    stayed: bool
    """Its time has lapsed, and something else keeps it."""
    otherwise: Action = Action.KEEP
    """Where it stayed, what people could approve otherwise; `keep` where nobody can tell."""
    left: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By item id, what took it out of the set that a plan listed; nothing where nothing did."""

    def reasons(self, item: ItemRow) -> tuple[str, ...]:
        """Give the reasons that concern *item*: its own, those of the thread, or another's."""
        if item.item in self.left:
            return self.left[item.item]
        reasons = self.verdict.reasons
        own = tuple(str(r) for r in reasons if r.item in {"", item.item})
        return own or tuple(f"thread: {r}" for r in reasons)


_a_member, _a_thread, _a_decided = quickly(Member), quickly(Thread), quickly(Decided)


def decisions(
    account: Account,
    schedule: Schedule | None,
    *,
    on: date,
    horizon: date | None = None,
    attended: bool = False,
) -> Iterator[Decided]:
    """Decide on the day *on* for every thread worth a look until *horizon* (default: *on*).

    *attended* for a plan that people approve; otherwise for the purge.
    """
    after = 0
    until = (horizon or on).toordinal()
    while True:
        with account.catalogue.reading() as connection:
            rows = disposals.worth_a_look(
                connection, on=until, after=after, limit=SLICE, ripe=attended
            )
            some = decide_for(
                connection, account, schedule, rows, on=horizon or on, attended=attended
            )
        if not rows:
            return
        yield from some
        after = rows[-1].n


@dataclass(frozen=True, slots=True)
class Known:
    """All that a decision on *threads* rests on, as one transaction saw it.

    Deciding looks at nothing else: where what is known is the same, so is every decision.
    """

    threads: Sequence[ThreadRow]
    members: Mapping[int, Sequence[ItemRow]]
    holds: Mapping[str, Sequence[str]]
    ordered: Mapping[int, Sequence[str]]
    on_pages: Mapping[int, PageRow]
    bagged: Mapping[int, Lying]
    changes: Mapping[str, Sequence[bytes]]
    behind: frozenset[str]
    unasked: Unasked


def known_of(connection: Reading, rows: Sequence[ThreadRow]) -> Known:
    """Read what the catalogue says of *rows* in this transaction, and what binds them there."""
    members = disposals.members(connection, [row.n for row in rows])
    every = [item for some in members.values() for item in some]
    holds = held(connection, every)
    ordered = orders.keeping(connection, [item.n for item in every])
    on_pages = pages.by_numbers(connection, [row.page_n for row in rows])
    bagged = bags.last_written(connection, [item.n for item in every])
    changes, lagging = lagging_behind(connection, rows, every)
    waiting = unasked(connection)
    return Known(rows, members, holds, ordered, on_pages, bagged, changes, lagging, waiting)


def lagging_behind(
    connection: Reading, threads: Sequence[ThreadRow], every: Sequence[ItemRow]
) -> tuple[Mapping[str, Sequence[bytes]], frozenset[str]]:
    """Give the entries of changes of all items of *threads*, and those that lie behind them.

    An item does whose own row was put back, or that of its thread. *every* are all their items.
    """
    changes = inspection.changes_of(connection, [item.item for item in every])
    outdone = threads_behind(threads, every, changes)
    return changes, behind(every, changes) | {o.item for o in every if o.thread_n in outdone}


def decide_for(
    connection: Reading,
    account: Account,
    schedule: Schedule | None,
    rows: Sequence[ThreadRow],
    *,
    on: date,
    attended: bool = False,
) -> list[Decided]:
    """Decide for *rows* by what the catalogue says in this transaction."""
    return decide_by(account, schedule, known_of(connection, rows), on=on, attended=attended)


def decide_by(
    account: Account,
    schedule: Schedule | None,
    known: Known,
    *,
    on: date,
    attended: bool = False,
) -> list[Decided]:
    """Decide for the threads of *known*, by what is known of them."""
    found = []
    decider = Decider(schedule=schedule, holds=known.holds, on=on, attended=attended)
    whole = {n for n, page in known.on_pages.items() if page.whole(account.key)}
    for row in known.threads:
        members, page = known.members[row.n], known.on_pages[row.page_n]
        bagged = transferred(account, known.bagged, members)
        thread = as_thread(
            account,
            row,
            members,
            page,
            sound=row.page_n in whole,
            ordered=known.ordered,
            bagged=bagged,
            behind=known.behind,
            waiting=known.unasked,
        )
        verdict = _until(decider.verdict(thread), schedule)
        if edited := _edited(members, verdict):
            verdict = _not_on(verdict, edited, on)
            found.append(_a_decided(row, tuple(members), verdict, thread, stayed=True))
            continue
        stayed = verdict.action is Action.KEEP and verdict.due is not None and verdict.due <= on
        if any(reason.why in BINDING for reason in verdict.reasons):
            free = decide(thread.unbound(), schedule, {}, on=on, attended=attended)
            stayed = free.action is not Action.KEEP
        otherwise = _otherwise(thread, schedule, on) if stayed and attended else Action.KEEP
        found.append(_a_decided(row, tuple(members), verdict, thread, stayed, otherwise))
    return found


def _until(verdict: Verdict, schedule: Schedule | None) -> Verdict:
    """Give *verdict*, asked again by the day on which another adoption takes its place."""
    if schedule is None or schedule.until is None or verdict.action is not Action.KEEP:
        return verdict
    return replace(verdict, look_on=min(verdict.look_on or date.max, schedule.until))


def _otherwise(thread: Thread, schedule: Schedule | None, on: date) -> Action:
    """Say what people could approve if nothing bound *thread* and no page showed it any more."""
    unseen = replace(thread.unbound(), controlled=False, captured_whole_on=date.max)
    return decide(unseen, schedule, {}, on=on, attended=True).action


def _edited(members: Sequence[ItemRow], verdict: Verdict) -> list[ItemRow]:
    """Give those of *members* that live by their rows, and were kept as if they did not."""
    doubted = {reason.item for reason in verdict.reasons if reason.why is Why.NOT_LIVE}
    return [item for item in members if item.item in doubted and item.life == LIVE]


def _not_on(verdict: Verdict, edited: Sequence[ItemRow], on: date) -> Verdict:
    """Give the verdict on a thread with *edited* rows: it stays, and is asked again tomorrow."""
    reasons = [Reason(why=Why.EDITED, item=item.item) for item in edited]
    return replace(verdict, reasons=tuple(reasons), look_on=on + timedelta(days=1))


def as_thread(
    account: Account,
    row: ThreadRow,
    members: Sequence[ItemRow],
    page: PageRow,
    *,
    sound: bool,
    ordered: Mapping[int, Sequence[str]],
    bagged: Mapping[int, Transferred] = NOTHING,
    behind: Collection[str] = (),
    waiting: Unasked = NOTHING_UNASKED,
) -> Thread:
    """Give a thread as disposition sees it: days instead of moments.

    *ordered* names, by item number, the court orders that keep an item. *bagged* tells in the
    same way what lies in a bag for another archive. *sound* says whether nobody edited the row of
    the page. Items whose rows were edited, or lie *behind* the ledger, do not count as live; nor
    do those of a thread whose row was put back. Those that are *waiting* for the schedule's rules
    to be asked of them count as restricted.
    """
    whole, sound = page.whole_at, sound and row.true_seal(account.key) == row.seal
    return _a_thread(
        id=row.thread,
        members=tuple(
            _member(
                account,
                row,
                item,
                sound=sound and item.item not in behind,
                orders=tuple(ordered.get(item.n, ())),
                transferred=bagged.get(item.n),
                waiting=waiting.covers(item),
            )
            for item in members
        ),
        controlled=page.controlled,
        captured_whole_on=account.day(whole) if whole is not None else None,
    )


def _member(
    account: Account,
    thread: ThreadRow,
    row: ItemRow,
    *,
    sound: bool,
    orders: tuple[str, ...],
    transferred: Transferred | None,
    waiting: bool,
) -> Member:
    published = active = account.day(row.published_at)
    if thread.last_activity > row.published_at:
        active = account.day(thread.last_activity)
    triggers = {
        Trigger.CREATED: published,
        Trigger.POSTED: published,
        Trigger.LAST_ACTIVITY: active,
    }
    if row.removed_at is not None:
        triggers[Trigger.REMOVED] = account.day(row.removed_at)
    if row.value_ended_at is not None:
        triggers[Trigger.ADMIN_VALUE_ENDED] = account.day(row.value_ended_at)
    sound &= row.true_seal(account.key) == row.seal
    if sound and row.triggers:
        triggers.update(days_read(row.triggers))
    return _a_member(
        item=row.item,
        tag=Tag(row.tag),
        series=row.series,
        basis=Basis(row.basis),
        live=row.life == LIVE and sound,
        restricted=restricted_by(row.restricted, *_WAITING) if waiting else row.restricted,
        state=PlatformState(row.state),
        arrived_on=account.day(row.captured_at),
        triggers=triggers,
        cooling_until=_day(row.cooling_until),
        orders=orders,
        transferred=transferred,
    )


def _day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)
