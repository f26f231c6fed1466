"""The same life, among people: requests that freeze, plans that others approve, orders of courts.

Nothing a plan lists goes but what is as it was listed, bound by nobody, approved by another under
the schedule in force, and rested; then all of it goes. What was let go by whoever carries out
stays. A request that was closed freezes on until its own file ends. A court order keeps what it
closes from its entering on, and one that destroys leaves nothing once two people signed it, but
what is held. The purge goes on as before.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from archiver.procedures import amending, approving, dispose, hold, ordering, planning, requests
from archiver.procedures.approving import Document
from archiver.procedures.carrying import carry_out_approved
from archiver.procedures.expunging import carry_out_order, resume_orders
from archiver.procedures.planning import Wanted
from archiver.records.classification import Tag
from archiver.records.errors import NotApproved, NotPermitted, OrderRefused, UnderHold
from archiver.records.holds import Scope
from archiver.records.orders import CourtOrder, Effect
from archiver.records.people import Person, Role
from archiver.records.requests import RequestKind
from tests.archive import Archive, a_colleague, an_archive
from tests.databases import a_lent_database
from tests.procedures.court import an_order_text, signed
from tests.procedures.test_approving import TERMS, enrol
from tests.proofs import invariants, test_life_of_an_item
from tests.proofs.invariants import Look
from tests.proofs.test_life_of_an_item import PERIOD, ZONE, Life, ModelledHold, run

in_small_batches = test_life_of_an_item.in_small_batches

TWO_YEARS = timedelta(days=730)
"""The least for which anything but what is transitory is kept, under the demonstration schedule."""

TAKERS = {"records_custodian": "officer", "department_head": "chief", "second_person": "chief"}
"""Who takes which step, where the person who proposed does not take all they may."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Planned:
    """A plan that waits: what it lists, thread by thread, each as touched as it was."""

    name: str
    threads: dict[str, dict[str, int]] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    taken: list[date] = field(default_factory=list)
    stands: bool = True

    def items(self) -> set[str]:
        return {n for listed in self.threads.values() for n in listed}


MODELLED = sorted(set(Effect) - {Effect.RETURN})
"""The effects of orders that the model knows; handing back has tests of its own."""


@dataclass
class ModelledOrder:
    """What the model knows of a court order, and of what it names."""

    name: str
    effect: Effect
    named: list[str]
    destroy_on: date | None = None
    status: str = "entered"

    @property
    def over(self) -> bool:
        return self.status in {"lifted", "carried_out"}


@dataclass
class ModelledRequest:
    """A request, and the hold that freezes for it."""

    name: str
    freeze: ModelledHold
    closed: date | None = None


class LifeAmongPeople(Life):
    """An archive's life with requests, plans that people approve, and orders of courts."""

    @initialize()
    def found(self) -> None:
        super().found()
        self.officer = self.archive.person
        self.chief = a_colleague(self.archive, Role.CHIEF, name="chief")
        self.keeper = a_colleague(self.archive, Role.RECORDS_OFFICER, name="keeper")
        enrol(self.archive, self.chief, self.keeper)
        self.order_text = an_order_text(self.home)
        self.plan: Planned | None = None
        self.requests: list[ModelledRequest] = []
        self.orders: list[ModelledOrder] = []
        self.model.kept = self._kept
        self.allowed: set[str] = set()

    def might(self) -> set[str]:
        return super().might() | {self.archive.item_id(n) for n in self.allowed}

    def _kept(self) -> set[str]:
        """Give what an order keeps as it is, from its entering on."""
        return {n for one in self.orders if one.effect.keeps and not one.over for n in one.named}

    def carry(self, deed: Callable[[], None], crash: int | None, going: set[str]) -> None:
        """Do *deed*, by which exactly *going* is destroyed, whatever crashes on the way."""
        self.allowed = going
        try:
            self.insist(deed, crash)
        finally:
            self.fuse.set(None)
            self.allowed = set()
        for n in going:
            self.model.items[n].destroyed = True
        lives = Look.at(self.archive).lives
        gone = {n for n in self.model.items if lives[self.archive.item_id(n)] != "live"}
        assert gone == {n for n, item in self.model.items.items() if item.destroyed}

    def refused(self, deed: Callable[[], object], *refusals: type[Exception]) -> None:
        """Do *deed*, which is refused, and by which nothing is destroyed."""
        before = Look.at(self.archive)
        with pytest.raises(refusals):
            deed()
        assert Look.at(self.archive).lives == before.lives
        assert len(Look.at(self.archive).ledger) > len(before.ledger), "the attempt is entered"
        assert invariants.faults_of(self.archive) == []

    def today(self) -> date:
        return self.archive.clock.now.astimezone(ZONE).date()

    def _live(self) -> list[str]:
        return sorted(n for n, item in self.model.items.items() if not item.destroyed)

    everything_is_seen_again = None
    the_index_is_fed = None
    """What a life without people has enough of."""

    @rule(days=st.sampled_from((1, 7, 30, 61, 62, 181, 740)))
    def time_passes(self, days: int) -> None:
        self.archive.clock.forward(days=days)

    # --- requests -----------------------------------------------------------------------------

    @rule(days=st.sampled_from((0, 30, 80)), crash=st.none() | st.integers(0, 14))
    def a_request_is_opened(self, days: int, crash: int | None) -> None:
        office, number = self.archive.office, len(self.requests) + 1
        since = self.archive.clock.now - timedelta(days=days)
        page = office.keys.archive.page("scripted", self.archive.page.identity)
        scope = self.archive.scope(pages=[page], since=since)
        name = f"H-{len(self.model.holds) + 1:04}"
        freeze = ModelledHold(name, lambda _n, item: max(item.dates) >= since)
        new = requests.NewRequest(
            number=f"PRA-{number}", kind=RequestKind.CPRA, received_on=self.today()
        )

        def open_it() -> None:
            account = self.archive.office.account
            if self._standing("requests", "request", f"R-{number:04}"):
                hold.finish(account)
                account.acknowledge()
            else:
                requests.open_request(account, self.officer, new, scope, review_days=180)

        self.model.holds.append(freeze)
        self.requests.append(ModelledRequest(f"R-{number:04}", freeze))
        self.insist(open_it, crash)
        self.model.cover()
        assert freeze.covered == self._covered_by(name)

    def _standing(self, table: str, column: str, name: str) -> list[dict]:
        query = f'SELECT * FROM {table} WHERE "{column}" = ?'  # noqa: S608 - names of ours
        return invariants.rows(self.archive, query, name)

    def _open(self) -> list[ModelledRequest]:
        return [one for one in self.requests if one.closed is None]

    @precondition(lambda self: any(one.freeze.binds for one in self._open()))
    @rule(data=st.data(), cool=st.sampled_from((0, 90)), crash=st.none() | st.integers(0, 12))
    def a_request_is_narrowed(self, data: st.DataObject, cool: int, crash: int | None) -> None:
        one = data.draw(st.sampled_from([r for r in self._open() if r.freeze.binds]))
        before, asked = len(self._narrowings()), one.freeze.asks

        def narrow() -> None:
            account = self.archive.office.account
            if len(self._narrowings()) == before:
                requests.narrow_request(
                    account,
                    signed(self.officer),
                    one.name,
                    reason="agreed with who asked",
                    scope=self.archive.scope(query="zebra"),
                    cool_down_days=cool,
                )
            hold.finish(account)
            account.acknowledge()

        self.insist(narrow, crash)
        one.freeze.asks = lambda n, item: asked(n, item) and "zebra" in item.said
        self._let_go_by(one.freeze, cool)

    @precondition(lambda self: self._open())
    @rule(data=st.data(), crash=st.none() | st.integers(0, 6))
    def a_request_is_closed_and_freezes_on(self, data: st.DataObject, crash: int | None) -> None:
        one, on = data.draw(st.sampled_from(self._open())), self.today()

        def close() -> None:
            account = self.archive.office.account
            if self._standing("requests", "request", one.name)[0]["closed_on"] is None:
                requests.close_request(account, self.officer, one.name, outcome="answered", on=on)
            account.acknowledge()

        self.insist(close, crash)
        one.closed = on

    @precondition(lambda self: self.requests)
    @rule(crash=st.none() | st.integers(0, 8))
    def what_closed_requests_froze_thaws_when_their_files_end(self, crash: int | None) -> None:
        over = []
        for one in self.requests:
            ends = one.closed.replace(year=one.closed.year + 2) if one.closed else None
            if ends is not None and one.freeze.binds and ends < self.today():
                over.append(one.freeze)

        def thaw() -> None:
            office = self.archive.office
            requests.thaw(office.account, office.person, office.schedule, cool_down_days=90)
            office.account.acknowledge()

        self.insist(thaw, crash)
        for freeze in over:
            event("a freeze ended")
            freeze.binds = False
            self.model.let_go |= freeze.covered
            for n in freeze.covered:
                self.model.items[n].cool(self.today() + timedelta(days=90))
        query = "SELECT hold FROM holds WHERE status <> 'lifted'"
        frozen = {row["hold"] for row in invariants.rows(self.archive, query)}
        assert frozen == {one.name for one in self.model.holds if one.binds}

    # --- plans that people approve --------------------------------------------------------------

    @precondition(lambda self: self.plan is None)
    @rule(
        series=st.sampled_from(((), ("DEMO-100",), ("DEMO-200",))),
        fresh=st.booleans(),
        crash=st.none() | st.integers(0, 14),
    )
    def a_plan_is_made(self, series: tuple[str, ...], crash: int | None, *, fresh: bool) -> None:
        """Plan for people; where *fresh*, have something due for certain, unless it is bound."""
        if fresh:
            self._appear([(None, "friday"), (None, "friday again")], "", 0, None)
            self.archive.clock.forward(days=62)
            self.show(crash=None)
        made = []

        def plan() -> None:
            account, wanted = self.archive.office.account, Wanted(series=series)
            schedule, on = self.archive.office.schedule, self.today()
            made.append(planning.plan(account, self.officer, schedule, on=on, wanted=wanted))
            account.acknowledge()

        self.insist(plan, crash)
        found = self._listed_by(made[-1].name)
        self._ask_of_what_was_listed(found.items(), series)
        if found.threads:
            found.steps = [s for s in made[-1].chain if s != "adopted_schedule"]
            self.plan = found

    def _listed_by(self, name: str) -> Planned:
        query = """SELECT i.item FROM plan_items l JOIN plans p ON p.n = l.plan_n
            JOIN items i ON i.n = l.item_n WHERE p.plan = ?"""
        lines = {row["item"] for row in invariants.rows(self.archive, query, name)}
        found = Planned(name)
        for n, item in self.model.items.items():
            if self.archive.item_id(n) in lines:
                found.threads.setdefault(item.root, {})[n] = item.touched
        return found

    def _ask_of_what_was_listed(self, listed: set[str], series: tuple[str, ...]) -> None:
        """Everything listed is due, bound by nobody and listed with its thread."""
        today = self.today()
        assert not listed & self.model.bound()
        for n in listed:
            item = self.model.items[n]
            period = PERIOD if item.tag is Tag.TRANSITORY else TWO_YEARS
            assert self.model.active[item.root].astimezone(ZONE).date() + period <= today
            assert item.cooling <= today
            assert self.model.thread(item.root).keys() <= listed
        if series != ("DEMO-200",):
            assert self.model.might_go(self.archive.clock.now) <= listed

    def _plan_name(self) -> str:
        assert self.plan is not None
        return self.plan.name

    @precondition(lambda self: self.plan is not None)
    @rule(crash=st.none() | st.integers(0, 8))
    def the_plan_is_approved_step_by_step(self, crash: int | None) -> None:
        plan = self.plan
        left = plan.steps[len(plan.taken) :]
        if not plan.stands or not left:
            step = plan.steps[-1]
            self.refused(lambda: self._approve(step, self.chief), NotApproved)
            return

        def approve() -> None:
            query = "SELECT 1 FROM approvals a JOIN plans p ON p.n = a.plan_n WHERE p.plan = ?"
            if len(invariants.rows(self.archive, query, plan.name)) == len(plan.taken):
                self._approve(left[0], getattr(self, TAKERS[left[0]]))
            self.archive.office.account.acknowledge()

        self.insist(approve, crash)
        plan.taken.append(self.today())

    @precondition(lambda self: self.plan is not None and self.plan.stands)
    @rule()
    def who_proposed_cannot_approve_for_another(self) -> None:
        step = self.plan.steps[-1]
        self.refused(lambda: self._approve(step, self.officer), NotPermitted, NotApproved)

    def _approve(self, step: str, by: Person) -> None:
        office = self.archive.office
        approving.approve(
            office.account,
            signed(by),
            self._plan_name(),
            step,
            schedule=office.schedule,
            terms=TERMS,
            document=Document(),
        )

    @precondition(lambda self: self.plan is not None and self.plan.stands)
    @rule(crash=st.none() | st.integers(0, 8))
    def the_plan_is_declined(self, crash: int | None) -> None:
        name = self._plan_name()

        def decline() -> None:
            account = self.archive.office.account
            if self._standing("plans", "plan", name)[0]["status"] == "proposed":
                amending.decline(account, signed(self.chief), name, reason="not now")
            account.acknowledge()

        self.insist(decline, crash)
        self.plan.stands = False

    @precondition(lambda self: self.plan is not None and self.plan.stands)
    @rule(data=st.data(), days=st.sampled_from((10, 60)), crash=st.none() | st.integers(0, 8))
    def some_of_the_plan_is_kept_longer(
        self, data: st.DataObject, days: int, crash: int | None
    ) -> None:
        name, listed = self._plan_name(), sorted(self.plan.items())
        some = data.draw(st.lists(st.sampled_from(listed), min_size=1, unique=True))

        def extend() -> None:
            amending.extend(
                self.archive.office.account,
                signed(self.chief),
                name,
                days=days,
                reason="somebody may ask",
                only=[self.archive.item_id(n) for n in some],
            )

        self.insist(extend, crash)
        for n in some:
            if not self.model.items[n].destroyed:
                self.model.items[n].cool(self.today() + timedelta(days=days))

    @precondition(lambda self: self.plan is not None and self.plan.stands)
    @rule(
        data=st.data(),
        series=st.sampled_from(("DEMO-100", "DEMO-200")),
        crash=st.none() | st.integers(0, 8),
    )
    def an_item_of_the_plan_is_said_to_be_something_else(
        self, data: st.DataObject, series: str, crash: int | None
    ) -> None:
        name, live = self._plan_name(), sorted(self.plan.items() & set(self._live()))
        if not live:
            return
        n = data.draw(st.sampled_from(live))
        item, before = self.model.items[n], self.archive.item(n).seal

        def relabel() -> None:
            office = self.archive.office
            if self.archive.item(n).seal == before:
                amending.relabel(
                    office.account,
                    office.objects,
                    signed(self.officer),
                    name,
                    self.archive.item_id(n),
                    series=series,
                    schedule=office.schedule,
                    reason="it says more",
                )
            office.account.acknowledge()

        self.insist(relabel, crash)
        tag = Tag.TRANSITORY if series == "DEMO-100" else Tag.SUBSTANTIVE
        item.decide(tag)

    @rule()
    def another_version_of_the_schedule_is_in_force(self) -> None:
        config = self.archive.office.config
        digest = sha256(config.schedule.digest.encode()).hexdigest()
        self.archive.office.config = replace(
            config, schedule=replace(config.schedule, digest=digest)
        )
        self.archive.office.open_schedule(self.officer)
        if self.plan is not None:
            self.plan.stands = False

    @precondition(lambda self: self.plan is not None)
    @rule(crash=st.none() | st.integers(0, 60), rest=st.booleans())
    def the_plan_is_carried_out(self, crash: int | None, *, rest: bool) -> None:
        plan = self.plan
        if rest:
            self.archive.clock.forward(days=TERMS.grace_days)
        if not plan.stands or not self._rested(plan):
            self.refused(lambda: self._carry_out(self.keeper), NotApproved)
            if not plan.stands:
                self.plan = None
            return
        if self.model.let_go & plan.items() & set(self._live()):
            self.refused(lambda: self._carry_out(self.officer), NotPermitted)
        going = {n for root in plan.threads for n in self._goes(plan, root)}

        def carry_out() -> None:
            with self.archive.office.disposer() as disposer:
                dispose.finish_begun(disposer, self.keeper)
            if self._standing("plans", "plan", plan.name)[0]["status"] == "proposed":
                self._carry_out(self.keeper)
            self.archive.office.account.acknowledge()

        self.carry(carry_out, crash, going)
        event(f"a plan was carried out, by which {'some' if going else 'nothing'} went")
        if going and len(going) < len(plan.items()):
            event("of an approved plan something stayed")
        self.plan = None

    @precondition(lambda self: self.plan is None)
    @rule(
        data=st.data(),
        between=st.sampled_from(("nothing", "hold", "order")),
        crash=st.none() | st.integers(0, 60),
    )
    def a_plan_goes_all_its_way_and_something_binds(
        self, data: st.DataObject, between: str, crash: int | None
    ) -> None:
        if not self._approved():
            return
        if between == "hold":
            self.a_hold_is_issued(data, "items")
        elif between == "order":
            self.an_order_is_entered(data, Effect.RESTRICT, None)
        event(f"between approval and the deed: {between}")
        self.the_plan_is_carried_out(crash=crash, rest=True)

    @precondition(lambda self: self.plan is None)
    @rule(
        data=st.data(),
        between=st.sampled_from(("edit", "comment", "decision", "extension")),
        crash=st.none() | st.integers(0, 60),
    )
    def a_plan_goes_all_its_way_and_something_is_touched(
        self, data: st.DataObject, between: str, crash: int | None
    ) -> None:
        if not self._approved():
            return
        n = data.draw(st.sampled_from(sorted(self.plan.items())))
        if between == "edit":
            self.show(self._seen(n, "zebra"), crash=None)
        elif between == "comment":
            self._appear([(self.model.items[n].root, "zebra")], "", 0, None)
        elif between == "decision":
            self.an_item_of_the_plan_is_said_to_be_something_else(data, "DEMO-200", None)
        else:
            self.some_of_the_plan_is_kept_longer(data, 60, None)
        event(f"between approval and the deed: {between}")
        self.the_plan_is_carried_out(crash=crash, rest=True)

    @precondition(lambda self: self.plan is None)
    @rule(
        between=st.sampled_from(("schedule", "expiry", "no rest", "a missing step")),
        crash=st.none() | st.integers(0, 60),
    )
    def a_plan_does_not_go_all_its_way(self, between: str, crash: int | None) -> None:
        missing = between == "a missing step"
        if not self._approved(all_but=1 if missing else 0):
            return
        if between == "schedule":
            self.another_version_of_the_schedule_is_in_force()
        elif between == "expiry":
            self.archive.clock.forward(days=TERMS.approval_days + 1)
        event(f"between approval and the deed: {between}")
        self.the_plan_is_carried_out(crash=crash, rest=between != "no rest")

    def _approved(self, all_but: int = 0) -> bool:
        """Have a plan made and approved, step by step; False where nothing was due."""
        self.a_plan_is_made(series=(), crash=None, fresh=True)
        while self.plan is not None and len(self.plan.taken) + all_but < len(self.plan.steps):
            self.the_plan_is_approved_step_by_step(crash=None)
        return self.plan is not None

    def _carry_out(self, by: Person) -> None:
        office = self.archive.office
        with office.disposer() as disposer:
            carry_out_approved(
                disposer,
                signed(by),
                self._plan_name(),
                office.schedule,
                terms=TERMS,
                on=office.account.today(),
            )

    def _rested(self, plan: Planned) -> bool:
        if len(plan.taken) < len(plan.steps):
            return False
        rested = plan.taken[-1] + timedelta(days=TERMS.grace_days) <= self.today()
        return rested and self.today() <= plan.taken[0] + timedelta(days=TERMS.approval_days)

    def _goes(self, plan: Planned, root: str) -> set[str]:
        """Give what *plan* lists of a thread if it is as it was, and bound by nobody."""
        listed = plan.threads[root]
        now = {n: item.touched for n, item in self.model.thread(root).items()}
        bound = self.model.bound() & now.keys()
        return set(listed) if now == listed and not bound else set()

    # --- orders of courts -----------------------------------------------------------------------

    @precondition(lambda self: self._nameable())
    @rule(
        data=st.data(),
        effect=st.sampled_from(MODELLED),
        crash=st.none() | st.integers(0, 6),
    )
    def an_order_is_entered(self, data: st.DataObject, effect: Effect, crash: int | None) -> None:
        some = data.draw(st.lists(st.sampled_from(self._nameable()), min_size=1, max_size=3))
        name = f"O-{len(self.orders) + 1:04}"
        until = self.today() + timedelta(days=9) if effect is Effect.SEAL_THEN_DESTROY else None
        ordered = CourtOrder(
            court="District Court",
            number=name,
            dated=self.today(),
            effect=effect,
            destroy_on=until,
        )
        scope = Scope(items=frozenset(self.archive.item_id(n) for n in some))

        def enter() -> None:
            account = self.archive.office.account
            if not self._standing("orders", "order", name):
                counsel, text = signed(self.officer), self.order_text
                ordering.enter(account, counsel, ordered, scope, text, state="TX")
            account.acknowledge()

        self.insist(enter, crash)
        self.orders.append(ModelledOrder(name, effect, list(some), until))

    def _nameable(self) -> list[str]:
        return sorted(self.model.items.keys() - self._expunged())

    def _expunged(self) -> set[str]:
        query = "SELECT item FROM items WHERE life = 'destroyed' AND page_n = 0"
        left = {row["item"] for row in invariants.rows(self.archive, query)}
        return {n for n in self.model.items if self.archive.item_id(n) in left}

    @precondition(lambda self: any(one.status == "entered" for one in self.orders))
    @rule(data=st.data(), crash=st.none() | st.integers(0, 6))
    def an_order_is_confirmed_by_another(self, data: st.DataObject, crash: int | None) -> None:
        waiting = [one for one in self.orders if one.status == "entered"]
        one = data.draw(st.sampled_from(waiting))
        account = self.archive.office.account
        self.refused(
            lambda: ordering.confirm(account, signed(self.officer), one.name), NotPermitted
        )

        def confirm() -> None:
            account = self.archive.office.account
            if self._standing("orders", "order", one.name)[0]["status"] == "entered":
                ordering.confirm(account, signed(self.chief), one.name)
            account.acknowledge()

        self.insist(confirm, crash)
        one.status = "in_force" if one.effect.closes else "confirmed"
        for n in one.named if one.effect.closes else ():
            self._restrict(n, restricted=True)
        self._ask_what_is_closed()

    def _ask_what_is_closed(self) -> None:
        query = "SELECT item, restricted FROM items WHERE life = 'live'"
        closed = {r["item"] for r in invariants.rows(self.archive, query) if r["restricted"]}
        live = {n: self.model.items[n] for n in self._live()}
        assert closed == {
            self.archive.item_id(n)
            for n, item in live.items()
            if item.restricted or item.said_restricted
        }

    def _restrict(self, n: str, *, restricted: bool) -> None:
        item = self.model.items[n]
        if not item.destroyed:
            item.touched += item.restricted != restricted
            item.restricted = restricted

    @precondition(lambda self: any(self._liftable()))
    @rule(data=st.data(), crash=st.none() | st.integers(0, 6))
    def an_order_is_lifted(self, data: st.DataObject, crash: int | None) -> None:
        one = data.draw(st.sampled_from(self._liftable()))

        def lift() -> None:
            account = self.archive.office.account
            if self._standing("orders", "order", one.name)[0]["status"] != "lifted":
                ordering.lift(account, signed(self.officer), one.name, self.order_text)
            account.acknowledge()

        self.insist(lift, crash)
        one.status = "lifted"
        closed = {
            n
            for other in self.orders
            if other.effect.closes and other.status not in {"entered", "confirmed", "lifted"}
            for n in other.named
        }
        for n in one.named:
            if n not in closed:
                self._restrict(n, restricted=False)
        self._ask_what_is_closed()

    def _liftable(self) -> list[ModelledOrder]:
        return [one for one in self.orders if one.status in {"entered", "confirmed", "in_force"}]

    @precondition(lambda self: any(one.effect.destroys for one in self.orders))
    @rule(data=st.data(), crash=st.none() | st.integers(0, 60))
    def an_order_is_carried_out(self, data: st.DataObject, crash: int | None) -> None:
        one = data.draw(st.sampled_from([o for o in self.orders if o.effect.destroys]))
        early = one.destroy_on is not None and self.today() < one.destroy_on
        if early or one.over or one.status == "entered":
            self.refused(lambda: self._expunge(one.name), OrderRefused)
            return
        if not one.named:
            return
        held = {n for h in self.model.holds if h.binds for n in h.covered}
        live = set(self._live())
        going = set(one.named) - (held & live)

        def carry_out() -> None:
            with self.archive.office.disposer() as disposer:
                resume_orders(disposer, self.keeper)
            if going - self._expunged():
                self._expunge(one.name)
            self.archive.office.account.acknowledge()

        if not going:
            self.refused(lambda: self._expunge(one.name), UnderHold)
            one.status = "stopped"
            return
        self.carry(carry_out, crash, going)
        event(f"an order destroyed, and {'stopped' if len(going) < len(one.named) else 'ended'}")
        one.status = "carried_out" if going == set(one.named) else "stopped"
        assert self._standing("orders", "order", one.name)[0]["status"] == one.status
        self._forget(going)

    @precondition(lambda self: self._nameable())
    @rule(
        data=st.data(),
        effect=st.sampled_from((Effect.DESTROY, Effect.SEAL_THEN_DESTROY)),
        crash=st.none() | st.integers(0, 60),
    )
    def an_order_goes_all_its_way(
        self, data: st.DataObject, effect: Effect, crash: int | None
    ) -> None:
        """Enter it, confirm it, wait for its day, carry it out."""
        self.an_order_is_entered(data, effect, None)
        self.an_order_is_confirmed_by_another(data, None)
        self.archive.clock.forward(days=9)
        self.an_order_is_carried_out(data, crash)

    def _expunge(self, name: str) -> None:
        with self.archive.office.disposer() as disposer:
            carry_out_order(disposer, signed(self.keeper), name)

    def _forget(self, gone: set[str]) -> None:
        """Take it into the model that nothing is left of *gone*."""
        expunged = self._expunged()
        assert gone <= expunged
        for one in self.orders:
            one.named = [n for n in one.named if n not in gone]
        for freeze in self.model.holds:
            freeze.covered -= gone
        self.model.let_go -= gone
        if self.plan is not None and self.plan.items() & gone:
            self.plan.stands = False
        for root in {self.model.items[n].root for n in gone}:
            in_thread = {n for n, item in self.model.items.items() if item.root == root}
            if in_thread <= expunged:
                self.model.active[root] = LONG_AGO
        assert invariants.d7_nothing_of_an_expunged_item_is_left(self.archive) == []


class LifeOnPostgresql(LifeAmongPeople):
    """The same life, with the catalogue on PostgreSQL."""

    def founded(self) -> Archive:
        self.lent = ExitStack()
        server = os.environ["ARCHIVER_TEST_POSTGRESQL_URL"]
        url = self.lent.enter_context(a_lent_database(server))
        return an_archive(self.home, index="memory:", catalogue=url)

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "lent"):
            self.lent.close()


@pytest.mark.proof
@pytest.mark.usefixtures("in_small_batches")
def test_no_life_among_people_breaks_an_invariant():
    run(LifeAmongPeople, examples=15, steps=40)


@pytest.mark.service("ARCHIVER_TEST_POSTGRESQL_URL")
@pytest.mark.usefixtures("in_small_batches")
def test_no_life_among_people_on_postgresql_breaks_an_invariant():
    run(LifeOnPostgresql, examples=10, steps=30)
