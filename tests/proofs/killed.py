"""Runs an archive's work and ends it, by SIGKILL or a failing disk, at the operation asked for.

    python -m tests.proofs.killed FOLDER WORK POINTS KILL|EIO|ENOSPC

WORK is one of capture, growth, purge, carry-out, or one of those of court orders (`ordered.WORK`).

Counts everything after which the disk is different: os.write, rename, replace, link, unlink,
mkdir, rmdir, and every commit of the catalogue. First the work runs to its end and is counted;
then, from the same beginning, it is ended at up to POINTS operations, evenly spread: killed after
the operation; or told EIO instead of it, once; or told ENOSPC from it on, by everything that
needs room. After each, one clean run follows, and its end is compared with the end of the run
that nothing befell. One line of JSON tells the figures and every fault.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import SQLAlchemyError

from archiver.procedures import capture, dispose, evaluating, surrounding
from archiver.records.captures import Cursor, Seen
from archiver.records.classification import Tag
from archiver.records.errors import ArchiverError
from archiver.records.holds import Neighbours
from tests.archive import (
    FOUNDED_AT,
    PAGE,
    SUBSTANTIVE,
    TRANSITORY,
    Archive,
    SettableClock,
    a_comment,
    an_archive,
    an_observation,
    gone,
)
from tests.proofs import invariants, ordered
from tests.proofs.attended import a_chief, an_approved_plan, carry_out

COUNTED = ("write", "rename", "replace", "link", "unlink", "remove", "mkdir", "rmdir", "truncate")


NEEDS_ROOM = {"write", "link", "mkdir", "commit"}


class Ender:
    """Ends this process's work at the operation numbered *at*, in one way; 0 counts alone."""

    def __init__(self, at: int, way: str) -> None:
        self.at = at
        self.way = way
        self.count = 0
        self.kinds: dict[str, int] = {}
        self.told = 0

    def watch(self) -> None:
        """Count from now on."""
        for name in COUNTED:
            setattr(os, name, self._counted(name, getattr(os, name)))
        DefaultDialect.do_commit = self._counted("commit", DefaultDialect.do_commit)

    def _counted(self, name: str, deed: Callable) -> Callable:
        def done(*args, **named):
            self.count += 1
            place = self.count
            self.kinds[name] = self.kinds.get(name, 0) + 1
            self._refuse(name)
            try:
                return deed(*args, **named)
            finally:  # also where the folder to be made was there already
                if self.way == "KILL" and place == self.at:
                    os.kill(os.getpid(), signal.SIGKILL)

        return done

    def _refuse(self, name: str) -> None:
        full = self.way == "ENOSPC" and name in NEEDS_ROOM and 0 < self.at <= self.count
        if full or (self.way == "EIO" and self.count == self.at):
            self.told += 1
            code = errno.ENOSPC if full else errno.EIO
            if name != "commit":
                raise OSError(code, os.strerror(code))
            said = "database or disk is full" if full else "disk I/O error"
            raise sqlite3.OperationalError(said)


# --- the work -------------------------------------------------------------------------------


def begin(folder: Path) -> None:
    """Found an archive with some two dozen items, some with files, and one hold by its words."""
    archive = an_archive(folder)
    archive.issue_hold(query="zebra")
    archive.capture(*_first_shown(), Cursor("1"))
    for n in ("1", "3", "21", "24", "27"):  # what carries a picture, a person must decide
        archive.decide(
            n, "DEMO-100", tag=Tag.TRANSITORY, reason="a greeting with a picture of a flag"
        )
    archive.office.close()


def _first_shown() -> list[Seen]:
    lulled = [
        an_observation(str(n), TRANSITORY, attachments=("a", "b") if n % 3 == 0 else ())
        for n in range(20, 35)
    ]
    return [
        *lulled,
        *(an_observation(str(n), TRANSITORY, attachments=("a", "b")) for n in range(1, 7)),
        an_observation("7", SUBSTANTIVE, attachments=("c",)),
        a_comment("8", TRANSITORY, on="1", author="ann"),
        a_comment("9", "a zebra", on="2"),
    ]


def work_of_capture(archive: Archive) -> None:
    """See new items, edits, late comments, another day and a removal; feed the index."""
    archive.clock.now = FOUNDED_AT + timedelta(days=1)
    archive.capture(
        an_observation("7", f"{SUBSTANTIVE} And a zebra.", attachments=("c", "d")),
        an_observation("11", TRANSITORY, attachments=("e",)),
        an_observation("12", SUBSTANTIVE, at=FOUNDED_AT - timedelta(days=400)),
        a_comment("13", TRANSITORY, on="3", author="bob"),
        a_comment("8", TRANSITORY, on="1", author="ann", at=FOUNDED_AT - timedelta(days=40)),
        gone("6"),
        *(an_observation(str(n), TRANSITORY, attachments=("g",)) for n in range(40, 46)),
        an_observation("5", TRANSITORY, attachments=("a", "b", "f"), title="Friday"),
        Cursor("2"),
    )


def surround(folder: Path) -> None:
    """Have one hold around that by words, one around that, and one by name; none lacks anything."""
    archive = opened(folder)
    for name, kind in (("H-0001", Neighbours.AUTHORS), ("H-0002", Neighbours.THREADS)):
        account, kinds = archive.office.account, frozenset({kind})
        surrounding.take_in(account, archive.person, name, kinds, review_days=9)
    archive.issue_hold(called=["ann"])
    archive.office.close()


def work_of_growth(archive: Archive) -> None:
    """See a word by which a hold grows by an author, one around it by threads, and a namesake."""
    archive.clock.now = FOUNDED_AT + timedelta(days=1)
    archive.capture(
        a_comment("50", "nothing", on="3", author="ann"),
        a_comment("51", "a zebra", on="4", author="ann"),
        a_comment("52", "nothing", on="21", author="bob"),
        a_comment("53", "nothing", on="5", author="ann"),
        a_comment("54", "a zebra, too", on="24", author="bob"),
        a_comment("55", "nothing", on="25", author="ANN"),
        Cursor("2"),
    )


def work_of_purge(archive: Archive) -> None:
    """Finish what was begun, look at the page once more, purge, and feed the index."""
    archive.clock.now = FOUNDED_AT + timedelta(days=100)
    with archive.office.disposer() as disposer:
        dispose.finish_begun(disposer, archive.person)
    archive.capture(Cursor("1"))
    archive.purge()
    archive.feed()


def approve(folder: Path) -> None:
    """Have people approve a plan of everything that is due a hundred days later."""
    archive = opened(folder)
    chief = a_chief(archive)
    archive.clock.now = FOUNDED_AT + timedelta(days=100)
    archive.capture(Cursor("1"))
    an_approved_plan(archive, chief)
    archive.office.close()


def work_of_carrying_out(archive: Archive) -> None:
    """Carry out what people approved, a hundred days later."""
    archive.clock.now = FOUNDED_AT + timedelta(days=100)
    carry_out_what_stands(archive)


def carry_out_what_stands(archive: Archive) -> None:
    """Finish what was begun, carry out the plan that people approved, and feed the index."""
    with archive.office.disposer() as disposer:
        dispose.finish_begun(disposer, archive.person)
    [plan] = invariants.rows(archive, "SELECT plan, status FROM plans")
    if plan["status"] == "proposed":
        carry_out(archive, plan["plan"])
    archive.office.account.acknowledge()
    archive.feed()


WORK = {
    "capture": work_of_capture,
    "growth": work_of_growth,
    "purge": work_of_purge,
    "carry-out": work_of_carrying_out,
    **ordered.WORK,
}


def prepare(folder: Path, name: str) -> None:
    """Bring a founded archive to where the work called *name* begins."""
    if name == "carry-out":
        approve(folder)
    if name == "growth":
        surround(folder)
    if name in ordered.WORK:
        archive = opened(folder)
        ordered.plant(archive)
        archive.office.close()


def opened(folder: Path) -> Archive:
    return Archive(folder / "config.toml", SettableClock(), PAGE)


def end_of(archive: Archive) -> dict:
    """Give everything a run must come to, whatever happened on the way."""
    columns = "item, version, state, tag, series, basis, queued, life, restricted"
    lines = invariants.rows(archive, f"SELECT {columns} FROM items ORDER BY item")  # noqa: S608 - columns of our own
    aside = archive.folder / "objects" / ".aside"
    return {
        "items": [list(row.values()) for row in lines],
        "versions": sorted(
            [row["item"], row["number"], row["digest"]]
            for row in invariants.rows(
                archive, "SELECT * FROM versions v JOIN items i ON i.n = v.item_n"
            )
        ),
        "held": sorted(
            [row["hold_n"], row["item"]]
            for row in invariants.rows(
                archive, "SELECT c.hold_n, i.item FROM coverage c JOIN items i ON i.n = c.item_n"
            )
        ),
        "objects": sorted(str(ref) for ref in archive.objects()),
        "certified": sorted(certified(archive)),
        "spool": sorted(path.name for path in (archive.folder / "spool").rglob("*")),
        "aside": sorted(path.name for path in aside.rglob("*") if path.is_file()),
        "found": [archive.found(word) for word in ("friday", "patrol", "zebra")],
        **ordered.end_of_orders(archive),
    }


def certified(archive: Archive) -> list[str]:
    """Give the items of every certificate of destruction there is; each should stand in one."""
    papers = archive.folder / "objects" / "papers" / "certificate"
    done = [leaf["p"] for leaf in invariants.told(archive) if leaf["k"] == "disposition.done"]
    return [
        line[0]
        for paper in done
        for line in json.loads((papers / f"{paper}.json").read_bytes())["items"]
    ]


def clean_run(folder: Path, work: Callable[[Archive], None]) -> dict:
    """Do the work on what a kill left; give its end, and every invariant that does not hold."""
    archive = opened(folder)
    faults = [f"after the kill: {fault}" for fault in invariants.faults_of(archive)]
    work(archive)
    faults += invariants.faults_of(archive)
    faults += invariants.l4_nothing_waits_after_a_clean_run(archive)
    faults += invariants.t1_the_copy_is_up_to_date(archive)
    faults += invariants.t2_the_copy_is_what_was_signed(archive)
    end = end_of(archive)
    faults += ordered.faults_of_orders(archive)
    archive.office.close()
    return {"end": end, "faults": faults}


# --- a process for each run ---------------------------------------------------------------------


def apart(deed: Callable[[], dict]) -> dict | None:
    """Do *deed* in a process of its own; None if it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = json.dumps(deed()).encode()
        except BaseException:  # noqa: BLE001 - told to the process that waits, which fails
            said = json.dumps({"error": traceback.format_exc()}).encode()
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(said)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return None
    return json.loads(said)


def ended_at(folder: Path, work: Callable[[Archive], None], at: int, way: str) -> dict:
    """Do the work until it is ended; what a failing disk makes of it is told in one way or other.

    The process ends here whatever was raised, as a command does; nothing is closed in order.
    """
    ender = Ender(at, way)
    archive = opened(folder)
    ender.watch()
    raised = ""
    try:
        work(archive)
        archive.office.close()
    except (OSError, SQLAlchemyError, ArchiverError) as error:
        if way == "KILL" or not at:
            raise
        raised = type(error).__name__
    return {
        "operations": ender.count,
        "kinds": ender.kinds,
        "raised": raised,
        "told": ender.told,
    }


@contextmanager
def copied(beginning: Path) -> Iterator[Path]:
    copy = beginning.with_name(f"{beginning.name}-again")
    shutil.copytree(beginning, copy)
    try:
        yield copy
    finally:
        shutil.rmtree(copy)


def sweep(folder: Path, name: str, points: int, way: str) -> dict:
    """End the work at up to *points* operations, evenly spread; give figures and faults."""
    for module, constant in ((capture, "BATCH"), (evaluating, "BATCH"), (dispose, "BATCH")):
        setattr(module, constant, 3)
    dispose.GROUP = 2
    work = WORK[name]
    beginning = folder / "beginning"
    beginning.mkdir()
    begin(beginning)
    prepare(beginning, name)
    with copied(beginning) as copy:
        whole = apart(lambda: ended_at(copy, work, 0, way))
        unharmed = apart(lambda: clean_run(copy, lambda _archive: None))
    if whole is None or unharmed is None or "error" in whole | unharmed:
        return {"faults": [f"the work itself failed: {whole} {unharmed}"]}
    every = max(1, -(-whole["operations"] // points))
    ends, faults = 0, list(unharmed["faults"])
    raised: dict[str, int] = {}
    for at in range(1, whole["operations"] + 1, every):
        with copied(beginning) as copy:
            ended = apart(lambda copy=copy, at=at: ended_at(copy, work, at, way))
            befell = ended is None if way == "KILL" else bool(ended and ended.get("told"))
            ends += befell
            if ended is not None and ("error" in ended or way == "KILL"):
                faults.append(f"operation {at}: it was not ended: {ended}")
            if ended is not None:
                raised[ended.get("raised", "")] = raised.get(ended.get("raised", ""), 0) + 1
            after = apart(lambda copy=copy: clean_run(copy, work)) or {"error": "killed"}
        faults += [f"operation {at}: {what}" for what in _faults(after, unharmed)]
    return {**whole, "raised": raised, "ends": ends, "faults": faults}


def _faults(after: dict, unharmed: dict) -> list[str]:
    if "error" in after:
        return [after["error"]]
    other = [
        f"{what}: {after['end'][what]} instead of {unharmed['end'][what]}"
        for what in unharmed["end"]
        if after["end"][what] != unharmed["end"][what]
    ]
    return after["faults"] + other


if __name__ == "__main__":
    result = sweep(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
    sys.stdout.write(json.dumps(result))
