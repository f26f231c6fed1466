"""Reading what the Graph API says of a professional Instagram account: pure.

Field names are those of IG User, IG Media and IG Comment of the reference. A field on which the
record depends must be there; whatever else is answered stays in the raw fragment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import count_of, id_of, moment_of, object_of, optional_id, text_of
from connectors.graph import Node, Standing, file_name, hidden_by, missing_of, served

JSON = "application/json"
SITE = "https://www.instagram.com"

_FILE = "media_type,media_url,thumbnail_url,alt_text"
MEDIA_FIELDS = (
    *("id", "timestamp", "caption", "media_type", "media_product_type", "media_url"),
    *("thumbnail_url", "permalink", "shortcode", "username", "owner{id}", "comments_count"),
    *("like_count", "is_comment_enabled", "alt_text", f"children{{id,{_FILE}}}"),
)
COMMENT_FIELDS = (
    *("id", "timestamp", "text", "username", "from{id,username}", "hidden", "like_count"),
    *("parent_id", "replies.limit(1){id}"),
)
REPLY_FIELDS = tuple(field for field in COMMENT_FIELDS if not field.startswith("replies"))
PROFILE_FIELDS = (
    *("id", "username", "user_id", "name", "biography", "website", "account_type"),
    *("profile_picture_url", "followers_count", "follows_count", "media_count"),
)
OWNER_FIELDS = ("id", "username", "user_id", "media_count")
WANTS = {"hidden": "hidden"}
"""On which field a state rests, and which items it tells from others."""

_COUNTED = {"followers": "followers_count", "follows": "follows_count", "media": "media_count"}


def read_media(value: object, raw: bytes, *, story: bool = False) -> Standing:
    """Read an IG Media: a picture, a video, a reel, an album, or a *story*.

    Raises:
        AnswerUnreadable: it is no media as documented.
    """
    media = object_of(value, "a media")
    native_id = id_of(media.get("id"), "a media")
    owner, username = media.get("owner"), text_of(media, "username", absent="")
    author = optional_id(owner.get("id")) if isinstance(owner, dict) else None
    files = tuple(_files(media))
    product = text_of(media, "media_product_type", absent="").lower()
    marks = ["story"] if story or product == "story" else []
    marks += ["reel"] if product == "reels" else []
    marks += ["file_not_offered"] if not all(whole for _, whole in files) else []
    content = Content(
        native_id=native_id,
        kind=ItemKind.POST,
        text=text_of(media, "caption", absent=""),
        published_at=moment_of(media.get("timestamp")),
        author=Author(author or "", handle=username, url=f"{SITE}/{username}/"),
        permalink=text_of(media, "permalink", absent=""),
        attachments=tuple(file for file, _ in files if file.url),
        marks=tuple(marks),
        raw=RawFragment(JSON, raw),
    )
    counts = {"likes": count_of(media.get("like_count"))}
    counts["comments"] = count_of(media.get("comments_count"))
    return Standing(content=content, engagement=_told(counts), answers=counts["comments"])


def read_comment(value: object, raw: bytes, *, media: str, parent: str = "") -> Standing:
    """Read an IG Comment below *media*; with a *parent* it is a reply to that comment.

    Its `answers` is 0 where nothing answers it, and unknown where something does. Its state is
    unknown where it is not told whether it is hidden.

    Raises:
        AnswerUnreadable: it is no comment as documented.
    """
    comment = object_of(value, "a comment")
    above = parent or text_of(comment, "parent_id", absent="")
    told = comment.get("from")
    author: Mapping[str, object] = told if isinstance(told, dict) else {}
    handle = text_of(author, "username", absent="") or text_of(comment, "username", absent="")
    named = optional_id(author.get("id")) or ""
    replies = comment.get("replies")
    content = Content(
        native_id=id_of(comment.get("id"), "a comment"),
        kind=ItemKind.REPLY if above else ItemKind.COMMENT,
        text=text_of(comment, "text", absent=""),
        published_at=moment_of(comment.get("timestamp")),
        author=Author(named, handle=handle) if named or handle else None,
        parent=above or media,
        thread=media,
        raw=RawFragment(JSON, raw),
    )
    return Standing(
        content=content,
        engagement=_told({"likes": count_of(comment.get("like_count"))}),
        state=hidden_by(comment, "hidden"),
        answers=None if isinstance(replies, dict) and replies.get("data") else 0,
        untold=missing_of(comment, "hidden"),
    )


def read_profile(node: Node) -> Standing:
    """Read what the account says of itself, as of the moment the server gave it out.

    Raises:
        AnswerUnreadable: it is no account as documented, or the answer has no date.
    """
    user = node.value
    username = text_of(user, "username")
    picture = text_of(user, "profile_picture_url", absent="")
    website = text_of(user, "website", absent="")
    native_id = account_id(node)
    content = Content(
        native_id=native_id,
        kind=ItemKind.PROFILE,
        title=text_of(user, "name", absent="") or username,
        text=text_of(user, "biography", absent=""),
        published_at=served(node.moment),
        author=Author(native_id, text_of(user, "name", absent=""), username),
        permalink=f"{SITE}/{username}/",
        attachments=(Attachment(key=file_name(picture), url=picture, name="picture"),)
        if file_name(picture)
        else (),
        links=(website,) if website else (),
        raw=RawFragment(JSON, node.raw),
    )
    counts = {name: count_of(user.get(field)) for name, field in _COUNTED.items()}
    return Standing(content=content, engagement=_told(counts))


def account_id(node: Node) -> str:
    """Give the id of the professional account; after an Instagram login it stands in `user_id`.

    Raises:
        AnswerUnreadable: neither is told.
    """
    return optional_id(node.value.get("user_id")) or id_of(node.value.get("id"), "an account")


def _files(media: Mapping[str, object]) -> Iterator[tuple[Attachment, bool]]:
    """Give the file of a media, or of each part of an album, and whether it is all of it."""
    children = media.get("children")
    parts = children.get("data") if isinstance(children, dict) else None
    if children is not None and not isinstance(parts, list):
        raise AnswerUnreadable("the parts of an album are no list")
    for part in parts or [media]:
        entry = object_of(part, "a part of an album")
        url = text_of(entry, "media_url", absent="")
        file = Attachment(
            key=id_of(entry.get("id"), "a part of an album"),
            url=url or text_of(entry, "thumbnail_url", absent=""),
            name=file_name(url),
            description=text_of(entry, "alt_text", absent=""),
        )
        yield file, bool(url)


def _told(counts: Mapping[str, int | None]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count is not None}
