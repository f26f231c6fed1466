"""Text files of any size, cut into the exact bytes of their lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archiver.records.errors import DepositRefused
from connectors.cutting.json_source import LARGEST_ELEMENT


def byte_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give each line of a file that arrives in *pieces*, with the line feed that ends it.

    Raises:
        DepositRefused: a line is larger than `LARGEST_ELEMENT`; those before it have been given.
    """
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line + b"\n"
        if len(rest) > LARGEST_ELEMENT:
            raise DepositRefused(f"a line is larger than {LARGEST_ELEMENT} bytes")
    if rest:
        yield rest
