"""Stamps covering an entry: which authority's word reaches it, or why none does.

A checkpoint is stamped after it was signed, and so after a certificate was written. So this is
looked up whenever a certificate is shown, as its places in the ledger are.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from archiver.catalogue import jobs, ledger
from archiver.procedures.account import Account
from archiver.procedures.stamping import STAMP, folder_of
from archiver.records.canonical import Json, read_object
from archiver.records.events import EventKind, Leaf
from archiver.records.identity import sha256


class Named(Protocol):
    """A time-stamp authority, as far as its name goes."""

    url: str

    @property
    def id(self) -> str:
        """Give a short name for files and entries."""


class Stamps:
    """Every time-stamp entered since an entry; read once for many certificates."""

    def __init__(self, account: Account, authorities: Iterable[Named], *, after: int) -> None:
        """Read the stamps entered after the entry *after*; *authorities* are configured now."""
        self._account = account
        self._authorities = list(authorities)
        with account.catalogue.reading() as connection:
            found = ledger.of_kind(connection, EventKind.LEDGER_STAMPED, after=after)
            self._told = [Leaf.from_json(read_object(one.leaf)).particulars for one in found]
            self._beats = jobs.beats(connection)

    def covering(self, last: int) -> dict[str, Json]:
        """Give the first token of each authority over a checkpoint that covers the entry *last*.

        Where there is none, *none* says why: nobody is configured, or what the last try came to.
        """
        first: dict[str, Mapping[str, Json]] = {}
        for told in self._told:
            if int(str(told["n"])) > last:
                first.setdefault(str(told["a"]), told)
        tokens: list[Json] = [self._token(told) for told in first.values()]
        missing = [one for one in self._authorities if one.id not in first]
        return {"tokens": tokens, "none": list[Json](self._why_none(tokens, missing))}

    def _token(self, told: Mapping[str, Json]) -> dict[str, Json]:
        authority, size, digest = str(told["a"]), int(str(told["n"])), str(told["r"])
        folder = folder_of(size, authority)
        answer = self._account.shelf.fetch(f"{folder}/answer.tsr")
        whole = answer is not None and sha256(answer) == digest
        urls = [one.url for one in self._authorities if one.id == authority]
        return {
            "authority": urls[0] if urls else authority,
            "entries": size,
            "at": told["at"],
            "sha256": digest,
            "lies_in": folder,
            "token": base64.b64encode(answer or b"").decode("ascii") if whole else None,
        }

    def _why_none(self, tokens: Sequence[Json], missing: Sequence[Named]) -> Iterable[str]:
        if not self._authorities and not tokens:
            yield "no time-stamp authority is configured"
        for one in missing:
            beat = self._beats.get(f"{STAMP}{one.url}")
            if beat is not None and beat.detail:
                yield f"{one.url}: stamping failed: {beat.detail}"
            else:
                yield f"{one.url}: no checkpoint that covers it is stamped yet"
