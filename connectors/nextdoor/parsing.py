"""Reading what Nextdoor's partner API says of a profile, its posts and the comments in them: pure.

Nextdoor documents a post in two shapes: as whoever shares it sees it (`guid`, `body_text`,
`created_at`, `share_link`), and as it is displayed (`id`, `body`, `creation_date_epoch_seconds`,
`comments` within `comments`). Either is read; whatever else is told stays in the raw fragment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from archiver.records.captures import Observation
from archiver.records.errors import AnswerUnreadable
from archiver.records.exchanges import cut_from
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import (
    count_of,
    file_name,
    id_of,
    json_member,
    json_members,
    json_parts,
    mail_date,
    moment_of,
    object_of,
    optional_id,
    text_of,
)

JSON = "application/json"

_POST_IDS = ("guid", "post_share_id", "share_id", "id")
_TEXTS = ("body_text", "body")
_MADE = ("created_at", "creation_date_epoch_seconds", "creation_date")
_CHANGED = ("updated_at", *_MADE)
_PLACES = ("share_link", "share_url", "public_post_url", "url")
_FILES = ("media_attachments", "media", "images")


def post_id(value: object) -> str | None:
    """Give the id of the post *value*, by whichever name it is told; None where there is none."""
    if not isinstance(value, dict):
        return None
    told = (value.get(name) for name in _POST_IDS)
    found = next((one for one in told if one not in (None, "")), None)
    return str(found) if isinstance(found, str | int) else None


def read_post(value: object, raw: bytes, *, author: Author) -> Observation:
    """Read a post of the profile's own; comments are no part of it, wherever they stand.

    Raises:
        AnswerUnreadable: it is no post as documented.
    """
    post = object_of(value, "a post")
    content = Content(
        native_id=id_of(post_id(post), "a post"),
        kind=ItemKind.POST,
        title=_first(post, ("title", "subject")),
        text=_first(post, _TEXTS),
        published_at=_time(post, _MADE),
        author=author,
        permalink=_first(post, _PLACES),
        attachments=tuple(_files(post)),
        raw=RawFragment(JSON, _without_comments(raw)),
    )
    counts = {
        "comments": count_of(post.get("comment_count")),
        "likes": count_of(post.get("like_count")),
    }
    return Observation(
        content=content, engagement={name: n for name, n in counts.items() if n is not None}
    )


def changed_at(value: object) -> datetime | None:
    """Give when the post *value* was last changed, as far as it says."""
    try:
        return _time(object_of(value, "a post"), _CHANGED)
    except AnswerUnreadable:
        return None


def comments_of(raw: bytes) -> list[tuple[object, bytes]] | None:
    """Give the comments in a post or a comment, each with its bytes; None where none are told."""
    parts = json_parts(raw)
    return json_member(raw, "comments") if parts.get("comments", b"").startswith(b"[") else None


def read_comment(value: object, raw: bytes, *, post: str, above: str) -> Observation:
    """Read a comment on *post*; *above* is what it answers, where it does not itself say so.

    Raises:
        AnswerUnreadable: it is no comment as documented.
    """
    comment = object_of(value, "a comment")
    parent = optional_id(comment.get("parent_comment_id")) or above
    by = optional_id(comment.get("author_id")) or ""
    name = text_of(comment, "author_name", absent="")
    likes = count_of(comment.get("like_count"))
    content = Content(
        native_id=id_of(comment.get("id"), "a comment"),
        kind=ItemKind.COMMENT if parent == post else ItemKind.REPLY,
        text=_first(comment, _TEXTS),
        published_at=_time(comment, _MADE),
        author=Author(by, name) if by or name else None,
        parent=parent,
        thread=post,
        attachments=tuple(_files(comment)),
        raw=RawFragment(JSON, _without_comments(raw)),
    )
    return Observation(content=content, engagement={} if likes is None else {"likes": likes})


def profile_author(profile: Mapping[str, object], *, agency: str = "") -> Author:
    """Give the profile as the author of its posts: by the name of its page, or of the *agency*.

    Raises:
        AnswerUnreadable: it has no id.
    """
    page = profile.get("entity_page")
    told = text_of(page, "name", absent="") if isinstance(page, dict) else ""
    name = told or agency or _first(profile, ("name", "business_name"))
    return Author(id_of(profile_id(profile), "a profile"), name)


def profile_id(profile: object) -> str | None:
    """Give the id of the profile *profile*; None where there is none."""
    if not isinstance(profile, dict):
        return None
    told = profile.get("secure_profile_id") or profile.get("id")
    return told if isinstance(told, str) else None


def agency_name(value: object) -> str:
    """Give the name of the agency that whoever gave the token posts for; nothing where untold."""
    told = value.get("agency_name") if isinstance(value, dict) else None
    return told if isinstance(told, str) else ""


def read_profile(
    value: object, raw: bytes, *, author: Author, moment: str, url: str
) -> Observation:
    """Read what the profile of *author* says, as of the *moment* the server gave it out (`Date`).

    Raises:
        AnswerUnreadable: it is no profile as documented, or nothing dates it.
    """
    profile, when = object_of(value, "a profile"), mail_date(moment)
    if when is None:
        raise AnswerUnreadable("the answer with the profile has no date")
    content = Content(
        native_id=f"profile {author.native_id}",
        kind=ItemKind.PROFILE,
        title=author.name,
        text=_first(profile, ("about", "bio", "description")),
        published_at=when,
        author=author,
        permalink=url,
        raw=RawFragment(JSON, raw),
    )
    return Observation(content=content)


def _without_comments(raw: bytes) -> bytes:
    """Give *raw* with a reference in the place of the comments in it: they are items themselves."""
    text = raw.decode()
    for key, begin, end in json_members(text):
        if key == "comments" and text.startswith("[", begin):
            told = [one for one, _ in comments_of(raw) or []]
            named = [optional_id(one.get("id")) for one in told if isinstance(one, dict)]
            reference = json.dumps({"reference": named})
            cut = f"{text[:begin]}{reference}{text[end:]}".encode()
            return cut_from(raw, cut) if told else raw
    return raw


def _first(entity: Mapping[str, object], names: Sequence[str]) -> str:
    told = (text_of(entity, name, absent="") for name in names)
    return next((text for text in told if text), "")


def _time(entity: Mapping[str, object], names: Sequence[str]) -> datetime:
    """Give the first of the times *names* that is told: ISO 8601, or seconds."""
    told = next((entity[name] for name in names if entity.get(name) not in (None, "")), None)
    if isinstance(told, int | float) and not isinstance(told, bool):
        try:
            return datetime.fromtimestamp(told, tz=UTC)
        except (ValueError, OverflowError, OSError):
            raise AnswerUnreadable("a time is none") from None
    return moment_of(told)


def _files(entity: Mapping[str, object]) -> Iterator[Attachment]:
    for name in _FILES:
        told = entity.get(name)
        for one in told if isinstance(told, list) else ():
            url = one.get("url") if isinstance(one, dict) else one
            if isinstance(url, str) and url:
                yield Attachment(key=url.partition("?")[0], url=url, name=file_name(url))
