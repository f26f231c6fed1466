"""The copy of the ledger in the object store, signed: what outlives the catalogue.

It is the static layout of c2sp.org/tlog-tiles under `ledger/`, so that any web server can show
it and any tool of that family can check it. Full tiles are placed first, then partial tiles,
then the checkpoint: a crash in between leaves the old checkpoint valid. A partial tile is
removed only when the full one is in its place, so older checkpoints stay checkable too.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence

from archiver.ledger.checking import Report, inspect
from archiver.ledger.growing import RightEdge
from archiver.ledger.layout import CHECKPOINT, Tile
from archiver.ledger.notes import Checkpoint, Signer
from archiver.ledger.reading import CopyReader
from archiver.ledger.trust import PastKey, Trust
from archiver.ports import Shelf
from archiver.records.errors import ArchiveBusy, LedgerDamaged, NotFound
from archiver.records.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)

_BATCH = 1024
"""How many entries are asked of the catalogue at once."""

_PLACED_AT_ONCE = 4 * 1024 * 1024
"""How many bytes of full tiles wait in memory before they are placed."""


class LedgerCopy:
    """The ledger's copy on *shelf*, under the name *origin*, signed by *signer*.

    *past* are the keys that signed before. Who brings it up to date holds the archive's lock for
    that; reading needs none.
    """

    def __init__(
        self, shelf: Shelf, signer: Signer, origin: str, past: Sequence[PastKey] = ()
    ) -> None:
        self._shelf = shelf
        self._signer = signer
        self._origin = origin
        self._trust = Trust(origin, signer.verifier_key, past)

    def note(self) -> bytes:
        """Give the signed checkpoint as the note it is, to be kept elsewhere as an anchor.

        Raises:
            NotFound: nothing has been signed yet.
            LedgerDamaged: the checkpoint is not ours, or its signature does not verify.
        """
        note = self._shelf.fetch(CHECKPOINT)
        if note is None:
            raise NotFound("the ledger's copy has no checkpoint yet; the first deed signs one")
        self._opened(note)
        return note

    @property
    def past_keys(self) -> list[str]:
        """Give the public keys that signed before, as C2SP writes them."""
        return [str(past.key) for past in self._trust.past]

    def sign_anew(self) -> None:
        """Sign what a past key has signed with the key of now; who does it holds the lock.

        Raises:
            LedgerDamaged: the checkpoint is not ours, or its signature does not verify.
        """
        signed = self.checkpoint()
        if signed.size:
            self._shelf.place({CHECKPOINT: self._signer.sign(signed.text())})

    def size(self) -> int:
        """Give how many entries the signed checkpoint vouches for; 0 where there is none yet.

        Raises:
            LedgerDamaged: the checkpoint is not ours, or its signature does not verify.
        """
        return self.checkpoint().size

    def checkpoint(self) -> Checkpoint:
        """Give the signed checkpoint; that of the empty tree where there is none yet.

        Raises:
            LedgerDamaged: the checkpoint is not ours, or its signature does not verify.
        """
        return self._opened(self._shelf.fetch(CHECKPOINT))

    def bring_up_to(
        self, size: int, root: bytes, entries: Callable[[int, int], Iterable[bytes]]
    ) -> None:
        """Let the copy grow to *size* entries and sign it, if its root then is *root*.

        *entries* gives those in [start, stop); only new ones are asked for, a batch at a time.
        The cost follows from the new entries alone, however large the ledger is. The refusals
        below sign nothing and leave the copy valid at the size it had.

        Raises:
            LedgerDamaged: what is signed already is longer, or has another history; or the right
                edge of the copy is not what was signed.
            ArchiveBusy: another process brought the copy up to date meanwhile.
        """
        note = self._shelf.fetch(CHECKPOINT)
        signed = self._opened(note)
        if size < signed.size:
            raise LedgerDamaged(
                f"the ledger has {size} entries, but {signed.size} are signed in its copy",
                remedy="The catalogue has lost entries: restore it, or rebuild it from the copy.",
            )
        if size == signed.size:
            if root != signed.root:
                raise _rewritten(size)
            return
        grown = self._proven_edge(signed)
        self._place_full_tiles(grown, size, entries)
        if grown.root() != root:
            raise _rewritten(signed.size)
        self._shelf.place({tile.name: data for tile, data in grown.partial_tiles()})
        self._remove_superseded(grown.completed)
        if self._shelf.fetch(CHECKPOINT) != note:
            raise ArchiveBusy("another process brought the ledger's copy up to date meanwhile")
        body = Checkpoint(self._origin, size, root).text()
        self._shelf.place({CHECKPOINT: self._signer.sign(body)})

    def entries(self, start: int = 0) -> Iterator[bytes]:
        """Give the entries from *start* on, streamed; what was signed is the proof of them.

        Raises:
            LedgerDamaged: a tile is missing or not what it should be; or, after the last entry,
                all of them together are not what the checkpoint signs.
        """
        signed = self.checkpoint()
        reader = CopyReader(self._shelf, signed.size)
        frontier = reader.frontier(min(start, signed.size))
        for entry in reader.entries(start):
            frontier = frontier.append((leaf_hash(entry),))
            yield entry
        if frontier.root() != signed.root:
            raise LedgerDamaged("the ledger's copy: its entries do not give the signed root")

    def verify(self, expect_size: int | None = None, expect_root: bytes | None = None) -> Report:
        """Recompute every hash from the entries, and name each tile that is not what was signed.

        *expect_size* and *expect_root* are the catalogue's; a copy that is merely behind is said
        to be so, and is no fault. Where the checkpoint itself cannot be trusted, the tiles are
        held against what is expected instead.
        """
        try:
            signed = self.checkpoint()
        except LedgerDamaged as error:
            fault = f"{CHECKPOINT}: {error}"
            if expect_size is None or expect_root is None:
                return Report(size=0, damaged=(CHECKPOINT,), faults=(fault,))
            expected = Checkpoint(self._origin, expect_size, expect_root)
            return inspect(self._shelf, expected).with_damaged(CHECKPOINT, fault)
        return inspect(self._shelf, signed).compared(signed, expect_size, expect_root)

    def inclusion_proof(self, index: int) -> list[bytes]:
        """Give the hashes that lead from entry *index* to the signed root.

        Raises:
            NotFound: the signed copy has no such entry.
            LedgerDamaged: the copy does not bear the proof out.
        """
        signed = self.checkpoint()
        return self._proof(index, signed, CopyReader(self._shelf, signed.size))

    def receipts(self, indexes: Iterable[int]) -> Iterator[bytes]:
        """Give a receipt for each of *indexes*: a C2SP tlog-proof, checkable without us.

        All of them rest on one checkpoint. A receipt is a text of the proof and the checkpoint;
        with the entry's own bytes and our public key it shows that the entry stands in the ledger.

        Raises:
            NotFound: the signed copy has no such entry.
            LedgerDamaged: the copy does not bear the proof out.
        """
        note = self._shelf.fetch(CHECKPOINT)
        signed = self._opened(note)
        reader = CopyReader(self._shelf, signed.size)
        for index in indexes:
            proof = self._proof(index, signed, reader)
            hashes = [base64.b64encode(step).decode("ascii") for step in proof]
            head = "\n".join(["c2sp.org/tlog-proof@v1", f"index {index}", *hashes])
            yield f"{head}\n\n".encode("ascii") + (note or b"")

    def continues(self, anchor: bytes) -> Checkpoint:
        """Give the checkpoint in *anchor*, a note kept elsewhere, if this copy continues it.

        Raises:
            LedgerDamaged: the anchor is not ours, is newer than the copy, or tells another history.
        """
        then, now = self._opened(anchor), self.checkpoint()
        if then.size > now.size:
            raise LedgerDamaged(
                f"the anchor vouches for {then.size} entries, the ledger's copy has {now.size}"
            )
        proof = consistency_proof(then.size, now.size, CopyReader(self._shelf, now.size).node)
        if not verify_consistency(then.size, then.root, now.size, now.root, proof):
            raise _rewritten(then.size)
        return then

    def claimed(self, anchor: bytes) -> int | None:
        """Give how many entries *anchor* vouches for; None where it is no checkpoint of ours."""
        try:
            return self._opened(anchor).size
        except LedgerDamaged:
            return None

    def missing_from(self, anchor: bytes, *, restored_at: int) -> int:
        """Give how many entries *anchor*, a note kept elsewhere, vouches for and this copy lacks.

        The copy was restored with *restored_at* entries, and whatever it tells behind them was
        entered since: an anchor that goes further, and is not of this copy, is of what was lost.

        Raises:
            LedgerDamaged: the anchor is not ours, or tells another history.
        """
        then = self._opened(anchor)
        try:
            if then.size <= self.size():
                self.continues(anchor)
                return 0
        except LedgerDamaged:
            if then.size <= restored_at:
                raise
        return then.size - restored_at

    def _opened(self, note: bytes | None) -> Checkpoint:
        if note is None:
            return Checkpoint(self._origin, 0, EMPTY_ROOT)
        return self._trust.checkpoint(note)

    def _proof(self, index: int, signed: Checkpoint, reader: CopyReader) -> list[bytes]:
        if not 0 <= index < signed.size:
            raise NotFound(f"the ledger's copy has {signed.size} entries; there is no {index}")
        proof = inclusion_proof(index, signed.size, reader.node)
        if not verify_inclusion(reader.node(0, index), index, signed.size, proof, signed.root):
            raise LedgerDamaged(
                f"the ledger's copy does not bear out entry {index}",
                remedy="Run `archiver ledger verify`; it names the damaged tile.",
            )
        return proof

    def _proven_edge(self, signed: Checkpoint) -> RightEdge:
        edge = RightEdge(self._shelf, signed.size)
        if edge.root() != signed.root or not edge.bundle_fits():
            raise LedgerDamaged(
                "the right edge of the ledger's copy is not what its checkpoint signs",
                remedy="Run `archiver ledger verify`; it names the damaged tile.",
            )
        return edge

    def _place_full_tiles(
        self, edge: RightEdge, size: int, entries: Callable[[int, int], Iterable[bytes]]
    ) -> None:
        waiting: dict[str, bytes] = {}
        weight = 0
        while edge.size < size:
            stop = min(edge.size + _BATCH, size)
            for entry in entries(edge.size, stop):
                for tile, data in edge.take_in(entry):
                    waiting[tile.name] = data
                    weight += len(data)
                if weight > _PLACED_AT_ONCE:
                    self._shelf.place(waiting)
                    waiting, weight = {}, 0
            if edge.size != stop:
                raise LedgerDamaged(f"the ledger gave {edge.size} entries where it counts {stop}")
        if waiting:
            self._shelf.place(waiting)

    def _remove_superseded(self, full: Iterable[Tile]) -> None:
        names = [name for tile in full for name in self._shelf.names(tile.partials)]
        if names:
            self._shelf.remove(names)


def _rewritten(size: int) -> LedgerDamaged:
    return LedgerDamaged(
        f"the ledger does not continue the {size} entries that are signed in its copy",
        remedy="Stop destructive work: the catalogue or the copy was rewritten; compare backups.",
    )
