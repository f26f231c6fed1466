"""Reading what the Threads API says of a post, an answer, an account: pure.

Field names are those of the reference ("Threads Media", "Reply Management", "Threads User"). A
field on which the record depends must be there; whatever else is told stays in the raw fragment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archiver.records.captures import PlatformState
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import count_of, id_of, moment_of, object_of, optional_id, text_of
from connectors.graph import Node, Standing, file_name, served

JSON = "application/json"
SITE = "https://www.threads.com"

_FILE = "media_type,media_url,thumbnail_url,alt_text"
POST_FIELDS = (
    *("id", "timestamp", "text", "username", "permalink", "shortcode", "media_product_type"),
    *("media_type", "media_url", "thumbnail_url", "alt_text", f"children{{id,{_FILE}}}"),
    *("is_quote_post", "quoted_post{id,permalink}", "reposted_post{id,permalink}", "gif_url"),
    *("link_attachment_url", "topic_tag", "has_replies", "reply_audience", "owner{id}"),
)
ANSWER_FIELDS = (
    *(field for field in POST_FIELDS if field != "owner{id}"),
    *("is_reply", "is_reply_owned_by_me", "root_post{id}", "replied_to{id}", "hide_status"),
)
PROFILE_FIELDS = ("id", "username", "name", "threads_biography", "threads_profile_picture_url")
OWNER_FIELDS = ("id", "username")

WANTS = {"hide_status": "hidden"}
"""On which field a state rests, and which items it tells from others."""

_SHOWN = frozenset({"NOT_HUSHED", "UNHUSHED"})
_MARKS = {"is_quote_post": "quote"}
_OF_FILES = frozenset({"AUDIO", "IMAGE", "VIDEO"})


def read_post(value: object, raw: bytes) -> Standing:
    """Read a post of the account's own; `answers` is 0 where nothing answers it.

    Raises:
        AnswerUnreadable: it is no post as documented.
    """
    post = object_of(value, "a post")
    content = _content(post, raw, kind=ItemKind.POST)
    return Standing(content=content, answers=0 if post.get("has_replies") is False else None)


def read_answer(value: object, raw: bytes, *, thread: str = "", own: bool = False) -> Standing:
    """Read an answer, which stands below *thread* where it does not itself say below what.

    A hidden one is *hidden*: Threads gives the owner its words, and says how it is hidden. Where it
    does not say whether it is, the state is unknown; but of an answer of the account's *own* the
    list of them does not tell that by its reference, and shows it.

    Raises:
        AnswerUnreadable: it is no answer as documented.
    """
    answer = object_of(value, "an answer")
    root = _named(answer.get("root_post")) or thread or None
    above = _named(answer.get("replied_to")) or root
    status = text_of(answer, "hide_status", absent="")
    ours = own or answer.get("is_reply_owned_by_me") is True
    untold = () if status or ours else ("hide_status",)
    shown = status in _SHOWN or not status
    content = _content(
        answer,
        raw,
        kind=ItemKind.COMMENT if above == root and not ours else ItemKind.REPLY,
        parent=above,
        thread=root,
        marks=() if shown else (f"hide-status:{status.lower()}",),
    )
    state = PlatformState.PRESENT if shown else PlatformState.HIDDEN
    return Standing(
        content=content, state=PlatformState.UNKNOWN if untold else state, untold=untold
    )


def answers_counted(insights: Sequence[object]) -> int:
    """Give how many answers Threads counts: of a post that answers none, all below it.

    Raises:
        AnswerUnreadable: the *insights* of the post hold no such count.
    """
    for told in insights:
        values = told.get("values") if isinstance(told, dict) else None
        first = values[0] if isinstance(values, list) and values else None
        count = count_of(first.get("value")) if isinstance(first, dict) else None
        if isinstance(told, dict) and told.get("name") == "replies" and count is not None:
            return count
    raise AnswerUnreadable("the insights of a post hold no count of its answers")


def read_profile(node: Node) -> Standing:
    """Read what the account says of itself, as of the moment the server gave it out.

    Raises:
        AnswerUnreadable: it is no account as documented, or the answer has no date.
    """
    user = node.value
    handle, name = text_of(user, "username"), text_of(user, "name", absent="")
    picture = text_of(user, "threads_profile_picture_url", absent="")
    native_id = id_of(user.get("id"), "an account")
    key = file_name(picture)
    content = Content(
        native_id=native_id,
        kind=ItemKind.PROFILE,
        title=name or handle,
        text=text_of(user, "threads_biography", absent=""),
        published_at=served(node.moment),
        author=Author(native_id, name, handle, f"{SITE}/@{handle}"),
        permalink=f"{SITE}/@{handle}",
        attachments=(Attachment(key=key, url=picture, name="picture"),) if key else (),
        raw=RawFragment(JSON, node.raw),
    )
    return Standing(content=content)


def _content(
    media: Mapping[str, object],
    raw: bytes,
    *,
    kind: ItemKind,
    parent: str | None = None,
    thread: str | None = None,
    marks: tuple[str, ...] = (),
) -> Content:
    handle = text_of(media, "username", absent="")
    author = Author(_named(media.get("owner")) or "", handle=handle, url=f"{SITE}/@{handle}")
    flags = [mark for field, mark in _MARKS.items() if media.get(field) is True]
    if media.get("media_type") == "REPOST_FACADE":
        flags.append("boost")
    if any(_is_withheld(part) for part in _parts(media)):
        flags.append("file_not_offered")
    return Content(
        native_id=id_of(media.get("id"), "a post"),
        kind=kind,
        text=text_of(media, "text", absent=""),
        published_at=moment_of(media.get("timestamp")),
        author=author if handle else None,
        parent=parent,
        thread=thread,
        permalink=text_of(media, "permalink", absent=""),
        attachments=tuple(_files(media)),
        links=tuple(_links(media)),
        marks=(*flags, *marks),
        raw=RawFragment(JSON, raw),
    )


def _files(media: Mapping[str, object]) -> Iterator[Attachment]:
    """Give the file of a post, or of each part of a carousel, and the animation it shows."""
    for entry in _parts(media):
        url = text_of(entry, "media_url", absent="") or text_of(entry, "thumbnail_url", absent="")
        if url:
            key = id_of(entry.get("id"), "a part of a carousel")
            described = text_of(entry, "alt_text", absent="")
            yield Attachment(key=key, url=url, name=file_name(url), description=described)
    if animation := text_of(media, "gif_url", absent=""):
        yield Attachment(key=file_name(animation), url=animation, name="gif")


def _parts(media: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Give each part of a carousel, or the post itself where it is none."""
    children = media.get("children")
    parts = children.get("data") if isinstance(children, dict) else None
    if children is not None and not isinstance(parts, list):
        raise AnswerUnreadable("the parts of a carousel are no list")
    return [object_of(part, "a part of a carousel") for part in parts or [media]]


def _is_withheld(part: Mapping[str, object]) -> bool:
    """Say whether *part* is a picture, a film or a sound whose file Threads does not give."""
    return part.get("media_type") in _OF_FILES and not text_of(part, "media_url", absent="")


def _links(media: Mapping[str, object]) -> Iterator[str]:
    """Give what a post links to: a card, and the post of another that it quotes or passes on."""
    told = [text_of(media, "link_attachment_url", absent="")]
    for field in ("quoted_post", "reposted_post"):
        other = media.get(field)
        if isinstance(other, dict):
            told.append(text_of(other, "permalink", absent="") or _named(other) or "")
    yield from (link for link in told if link)


def _named(value: object) -> str | None:
    return optional_id(value.get("id")) if isinstance(value, dict) else None
