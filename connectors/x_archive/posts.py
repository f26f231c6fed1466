"""One post, note or profile of an archive → one item, under the id the connector for X gives it.

An edit of a post is another post with an id of its own; the ids of all versions stand in each of
them, oldest first. Here they are versions of one item, known by the first id.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import id_of, object_of, optional_id, text_of
from connectors.deposits import THREAD_UNKNOWN, file_named
from connectors.x_archive.layout import Owner
from connectors.x_archive.reading import Files, moment, moment_of_id, number

JSON = "application/json"
SEQUENCE = "application/json-seq"
"""A post and the note that holds its whole text, each after a record separator (RFC 7464)."""

SITE = "https://x.com"
_COUNTS = {"likes": "favorite_count", "reposts": "retweet_count"}
_REPOST = re.compile(r"RT @\w+: ")
_CUT_SHORT = re.compile(r"\s*(?:…|\.\.\.)?\s*(?:https://t\.co/\w+)?\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post as it was read. *versions* are the ids of its wordings, oldest first."""

    native_id: str
    versions: tuple[str, ...]
    content: Content
    engagement: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """The whole text of a long post, which stands in a file of its own and names no post."""

    native_id: str
    text: str
    content: Content


def read_post(value: object, raw: bytes, *, owner: Owner, files: Files, mark: str = "") -> Post:
    """Read a post; *mark* says in which of the archive's files it stands.

    Raises:
        AnswerUnreadable: it is no post as documented.
    """
    post = _inner(value, "tweet")
    native_id = id_of(post.get("id_str") or post.get("id"), "a post")
    versions = _versions(post) or (native_id,)
    made = moment(post.get("created_at"))
    first = moment_of_id(versions[0]) if len(versions) > 1 else None
    text = html.unescape(text_of(post, "full_text" if "full_text" in post else "text"))
    parent = optional_id(post.get("in_reply_to_status_id_str"))
    answers = parent or optional_id(post.get("in_reply_to_user_id_str"))
    repost = _REPOST.match(text) is not None
    marks = {"repost": repost, "quote": "quoted_status_id_str" in post, THREAD_UNKNOWN: parent}
    content = Content(
        native_id=versions[0],
        kind=ItemKind.REPLY if answers else ItemKind.POST,
        text=text,
        raw=RawFragment(JSON, raw),
        published_at=first or made,
        edited_at=made if native_id != versions[0] else None,
        author=author_of(owner),
        parent=parent,
        thread=parent,
        permalink=f"{SITE}/{owner.handle or 'i'}/status/{native_id}",
        attachments=files.attached(native_id, _told(post, native_id), others=not repost),
        links=tuple(_links(post)),
        language=text_of(post, "lang", absent=""),
        marks=tuple(name for name, told in (*marks.items(), (mark, mark)) if told),
    )
    return Post(native_id=native_id, versions=versions, content=content, engagement=_counts(post))


def read_note(value: object, raw: bytes, *, owner: Owner) -> Note:
    """Read a note.

    Raises:
        AnswerUnreadable: it is no note as documented.
    """
    note = _inner(value, "noteTweet")
    native_id = id_of(note.get("noteTweetId"), "a note")
    text = text_of(object_of(note.get("core"), "the core of a note"), "text")
    content = Content(
        native_id=f"note-{native_id}",
        kind=ItemKind.POST,
        text=text,
        raw=RawFragment(JSON, raw),
        published_at=moment(note.get("createdAt")),
        author=author_of(owner),
        marks=("note",),
    )
    return Note(native_id=native_id, text=text, content=content)


def begins(note: Note, post: Content) -> bool:
    """Say whether *post* shows the begin of *note*, cut short."""
    shown = _CUT_SHORT.sub("", post.text)
    return bool(shown) and html.unescape(note.text).startswith(shown)


def read_profile(value: object, raw: bytes, *, owner: Owner, pictures: Sequence[str]) -> Content:
    """Read the account's profile; *pictures* are the files of it that the archive holds.

    Raises:
        AnswerUnreadable: it is none as documented, or whose it is the archive does not say.
    """
    profile = _inner(value, "profile")
    told = object_of(profile.get("description"), "the description of a profile")
    if not owner.native_id or owner.since is None:
        raise AnswerUnreadable("whose profile it is, and since when, the archive does not say")
    words = (text_of(told, "bio", absent=""), text_of(told, "location", absent=""))
    website = text_of(told, "website", absent="")
    return Content(
        native_id=f"user-{owner.native_id}",
        kind=ItemKind.PROFILE,
        title=owner.name or owner.handle,
        text="\n".join(html.unescape(word) for word in words if word),
        raw=RawFragment(JSON, raw),
        published_at=owner.since,
        author=author_of(owner),
        permalink=f"{SITE}/{owner.handle}",
        attachments=tuple(_pictures(profile, pictures)),
        links=(website,) if website else (),
    )


def author_of(owner: Owner) -> Author | None:
    """Give the account as an author, where the archive says whose it is."""
    if not (owner.native_id or owner.handle):
        return None
    url = f"{SITE}/{owner.handle}" if owner.handle else ""
    return Author(owner.native_id, owner.name, owner.handle, url)


def _inner(value: object, key: str) -> Mapping[str, object]:
    """Give the object that X wraps under *key*; early archives did not wrap it."""
    outer = object_of(value, "it")
    return object_of(outer[key], f"its {key}") if key in outer else outer


def _versions(post: Mapping[str, object]) -> tuple[str, ...]:
    """Give the ids of all versions, oldest first, from either form in which they are told."""
    info = post.get("edit_info")
    told = info if isinstance(info, dict) else {}
    edit = told.get("edit")
    initial = edit.get("editControlInitial") if isinstance(edit, dict) else told.get("initial")
    ids = initial.get("editTweetIds") if isinstance(initial, dict) else None
    known = [each for each in ids if isinstance(each, str)] if isinstance(ids, list) else []
    return tuple(sorted(known, key=lambda each: (len(each), each)))


def _told(post: Mapping[str, object], native_id: str) -> Sequence[tuple[Attachment, Sequence[str]]]:
    """Give the files a post says it has, each with the names under which it may lie."""
    listed = _media(post, "extended_entities") or _media(post, "entities")
    found = []
    for media in listed:
        picture = text_of(media, "media_url_https", absent="") or text_of(
            media, "media_url", absent=""
        )
        names = [name for url in (*_films(media), picture) if (name := _base(url))]
        if names:
            key = f"{_prefix(media, picture)}_{optional_id(media.get('id_str')) or names[-1]}"
            described = text_of(media, "ext_alt_text", absent="")
            address = f"tweets_media/{native_id}-{names[0]}"
            file = Attachment(key=key, url=address, name=names[0], description=described)
            found.append((file, names))
    return found


def _media(post: Mapping[str, object], part: str) -> list[Mapping[str, object]]:
    entities = post.get(part)
    listed = entities.get("media") if isinstance(entities, dict) else None
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _films(media: Mapping[str, object]) -> Iterator[str]:
    """Give the addresses of a film, the best first."""
    info = media.get("video_info")
    variants = info.get("variants") if isinstance(info, dict) else None
    films = [each for each in variants if isinstance(each, dict)] if variants else []
    for film in sorted(films, key=lambda film: -(number(film.get("bitrate")) or 0)):
        if isinstance(url := film.get("url"), str):
            yield url


def _prefix(media: Mapping[str, object], picture: str) -> str:
    """Give what X's interface puts before the id of a file: its sort, by number."""
    if media.get("type") == "animated_gif":
        return "16"
    if media.get("type") == "video":
        return "13" if "amplify_video" in picture else "7"
    return "3"


def _base(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def _links(post: Mapping[str, object]) -> Iterator[str]:
    entities = post.get("entities")
    urls = entities.get("urls") if isinstance(entities, dict) else None
    listed = [each for each in urls if isinstance(each, dict)] if isinstance(urls, list) else []
    return iter(dict.fromkeys(text_of(each, "expanded_url", absent="") for each in listed))


def _counts(post: Mapping[str, object]) -> dict[str, int]:
    found = {name: number(post.get(field)) for name, field in _COUNTS.items()}
    return {name: count for name, count in found.items() if count is not None}


def _pictures(profile: Mapping[str, object], names: Sequence[str]) -> Iterator[Attachment]:
    for what in ("avatarMediaUrl", "headerMediaUrl"):
        url = text_of(profile, what, absent="")
        base = _base(url)
        address = next((name for name in names if base and name.endswith(base)), "")
        if address:
            yield file_named(address, key=url)
