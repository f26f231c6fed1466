"""From `whoosh:folder` or `memory:` to an index."""

from __future__ import annotations

from pathlib import Path

from archiver.index.memory import MemoryIndex
from archiver.index.whoosh_index import WhooshIndex
from archiver.ports import SearchIndex
from archiver.records.errors import ConfigInvalid


def open_index(location: str, *, create: bool = False) -> SearchIndex:
    """Open the index at *location*: `whoosh:` and a folder, or `memory:`.

    With *create*, an empty index is made where the folder is empty or missing, and nowhere else.
    Without it nothing is made: an index that is missing raises IndexUnavailable when it is asked.

    Raises:
        ConfigInvalid: *location* is neither.
    """
    kind, _, rest = location.partition(":")
    if kind == "memory" and not rest:
        return MemoryIndex()
    if kind == "whoosh" and rest:
        return WhooshIndex(Path(rest), create=create)
    raise ConfigInvalid(
        f"[archive] index = {location!r} is not an index",
        remedy="Write whoosh: and a folder, for example index = 'whoosh:archive/index'.",
    )
