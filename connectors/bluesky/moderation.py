"""How the account is moderated, out of its own repository: blocks, lists, who may answer: pure.

Whom an account blocks is a record of its own on this network, signed and open to everybody; whom
it mutes, and which words, it tells its own app alone.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from archiver.records.captures import Seen
from archiver.records.errors import AnswerUnreadable
from archiver.records.standing_lists import Entry
from connectors.bluesky.named import tid_moment
from connectors.bluesky.parsing import GATES
from connectors.bluesky.repository import Repository
from connectors.cutting import text_of
from connectors.moderating import Look, standing_whole

Record = Mapping[str, object]


def moderation(repository: Repository, records: Mapping[str, bytes]) -> Iterator[Look]:
    """Yield a look at each list that the *records* of the repository make."""
    for name, (title, collection, read) in _LISTS.items():
        brings = partial(_listed, repository, records, name, title, collection, read)
        yield Look(title.lower(), brings)


def _listed(
    repository: Repository,
    records: Mapping[str, bytes],
    name: str,
    title: str,
    collection: str,
    read: Callable[[Record], Entry],
) -> Iterator[Seen]:
    at = tid_moment(repository.rev)
    if at is None:
        raise AnswerUnreadable("the state of a repository has no time")
    paths = [path for path in records if path.startswith(f"{collection}/")]
    entries = [read(repository.record(records[path])) for path in paths]
    proofs = [
        {"path": path, "car": base64.b64encode(repository.proof(path)).decode()} for path in paths
    ]
    yield standing_whole(name, title, entries, json.dumps(proofs).encode(), at=at)


def _since(record: Record) -> str:
    return f"since {text_of(record, 'createdAt', absent='unknown')}"


def _subject(record: Record) -> Entry:
    return Entry(text_of(record, "subject"), _since(record))


def _list(record: Record) -> Entry:
    words = (text_of(record, "description", absent=""), text_of(record, "purpose", absent=""))
    said = "; ".join(word for word in (*words, _since(record)) if word)
    return Entry(text_of(record, "name"), said)


def _member(record: Record) -> Entry:
    return Entry(f"{text_of(record, 'subject')} on {text_of(record, 'list')}", _since(record))


def _gate(record: Record) -> Entry:
    """Say who may answer a post: without rules anybody, by an empty list of them nobody."""
    allowed = record.get("allow")
    told = allowed if isinstance(allowed, list) else []
    rules = [
        " ".join(str(rule[name]).rpartition("#")[2] for name in ("$type", "list") if name in rule)
        for rule in told
        if isinstance(rule, dict)
    ]
    who = ", ".join(sorted(rules)) if isinstance(allowed, list) else "anybody"
    hidden = record.get("hiddenReplies")
    count = len(hidden) if isinstance(hidden, list) else 0
    return Entry(text_of(record, "post"), f"{who or 'nobody'} may answer; {count} hidden")


_LISTS: dict[str, tuple[str, str, Callable[[Record], Entry]]] = {
    "blocks": ("Blocked accounts", "app.bsky.graph.block", _subject),
    "blocked_lists": ("Blocked lists", "app.bsky.graph.listblock", _subject),
    "lists": ("Lists of the account", "app.bsky.graph.list", _list),
    "members": ("Who is on lists of the account", "app.bsky.graph.listitem", _member),
    "gates": ("Who may answer posts", GATES, _gate),
}
