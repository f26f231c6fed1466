"""A sample of Snapchat's copy of an account's data, as it was written over the years."""

from __future__ import annotations

from collections.abc import Callable

from connectors.snapchat_mydata import CONNECTOR
from tests.connectors.sample import Sample

SNAPCHAT_LAYOUTS = ("2022", "2026")
NAMED = "6B4A0BA8-0D40-4F7A-9C53-1B8E2F7D1A10"
ACCOUNT = {"Basic Information": {"Username": "examplepd", "Name": "Example PD"}}
TOLD = "b~EiQSFTM0SEdmSTFNRzBDdkhlelFQ"


def a_chat(said: str | None, sender: str = "doe", **more: object) -> dict[str, object]:
    """Give a saved message as newer exports list it."""
    return {"From": sender, "Media Type": "TEXT", "Created": "2023-11-14 22:13:20 UTC",
            "Content": said, "Conversation Title": None, "IsSender": sender == "examplepd",
            "Created(microseconds)": 1700000000000, "IsSaved": True, "Media IDs": "",
            **more}  # fmt: skip


def a_memory(sort: str = "Image", **more: object) -> dict[str, object]:
    """Give a memory."""
    return {"Date": "2023-11-14 20:00:00 UTC", "Media Type": sort,
            "Location": "Latitude, Longitude: 33.7, -116.2", "Download Link": "",
            "Media Download Url": "", **more}  # fmt: skip


def mydata(
    *, chats: object = None, snaps: object = None, memories: object = None
) -> dict[str, object]:
    """Give the files of an export with what is given."""
    saved = None if memories is None else {"Saved Media": memories}
    told = {"chat_history": chats, "snap_history": snaps, "memories_history": saved}
    files = {f"json/{name}.json": held for name, held in told.items() if held is not None}
    return {**files, "json/account.json": ACCOUNT, "index.html": b"<html>"}


def snapchat(layout: str) -> Callable[[], Sample]:
    """Give the maker of a sample in *layout*."""

    def sample() -> Sample:
        chats: dict[str, object] = {
            "doe": [
                a_chat("Is it safe?"),
                a_chat("Yes &amp; open", "examplepd"),
                a_chat(None, **{"Media Type": "MEDIA", "Media IDs": f"{TOLD} | b~gone"}),
            ]
        }
        snaps: dict[str, object] = {"doe": [{"From": "doe", "Media Type": "IMAGE",
                                             "Created": "2023-11-14 22:20:00 UTC"}]}  # fmt: skip
        said = ["Is it safe?", "Yes &amp; open", "", ""]
        if layout == "2022":
            told = {"Media Type": "TEXT", "Created": "2023-11-14 22:13:20 UTC"}
            asked = {"From": "doe", "Text": "Is it safe?", **told}
            answered = {"To": "doe", "Text": "Yes &amp; open", **told}
            chats = {"Received Saved Chat History": [asked], "Sent Saved Chat History": [answered]}
            snaps = {"Sent Snap History": [{"To": "doe", "Media Type": "VIDEO",
                                            "Created": "2023-11-14 22:20:00 UTC"}]}  # fmt: skip
            said = ["Is it safe?", "Yes & open", ""]
        files = mydata(chats=chats, snaps=snaps, memories=[a_memory(Caption="Our new car")])
        if layout != "2022":
            files[f"chat_media/2023-11-14_{TOLD}.jpg"] = b"JPEG"
        return Sample(
            connector=CONNECTOR,
            files={
                **files,
                f"memories/2023-11-14_{NAMED}-main.jpg": b"JPEG",
                f"memories/2023-11-14_{NAMED}-overlay.png": b"JPEG",
            },
            holding=("json/chat_history.json", "json/snap_history.json",
                     "json/memories_history.json"),
            texts=(*said, "Our new car"),
            private=frozenset({*said, "Our new car"}),
            picture=b"JPEG",
        )  # fmt: skip

    return sample
