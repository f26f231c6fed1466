"""Time-stamps and anchors: what lets a rewriting of the whole account be detected.

A checkpoint is stamped by authorities and copied to a place elsewhere. A failure to do so is a
problem that is told and shown until the next one succeeds; it is never lost, and stops nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from archiver.ledger.notes import Checkpoint
from archiver.procedures.account import Account
from archiver.procedures.problems import Problem, of_error
from archiver.procedures.timetable import beat
from archiver.records.canonical import Json
from archiver.records.errors import ArchiverError, FileRefused, StampRefused
from archiver.records.events import EventKind
from archiver.records.identity import sha256
from archiver.records.people import Person

if TYPE_CHECKING:
    from archiver.ledger.stamping import Stamp

STAMP = "time-stamp "
"""What the name of a sign begins with that tells how the last stamp of an authority came out."""

ANCHOR = "anchor"
"""The name of the sign that tells how the last anchor came out."""

_SUFFIX = ".checkpoint"


class StampGiver(Protocol):
    """A time-stamp authority."""

    url: str

    @property
    def id(self) -> str:
        """Give a short name for files and entries."""

    def stamp(self, data: bytes) -> Stamp:
        """Have *data* time-stamped, and check the answer.

        Raises:
            StampRefused: there is none that holds.
        """


def stamp(account: Account, person: Person, authorities: Iterable[StampGiver]) -> list[Problem]:
    """Have the ledger's checkpoint stamped by every one of *authorities*; name what failed."""
    problems = []
    for authority in authorities:
        try:
            _stamp(account, person, authority)
        except StampRefused as error:
            problems.append(of_error(f"{STAMP}{authority.id}", error))
        beat(account, f"{STAMP}{authority.url}", problems[-1].detail if problems else "")
    return problems


def _stamp(account: Account, person: Person, authority: StampGiver) -> None:
    """Keep request, answer and checkpoint first, and then enter that they are there."""
    note = account.copy.note()
    signed = account.copy.checkpoint()
    given = authority.stamp(note)
    folder = folder_of(signed.size, authority.id)
    account.shelf.place(
        {
            f"{folder}/checkpoint": note,
            f"{folder}/request.tsq": given.request,
            f"{folder}/answer.tsr": given.answer,
        }
    )
    told: dict[str, Json] = {
        "n": signed.size,
        "a": authority.id,
        "r": sha256(given.answer),
        "at": given.at.isoformat(),
    }
    with account.catalogue.writing() as desk:
        account.enter(desk, EventKind.LEDGER_STAMPED, by=person.id, told=told)
    account.acknowledge()


def folder_of(size: int, authority: str) -> str:
    """Name the folder of the time-stamp that *authority*, by its id, gave on *size* entries."""
    return f"ledger/stamps/{size}-{authority}"


def leave_anchor(account: Account, folder: Path) -> Path:
    """Write the signed checkpoint into *folder*, a place elsewhere; give the file.

    Raises:
        FileRefused: it cannot be written there.
        NotFound: nothing has been signed yet.
    """
    note = account.copy.note()
    signed = account.copy.checkpoint()
    target = folder / _name(signed)
    try:
        if not target.exists():
            aside = folder / f".{target.name}.part"
            with aside.open("wb") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(target)
    except OSError as error:
        refused = f"{folder}: {error.strerror}"
        beat(account, ANCHOR, refused)
        raise FileRefused(
            refused, remedy="Check [anchors] folder, and that it is mounted."
        ) from error
    beat(account, ANCHOR, "")
    return target


def _name(signed: Checkpoint) -> str:
    origin = signed.origin.rpartition("/")[2]
    return f"{origin}-{signed.size:012}{_SUFFIX}"


def anchors_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give every anchor that lies in *folder*, by name.

    Raises:
        FileRefused: the folder, or one of them, cannot be read.
    """
    try:
        for path in sorted(folder.iterdir()):
            if path.name.endswith(_SUFFIX) and not path.name.startswith("."):
                yield path.name, path.read_bytes()
    except OSError as error:
        raise FileRefused(
            f"{folder}: {error.strerror}", remedy="Check [anchors] folder, and that it is mounted."
        ) from error


def leave_word(
    account: Account, person: Person, authorities: Iterable[StampGiver], folder: Path | None
) -> list[Problem]:
    """Do both, as the night does: stamp, and leave an anchor where *folder* says; name failures."""
    problems = stamp(account, person, authorities)
    if folder is not None:
        try:
            leave_anchor(account, folder)
        except ArchiverError as error:
            problems.append(of_error(ANCHOR, error))
    return problems
