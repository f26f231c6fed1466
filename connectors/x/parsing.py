"""Reading what X says of a post, a user: pure, and in both dialects.

An edit of a post is another post with an id of its own; the ids of all versions stand in each of
them, oldest first. Here they are versions of one item, known by the first id.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archiver.records.captures import Observation
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import count_of, id_of, moment_of, object_of, optional_id, text_of

JSON = "application/json"
SITE = "https://x.com"
_COUNTS = {
    "likes": ("like_count",),
    "reposts": ("retweet_count", "repost_count"),
    "replies": ("reply_count",),
    "quotes": ("quote_count",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post as it was read. *versions* are the ids of its wordings, oldest first."""

    native_id: str
    versions: tuple[str, ...]
    content: Content
    engagement: Mapping[str, int]

    def seen(self, content: Content | None = None, *, current: bool = True) -> Observation:
        """Give the post as a visit saw it; *content* puts it in its place."""
        return Observation(
            content=content or self.content, engagement=self.engagement, current=current
        )


@dataclass(frozen=True, slots=True)
class Beside:
    """What an answer includes beside its posts: the authors and the files, by their keys."""

    users: Mapping[str, Mapping[str, object]]
    media: Mapping[str, Mapping[str, object]]

    @classmethod
    def read(cls, includes: Mapping[str, object]) -> Beside:
        """Read the part `includes` of an answer."""
        return cls(_keyed(includes.get("users"), "id"), _keyed(includes.get("media"), "media_key"))


def read_post(value: object, raw: bytes, *, beside: Beside, owner: str) -> Post:
    """Read a post; *owner* is the id of the account whose page this is.

    The account's own post that answers nothing is a post, another's answer to the account a
    comment, every other answer a reply.

    Raises:
        AnswerUnreadable: it is no post as documented.
    """
    post = object_of(value, "a post")
    native_id = id_of(post.get("id"), "a post")
    versions = wordings_of(post) or (native_id,)
    author = optional_id(post.get("author_id")) or ""
    answered = optional_id(post.get("in_reply_to_user_id"))
    related = [object_of(each, "a reference") for each in _list(post, "referenced_{}s")]
    targets = {text_of(each, "type"): id_of(each.get("id"), "a reference") for each in related}
    parent = targets.pop("replied_to", None)
    made = moment_of(post.get("created_at"))
    thread = optional_id(post.get("conversation_id"))
    user = beside.users.get(author, {})
    content = Content(
        native_id=versions[0],
        kind=_kind(own=author == owner, answers=bool(parent or answered), to_us=answered == owner),
        text=_wording(post),
        published_at=made,
        edited_at=made if native_id != versions[0] else None,
        author=author_of(author, user),
        parent=parent,
        thread=None if thread in versions else thread,
        permalink=f"{SITE}/{text_of(user, 'username', absent='i')}/status/{native_id}",
        attachments=files_of(post, beside),
        links=(*links_of(post), *(status(each) for each in targets.values())),
        language=text_of(post, "lang", absent=""),
        marks=tuple(sorted(_MARKS.get(kind, kind) for kind in targets))
        + (("withheld",) if post.get("withheld") else ()),
        raw=RawFragment(JSON, raw),
    )
    return Post(native_id=native_id, versions=versions, content=content, engagement=_counts(post))


def wordings_of(post: Mapping[str, object]) -> tuple[str, ...]:
    """Give the ids of a post's wordings, oldest first, as far as it tells them.

    Raises:
        AnswerUnreadable: one of them is no id.
    """
    return tuple(id_of(each, "a wording") for each in _list(post, "edit_history_{}_ids"))


def read_profile(user: Mapping[str, object], raw: bytes) -> Content:
    """Read a user as the page's own profile.

    Raises:
        AnswerUnreadable: it is no user as documented.
    """
    native_id, handle = id_of(user.get("id"), "a user"), text_of(user, "username")
    pictures = {
        "picture": text_of(user, "profile_image_url", absent=""),
        "banner": text_of(user, "profile_banner_url", absent=""),
    }
    pinned = optional_id(user.get("pinned_tweet_id")) or optional_id(user.get("pinned_post_id"))
    place = text_of(user, "location", absent="")
    words = text_of(user, "description", absent="")
    told = (text_of(user, "url", absent=""), status(pinned) if pinned else "")
    return Content(
        native_id=f"user-{native_id}",
        kind=ItemKind.PROFILE,
        title=text_of(user, "name"),
        text="\n".join(part for part in (html.unescape(words), place) if part),
        published_at=moment_of(user.get("created_at")),
        author=Author(native_id, text_of(user, "name"), handle, f"{SITE}/{handle}"),
        permalink=f"{SITE}/{handle}",
        attachments=tuple(Attachment(url, url, name=what) for what, url in pictures.items() if url),
        links=tuple(link for link in told if link),
        raw=RawFragment(JSON, raw),
    )


def earlier(version: Post, now: Post) -> Content:
    """Give the content of *version*, an earlier wording of *now*, as of the same item."""
    first = version.native_id == now.versions[0]
    return replace(
        now.content,
        text=version.content.text,
        attachments=version.content.attachments,
        links=version.content.links,
        edited_at=None if first else version.content.published_at,
        permalink=version.content.permalink,
        raw=version.content.raw,
    )


def dated(now: Post, first: datetime) -> Post:
    """Give *now*, whose first version was published at *first*."""
    return replace(now, content=replace(now.content, published_at=first))


def status(native_id: str) -> str:
    """Give the address of a post whose author is not known."""
    return f"{SITE}/i/status/{native_id}"


_MARKS = {"retweeted": "repost", "reposted": "repost", "quoted": "quote"}


def _kind(*, own: bool, answers: bool, to_us: bool) -> ItemKind:
    if own and not answers:
        return ItemKind.POST
    return ItemKind.COMMENT if to_us and not own else ItemKind.REPLY


def _wording(post: Mapping[str, object]) -> str:
    """Give the whole text: that of a long post stands in a note, and is cut short elsewhere."""
    for name in ("note_tweet", "note_post"):
        note = post.get(name)
        if isinstance(note, dict) and isinstance(note.get("text"), str):
            return html.unescape(note["text"])
    return html.unescape(text_of(post, "text"))


def author_of(native_id: str, user: Mapping[str, object]) -> Author:
    """Give who wrote something, as far as the *user* beside it tells."""
    handle = text_of(user, "username", absent="")
    name = text_of(user, "name", absent="")
    return Author(native_id, name, handle, f"{SITE}/{handle}" if handle else "")


def files_of(post: Mapping[str, object], beside: Beside) -> tuple[Attachment, ...]:
    """Give the pictures and films of a post or a message."""
    keys = map(str, _inside(post, "attachments", "media_keys"))
    found = [(key, beside.media.get(key, {})) for key in keys]
    return tuple(
        Attachment(key=key, url=_best(media), description=text_of(media, "alt_text", absent=""))
        for key, media in found
    )


def _best(media: Mapping[str, object]) -> str:
    """Give the address of a picture, or of the largest file of a film."""
    variants = _inside({"media": media}, "media", "variants")
    films = [each for each in variants if isinstance(each, dict) and each.get("url")]
    if films:
        return text_of(max(films, key=lambda film: count_of(film.get("bit_rate")) or 0), "url")
    return text_of(media, "url", absent="") or text_of(media, "preview_image_url", absent="")


def links_of(post: Mapping[str, object]) -> list[str]:
    """Give the addresses a post or a message names, as they were before X shortened them."""
    urls = _inside(post, "entities", "urls")
    told = [each for each in urls if isinstance(each, dict) and not each.get("media_key")]
    return list(dict.fromkeys(text_of(each, "expanded_url", absent="") for each in told))


def _counts(post: Mapping[str, object]) -> dict[str, int]:
    metrics = post.get("public_metrics")
    told = metrics if isinstance(metrics, dict) else {}
    found = {
        name: next((c for field in fields if (c := count_of(told.get(field))) is not None), None)
        for name, fields in _COUNTS.items()
    }
    return {name: count for name, count in found.items() if count is not None}


def _inside(entity: Mapping[str, object], part: str, name: str) -> Sequence[object]:
    """Give the list under *name* of the object under *part*, where there is one."""
    found = entity.get(part)
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, list) else ()


def _list(post: Mapping[str, object], name: str) -> Sequence[object]:
    """Give the list under *name* in the one dialect or in the other."""
    for dialect in ("tweet", "post"):
        value = post.get(name.format(dialect))
        if isinstance(value, list):
            return value
    return ()


def _keyed(value: object, key: str) -> dict[str, Mapping[str, object]]:
    found = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    return {str(each[key]): each for each in found if key in each}
