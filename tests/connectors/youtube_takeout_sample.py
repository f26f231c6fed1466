"""A sample of Google Takeout of a YouTube channel, in every layout we have seen written down."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence

from connectors.youtube_takeout import CONNECTOR
from tests.connectors.sample import Sample

HOME = "Takeout/YouTube and YouTube Music"
AT = "2023-11-14T22:13:20.15544+00:00"
TAKEOUT_LAYOUTS = ("2022", "2024", "2026")

VIDEO = (
    *("Video ID", "Approx Duration (ms)", "Video Audio Language", "Video Category"),
    *("Video Description (Original)", "Channel ID", "Tag 1", "Tag 2", "Video Title (Original)"),
    *("Privacy", "Video State", "Video Create Timestamp", "Video Publish Timestamp"),
)
COMMENT = {
    "2022": ("Comment ID", "Channel ID", "Comment create timestamp", "Price", "Video ID",
             "Comment text"),
    "2024": ("Comment ID", "Channel ID", "Comment Create Timestamp", "Price", "Parent Comment ID",
             "Video ID", "Comment Text"),
    "2026": ("Comment ID", "Channel ID", "Comment Create Timestamp", "Price", "Parent Comment ID",
             "Post ID", "Video ID", "Comment Text", "Top-Level Comment ID"),
}  # fmt: skip
CHAT = (
    *("Live Chat ID", "Channel ID", "Live Chat Create Timestamp", "Price", "Video ID"),
    "Live Chat Text",
)
POST = ("Post ID", "Channel ID", "Post Create Timestamp", "Post Text")


def table(header: Sequence[str], *rows: Sequence[str]) -> bytes:
    """Give a CSV file as Google writes it."""
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows([header, *rows])
    return written.getvalue().encode()


def said(*words: str) -> str:
    """Give a text as Google writes it: JSON objects with commas between them."""
    return ",".join(json.dumps({"text": word}, ensure_ascii=False) for word in words)


def a_video(named: str, title: str, *, text: str = "", privacy: str = "Public") -> list[str]:
    """Give the row of a video."""
    return [
        named,
        "581000",
        "en",
        "News",
        text,
        "UCus",
        "",
        "",
        title,
        privacy,
        "Processed",
        AT,
        AT,
    ]


def a_comment(named: str, text: str, *, layout: str = "2026", **more: str) -> list[str]:
    """Give the row of a comment under the video v1, in *layout*."""
    told = {"Comment ID": named, "Channel ID": "UCus", "Price": "0", "Video ID": "v1"}
    told |= {"Comment create timestamp": AT, "Comment Create Timestamp": AT}
    told |= {"Comment text": text, "Comment Text": text, **more}
    return [told.get(name, "") for name in COMMENT[layout]]


def takeout(layout: str) -> Callable[[], Sample]:
    """Give the maker of a sample in *layout*."""

    def sample() -> Sample:
        film = f"{HOME}/videos/Road closed_ detour.mp4"
        holding = {
            f"{HOME}/video metadata/videos.csv": table(
                VIDEO,
                a_video("v1", "Road closed: detour", text="Take the\nsecond exit"),
                a_video("v2", "Parade", text="Come all", privacy="Unlisted"),
            ),
            f"{HOME}/comments/comments.csv": table(
                COMMENT[layout],
                a_comment("Ug1", said("Thank ", "you 🙏"), layout=layout),
                a_comment("Ug2", "plain words, as of old", layout=layout),
            ),
            f"{HOME}/comments/comments(1).csv": table(
                COMMENT[layout], a_comment("Ug3", said("At noon"), layout=layout)
            ),
            f"{HOME}/live chats/live chats.csv": table(
                CHAT, ["L1", "UCus", AT, "0", "v1", said("We are live")]
            ),
        }
        if layout == "2026":
            holding[f"{HOME}/posts/posts.csv"] = table(POST, ["Ugk1", "UCus", AT, said("Posted")])
        channel = table(("Channel ID", "Channel Title (Original)"), ["UCus", "Example PD"])
        texts = ["Take the\nsecond exit", "Come all", "Thank you 🙏", "plain words, as of old",
                 "At noon", "We are live"]  # fmt: skip
        return Sample(
            connector=CONNECTOR,
            files={**holding, f"{HOME}/channels/channel.csv": channel, film: b"MP4"},
            holding=tuple(holding),
            texts=[*texts, "Posted"] if layout == "2026" else texts,
            picture=b"MP4",
        )

    return sample
