"""A sample of Flickr's copy of an account's data, as it was written over the years."""

from __future__ import annotations

import json
from collections.abc import Callable

from connectors.flickr_export import CONNECTOR
from tests.connectors.sample import Sample

PHOTO, OTHER = "51234567890", "52234567890"
FLICKR_LAYOUTS = ("older", "newer")
PROFILE = {"real_name": "Example PD", "joined_date": "2019-04-01", "nsid": "12345678@N00",
           "description": "Not monitored", "screen_name": "examplepd", "email": "pd@example.gov",
           "profile_url": "https://www.flickr.com/people/examplepd/"}  # fmt: skip


def a_photo(number: str, said: str, *comments: object, **more: object) -> dict[str, object]:
    """Give a photo's own file, with the comments under it."""
    return {"id": number, "name": "Main Street", "description": said, "count_views": "120",
            "count_faves": "3", "count_comments": str(len(comments)),
            "date_taken": "2023-11-13 09:00:00", "date_imported": "2023-11-14 22:13:20",
            "photopage": f"https://www.flickr.com/photos/examplepd/{number}/",
            "original": "https://live.staticflickr.com/1/2_o.jpg", "privacy": "public",
            "tags": [], "comments": list(comments), **more}  # fmt: skip


def a_comment(named: str, said: str, **more: object) -> dict[str, object]:
    """Give a comment under a photo."""
    return {"id": named, "date": "2023-11-14 22:14:00", "user": "87654321@N00", "comment": said,
            "url": f"https://www.flickr.com/photos/examplepd/{PHOTO}/#comment{named}",
            **more}  # fmt: skip


def photo_file(number: str, said: str, *comments: object, **more: object) -> dict[str, object]:
    """Give the files of an export that holds one photo and says whose it is."""
    return {f"photo_{number}.json": a_photo(number, said, *comments, **more),
            "account_profile.json": PROFILE}  # fmt: skip


def mail(named: str, said: str, **more: object) -> dict[str, object]:
    """Give a message of Flickr's own mail."""
    return {"id": named, "from_user_id": "87654321@N00", "to_user_id": "12345678@N00",
            "subject": "A question", "message": said, "date_sent": "2023-11-14 22:15:00",
            **more}  # fmt: skip


def flickr(layout: str) -> Callable[[], Sample]:
    """Give the maker of a sample in *layout*: its lists bare, or within objects."""

    def sample() -> Sample:
        def listed(name: str, *held: object) -> object:
            return list(held) if layout == "older" else {name: list(held)}

        own = {"photo_id": "53", "comment_id": "7", "comment": "Well done", "comment_url": "",
               "date": "2023-11-14 22:16:00"}  # fmt: skip
        album = {"id": "72", "title": "2023", "description": "Our year", "created": "1700000000"}
        told = a_photo(PHOTO, "Road closed 🚧", a_comment("1", "Thank you"), a_comment("2", "Why?"))
        photo = json.dumps(told)
        said = json.dumps(told["comments"])
        apart = photo.replace(said, '[{"reference": "1"}, {"reference": "2"}]')
        files: dict[str, object] = {
            f"photo_{PHOTO}.json": photo,
            f"photo_{OTHER}.json": a_photo(OTHER, "For ourselves", privacy="private"),
            "photos_comments_part001.json": listed("comments", own),
            "received_flickrmail_part001.json": listed("flickrmail", mail("1", "Is it safe?")),
            "albums.json": listed("albums", album),
            "account_profile.json": PROFILE,
        }
        return Sample(
            connector=CONNECTOR,
            files={**files, f"road_{PHOTO}_o.jpg": b"JPEG", f"{OTHER}_0a1b2c_o.jpg": b"JPEG"},
            holding=tuple(files),
            texts=("Road closed 🚧", "Thank you", "Why?", "For ourselves", "Well done",
                   "Is it safe?", "Our year", "Not monitored"),
            private=frozenset({"For ourselves", "Is it safe?"}),
            picture=b"JPEG",
            inside=apart.encode(),
        )  # fmt: skip

    return sample
