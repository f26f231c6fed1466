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
APPROVALS = ("step", "name", "role", "on", "signed_by", "document")
"""What a certificate tells of each step of an approval."""

_BACKUPS = ("made", "sha256", "expires")


def certificate_sheet(name: str, certificates: Sequence[Mapping[str, Json]]) -> Sheet:
    """Give the certificates of the plan or batch called *name* as one sheet.

    It names items by their opaque ids alone, and says nothing of what they said.
    """
    last = certificates[-1]
    authority = cast("Mapping[str, Json]", last["authority"])
    series = [one for each in certificates for one in objects_in(each["series"])]
    return Sheet(
        title=f"Certificate of destruction {name}",
        subtitle=in_words(authority.get("agency")),
        fields=[
            ("Certificates", ", ".join(in_words(each["certificate"]) for each in certificates)),
            ("Plan", in_words(last["plan"])),
            (
                "Schedule",
                f"{in_words(authority.get('schedule'))}, version {in_words(last['schedule'])}",
            ),
            ("Adopted by", adopted_by(authority)),
            ("Items", sum(_count(one["items"]) for one in series)),
            ("Bytes", sum(_count(one["bytes"]) for one in series)),
            ("Begun", in_words(certificates[0]["begun"])),
            ("Completed", in_words(last["completed"])),
            ("Carried out by", in_words(last["name"])),
            ("Manner", in_words(last["manner"])),
            ("Destroyed in", in_words(last["destroyed_in"])),
            ("Verified", in_words(last["verified"])),
            ("Holds asked", holds_asked(last)),
            ("Backups that still hold it", backups_told(last)),
            ("Outside of this", in_words(last["outside"])),
            ("Software", in_words(last["software"])),
            ("Ledger's checkpoint", checkpoint_told(last["ledger"])),
            ("Papers", "\n".join(in_words(each["paper"]) for each in certificates)),
        ],
        tables=_tables(certificates, series),
        footer=f"{name}, paper {in_words(last['paper'])[:16]}",
        wide=True,
    )


def _tables(
    certificates: Sequence[Mapping[str, Json]], series: Sequence[Mapping[str, Json]]
) -> list[Grid]:
    last = certificates[-1]
    proposed = cast("Mapping[str, Json]", last["proposed_by"])
    steps: list[Sequence[Cell]] = [
        ("proposed", in_words(proposed["name"]), "", in_words(proposed["at"]), "", "")
    ]
    steps += [row_of(one, APPROVALS) for one in objects_in(last["approvals"])]
    stayed = [
        (in_words(item), in_words(reasons))
        for each in certificates
        for item, reasons in cast("list[list[Json]]", each["exceptions"])
    ]
    going = [
        tuple(in_words(cell) for cell in line)
        for each in certificates
        for line in cast("list[list[Json]]", each["items"])
    ]
    placed = [(in_words(each["certificate"]), each["ledger"]) for each in certificates]
    return [
        Grid(title="Series", columns=titles(_SERIES), rows=[row_of(o, _SERIES) for o in series]),
        Grid(title="Approvals", columns=titles(APPROVALS), rows=steps),
        backups_grid(last),
        Grid(title="Exceptions: planned, and kept", columns=("item", "why"), rows=stayed),
        entries_grid(placed),
        Grid(title="Items", columns=("item", "series", "due since"), rows=going),
    ]


def backups_grid(told: Mapping[str, Json]) -> Grid:
    """Give the backups that still hold what was destroyed, as a table."""
    listed = objects_in(cast("Mapping[str, Json]", told["backups"])["listed"])
    rows = [row_of(one, _BACKUPS) for one in listed]
    return Grid(title="Backups", columns=titles(_BACKUPS), rows=rows)


def row_of(told: Mapping[str, Json], names: Sequence[str]) -> tuple[Cell, ...]:
    """Give the values of *names* in words, as a row."""
    return tuple(in_words(told.get(name)) for name in names)


def titles(names: Sequence[str]) -> list[str]:
    """Give *names* as headings of columns."""
    return [name.replace("_", " ") for name in names]


def objects_in(value: Json) -> list[Mapping[str, Json]]:
    """Give a list of objects as what it is."""
    return cast("list[Mapping[str, Json]]", value)


def _count(value: Json) -> int:
    return int(str(value))


def in_words(value: Json) -> str:
    """Say a value in words: a list by its members, nothing where there is none."""
    if value is None:
        return ""
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


def holds_asked(told: Mapping[str, Json]) -> str:
    """Say when the holds were asked, and which were in force."""
    asked = cast("Mapping[str, Json]", told["holds_asked"])
    binding = in_words(asked["binding"]) or "none"
    return (
        f"at {in_words(asked['at'])}; holds in force: {binding}; none of them covers an item here"
    )


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
