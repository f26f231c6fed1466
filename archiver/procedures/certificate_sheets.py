"""Certificates on paper: what was destroyed, by whose authority, and what is out of reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from archiver.printing import Cell, Grid, Sheet
from archiver.records.canonical import Json

_SERIES = (
    "number", "title", "citation", "retention", "items", "versions", "attachments", "bytes",
    "from", "to", "due_from", "due_to",
)  # fmt: skip
_STEPS = ("step", "name", "role", "on", "signed_by", "document")
_BACKUPS = ("made", "sha256", "expires")


def certificate_sheet(name: str, certificates: Sequence[Mapping[str, Json]]) -> Sheet:
    """Give the certificates of the plan or batch called *name* as one sheet.

    It names items by their opaque ids alone, and says nothing of what they said.
    """
    last = certificates[-1]
    authority = cast("Mapping[str, Json]", last["authority"])
    series = [one for each in certificates for one in _objects(each["series"])]
    return Sheet(
        title=f"Certificate of destruction {name}",
        subtitle=_text(authority.get("agency")),
        fields=[
            ("Certificates", ", ".join(_text(each["certificate"]) for each in certificates)),
            ("Plan", _text(last["plan"])),
            ("Schedule", f"{_text(authority.get('schedule'))}, version {_text(last['schedule'])}"),
            ("Adopted by", _instrument(authority)),
            ("Items", sum(_count(one["items"]) for one in series)),
            ("Bytes", sum(_count(one["bytes"]) for one in series)),
            ("Begun", _text(certificates[0]["begun"])),
            ("Completed", _text(last["completed"])),
            ("Carried out by", _text(last["name"])),
            ("Manner", _text(last["manner"])),
            ("Destroyed in", _text(last["destroyed_in"])),
            ("Verified", _text(last["verified"])),
            ("Holds asked", _holds(last)),
            ("Backups that still hold it", _backups(last)),
            ("Outside of this", _text(last["outside"])),
            ("Software", _text(last["software"])),
            ("Papers", "\n".join(_text(each["paper"]) for each in certificates)),
        ],
        tables=_tables(certificates, series),
        footer=f"{name}, paper {_text(last['paper'])[:16]}",
        wide=True,
    )


def _tables(
    certificates: Sequence[Mapping[str, Json]], series: Sequence[Mapping[str, Json]]
) -> list[Grid]:
    last = certificates[-1]
    proposed = cast("Mapping[str, Json]", last["proposed_by"])
    steps: list[Sequence[Cell]] = [
        ("proposed", _text(proposed["name"]), "", _text(proposed["at"]), "", "")
    ]
    steps += [_row(one, _STEPS) for one in _objects(last["approvals"])]
    stayed = [
        (_text(item), _text(reasons))
        for each in certificates
        for item, reasons in cast("list[list[Json]]", each["exceptions"])
    ]
    going = [
        tuple(_text(cell) for cell in line)
        for each in certificates
        for line in cast("list[list[Json]]", each["items"])
    ]
    listed = _objects(cast("Mapping[str, Json]", last["backups"])["listed"])
    return [
        Grid(title="Series", columns=_titles(_SERIES), rows=[_row(o, _SERIES) for o in series]),
        Grid(title="Approvals", columns=_titles(_STEPS), rows=steps),
        Grid(title="Backups", columns=_titles(_BACKUPS), rows=[_row(o, _BACKUPS) for o in listed]),
        Grid(title="Exceptions: planned, and kept", columns=("item", "why"), rows=stayed),
        Grid(title="Items", columns=("item", "series", "due since"), rows=going),
    ]


def _row(told: Mapping[str, Json], names: Sequence[str]) -> tuple[Cell, ...]:
    return tuple(_text(told.get(name)) for name in names)


def _titles(names: Sequence[str]) -> list[str]:
    return [name.replace("_", " ") for name in names]


def _objects(value: Json) -> list[Mapping[str, Json]]:
    return cast("list[Mapping[str, Json]]", value)


def _count(value: Json) -> int:
    return int(str(value))


def _text(value: Json) -> str:
    """Say a value in words: a list by its members, nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(_text(one) for one in value)
    return str(value)


def _instrument(authority: Mapping[str, Json]) -> str:
    if not authority:
        return ""
    signed = _text(authority["signed_by"])
    what = f"{_text(authority['instrument'])} {_text(authority['number'])}"
    return f"{what} of {_text(authority['date'])}, signed by {signed}"


def _holds(told: Mapping[str, Json]) -> str:
    asked = cast("Mapping[str, Json]", told["holds_asked"])
    binding = _text(asked["binding"]) or "none"
    return f"at {_text(asked['at'])}; holds in force: {binding}; none of them covers an item here"


def _backups(told: Mapping[str, Json]) -> str:
    held = cast("Mapping[str, Json]", told["backups"])
    if not held["count"]:
        return "none"
    ends = held["last_expires"]
    until = f"the last expires on {_text(ends)}" if ends else "nobody has said when they expire"
    return f"{_text(held['count'])}; {until}"
