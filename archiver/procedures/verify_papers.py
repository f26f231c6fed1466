"""Verifying papers: each that the ledger tells of, or that another names, lies there as written.

What a court order amended stands for what was written, behind its seal. Papers under items go with
their items, and are looked at with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from archiver.catalogue import inspection
from archiver.catalogue.paper_list import ToldPaper, paper_list
from archiver.procedures.account import Account
from archiver.procedures.amended_papers import PAPERS
from archiver.procedures.papers import paper_in, place_of
from archiver.procedures.verify_findings import LISTED_AT_MOST, Fault, Findings
from archiver.records.canonical import Json
from archiver.records.errors import LedgerDamaged
from archiver.records.events import EventKind, read_leaf
from archiver.records.identity import sha256

_TOGETHER = 500

_IS_DIGEST = re.compile(f"[0-9a-f]{{{len(sha256(b''))}}}").fullmatch

_KINDS = tuple(kind for kind in EventKind if not kind.value.startswith(("item.", "attachment.")))
"""The entries whose papers do not lie under an item."""

_NAMES = {
    "adoption": {"text": "schedule", "papers": "document"},
    "bag": {"parts": "bag_part"},
    "order_outcome": {"annexes": "order_annex"},
    "plan": {"parts": "plan_part", "staying": "plan_stayed"},
    "stayed": {"staying": "plan_stayed"},
}
"""Under which words a paper of a kind names others, and of what kind those are."""

_DOCUMENT = "document"
"""The word by which every paper names the document it rests on; also the kind of that one."""


def papers_spoilt(account: Account) -> Findings:
    """Name every paper that is gone, or is not what was written; each is read once.

    Of those that are read a few are in memory at a time, and digests are none there, however many.
    A paper that nothing names is of a deed that was refused, or died, before it was entered.

    Raises:
        CatalogueUnavailable: there is no room for a list of their digests.
    """
    found = Findings()
    with paper_list() as papers:
        papers.tell(_told(account))
        papers.shelve(_shelf(account))  # after the entries, so that it has what they name
        while some := papers.following(_TOGETHER):
            papers.tell(list(_look_at(account, some, found)))
        for digest, kind in papers.untold(LISTED_AT_MOST):
            found.unentered.append(f"{PAPERS}{kind}/{digest.hex()}.json")
    return found


def _look_at(
    account: Account, some: Sequence[ToldPaper], found: Findings
) -> Iterator[tuple[bytes, str]]:
    """Read papers, and give those that they name, and what names them."""
    lying = [(told, told.kind) for told in some if told.kind is not None]
    for told in (told for told in some if told.kind is None):
        why = f"{told.by}, and it is gone"
        found.name(found.missing, Fault(f"paper {told.digest.hex()}", why))
    every = account.shelf.fetch_all([place_of(kind, told.digest.hex()) for told, kind in lying])
    for (told, kind), data in zip(lying, every, strict=True):
        name = place_of(kind, told.digest.hex())
        try:
            paper = paper_in(account, kind, told.digest.hex(), data)
        except (LedgerDamaged, ValueError, KeyError, TypeError):
            why = f"{told.by}, and it is not what was written"
            found.name(found.damaged, Fault(name, why))
        else:
            yield from ((one, f"{name} names it") for one in _named_in(kind, paper))


def _told(account: Account) -> Iterator[tuple[bytes, str]]:
    """Give every paper that the ledger names, and by which kind of entry."""
    with account.catalogue.reading() as connection:
        for data in inspection.leaves_of(connection, _KINDS):
            leaf = read_leaf(data)
            if leaf is not None and _IS_DIGEST(leaf.paper):
                yield bytes.fromhex(leaf.paper), f"{leaf.kind.value} names it"


def _shelf(account: Account) -> Iterator[tuple[bytes, str]]:
    """Give every paper there is, or of which an order left something, and its kind."""
    for name in account.shelf.names(PAPERS):
        kind, _, file = name.removeprefix(PAPERS).partition("/")
        digest = file.partition(".")[0]
        if _IS_DIGEST(digest):
            yield bytes.fromhex(digest), kind


def _named_in(kind: str, paper: Mapping[str, Json]) -> Iterator[bytes]:
    """Give the papers that a paper of *kind* names."""
    for word in _NAMES.get(kind, ()):
        yield from _digests(paper.get(word))
    yield from _documents(paper)


def _documents(told: Json | Mapping[str, Json]) -> Iterator[bytes]:
    if isinstance(told, Mapping):
        for word, value in told.items():
            named = word == _DOCUMENT and isinstance(value, str | list)
            yield from _digests(value) if named else _documents(value)
    elif isinstance(told, list):
        for value in told:
            yield from _documents(value)


def _digests(told: Json) -> Iterator[bytes]:
    """Give every digest in *told*, however deep."""
    if isinstance(told, str):
        if _IS_DIGEST(told):
            yield bytes.fromhex(told)
    elif isinstance(told, dict | list):
        for value in told.values() if isinstance(told, dict) else told:
            yield from _digests(value)
