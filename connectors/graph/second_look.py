"""Looking again at single items; and whether the token may see what it should.

The API answers alike where an item is gone and where our right to it is: it is *not visible*,
and that only where others like it are shown to us. Nothing more is concluded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from archiver.records.captures import Known, Observation, PlatformState, Seen, Sighting
from archiver.records.errors import AnswerUnreadable, ConnectorError, PermissionLost
from archiver.records.items import ItemKind
from archiver.records.pages import AccessCheck
from connectors.fetching import Untold, each_again
from connectors.graph.asking import Graph, Node
from connectors.graph.reading import Standing

_ONE = {"limit": "1", "summary": "total_count"}
_SOURCE = "graph 100 33"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How items of one platform are asked for again, and read.

    *counted* is the field that counts the comments below a post, and *count* reads it; *answers*
    is the list of them. *remark* is what is to be said of an item that is not visible.
    """

    fields: Callable[[Known], Sequence[str]]
    read: Callable[[Node, Known], Standing]
    counted: str
    count: Callable[[Node], int | None]
    remark: Callable[[Known], str] = lambda _known: ""
    answers: str = "comments"


class SecondLook:
    """Second looks at items whose posts stand in the list at *posts*; *untold* counts fields."""

    def __init__(self, graph: Graph, posts: str, manner: Manner, untold: Untold) -> None:
        self._graph = graph
        self._posts = posts
        self._manner = manner
        self._untold = untold
        self._shown: dict[str, bool] = {}

    def at(self, known: Known) -> Observation | Sighting:
        """Give the item as it is, or that it is not visible.

        Raises:
            PermissionLost: neither it nor its like is shown to us.
            ConnectorError: as for `Graph`.
        """
        node = self._graph.node(known.native_id, self._manner.fields(known))
        if node is None:
            return self._missing(known)
        standing = self._untold.noted(self._manner.read(node, known))
        if standing.native_id != known.native_id:
            raise AnswerUnreadable(f"item {known.native_id}: it was answered with another")
        content = replace(
            standing.content, kind=ItemKind(known.kind), parent=known.parent, thread=known.thread
        )
        return replace(standing, content=content).seen()

    def _missing(self, known: Known) -> Sighting:
        place, none = self._posts, False
        if below(known):
            post = self._graph.node(known.thread or "", ("id", self._manner.counted))
            if post is not None:
                place, none = (
                    f"{known.thread}/{self._manner.answers}",
                    self._manner.count(post) == 0,
                )
        if place not in self._shown:
            piece = next(self._graph.edge(place, ("id",), _ONE))
            self._shown[place] = bool(piece.elements) or piece.total == 0 or none
        if not self._shown[place]:
            raise PermissionLost(
                f"item {known.native_id}: neither it nor anything where it stood is shown to us"
            )
        return Sighting(
            native_id=known.native_id,
            state=PlatformState.NOT_VISIBLE,
            source=_SOURCE,
            remark=self._manner.remark(known),
        )


def look_again(
    known: Sequence[Known],
    opened: Callable[[], SecondLook],
    profile: Callable[[], Iterator[Seen]],
    apart: Callable[[Known], Seen | None] = lambda _known: None,
) -> Iterator[Seen]:
    """Yield a second look at each of *known*; once rights or budget are gone nothing is asked.

    *apart* looks at what is asked for in another way than posts and what is below them.
    """
    looks: list[SecondLook] = []

    def again(item: Known) -> Iterator[Seen]:
        if item.kind == ItemKind.PROFILE:
            yield from profile()
        elif (seen := apart(item)) is not None:
            yield seen
        else:
            if not looks:
                looks.append(opened())
            yield looks[0].at(item)

    return each_again(known, again)


def tried(graph: Graph, what: str, place: str) -> tuple[AccessCheck, str]:
    """Try the list at *place*; give also the id of the first item it shows."""
    try:
        piece = next(graph.edge(place, ("id",), {"limit": "1"}))
    except ConnectorError as error:
        return AccessCheck(what, granted=False, detail=str(error)), ""
    named = [value.get("id") for value, _ in piece.elements if isinstance(value, dict)]
    return AccessCheck(what, granted=True), str(named[0]) if named and named[0] else ""


def below(known: Known) -> bool:
    """Say whether *known* stands below a post."""
    return known.thread is not None and known.thread != known.native_id
