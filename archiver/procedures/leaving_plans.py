"""What left an approved set, and why: the words are the same wherever a plan is shown or done.

A hold, a request, an edit, a relabelling or an extension takes an item out of the plan that lists
it; the rest stands. What happened is read from the holds that bind now and from the entries of
the ledger since the plan was made, never guessed from a seal that differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from archiver.catalogue import Reading, plans, requests, roster
from archiver.catalogue.items import ItemRow
from archiver.procedures.account import Account
from archiver.procedures.deciding import Decided
from archiver.records.canonical import Json, read_object
from archiver.records.disposition import Action, Why
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros

_UNTOLD = "touched since the plan was made"
"""What no entry about the item itself tells, such as what an order restricted and let go."""

_OURS = frozenset({Why.EDITED, Why.NOT_LIVE, Why.LOCKED, Why.NOT_AS_KEPT})
"""What is told by its code: it is nobody's deed on the item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What it takes to say what happened to a plan's items since it was made, *at* (µs UTC).

    *freezes* gives the request that each freezing hold is of, *names* those of people, by id.
    """

    at: int
    freezes: Mapping[str, str]
    names: Mapping[str, str]


def since(connection: Reading, plan_n: int) -> Since:
    """Read what it takes for the plan of number *plan_n*.

    Raises:
        RegisterUnreadable: the requests that freeze cannot be read.
    """
    return Since(
        at=plans.numbered(connection, plan_n).made_at,
        freezes={row.request.hold: row.request.id for row in requests.every(connection)},
        names={person.id: person.name for person in roster.everyone(connection)},
    )


def with_what_left(
    account: Account,
    one: Decided,
    listed: Mapping[int, str],
    changes: Mapping[str, Sequence[bytes]],
    told: Since,
) -> Decided:
    """Give a thread that stays with what took which of its items out of the set *listed*.

    *listed* are the seals of its items as they were planned, *changes* the entries that changed
    each since its capture.
    """
    if one.verdict.action is not Action.KEEP:
        return one
    own: dict[str, tuple[str, ...]] = {}
    for item in one.members:
        touched = _touched(account, item, listed, changes.get(item.item, ()), told)
        if words := tuple(dict.fromkeys((*_bound(one, item, told), *touched))):
            own[item.item] = words
    if not own:
        return one
    others = dict.fromkeys(f"thread: {said}" for words in own.values() for said in words)
    rest = {item.item: tuple(others) for item in one.members if item.item not in own}
    return replace(one, left=own | rest)


def _bound(one: Decided, item: ItemRow, told: Since) -> Iterator[str]:
    """Say what binds *item* now."""
    for reason in one.verdict.reasons:
        if reason.item != item.item:
            continue
        if reason.why is Why.HELD:
            request = told.freezes.get(reason.of)
            yield f"request {request}" if request else f"held by {reason.of}"
        elif reason.why is Why.ORDERED:
            yield f"kept by order {reason.of}"
        elif reason.why in _OURS:
            yield str(reason)


def _touched(
    account: Account,
    item: ItemRow,
    listed: Mapping[int, str],
    leaves: Sequence[bytes],
    told: Since,
) -> Iterator[str]:
    """Say what happened to *item*, where it is not as it was *listed*."""
    if listed.get(item.n) == item.seal:
        return
    if item.n not in listed:
        yield f"came to the thread on {account.day(item.captured_at)}"
        return
    try:
        entries = [Leaf.from_json(read_object(data)) for data in leaves]
        words = [_said(account, leaf, told) for leaf in entries if micros(leaf.at) >= told.at]
    except (ValueError, KeyError, TypeError, AttributeError):  # an entry that was edited, too
        words = []
    yield from words or [_UNTOLD]


def _said(account: Account, leaf: Leaf, told: Since) -> str:
    """Say what the entry *leaf* did to its item."""
    said = _DEEDS[leaf.kind](leaf.particulars)
    if leaf.kind is EventKind.ITEM_COOLED:
        return said
    on, by = account.day(micros(leaf.at)), told.names.get(leaf.by, leaf.by)
    return f"{said} on {on} by {by}" if leaf.kind in _BY_PEOPLE else f"{said} on {on}"


def _cooling(particulars: Mapping[str, Json]) -> str:
    until, of = date.fromordinal(int(str(particulars["until"]))), str(particulars["of"])
    return f"extended until {until}" if of.startswith("P-") else f"let go by {of}, until {until}"


def _spaced(code: Json) -> str:
    return str(code).replace("_", " ")


_DEEDS: Mapping[EventKind, Callable[[Mapping[str, Json]], str]] = {
    EventKind.ITEM_EDITED: lambda _told: "edited",
    EventKind.ITEM_SIGHTED: lambda told: f"seen {_spaced(told['st'])}",
    EventKind.ITEM_BYLINED: lambda _told: "shown as by another author or of another day",
    EventKind.ITEM_DECIDED: lambda _told: "relabelled",
    EventKind.ITEM_DECLARED: lambda _told: "declared no longer required",
    EventKind.ITEM_TRIGGERED: lambda told: f"{_spaced(told['t'])} entered",
    EventKind.ITEM_COOLED: _cooling,
    EventKind.ITEM_RETURNED: lambda _told: "sent back to review",
}
_BY_PEOPLE = frozenset({EventKind.ITEM_DECIDED, EventKind.ITEM_DECLARED, EventKind.ITEM_TRIGGERED})
