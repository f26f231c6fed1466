"""YouTube's Data API v3 as its documentation describes it, small enough to be read in one sitting.

It holds one channel, its uploads and what the public says under them, counts quota units, and
shows whoever manages the channel what it shows nobody else. Tokens of slices are positions in a
list, so that what is published meanwhile moves everything by one.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from archiver.records.pages import PageSettings
from connectors.youtube import CONNECTOR
from tests.connectors.platforms import SECRET, Asked, Platform, Reply, Told

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CHANNEL = "UCexamplepolicedepart123"
UPLOADS = "UUexamplepolicedepart123"
KEY = "AIzaSyExampleExampleExampleExample"
TOKEN = "ya29.the-token-of-the-channels-manager"
STRANGER = "ya29.the-token-of-somebody-else"
LIMITS = {"playlistItems": 50, "commentThreads": 100, "comments": 100}
REPLIES_SHOWN = 5

Sent = tuple[int, dict[str, str], bytes]


class Refused(Exception):
    """The API refuses: its status, the reason it codes, and the domain of the reason."""

    def __init__(self, status: int, reason: str, domain: str = "youtube.api") -> None:
        super().__init__(reason)
        self.status, self.reason, self.domain = status, reason, domain


def stamped(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(kw_only=True)
class Video:
    """One upload; *privacy* and *upload* as in `status`."""

    id: str
    text: str
    at: datetime
    title: str = "Notice"
    privacy: str = "public"
    upload: str = "processed"
    rejection: str = ""
    picture: str = ""
    comments_off: bool = False
    withheld: int = 0
    live: str = "none"


@dataclass(kw_only=True)
class Comment:
    """One comment, or a reply to one."""

    id: str
    video: str
    text: str
    at: datetime
    edited: datetime | None = None
    parent: str = ""
    author: str = "UCneighbor"
    status: str = "published"
    image: str = ""


@dataclass
class YoutubeServer:
    """One channel, its uploads and their comments; *quota* is what a day allows.

    *withdrawn* are fields that answers lack, or `ID.field` for those of one comment.
    """

    slice: int = 100
    quota: int = 10_000
    spent: int = 0
    date: datetime = NOON
    manages: bool = False
    description: str = "We keep the peace."
    trailer: str = ""
    images: str = "https://yt3.example"
    withdrawn: frozenset[str] = frozenset()
    videos: dict[str, Video] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    fail: Callable[[str, Mapping[str, str]], Sent | None] = lambda _resource, _params: None

    # --- what people do -----------------------------------------------------------------------

    def upload(self, text: str, *, at: datetime | None = None, **more) -> str:
        number = len(self.videos) + 1
        native_id = more.pop("id", f"vid{number:08}")
        when = at or NOON + timedelta(minutes=number)
        self.videos[native_id] = Video(id=native_id, text=text, at=when, **more)
        return native_id

    def say(self, on: str, text: str, *, at: datetime | None = None, **more) -> str:
        """Let somebody comment on the video *on*, or reply to the comment *on*."""
        number = len(self.comments) + 1
        above = self.comments.get(on)
        root = (above.parent or above.id) if above else ""
        native_id = more.pop("id", f"{root}.r{number}" if root else f"Ugx{number:06}")
        self.comments[native_id] = Comment(
            id=native_id, video=above.video if above else on, text=text, parent=root,
            at=at or NOON + timedelta(hours=1, seconds=number), **more,
        )  # fmt: skip
        return native_id

    def remove(self, native_id: str) -> None:
        self.videos.pop(native_id, None)
        for other in list(self.comments.values()):
            if native_id in {other.id, other.parent, other.video}:
                del self.comments[other.id]

    # --- what the API answers -----------------------------------------------------------------

    def respond(self, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Sent:
        resource = path.rpartition("/")[2]
        self.asked.append((resource, dict(params)))
        if (misbehaved := self.fail(resource, params)) is not None:
            return misbehaved
        try:
            self.manages = self._credential(headers)
            self._count()
            answer: dict[str, object] = {
                "channels": self._channels, "playlistItems": self._uploads, "videos": self._videos,
                "commentThreads": self._threads, "comments": self._comments,
                "messages": self._chat,
            }[resource](params)  # fmt: skip
        except Refused as refused:
            return self._refusal(refused)
        head = {"content-type": "application/json; charset=UTF-8", "date": self._clock()}
        return 200, head, json.dumps(answer, indent=2).encode()

    def _credential(self, headers: Mapping[str, str]) -> bool:
        told = headers.get("authorization", "")
        if told:
            if told not in {f"Bearer {TOKEN}", f"Bearer {STRANGER}", f"Bearer {SECRET}"}:
                raise Refused(401, "authError", "global")
            return told != f"Bearer {STRANGER}"
        if headers.get("x-goog-api-key") != KEY:
            raise Refused(400, "API_KEY_INVALID", "googleapis.com")
        return False

    def _count(self) -> None:
        self.spent += 1
        if self.spent > self.quota:
            raise Refused(403, "quotaExceeded", "youtube.quota")

    def _refusal(self, refused: Refused) -> Sent:
        why = {"message": "Sorry.", "domain": refused.domain, "reason": refused.reason}
        error = {"code": refused.status, "message": "Sorry.", "errors": [why]}
        if refused.domain == "googleapis.com":
            error["errors"] = [{**why, "reason": "badRequest"}]
            error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", **why}]
        head = {"content-type": "application/json; charset=UTF-8", "date": self._clock()}
        return refused.status, head, json.dumps({"error": error}, indent=2).encode()

    def _clock(self) -> str:
        return self.date.strftime("%a, %d %b %Y %H:%M:%S GMT")

    def _channels(self, params: Mapping[str, str]) -> dict[str, object]:
        asked = params.get("id") or params.get("forHandle", "").lstrip("@") or params["forUsername"]
        public = [v for v in self.videos.values() if v.privacy == "public"]
        if asked not in {CHANNEL, "police"}:
            return {"kind": "youtube#channelListResponse", "pageInfo": {"totalResults": 0}}
        channel = {
            "kind": "youtube#channel", "id": CHANNEL,
            "snippet": {
                "title": "Indio Police", "description": self.description, "customUrl": "@police",
                "publishedAt": "2011-05-01T09:00:00Z",
                "thumbnails": {"default": {"url": f"{self.images}/face=s88"}},
            },
            "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": UPLOADS}},
            "statistics": {
                "viewCount": "12345", "subscriberCount": "67", "hiddenSubscriberCount": False,
                "videoCount": str(len(public)),
            },
            "brandingSettings": {
                "channel": {"title": "Indio Police", "unsubscribedTrailer": self.trailer},
                "image": {"bannerExternalUrl": f"{self.images}/banner"},
            },
        }  # fmt: skip
        return {"kind": "youtube#channelListResponse", "items": [channel]}

    def _uploads(self, params: Mapping[str, str]) -> dict[str, object]:
        shown = [v for v in self.videos.values() if self.manages or v.privacy != "private"]
        if params["playlistId"] != UPLOADS or not shown:
            raise Refused(404, "playlistNotFound", "youtube.playlistItem")
        shown.sort(key=lambda v: (v.at, v.id), reverse=True)
        items = [
            {
                "kind": "youtube#playlistItem", "id": f"item-{video.id}",
                "contentDetails": {"videoId": video.id, "videoPublishedAt": stamped(video.at)},
            }
            for video in shown
        ]  # fmt: skip
        return self._sliced("playlistItems", items, params)

    def _videos(self, params: Mapping[str, str]) -> dict[str, object]:
        names = params["id"].split(",")
        if len(names) > 50:
            raise Refused(400, "invalidFilters")
        found = [self.videos[name] for name in names if name in self.videos]
        shown = [v for v in found if self.manages or (v.privacy != "private" and not v.rejection)]
        return {"kind": "youtube#videoListResponse", "items": [self._video(v) for v in shown]}

    def _video(self, video: Video) -> dict[str, object]:
        sizes = {"high": {"url": video.picture, "width": 480}} if video.picture else {}
        status: dict[str, object] = {
            "uploadStatus": video.upload, "privacyStatus": video.privacy, "license": "youtube",
        }  # fmt: skip
        if video.rejection:
            status["rejectionReason"] = video.rejection
        status = {name: told for name, told in status.items() if name not in self.withdrawn}
        said = [c for c in self.comments.values() if c.video == video.id]
        counts = {"viewCount": "99", "likeCount": "3"}
        if not video.comments_off:
            counts["commentCount"] = str(
                sum(c.status == "published" for c in said) + video.withheld
            )
        return {
            "kind": "youtube#video", "id": video.id,
            "snippet": {
                "publishedAt": stamped(video.at), "channelId": CHANNEL, "title": video.title,
                "description": video.text, "thumbnails": sizes, "channelTitle": "Indio Police",
                "liveBroadcastContent": video.live, "defaultAudioLanguage": "en",
            },
            "contentDetails": {"duration": "PT1M"}, "status": status, "statistics": counts,
        }  # fmt: skip

    def _chat(self, params: Mapping[str, str]) -> dict[str, object]:
        """Answer for a live chat: this channel streams nothing; see `youtube_chat`."""
        raise Refused(404, "liveChatNotFound", params["liveChatId"])

    def _threads(self, params: Mapping[str, str]) -> dict[str, object]:
        wanted = params.get("moderationStatus", "published")
        if wanted != "published" and not self.manages:
            raise Refused(403, "forbidden", "youtube.commentThread")
        video = params.get("videoId")
        if video is not None:
            self._commentable(video)
        elif params["allThreadsRelatedToChannelId"] != CHANNEL:
            raise Refused(404, "channelNotFound", "youtube.commentThread")
        threads: dict[str, list[Comment]] = {}
        for said in sorted(self.comments.values(), key=lambda c: (c.at, c.id), reverse=True):
            if video in {None, said.video} and not self.videos[said.video].comments_off:
                threads.setdefault(said.parent or said.id, []).append(said)
        found = [sorted(thread, key=lambda c: bool(c.parent)) for thread in threads.values()]
        shown = [(top, replies) for top, *replies in found if _lists(wanted, top, replies)]
        shown.sort(key=lambda thread: (thread[0].at, thread[0].id), reverse=True)
        answer = self._sliced("commentThreads", shown, params)
        return answer | {"items": [self._thread(*each, params) for each in answer["items"]]}

    def _commentable(self, video: str) -> None:
        found = self.videos.get(video)
        if found is None or (found.privacy == "private" and not self.manages):
            raise Refused(404, "videoNotFound", "youtube.commentThread")
        if found.comments_off:
            raise Refused(403, "commentsDisabled", "youtube.commentThread")

    def _thread(
        self, top: Comment, answers: list[Comment], params: Mapping[str, str]
    ) -> dict[str, object]:
        wanted = params.get("moderationStatus", "published")
        replies = [c for c in answers if c.status in {"published", wanted}]
        thread: dict[str, object] = {
            "kind": "youtube#commentThread", "id": top.id,
            "snippet": {
                "channelId": CHANNEL, "videoId": top.video, "canReply": True, "isPublic": True,
                "topLevelComment": self._comment(top, params),
                "totalReplyCount": len(replies),
            },
        }  # fmt: skip
        if replies:
            shown = [self._comment(c, params) for c in replies[:REPLIES_SHOWN]]
            thread["replies"] = {"comments": shown}
        return thread

    def _comments(self, params: Mapping[str, str]) -> dict[str, object]:
        if names := params.get("id"):
            found = [self.comments.get(name) for name in names.split(",")]
            shown = [c for c in found if c and (c.status == "published" or self.manages)]
            items = [self._comment(c, params, told=False) for c in shown]
            return {"kind": "youtube#commentListResponse", "items": items}
        if params["parentId"] not in self.comments:
            raise Refused(404, "commentNotFound", "youtube.comment")
        replies = [c for c in self.comments.values() if c.parent == params["parentId"]]
        shown = [c for c in replies if c.status == "published"]
        items = [self._comment(c, params) for c in shown]
        return self._sliced("comments", items, params)

    def _comment(
        self, comment: Comment, params: Mapping[str, str], *, told: bool = True
    ) -> dict[str, object]:
        plain = params.get("textFormat") == "plainText"
        snippet: dict[str, object] = {
            "channelId": CHANNEL, "videoId": comment.video, "authorDisplayName": "@neighbor",
            "authorChannelUrl": "http://www.youtube.com/@neighbor",
            "authorChannelId": {"value": comment.author}, "canRate": True, "likeCount": 2,
            "textDisplay": comment.text if plain else html.escape(comment.text),
            "publishedAt": stamped(comment.at), "updatedAt": stamped(comment.edited or comment.at),
        }  # fmt: skip
        if comment.parent:
            snippet["parentId"] = comment.parent
        if comment.image:
            snippet["imageUrl"] = comment.image
        withheld = {"moderationStatus", f"{comment.id}.moderationStatus"} & self.withdrawn
        if self.manages and told and not withheld:  # by id it is told to nobody
            snippet["moderationStatus"] = comment.status
        return {"kind": "youtube#comment", "etag": "e", "id": comment.id, "snippet": snippet}

    def _sliced(
        self, resource: str, items: list[dict[str, object]], params: Mapping[str, str]
    ) -> dict[str, object]:
        size = int(params.get("maxResults", "20"))
        if not 1 <= size <= LIMITS[resource]:
            raise Refused(400, "invalidValue")
        size = min(size, self.slice)
        try:
            at = int(base64.b64decode(params.get("pageToken", "MA==")))
        except ValueError:
            raise Refused(400, "invalidPageToken") from None
        answer: dict[str, object] = {
            "kind": f"youtube#{resource}ListResponse", "items": items[at : at + size],
            "pageInfo": {"totalResults": len(items), "resultsPerPage": size},
        }  # fmt: skip
        if at + size < len(items):
            answer["nextPageToken"] = base64.b64encode(str(at + size).encode()).decode()
        return answer


def _lists(status: str, top: Comment, replies: list[Comment]) -> bool:
    """Say whether a thread is listed under *status*: a held reply lists it, too."""
    if status == "published":
        return top.status == status
    return any(c.status == status for c in (top, *replies))


class YoutubePlatform(Platform):
    """The same API on a loopback socket, for the suite that every connector passes."""

    connector = CONNECTOR
    shows_comments = True
    hides_comments = True
    portraits = ("/images/",)

    def page(self) -> PageSettings:
        return PageSettings(
            name="videos",
            connector="youtube",
            platform="youtube",
            url="https://www.youtube.com/@police",
            secret=SECRET,
            options={"api": f"{self.url}/youtube/v3"},
        )

    def respond(self, asked: Asked) -> Reply:
        server = YoutubeServer(slice=self.slice_size, date=self.now, images=f"{self.url}/images")
        for told in sorted(self.told.values(), key=lambda told: told.number):
            self._show(server, told)
        status, headers, body = server.respond(asked.path, asked.query, asked.headers)
        return Reply(status, body, headers)

    def _show(self, server: YoutubeServer, told: Told) -> None:
        if told.on is None:
            picture = self.url + told.picture if told.picture else ""
            native_id = f"vid{told.number:08}"
            server.upload(told.text, at=told.at, id=native_id, picture=picture)
            return
        video, first, *more = self.line(told)
        root = f"Ugx{first.number:06}" if more else ""
        server.say(
            root or f"vid{video.number:08}",
            told.text,
            id=f"{root}.r{told.number}" if root else f"Ugx{told.number:06}",
            at=told.at,
            edited=told.edited_at,
            status="heldForReview" if told.hidden else "published",
        )
