"""Amended papers: what a court order leaves of papers that told of what it destroyed.

The paper goes, and what is left of it is put in its place under a seal of the archive key: the
ledger's digest of the old one stays, and the entry of the order names the new one's.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

from archiver.procedures.account import Account
from archiver.records.canonical import Json, canonical, read_object
from archiver.records.identity import sha256
from archiver.records.scrubbing import Naming, scrubbed

PAPERS, _PLAIN = "papers/", ".json"
_AMENDED = (".amended.json", ".amended-again.json")
"""Two names, taken in turn, so that a paper amended twice is at no moment gone."""

PAGE = "page"
OURS = frozenset({"person", "adoption", "schedule", "shortening", "transfer"})
"""The kinds of papers whose words are the law here, the roster, or whom records went to."""

Amend = Callable[[dict[str, Json]], dict[str, Json]]


def amended(account: Account, kind: str, digest: str) -> dict[str, Json] | None:
    """Give what an order left of a paper, proven by its seal, or None where none did."""
    found = _amended(account, f"{PAPERS}{kind}/{digest}", digest)
    return None if found is None else found[1]


def amend(account: Account, kind: str, digest: str, change: Amend) -> str:
    """Put what *change* leaves of a paper in its place; give the digest of what is left.

    The new one is durable before the old one goes, with every version a store keeps of it.
    Empty where there is no such paper.
    """
    stem = f"{PAPERS}{kind}/{digest}"
    found = _amended(account, stem, digest)
    if found is None:
        data = account.shelf.fetch(f"{stem}{_PLAIN}")
        if data is None:
            return ""
        found = _PLAIN, read_object(data)
    old, paper = found
    left = change(paper)
    new = _AMENDED[old == _AMENDED[0]]
    sealed: dict[str, Json] = {"paper": left, "seal": _seal(account, digest, left)}
    account.shelf.place({f"{stem}{new}": canonical(sealed)})
    account.shelf.remove([f"{stem}{_PLAIN}", f"{stem}{old}"])
    return sha256(canonical(left))


def _amended(account: Account, stem: str, digest: str) -> tuple[str, dict[str, Json]] | None:
    for ending in _AMENDED:
        data = account.shelf.fetch(f"{stem}{ending}")
        if data is not None:
            told = read_object(data)
            paper = cast("dict[str, Json]", told["paper"])
            if told["seal"] == _seal(account, digest, paper):
                return ending, paper
    return None


def is_paper(name: str) -> bool:
    """Say whether a file of the shelf may be a paper, by its *name*, or what is left of one."""
    return _PAPER.fullmatch(name) is not None


_PAPER = re.compile(
    re.escape(PAPERS)
    + r"([a-z0-9_-]+)/([0-9a-f]{64})("
    + "|".join(map(re.escape, (_PLAIN, *_AMENDED)))
    + ")"
)


def _lying(account: Account) -> Iterator[tuple[str, str, str]]:
    """Give name, kind and digest of every paper there is; files that are none are passed."""
    for name in list(account.shelf.names(PAPERS)):
        if found := _PAPER.fullmatch(name):
            yield name, found[1], found[2]


def every_paper(account: Account) -> Iterator[tuple[str, str, dict[str, Json]]]:
    """Give kind, digest and particulars of every paper, as it stands now."""
    for name, kind, digest in _lying(account):
        if name.endswith(_PLAIN) and not name.endswith(_AMENDED):
            if (data := account.shelf.fetch(name)) is not None:
                yield kind, digest, read_object(data)
        elif (left := amended(account, kind, digest)) is not None:
            yield kind, digest, left


def every_amended(account: Account) -> dict[tuple[str, str], str]:
    """Give, by kind and digest, the digest of what orders left of every paper they amended."""
    found = {}
    for name, kind, digest in _lying(account):
        if name.endswith(_AMENDED) and (left := amended(account, kind, digest)) is not None:
            found[kind, digest] = sha256(canonical(left))
    return found


def drop_returned(account: Account) -> None:
    """Remove papers that an older state of the store brought back beside what was left of them."""
    found = every_amended(account)
    account.shelf.remove([f"{PAPERS}{kind}/{digest}{_PLAIN}" for kind, digest in found])


def scrub_papers(
    account: Account,
    ids: frozenset[str],
    names: Naming | None = None,
    *,
    spared: frozenset[str] = frozenset(),
    emptied: frozenset[str] = frozenset(),
    pages: frozenset[str] = frozenset(),
) -> None:
    """Take everything about the items *ids*, and all *names*, out of every paper.

    In papers whose digests are *spared*, names stay, and so they do in what is the law here or the
    roster. Documents that are *emptied* go whole, and *pages* lose their names. Every paper is
    read: an order is rare, and what it must not leave may stand anywhere.
    """
    for kind, digest, paper in every_paper(account):
        sought = None if digest in spared or kind in {PAGE, *OURS} else names
        left = scrubbed(paper, ids, sought)
        if digest in emptied or (sought is not None and document_names(paper, sought)):
            left = {**left, "name": "", "base64": ""}
        if kind == PAGE and paper["page"] in pages:
            left = {**left, "name": struck_name(str(paper["page"]))}
        if left != paper:
            amend(account, kind, digest, partial(_instead, left))


def struck_name(page: str) -> str:
    """Give what stands for the name of a page where an order struck it."""
    return f"page {page[:8]}"


def document_names(paper: dict[str, Json], names: Naming) -> bool:
    """Say whether a document that was handed in says one of *names*, as far as it is plain text."""
    if "base64" not in paper:
        return False
    return names.named_in(base64.b64decode(str(paper["base64"])).decode("utf-8", "replace"))


def _instead(left: dict[str, Json], _paper: dict[str, Json]) -> dict[str, Json]:
    return left


def _seal(account: Account, digest: str, paper: dict[str, Json]) -> str:
    return account.key.seal(f"amended {digest} {sha256(canonical(paper))}")
