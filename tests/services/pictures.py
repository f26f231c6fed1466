"""Pictures made by hand, byte for byte."""

from __future__ import annotations

import struct
import zlib


def a_picture(*, width: int, height: int) -> bytes:
    """A grey PNG."""
    rows = b"".join(b"\0" + bytes([row % 256]) * width for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
