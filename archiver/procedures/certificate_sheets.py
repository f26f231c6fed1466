"""Certificates on paper: what was destroyed, by whose authority, and what is out of reach.

Certificates are read one after the other; of very many items the first lines are printed, and
the papers that are named have them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from archiver.printing import Cell, Grid, Sheet
from archiver.procedures.certificate_words import (
    APPROVALS,
    adopted_by,
    answers_told,
    backups_grid,
    backups_told,
    checkpoint_told,
    counted,
    entries_grid,
    formats_told,
    in_words,
    manner_grid,
    objects_in,
    offer_told,
    registers_told,
    row_of,
    sent_told,
    stamps_told,
    titles,
)
from archiver.records.canonical import Json

PRINTED = 20_000
"""How many items, and how many exceptions, are printed at most; the papers list them all."""

_SERIES = (
    "number", "title", "category", "items", "versions", "attachments", "bytes",
    "triggered_from", "triggered_to", "published_from", "published_to", "due_from", "due_to",
)  # fmt: skip
_AUTHORITY = (
    "number", "falls_in", "citation", "retention", "trigger", "disposition", "approval",
    "verified", "confidence", "basis", "number_official", "tombstone",
)  # fmt: skip
_EXCLUSIONS = ("citation", "excludes", "verified", "found")
_SUMS = ("items", "versions", "attachments", "bytes")
_DAYS = ("triggered", "published", "due")
_SIGNED = ("records officer", "approving official", "witness")


@dataclass(slots=True)
class _Together:
    """What several certificates of one plan say together, taken in one after the other."""

    first: Mapping[str, Json] = field(default_factory=dict)
    last: Mapping[str, Json] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    papers: list[str] = field(default_factory=list)
    placed: list[tuple[str, Json]] = field(default_factory=list)
    series: dict[str, dict[str, Json]] = field(default_factory=dict)
    formats: dict[str, int] = field(default_factory=dict)
    stayed: list[Sequence[Cell]] = field(default_factory=list)
    lines: list[Sequence[Cell]] = field(default_factory=list)
    listed: int = 0

    def take(self, one: Mapping[str, Json]) -> None:
        self.first = self.first or one
        self.last = one
        self.names.append(in_words(one["certificate"]))
        self.papers.append(in_words(one["paper"]))
        self.placed.append((self.names[-1], one["ledger"]))
        for told in objects_in(one["series"]):
            number = str(told["number"])
            self.series[number] = _added(self.series.get(number), told)
        for media_type, count in cast("Mapping[str, int]", one["formats"]).items():
            self.formats[media_type] = self.formats.get(media_type, 0) + count
        for item, reasons in cast("list[list[Json]]", one["exceptions"]):
            if len(self.stayed) < PRINTED:
                self.stayed.append((in_words(item), in_words(reasons)))
        for line in cast("list[list[Json]]", one["items"]):
            self.listed += 1
            if len(self.lines) < PRINTED:
                self.lines.append(_line(line))


def _line(line: Sequence[Json]) -> Sequence[Cell]:
    item, number, due, events, kept_as = line
    happened = (f"{event} {day}" for event, day in cast("list[list[str]]", events))
    return (in_words(item), in_words(number), "; ".join(happened), in_words(due), in_words(kept_as))


def _added(before: dict[str, Json] | None, told: Mapping[str, Json]) -> dict[str, Json]:
    """Give what two certificates say of one series, summed up."""
    if before is None:
        return dict(told)
    sums: dict[str, Json] = {name: counted(before[name]) + counted(told[name]) for name in _SUMS}
    for days in _DAYS:
        for end, pick in (("from", min), ("to", max)):
            name = f"{days}_{end}"
            known = [str(one[name]) for one in (before, told) if one[name]]
            sums[name] = pick(known, default="")
    return before | sums


def certificate_sheet(name: str, certificates: Iterable[Mapping[str, Json]]) -> Sheet:
    """Give the certificates of the plan or batch called *name* as one sheet.

    It names items by their opaque ids alone, and says nothing of what they said.
    """
    all_of_it = _Together()
    for one in certificates:
        all_of_it.take(one)
    last = all_of_it.last
    return Sheet(
        title=f"Certificate of destruction {name}",
        subtitle=in_words(cast("Mapping[str, Json]", last["authority"]).get("agency")),
        fields=[
            *_authority_fields(all_of_it),
            *_deed_fields(all_of_it),
            *_proof_fields(all_of_it),
        ],
        paragraphs=_paragraphs(all_of_it),
        tables=_tables(all_of_it),
        footer=f"{name}, paper {in_words(last['paper'])[:16]}",
        wide=True,
    )


def _authority_fields(every: _Together) -> list[tuple[str, Cell]]:
    last = every.last
    authority = cast("Mapping[str, Json]", last["authority"])
    version = f"{in_words(authority.get('schedule'))}, version {in_words(last['schedule'])}"
    adopted = (authority.get("adoption"), authority.get("adoption_state"))
    people = f"entered by {in_words(authority.get('entered_by')) or 'nobody of the roster'}"
    confirmed = f"confirmed by {in_words(authority.get('confirmed_by')) or 'nobody of the roster'}"
    return [
        ("Certificates", ", ".join(every.names)),
        ("Plan", f"{in_words(last['plan'])}, {'attended' if last['attended'] else 'unattended'}"),
        ("Jurisdiction", in_words(authority.get("state")) or "not stated by the schedule"),
        ("Division", in_words(authority.get("division")) or "not stated by the schedule"),
        ("Schedule", version),
        ("Adopted by", adopted_by(authority)),
        ("Adoption", " ".join(filter(None, (*map(in_words, adopted), f"({people}, {confirmed})")))),
        ("State's demands", answers_told(authority.get("demands"))),
    ]


def _deed_fields(every: _Together) -> list[tuple[str, Cell]]:
    last = every.last
    when = cast("Mapping[str, Json]", last["eligibility"])
    computed = f"{in_words(when['computed_at'])}, for the day {in_words(when['on'])}"
    begun_by = cast("Mapping[str, Json]", last["begun_by"])
    series = every.series.values()
    return [
        ("Items", sum(counted(one["items"]) for one in series)),
        ("Attachments", sum(counted(one["attachments"]) for one in series)),
        ("Bytes", sum(counted(one["bytes"]) for one in series)),
        ("Format", formats_told(every.formats)),
        ("Eligibility computed", f"{computed}; planned {in_words(when['planned_at'])}"),
        ("Begun", f"{in_words(every.first['begun'])}, by {in_words(begun_by['name'])}"),
        ("Completed", in_words(last["completed"])),
        ("Carried out by", in_words(last["name"])),
        ("Destroyed in", in_words(last["destroyed_in"])),
        ("Date audited", in_words(last["audited"])),
    ]


def _proof_fields(every: _Together) -> list[tuple[str, Cell]]:
    last = every.last
    return [
        *registers_told(last),
        ("Offer to archives", offer_told(last["offer"])),
        ("Certificate sent to", sent_told(last["sent"])),
        ("Backups that still hold it", backups_told(last)),
        ("Outside of this", in_words(last["outside"])),
        ("Commitments", in_words(last["commitments"])),
        ("Software", in_words(last["software"])),
        ("Ledger's checkpoint", checkpoint_told(last["ledger"])),
        ("Time-stamps (RFC 3161)", stamps_told(last["time_stamps"])),
        ("Papers", "\n".join(every.papers)),
    ]


def _paragraphs(every: _Together) -> list[str]:
    unlisted = sum(counted(one["items"]) for one in every.series.values()) - every.listed
    said = []
    if every.listed > len(every.lines):
        more = every.listed - len(every.lines)
        said.append(f"{more} more items stand in the papers of the certificates alone.")
    if unlisted > 0:
        said.append(f"{unlisted} items are counted and not named: their series leave no tombstone.")
    return said


def _tables(every: _Together) -> list[Grid]:
    last = every.last
    proposed = cast("Mapping[str, Json]", last["proposed_by"])
    proposer = in_words(proposed["name"])
    steps: list[Sequence[Cell]] = [("proposed", proposer, "", in_words(proposed["at"]))]
    steps += [row_of(one, APPROVALS) for one in objects_in(last["approvals"])]
    series = list(every.series.values())
    return [
        Grid(title="Series", columns=titles(_SERIES), rows=[row_of(o, _SERIES) for o in series]),
        Grid(
            title="Series, as on the schedule",
            columns=titles(_AUTHORITY),
            rows=[row_of(one, _AUTHORITY) for one in series],
        ),
        Grid(title="Approvals", columns=titles(APPROVALS), rows=steps),
        Grid(
            title="Exclusions of the law",
            columns=(*titles(_EXCLUSIONS[:-1]), "how it was asked"),
            rows=_exclusions(last),
        ),
        manner_grid(last),
        backups_grid(last),
        Grid(title="Exceptions: planned, and kept", columns=("item", "why"), rows=every.stayed),
        entries_grid(every.placed),
        Grid(
            title="Signatures",
            columns=("as", "printed name", "title", "signature", "date signed"),
            rows=[(role, "", "", "", "") for role in _SIGNED],
        ),
        Grid(
            title="Items",
            columns=("item", "series", "trigger", "due since", "the store's versions"),
            rows=every.lines,
        ),
    ]


def _exclusions(told: Mapping[str, Json]) -> list[Sequence[Cell]]:
    rows: list[Sequence[Cell]] = []
    for one in objects_in(told["exclusions"]):
        stated = [
            f"stated by {s['name']}, {s['role']}, with {s['step']}, {s['entered']}"
            for s in objects_in(one["stated"])
        ]
        how = "; ".join(filter(None, (in_words(one["found"]), *stated)))
        rows.append((*row_of(one, _EXCLUSIONS[:-1]), how))
    return rows or [("the schedule names none", "", "", "")]
