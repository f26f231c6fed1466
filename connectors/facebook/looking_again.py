"""Looking again at single items of a page; and whether the token may see what it should.

Facebook answers alike where an item is gone and where our right to it is: it is *not visible*,
and that only where others like it are shown to us. Nothing more is concluded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from archiver.records.captures import Known, Observation, PlatformState, Sighting
from archiver.records.errors import AnswerUnreadable, ConnectorError, PermissionLost
from archiver.records.items import ItemKind
from archiver.records.pages import AccessCheck
from connectors.facebook.parsing import (
    COMMENT_FIELDS,
    POST_FIELDS,
    REEL_FIELDS,
    read_comment,
    read_post,
    read_reel,
)
from connectors.graph import Graph, Node, Standing

OWN, FEED = "published_posts", "feed"
_ONE = {"limit": "1", "summary": "total_count"}
_SOURCE = "graph 100 33"


class SecondLook:
    """Second looks at items of the page *owner*; what proves a right is asked for once."""

    def __init__(self, graph: Graph, owner: str) -> None:
        self._graph = graph
        self._owner = owner
        self._shown: dict[str, bool] = {}

    def at(self, known: Known) -> Observation | Sighting:
        """Give the item as it is, or that it is not visible.

        Raises:
            PermissionLost: neither it nor its like is shown to us.
            ConnectorError: as for `Graph`.
        """
        node = self._graph.node(known.native_id, _fields(known))
        if node is None:
            return self._missing(known)
        standing = _read(node, known, self._owner)
        if standing.native_id != known.native_id:
            raise AnswerUnreadable(f"item {known.native_id}: Facebook answered with another")
        content = replace(
            standing.content, kind=ItemKind(known.kind), parent=known.parent, thread=known.thread
        )
        return replace(standing, content=content).seen()

    def _missing(self, known: Known) -> Sighting:
        place = f"{self._owner}/{OWN}"
        if _below(known) and self._graph.node(known.thread or "", ("id",)) is not None:
            place = f"{known.thread}/comments"
        if place not in self._shown:
            piece = next(self._graph.edge(place, ("id",), _ONE))
            self._shown[place] = bool(piece.elements) or piece.total == 0
        if not self._shown[place]:
            raise PermissionLost(
                f"item {known.native_id}: Facebook shows neither it nor anything where it stood"
            )
        return Sighting(native_id=known.native_id, state=PlatformState.NOT_VISIBLE, source=_SOURCE)


def check_rights(graph: Graph, owner: str) -> Iterator[AccessCheck]:
    """Try each list that a visit reads, and say which permission it asks for."""
    post = ""
    for what, edge in (
        ("its posts (pages_read_engagement)", OWN),
        ("what visitors post (pages_read_user_content)", FEED),
    ):
        check, found = _tried(graph, what, f"{owner}/{edge}")
        post = post or found
        yield check
    if post:
        yield _tried(graph, "comments (pages_read_user_content)", f"{post}/comments")[0]


def _tried(graph: Graph, what: str, place: str) -> tuple[AccessCheck, str]:
    """Try the list at *place*; give also the id of the first item it shows."""
    try:
        piece = next(graph.edge(place, ("id",), {"limit": "1"}))
    except ConnectorError as error:
        return AccessCheck(what, granted=False, detail=str(error)), ""
    named = [value.get("id") for value, _ in piece.elements if isinstance(value, dict)]
    return AccessCheck(what, granted=True), str(named[0]) if named and named[0] else ""


def _below(known: Known) -> bool:
    return known.thread is not None and known.thread != known.native_id


def _fields(known: Known) -> Sequence[str]:
    if _below(known):
        return COMMENT_FIELDS
    return POST_FIELDS if "_" in known.native_id else REEL_FIELDS


def _read(node: Node, known: Known, owner: str) -> Standing:
    if _below(known):
        return read_comment(node.value, node.raw, post=known.thread or "")
    if "_" not in known.native_id:
        return read_reel(node.value, node.raw)
    return read_post(node.value, node.raw, owner=owner, own=known.kind == ItemKind.POST)
