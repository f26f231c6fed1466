"""A sample of what each importer reads; the contract of importers runs over all of them.

How a new importer joins: give, for every layout its platform's documents know, a function that
makes a `Sample`, and enter it in `SAMPLES` under the importer's name and the layout's. Then run
`pytest tests/contracts/test_importers.py -k NAME`.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from archiver.ports import Connector, Source
from archiver.records.captures import Gap, Observation, Seen, Window
from archiver.records.items import Content
from archiver.records.pages import FetchSettings, SettingValue
from connectors.facebook_export import CONNECTOR as FACEBOOK
from connectors.instagram_export import CONNECTOR as INSTAGRAM
from tests.connectors.exports import LAYOUTS, as_facebook_writes, write_export
from tests.connectors.flickr_export_sample import FLICKR_LAYOUTS, flickr
from tests.connectors.mail_sample import mail
from tests.connectors.mapped_sample import mapped
from tests.connectors.mastodon_archive_sample import LAYOUTS as MASTODON_LAYOUTS
from tests.connectors.mastodon_archive_sample import mastodon_archive
from tests.connectors.reddit_export_sample import REDDIT_LAYOUTS, reddit
from tests.connectors.rsmf_sample import rsmf
from tests.connectors.sample import NOON, Sample
from tests.connectors.snapchat_mydata_sample import SNAPCHAT_LAYOUTS, snapchat
from tests.connectors.tiktok_export_sample import TIKTOK_LAYOUTS, tiktok
from tests.connectors.warc_sample import WARC_LAYOUTS, warc
from tests.connectors.wordpress_export_sample import WORDPRESS_LAYOUTS, wordpress_export
from tests.connectors.x_archive_sample import X_LAYOUTS, x_archive
from tests.connectors.youtube_takeout_sample import TAKEOUT_LAYOUTS, takeout


@contextmanager
def opened(sample: Sample, path: Path, *, max_bytes: int = 1024**2) -> Iterator[Source]:
    """Open the export at *path* as the importer of *sample* does."""
    spool = path.parent / "spool"
    settings = FetchSettings(user_agent="test", spool=spool, max_bytes=max_bytes)
    with closing(sample.connector.open(sample.page(), settings, deposit=path)) as source:
        yield source


LONG = "Road closed, take the detour. " * 700
"""A text of 20 kB: some hundreds of them are more than an importer may hold."""


@dataclass(frozen=True)
class Importing:
    """What one importer makes of files that a test gives it."""

    connector: Connector

    def everything(
        self, tmp_path: Path, files: Mapping[str, object], **options: SettingValue
    ) -> list[Seen]:
        """Give all that a visit to an export of *files* yields."""
        told = Sample(connector=self.connector, files=files, holding=(), texts=(), options=options)
        with opened(told, write_export(tmp_path / "x.zip", dict(files))) as source:
            return list(source.visit(Window()))

    def observed(
        self, tmp_path: Path, files: Mapping[str, object], **options: SettingValue
    ) -> list[Observation]:
        """Give the items of it, as they were seen."""
        seen = self.everything(tmp_path, files, **options)
        return [each for each in seen if isinstance(each, Observation)]

    def contents(
        self, tmp_path: Path, files: Mapping[str, object], **options: SettingValue
    ) -> list[Content]:
        """Give what the items of it say."""
        return [each.content for each in self.observed(tmp_path, files, **options)]

    def peak(self, tmp_path: Path, files: Mapping[str, object]) -> tuple[int, int]:
        """Give how many items there are, and how much memory reading them takes at the most."""
        told = Sample(connector=self.connector, files=files, holding=(), texts=())
        path = write_export(tmp_path / "x.zip", dict(files))
        tracemalloc.start()
        try:
            with opened(told, path) as source:
                count = sum(isinstance(each, Observation) for each in source.visit(Window()))
            return count, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    def gaps(self, tmp_path: Path, files: Mapping[str, object]) -> list[Gap]:
        """Give what of it could not be had."""
        return [each for each in self.everything(tmp_path, files) if isinstance(each, Gap)]


def facebook(layout: str) -> Callable[[], Sample]:
    """Give the maker of a Facebook page's export in *layout*."""

    def sample() -> Sample:
        posts, comments, media = LAYOUTS[layout]
        home = posts.partition("/")[0] + "/" if posts.count("/") > 1 else ""
        messages = f"{home}messages/inbox/doe_17/message_1.json"
        picture = f"{media}/Patrol_1/1_n.jpg"
        first = {
            "timestamp": NOON,
            "data": [{"post": as_facebook_writes("Road closed 🚧, take the detour")}],
            "attachments": [
                {"data": [{"media": {"uri": uri}} for uri in (picture, f"{media}/gone.jpg")]}
            ],
        }
        second = {"timestamp": NOON + 60, "data": [{"post": "Open again"}]}
        said = {"timestamp": NOON + 90, "comment": "Thank you", "author": "Us"}
        asked = {"sender_name": "Doe", "timestamp_ms": NOON * 1000, "content": "Is it safe?"}
        return Sample(
            connector=FACEBOOK,
            files={
                posts.format(1): [first, second],
                comments: {"comments_v2": [{"timestamp": NOON + 90, "data": [{"comment": said}]}]},
                messages: {"participants": [{"name": "Doe"}], "messages": [asked]},
                picture: b"JPEG",
            },
            holding=(posts.format(1), comments, messages),
            texts=("Road closed 🚧, take the detour", "Open again", "Thank you", "Is it safe?"),
            private=frozenset({"Is it safe?"}),
            picture=b"JPEG",
        )

    return sample


INSTAGRAM_FOLDERS = {
    "2021": ("content", "comments", "messages"),
    "2023": ("your_instagram_activity/content", "your_instagram_activity/comments",
             "your_instagram_activity/messages"),
    "2025": ("your_instagram_activity/media", "your_instagram_activity/comments",
             "your_instagram_activity/messages"),
}  # fmt: skip
ENGLISH = ("Comment", "Media Owner", "Time")
FRENCH = ("Commentaire", "Propriétaire du média\xa0: ", "Heure")


def instagram_comment(
    text: str, timestamp: int, labels: tuple[str, str, str] = ENGLISH, owner: str = "kfire"
) -> dict[str, object]:
    """Give a comment as Instagram labels it; its labels too are written as if Latin-1."""
    said, whose, when = map(as_facebook_writes, labels)
    values: dict[str, object] = {
        said: {"value": as_facebook_writes(text)},
        whose: {"value": owner},
        when: {"timestamp": timestamp},
    }
    return {"media_list_data": [{"uri": ""}], "string_map_data": values}


def instagram(layout: str) -> Callable[[], Sample]:
    """Give the maker of an Instagram account's export in *layout*; that of 2023 is in French."""

    def sample() -> Sample:
        content, comments, messages = INSTAGRAM_FOLDERS[layout]
        photo, film = "media/posts/202311/1_n.jpg", "media/reels/202311/2_n.mp4"
        one = {"uri": photo, "creation_timestamp": NOON, "title": as_facebook_writes("Señal 🚧")}
        two = [{"uri": uri, "creation_timestamp": NOON, "title": ""} for uri in (photo, film)]
        album = {"media": two, "title": "Two pictures", "creation_timestamp": NOON + 5}
        reel = {"media": [{"uri": film, "creation_timestamp": NOON + 10, "title": "A reel"}]}
        story = {"uri": photo, "creation_timestamp": NOON + 20, "title": "A story"}
        archived = {"media": [{**one, "title": "Put away", "creation_timestamp": NOON + 30}]}
        old = {"title": "kfire", "string_list_data": [{"value": "Merci", "timestamp": NOON + 40}]}
        labels = FRENCH if layout == "2023" else ENGLISH
        new = instagram_comment("Merci", NOON + 40, labels)
        asked = {"sender_name": "Doe", "timestamp_ms": NOON * 1000, "content": "Is it safe?"}
        files: dict[str, object] = {
            f"{content}/posts_1.json": [{"media": [one]}, album],
            f"{content}/reels.json": {"ig_reels_media": [reel]},
            f"{content}/stories.json": {"ig_stories": [story]},
            f"{content}/archived_posts.json": {"ig_archived_post_media": [archived]},
            f"{comments}/post_comments_1.json": [new],
            f"{messages}/inbox/doe_17/message_1.json": {"messages": [asked]},
        }
        if layout == "2021":
            del files[f"{comments}/post_comments_1.json"]
            files[f"{comments}/post_comments.json"] = {"comments_media_comments": [old]}
        return Sample(
            connector=INSTAGRAM,
            files={**files, photo: b"JPEG"},
            holding=tuple(files),
            texts=(
                "Señal 🚧", "Two pictures", "A reel", "A story", "Put away", "Merci", "Is it safe?",
            ),
            private=frozenset({"Is it safe?"}),
            picture=b"JPEG",
        )  # fmt: skip

    return sample


SAMPLES: dict[str, Callable[[], Sample]] = {
    **{f"facebook-export {layout}": facebook(layout) for layout in sorted(LAYOUTS)},
    **{f"flickr-export {layout}": flickr(layout) for layout in FLICKR_LAYOUTS},
    **{f"instagram-export {layout}": instagram(layout) for layout in INSTAGRAM_FOLDERS},
    **{f"mail-export {form}": mail(form) for form in ("mailbox", "maildir", "messages")},
    **{f"mapped-export {name}": mapped(name) for name in ("csv", "jsonl", "json")},
    **{f"mastodon-archive {layout}": mastodon_archive(layout) for layout in MASTODON_LAYOUTS},
    **{f"reddit-export {layout}": reddit(layout) for layout in REDDIT_LAYOUTS},
    **{f"rsmf {version}": rsmf(version) for version in ("1.0.0", "2.0.0")},
    **{f"snapchat-mydata {layout}": snapchat(layout) for layout in SNAPCHAT_LAYOUTS},
    **{f"tiktok-export {layout}": tiktok(layout) for layout in TIKTOK_LAYOUTS},
    **{f"warc-deposit {layout}": warc(layout) for layout in WARC_LAYOUTS},
    **{f"wordpress-export {layout}": wordpress_export(layout) for layout in WORDPRESS_LAYOUTS},
    **{f"x-archive {layout}": x_archive(layout) for layout in X_LAYOUTS},
    **{f"youtube-takeout {layout}": takeout(layout) for layout in TAKEOUT_LAYOUTS},
}

ONE_OF_EACH: dict[str, Callable[[], Sample]] = {
    name.partition(" ")[0]: maker for name, maker in SAMPLES.items()
}
"""One layout of each importer, for what does not turn on the layout."""
