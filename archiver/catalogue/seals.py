"""Rows that bear a seal: an HMAC under the archive key, by which an edit behind us shows."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Self

from archiver.records.identity import ArchiveKey


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRow:
    """A row whose seal is over every other column of it, and over what kind of row it is."""

    seal: str = ""

    def true_seal(self, key: ArchiveKey) -> str:
        """Give the seal that belongs to the columns as they stand."""
        columns = (getattr(self, each.name) for each in fields(self) if each.name != "seal")
        return key.seal(ascii((type(self).__name__, *columns)))

    def whole(self, key: ArchiveKey) -> bool:
        """Say whether the row stands as it was sealed."""
        return self.true_seal(key) == self.seal

    def sealed(self, key: ArchiveKey) -> Self:
        """Give the row with the seal that belongs to its columns."""
        return replace(self, seal=self.true_seal(key))

    def in_place_of(self, before: SealedRow, key: ArchiveKey) -> Self:
        """Give the row sealed, unless *before* was edited behind us: what was broken stays so."""
        return self.sealed(key) if before.whole(key) else replace(self, seal=before.seal)
