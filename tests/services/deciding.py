"""What a records officer says of items that no rule may decide alone."""

from __future__ import annotations

from archiver.records.classification import Tag
from tests.archive import Archive


def call_transitory(archive: Archive, *native_ids: str) -> None:
    """Have a person say that items are transitory."""
    for native_id in native_ids:
        archive.decide(native_id, "DEMO-100", tag=Tag.TRANSITORY, reason="a greeting")
