"""Reading parts of a file where it lies, as much as is asked for and no more.

A mapped file would count to the memory of the process page by page, and one that is cut short
while it is mapped ends the process without a word; a read that comes short can be told.
"""

from __future__ import annotations

import os
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SHORT: Final = "a file of the index is shorter than it was"


class OpenFile:
    """A file opened for reading, for any number of threads; it closes with its last holder."""

    def __init__(self, path: Path) -> None:
        """Open the file *path*."""
        self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._handle)

    def read(self, at: int, size: int) -> bytes:
        """Give *size* bytes from *at*.

        Raises:
            EOFError: the file ends before.
        """
        found = os.pread(self._handle, size, at)
        if len(found) != size:
            raise EOFError(_SHORT)
        return found

    def copy(self, size: int, room: bytearray) -> None:
        """Copy the first *size* bytes to the beginning of *room*, which grows if it must.

        Raises:
            EOFError: the file ends before.
        """
        room.extend(bytes(max(0, size - len(room))))
        with memoryview(room) as whole, whole[:size] as copied:
            if os.preadv(self._handle, [copied], 0) != size:
                raise EOFError(_SHORT)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of bytes of an open file."""

    file: OpenFile
    start: int
    size: int

    def read(self, at: int, size: int) -> bytes:
        """Give *size* bytes from *at* of this piece.

        Raises:
            EOFError: the file ends before.
        """
        return self.file.read(self.start + at, size)
