"""Live chats on YouTube as the document of `liveChatMessages` describes them.

A chat is named by its video while the stream is on, and is gone with it. The first answer tells
what was said so far, the oldest first; each names where the next one begins, however little there
is, and how long to wait. A slice costs five units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.connectors.youtube_platform import NOON, Refused, Video, YoutubeServer, stamped

Line = dict[str, object]
OWNER = "UCexamplepolicedepart123"


@dataclass
class StreamingServer(YoutubeServer):
    """The channel of a test, some of whose videos are live; *meanwhile* is done at each answer."""

    chats: dict[str, list[Line]] = field(default_factory=dict)
    ended: dict[str, datetime] = field(default_factory=dict)
    refuses: str = ""
    wait: int = 5_000
    meanwhile: Callable[[], None] = lambda: None

    # --- what people do -------------------------------------------------------------------------

    def stream(self, text: str, **more: object) -> str:
        video = self.upload(text, live="live", **more)
        self.chats[video] = []
        return video

    def end(self, video: str, *, at: datetime) -> None:
        self.chats.pop(video)
        self.ended[video] = at
        self.videos[video].live = "none"

    def tell(
        self, video: str, kind: str = "textMessageEvent", *, by: str = "UCneighbor",
        role: str = "", **snippet: object,
    ) -> str:  # fmt: skip
        """Have something told in the chat of *video*, by somebody who is its *role*, or nobody."""
        told = self.chats[video]
        name = f"LCC.{video}.{len(told)}"
        author = {
            "channelId": by, "displayName": f"@{by}", "channelUrl": f"https://www.youtube.com/{by}",
            "isChatOwner": role == "owner", "isChatModerator": role == "moderator",
        }  # fmt: skip
        at = NOON + timedelta(hours=2, seconds=len(told))
        told.append({
            "kind": "youtube#liveChatMessage", "id": name,
            "snippet": {"type": kind, "liveChatId": f"chat-{video}", "publishedAt": stamped(at),
                        "authorChannelId": by, "hasDisplayContent": True, **snippet},
            **({"authorDetails": author} if by else {}),
        })  # fmt: skip
        return name

    def chat(self, video: str, words: str, **more: object) -> str:
        details = {"messageText": words}
        return self.tell(video, textMessageDetails=details, displayMessage=words, **more)

    # --- what the API answers -------------------------------------------------------------------

    def _video(self, video: Video) -> dict[str, object]:
        told = super()._video(video)
        if video.id in self.chats:
            told["liveStreamingDetails"] = {
                "actualStartTime": stamped(NOON), "activeLiveChatId": f"chat-{video.id}",
            }  # fmt: skip
        elif video.id in self.ended:
            told["liveStreamingDetails"] = {
                "actualStartTime": stamped(NOON), "actualEndTime": stamped(self.ended[video.id]),
            }  # fmt: skip
        return told

    def _chat(self, params: Mapping[str, str]) -> dict[str, object]:
        self.spent += 3
        self._count()
        if self.refuses:
            raise Refused(404 if self.refuses == "liveChatNotFound" else 403, self.refuses)
        told = self.chats[params["liveChatId"].removeprefix("chat-")]
        start = int(params.get("pageToken", "0"))
        given = told[start : start + min(int(params["maxResults"]), self.slice)]
        self.meanwhile()
        return {
            "kind": "youtube#liveChatMessageListResponse", "items": given,
            "pollingIntervalMillis": self.wait, "nextPageToken": str(start + len(given)),
        }  # fmt: skip
