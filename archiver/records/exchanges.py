"""Exchanges: what was asked of a platform, and how it answered.

An exchange lies within the item it brought, and goes with it. So it must name no other item: a
neighbour that a court has expunged would live on in the address by which it was paged past.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from archiver.records.canonical import Json

_BETWEEN = (" OR ", ",", "|", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request, and the head of its answer; secrets and places in a list are left out.

    *url* is the address that answered, *params* what stood in its query, name and value, decoded;
    *asked* the JSON that was put to it, if any was. Names of *headers* are in lower case. Their
    `date` is the server's own word for the time; ours is in the ledger's entry of the capture.
    """

    method: str
    url: str
    status: int
    params: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: str = ""

    def about(self, own: Collection[str]) -> Exchange:
        """Give the exchange as it is kept with one item: others it asked for are left out.

        *own* are the native ids of the item, its parent and its thread. A list that names one of
        them is left with these alone.
        """
        asked = json.loads(self.asked) if self.asked else None
        pruned = _pruned(asked, own)
        return replace(
            self,
            params=_alone(self.params, own),
            asked=self.asked if pruned == asked else json.dumps(pruned),
        )

    def to_json(self) -> dict[str, Json]:
        """Give the exchange as it stands in an item's object."""
        return {
            "method": self.method,
            "url": self.url,
            "params": [list[Json](pair) for pair in self.params],
            "asked": self.asked,
            "status": self.status,
            "headers": dict[str, Json](self.headers),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> Exchange:
        """Read what `to_json` gave."""
        headers, params = value["headers"], value["params"]
        pairs = (
            [each for each in params if isinstance(each, list)] if isinstance(params, list) else []
        )
        return cls(
            method=str(value["method"]),
            url=str(value["url"]),
            params=tuple((str(name), str(told)) for name, told in pairs),
            asked=str(value["asked"]),
            status=int(str(value["status"])),
            headers={name: str(told) for name, told in headers.items()}
            if isinstance(headers, dict)
            else {},
        )


class Told(bytes):
    """Bytes of a platform's answer, which know the *exchange* they came by.

    Whatever is made of them by other means than `cut_from` are bytes like any others: an exchange
    is forgotten rather than told of what did not come by it.
    """

    exchange: Exchange

    def __new__(cls, body: bytes, exchange: Exchange) -> Self:
        """Give *body* as told in *exchange*."""
        told = super().__new__(cls, body)
        told.exchange = exchange
        return told

    def __getnewargs__(self) -> tuple[bytes, Exchange]:  # type: ignore[override] # two, not one
        """Let copies know their exchange, too."""
        return bytes(self), self.exchange


def cut_from(source: bytes, piece: bytes) -> bytes:
    """Give *piece*, which was cut out of *source*: told in the same exchange, if that is known."""
    return Told(piece, source.exchange) if isinstance(source, Told) else piece


def _alone(pairs: Sequence[tuple[str, str]], own: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Give the *pairs* of a query without what stands beside one of *own* in a list."""
    repeated = {name for name, value in pairs if value in own}
    return tuple(
        (name, _left(value, own)) for name, value in pairs if name not in repeated or value in own
    )


def _left(value: str, own: Collection[str]) -> str:
    """Give what is left of *value*: where it is a list that names one of *own*, these alone."""
    for mark in _BETWEEN:
        named = [each for each in value.split(mark) if _named(each) in own]
        if named and mark in value:
            return mark.join(named)
    return value


def _named(member: str) -> str:
    """Give the id that a member of a list names: `conversation_id:17` names 17."""
    head, _, tail = member.strip("() ").partition(":")
    return tail if head.isidentifier() and tail.isdecimal() else member.strip("() ")


def _pruned(value: object, own: Collection[str]) -> object:
    if isinstance(value, dict):
        return {name: _pruned(each, own) for name, each in value.items()}
    if isinstance(value, list):
        named = [each for each in value if isinstance(each, str) and each in own]
        return named or [_pruned(each, own) for each in value]
    return _left(value, own) if isinstance(value, str) else value
