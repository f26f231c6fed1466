"""A professional Instagram account behind the Graph API, as the references of IG User, IG Media
and IG Comment say: at most 50 comments at once, the newest first and not by time, replies apart,
stories that are gone after a day, and two hosts with two kinds of login.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archiver.records.pages import PageSettings
from connectors.instagram import CONNECTOR
from tests.connectors.graph_platform import (
    Entity,
    Query,
    Refused,
    Wanted,
    missing,
    since,
    stamped,
    wanted,
)
from tests.connectors.messages_platform import Conversations
from tests.connectors.platforms import FIRST_MOMENT, SECRET, Asked, Platform, Reply, Told

ACCOUNT = "17841400000000001"


@dataclass(kw_only=True)
class Media:
    """A media of the account; a story is one that lasts a day."""

    id: str
    text: str
    at: datetime
    story: bool = False
    product: str = "FEED"
    url: str = "https://scontent.example/v/1_n.jpg"
    thumbnail: str = ""
    children: list[Entity] = field(default_factory=list)
    comments_held_back: int = 0


@dataclass(kw_only=True)
class Answer:
    """A comment on a media, or a reply to one."""

    id: str
    media: str
    text: str
    at: datetime
    author: str = "6001"
    parent: str | None = None
    hidden: bool = False
    restricted: bool = False


@dataclass(kw_only=True)
class InstagramServer(Conversations):
    """One account. *facebook* is the host of a Facebook login, which knows no `me` of it."""

    media: dict[str, Media] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    username: str = "examplepd"
    biography: str = "The police of Example."
    facebook: bool = False
    nameless: bool = False
    forbidden: frozenset[str] = frozenset()
    now: datetime = FIRST_MOMENT
    below: dict[str, list[Answer]] = field(default_factory=dict)

    def answer(self, path: str, query: Query) -> Entity:
        self.below = {}
        for one in self.answers.values():
            self.below.setdefault(one.parent or one.media, []).append(one)
        node, _, edge = path.partition("/")
        node = ACCOUNT if node == "me" and not self.facebook else node
        fields = wanted(query.get("fields", "id"))
        if edge in self.forbidden:
            raise Refused(10, "(#10) Application does not have permission for this action")
        if not edge:
            return self.told_message(node, fields) or self._node(node, fields)
        if told := self.conversed(path, query, fields, owner=ACCOUNT, platform="instagram"):
            return told
        if node == ACCOUNT and edge in {"media", "stories"}:
            return self._listed(path, edge, query, fields)
        if (edge == "comments" and node in self.media) or (
            edge == "replies" and node in self.answers
        ):
            return self._answered(path, node, query, fields)
        raise missing(node)

    def _node(self, node: str, fields: tuple[Wanted, ...]) -> Entity:
        if node == ACCOUNT:
            return self.project(self._account(), fields, node="IGUser")
        if node in self.media and self._shown(self.media[node]):
            return self.project(self._media(self.media[node]), fields, node="IGMedia")
        if node in self.answers and not self.answers[node].restricted:
            return self.project(self._answer(self.answers[node]), fields, node="IGComment")
        raise missing(node)

    def _shown(self, media: Media) -> bool:
        return not media.story or self.now - media.at < timedelta(hours=24)

    def _account(self) -> Entity:
        told: Entity = {
            "id": ACCOUNT, "username": self.username, "name": "Example Police",
            "profile_picture_url": f"{self.host}/v/t51/77_n.jpg?oe=1", "followers_count": 900,
            "follows_count": 4, "media_count": sum(not m.story for m in self.media.values()),
        }  # fmt: skip
        if self.facebook:
            return told | {"biography": self.biography, "website": "https://www.example.gov"}
        return told | {"id": "998877", "user_id": ACCOUNT, "account_type": "BUSINESS"}

    def _media(self, media: Media) -> Entity:
        count = sum(answer.media == media.id for answer in self.answers.values())
        place = "stories/examplepd" if media.story else "p"
        kind = "CAROUSEL_ALBUM" if media.children else "IMAGE"
        return {
            "id": media.id, "timestamp": stamped(media.at), "caption": media.text or None,
            "media_type": kind, "media_product_type": "STORY" if media.story else media.product,
            "media_url": media.url or None, "thumbnail_url": media.thumbnail or None,
            "permalink": f"https://www.instagram.com/{place}/{media.id}/",
            "shortcode": f"C{media.id}", "username": self.username, "owner": {"id": ACCOUNT},
            "comments_count": count + media.comments_held_back, "like_count": 5,
            "is_comment_enabled": True, "alt_text": None,
            "children": {"data": media.children} if media.children else None,
        }  # fmt: skip

    def _answer(self, one: Answer) -> Entity:
        replies = [reply for reply in self.below.get(one.id, []) if not reply.restricted]
        told: Entity = {
            "id": one.id, "timestamp": stamped(one.at), "text": one.text, "hidden": one.hidden,
            "username": None if self.nameless else f"person{one.author}",
            "from": None if self.nameless else {"id": one.author, "username": "person"},
            "like_count": 0, "parent_id": one.parent,
            "replies": {"data": [{"id": reply.id} for reply in replies]} if replies else None,
        }  # fmt: skip
        return told

    def _listed(self, path: str, edge: str, query: Query, fields: tuple[Wanted, ...]) -> Entity:
        found = [
            m for m in self.media.values() if m.story == (edge == "stories") and self._shown(m)
        ]
        found.sort(key=lambda m: (m.at, m.id), reverse=True)
        rows: list[Entity] = [{"id": media.id} for media in found]
        if edge == "media":
            rows = since(query, rows, lambda row: self.media[str(row["id"])].at)
        return self._piece(path, query, rows, fields)

    def _answered(self, path: str, node: str, query: Query, fields: tuple[Wanted, ...]) -> Entity:
        found = [one for one in self.below.get(node, []) if not one.restricted]
        found.sort(key=lambda one: (one.at, one.id), reverse=node in self.media)
        rows: list[Entity] = [{"id": one.id} for one in found]
        capped = dict(query) | {"limit": str(min(50, int(query.get("limit", "50"))))}
        return self._piece(path, capped, rows, fields)

    def _piece(
        self, path: str, query: Query, rows: list[Entity], fields: tuple[Wanted, ...]
    ) -> Entity:
        piece, paging = self.paged(path, query, rows, lambda row: str(row["id"]))
        answer: Entity = {"data": [self._node(str(row["id"]), fields) for row in piece]}
        return answer | ({"paging": paging} if paging else {})


class InstagramPlatform(Platform):
    """The same account on a loopback socket, for the suite that every connector passes."""

    connector = CONNECTOR
    shows_comments = True
    hides_comments = True
    portraits = ("/v/",)

    def page(self) -> PageSettings:
        return PageSettings(
            name="instagram",
            connector="instagram",
            platform="instagram",
            url="https://www.instagram.com/ExamplePD/",
            secret=SECRET,
            options={"graph_url": self.url},
        )

    def respond(self, asked: Asked) -> Reply:
        server = InstagramServer(token=SECRET, host=self.url, slice=self.slice_size)
        for told in sorted(self.told.values(), key=lambda told: told.number):
            self._show(server, told)
        return server.respond(asked.path, asked.query, asked.headers)

    def _show(self, server: InstagramServer, told: Told) -> None:
        name = str(18_000_000_000_000_000 + told.number)
        if told.on is None:
            url = f"{self.url}{told.picture}" if told.picture else ""
            server.media[name] = Media(id=name, text=told.text, at=told.at, url=url)
            return
        root, first, *more = self.line(told)
        server.answers[name] = Answer(
            id=name, media=str(18_000_000_000_000_000 + root.number), text=told.text, at=told.at,
            parent=str(18_000_000_000_000_000 + first.number) if more else None,
            hidden=told.hidden,
        )  # fmt: skip
