"""Certificates in words: what sheets of destructions, transfers and orders say alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from archiver.printing import Cell, Grid
from archiver.records.canonical import Json

APPROVALS = ("step", "name", "role", "on", "entered", "signed_by", "document", "sha256")
"""What a certificate tells of each step of an approval."""

_BACKUPS = ("made", "sha256", "expires")
_MANNER = ("place", "what", "manner", "proof")


def backups_grid(told: Mapping[str, Json]) -> Grid:
    """Give the backups that still hold what was destroyed, as a table."""
    listed = objects_in(cast("Mapping[str, Json]", told["backups"])["listed"])
    rows = [row_of(one, _BACKUPS) for one in listed]
    return Grid(title="Backups", columns=titles(_BACKUPS), rows=rows)


def manner_grid(told: Mapping[str, Json]) -> Grid:
    """Give in which manner it was destroyed, place by place, as a table."""
    rows = [row_of(one, _MANNER) for one in objects_in(told["manner"])]
    return Grid(title="Manner of destruction", columns=titles(_MANNER), rows=rows)


def row_of(told: Mapping[str, Json], names: Sequence[str]) -> tuple[Cell, ...]:
    """Give the values of *names* in words, as a row."""
    return tuple(in_words(told.get(name)) for name in names)


def titles(names: Sequence[str]) -> list[str]:
    """Give *names* as headings of columns."""
    return [name.replace("_", " ") for name in names]


def objects_in(value: Json) -> list[Mapping[str, Json]]:
    """Give a list of objects as what it is."""
    return cast("list[Mapping[str, Json]]", value)


def counted(value: Json) -> int:
    """Give a count as a number."""
    return int(str(value))


def in_words(value: Json) -> str:
    """Say a value in words: a list by its members, nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(in_words(one) for one in value)
    return str(value)


def adopted_by(authority: Mapping[str, Json]) -> str:
    """Name the instrument by which a schedule was adopted."""
    if not authority:
        return ""
    signed = in_words(authority["signed_by"])
    what = f"{in_words(authority['instrument'])} {in_words(authority['number'])}"
    return f"{what} of {in_words(authority['date'])}, signed by {signed}"


def registers_told(told: Mapping[str, Json]) -> list[tuple[str, Cell]]:
    """Say when each register was asked, what was in force, and what of it covers an item."""
    holds = _register(told["holds_asked"], "binding", "holds in force")
    requests = _register(told["requests_asked"], "open", "requests open")
    orders = _register(told["orders_asked"], "in_force", "orders in force")
    return [("Holds asked", holds), ("Requests asked", requests), ("Court orders asked", orders)]


def _register(told: Json, which: str, were: str) -> str:
    asked = cast("Mapping[str, Json]", told)
    listed = in_words(asked[which]) or "none"
    also = in_words(asked.get("closed_and_frozen"))
    frozen = f"; closed, and still freezing: {also}" if also else ""
    covering = in_words(asked["covering"])
    covers = (
        f"covering an item here: {covering}" if covering else "none of them covers an item here"
    )
    return f"at {in_words(asked['at'])}; {were}: {listed}{frozen}; {covers}"


def answers_told(demands: Json) -> str:
    """Say what answers each thing that the state's law demands of an adoption."""
    told = cast("Mapping[str, Json] | None", demands) or {}
    return "; ".join(f"{key}: {in_words(one)}" for key, one in told.items()) or "none stated"


def formats_told(attachments: Mapping[str, int]) -> str:
    """Say in which format the items were, with the media types of their attachments."""
    found = ", ".join(f"{kind or 'not known'} ({n})" for kind, n in sorted(attachments.items()))
    return f"electronic: JSON with the platform's own bytes; attachments: {found or 'none'}"


def offer_told(offer: Json) -> str:
    """Say what another archive was offered, and what it answered."""
    told = cast("Mapping[str, Json]", offer)
    if not told["asked"]:
        return "none: the plan's chain asks for no offer"
    said = [
        f"{part} {_gone(told[part])}" for part in ("sent", "declined", "accepted") if told[part]
    ]
    return f"to {in_words(told['to'])}: {'; '.join(said) or 'none was entered'}"


def sent_told(sent: Json) -> str:
    """Say to whom a certificate was sent, and when."""
    said = [
        f"{in_words(one['to'])}: {'sent ' + _gone(one['sent']) if one['sent'] else 'not yet'}"
        for one in objects_in(sent)
    ]
    return "; ".join(said) or "nobody: the plan's chain asks for none to be sent"


def _gone(told: Json) -> str:
    one = cast("Mapping[str, Json]", told)
    digest = in_words(one["sha256"])
    document = f", document SHA-256 {digest}" if digest else ""
    return (
        f"on {in_words(one['on'])}, entered {in_words(one['entered'])} by {one['name']}{document}"
    )


def stamps_told(told: Json) -> str:
    """Say which time-stamps cover a certificate, or why none does."""
    stamps = cast("Mapping[str, Json]", told)
    said = [
        f"{one['authority']} at {one['at']}, over {one['entries']} entries, token SHA-256 "
        f"{one['sha256']} in {one['lies_in']}{'' if one['token'] else ' (missing, or not whole)'}"
        for one in objects_in(stamps["tokens"])
    ]
    return "\n".join([*said, *(in_words(one) for one in cast("list[Json]", stamps["none"]))])


def backups_told(told: Mapping[str, Json]) -> str:
    """Say how many backups hold what was destroyed, and until when."""
    held = cast("Mapping[str, Json]", told["backups"])
    if not held["count"]:
        return "none"
    ends = held["last_expires"]
    until = f"the last expires on {in_words(ends)}" if ends else "nobody has said when they expire"
    return f"{in_words(held['count'])}; {until}"


def checkpoint_told(place: Json) -> str:
    """Say in words which checkpoint covers a *place*, and how an entry is proven."""
    checkpoint = cast("Mapping[str, Json]", place)["checkpoint"]
    if checkpoint is None:
        return "not signed yet: say `archiver ledger verify`"
    told = cast("Mapping[str, Json]", checkpoint)
    return (
        f"{told['origin']}, {told['size']} entries, root {told['root']}; "
        "`archiver ledger prove --entry NUMBER --out FILE` proves an entry"
    )


def entries_grid(placed: Sequence[tuple[str, Json]]) -> Grid:
    """Give the entries on each subject as a table: its name, the entry's number, word and time."""
    rows: list[Sequence[Cell]] = [
        (subject, str(entry["index"]), str(entry["entry"]), str(entry["at"]))
        for subject, place in placed
        for entry in cast("list[Mapping[str, Json]]", cast("Mapping[str, Json]", place)["entries"])
    ]
    return Grid(title="Ledger", columns=("of", "entry", "deed", "at"), rows=rows)
