"""What a records officer says of items that no rule may decide alone."""

from __future__ import annotations

from archiver.procedures import review
from archiver.records.classification import Tag
from tests.archive import Archive


def call_transitory(archive: Archive, *native_ids: str) -> None:
    """Have a person say that items are transitory."""
    office = archive.office
    for native_id in native_ids:
        review.decide(
            office.account,
            office.objects,
            archive.person,
            office.schedule,
            archive.item_id(native_id),
            tag=Tag.TRANSITORY,
            series="DEMO-100",
            reason="a greeting",
        )
