"""Reading what Bluesky says of a post or an account: pure.

A post is a record in its author's repository; the AppView shows it with counts and labels beside
it. What the post says is read from the record alone, so that both ways to it give the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from archiver.records.captures import Actor, Observation, PlatformState, Sighting
from archiver.records.errors import AnswerUnreadable
from archiver.records.exchanges import cut_from
from archiver.records.items import Author, Content, ItemKind, RawFragment
from connectors.bluesky.named import (
    SITE,
    embedded,
    facets,
    file_of,
    page_of,
    parts_of,
    tid_moment,
)
from connectors.bluesky.repository import CAR
from connectors.cutting import count_of, json_members, moment_of, object_of, text_of

JSON = "application/json"
BOOST = "boost"
REPOSTS = "app.bsky.feed.repost"
GATES = "app.bsky.feed.threadgate"
PROFILE = "app.bsky.actor.profile"

_COUNTS = {
    "likes": "likeCount",
    "replies": "replyCount",
    "reposts": "repostCount",
    "quotes": "quoteCount",
}
_FIGURES = {"followers": "followersCount", "follows": "followsCount", "posts": "postsCount"}
_HIDING = {"!hide": "hide", "!takedown": "takedown", "!suspend": "suspend"}
_LATE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post as it was read, and what a walk goes by.

    *cid* names its wording, *replies* is how many direct answers the AppView counts, *hidden*
    the label by which the platform hides it.
    """

    content: Content
    cid: str
    engagement: Mapping[str, int] = field(default_factory=dict)
    hidden: str = ""

    @property
    def uri(self) -> str:
        """Give the address by which the network knows it."""
        return self.content.native_id

    @property
    def replies(self) -> int:
        """Give how many direct answers the AppView counts."""
        return self.engagement.get("replies", 0)

    def seen(self, *, by_the_page: bool = False) -> Iterator[Observation | Sighting]:
        """Give it as seen by a visit; *by_the_page* says that the page hides it in its thread."""
        hidden = by_the_page or bool(self.hidden)
        state = PlatformState.HIDDEN if hidden else PlatformState.PRESENT
        marks = (*self.content.marks, *(("hidden-by-threadgate",) if by_the_page else ()))
        content = replace(self.content, marks=marks)
        yield Observation(content=content, engagement=self.engagement, state=state)
        if hidden:
            yield Sighting(
                native_id=self.uri,
                state=state,
                actor=Actor.PAGE if by_the_page else Actor.PLATFORM,
                source="bluesky threadgate" if by_the_page else f"bluesky label {self.hidden}",
            )


def read_post(value: object, raw: bytes, *, owner: str) -> Post:
    """Read a `postView` of the AppView; *owner* is the account whose page this is.

    Raises:
        AnswerUnreadable: it is no post as documented.
    """
    view = object_of(value, "a post")
    author = object_of(view.get("author"), "the author of a post")
    uri, cid = text_of(view, "uri"), text_of(view, "cid")
    record = object_of(view.get("record"), "the record of a post")
    did, _, _ = parts_of(uri)
    if text_of(author, "did") != did:
        raise AnswerUnreadable("a post is not its author's")
    content = record_to_content(
        record, uri=uri, owner=owner, raw=RawFragment(JSON, without_quoted(raw))
    )
    indexed = _moment(view.get("indexedAt"))
    late = indexed is not None and indexed - content.published_at > _LATE
    labels = list(_labels(view.get("labels"), did))
    handle = text_of(author, "handle", absent="")
    name = text_of(author, "displayName", absent="")
    counts = {each: count_of(view.get(key)) for each, key in _COUNTS.items()}
    marks = (f"label:{label}" for label in labels)
    return Post(
        cid=cid,
        content=replace(
            content,
            author=Author(did, name, handle, f"{SITE}/{did}"),
            marks=(*content.marks, *marks, *(("backdated",) if late else ())),
        ),
        engagement={each: count for each, count in counts.items() if count is not None},
        hidden=next((_HIDING[label] for label in labels if label in _HIDING), ""),
    )


def record_to_content(
    record: Mapping[str, object], *, uri: str, owner: str, raw: RawFragment
) -> Content:
    """Give what a post's own *record* says, which the AppView and the repository hold alike.

    Raises:
        AnswerUnreadable: it is no post as documented.
    """
    did, _, key = parts_of(uri)
    answered = record.get("reply")
    reply = object_of(answered, "what a post answers") if answered is not None else None
    parent, thread = (
        (_subject(reply, name) for name in ("parent", "root")) if reply else (None, None)
    )
    files, links = embedded(record.get("embed"), did)
    moment = _moment(record.get("createdAt")) or tid_moment(key)
    if moment is None:
        raise AnswerUnreadable("a post has no time")
    languages = record.get("langs")
    language = languages[0] if isinstance(languages, list) and languages else ""
    return Content(
        native_id=uri,
        kind=_kind(did, parent, owner),
        text=text_of(record, "text", absent=""),
        published_at=moment,
        author=Author(did, url=f"{SITE}/{did}"),
        parent=parent,
        thread=thread,
        permalink=page_of(uri),
        attachments=tuple(files),
        links=tuple(dict.fromkeys((*facets(record.get("facets")), *links))),
        language=language if isinstance(language, str) else "",
        marks=tuple(f"self-label:{label}" for label in _self_labels(record.get("labels"))),
        raw=raw,
    )


def read_repost(record: Mapping[str, object], *, uri: str) -> Content:
    """Give the post that says no more than that the account passes another on; its proof is apart.

    Raises:
        AnswerUnreadable: it is no repost as documented.
    """
    did, _, key = parts_of(uri)
    subject = object_of(record.get("subject"), "what was reposted")
    moment = _moment(record.get("createdAt")) or tid_moment(key)
    if moment is None:
        raise AnswerUnreadable("a repost has no time")
    return Content(
        native_id=uri,
        kind=ItemKind.POST,
        text="",
        published_at=moment,
        author=Author(did, url=f"{SITE}/{did}"),
        links=(page_of(text_of(subject, "uri")),),
        marks=(BOOST,),
        raw=RawFragment(CAR, b""),
    )


def read_profile(
    value: object, raw: bytes, record: Mapping[str, object], *, at: datetime
) -> Observation:
    """Read what the account says of itself: the AppView's view, the files from its own *record*.

    *at* is when it was so, for an account that tells no time of its own.

    Raises:
        AnswerUnreadable: it is no profile as documented.
    """
    view = object_of(value, "a profile")
    did = text_of(view, "did")
    handle, name = text_of(view, "handle", absent=""), text_of(view, "displayName", absent="")
    pinned = record.get("pinnedPost")
    pin = text_of(pinned, "uri", absent="") if isinstance(pinned, dict) else ""
    files = [file_of(record.get(part), did, part) for part in ("avatar", "banner")]
    content = Content(
        native_id=f"at://{did}/{PROFILE}/self",
        kind=ItemKind.PROFILE,
        title=name or handle,
        text=text_of(view, "description", absent=""),
        published_at=_moment(view.get("createdAt")) or _moment(view.get("indexedAt")) or at,
        author=Author(did, name, handle, f"{SITE}/{did}"),
        permalink=f"{SITE}/{did}",
        attachments=tuple(file for file in files if file is not None),
        links=(page_of(pin),) if pin else (),
        marks=tuple(f"label:{label}" for label in _labels(view.get("labels"), did)),
        raw=RawFragment(JSON, raw),
    )
    counts = {each: count_of(view.get(key)) for each, key in _FIGURES.items()}
    told = {each: count for each, count in counts.items() if count is not None}
    return Observation(content=content, engagement=told)


def hidden_by(record: Mapping[str, object]) -> frozenset[str]:
    """Give the addresses of the answers that a threadgate's *record* hides."""
    told = record.get("hiddenReplies")
    return frozenset(map(str, told)) if isinstance(told, list) else frozenset()


def without_quoted(raw: bytes) -> bytes:
    """Give the `postView` *raw* with a quoted post, another's record, replaced by a reference."""
    text, pieces, at = raw.decode(), list[str](), 0
    for begin, end in _quoted(text, 0, "embed"):
        quoted = json.loads(text[begin:end])
        named = {key: quoted[key] for key in ("uri", "cid") if key in quoted}
        pieces += [text[at:begin], json.dumps({"reference": named})]
        at = end
    return cut_from(raw, "".join((*pieces, text[at:])).encode())


def _quoted(text: str, at: int, wanted: str) -> Iterator[tuple[int, int]]:
    """Give where the view of a quoted record begins and ends, however it is wrapped."""
    for key, begin, end in json_members(text, at):
        if key == wanted and text[begin] == "{":
            inner = {name for name, _, _ in json_members(text, begin)}
            if "value" in inner:
                yield begin, end
            else:
                yield from _quoted(text, begin, "record")


def _kind(did: str, parent: str | None, owner: str) -> ItemKind:
    if parent is None:
        return ItemKind.POST
    answers_us = parent.startswith(f"at://{owner}/")
    return ItemKind.COMMENT if answers_us and did != owner else ItemKind.REPLY


def _subject(reply: Mapping[str, object], name: str) -> str:
    return text_of(object_of(reply.get(name), "what a post answers"), "uri")


def _moment(value: object) -> datetime | None:
    try:
        return moment_of(value)
    except AnswerUnreadable:
        return None


def _labels(value: object, did: str) -> Iterator[str]:
    """Give the labels that stand, those of the author's own left out."""
    for label in value if isinstance(value, list) else ():
        if isinstance(label, dict) and label.get("neg") is not True and label.get("src") != did:
            yield text_of(label, "val", absent="")


def _self_labels(value: object) -> Iterator[str]:
    told = value.get("values") if isinstance(value, dict) else None
    for label in told if isinstance(told, list) else ():
        if isinstance(label, dict):
            yield text_of(label, "val", absent="")
