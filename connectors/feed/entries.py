"""From an entry of a feed to an item: its identity, its text, its dates, its attachments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from pathlib import PurePosixPath
from urllib.parse import unquote, unquote_plus, urljoin, urlsplit

from archiver.records.canonical import canonical
from archiver.records.captures import Observation
from archiver.records.identity import sha256
from archiver.records.items import Attachment, Content, ItemKind, RawFragment
from connectors.feed.reading import Document, Entry, File
from connectors.fetching import spoken

_TAG = re.compile(r"<(a|img|audio|video|source)\s((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_TRACKER = re.compile(
    r"utm_.*|fbclid|gclid|mc_[ce]id|expires?|exp|e|ts|timestamp|nonce|policy|key-pair-id",
    re.IGNORECASE,
)
PROFILE = "profile"
"""The id of what the feed says of itself: a page is one feed."""

_SPOKEN_MEDIA = ("audio/", "video/")


@dataclass(frozen=True, slots=True)
class Undated:
    """An entry without a date of its own, in an answer without one: no item can be made of it."""

    identifier: str


def observations(document: Document, *, kind: ItemKind) -> Iterator[Observation | Undated]:
    """Give each entry of *document* as it was seen.

    Entries of one Atom id (or of one guid and one link) are versions of one item: the latest is
    current. A guid that several links share names nothing, and the items are known by their
    content instead.
    """
    shared = _shared_identifiers(document.entries)
    made = [_content(entry, document.answered, shared, kind) for entry in document.entries]
    latest: dict[str, datetime] = {}
    for content in made:
        if isinstance(content, Content):
            known = latest.get(content.native_id, _moment_of(content))
            latest[content.native_id] = max(known, _moment_of(content))
    for entry, content in zip(document.entries, made, strict=True):
        if isinstance(content, Undated):
            yield content
            continue
        current = latest.get(content.native_id) == _moment_of(content)
        if current:
            del latest[content.native_id]
        counts = {} if entry.replies is None else {"comments": entry.replies}
        yield Observation(content=content, current=current, engagement=counts)


def _moment_of(content: Content) -> datetime:
    return content.edited_at or content.published_at


def _shared_identifiers(entries: Sequence[Entry]) -> frozenset[str]:
    links = {(e.identifier, e.permalink) for e in entries if e.identifier and not e.binding}
    counted = Counter(identifier for identifier, _ in links)
    return frozenset(identifier for identifier, count in counted.items() if count > 1)


def _content(
    entry: Entry, answered: datetime | None, shared: frozenset[str], kind: ItemKind
) -> Content | Undated:
    marks = [*entry.marks]
    native_id = entry.identifier
    if not native_id or native_id in shared or native_id == PROFILE:
        marks.append("id-from-content")
        native_id = _made_identifier(entry)
    published = entry.published or entry.updated
    if entry.published is None and entry.updated is not None:
        marks.append("date-of-update")
    if published is None:
        marks.append("date-from-answer")
        published = answered
    if published is None:
        return Undated(native_id)
    attachments = tuple(attached((*entry.files, *_pictures(entry))))
    if entry.in_reply_to:
        kind = ItemKind.COMMENT
    elif any(a.media_type.startswith(_SPOKEN_MEDIA) for a in attachments):
        kind = ItemKind.EPISODE
    return Content(
        native_id=native_id,
        kind=kind,
        title=entry.title,
        text=joined(entry.texts),
        raw=RawFragment(entry.media_type, entry.raw),
        published_at=published,
        edited_at=entry.updated if entry.updated not in {None, published} else None,
        author=entry.author,
        parent=entry.in_reply_to or None,
        thread=entry.in_reply_to or None,
        permalink=entry.permalink,
        attachments=attachments,
        links=tuple(_links(entry)),
        language=entry.language,
        marks=tuple(marks),
    )


def _made_identifier(entry: Entry) -> str:
    """Give an identity to an entry without one: its link, title and date, or else its text."""
    date = entry.published.isoformat() if entry.published else ""
    parts = [entry.permalink, entry.title, date]
    if not any(parts):
        parts = list(entry.texts)
    return f"sha256:{sha256(canonical([*parts]))}"


def joined(texts: Iterable[str]) -> str:
    """Join *texts* into one, leaving out what another of them already says."""
    said: list[str] = []
    for text in texts:
        folded = " ".join(text.split())
        if not any(folded in " ".join(other.split()) for other in said):
            said.append(text)
    return "\n\n".join(said)


def _links(entry: Entry) -> Iterator[str]:
    found = (
        urljoin(entry.base, named["href"].strip())
        for tag, named in _tags(entry)
        if tag == "a" and named.get("href", "").strip()
    )
    yield from dict.fromkeys(_joinable(found))


def _joinable(links: Iterable[str]) -> Iterator[str]:
    yield from (link for link in links if not link.lower().startswith(("javascript:", "data:")))


def _pictures(entry: Entry) -> Iterator[File]:
    for tag, named in _tags(entry):
        if tag != "a" and named.get("src", "").strip() and not _is_counter(named):
            url = urljoin(entry.base, named["src"].strip())
            yield File(url, "", "", named.get("alt", "").strip())


def attached(files: Iterable[File]) -> Iterator[Attachment]:
    """Give each of *files* that can be asked for, once, as an attachment."""
    known: set[str] = set()
    for file in files:
        if not file.url.lower().startswith(("http://", "https://")):
            continue
        key = attachment_key(file)
        if key not in known:
            known.add(key)
            name = PurePosixPath(unquote(urlsplit(file.url).path)).name
            yield Attachment(key, file.url, file.media_type.lower(), name, file.description)


def _is_counter(named: dict[str, str]) -> bool:
    """Say whether a picture is one dot, put there to count readers."""
    return named.get("width", "").strip() in {"0", "1"} or named.get("height") in {"0", "1"}


def _tags(entry: Entry) -> Iterator[tuple[str, dict[str, str]]]:
    for markup in entry.markup:
        for tag in _TAG.finditer(markup):
            named = {
                found[1].lower(): unescape(found[2] or found[3] or found[4] or "")
                for found in _ATTRIBUTE.finditer(tag[2])
            }
            yield tag[1].lower(), named


def attachment_key(file: File) -> str:
    """Give the name of *file* across visits: its path, what its query asks for, its length.

    The host is left out (files move between mirrors), and so is whatever in the query tracks,
    signs or expires. The length that the feed tells is part of it, so that an enclosure that is
    replaced under the same guid and address is another attachment, and makes a new version.
    """
    parts = urlsplit(spoken(file.url))
    asked = sorted(
        piece
        for piece in parts.query.split("&")
        if piece and not _TRACKER.fullmatch(unquote_plus(piece.partition("=")[0]))
    )
    query = f"?{'&'.join(asked)}" if asked else ""
    length = f"#{file.length}" if file.length.strip("0") else ""
    return f"{parts.path}{query}{length}"
