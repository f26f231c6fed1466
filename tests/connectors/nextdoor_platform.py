"""An agency's profile behind Nextdoor's partner API, as far as Nextdoor documents it.

From the documents: "Get authorization code" (scopes), the reference of me, me/profiles and post,
"Data Types" of the Sharing and of the Displaying Content APIs, and the Share API's collection: 401
without a token, 403 for want of a scope. A post is told in either of two shapes; the list of posts
has no pages. What more is shown here (how many posts at most) is what archiving services report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archiver.records.pages import PageSettings
from connectors.nextdoor import CONNECTOR
from tests.connectors.platforms import FIRST_MOMENT, SECRET, Asked, Platform, Reply, Told

Entity = dict[str, object]
Query = Mapping[str, str]
PROFILE = "sp_7Yk2"
BASE = "/external/api/partner/v1/"


@dataclass(kw_only=True)
class Comment:
    """One comment on a post, or an answer to the comment numbered *above*."""

    number: int
    text: str
    at: datetime
    above: int | None = None
    more: Entity = field(default_factory=dict)


@dataclass(kw_only=True)
class Post:
    """One post, and what was said to it."""

    name: str
    text: str
    at: datetime
    changed: datetime
    media: tuple[str, ...] = ()
    comments: list[Comment] = field(default_factory=list)
    more: Entity = field(default_factory=dict)


@dataclass(kw_only=True)
class NextdoorServer:
    """One agency's profile; *tells* is what posts come with: `comments`, `count`, or nothing.

    *shape* is `shared` or `displayed`; *under* names the list, or nothing does.
    """

    token: str
    host: str = "http://nextdoor.example"
    largest: int = 50
    shape: str = "shared"
    tells: frozenset[str] = frozenset({"comments", "count"})
    under: str = "posts"
    posts: dict[str, Post] = field(default_factory=dict)
    profile: Entity = field(default_factory=dict)
    refuse: Callable[[str], Reply | None] = lambda _path: None
    asked: list[str] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)

    def publish(self, text: str, *, at: datetime = FIRST_MOMENT, **more: object) -> Post:
        name = str(more.pop("name", f"s_{len(self.posts):05}"))
        changed = more.pop("changed", at)
        self.posts[name] = Post(name=name, text=text, at=at, changed=changed, **more)  # type: ignore[arg-type] # a test's own fields
        return self.posts[name]

    def comment(
        self, post: Post, text: str, *, at: datetime, above: int | None = None, number: int = 0
    ) -> Comment:
        number = number or 1_000 * (1 + list(self.posts).index(post.name)) + len(post.comments)
        post.comments.append(Comment(number=number, text=text, at=at, above=above))
        return post.comments[-1]

    def respond(self, path: str, query: Query, headers: Mapping[str, str]) -> Reply:
        path = path.removeprefix(BASE)
        self.asked.append(path)
        if (refused := self.refuse(path)) is not None:
            return refused
        if headers.get("authorization") != f"Bearer {self.token}":
            return Reply.json({"error": "unauthenticated"}, status=401)
        if path == "me/":
            return Reply.json({"id": "u_1", "agency_id": 77, "agency_name": "Example Police"})
        if path == "me/profiles/":
            ours = {"id": PROFILE, "name": "A. Clerk", "about": "We serve."} | self.profile
            return Reply.json({"profiles": [{"id": "sp_other", "name": "Neighbor"}, ours]})
        assert path == "post/"
        if query["secure_profile_id"] != PROFILE:
            return Reply.json({"error": "forbidden"}, status=403)
        rows = sorted(self.posts.values(), key=lambda post: (post.at, post.name), reverse=True)
        told = [self._post(post) for post in rows[: self.largest]]
        return Reply.json({self.under: told} if self.under else told)

    def _post(self, post: Post) -> Entity:
        told: Entity = {"share_link": f"https://nextdoor.com/p/{post.name}", "guid": post.name,
                        "body_text": post.text, "created_at": post.at.isoformat(),
                        "updated_at": post.changed.isoformat(), "like_count": 3,
                        "media_attachments": list(post.media)}  # fmt: skip
        if self.shape == "displayed":
            told = {"id": post.name, "body": post.text, "title": "", "like_count": 3,
                    "creation_date_epoch_seconds": int(post.at.timestamp()),
                    "public_post_url": f"https://nextdoor.com/p/{post.name}",
                    "media": list(post.media)}  # fmt: skip
        if "count" in self.tells:
            told["comment_count"] = len(post.comments)
        if "comments" in self.tells:
            told["comments"] = self._comments(post, None)
        return told | post.more

    def _comments(self, post: Post, above: int | None) -> list[Entity]:
        return [
            {"id": comment.number, "body": comment.text, "author_name": "Pat P.", "like_count": 1,
             "creation_date": int(comment.at.timestamp()), "parent_comment_id": above,
             "comments": self._comments(post, comment.number)} | comment.more
            for comment in post.comments
            if comment.above == above
        ]  # fmt: skip


class NextdoorPlatform(Platform):
    """The same profile on a loopback socket, for the suite that every connector passes."""

    connector = CONNECTOR
    shows_comments = True

    def page(self) -> PageSettings:
        return PageSettings(
            name="neighbors",
            connector="nextdoor",
            platform="nextdoor",
            url="https://nextdoor.com/agency/example-police/",
            secret=SECRET,
            options={"api": f"{self.url}{BASE}", "profile": PROFILE},
        )

    def respond(self, asked: Asked) -> Reply:
        server = NextdoorServer(token=SECRET, host=self.url, largest=10_000)
        roots: dict[int, Post] = {}
        for told in sorted(self.told.values(), key=lambda told: told.number):
            if told.on is None:
                roots[told.number] = self._publish(server, told)
                continue
            root = self.told[told.on]
            while root.on is not None:
                root = self.told[root.on]
            above = None if root.number == told.on else told.on
            post = roots[root.number]
            server.comment(post, told.text, at=told.at, above=above, number=told.number)
        return server.respond(asked.path, asked.query, asked.headers)

    def _publish(self, server: NextdoorServer, told: Told) -> Post:
        media = (f"{self.url}{told.picture}",) if told.picture else ()
        changed = told.edited_at or told.at
        name = f"s_{told.number}"
        return server.publish(told.text, at=told.at, name=name, changed=changed, media=media)
