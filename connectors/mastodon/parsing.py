"""Reading what a Mastodon server says of a status: pure, and told by the answer alone.

Field names are those of the entities Status, StatusEdit and MediaAttachment of the documentation.
A field on which the record depends must be there and of its documented type; whatever else the
answer holds is kept in the raw fragment and concludes nothing.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from archiver.records.canonical import LARGEST_INTEGER
from archiver.records.captures import Observation
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from archiver.records.moments import from_text
from connectors.cutting import visible_text

JSON = "application/json"
_PUBLIC = frozenset({"public", "unlisted"})
_COUNTS = {
    "favourites": "favourites_count",
    "reblogs": "reblogs_count",
    "replies": "replies_count",
    "quotes": "quotes_count",
}
_ANCHOR = re.compile(r"<a\s[^>]*>", re.IGNORECASE)
_HREF = re.compile(r"""\shref\s*=\s*["']([^"']*)["']""", re.IGNORECASE)
_MENTION = re.compile(r"""\sclass\s*=\s*["'][^"']*\b(?:mention|hashtag)\b""", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n]*")
_decode = json.JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A status as it was read: the content without its thread, and what a walk goes by.

    *replies* is how many replies the server says there are; *boost* that it only passes on
    another account's status.
    """

    content: Content
    engagement: Mapping[str, int]
    restricted: bool
    replies: int
    boost: bool

    @property
    def native_id(self) -> str:
        """Give the id the server knows the status by."""
        return self.content.native_id

    def seen(self, content: Content) -> Observation:
        """Give *content*, which is this status put in its place, as seen by a visit."""
        return Observation(content=content, engagement=self.engagement, restricted=self.restricted)


def read_status(value: object, raw: bytes, *, owner: str) -> Status:
    """Read a Status entity; *owner* is the id of the account whose page this is.

    Raises:
        AnswerUnreadable: it is no Status as documented.
    """
    status = _object(value, "a status")
    content = status_to_content(status, raw, owner=owner)
    counts = {name: _count(status.get(field)) for name, field in _COUNTS.items()}
    return Status(
        content=content,
        engagement={name: count for name, count in counts.items() if count is not None},
        restricted=_text(status, "visibility", absent="") not in _PUBLIC,
        replies=counts["replies"] or 0,
        boost=status.get("reblog") is not None,
    )


def status_to_content(status: Mapping[str, object], raw: bytes, *, owner: str) -> Content:
    """Give what *status* says. It is a root until `placed` says of which thread it is a part.

    Our own status that answers nothing is a post, another's answer to a status of ours is a
    comment, every other answer a reply.

    Raises:
        AnswerUnreadable: it is no Status as documented.
    """
    account = _object(status.get("account"), "the account of a status")
    author = _id(account.get("id"), "an account")
    answered = _optional_id(status.get("in_reply_to_account_id"))
    parent = _optional_id(status.get("in_reply_to_id"))
    text = _text(status, "content")
    nested, marks = _nested(status)
    return Content(
        native_id=_id(status.get("id"), "a status"),
        kind=_kind(own=author == owner, parent=parent, answered=answered, owner=owner),
        title=visible_text(_text(status, "spoiler_text", absent="")),
        text=visible_text(text),
        published_at=_moment(status.get("created_at")),
        edited_at=_moment(status["edited_at"]) if status.get("edited_at") else None,
        author=Author(
            native_id=author,
            name=_text(account, "display_name", absent=""),
            handle=_text(account, "acct", absent=""),
            url=_text(account, "url", absent=""),
        ),
        parent=parent,
        permalink=_text(status, "url", absent="") or _text(status, "uri", absent=""),
        attachments=_attachments(status.get("media_attachments")),
        links=tuple(dict.fromkeys((*_links(text), *nested))),
        language=_text(status, "language", absent=""),
        marks=marks,
        raw=RawFragment(JSON, referring(raw)),
    )


def edit_to_content(value: object, raw: bytes, *, now: Content, first: bool) -> Content:
    """Give what the StatusEdit *value* says of the status that reads *now* today.

    Raises:
        AnswerUnreadable: it is no StatusEdit as documented.
    """
    edit = _object(value, "an edit")
    text = _text(edit, "content")
    nested, marks = _nested(edit)
    made = _moment(edit.get("created_at"))
    return replace(
        now,
        title=visible_text(_text(edit, "spoiler_text", absent="")),
        text=visible_text(text),
        edited_at=None if first else made,
        attachments=_attachments(edit.get("media_attachments")),
        links=tuple(dict.fromkeys((*_links(text), *nested))),
        marks=marks,
        raw=RawFragment(JSON, referring(raw)),
    )


def says_the_same(one: Content, other: Content) -> bool:
    """Say whether two versions show a reader the same words and files."""
    return (one.title, one.text, _shown(one)) == (other.title, other.text, _shown(other))


def placed(content: Content, *, thread: str | None) -> Content:
    """Give *content* as a part of *thread*; the root of a thread is in none but its own."""
    return content if thread in {None, content.native_id} else replace(content, thread=thread)


def referring(raw: bytes) -> bytes:
    """Give the fragment *raw* with each nested status replaced by a reference to it.

    All other bytes are those of the answer. The nested status is another account's record.
    """
    text = raw.decode()
    pieces, at = [], 0
    for begin, end in _nested_spans(text):
        status, _ = _decode(text, begin)
        named = {key: status[key] for key in ("id", "uri", "url") if key in status}
        pieces += [text[at:begin], json.dumps({"reference": named})]
        at = end
    return "".join((*pieces, text[at:])).encode()


def _nested_spans(text: str) -> Iterator[tuple[int, int]]:
    """Give where the statuses under `reblog` and under `quote.quoted_status` begin and end."""
    for key, begin, end in _members(text, 0):
        if key == "reblog" and text[begin] == "{":
            yield begin, end
        elif key == "quote" and text[begin] == "{":
            for inner, inner_begin, inner_end in _members(text, begin):
                if inner == "quoted_status" and text[inner_begin] == "{":
                    yield inner_begin, inner_end


def _members(text: str, at: int) -> Iterator[tuple[str, int, int]]:
    """Give the key of each member of the object at *at*, and where its value begins and ends."""
    at = _past_space(text, at + 1)
    while text[at] != "}":
        key, at = _decode(text, at)
        begin = _past_space(text, _past_space(text, at) + 1)
        at = _decode(text, begin)[1]
        yield key, begin, at
        at = _past_space(text, at)
        if text[at] == ",":
            at = _past_space(text, at + 1)


def _past_space(text: str, at: int) -> int:
    return _SPACE.match(text, at).end()  # type: ignore[union-attr] # it matches anything


def _nested(status: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the addresses of the statuses that *status* passes on or quotes, and its marks."""
    links, marks = [], []
    if (passed_on := status.get("reblog")) is not None:
        links.append(_address(_object(passed_on, "a boosted status")))
        marks.append("boost")
    if (quote := status.get("quote")) is not None:
        quoted = _object(quote, "a quote").get("quoted_status")
        if quoted is not None:
            links.append(_address(_object(quoted, "a quoted status")))
        marks.append("quote")
    return tuple(link for link in links if link), tuple(marks)


def _address(status: Mapping[str, object]) -> str:
    return _text(status, "url", absent="") or _text(status, "uri", absent="")


def _kind(*, own: bool, parent: str | None, answered: str | None, owner: str) -> ItemKind:
    if own and parent is None and answered is None:
        return ItemKind.POST
    return ItemKind.COMMENT if answered == owner and not own else ItemKind.REPLY


def _shown(content: Content) -> list[tuple[str, str]]:
    return [(a.key, a.description) for a in content.attachments]


def _attachments(value: object) -> tuple[Attachment, ...]:
    if not isinstance(value, list):
        raise AnswerUnreadable("a status has no list of media_attachments")
    return tuple(_attachment(_object(entry, "an attachment")) for entry in value)


def _attachment(media: Mapping[str, object]) -> Attachment:
    url = _text(media, "url", absent="") or _text(media, "remote_url", absent="")
    try:
        name = urlsplit(url).path.rpartition("/")[2]
    except ValueError:
        name = ""
    return Attachment(
        key=_id(media.get("id"), "an attachment"),
        url=url,
        name=name,
        description=_text(media, "description", absent=""),
    )


def _links(content: str) -> list[str]:
    anchors = (a for a in _ANCHOR.findall(content) if not _MENTION.search(a))
    return [_unescaped(found[1]) for a in anchors if (found := _HREF.search(a))]


def _unescaped(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # a numeric reference of thousands of digits
        return text


def _object(value: object, what: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise AnswerUnreadable(f"{what} is no object")
    return value


def _id(value: object, what: str) -> str:
    named = _optional_id(value)
    if named is None:
        raise AnswerUnreadable(f"{what} has no id")
    return named


def _optional_id(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise AnswerUnreadable("an id is neither text nor number")
    return str(value)


def _text(entity: Mapping[str, object], name: str, *, absent: str | None = None) -> str:
    value = entity.get(name)
    if value is None:
        value = absent
    if not isinstance(value, str):
        raise AnswerUnreadable(f"{name} is no text")
    return value


def _moment(value: object) -> datetime:
    if not isinstance(value, str):
        raise AnswerUnreadable("a time is no text")
    try:
        return from_text(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise AnswerUnreadable("a time is not in the documented form") from None


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= LARGEST_INTEGER else None
