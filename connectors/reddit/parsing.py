"""Reading what Reddit says of a submission, a comment, an account: pure.

Reddit wraps everything in a *thing*: its kind (`t3` a submission, `t1` a comment, `more` a stub for
comments left out) and its data. What its author deleted, or a moderator removed, stays listed
with a placeholder in the place of its words: that is told, and never kept as an edit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from archiver.records.captures import Observation, PlatformState, Sighting
from archiver.records.errors import AnswerUnreadable
from archiver.records.exchanges import cut_from
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import count_of, id_of, json_member, json_members, object_of, text_of
from connectors.reddit.standing import NOBODY, standing_of

JSON = "application/json"
SITE = "https://www.reddit.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A submission or a comment as it was read; *gone* is told in its place once removed.

    What was removed and still shows its words to us, as to its author or a moderator, is *hidden*.
    *untold* names the field by which Reddit would say so, where the answer lacks it: who reads a
    thing of which nothing is told may not conclude that it is public. *moderated* says that the
    thing was shown as to a moderator.
    """

    content: Content
    engagement: Mapping[str, int]
    gone: Sighting | None = None
    state: PlatformState = PlatformState.PRESENT
    untold: tuple[str, ...] = ()
    moderated: bool = False

    @property
    def name(self) -> str:
        """Give the full name that Reddit knows it by."""
        return self.content.native_id

    def seen(self) -> Observation | Sighting:
        """Give what a visit saw of it."""
        return self.gone or Observation(
            content=self.content, engagement=self.engagement, state=self.state
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """Comments that an answer left out: their ids, or (without any) all below *parent*."""

    parent: str
    children: tuple[str, ...]


@dataclass(slots=True)
class Tree:
    """What an answer holds of a tree of comments: those that are there, and stubs for the rest."""

    entries: list[Entry] = field(default_factory=list)
    stubs: list[Stub] = field(default_factory=list)
    faults: list[tuple[str, AnswerUnreadable]] = field(default_factory=list)


def listing(body: bytes) -> list[tuple[object, bytes]]:
    """Give the things of the listing *body*, each with its bytes.

    Raises:
        AnswerUnreadable: it is no listing.
    """
    return json_member(_member(body, "data"), "children")


def left_out(body: bytes) -> list[tuple[object, bytes]]:
    """Give the things that an answer to `morechildren` brings, each with its bytes.

    Raises:
        AnswerUnreadable: it brings none.
    """
    return json_member(_member(_member(body, "json"), "data"), "things")


def after(value: object) -> str:
    """Give where the listing *value* goes on; nothing at its end."""
    data = object_of(object_of(value, "a listing").get("data"), "the data of a listing")
    return text_of(data, "after", absent="")


def read_submission(value: object, raw: bytes) -> Entry:
    """Read a thing of kind `t3`.

    Raises:
        AnswerUnreadable: it is no submission as documented.
    """
    data = _data(value, "t3")
    name = id_of(data.get("name"), "a submission")
    words, link = text_of(data, "selftext", absent=""), text_of(data, "url", absent="")
    own = f"{SITE}{text_of(data, 'permalink')}"
    files = _files(data)
    content = Content(
        native_id=name,
        kind=ItemKind.POST,
        title=text_of(data, "title"),
        text=words,
        published_at=epoch(data.get("created_utc")),
        edited_at=_edited(data),
        author=_author(data),
        permalink=own,
        attachments=files,
        links=(link,) if link not in {"", own, *(file.url for file in files)} else (),
        marks=_marks(data),
        raw=RawFragment(JSON, raw),
    )
    return _entry(content, data)


def read_comment(value: object, raw: bytes) -> Entry:
    """Read a thing of kind `t1`; *raw* is without the answers that Reddit nests into it.

    Raises:
        AnswerUnreadable: it is no comment as documented.
    """
    data = _data(value, "t1")
    name = id_of(data.get("name"), "a comment")
    parent, thread = text_of(data, "parent_id"), text_of(data, "link_id")
    words = text_of(data, "body")
    content = Content(
        native_id=name,
        kind=ItemKind.COMMENT if parent == thread else ItemKind.REPLY,
        text=words,
        published_at=epoch(data.get("created_utc")),
        edited_at=_edited(data),
        author=_author(data),
        parent=parent,
        thread=thread,
        permalink=f"{SITE}{text_of(data, 'permalink', absent='')}",
        marks=_marks(data),
        raw=RawFragment(JSON, raw),
    )
    return _entry(content, data)


def read_tree(things: list[tuple[object, bytes]]) -> Tree:
    """Read comments and what is nested into them; give a fault for each that cannot be read."""
    tree, waiting = Tree(), list(reversed(things))
    while waiting:
        value, raw = waiting.pop()
        try:
            thing = object_of(value, "a thing")
            if thing.get("kind") == "more":
                tree.stubs.append(_stub(thing))
                continue
            nested, own = _unnested(raw)
            waiting += reversed(nested)
            tree.entries.append(read_comment(value, own))
        except AnswerUnreadable as fault:
            tree.faults.append((name_of(value), fault))
    return tree


def read_profile(value: object, raw: bytes) -> Content:
    """Read the account (`t2`) or the community (`t5`) as the page's own profile.

    Raises:
        AnswerUnreadable: it is neither, as documented.
    """
    thing = object_of(value, "an account")
    data = object_of(thing.get("data"), "the data of an account")
    told = data.get("subreddit")
    part = told if isinstance(told, dict) else data
    name = text_of(data, "name", absent="") or text_of(data, "display_name")
    words = (
        text_of(part, "public_description", absent=""),
        text_of(part, "description", absent=""),
    )
    pictures = (text_of(part, "icon_img", absent=""), text_of(part, "banner_img", absent=""))
    return Content(
        native_id=f"{text_of(thing, 'kind')}_{id_of(data.get('id'), 'an account')}",
        kind=ItemKind.PROFILE,
        title=text_of(part, "title", absent="") or name,
        text="\n".join(dict.fromkeys(word for word in words if word)),
        published_at=epoch(data.get("created_utc")),
        author=Author(id_of(data.get("id"), "an account"), name),
        permalink=f"{SITE}{text_of(part, 'url', absent='')}",
        attachments=tuple(_file(picture, picture) for picture in pictures if picture),
        raw=RawFragment(JSON, raw),
    )


def name_of(value: object) -> str:
    """Give the full name of what may be a thing, as far as it can be read."""
    data = value.get("data") if isinstance(value, dict) else None
    name = data.get("name") if isinstance(data, dict) else None
    return name if isinstance(name, str) else ""


def _unnested(raw: bytes) -> tuple[list[tuple[object, bytes]], bytes]:
    """Give the things nested into a comment, and its own bytes with a reference in their place."""
    text = raw.decode()
    for key, begin, _ in json_members(text):
        if key != "data" or text[begin] != "{":
            continue
        for inner, start, end in json_members(text, begin):
            if inner == "replies" and text[start] == "{":
                nested = listing(cut_from(raw, text[start:end].encode()))
                named = json.dumps({"reference": [name_of(value) for value, _ in nested]})
                return nested, cut_from(raw, f"{text[:start]}{named}{text[end:]}".encode())
    return [], raw


def _stub(thing: Mapping[str, object]) -> Stub:
    data = object_of(thing.get("data"), "a stub")
    children = data.get("children")
    return Stub(
        parent=text_of(data, "parent_id"),
        children=tuple(map(str, children)) if isinstance(children, list) else (),
    )


def _data(value: object, kind: str) -> Mapping[str, object]:
    thing = object_of(value, "a thing")
    if thing.get("kind") != kind:
        raise AnswerUnreadable(f"a thing is not of the kind {kind}")
    return object_of(thing.get("data"), "the data of a thing")


def _entry(content: Content, data: Mapping[str, object]) -> Entry:
    stands = standing_of(content, data)
    return Entry(
        content=content,
        engagement=_counts(data),
        gone=stands.gone,
        state=PlatformState.HIDDEN if stands.hidden else PlatformState.PRESENT,
        untold=stands.untold,
        moderated=stands.moderated,
    )


def _author(data: Mapping[str, object]) -> Author:
    name = text_of(data, "author", absent="")
    known = name not in {"", NOBODY}
    url = f"{SITE}/user/{name}" if known else ""
    return Author(text_of(data, "author_fullname", absent=""), name, name if known else "", url)


def _edited(data: Mapping[str, object]) -> datetime | None:
    told = data.get("edited")
    return None if isinstance(told, bool) or told is None else epoch(told)


def epoch(value: object) -> datetime:
    """Give the moment that Reddit writes as seconds since 1970.

    Raises:
        AnswerUnreadable: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AnswerUnreadable("a time is no number")
    try:
        return datetime.fromtimestamp(value, tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise AnswerUnreadable("a time is none") from None


def _files(data: Mapping[str, object]) -> tuple[Attachment, ...]:
    """Give the files of a submission: its picture, its gallery, its film."""
    found = dict(_gallery(data))
    media = data.get("media")
    film = media.get("reddit_video") if isinstance(media, dict) else None
    if isinstance(film, dict):
        found["video"] = text_of(film, "fallback_url", absent="")
    if text_of(data, "post_hint", absent="") == "image":
        found["image"] = text_of(data, "url", absent="")
    return tuple(_file(key, url) for key, url in found.items() if url)


def _gallery(data: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    told = data.get("media_metadata")
    for key, media in told.items() if isinstance(told, dict) else ():
        source = media.get("s") if isinstance(media, dict) else None
        if isinstance(source, dict):
            yield key, text_of(source, "u", absent="") or text_of(source, "gif", absent="")


def _file(key: str, url: str) -> Attachment:
    return Attachment(key=key.partition("?")[0], url=url)


def _marks(data: Mapping[str, object]) -> tuple[str, ...]:
    flags = {"stickied": "pinned", "locked": "locked", "over_18": "adult"}
    return tuple(mark for flag, mark in flags.items() if data.get(flag) is True)


def _counts(data: Mapping[str, object]) -> dict[str, int]:
    found = {"score": count_of(data.get("score")), "comments": count_of(data.get("num_comments"))}
    return {name: count for name, count in found.items() if count is not None}


def _member(body: bytes, name: str) -> bytes:
    """Give the bytes of the object under *name* of the object *body*."""
    try:
        text = body.decode()
        whole = json_members(text) if text.lstrip().startswith("{") else ()
        found = {key: text[begin:end] for key, begin, end in whole}
    except ValueError:
        raise AnswerUnreadable("the answer is not JSON in UTF-8") from None
    if not found.get(name, "").startswith("{"):
        raise AnswerUnreadable(f"the answer has no object {name!r}")
    return cut_from(body, found[name].encode())
