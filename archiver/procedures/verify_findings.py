"""What a verification finds: faults by kind, named up to a number, and strays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from archiver.ports import ListedObject
from archiver.records.identity import ObjectRef

LISTED_AT_MOST = 10_000
"""How many faults of one kind are named; more are counted."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was left: its name, and what is wrong with it."""

    name: str
    why: str


@dataclass(slots=True)
class Findings:
    """What a check of items found. Each list names at most `LISTED_AT_MOST`.

    *returned* are the objects of tombstones, which are named among the *damaged*, too. *foreign*
    are files of the store that are none of ours, *unentered* papers that nothing names.
    """

    objects: int = 0
    items: int = 0
    read: int = 0
    damaged: list[Fault] = field(default_factory=list)
    missing: list[Fault] = field(default_factory=list)
    edited: list[Fault] = field(default_factory=list)
    uncovered: list[Fault] = field(default_factory=list)
    drifted: list[Fault] = field(default_factory=list)
    stray: list[ListedObject] = field(default_factory=list)
    returned: list[ListedObject] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    unentered: list[str] = field(default_factory=list)
    unnamed: int = 0

    def join(self, other: Findings) -> None:
        """Add what another part of the same check found."""
        self.objects += other.objects
        self.items += other.items
        self.read += other.read
        self.unnamed += other.unnamed
        for name in ("damaged", "missing", "edited", "uncovered", "drifted"):
            for fault in getattr(other, name):
                self.name(getattr(self, name), fault)
        for stray in other.stray:
            self.name_stray(stray)
        self.returned.extend(other.returned[: LISTED_AT_MOST - len(self.returned)])
        self.foreign.extend(other.foreign[: LISTED_AT_MOST - len(self.foreign)])
        self.unentered.extend(other.unentered[: LISTED_AT_MOST - len(self.unentered)])

    def name(self, kind: list[Fault], fault: Fault) -> None:
        """Name *fault*, or count it where many were named before."""
        if len(kind) < LISTED_AT_MOST:
            kind.append(fault)
        else:
            self.unnamed += 1

    def name_stray(self, stray: ListedObject) -> None:
        """Name a kept object that no row knows."""
        if len(self.stray) < LISTED_AT_MOST:
            self.stray.append(stray)
        else:
            self.unnamed += 1

    @property
    def faulty(self) -> bool:
        """Say whether anything but strays was found."""
        named = (self.damaged, self.missing, self.edited, self.uncovered, self.drifted)
        return any(named) or bool(self.unnamed)


def object_name(ref: ObjectRef) -> str:
    """Give the whole name of an object, as a person finds it in the store."""
    return f"{ref.owner}.{ref.part.value}{ref.slot}.{ref.digest}"
