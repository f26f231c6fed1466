"""The mail between a community's moderators and the public, and among moderators: all restricted.

A conversation is listed in one folder or another and asked for by its id, which tells every message
and what moderators did with it, each with who did. Reddit documents neither what it answers nor the
numbers of these deeds: both are as moderators' programs have found them, and a number that is not
known here is told as it is.
https://www.reddit.com/dev/api#section_modmail
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from archiver.records.captures import Gap, GapReason, Observation, Seen
from archiver.records.errors import AnswerUnreadable, ConnectorError, PermissionLost
from archiver.records.items import Author, Content, ItemKind, RawFragment
from connectors.cutting import count_of, id_of, json_parts, moment_of, object_of, text_of
from connectors.fetching import Answer, unread
from connectors.moderating import log_entry
from connectors.reddit.parsing import JSON, SITE

NEEDS = (
    "the scope modmail, by an account that moderates the community and may read its mail "
    "(archiver connect PAGE), or set messages = false"
)
"""The right without which no mail is shown, and how it is given."""

FOLDERS = ("all", "archived", "appeals", "join_requests", "filtered", "notifications", "mod")
"""Where conversations are listed; *all* leaves out what is archived, appealed or internal."""

Ask = Callable[..., Answer]
Read = Callable[[Mapping[str, object], bytes], Seen]

_AT_ONCE = "100"
_MAIL = "https://mod.reddit.com/mail/perma"
_DEEDS = (
    *("highlighted", "no longer highlighted", "archived", "taken out of the archive"),
    *("reported to Reddit", "its writer muted", "its writer unmuted"),
    *("its writer banned", "its writer unbanned", "approved", "disapproved"),
    *("filtered", "taken out of the filter"),
)
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Modmail:
    """The mail of one *community*, as a moderator's token is shown it."""

    def __init__(self, ask: Ask, community: str) -> None:
        self._ask = ask
        self._community = community

    def since(self, since: datetime | None) -> Iterator[Seen]:
        """Yield each conversation, whole, in which something was written since then, or every one.

        Raises:
            PermissionLost: the token is shown no mail.
        """
        been = set[str]()
        for folder in FOLDERS:
            try:
                for name in self._listed(folder, since):
                    if name not in been:
                        been.add(name)
                        yield from self._conversation(name)
            except PermissionLost:
                raise
            except ConnectorError as error:
                yield unread(f"the mail in the folder {folder}", error)

    def _listed(self, folder: str, since: datetime | None) -> Iterator[str]:
        """Give the ids of a folder's conversations, the one last written in first."""
        asked = {"entity": self._community, "state": folder, "sort": "recent", "limit": _AT_ONCE}
        been = set[str]()
        while True:
            told = object_of(self._ask("api/mod/conversations", asked).json(), "a list of mail")
            held = object_of(told.get("conversations"), "a list of mail")
            fresh = [name for name in _names(told) if name not in been]
            recent = [name for name in fresh if since is None or _is_new(held.get(name), since)]
            yield from recent
            if not recent:
                return
            been.update(fresh)
            asked = asked | {"after": fresh[-1]}

    def _conversation(self, name: str) -> Iterator[Seen]:
        what = f"modmail conversation {name}"
        try:
            answer = self._ask(f"api/mod/conversations/{name}")
            told = object_of(answer.json(), "a conversation")
            about = object_of(told.get("conversation"), "a conversation")
            title = _title(about)
        except PermissionLost:
            raise
        except ConnectorError as error:
            yield unread(what, error)
            return
        parts = json_parts(answer.body)
        messages = json_parts(parts.get("messages", b""))
        yield from _each(messages, lambda value, raw: _message(value, raw, name, title), what)
        deeds = json_parts(parts.get("modActions", b""))
        yield from _each(deeds, lambda value, raw: _deed(value, raw, name), what)
        if (counted := count_of(about.get("numMessages")) or 0) > len(messages):
            detail = f"Reddit counts {counted} messages and tells {len(messages)}"
            yield Gap(what=f"messages of {what}", why=GapReason.OUT_OF_REACH, detail=detail)


def _each(told: Mapping[str, bytes], read: Read, what: str) -> Iterator[Seen]:
    for raw in told.values():
        try:
            yield read(object_of(json.loads(raw), "a message"), raw)
        except AnswerUnreadable as error:
            yield unread(f"a part of {what}", error)


def _names(told: Mapping[str, object]) -> list[str]:
    names = told.get("conversationIds")
    if not isinstance(names, list):
        raise AnswerUnreadable("a list of mail names no conversations")
    return [id_of(name, "a conversation") for name in names]


def _is_new(held: object, since: datetime) -> bool:
    """Say whether something was written in a conversation since then; what tells no time may be."""
    try:
        return moment_of(object_of(held, "a conversation").get("lastUpdated")) >= since
    except AnswerUnreadable:
        return True


def _title(about: Mapping[str, object]) -> str:
    """Give what a conversation is about, and with whom: no message says to whom it went."""
    other = about.get("participant")
    name = text_of(other, "name", absent="") if isinstance(other, dict) else ""
    subject = text_of(about, "subject", absent="")
    return f"{subject} (with u/{name})" if name else subject


def _message(
    message: Mapping[str, object], raw: bytes, conversation: str, title: str
) -> Observation:
    """Read one message; one among moderators is marked, and one that hides which of them wrote it.

    Raises:
        AnswerUnreadable: it is no message as it was found to be.
    """
    by = message.get("author")
    hidden = isinstance(by, dict) and by.get("isHidden") is True
    internal = message.get("isInternal") is True
    content = Content(
        native_id=f"modmail:{id_of(message.get('id'), 'a message')}",
        kind=ItemKind.MESSAGE,
        title=title,
        text=text_of(message, "bodyMarkdown"),
        published_at=moment_of(message.get("date")),
        author=_author(by),
        thread=f"modmail:conversation {conversation}",
        permalink=f"{_MAIL}/{conversation}",
        marks=(*(("internal",) if internal else ()), *(("as-the-community",) if hidden else ())),
        raw=RawFragment(JSON, raw),
    )
    return Observation(content=content, restricted=True)


def _deed(deed: Mapping[str, object], raw: bytes, conversation: str) -> Observation:
    """Read what a moderator did with a conversation.

    Raises:
        AnswerUnreadable: it is no such deed as it was found to be.
    """
    number = count_of(deed.get("actionTypeId"))
    known = number is not None and number < len(_DEEDS)
    done = _DEEDS[number] if known and number is not None else f"deed {deed.get('actionTypeId')}"
    return log_entry(
        f"modmail:{id_of(deed.get('id'), 'a deed')}",
        f"modmail conversation {conversation}: {done}",
        raw,
        at=moment_of(deed.get("date")),
        by=_author(deed.get("author")),
        url=f"{_MAIL}/{conversation}",
    )


def _author(value: object) -> Author | None:
    """Read who wrote or did something, by the id that stands with what they post elsewhere."""
    by = value if isinstance(value, dict) else {}
    name, number = text_of(by, "name", absent=""), count_of(by.get("id"))
    if not name and number is None:
        return None
    native_id = f"t2_{_in_letters(number)}" if number else ""
    return Author(native_id, name, name, f"{SITE}/user/{name}" if name else "")


def _in_letters(number: int) -> str:
    """Give *number* as Reddit writes the ids of accounts, to the base 36."""
    letters = ""
    while number:
        number, rest = divmod(number, 36)
        letters = _LETTERS[rest] + letters
    return letters
