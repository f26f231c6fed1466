"""Rebuilding a deed: what writes it, and the number in its subject's name."""

from __future__ import annotations

from collections.abc import Callable

from archiver.catalogue import Reading
from archiver.records.events import Leaf

Deed = Callable[[Reading, Leaf], None]
"""Writes what an entry tells into the catalogue that is being rebuilt."""


def number_in(name: str) -> int:
    """Give the number in a name: 12 of `H-0012`."""
    return int(name.partition("-")[2])
