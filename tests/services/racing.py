"""Two processes at one archive: one issues holds, the other destroys, both at the same moment."""

from __future__ import annotations

from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

from archiver.procedures.verify_deciding import deciding_edited
from archiver.records.errors import DestructionBegun
from archiver.records.people import Person
from tests.archive import PAGE, Archive, SettableClock
from tests.proofs.attended import an_approved_plan, carry_out


def hold_one_after_the_other(
    file: Path, names: list[str], moments: list[datetime], start: Barrier, told: Connection
) -> None:
    """Issue a hold on each of *names*, and tell of each how many items it covers."""
    archive = Archive(file, SettableClock(moments[0]), PAGE)
    for number, (name, moment) in enumerate(zip(names, moments, strict=True)):
        archive.clock.now = moment
        start.wait()
        _look_on(archive, number // 8 % 4)
        _dawdle(archive, number % 8)
        try:
            issued = archive.issue_hold(name)
            told.send((issued.covered, issued.already_destroyed))
        except DestructionBegun:
            told.send("begun")
        start.wait()
    archive.office.close()


def purge_one_after_the_other(
    file: Path, moments: list[datetime], start: Barrier, told: Connection
) -> None:
    """Plan at each of *moments*, carry the plan out, and tell how many items were destroyed."""
    archive = Archive(file, SettableClock(moments[0]), PAGE)
    for number, moment in enumerate(moments):
        archive.clock.now = moment
        archive.capture()
        plan = archive.plan()
        start.wait()
        _dawdle(archive, 7 - number % 8)
        told.send((plan.due, archive.carry_out(plan).destroyed))
        start.wait()
    archive.office.close()


def carry_out_one_after_the_other(
    file: Path, moments: list[datetime], chief: Person, start: Barrier, told: Connection
) -> None:
    """Have a plan approved at each of *moments*, carry it out, and tell what it destroyed."""
    archive = Archive(file, SettableClock(moments[0]), PAGE)
    for number, moment in enumerate(moments):
        archive.clock.now = moment
        archive.capture()
        plan = an_approved_plan(archive, chief, "DEMO-100")
        start.wait()
        _dawdle(archive, 7 - number % 8)
        told.send((1, carry_out(archive, plan).destroyed))
        start.wait()
    archive.office.close()


def _look_on(archive: Archive, times: int) -> None:
    """Read every register that decides, as whoever destroys does first: it takes as long here."""
    for _ in range(times):
        deciding_edited(archive.office.account)


def _dawdle(archive: Archive, turns: int) -> None:
    """Do something else for a moment, so that now one and now the other comes first."""
    for _ in range(turns * 2):
        archive.office.account.acknowledge()
