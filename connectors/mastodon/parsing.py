"""Reading what a Mastodon server says of a status: pure, and told by the answer alone.

Field names are those of the entities Status, StatusEdit and MediaAttachment of the documentation.
A field on which the record depends must be there and of its documented type; whatever else the
answer holds is kept in the raw fragment and concludes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from archiver.records.captures import Observation
from archiver.records.errors import AnswerUnreadable
from archiver.records.exchanges import cut_from
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import (
    count_of,
    fediverse_links,
    id_of,
    json_members,
    moment_of,
    object_of,
    optional_id,
    text_of,
    visible_text,
)

JSON = "application/json"
_PUBLIC = frozenset({"public", "unlisted"})
_DIRECT = "direct"
_COUNTS = {
    "favourites": "favourites_count",
    "reblogs": "reblogs_count",
    "replies": "replies_count",
    "quotes": "quotes_count",
}
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
    status = object_of(value, "a status")
    content = status_to_content(status, raw, owner=owner)
    counts = {name: count_of(status.get(field)) for name, field in _COUNTS.items()}
    return Status(
        content=content,
        engagement={name: count for name, count in counts.items() if count is not None},
        restricted=text_of(status, "visibility", absent="") not in _PUBLIC,
        replies=counts["replies"] or 0,
        boost=status.get("reblog") is not None,
    )


def status_to_content(status: Mapping[str, object], raw: bytes, *, owner: str) -> Content:
    """Give what *status* says. It is a root until `placed` says of which thread it is a part.

    Our own status that answers nothing is a post, another's answer to a status of ours is a
    comment, every other answer a reply; what is shown to those alone whom it names is a message.

    Raises:
        AnswerUnreadable: it is no Status as documented.
    """
    account = object_of(status.get("account"), "the account of a status")
    author = id_of(account.get("id"), "an account")
    answered = optional_id(status.get("in_reply_to_account_id"))
    parent = optional_id(status.get("in_reply_to_id"))
    text = text_of(status, "content")
    nested, marks = _nested(status)
    return Content(
        native_id=id_of(status.get("id"), "a status"),
        kind=ItemKind.MESSAGE
        if status.get("visibility") == _DIRECT
        else _kind(own=author == owner, parent=parent, answered=answered, owner=owner),
        title=visible_text(text_of(status, "spoiler_text", absent="")),
        text=visible_text(text),
        published_at=moment_of(status.get("created_at")),
        edited_at=moment_of(status["edited_at"]) if status.get("edited_at") else None,
        author=Author(
            native_id=author,
            name=text_of(account, "display_name", absent=""),
            handle=text_of(account, "acct", absent=""),
            url=text_of(account, "url", absent=""),
        ),
        parent=parent,
        permalink=text_of(status, "url", absent="") or text_of(status, "uri", absent=""),
        attachments=_attachments(status.get("media_attachments")),
        links=tuple(dict.fromkeys((*fediverse_links(text), *nested))),
        language=text_of(status, "language", absent=""),
        marks=marks,
        raw=RawFragment(JSON, referring(raw)),
    )


def edit_to_content(value: object, raw: bytes, *, now: Content, first: bool) -> Content:
    """Give what the StatusEdit *value* says of the status that reads *now* today.

    Raises:
        AnswerUnreadable: it is no StatusEdit as documented.
    """
    edit = object_of(value, "an edit")
    text = text_of(edit, "content")
    nested, marks = _nested(edit)
    made = moment_of(edit.get("created_at"))
    return replace(
        now,
        title=visible_text(text_of(edit, "spoiler_text", absent="")),
        text=visible_text(text),
        edited_at=None if first else made,
        attachments=_attachments(edit.get("media_attachments")),
        links=tuple(dict.fromkeys((*fediverse_links(text), *nested))),
        marks=marks,
        raw=RawFragment(JSON, referring(raw)),
    )


def says_the_same(one: Content, other: Content) -> bool:
    """Say whether two versions show a reader the same words and files."""
    return (one.title, one.text, _shown(one)) == (other.title, other.text, _shown(other))


def name_of(value: object) -> str:
    """Give the id of what may be a status, as far as it can be read."""
    named = value.get("id") if isinstance(value, dict) else None
    return str(named) if isinstance(named, str | int) else ""


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
    return cut_from(raw, "".join((*pieces, text[at:])).encode())


def _nested_spans(text: str) -> Iterator[tuple[int, int]]:
    """Give where the statuses under `reblog` and under `quote.quoted_status` begin and end."""
    for key, begin, end in json_members(text, 0):
        if key == "reblog" and text[begin] == "{":
            yield begin, end
        elif key == "quote" and text[begin] == "{":
            for inner, inner_begin, inner_end in json_members(text, begin):
                if inner == "quoted_status" and text[inner_begin] == "{":
                    yield inner_begin, inner_end


def _nested(status: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the addresses of the statuses that *status* passes on or quotes, and its marks."""
    links, marks = [], []
    if (passed_on := status.get("reblog")) is not None:
        links.append(_address(object_of(passed_on, "a boosted status")))
        marks.append("boost")
    if (quote := status.get("quote")) is not None:
        quoted = object_of(quote, "a quote").get("quoted_status")
        if quoted is not None:
            links.append(_address(object_of(quoted, "a quoted status")))
        marks.append("quote")
    return tuple(link for link in links if link), tuple(marks)


def _address(status: Mapping[str, object]) -> str:
    return text_of(status, "url", absent="") or text_of(status, "uri", absent="")


def _kind(*, own: bool, parent: str | None, answered: str | None, owner: str) -> ItemKind:
    if own and parent is None and answered is None:
        return ItemKind.POST
    return ItemKind.COMMENT if answered == owner and not own else ItemKind.REPLY


def _shown(content: Content) -> list[tuple[str, str]]:
    return [(a.key, a.description) for a in content.attachments]


def _attachments(value: object) -> tuple[Attachment, ...]:
    if not isinstance(value, list):
        raise AnswerUnreadable("a status has no list of media_attachments")
    return tuple(_attachment(object_of(entry, "an attachment")) for entry in value)


def _attachment(media: Mapping[str, object]) -> Attachment:
    url = text_of(media, "url", absent="") or text_of(media, "remote_url", absent="")
    try:
        name = urlsplit(url).path.rpartition("/")[2]
    except ValueError:
        name = ""
    return Attachment(
        key=id_of(media.get("id"), "an attachment"),
        url=url,
        name=name,
        description=text_of(media, "description", absent=""),
    )
