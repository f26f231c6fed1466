"""An account behind the Threads API, as its reference says ("Threads Media", "Reply Management",
"Retrieve Media Replies and Conversations"): a conversation is flat and comes newest first, hidden
answers keep their words for the owner, counts of answers are told by insights, and authors by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from archiver.records.pages import PageSettings
from connectors.threads import CONNECTOR
from tests.connectors.graph_platform import (
    Entity,
    GraphServer,
    Query,
    Refused,
    Wanted,
    missing,
    since,
    stamped,
    wanted,
)
from tests.connectors.platforms import SECRET, Asked, Platform, Reply, Told

ACCOUNT = "31415926535"


@dataclass(kw_only=True)
class Post:
    """A post of the account, or (*on* something) an answer by anybody; *gone* hides it from us."""

    id: str
    text: str
    at: datetime
    by: str = "examplepd"
    on: str | None = None
    root: str | None = None
    status: str = "NOT_HUSHED"
    media: Entity = field(default_factory=dict)
    withheld: bool = False


@dataclass(kw_only=True)
class ThreadsServer(GraphServer):
    """One account. *strangers* are posts of others that the account answers."""

    posts: dict[str, Post] = field(default_factory=dict)
    strangers: set[str] = field(default_factory=set)
    username: str = "examplepd"
    biography: str = "The police of Example."
    forbidden: frozenset[str] = frozenset()
    uncounted: int = 0

    def answer(self, path: str, query: Query) -> Entity:
        node, _, edge = path.partition("/")
        node = ACCOUNT if node == "me" else node
        fields = wanted(query.get("fields", "id"))
        if edge in self.forbidden:
            raise Refused(10, "(#10) Application does not have permission for this action")
        if not edge:
            return self._node(node, fields)
        own = [p for p in self.posts.values() if p.by == self.username]
        if node == ACCOUNT and edge == "threads":
            return self._listed(path, query, fields, [p for p in own if p.on is None])
        if node == ACCOUNT and edge == "replies":
            return self._listed(path, query, fields, [p for p in own if p.on is not None])
        if edge == "insights" and node in self.posts:
            return self._insights(node, query)
        if edge == "conversation" and node in self.posts:
            found = [p for p in self.posts.values() if p.root == node]
            return self._listed(path, query, fields, found)
        raise missing(node)

    def _insights(self, node: str, query: Query) -> Entity:
        """Answer as "Media Insights" says: of a root post all that answers it, however deep."""
        if query.get("metric") != "replies":
            raise Refused(100, "(#100) The parameter metric is required")
        below = sum(p.root == node for p in self.posts.values()) + self.uncounted
        values = [{"value": below}]
        return {"data": [{"name": "replies", "period": "lifetime", "values": values}]}

    def _node(self, node: str, fields: tuple[Wanted, ...]) -> Entity:
        if node == ACCOUNT:
            picture = f"{self.host}/v/t51/77_n.jpg?oe=1"
            told: Entity = {
                "id": ACCOUNT, "username": self.username, "name": "Example Police",
                "threads_profile_picture_url": picture, "threads_biography": self.biography,
                "is_verified": True,
            }  # fmt: skip
            return self.project(told, fields, node="ThreadsUser")
        if node not in self.posts or self.posts[node].withheld:
            raise missing(node)
        return self.project(self._entity(self.posts[node]), fields, node="ThreadsMedia")

    def _entity(self, post: Post) -> Entity:
        answers = any(p.on == post.id for p in self.posts.values())
        own = post.by == self.username
        told: Entity = {
            "id": post.id, "timestamp": stamped(post.at), "text": post.text or None,
            "username": post.by or None, "shortcode": f"T{post.id}",
            "permalink": f"https://www.threads.com/@{post.by}/post/T{post.id}",
            "media_product_type": "THREADS", "media_type": "TEXT_POST", "media_url": None,
            "thumbnail_url": None, "alt_text": None, "children": None, "is_quote_post": False,
            "quoted_post": None, "reposted_post": None, "gif_url": None, "topic_tag": None,
            "link_attachment_url": None, "has_replies": answers, "reply_audience": "EVERYONE",
            "owner": {"id": ACCOUNT} if own and post.on is None else None,
            "is_reply": post.on is not None, "is_reply_owned_by_me": own and post.on is not None,
            "root_post": {"id": post.root} if post.root else None,
            "replied_to": {"id": post.on} if post.on else None,
            "hide_status": post.status if post.on else None,
        }  # fmt: skip
        return told | post.media

    def _listed(
        self, path: str, query: Query, fields: tuple[Wanted, ...], found: list[Post]
    ) -> Entity:
        found = sorted(found, key=lambda p: (p.at, p.id), reverse=True)
        rows: list[Entity] = [{"id": post.id} for post in found if not post.withheld]
        rows = since(query, rows, lambda row: self.posts[str(row["id"])].at)
        piece, paging = self.paged(path, query, rows, lambda row: str(row["id"]))
        answer: Entity = {"data": [self._node(str(row["id"]), fields) for row in piece]}
        return answer | ({"paging": paging} if paging else {})


class ThreadsPlatform(Platform):
    """The same account on a loopback socket, for the suite that every connector passes."""

    connector = CONNECTOR
    shows_comments = True
    hides_comments = True
    portraits = ("/v/",)

    def page(self) -> PageSettings:
        return PageSettings(
            name="threads",
            connector="threads",
            platform="threads",
            url="https://www.threads.com/@ExamplePD",
            secret=SECRET,
            options={"graph_url": self.url},
        )

    def respond(self, asked: Asked) -> Reply:
        server = ThreadsServer(token=SECRET, host=self.url, version="v1.0", slice=self.slice_size)
        for told in sorted(self.told.values(), key=lambda told: told.number):
            server.posts[_name(told.number)] = self._shown(told)
        return server.respond(asked.path, asked.query, asked.headers)

    def _shown(self, told: Told) -> Post:
        root = self.line(told)[0]
        media: Entity = {}
        if told.picture:
            media = {"media_type": "IMAGE", "media_url": f"{self.url}{told.picture}"}
        return Post(
            id=_name(told.number), text=told.text, at=told.at, media=media,
            by="examplepd" if told.on is None else "person7",
            on=None if told.on is None else _name(told.on),
            root=None if told.on is None else _name(root.number),
            status="HIDDEN" if told.hidden else "NOT_HUSHED",
        )  # fmt: skip


def _name(number: int) -> str:
    return str(18_000_000_000_000_000 + number)
