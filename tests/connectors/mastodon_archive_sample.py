"""A sample of Mastodon's archive of an account, as older and newer servers write it."""

from __future__ import annotations

from collections.abc import Callable

from connectors.mastodon_archive import CONNECTOR
from tests.connectors.sample import Sample

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
US = "https://social.example/users/police"
FOLLOWERS = f"{US}/followers"
MEDIA = "media_attachments/files/110/345/678/901/234/567/original/0a1b.jpg"
LOST = "media_attachments/files/110/345/678/901/234/568/original/2c3d.jpg"
LAYOUTS = {
    "unpacked": ("home/mastodon/live/public/system/", ""),
    "with a bucket": ("", "/bucket/"),
    "zipped": ("", ""),
}
"""Where each lays its media in the archive, and what stands before them in the outbox."""


def created(number: int, said: str, **more: object) -> dict[str, object]:
    """Give the activity that made the status *number*, as Mastodon serialises it."""
    at = f"2023-11-14T22:{number // 60 % 60:02}:{number % 60:02}Z"
    note: dict[str, object] = {
        "id": f"{US}/statuses/{number}",
        "type": "Note",
        "summary": None,
        "inReplyTo": None,
        "published": at,
        "url": f"https://social.example/@police/{number}",
        "attributedTo": US,
        "to": [PUBLIC],
        "cc": [FOLLOWERS],
        "sensitive": False,
        "conversation": f"tag:social.example,2023-11-14:objectId={number}:objectType=Conversation",
        "content": f"<p>{said}</p>",
        "contentMap": {"en": f"<p>{said}</p>"},
        "attachment": [],
        "tag": [],
        **more,
    }
    return {"id": f"{US}/statuses/{number}/activity", "type": "Create", "actor": US,
            "published": at, "to": note["to"], "cc": note["cc"], "object": note}  # fmt: skip


def boosted(number: int, address: object) -> dict[str, object]:
    """Give the activity that passed on what stands at *address*."""
    return {"id": f"{US}/statuses/{number}/activity", "type": "Announce", "actor": US,
            "published": "2023-11-14T23:00:00Z", "to": [PUBLIC], "cc": [FOLLOWERS],
            "object": address}  # fmt: skip


def outbox(*activities: object, count: int | None = None) -> dict[str, object]:
    """Give the outbox, which says that it holds *count* activities, or as many as it does."""
    told = len(activities) if count is None else count
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "outbox.json",
        "type": "OrderedCollection",
        "totalItems": told,
        "orderedItems": list(activities),
    }


def a_file(address: str, described: str | None = None) -> dict[str, object]:
    """Give a file of a status."""
    return {"type": "Document", "mediaType": "image/jpeg", "url": address, "name": described}


ACTOR: dict[str, object] = {
    "id": US,
    "type": "Person",
    "preferredUsername": "police",
    "name": "Example PD",
    "summary": '<p>Not monitored. <a href="https://pd.example">pd.example</a></p>',
    "url": "https://social.example/@police",
    "published": "2019-04-01T00:00:00Z",
    "attachment": [{"type": "PropertyValue", "name": "Emergency", "value": "<b>911</b>"}],
    "icon": {"type": "Image", "mediaType": "image/png", "url": "avatar.png"},
}


def mastodon_archive(layout: str) -> Callable[[], Sample]:
    """Give the maker of a sample in *layout*."""

    def sample() -> Sample:
        home, before = LAYOUTS[layout]
        files = [a_file(before + MEDIA, "A closed road"), a_file(before + LOST)]
        ours = f"{US}/statuses/1"
        first = created(1, "Road closed 🚧", attachment=files)
        begun = first["object"]
        assert isinstance(begun, dict)
        activities = [
            first,
            created(2, "Open again", inReplyTo=ours, conversation=begun["conversation"]),
            boosted(3, "https://elsewhere.example/users/fire/statuses/9"),
            created(4, "To our followers", to=[FOLLOWERS], cc=[]),
            created(5, "To one person", to=["https://elsewhere.example/users/doe"], cc=[]),
        ]
        return Sample(
            connector=CONNECTOR,
            files={
                "outbox.json": outbox(*activities),
                "actor.json": ACTOR,
                home + MEDIA: b"JPEG",
            },
            holding=("outbox.json", "actor.json"),
            texts=("Not monitored. pd.example\nEmergency: 911", "Road closed 🚧", "Open again", "",
                   "To our followers", "To one person"),
            private=frozenset({"To our followers", "To one person"}),
            picture=b"JPEG",
        )  # fmt: skip

    return sample
