"""Outcomes of orders on paper: what went, what stayed and why, and what proves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from archiver.printing import Grid, Sheet
from archiver.procedures.certificate_sheets import (
    backups_grid,
    backups_told,
    checkpoint_told,
    entries_grid,
    in_words,
)
from archiver.records.canonical import Json

_BY_HAND = (
    ("names_too_short", "names of one or two letters, which were not looked for"),
    ("reasons_not_searched", "reasons given for decisions on other items, which are not searched"),
    ("documents_not_searched", "documents that are no plain text, which cannot be searched"),
    ("pages_named", "pages whose name tells of them, and is kept"),
    ("kept_by_counsel", "places that counsel kept"),
)


def outcome_sheet(name: str, told: Sequence[Mapping[str, Json]]) -> Sheet:
    """Give what carrying out the order called *name* came to as a sheet; it names nobody."""
    last = told[-1]
    left = cast("Mapping[str, Json]", last["unreached"])
    documents = cast("list[Json]", left["documents"])
    return Sheet(
        title=f"Outcome of order {name}",
        fields=[
            ("Effect", in_words(last["effect"]).replace("_", " ")),
            ("Items destroyed", sum(int(str(one["destroyed"])) for one in told)),
            ("Completed", in_words(last["completed"])),
            ("Carried out by", in_words(last["name"])),
            ("Destroyed in", in_words(last["destroyed_in"])),
            ("Papers amended", len(cast("list[Json]", last["papers"]))),
            *(("Not struck", line) for line in left_in_words(left)),
            ("Backups that still hold it", backups_told(last)),
            ("Outside of this", in_words(last["outside"])),
            ("Ledger's checkpoint", checkpoint_told(last["ledger"])),
            ("Papers", "\n".join(in_words(one["paper"]) for one in told)),
        ],
        tables=[
            Grid(
                title="Documents to be read by hand",
                columns=("place",),
                rows=[(in_words(place),) for place in documents],
            ),
            backups_grid(last),
            entries_grid([(name, last["ledger"])]),
        ],
        footer=f"{name}, paper {in_words(last['paper'])[:16]}",
    )


def left_in_words(left: Mapping[str, Json]) -> list[str]:
    """Say line by line what was not struck, and where a person has to look."""
    found = []
    for part, what in _BY_HAND:
        value = left[part]
        count = len(value) if isinstance(value, list) else int(str(value))
        named = f": {in_words(value)}" if isinstance(value, list) else ""
        if count:
            found.append(f"{count} {what}{named}")
    return found or ["nothing that is known of"]
