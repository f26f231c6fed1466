"""An organization's page behind LinkedIn's versioned API, as its documents describe it.

From the documents: "API Versioning", "Pagination" (start, count, links), "Error Handling", and the
references of Posts, Comments, Social Metadata, Organization Lookup and Images. Lists are ordered
by when a post was made or last changed; counts of many posts come in one batch, a deleted entity
is a 404 with a code, a comment is named by the URN of an *activity* and not of its post.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from archiver.records.pages import PageSettings
from connectors.linkedin import CONNECTOR
from tests.connectors.platforms import FIRST_MOMENT, SECRET, Asked, Platform, Reply, Told

Entity = dict[str, object]
Query = Mapping[str, str]
NUMBER = 2414183
PAGE = f"urn:li:organization:{NUMBER}"
LIVE = frozenset(f"2026{month:02d}" for month in range(1, 13))
_COMMENT = re.compile(r"urn:li:comment:\((urn:li:\w+:\d+),(\d+)\)")


def millis(when: datetime) -> int:
    return int(when.timestamp() * 1000)


class Refused(Exception):
    """An answer that is an error, with the code LinkedIn has for it."""

    def __init__(self, status: int, code: str, **headers: str) -> None:
        super().__init__(code)
        body: Entity = {"status": status, "code": code, "message": "in words"}
        self.reply = Reply.json(body, status=status, **headers)


@dataclass(kw_only=True)
class Comment:
    """One comment on a post, or an answer to a comment (*above*)."""

    urn: str
    text: str
    at: datetime
    above: str = ""
    edited_at: datetime | None = None
    more: Entity = field(default_factory=dict)


@dataclass(kw_only=True)
class Post:
    """One post, perhaps *made* (as a draft) before it was published.

    *hidden* is how many comments LinkedIn counts and shows nobody.
    """

    urn: str
    text: str
    at: datetime
    changed: datetime
    made: datetime | None = None
    edited: bool = False
    more: Entity = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    reactions: Mapping[str, int] = field(default_factory=dict)
    closed: bool = False
    hidden: int = 0


@dataclass(kw_only=True)
class LinkedInServer:
    """One page; *refuse* plays a failure where a test wants it to, *images* are where files lie."""

    token: str
    host: str = "http://linkedin.example"
    largest: int = 100
    posts: dict[str, Post] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    page: Entity = field(default_factory=dict)
    tells_totals: bool = False
    tells_answers: bool = True
    live: frozenset[str] = LIVE
    refuse: Callable[[str, Query], Refused | None] = lambda _path, _query: None
    asked: list[str] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)

    def publish(self, text: str, *, at: datetime = FIRST_MOMENT, **more: object) -> Post:
        number = more.pop("number", 7_000_000_000 + len(self.posts))
        changed = more.pop("changed", at)
        urn = f"urn:li:share:{number}"
        post = Post(urn=urn, text=text, at=at, changed=changed, **more)  # type: ignore[arg-type] # a test's own fields
        self.posts[urn] = post
        return post

    def comment(
        self, post: Post, text: str, *, at: datetime, above: str = "", number: int = 0
    ) -> Comment:
        activity = post.urn.replace("share", "activity")
        name = number or 9_000 + len(post.comments)
        urn = f"urn:li:comment:({activity},{name})"
        post.comments[urn] = Comment(urn=urn, text=text, at=at, above=above)
        return post.comments[urn]

    def respond(self, path: str, query: Query, headers: Mapping[str, str]) -> Reply:
        self.asked.append(path.removeprefix("/rest/"))
        try:
            self._admit(headers)
            if refused := self.refuse(path, query):
                raise refused
            return Reply.json(self._told(path.removeprefix("/rest/").split("/"), query))
        except Refused as refused:
            return refused.reply

    def _admit(self, headers: Mapping[str, str]) -> None:
        if "linkedin-version" not in headers:
            raise Refused(400, "VERSION_MISSING")
        if headers["linkedin-version"] not in self.live:
            raise Refused(426, "NONEXISTENT_VERSION")
        assert headers["x-restli-protocol-version"] == "2.0.0"
        if headers.get("authorization") != f"Bearer {self.token}":
            raise Refused(401, "INVALID_ACCESS_TOKEN")

    def _told(self, parts: Sequence[str], query: Query) -> Entity:
        if parts[0] == "organizations":
            return self._organization(parts[1:], query)
        if parts[0] == "posts":
            return self._post(self._found(parts[1])) if parts[1:] else self._author(query)
        if parts[0] == "socialMetadata":
            named = query["ids"].removeprefix("List(").removesuffix(")").split(",")
            found = {urn: self._social(self.posts[urn]) for urn in named if urn in self.posts}
            return {"results": found, "statuses": {}, "errors": {}}
        if parts[0] == "socialActions":
            return self._comments(parts[1], parts[3:], query)
        if parts[0] == "images" and parts[1] in self.images:
            return {"id": parts[1], "status": "AVAILABLE", "downloadUrl": self.images[parts[1]]}
        raise Refused(404, "RESOURCE_NOT_FOUND")

    def _organization(self, rest: Sequence[str], query: Query) -> Entity:
        told = {
            "id": NUMBER, "vanityName": "examplepd", "localizedName": "Example Police",
            "localizedDescription": "We serve.", "$URN": PAGE,
        } | self.page  # fmt: skip
        if rest:
            if rest[0] != str(NUMBER):
                raise Refused(404, "RESOURCE_NOT_FOUND")
            return told
        found = [told] if query["vanityName"].lower() == told["vanityName"] else []
        return {"paging": {"start": 0, "count": 10, "links": []}, "elements": found}

    def _author(self, query: Query) -> Entity:
        if query["q"] != "author":
            raise Refused(400, "ILLEGAL_ARGUMENT")
        if query["author"] != PAGE:
            raise Refused(403, "ACCESS_DENIED")

        def order(post: Post) -> tuple[datetime, str]:
            made = post.made or post.at
            return (post.changed if query["sortBy"] == "LAST_MODIFIED" else made), post.urn

        rows = sorted(self.posts.values(), key=order, reverse=True)
        return self._paged([self._post(post) for post in rows], query, "/rest/posts?q=author")

    def _paged(self, rows: list[Entity], query: Query, path: str) -> Entity:
        start, count = int(query.get("start", "0")), int(query.get("count", "10"))
        if not 0 < count <= 100:
            raise Refused(400, "ILLEGAL_ARGUMENT")
        most = min(count, self.largest)
        piece, links = rows[start : start + most], list[Entity]()
        if start + most < len(rows) and not self.tells_totals:
            href = f"{path}&start={start + most}&count={count}"
            links = [{"type": "application/json", "rel": "next", "href": href}]
        place: Entity = {"start": start, "count": count, "links": links}
        return {"paging": place | ({"total": len(rows)} if self.tells_totals else {}),
                "elements": piece}  # fmt: skip

    def _found(self, urn: str) -> Post:
        if urn not in self.posts:
            raise Refused(404, "NOT_FOUND")
        return self.posts[urn]

    def _post(self, post: Post) -> Entity:
        return {
            "id": post.urn, "author": PAGE, "commentary": post.text, "visibility": "PUBLIC",
            "createdAt": millis(post.made or post.at), "publishedAt": millis(post.at),
            "lastModifiedAt": millis(post.changed), "lifecycleState": "PUBLISHED",
            "lifecycleStateInfo": {"isEditedByAuthor": post.edited},
            "distribution": {"feedDistribution": "MAIN_FEED"}, "isReshareDisabledByAuthor": False,
        } | post.more  # fmt: skip

    def _social(self, post: Post) -> Entity:
        top = sum(not comment.above for comment in post.comments.values())
        return {
            "entity": post.urn, "commentsState": "CLOSED" if post.closed else "OPEN",
            "commentSummary": {"count": len(post.comments) + post.hidden, "topLevelCount": top},
            "reactionSummaries": {
                kind: {"reactionType": kind, "count": count}
                for kind, count in post.reactions.items()
            },
        }  # fmt: skip

    def _comments(self, target: str, rest: Sequence[str], query: Query) -> Entity:
        """Give what stands directly below *target*: a post, or a comment by its URN."""
        named = _COMMENT.fullmatch(target)
        urn = named[1].replace("activity", "share") if named else target
        post, above = self._found(urn), target if named else ""
        if above and above not in post.comments:
            raise Refused(404, "NOT_FOUND")
        below = [c for c in post.comments.values() if c.above == above]
        if not rest:
            path = f"/rest/socialActions/{target}/comments?x=1"
            return self._paged([self._comment(post, each) for each in below], query, path)
        for each in below:
            if each.urn.endswith(f",{rest[0]})"):
                return self._comment(post, each)
        raise Refused(404, "NOT_FOUND")

    def _comment(self, post: Post, told: Comment) -> Entity:
        by, later = "urn:li:person:Qx7", told.edited_at or told.at
        answers = sum(other.above == told.urn for other in post.comments.values())
        summary: Entity = {"totalFirstLevelComments": answers, "aggregatedTotalComments": answers}
        return {
            "actor": by, "id": told.urn.rpartition(",")[2].rstrip(")"), "commentUrn": told.urn,
            "object": post.urn.replace("share", "activity"),
            "created": {"actor": by, "time": millis(told.at)},
            "lastModified": {"actor": by, "time": millis(later)},
            "message": {"attributes": [], "text": told.text},
            "likesSummary": {"aggregatedTotalLikes": 2, "totalLikes": 2, "selectedLikes": []},
        } | ({"parentComment": told.above} if told.above else {}) | (
            {"commentsSummary": summary} if self.tells_answers and not told.above else {}
        ) | told.more  # fmt: skip


class LinkedInPlatform(Platform):
    """The same page on a loopback socket, for the suite that every connector passes."""

    connector = CONNECTOR
    shows_comments = True

    def page(self) -> PageSettings:
        return PageSettings(
            name="company page",
            connector="linkedin",
            platform="linkedin",
            url="https://www.linkedin.com/company/ExamplePD/",
            secret=SECRET,
            options={"api": f"{self.url}/rest"},
        )

    def respond(self, asked: Asked) -> Reply:
        server = LinkedInServer(token=SECRET, host=self.url, largest=self.slice_size)
        shown: dict[int, Comment] = {}
        for told in sorted(self.told.values(), key=lambda told: told.number):
            if told.on is None:
                self._publish(server, told)
                continue
            root, first, *more = self.line(told)
            above = shown[first.number] if more else None
            post = server.posts[f"urn:li:share:{root.number}"]
            shown[told.number] = server.comment(
                post, told.text, at=told.at, above=above.urn if above else "", number=told.number
            )
            shown[told.number].edited_at = told.edited_at
        return server.respond(asked.path, asked.query, asked.headers)

    def _publish(self, server: LinkedInServer, told: Told) -> None:
        image = f"urn:li:image:{told.number}"
        if told.picture:
            server.images[image] = f"{self.url}{told.picture}"
        server.publish(
            told.text,
            at=told.at,
            number=told.number,
            changed=told.edited_at or told.at,
            edited=told.edited_at is not None,
            more={"content": {"media": {"id": image, "altText": ""}}} if told.picture else {},
        )
