"""A sample of TikTok's copy of an account's data, as it was written over the years."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from connectors.tiktok_export import CONNECTOR
from tests.connectors.sample import Sample

VIDEO = "7185096577768508718"
LINK = f"https://www.tiktokv.com/share/video/{VIDEO}/"
TIKTOK_LAYOUTS = {
    "2021": ("user_data.json", "Video", "Videos", "Direct Messages", "Chat History"),
    "2024": ("user_data_tiktok.json", "Post", "Posts", "Direct Message", "Direct Messages"),
}
"""How the file is named, and the sections around its lists."""

PROFILE = {
    "Profile Info": {"ProfileMap": {"userName": "examplepd", "emailAddress": "pd@example.gov"}}
}


def a_video(said: str, link: str = LINK, **more: object) -> dict[str, object]:
    """Give a video as the export lists it."""
    return {"Date": "2023-11-14 22:13:20 UTC", "Link": link, "Likes": "12", "Title": said,
            "WhoCanView": "Public", "Sound": "N/A", **more}  # fmt: skip


def a_comment(said: str, **more: object) -> dict[str, object]:
    """Give a comment of the account's own."""
    return {"date": "2023-11-14 22:14:00", "comment": said, "photo": "N/A", **more}


def a_message(said: str, sender: str = "doe") -> dict[str, object]:
    """Give a private message."""
    return {"Date": "2023-11-14 22:15:00", "From": sender, "Content": said}


def user_data(
    layout: str = "2024",
    *,
    videos: object = None,
    comments: object = None,
    chats: Mapping[str, object] | None = None,
    **more: object,
) -> dict[str, object]:
    """Give the files of an export that holds these lists; `null` for what it has none of."""
    name, post, posts, direct, history = TIKTOK_LAYOUTS[layout]
    data = {
        "Your Activity": {"Watch History": {"VideoList": [{"Date": "2023-11-14", "Link": LINK}]}},
        "Comment": {"Comments": {"CommentsList": comments}},
        direct: {history: {"ChatHistory": chats}},
        "Profile": PROFILE,
        post: {posts: {"VideoList": videos}},
        **more,
    }
    return {name: data}


def tiktok(layout: str) -> Callable[[], Sample]:
    """Give the maker of a sample in *layout*."""

    def sample() -> Sample:
        files = user_data(
            layout,
            videos=[
                a_video("Road closed 🚧"),
                a_video("Open again", "https://v16m.tiktokcdn.com/0a1b/video/?a=1&expire=17"),
                a_video("For ourselves", f"{LINK[:-2]}9/", WhoCanView="Only me"),
            ],
            comments=[a_comment("Thank you"), a_comment("Stay safe", url=LINK)],
            chats={"Chat History with doe:": [a_message("Is it safe?"), a_message("Yes", "us")]},
        )
        return Sample(
            connector=CONNECTOR,
            files={**files, f"videos/{VIDEO}.mp4": b"MP4"},
            holding=tuple(files),
            texts=("Road closed 🚧", "Open again", "For ourselves", "Thank you", "Stay safe",
                   "Is it safe?", "Yes"),
            private=frozenset({"For ourselves", "Is it safe?", "Yes"}),
            picture=b"MP4",
        )  # fmt: skip

    return sample
