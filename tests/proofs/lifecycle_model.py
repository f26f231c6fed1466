"""The rules of an item's life as a small program, and a search of everything they allow.

Two items of one thread, a hold on the thread and one on a single item, a records request, a
schedule that may be adopted and may change, a store that may refuse, a plan that anybody may have
made of anything, two people, and days that pass. A process may die between any two steps. Guards
are what the archiver asks before a step; `search` walks every state they leave reachable, and
names each invariant of the design that a transition breaks. Without any one guard, one is broken.

Items are interchangeable, and so are people: a state and its mirror image are visited once. A
plan is not trusted to be right (it may be stale, or another's), so that what is asked again at
intent must suffice by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

UNSEEN, LOST, LIVE, BEGUN, ABANDONED, DESTROYED = (
    "unseen", "lost", "live", "begun", "abandoned", "destroyed",
)  # fmt: skip
PROPOSED, APPROVED, RIPE = "proposed", "approved", "ripe"
LITIGATION, OPEN, CLOSED = "litigation", "request open", "request closed"
LONGEST = 2

GUARDS = {
    "the cursor moves after the row": "L1",
    "bytes are kept before the row": "L2",
    "a row is there before it is indexed": "L3",
    "a refusal of the store is tried again": "L4",
    "what is known is not entered again": "L5",
    "bytes go after an intent": "D1",
    "holds are asked at intent": "D2",
    "an open request freezes": "D2",
    "a freeze outlives the request": "D2",
    "a hold binds late captures": "D2",
    "the period is asked at intent": "D3",
    "grace is waited for": "D3",
    "two people decide": "D4",
    "an approval names one schedule": "D5",
    "what was touched leaves the set": "D5",
    "an addition voids": "D5",
    "a hold on what is begun is refused": "D6",
    "bytes are gone before done": "D7",
    "text is struck before done": "D7",
    "the index is rid of it before done": "D7",
    "objects belong to one item": "D8",
    "inputs are readable": "D9",
    "locks are read before intent": "D9",
    "a series is adopted": "D10",
    "the signed copy is up to date before bytes go": "T1",
    "the ledger only grows": "T2",
    "an entry goes with its deed": "T3",
    "a paper is written before intent": "T4",
}
"""Each guard, and the invariant that keeps nothing without it."""


class Item(NamedTuple):
    """One item: what the archive has of it, and what the ledger and its papers tell."""

    life: str = UNSEEN
    bytes: bool = False
    text: bool = False
    indexed: bool = False
    rows: int = 0
    entries: int = 0
    paper: bool = False
    held: bool = False
    covered: bool = False
    listed: bool = False
    touched: bool = False
    behind: bool = False


class State(NamedTuple):
    """The archive. *left* are the days until the period of the thread is over."""

    items: tuple[Item, ...] = (Item(), Item())
    left: int = 1
    adopted: bool = False
    matter: str = ""
    plan: str = ""
    alone: bool = False
    stale: bool = False
    signed: bool = True
    refuses: bool = False

    def lives(self, *lives: str) -> list[Item]:
        """Give the items that are in one of *lives*."""
        return [item for item in self.items if item.life in lives]

    def put(self, place: int, **changed: object) -> State:
        """Change the item at *place*."""
        some = list(self.items)
        some[place] = some[place]._replace(**changed)
        return self._replace(items=tuple(some))

    def every(self, life: str, **changed: object) -> State:
        """Change all items of *life*."""
        return self._replace(
            items=tuple(i._replace(**changed) if i.life == life else i for i in self.items)
        )


Steps = Iterator[tuple[str, State]]
ENTRIES = {UNSEEN: 0, LOST: 1, LIVE: 1, BEGUN: 2, ABANDONED: 2, DESTROYED: 3}
"""How many entries tell of an item: captured or a gap; begun; done."""


@dataclass(frozen=True)
class Rules:
    """What may happen next, *without* some of the guards."""

    without: Collection[str] = ()

    def asks(self, guard: str) -> bool:
        """Say whether *guard* stands."""
        assert guard in GUARDS
        return guard not in self.without

    def steps(self, state: State) -> Steps:
        """Give everything that may happen next: a name, and the state it leads to."""
        for place, item in enumerate(state.items):
            yield from self._keeping(state, place, item)
            yield from self._holding(state, place, item)
            yield from self._destroying(state, place, item)
        yield from self._around(state)
        yield from self._matters(state)
        yield from self._deciding(state)

    # --- the way of one item ------------------------------------------------------------------

    def _keeping(self, state: State, place: int, item: Item) -> Steps:
        if item.life == UNSEEN:
            if not item.bytes:
                yield "lost at its source", state.put(place, life=LOST, entries=1)
                yield "keep bytes", state.put(place, bytes=True)
            if item.bytes or not self.asks("bytes are kept before the row"):
                yield "enter", self._entered(state, place)
            if not self.asks("a row is there before it is indexed"):
                yield "index", state.put(place, indexed=True)
            if not self.asks("the cursor moves after the row"):
                yield "move the cursor past", state.put(place, behind=True)
        if item.life == LIVE:
            if not item.indexed:
                yield "index", state.put(place, indexed=True)
            yield "edit", self._touch(state._replace(left=max(1, state.left)), place)
            if not self.asks("what is known is not entered again") and item.rows == 1:
                yield "enter", state.put(place, rows=2, entries=item.entries + 1)
        if item.indexed and item.life == LIVE:
            yield "lose the index", state.put(place, indexed=False)

    def _entered(self, state: State, place: int) -> State:
        told = self.asks("an entry goes with its deed")
        bound = bool(state.matter) and self.asks("a hold binds late captures")
        state = state._replace(left=max(1, state.left))
        return state.put(place, life=LIVE, text=True, rows=1, entries=int(told), covered=bound)

    def _touch(self, state: State, place: int) -> State:
        """Have what was touched since it was listed leave the approved set."""
        if not state.items[place].listed:
            return state
        if self.asks("what was touched leaves the set"):
            return state.put(place, listed=False)
        return state.put(place, touched=True)

    def _holding(self, state: State, place: int, item: Item) -> Steps:
        may = item.life == LIVE
        if item.life == BEGUN and not self.asks("a hold on what is begun is refused"):
            may = True
        if may and not item.held:
            yield "hold the item", self._touch(state.put(place, held=True), place)
        if item.held:
            yield "lift", state.put(place, held=False)._replace(left=max(1, state.left))

    def _destroying(self, state: State, place: int, item: Item) -> Steps:
        intended = item.life == BEGUN or not self.asks("bytes go after an intent")
        signed = state.signed or not self.asks("the signed copy is up to date before bytes go")
        if item.bytes and item.rows and intended and signed and not state.refuses:
            yield "destroy bytes", self._without_bytes(state, place)
        if item.life != BEGUN:
            return
        if state.refuses and not self.asks("a refusal of the store is tried again"):
            yield "give up", state.put(place, life=ABANDONED)
        if item.text:
            yield "strike the text", state.put(place, text=False)
        if item.indexed:
            yield "take out of the index", state.put(place, indexed=False)
        left = (
            (item.bytes, "bytes are gone before done"),
            (item.text, "text is struck before done"),
            (item.indexed, "the index is rid of it before done"),
        )
        if not any(here and self.asks(guard) for here, guard in left):
            done = item.entries + 1
            yield "entomb", state.put(place, life=DESTROYED, entries=done, listed=False)

    def _without_bytes(self, state: State, place: int) -> State:
        if not self.asks("objects belong to one item"):
            state = state.put(1 - place, bytes=False)
        return state.put(place, bytes=False)

    # --- what happens around it ---------------------------------------------------------------

    def _around(self, state: State) -> Steps:
        ripening = {APPROVED: RIPE}.get(state.plan, state.plan)
        yield "a day passes", state._replace(left=max(0, state.left - 1), plan=ripening)
        yield "adopt, or suspend", state._replace(adopted=not state.adopted)
        if state.plan and state.left < LONGEST:
            yield "lengthen the period", state._replace(left=state.left + 1, stale=True)
        if state.refuses:
            yield "the store gives way", state._replace(refuses=False)
        elif state.plan == RIPE or state.lives(BEGUN):
            yield "the store refuses", state._replace(refuses=True)
        if not state.signed:
            yield "sign the copy", state._replace(signed=True)
        if not self.asks("the ledger only grows"):
            for place, item in enumerate(state.items):
                if item.entries:
                    yield "erase an entry", state.put(place, entries=item.entries - 1)

    def _matters(self, state: State) -> Steps:
        if not state.matter:
            yield "hold the thread", self._bound(state, LITIGATION)
            freezes = self.asks("an open request freezes")
            yield (
                "open a request",
                (self._bound(state, OPEN) if freezes else state._replace(matter=OPEN)),
            )
        elif state.matter == OPEN:
            freezes = self.asks("a freeze outlives the request")
            closed = state if freezes else state.every(LIVE, covered=False)
            yield "close the request", closed._replace(matter=CLOSED)
        else:
            free = state.every(LIVE, covered=False)
            yield "lift, or end the file", free._replace(matter="", left=max(1, state.left))

    def _bound(self, state: State, matter: str) -> State:
        for place, item in enumerate(state.items):
            if item.life == LIVE:
                state = self._touch(state.put(place, covered=True), place)
        return state._replace(matter=matter)

    # --- plan, approve, begin -----------------------------------------------------------------

    def _deciding(self, state: State) -> Steps:
        if not state.plan and state.lives(LIVE):
            yield "plan", state.every(LIVE, listed=True)._replace(plan=PROPOSED, alone=False)
        if state.plan:
            yield "decline", unplanned(state)
        if state.plan == PROPOSED:
            yield "another approves", state._replace(plan=APPROVED)
            if not self.asks("two people decide"):
                yield "the same approves", state._replace(plan=APPROVED, alone=True)
        if self._may_begin(state):
            yield "begin", self._begun(state)
            if not self.asks("inputs are readable"):
                yield "begin blindly", self._begun(state)

    def _may_begin(self, state: State) -> bool:
        going = state.lives(LIVE)
        listed = [item for item in going if item.listed]
        forbidden = (
            (state.plan == APPROVED, "grace is waited for"),
            (state.stale, "an approval names one schedule"),
            (len(listed) < len(going), "an addition voids"),
            (any(i.held or i.covered for i in going), "holds are asked at intent"),
            (state.left > 0, "the period is asked at intent"),
            (not state.adopted, "a series is adopted"),
            (state.refuses, "locks are read before intent"),
        )
        return (
            state.plan in {APPROVED, RIPE}
            and bool(listed)
            and not any(wrong and self.asks(guard) for wrong, guard in forbidden)
        )

    def _begun(self, state: State) -> State:
        paper = self.asks("a paper is written before intent")
        begun = tuple(
            i._replace(life=BEGUN, entries=i.entries + 1, paper=paper) if i.life == LIVE else i
            for i in state.items
        )
        return unplanned(state._replace(items=begun, signed=False))


def unplanned(state: State) -> State:
    """Give *state* without its plan."""
    free = tuple(i._replace(listed=False, touched=False) for i in state.items)
    return state._replace(items=free, plan="", alone=False, stale=False)


# --- the invariants -----------------------------------------------------------------------------


def broken(before: State, step: str, after: State) -> Iterator[str]:
    """Give the number of every invariant that the transition breaks."""
    pairs = list(zip(before.items, after.items, strict=True))
    yield from _broken_keeping(after)
    yield from _broken_destroying(pairs)
    yield from _broken_telling(before, pairs)
    begun = [was for was, now in pairs if was.life == LIVE and now.life == BEGUN]
    if begun:
        yield from _broken_at_intent(before, step, begun)


def _broken_keeping(after: State) -> Iterator[str]:
    for item in after.items:
        if item.life == UNSEEN and item.behind:
            yield "L1"
        if item.life == LIVE and not item.bytes:
            yield "L2"
        if item.indexed and not item.rows:
            yield "L3"
        if item.rows > 1:
            yield "L5"


def _broken_at_intent(before: State, step: str, begun: list[Item]) -> Iterator[str]:
    if before.matter or any(item.held for item in begun):
        yield "D2"
    if before.left > 0 or before.plan != RIPE:
        yield "D3"
    if before.alone:
        yield "D4"
    if before.stale or any(item.touched or not item.listed for item in begun):
        yield "D5"
    if before.refuses or step == "begin blindly":
        yield "D9"
    if not before.adopted:
        yield "D10"


def _broken_destroying(pairs: list[tuple[Item, Item]]) -> Iterator[str]:
    gone = [was for was, now in pairs if was.bytes and not now.bytes]
    if any(was.life != BEGUN for was in gone):
        yield "D1"
    if len(gone) > 1:
        yield "D8"
    for _, now in pairs:
        if now.held and now.life in {BEGUN, ABANDONED, DESTROYED}:
            yield "D6"
        if now.life == DESTROYED and (now.bytes or now.text or now.indexed):
            yield "D7"


def _broken_telling(before: State, pairs: list[tuple[Item, Item]]) -> Iterator[str]:
    for was, now in pairs:
        if was.bytes and not now.bytes and not before.signed:
            yield "T1"
        if now.entries < was.entries:
            yield "T2"
        if now.entries != ENTRIES[now.life]:
            yield "T3"
        if now.life in {BEGUN, DESTROYED} and not now.paper:
            yield "T4"


# --- the search ---------------------------------------------------------------------------------


@dataclass
class Found:
    """What a search came to. *ways* leads, for each invariant broken, to the step that broke it."""

    before: dict[State, list[State]] = field(default_factory=dict)
    steps: set[str] = field(default_factory=set)
    transitions: int = 0
    broken: dict[str, str] = field(default_factory=dict)

    def stuck(self) -> set[State]:
        """Give the states from which an item can neither go nor be lost at its source (L4)."""
        waiting = deque(state for state in self.before if _at_rest(state))
        reached = set(waiting)
        while waiting:
            for state in self.before[waiting.popleft()]:
                if state not in reached:
                    reached.add(state)
                    waiting.append(state)
        return self.before.keys() - reached


def _at_rest(state: State) -> bool:
    return all(item.life in {DESTROYED, LOST} for item in state.items)


def mirrored(state: State) -> State:
    """Give the one of *state* and its mirror image that stands for both."""
    one, other = state.items
    return state if one <= other else state._replace(items=(other, one))


def search(rules: Rules, *, first: State = State(), until: str = "") -> Found:  # noqa: B008 - a state is frozen
    """Walk everything that *rules* allow from *first* on; stop where *until* is broken."""
    found = Found({first: []})
    waiting = deque([first])
    while waiting and until not in found.broken:
        state = waiting.popleft()
        for step, after in rules.steps(state):
            found.transitions += 1
            found.steps.add(step)
            for number in broken(state, step, after):
                found.broken.setdefault(number, step)
            known = mirrored(after)
            if known not in found.before:
                found.before[known] = []
                waiting.append(known)
            found.before[known].append(state)
    return found
