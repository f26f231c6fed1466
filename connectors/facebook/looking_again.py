"""How items of a Facebook page are asked for again, and which rights a visit needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archiver.records.captures import Known
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
from connectors.graph import Graph, Manner, Node, Standing, below, summed, tried

OWN, FEED = "published_posts", "feed"


def manner(owner: str) -> Manner:
    """Give how items of the page *owner* are asked for again."""

    def read(node: Node, known: Known) -> Standing:
        if below(known):
            return read_comment(node.value, node.raw, post=known.thread or "")
        judged = known.state is not None  # what the archive holds was entered as what it is
        if "_" not in known.native_id:
            return read_reel(node.value, node.raw, published=judged)
        own = known.kind == ItemKind.POST
        return read_post(node.value, node.raw, owner=owner, own=own, published=judged)

    return Manner(
        fields=_fields,
        read=read,
        counted="comments.filter(stream).limit(0).summary(total_count)",
        count=lambda node: summed(node.value, "comments"),
    )


def check_rights(graph: Graph, owner: str, *, messages: bool) -> Iterator[AccessCheck]:
    """Try each list that a visit reads, and say which permission it asks for."""
    post = ""
    if messages:
        yield tried(graph, "its direct messages (pages_messaging)", f"{owner}/conversations")[0]
    for what, edge in (
        ("its posts (pages_read_engagement)", OWN),
        ("what visitors post (pages_read_user_content)", FEED),
    ):
        check, found = tried(graph, what, f"{owner}/{edge}")
        post = post or found
        yield check
    if post:
        yield tried(graph, "comments (pages_read_user_content)", f"{post}/comments")[0]


def _fields(known: Known) -> Sequence[str]:
    if below(known):
        return COMMENT_FIELDS
    return POST_FIELDS if "_" in known.native_id else REEL_FIELDS
