"""A set of row numbers in a bit each: what a visit of a large page has seen."""

from __future__ import annotations

from collections.abc import Iterable

_MORE = 1024


class Numbers:
    """Row numbers, an eighth of a byte each, however many there are."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, numbers: Iterable[int]) -> None:
        """Put *numbers* in."""
        for n in numbers:
            byte, bit = divmod(n, 8)
            if byte >= len(self._bits):
                self._bits.extend(bytes(byte + _MORE - len(self._bits)))
            self._bits[byte] |= 1 << bit

    def __contains__(self, n: int) -> bool:
        """Say whether *n* was put in."""
        byte, bit = divmod(n, 8)
        return byte < len(self._bits) and bool(self._bits[byte] >> bit & 1)
