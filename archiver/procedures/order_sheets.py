"""Outcomes of orders on paper: what went, what stayed and why, and what proves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from archiver.printing import Grid, Sheet
from archiver.procedures.certificate_words import (
    backups_grid,
    backups_told,
    checkpoint_told,
    entries_grid,
    in_words,
    manner_grid,
)
from archiver.procedures.order_by_hand import SAYS
from archiver.records.canonical import Json
from archiver.records.counting import count_of


def outcome_sheet(name: str, told: Sequence[Mapping[str, Json]]) -> Sheet:
    """Give what carrying out the order called *name* came to as a sheet; it names nobody."""
    last = told[-1]
    went = next((one for one in reversed(told) if one["destroyed"]), last)
    left = cast("Mapping[str, Json]", last["unreached"])
    places = cast("list[dict[str, str]]", left["places"])
    return Sheet(
        title=f"Outcome of order {name}",
        fields=[
            ("Effect", in_words(last["effect"]).replace("_", " ")),
            ("Items destroyed", sum(int(str(one["destroyed"])) for one in told)),
            *_not_as_kept(told),
            *_how_it_ended(last),
            ("Carried out by", in_words(last["name"])),
            ("Destroyed in", in_words(went["destroyed_in"]) or "nothing was"),
            ("Papers amended", in_words(last["papers"])),
            *(("Not struck", line) for line in left_in_words(left)),
            ("Backups that still hold it", backups_told(last)),
            ("Outside of this", in_words(last["outside"])),
            ("Ledger's checkpoint", checkpoint_told(last["ledger"])),
            ("Papers", "\n".join(in_words(one["paper"]) for one in told)),
        ],
        tables=[
            Grid(
                title="Looked at by hand",
                columns=("place", "why", "what was found"),
                rows=[(one["place"], SAYS[one["why"]], one["answer"]) for one in places],
            ),
            manner_grid(went),
            backups_grid(last),
            entries_grid([(name, last["ledger"])]),
        ],
        footer=f"{name}, paper {in_words(last['paper'])[:16]}",
    )


def _not_as_kept(told: Sequence[Mapping[str, Json]]) -> list[tuple[str, str]]:
    """Say of how many items some bytes were gone before, so that no destruction took them."""
    if not (count := sum(int(str(one["not_as_kept"])) for one in told)):
        return []
    why = "bytes were missing, or not those we kept, before it began; its entry says of which"
    return [("Not as kept", f"{count_of(count, 'item')} of these: some {why}")]


def _how_it_ended(last: Mapping[str, Json]) -> list[tuple[str, str]]:
    """Say when it was completed or, where a hold keeps some of it, that it was not."""
    if not (held := int(str(last["held"]))):
        return [("Completed", in_words(last["at"]))]
    stays = f"{count_of(held, 'item')} under a legal hold, not destroyed; counsel decides"
    return [("Not completed", stays), ("Carried out so far", in_words(last["at"]))]


def left_in_words(left: Mapping[str, Json]) -> list[str]:
    """Say line by line what was not struck, and where a person has to look."""
    counts = cast("Mapping[str, int]", left["by_hand"])
    found = [f"{count} x {SAYS[why]}" for why, count in counts.items()]
    if kept := cast("list[Json]", left["kept_by_counsel"]):
        found.append(f"{len(kept)} places that counsel kept: {in_words(kept)}")
    return found or ["nothing that is known of"]
