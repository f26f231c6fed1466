"""Reading what TikTok's Display API says of a video and of the account: pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from archiver.records.captures import Observation
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import count_of, id_of, mail_date, object_of, text_of

JSON = "application/json"
SITE = "https://www.tiktok.com"


def read_video(value: object, raw: bytes, *, author: Author) -> Observation:
    """Read a video of *author*'s: its words, its cover, and its counts.

    Raises:
        AnswerUnreadable: it is no video as documented.
    """
    video = object_of(value, "a video")
    name = id_of(video.get("id"), "a video")
    words = text_of(video, "video_description", absent="")
    title, cover = text_of(video, "title", absent=""), text_of(video, "cover_image_url", absent="")
    shared = text_of(video, "share_url", absent="").partition("?")[0]
    content = Content(
        native_id=name,
        kind=ItemKind.POST,
        title="" if title == words else title,
        text=words,
        published_at=made_at(video),
        author=author,
        permalink=shared or f"{SITE}/@{author.handle}/video/{name}",
        attachments=(Attachment(f"cover {name}", cover, name="cover"),) if cover else (),
        raw=RawFragment(JSON, raw),
    )
    counts = {"comments": "comment_count", "likes": "like_count", "shares": "share_count",
              "views": "view_count"}  # fmt: skip
    return Observation(content=content, engagement=_counted(video, counts))


def made_at(video: object) -> datetime:
    """Give when *video* was posted.

    Raises:
        AnswerUnreadable: it does not say.
    """
    told = object_of(video, "a video").get("create_time")
    if isinstance(told, bool) or not isinstance(told, int):
        raise AnswerUnreadable("the time of a video is no number")
    try:
        return datetime.fromtimestamp(told, tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise AnswerUnreadable("the time of a video is none") from None


def account_author(account: Mapping[str, object]) -> Author:
    """Give the account as the author of its videos; its id is the app's own name for it.

    Raises:
        AnswerUnreadable: it has no id.
    """
    handle = text_of(account, "username", absent="")
    name = text_of(account, "display_name", absent="")
    return Author(id_of(account.get("open_id"), "an account"), name, handle, f"{SITE}/@{handle}")


def read_account(account: Mapping[str, object], raw: bytes, *, moment: str) -> Observation:
    """Read what the account says of itself, as of the *moment* the server gave it out (`Date`).

    Raises:
        AnswerUnreadable: it is no account as documented, or nothing dates it.
    """
    author, when = account_author(account), mail_date(moment)
    if when is None:
        raise AnswerUnreadable("the answer with the account has no date")
    picture = text_of(account, "avatar_large_url", absent="")
    content = Content(
        native_id=f"@{author.handle.lower()}",
        kind=ItemKind.PROFILE,
        title=author.name,
        text=text_of(account, "bio_description", absent=""),
        published_at=when,
        author=author,
        permalink=author.url,
        attachments=(Attachment("avatar", picture, name="avatar"),) if picture else (),
        raw=RawFragment(JSON, raw),
    )
    counts = {"followers": "follower_count", "likes": "likes_count", "videos": "video_count"}
    return Observation(content=content, engagement=_counted(account, counts))


def _counted(entity: Mapping[str, object], names: Mapping[str, str]) -> dict[str, int]:
    told = {ours: count_of(entity.get(theirs)) for ours, theirs in names.items()}
    return {name: count for name, count in told.items() if count is not None}
