"""A machine that lives an archive's life at random, and crashes where it likes.

It captures, edits, removes, comments late, decides, holds and lifts, lets time pass, purges and
feeds the index; any of these may stop dead at a random step. A model beside it knows what every
item is, who holds it and when it may go. After every step, and between a crash and the next run,
the invariants of the design are asked; after every purge that ended, exactly what might go is gone.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from archiver.catalogue import disposals
from archiver.procedures import (
    capture,
    deciding,
    dispose,
    evaluating,
    hold,
    indexing,
    lifting,
    planning,
    review,
    surrounding,
)
from archiver.procedures.restricting import restrict, unrestrict
from archiver.records.captures import CaptureStatus, Cursor, Observation, PlatformState, Sighting
from archiver.records.classification import Tag
from archiver.records.holds import Neighbours
from archiver.records.items import ItemKind
from tests.archive import (
    PAGE,
    SUBSTANTIVE,
    TRANSITORY,
    Archive,
    SettableClock,
    an_archive,
    an_observation,
    gone,
)
from tests.proofs import invariants
from tests.proofs.crashing import Crash, Fuse, reopen, wire
from tests.proofs.invariants import Look

ZONE = ZoneInfo("America/Los_Angeles")
PERIOD = timedelta(days=61)
"""The transitory series of the demonstration: sixty days, and the first day after them."""

TEXTS = {
    "friday": TRANSITORY,
    "friday again": "Happy Friday to all of you!",
    "patrol": SUBSTANTIVE,
    "zebra": f"{SUBSTANTIVE} zebra",
}
LULLED = {"friday", "friday again"}
AUTHORS = ("wilhelmina", "WILHELMINA", "bartholomew", "")
GROUND = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())  # noqa: S108 - the quickest disk there is; each run makes its own folder


def pictured(n: str) -> bool:
    """Say whether an item carries a picture."""
    return int(n) % 3 == 0


@cache
def beginning(index: str) -> Path:
    """Give a folder with an archive just founded, to be copied."""
    home = Path(tempfile.mkdtemp(prefix="beginning-", dir=GROUND))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    an_archive(home, index=index).office.close()
    return home


@dataclass
class Modelled:
    """What the model knows of one item."""

    root: str
    author: str
    published: datetime
    said: list[str]
    tag: Tag
    decided: bool = False
    state: PlatformState = PlatformState.PRESENT
    cooling: date = date.min
    destroyed: bool = False
    restricted: bool = False
    said_restricted: bool = False
    touched: int = 0
    waits: bool = False
    """Something about it changed since a person last said what it is."""
    dated: list[datetime] = field(default_factory=list)
    """When else the platform said that it was published, once for each day."""

    @property
    def dates(self) -> list[datetime]:
        """Give every moment at which it may have been published."""
        return [self.published, *self.dated]

    def decide(self, tag: Tag) -> None:
        """Have a person say that it is *tag*; said before, it is news only of what has changed."""
        self.touched += self.waits or (self.tag, self.decided) != (tag, True)
        self.tag, self.decided, self.waits = tag, True, False

    def cool(self, until: date) -> None:
        """Keep it until *until* at least, and know that this was said of it."""
        if until > self.cooling:
            self.cooling, self.touched = until, self.touched + 1


@dataclass
class ModelledHold:
    """What the model knows of one hold; *asks* says whether it covers an item."""

    name: str
    asks: Callable[[str, Modelled], bool]
    covered: set[str] = field(default_factory=set)
    binds: bool = True
    around: ModelledHold | None = None
    kinds: frozenset[Neighbours] = frozenset()
    named: set[str] = field(default_factory=set)
    """The roots and authors that the hold names which it is *around* brought in."""

    def grow(self, items: dict[str, Modelled]) -> None:
        """Name what lies around what the hold within covers."""
        if self.around is None or not self.around.binds:
            return
        for n in self.around.covered:
            item = items[n]
            if Neighbours.THREADS in self.kinds:
                self.named.add(item.root)
            if Neighbours.AUTHORS in self.kinds and item.author and item.root != n:
                self.named.add(item.author)


@dataclass
class Model:
    """What the archive should be."""

    items: dict[str, Modelled] = field(default_factory=dict)
    holds: list[ModelledHold] = field(default_factory=list)
    active: dict[str, datetime] = field(default_factory=dict)
    whole: datetime | None = None
    emitted: list[str] = field(default_factory=list)
    kept: Callable[[], set[str]] = set
    let_go: set[str] = field(default_factory=set)

    def cover(self) -> None:
        for one in self.holds:
            if one.binds:
                one.grow(self.items)
                one.covered |= {
                    n for n, item in self.items.items() if not item.destroyed and one.asks(n, item)
                }

    def thread(self, root: str) -> dict[str, Modelled]:
        return {n: i for n, i in self.items.items() if i.root == root and not i.destroyed}

    def bound(self) -> set[str]:
        """Give what a hold covers, or an order of a court keeps."""
        return self.kept() | {n for one in self.holds if one.binds for n in one.covered}

    def might_go(self, now: datetime) -> set[str]:
        """Give every item of every thread that is due and held by nobody."""
        held = self.bound()
        today = now.astimezone(ZONE).date()
        found: set[str] = set()
        for root in {item.root for item in self.items.values()}:
            members = self.thread(root)
            due = self.active[root].astimezone(ZONE).date() + PERIOD
            due = max([due, *(item.cooling for item in members.values())])
            lapsed = due <= today and self.whole is not None
            seen_since = lapsed and self.whole.astimezone(ZONE).date() >= due
            lulled = all(
                item.tag is Tag.TRANSITORY and not item.restricted and not item.said_restricted
                for item in members.values()
            )
            if seen_since and lulled and not members.keys() & held:
                found |= members.keys()
        return found


class Life(RuleBasedStateMachine):
    """The life of an archive."""

    index = "memory:"

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="life-", dir=GROUND))
        self.fuse = Fuse()
        self.model = Model()
        self.before: Look | None = None

    @initialize()
    def found(self) -> None:
        self.archive = self.founded()
        wire(self.archive, self.fuse)

    def founded(self) -> Archive:
        """Give an archive just founded, in the folder of this life."""
        shutil.copytree(beginning(self.index), self.home, dirs_exist_ok=True)
        return Archive(self.home / "config.toml", SettableClock(), PAGE)

    def teardown(self) -> None:
        self.fuse.set(None)
        if hasattr(self, "archive"):
            self.archive.office.close()
        shutil.rmtree(self.home)

    def might(self) -> set[str]:
        """Give the ids of what may be destroyed now."""
        return {self.archive.item_id(n) for n in self.model.might_go(self.archive.clock.now)}

    # --- doing, with a crash or without -----------------------------------------------------

    def attempt(self, deed: Callable[[], object], crash: int | None) -> bool:
        """Do *deed*; where it crashes at step *crash*, open the archive anew. Say if it ended."""
        before = Look.at(self.archive)
        might = self.might()
        self.fuse.set(crash)
        try:
            deed()
            ended = True
        except Crash:
            event(f"crashed at step {self.fuse.steps}")
            ended = False
            reopen(self.archive, self.fuse)
        self.fuse.set(None)
        assert invariants.faults_between(self.archive, before, might) == []
        assert invariants.faults_of(self.archive) == []
        assert (
            invariants.l1_the_cursor_is_past_nothing_unknown(self.archive, self.model.emitted) == []
        )
        assert (
            invariants.t2_the_ledger_tells_no_text(
                self.archive, "Friday", "patrol", "helmina", "matters"
            )
            == []
        )
        return ended

    def insist(self, deed: Callable[[], object], crash: int | None) -> None:
        """Do *deed*, again where it crashed."""
        if not self.attempt(deed, crash):
            assert self.attempt(deed, None)
        assert invariants.t1_the_copy_is_up_to_date(self.archive) == []

    # --- the platform -------------------------------------------------------------------------

    def show(self, *seen: Observation | Sighting, crash: int | None) -> None:
        for what in seen:
            if isinstance(what, Observation) and what.content.native_id not in self.model.emitted:
                self.model.emitted.append(what.content.native_id)
        last = Cursor(str(len(self.model.emitted)))
        coverage = []

        def visit() -> None:
            coverage.append(self.archive.capture(*seen, last, index=False))

        self.insist(visit, crash)
        assert coverage[-1].status is CaptureStatus.COMPLETE
        self.model.whole = self.archive.clock.now
        self.model.cover()
        for one in self.model.holds:
            if one.binds and one.around is not None:
                assert one.covered == self._covered_by(one.name)
                event("what a hold is around was seen again")

    def _seen(self, n: str, said: str) -> Observation:
        """See *n* saying *said*, and take it into the model."""
        now, items = self.archive.clock.now, self.model.items
        item = items[n]
        if not item.destroyed:
            if item.said[-1] != said:
                item.said.append(said)
                self._touched(item, now, doubtful=True)
            if item.state is not PlatformState.PRESENT:
                item.state = PlatformState.PRESENT
                self._touched(item, now, doubtful=False)
        root = None if item.root == n else item.root
        return an_observation(
            n,
            TEXTS[said],
            at=item.published,
            kind=ItemKind.COMMENT if root else ItemKind.POST,
            parent=root,
            author=item.author,
            attachments=("picture",) if pictured(n) else (),
        )

    def _touched(self, item: Modelled, now: datetime, *, doubtful: bool) -> None:
        item.touched, item.waits = item.touched + 1, True
        self.model.active[item.root] = max(self.model.active[item.root], now)
        if doubtful and not item.decided and item.tag is Tag.TRANSITORY:
            item.tag = Tag.UNDETERMINED
        if doubtful and not item.decided and len(item.said) > 1 and item.said[-1] not in LULLED:
            item.tag = Tag.UNDETERMINED

    @rule(
        said=st.lists(st.sampled_from(sorted(TEXTS)), min_size=1, max_size=4),
        author=st.sampled_from(AUTHORS),
        days_ago=st.sampled_from((0, 1, 70)),
        crash=st.none() | st.integers(0, 30),
    )
    def posts_appear(self, said: list[str], author: str, days_ago: int, crash: int | None) -> None:
        self._appear([(None, what) for what in said], author, days_ago, crash)

    @precondition(lambda self: self.model.items)
    @rule(
        data=st.data(),
        said=st.sampled_from(sorted(TEXTS)),
        author=st.sampled_from(AUTHORS),
        days_ago=st.sampled_from((0, 70)),
        crash=st.none() | st.integers(0, 30),
    )
    def a_comment_comes_late(
        self, data: st.DataObject, said: str, author: str, days_ago: int, crash: int | None
    ) -> None:
        roots = sorted({item.root for item in self.model.items.values()})
        self._appear([(data.draw(st.sampled_from(roots)), said)], author, days_ago, crash)

    def _appear(
        self, what: list[tuple[str | None, str]], author: str, days_ago: int, crash: int | None
    ) -> None:
        at = self.archive.clock.now - timedelta(days=days_ago)
        seen = []
        for root, said in what:
            n = str(len(self.model.items) + 1)
            lulled = said in LULLED and not pictured(n)  # a picture may say anything
            tag = Tag.TRANSITORY if lulled else Tag.UNDETERMINED
            self.model.items[n] = Modelled(root or n, author, at, [said], tag)
            known = self.model.active.get(root or n, at)
            self.model.active[root or n] = max(known, at)
            seen.append(self._seen(n, said))
        self.show(*seen, crash=crash)

    @precondition(lambda self: self.model.items)
    @rule(
        data=st.data(),
        said=st.sampled_from(sorted(TEXTS)),
        crash=st.none() | st.integers(0, 30),
    )
    def an_item_is_edited(self, data: st.DataObject, said: str, crash: int | None) -> None:
        n = data.draw(st.sampled_from(sorted(self.model.items)))
        self.show(self._seen(n, said), crash=crash)

    @precondition(lambda self: self.model.items)
    @rule(
        data=st.data(),
        days_ago=st.sampled_from((0, 1, 8, 40)),
        crash=st.none() | st.integers(0, 30),
    )
    def an_item_is_dated_anew(self, data: st.DataObject, days_ago: int, crash: int | None) -> None:
        n = data.draw(st.sampled_from(sorted(self.model.items)))
        item, now = self.model.items[n], self.archive.clock.now
        seen, at = self._seen(n, item.said[-1]), now - timedelta(days=days_ago)
        days = {one.astimezone(ZONE).date() for one in item.dates}
        if not item.destroyed and at.astimezone(ZONE).date() not in days:
            item.dated.append(at)
            self.model.active[item.root] = max(self.model.active[item.root], now)
        self.show(replace(seen, content=replace(seen.content, published_at=at)), crash=crash)

    @precondition(lambda self: self.model.items)
    @rule(data=st.data(), crash=st.none() | st.integers(0, 30))
    def an_item_goes_out_of_sight(self, data: st.DataObject, crash: int | None) -> None:
        n = data.draw(st.sampled_from(sorted(self.model.items)))
        item = self.model.items[n]
        if not item.destroyed and item.state is PlatformState.PRESENT:
            item.state = PlatformState.NOT_VISIBLE
            self._touched(item, self.archive.clock.now, doubtful=True)
        self.show(gone(n), crash=crash)

    @precondition(lambda self: self.model.items)
    @rule(crash=st.none() | st.integers(0, 30))
    def everything_is_seen_again(self, crash: int | None) -> None:
        shown = [
            self._seen(n, item.said[-1])
            for n, item in self.model.items.items()
            if item.state is PlatformState.PRESENT
        ]
        self.show(*shown, crash=crash)

    # --- people -------------------------------------------------------------------------------

    @precondition(lambda self: any(not i.destroyed for i in self.model.items.values()))
    @rule(
        data=st.data(),
        tag=st.sampled_from((Tag.TRANSITORY, Tag.TRANSITORY, Tag.SUBSTANTIVE)),
        crash=st.none() | st.integers(0, 8),
    )
    def a_person_decides(self, data: st.DataObject, tag: Tag, crash: int | None) -> None:
        live = sorted(n for n, item in self.model.items.items() if not item.destroyed)
        n = data.draw(st.sampled_from(live))
        item = self.model.items[n]
        before = self.archive.item(n).seal

        def decide() -> None:
            office = self.archive.office
            if self.archive.item(n).seal == before:
                review.decide(
                    office.account,
                    office.objects,
                    self.archive.person,
                    office.schedule,
                    self.archive.item_id(n),
                    tag=tag,
                    series="DEMO-100" if tag is Tag.TRANSITORY else "DEMO-200",
                    reason="it says nothing",
                )
            office.account.acknowledge()

        self.insist(decide, crash)
        item.decide(tag)

    @precondition(lambda self: any(not item.destroyed for item in self.model.items.values()))
    @rule(data=st.data(), crash=st.none() | st.integers(0, 8))
    def a_person_restricts_or_opens(self, data: st.DataObject, crash: int | None) -> None:
        live = sorted(n for n, item in self.model.items.items() if not item.destroyed)
        n = data.draw(st.sampled_from(live))
        item = self.model.items[n]
        opens = item.said_restricted and not item.restricted and data.draw(st.booleans())
        before = self.archive.item(n).seal

        def say() -> None:
            office, wanted = self.archive.office, [self.archive.item_id(n)]
            account, objects = office.account, office.objects
            if self.archive.item(n).seal == before:
                if opens:
                    unrestrict(account, objects, office.sign_in(), wanted, reason="no tip")
                else:
                    restrict(account, objects, self.archive.person, wanted, reason="a tip")
            account.acknowledge()

        self.insist(say, crash)
        item.said_restricted = not opens
        item.touched += 1

    @rule(
        data=st.data(),
        kind=st.sampled_from(("items", "query", "author", "name", "dates", "page", "thread")),
    )
    def a_hold_is_issued(self, data: st.DataObject, kind: str) -> None:
        crash = data.draw(st.none() | st.integers(0, 14))
        scope, asks = self._scope(data, kind)
        number = len(self.model.holds) + 1
        one = ModelledHold(f"H-{number:04}", asks)

        def issue() -> None:
            known = invariants.rows(self.archive, "SELECT 1 FROM holds WHERE hold = ?", one.name)
            if known:
                hold.finish(self.archive.office.account)
                self.archive.office.account.acknowledge()
            else:
                named = scope.get("items", ())
                rest = {key: value for key, value in scope.items() if key != "items"}
                issued = self.archive.issue_hold(*named, matter="matters", **rest)
                assert issued.hold == one.name

        self.model.holds.append(one)
        self.insist(issue, crash)
        self.model.cover()
        assert one.covered == self._covered_by(one.name)

    def _scope(
        self, data: st.DataObject, kind: str
    ) -> tuple[dict[str, object], Callable[[str, Modelled], bool]]:
        archive = self.archive
        if kind == "query":
            return {"query": "zebra"}, lambda _n, item: "zebra" in item.said
        if kind in {"author", "name"}:
            opaque = archive.office.keys.archive.author("scripted", "wilhelmina")
            live = [item for item in self.model.items.values() if not item.destroyed]
            named = kind == "name" and "wilhelmina" in {item.author.lower() for item in live}
            whom = {"called": ["wilhelmina"]} if named else {"authors": [opaque]}
            return (
                whom,
                lambda _n, item: (item.author.lower() if named else item.author) == "wilhelmina",
            )
        if kind == "dates":
            since = archive.clock.now - timedelta(days=5)
            return {"since": since}, lambda _n, item: max(item.dates) >= since
        if kind == "page":
            page = archive.office.keys.archive.page("scripted", archive.page.identity)
            until = archive.clock.now - timedelta(days=30)
            return {"pages": [page], "until": until}, lambda _n, item: min(item.dates) < until
        live = sorted(n for n, item in self.model.items.items() if not item.destroyed)
        if kind == "thread" and live:
            root = self.model.items[data.draw(st.sampled_from(live))].root
            return {"threads": [root]}, lambda _n, item: item.root == root
        some = data.draw(st.lists(st.sampled_from(live), min_size=1, unique=True)) if live else []
        named = {"items": some} if some else {"query": "never-said"}
        return named, lambda n, _item: n in some

    def _covered_by(self, name: str) -> set[str]:
        found = invariants.rows(
            self.archive,
            """SELECT i.item FROM coverage c JOIN holds h ON h.n = c.hold_n
            JOIN items i ON i.n = c.item_n WHERE h.hold = ?""",
            name,
        )
        by_id = {self.archive.item_id(n): n for n in self.model.items}
        return {by_id[row["item"]] for row in found}

    @precondition(lambda self: any(one.binds for one in self.model.holds))
    @rule(
        data=st.data(),
        kinds=st.sets(st.sampled_from(Neighbours), min_size=1).map(frozenset),
        crash=st.none() | st.integers(0, 20),
    )
    def a_hold_takes_in_what_lies_around(
        self, data: st.DataObject, kinds: frozenset[Neighbours], crash: int | None
    ) -> None:
        inner = data.draw(st.sampled_from([h for h in self.model.holds if h.binds]))
        name = f"H-{len(self.model.holds) + 1:04}"
        one = ModelledHold(
            name,
            lambda _n, item: bool({item.root, item.author} & one.named),
            around=inner,
            kinds=kinds,
        )

        def take_in() -> None:
            account = self.archive.office.account
            if invariants.rows(self.archive, "SELECT 1 FROM holds WHERE hold = ?", name):
                hold.finish(account)
            else:
                taken = surrounding.take_in(
                    account, self.archive.person, inner.name, kinds, review_days=9
                )
                assert taken.hold == name
            account.acknowledge()

        self.model.holds.append(one)
        self.insist(take_in, crash)
        self.model.cover()
        assert one.covered == self._covered_by(name)

    @precondition(lambda self: any(one.binds for one in self.model.holds))
    @rule(data=st.data(), cool=st.sampled_from((0, 30)), crash=st.none() | st.integers(0, 12))
    def a_hold_is_lifted(self, data: st.DataObject, cool: int, crash: int | None) -> None:
        one = data.draw(st.sampled_from([h for h in self.model.holds if h.binds]))

        def lift() -> None:
            query = "SELECT status FROM holds WHERE hold = ?"
            if invariants.rows(self.archive, query, one.name)[0]["status"] != "lifted":
                self.archive.lift_hold(one.name, cool_down_days=cool)
            self.archive.office.account.acknowledge()

        self.insist(lift, crash)
        one.binds = False
        self.model.let_go |= one.covered
        until = self.archive.clock.now.astimezone(ZONE).date() + timedelta(days=cool)
        for n in one.covered:
            self.model.items[n].cool(until)

    @precondition(lambda self: any(one.binds for one in self.model.holds))
    @rule(data=st.data(), cool=st.sampled_from((0, 30)), crash=st.none() | st.integers(0, 12))
    def a_hold_is_narrowed(self, data: st.DataObject, cool: int, crash: int | None) -> None:
        one = data.draw(st.sampled_from([h for h in self.model.holds if h.binds]))
        before, asked = len(self._narrowings()), one.asks

        def narrow() -> None:
            if len(self._narrowings()) == before:
                self.archive.narrow_hold(one.name, query="zebra", cool_down_days=cool)
            hold.finish(self.archive.office.account)
            self.archive.office.account.acknowledge()

        self.insist(narrow, crash)
        one.asks = lambda n, item: asked(n, item) and "zebra" in item.said
        self._let_go_by(one, cool)

    def _let_go_by(self, one: ModelledHold, cool: int) -> None:
        """Take it into the model that a hold asks for less, and that what left it cools down."""
        until = self.archive.clock.now.astimezone(ZONE).date() + timedelta(days=cool)
        for n in sorted(one.covered):
            item = self.model.items[n]
            if not item.destroyed and not one.asks(n, item):
                one.covered.discard(n)
                self.model.let_go.add(n)
                item.cool(until)
        assert one.covered == self._covered_by(one.name)

    def _narrowings(self) -> list[dict]:
        return invariants.rows(self.archive, "SELECT n FROM narrowings")

    # --- nights -------------------------------------------------------------------------------

    @rule(days=st.sampled_from((1, 29, 30, 60, 61, 62)))
    def time_passes(self, days: int) -> None:
        self.archive.clock.forward(days=days)

    @rule(crash=st.none() | st.integers(0, 12))
    def the_index_is_fed(self, crash: int | None) -> None:
        if not self.attempt(self.archive.feed, crash):
            assert self.attempt(self.archive.feed, None)

    @rule(crash=st.none() | st.integers(0, 60), seen=st.booleans())
    def a_night_goes_by(self, crash: int | None, *, seen: bool) -> None:
        if seen:
            self.show(crash=None)
        might = self.model.might_go(self.archive.clock.now)

        def purge() -> None:
            office = self.archive.office
            hold.finish(office.account)
            with office.disposer() as disposer:
                dispose.finish_begun(disposer, self.archive.person)
            self.archive.purge()
            self.archive.feed()

        self.insist(purge, crash)
        for n in might:
            self.model.items[n].destroyed = True
        assert invariants.l4_nothing_waits_after_a_clean_run(self.archive) == []
        assert invariants.t2_the_copy_is_what_was_signed(self.archive) == []
        lives = Look.at(self.archive).lives
        left = {n for n in self.model.items if lives[self.archive.item_id(n)] == "destroyed"}
        assert left == {n for n, i in self.model.items.items() if i.destroyed}, self.verdicts()
        if might:
            event("a purge destroyed")

    def verdicts(self) -> list[str]:
        """Say what is decided of every thread now, for a reader of a failure."""
        office = self.archive.office
        by_id = {self.archive.item_id(n): n for n in self.model.items}
        with office.catalogue.reading() as connection:
            numbers = [
                row["n"]
                for row in invariants.rows(self.archive, "SELECT n FROM threads WHERE page_n")
            ]
            rows = disposals.threads_by_numbers(connection, numbers)
            found = deciding.decide_for(
                connection, office.account, office.schedule, rows, on=office.account.today()
            )
        return [
            f"{[by_id[i.item] for i in one.members]}, look on {one.row.look_on}: "
            + ", ".join(f"{by_id.get(why.item)} {why}" for why in one.verdict.reasons)
            for one in found
        ]


class LifeOnWhoosh(Life):
    """The same life, with the index that ships."""

    index = "whoosh:archive/index"


@pytest.fixture
def in_small_batches(monkeypatch):
    """Cut the work so small that a handful of items takes several transactions."""
    for module, name, size in (
        (capture, "BATCH", 2),
        (evaluating, "BATCH", 2),
        (lifting, "BATCH", 2),
        (indexing, "BATCH", 3),
        (dispose, "BATCH", 2),
        (dispose, "GROUP", 2),
        (planning, "SLICE", 2),
    ):
        monkeypatch.setattr(module, name, size)


def run(machine: type[Life], examples: int, steps: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            report_multiple_bugs=False,
        ),
    )


@pytest.mark.proof
@pytest.mark.usefixtures("in_small_batches")
def test_no_life_of_an_archive_breaks_an_invariant():
    run(Life, examples=60, steps=30)


@pytest.mark.proof
@pytest.mark.usefixtures("in_small_batches")
def test_no_life_of_an_archive_with_whoosh_breaks_an_invariant():
    run(LifeOnWhoosh, examples=15, steps=25)
