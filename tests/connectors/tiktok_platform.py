"""An account behind TikTok's Display API, as its documents describe it.

From the documents: "Get User Info", "List Videos" (public videos by time, at most 20, a cursor in
milliseconds, perhaps fewer than asked for though there are more), "Query Videos" (at most 20 ids,
what is not the account's or not public is left out), "Video Object" (times in whole seconds) and
"Error Handling": every answer has an `error`, whose code is `ok` where all is well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archiver.records.pages import PageSettings
from connectors.tiktok import CONNECTOR
from tests.connectors.platforms import FIRST_MOMENT, SECRET, Asked, Platform, Reply

Entity = dict[str, object]
Query = Mapping[str, str]
OPEN_ID = "723f24d7-e717-40f8-a2b6-cb8464cd23b4"
SCOPES = frozenset({"user.info.basic", "user.info.profile", "user.info.stats", "video.list"})


@dataclass(kw_only=True)
class Video:
    """One video; *place* is its time in milliseconds, which TikTok tells in seconds alone."""

    id: str
    text: str
    at: datetime
    place: int
    public: bool = True
    withheld: bool = False
    more: Entity = field(default_factory=dict)


@dataclass(kw_only=True)
class TikTokServer:
    """One account; *withheld* videos are left out of a slice that they take a place in."""

    token: str
    host: str = "http://tiktok.example"
    largest: int = 20
    scopes: frozenset[str] = SCOPES
    videos: dict[str, Video] = field(default_factory=dict)
    account: Entity = field(default_factory=dict)
    blank: bool = False
    refuse: Callable[[str], Reply | None] = lambda _path: None
    asked: list[tuple[str, Entity]] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)

    def publish(self, text: str, *, at: datetime = FIRST_MOMENT, **more: object) -> Video:
        number = len(self.videos)
        name = str(more.pop("id", 7_000_000_000_000 + number))
        place = int(at.timestamp() * 1000) + number % 1000
        self.videos[name] = Video(id=name, text=text, at=at, place=place, **more)  # type: ignore[arg-type] # a test's own fields
        return self.videos[name]

    def respond(
        self, path: str, query: Query, headers: Mapping[str, str], body: bytes = b""
    ) -> Reply:
        path = path.removeprefix("/v2/")
        question: Entity = json.loads(body) if body else {}
        self.asked.append((path, question))
        if (refused := self.refuse(path)) is not None:
            return refused
        if headers.get("authorization") != f"Bearer {self.token}":
            return failure(401, "access_token_invalid")
        if path == "user/info/":
            return self._user(query["fields"].split(","))
        if "video.list" not in self.scopes:
            return failure(401, "scope_not_authorized")
        assert headers["content-type"].startswith("application/json")
        fields = query["fields"].split(",")
        return self._list(question, fields) if path == "video/list/" else self._some(
            question, fields
        )  # fmt: skip

    def _user(self, fields: list[str]) -> Reply:
        scope = {"bio_description": "profile", "username": "profile", "is_verified": "profile",
                 "profile_deep_link": "profile", "follower_count": "stats", "likes_count": "stats",
                 "video_count": "stats"}  # fmt: skip
        if {f"user.info.{scope.get(name, 'basic')}" for name in fields} - self.scopes:
            return failure(401, "scope_not_authorized")
        told = {
            "open_id": OPEN_ID, "display_name": "Example Police", "username": "examplepd",
            "bio_description": "We serve.", "is_verified": True, "follower_count": 12,
            "profile_deep_link": "https://vm.tiktok.com/x/", "likes_count": 30,
            "avatar_large_url": f"{self.host}/media/avatar.png?x-expires=1",
            "video_count": sum(video.public for video in self.videos.values()),
        } | self.account  # fmt: skip
        return fine({"user": {name: told[name] for name in fields if name in told}})

    def _list(self, question: Entity, fields: list[str]) -> Reply:
        count = int(str(question.get("max_count", 10)))
        if not 0 < count <= 20:
            return failure(400, "invalid_params")
        before = int(str(question.get("cursor", 10**15)))
        found = [v for v in self.videos.values() if v.public and v.place < before]
        rows = sorted(found, key=lambda video: video.place, reverse=True)
        piece = [] if self.blank else rows[: min(count, self.largest)]
        told = [self._video(video, fields) for video in piece if not video.withheld]
        more = len(rows) > len(piece) > 0
        return fine({"videos": told, "cursor": piece[-1].place if piece else 0, "has_more": more})

    def _some(self, question: Entity, fields: list[str]) -> Reply:
        asked = question["filters"]["video_ids"]  # type: ignore[index] # a test's own shape
        if len(asked) > 20:
            return failure(400, "invalid_params")
        found = [self.videos[name] for name in asked if name in self.videos and not self.blank]
        return fine({"videos": [self._video(video, fields) for video in found if video.public]})

    def _video(self, video: Video, fields: list[str]) -> Entity:
        told = {
            "id": video.id, "create_time": int(video.at.timestamp()), "title": video.text,
            "video_description": video.text, "duration": 31, "height": 1024, "width": 576,
            "share_url": f"https://www.tiktok.com/@examplepd/video/{video.id}?utm_source=x",
            "embed_link": f"https://www.tiktok.com/player/v1/{video.id}",
            "like_count": 4, "comment_count": 2, "share_count": 0, "view_count": 90,
        } | video.more  # fmt: skip
        return {name: told[name] for name in fields if name in told}


def fine(data: Entity) -> Reply:
    return Reply.json({"data": data, "error": {"code": "ok", "message": "", "log_id": "2026"}})


def failure(status: int, code: str) -> Reply:
    error = {"code": code, "message": "in words", "log_id": "2026"}
    return Reply.json({"data": {}, "error": error}, status=status)


class TikTokPlatform(Platform):
    """The same account on a loopback socket, for the suite that every connector passes."""

    connector = CONNECTOR
    shows_comments = False
    portraits = ("/media/avatar",)

    def page(self) -> PageSettings:
        return PageSettings(
            name="films",
            connector="tiktok",
            platform="tiktok",
            url="https://www.tiktok.com/@ExamplePD",
            secret=SECRET,
            options={"api": f"{self.url}/v2"},
        )

    def respond(self, asked: Asked) -> Reply:
        server = TikTokServer(token=SECRET, host=self.url, largest=self.slice_size)
        for told in sorted(self.told.values(), key=lambda told: told.number):
            if told.on is None:
                cover = {"cover_image_url": f"{self.url}{told.picture}?x-expires=1"}
                more = cover if told.picture else {}
                server.publish(told.text, at=told.at, id=told.number, more=more)
        return server.respond(asked.path, asked.query, asked.headers, asked.body)
