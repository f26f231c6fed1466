"""A file that a zip file holds uncompressed, read where it lies: in any order, at no cost.

`zipfile` reads such a file from its beginning whenever something before is asked for.
"""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

_HEADER = struct.Struct("<4s5H3L2H")
_MARK = b"PK\x03\x04"


class Stored(io.RawIOBase):
    """The file that *info* describes, in the zip file at *path*."""

    def __init__(self, path: Path, info: zipfile.ZipInfo) -> None:
        """Find where it lies.

        Raises:
            BadZipFile: its own header is none.
        """
        super().__init__()
        self._size = info.file_size
        self._at = 0
        self._file = path.open("rb")
        self._file.seek(info.header_offset)
        header = self._file.read(_HEADER.size)
        if len(header) != _HEADER.size or not header.startswith(_MARK):
            self._file.close()
            raise zipfile.BadZipFile("a file in it has no header")
        *_, name, extra = _HEADER.unpack(header)
        self._begin = info.header_offset + _HEADER.size + name + extra

    def readable(self) -> bool:
        """Say that it is read."""
        return True

    def seekable(self) -> bool:
        """Say that it is read in any order."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place in the file, and say which."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, into: bytearray | memoryview) -> int:  # type: ignore[override] # any buffer
        """Put the next bytes into *into*, and say how many; nothing from beyond the file."""
        count = max(0, min(len(into), self._size - self._at))
        self._file.seek(self._begin + self._at)
        read = self._file.readinto(memoryview(into)[:count])
        self._at += read
        return read

    def close(self) -> None:
        """Close the zip file's own handle."""
        self._file.close()
        super().close()
