"""Papers under items: why people decided on them, and what platforms said of their removal.

An order strikes names from these words, too. What is left takes the place of the paper under the
same item, sealed, and says for which digests it stands: so it goes with the item, and rows and the
ledger's entry, which name the first of them, find it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from archiver.catalogue import item_papers, object_locks
from archiver.catalogue.items import ItemRow
from archiver.ports import NewObject, ObjectDestroyer, ObjectKeeper, ObjectLocker, ObjectReader
from archiver.procedures.account import Account
from archiver.procedures.covering import held
from archiver.records.canonical import Json, canonical, read_object
from archiver.records.errors import DestructionUnproven, ObjectDamaged, ObjectMissing
from archiver.records.identity import ArchiveKey, ObjectRef, Part, sha256
from archiver.records.locking import LockChange, LockState
from archiver.records.scrubbing import Naming, scrubbed

_SLICE = 200
_FOR, _SEAL = "stands_for", "seal"

DIGITS = 12
"""How many digits of a paper's digest name its place."""

HELD, LOCKED = "held", "locked"
"""Why names stay in a paper: a hold covers its item; the store lets nobody destroy it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPaper:
    """One paper under an item, and whether a hold covers that item."""

    row: ItemRow
    ref: ObjectRef
    told: dict[str, Json]
    held: bool = False

    @property
    def place(self) -> str:
        """Give the name by which people speak of it."""
        return f"{self.ref.slot}/{self.ref.digest[:DIGITS]}"

    @property
    def stood_for(self) -> list[str]:
        """Give the digests for which it stands already."""
        return cast("list[str]", self.told.get(_FOR, []))


def slots_said(row: ItemRow) -> list[str]:
    """Give the slots of the papers on what *row* says happened, which no row of their own names."""
    said = {
        "declaration": row.value_ended_at is not None,
        "trigger": bool(row.triggers),
        "restriction": bool(row.restriction),
    }
    return [slot for slot, happened in said.items() if happened]


def every_item_paper(account: Account, objects: ObjectReader) -> Iterator[ItemPaper]:
    """Give every paper under every live item, in slices of items."""
    after = 0
    while True:
        with account.catalogue.reading() as connection:
            rows = item_papers.items_with_papers(connection, after=after, limit=_SLICE)
            bound = held(connection, rows)
        if not rows:
            return
        for row in rows:
            for ref in sorted({one.ref for one in objects.owned(row.item)}):
                if ref.part is Part.PAPER:
                    told = read_object(objects.read(ref))
                    yield ItemPaper(row=row, ref=ref, told=told, held=row.item in bound)
        after = rows[-1].n


def naming(
    account: Account, objects: ObjectReader, names: Naming, kept: frozenset[str] = frozenset()
) -> Iterator[ItemPaper]:
    """Give every paper under an item that says one of *names*, but for those at *kept* places."""
    for one in every_item_paper(account, objects):
        if one.place not in kept and scrubbed(one.told, frozenset(), names) != one.told:
            yield one


def drop_returned_papers(
    account: Account, objects: ObjectReader, destroyer: ObjectDestroyer
) -> None:
    """Destroy papers that an older state of the store brought back beside what was left of them."""
    lying: dict[str, list[ItemPaper]] = {}
    for one in every_item_paper(account, objects):
        if one.row.item not in lying:
            _drop(destroyer, lying)
        lying.setdefault(one.row.item, []).append(one)
    _drop(destroyer, lying)


def _drop(destroyer: ObjectDestroyer, lying: dict[str, list[ItemPaper]]) -> None:
    for papers in lying.values():
        replaced = {digest for one in papers for digest in one.stood_for}
        if returned := [one.ref for one in papers if one.ref.digest in replaced]:
            destroyer.destroy_objects(returned)
    lying.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperStriker:
    """What may take names out of papers under items."""

    account: Account
    keeper: ObjectKeeper
    destroyer: ObjectDestroyer
    locker: ObjectLocker | None = None

    def strike(self, names: Naming, kept: frozenset[str]) -> list[tuple[str, str]]:
        """Take *names* out of every paper under an item; give the places where they stay, and why.

        What counsel has *kept* stays as it is, and is not given.
        """
        stays: list[tuple[str, str]] = []
        for one in every_item_paper(self.account, self.keeper):
            left = scrubbed(one.told, frozenset(), names)
            if left == one.told or one.place in kept:
                continue
            with self.account.catalogue.exclusive(object_locks.LOCK):  # nobody else changes a flag
                why = self._replace(one, left)
            if why:
                stays.append((one.place, why))
        return stays

    def _replace(self, one: ItemPaper, left: dict[str, Json]) -> str:
        """Put what is *left* in the place of a paper; say why that one stays, or nothing.

        Whether a hold covers its item is asked once more: one may have come while papers were
        read. What the store retains is asked before anything is put beside it.
        """
        with self.account.catalogue.reading() as connection:
            if one.held or held(connection, [one.row]):
                return HELD
        states = self._states(one.ref)
        if any(state.until is not None and state.until > self.account.now() for state in states):
            return LOCKED
        before = [*one.stood_for, one.ref.digest]
        data = _sealed(self.account.key, left, before)
        ref = ObjectRef(one.ref.owner, Part.PAPER, sha256(data), one.ref.slot)
        self.keeper.keep([NewObject(ref, data)])
        flagged = [state for state in states if state.flagged]
        self._flag(flagged, on=False)  # for lack of a day alone: no hold covers it
        try:
            self.destroyer.destroy_objects([one.ref])
        except DestructionUnproven:
            self._flag(flagged, on=True)
            self.destroyer.destroy_objects([ref])
            return LOCKED
        self._have_locked(one.row)
        return ""

    def _states(self, ref: ObjectRef) -> list[LockState]:
        states = self.locker.lock_states([ref.owner]) if self.locker is not None else []
        return [state for state in states if state.ref == ref]

    def _flag(self, states: Sequence[LockState], *, on: bool) -> None:
        if self.locker is not None and states:
            changes = [LockChange(ref=one.ref, version=one.version, flag=on) for one in states]
            self.locker.change_locks(changes)

    def _have_locked(self, row: ItemRow) -> None:
        """Have the next run tell the store of what took the place of a paper."""
        if self.locker is not None:
            with self.account.catalogue.writing() as desk:
                object_locks.look_again(desk.connection, [row.n])


def standing(key: ArchiveKey, objects: ObjectReader, digest: str, here: Iterable[ObjectRef]) -> str:
    """Give the digest of what stands for the paper *digest* among what lies *here* under its item.

    Empty where nothing does: it is lost. What cannot be read stands for nothing.
    """
    papers = [ref for ref in here if ref.part is Part.PAPER]
    if any(ref.digest == digest for ref in papers):
        return digest
    for ref in papers:
        try:
            data = objects.read(ref)
        except (ObjectMissing, ObjectDamaged):
            continue
        told = read_object(data)
        before = cast("list[str]", told.get(_FOR, []))
        if digest in before and data == _sealed(key, told, before):
            return ref.digest
    return ""


def _sealed(key: ArchiveKey, left: dict[str, Json], before: Sequence[str]) -> bytes:
    bare = {name: value for name, value in left.items() if name not in (_FOR, _SEAL)}
    told = bare | {_FOR: list[Json](before)}
    return canonical(told | {_SEAL: key.seal(f"stands for {sha256(canonical(told))}")})
