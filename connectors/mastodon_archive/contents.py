"""One activity of an outbox → one item, under the address by which every server knows it.

Field names are those of ActivityStreams, as Mastodon documents what it sends to other servers. A
field on which the record depends must be there; whatever else is kept in the raw fragment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archiver.records.captures import Observation
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import (
    count_of,
    fediverse_links,
    moment_of,
    object_of,
    optional_id,
    text_of,
    visible_text,
)
from connectors.deposits import THREAD_UNKNOWN, entries, file_named
from connectors.mastodon_archive.layout import Archive, author_of

JSON = "application/activity+json"
_PUBLIC = frozenset({"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"})
_QUOTES = ("quote", "quoteUri", "quoteUrl", "_misskey_quote")
_COUNTS = {"favourites": "likes", "reblogs": "shares"}


class Walk:
    """One walk over an outbox, and what it remembers: whose post began which conversation.

    Mastodon gives activities in the order of their making, so that a thread begins before it is
    continued.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._begun: dict[str, str] = {}

    def activity(self, value: object, raw: bytes) -> Iterator[Observation]:
        """Give the post, the reply or the boost that an activity made.

        Raises:
            AnswerUnreadable: it made none of them, or is not as documented.
        """
        activity = object_of(value, "an activity")
        sort = text_of(activity, "type")
        if sort == "Announce":
            yield self._boost(activity, raw)
        elif sort == "Create":
            yield self._note(object_of(activity.get("object"), "what was created"), raw)
        else:
            raise AnswerUnreadable("it is neither a post nor a boost")

    def _note(self, note: Mapping[str, object], raw: bytes) -> Observation:
        written = text_of(note, "content")
        native_id, parent = _named(note), optional_id(note.get("inReplyTo"))
        thread = self._thread(note, native_id, parent)
        quoted = list(dict.fromkeys(told for name in _QUOTES if (told := _text(note, name))))
        marks = ["quote"] if quoted else []
        if parent is not None and thread is None:
            marks.append(THREAD_UNKNOWN)
        cards = [told for each in entries(note.get("attachment")) if (told := _text(each, "href"))]
        content = Content(
            native_id=native_id,
            kind=ItemKind.POST if parent is None else ItemKind.REPLY,
            title=visible_text(text_of(note, "summary", absent="")),
            text="\n".join([visible_text(written), *_options(note)]),
            raw=RawFragment(JSON, raw),
            published_at=moment_of(note.get("published")),
            edited_at=moment_of(note["updated"]) if note.get("updated") else None,
            author=self._author(_text(note, "attributedTo")),
            parent=parent,
            thread=thread if thread != native_id else None,
            permalink=_text(note, "url") or native_id,
            attachments=tuple(self._files(note)),
            links=tuple(dict.fromkeys([*fediverse_links(written), *cards, *quoted])),
            language=_language(note),
            marks=tuple(marks),
        )
        counts = {name: count_of(_counted(note.get(field))) for name, field in _COUNTS.items()}
        known = {name: count for name, count in counts.items() if count is not None}
        return Observation(content=content, engagement=known, restricted=not _is_public(note))

    def _boost(self, activity: Mapping[str, object], raw: bytes) -> Observation:
        """Give a boost: the address of what was passed on, and not a copy."""
        passed_on = activity.get("object")
        address = passed_on if isinstance(passed_on, str) else _named(object_of(passed_on, "it"))
        content = Content(
            native_id=_named(activity),
            kind=ItemKind.POST,
            text="",
            raw=RawFragment(JSON, raw),
            published_at=moment_of(activity.get("published")),
            author=self._author(_text(activity, "actor")),
            links=(address,),
            marks=("boost",),
        )
        return Observation(content=content, restricted=not _is_public(activity))

    def _thread(self, note: Mapping[str, object], native_id: str, parent: str | None) -> str | None:
        """Give the post of the account's own that began the conversation of *note*, if it did."""
        conversation = _text(note, "conversation") or _text(note, "context")
        if parent is None:
            self._begun[conversation or native_id] = native_id
            return native_id
        return self._begun.get(conversation) if conversation else None

    def _author(self, native_id: str) -> Author | None:
        known = self._archive.author
        if known is not None and native_id in {"", known.native_id}:
            return known
        return Author(native_id) if native_id else None

    def _files(self, note: Mapping[str, object]) -> Iterator[Attachment]:
        for number, each in enumerate(entries(note.get("attachment")), start=1):
            address = _text(each, "url")
            if address or not _text(each, "href"):
                key = self._archive.key(address) or f"attachment {number}"
                yield file_named(address, key=key, description=_text(each, "name"))


def profile(value: object, raw: bytes) -> Iterator[Observation]:
    """Give the account's profile: its words, its fields and its pictures.

    Raises:
        AnswerUnreadable: it is none as documented.
    """
    actor = object_of(value, "a profile")
    author = author_of(actor)
    if author is None:
        raise AnswerUnreadable("the profile has no id")
    told = text_of(actor, "summary", absent="")
    fields = [
        f"{_text(each, 'name')}: {visible_text(_text(each, 'value'))}"
        for each in entries(actor.get("attachment"))
    ]
    pictures = [_text(each, "url") for name in ("icon", "image") for each in _object(actor, name)]
    content = Content(
        native_id=author.native_id,
        kind=ItemKind.PROFILE,
        title=author.name or author.handle,
        text="\n".join(line for line in (visible_text(told), *fields) if line),
        raw=RawFragment(JSON, raw),
        published_at=moment_of(actor.get("published")),
        author=author,
        permalink=author.url or author.native_id,
        attachments=tuple(file_named(picture) for picture in pictures if picture),
        links=tuple(dict.fromkeys(fediverse_links(told))),
    )
    yield Observation(content=content)


def _named(entity: Mapping[str, object]) -> str:
    named = text_of(entity, "id")
    if not named or any(mark.isspace() for mark in named):
        raise AnswerUnreadable("it has no id")
    return named


def _text(entity: Mapping[str, object], name: str) -> str:
    """Give the text under *name*, or none where something else stands there."""
    value = entity.get(name)
    return value if isinstance(value, str) else ""


def _object(entity: Mapping[str, object], name: str) -> Iterator[Mapping[str, object]]:
    value = entity.get(name)
    if isinstance(value, dict):
        yield value


def _counted(value: object) -> object:
    return value.get("totalItems") if isinstance(value, dict) else None


def _is_public(entity: Mapping[str, object]) -> bool:
    """Say whether everyone may see it; whom it does not say it is for, it is not public."""
    told = [entity.get("to"), entity.get("cc")]
    addressed = [each for value in told for each in (value if isinstance(value, list) else [value])]
    return any(isinstance(each, str) and each in _PUBLIC for each in addressed)


def _options(note: Mapping[str, object]) -> list[str]:
    """Give what a poll lets its readers choose from."""
    listed = [each for name in ("oneOf", "anyOf") for each in entries(note.get(name))]
    return [visible_text(told) for each in listed if (told := _text(each, "name"))]


def _language(note: Mapping[str, object]) -> str:
    """Give the language of a post, where it is told in one alone."""
    told = note.get("contentMap")
    languages = list(told) if isinstance(told, dict) else []
    return str(languages[0]) if len(languages) == 1 else ""
