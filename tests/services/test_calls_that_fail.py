"""A real `purge`, and a real `dispositions carry-out`, whose calls to the system fail by strace.

First every call is counted. Then, from the same archive, the command is run again and again, and
each time one call of one kind is told EIO, or ENOSPC with every later one of its kind, at up to
`POINTS` places of each kind, evenly spread. What is left may have an item whole, or being
destroyed, and nothing else; one clean run comes to where the undisturbed one came. Kills have a
proof apart, `tests/proofs/test_killed_anywhere.py`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.procedures import purging
from archiver.procedures.verify import verify
from archiver.records.people import Role
from tests.archive import (
    PAGE,
    SUBSTANTIVE,
    TRANSITORY,
    Archive,
    SettableClock,
    a_colleague,
    an_archive,
)
from tests.archive import a_comment as comment
from tests.archive import an_observation as post
from tests.procedures.test_approving import enrol
from tests.proofs import invariants
from tests.proofs.attended import an_approved_plan
from tests.proofs.killed import carry_out_what_stands, end_of

CALLS = ("write", "pwrite64", "fsync", "fdatasync", "syncfs", "rename", "renameat", "renameat2")
CALLS += ("unlink", "unlinkat")
NEEDS_ROOM = {"write", "pwrite64", "rename", "renameat", "renameat2"}
POINTS = int(os.environ.get("ARCHIVER_FAILING_CALLS", "2"))
TRACED = re.compile(r"^(\d+) +(\w+)\(")


@dataclass(frozen=True)
class Work:
    """A command that destroys: from where it begins, what is asked, and how it is finished."""

    beginning: Path
    command: tuple[str, ...]
    finish: Callable[[Archive], None]


def purge_once_more(archive: Archive) -> None:
    office = archive.office
    with office.disposer() as disposer:
        purging.purge(disposer, office.person, office.schedule, carry_out_too=True)
    archive.feed()


@pytest.fixture(scope="module", params=["purge", "carry-out"])
def work(request, tmp_path_factory) -> Work:
    """An archive in which a dozen posts are due today, one is held, one is not for destruction."""
    folder = tmp_path_factory.mktemp("failing") / "beginning"
    folder.mkdir()
    now = datetime.now(UTC)  # noqa: TID251 - the command is a real process, with the wall's clock
    long_ago = now - timedelta(days=100)
    more = '[purge]\nmode = "carry-out"\n'
    archive = an_archive(folder, clock=SettableClock(now - timedelta(hours=1)), more=more)
    archive.capture(
        *(post(str(n), TRANSITORY, at=long_ago) for n in range(12)),
        comment("12", TRANSITORY, on="1", at=long_ago),
        post("held", TRANSITORY, at=long_ago),
        post("substantive", SUBSTANTIVE, at=long_ago, attachments=("picture",)),
    )
    archive.issue_hold("held")
    if request.param == "purge":
        made = Work(folder, ("purge",), purge_once_more)
    else:
        chief = a_colleague(archive, Role.CHIEF, name="chief")
        enrol(archive, chief, a_colleague(archive, Role.CLERK, name="clerk"))
        plan = an_approved_plan(archive, chief)
        made = Work(folder, ("dispositions", "carry-out", plan), carry_out_what_stands)
    archive.office.close()
    return made


@pytest.fixture(scope="module")
def undisturbed(work) -> dict:
    """What the archive comes to where nothing fails."""
    with_all = copied(work.beginning)
    ended = done(work, with_all)
    assert ended.returncode == 0, ended.stderr
    archive = opened(with_all)
    end = end_of(archive)
    archive.office.close()
    shutil.rmtree(with_all)
    assert Counter(line[7] for line in end["items"]) == {"destroyed": 13, "live": 2}
    return end


def copied(beginning: Path) -> Path:
    copy = beginning.with_name("again")
    shutil.copytree(beginning, copy)
    return copy


def opened(folder: Path) -> Archive:
    now = datetime.now(UTC)  # noqa: TID251 - as the process before it
    return Archive(folder / "config.toml", SettableClock(now), PAGE)


def done(work: Work, folder: Path, *strace: str) -> subprocess.CompletedProcess[str]:
    """Run the program's own command in *folder*, under *strace* if given."""
    program = [sys.executable, "-m", "archiver", "--config", str(folder / "config.toml")]
    return subprocess.run(
        [*strace, *program, *work.command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )


def traced(work: Work, folder: Path, *asked: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run the command under strace; give how it ended, and what was traced."""
    log = folder.with_name("calls")
    options = ["-f", "--seccomp-bpf", "-qq", "-o", str(log)]
    ended = done(work, folder, os.environ["ARCHIVER_TEST_STRACE"], *options, *asked)
    return ended, log.read_text("utf-8", "replace")


def counted(work: Work) -> dict[str, int]:
    """Give how many calls of each kind one thread of the command makes at most."""
    folder = copied(work.beginning)
    ended, log = traced(work, folder, "-e", f"trace={','.join(CALLS)}")
    shutil.rmtree(folder)
    assert ended.returncode == 0, ended.stderr
    per_thread = Counter(
        found.groups() for line in log.splitlines() if (found := TRACED.match(line))
    )
    most: dict[str, int] = {}
    for (_, call), count in per_thread.items():
        most[call] = max(most.get(call, 0), count)
    return most


def places(work: Work, way: str) -> Iterator[tuple[str, int]]:
    for call, count in counted(work).items():
        if way != "ENOSPC" or call in NEEDS_ROOM:
            every = max(1, -(-count // POINTS))
            yield from ((call, at) for at in range(1, count + 1, every))


@pytest.mark.service("ARCHIVER_TEST_STRACE")
@pytest.mark.parametrize("way", ["EIO", "ENOSPC"])
def test_whatever_call_fails_one_clean_run_makes_everything_whole(work, undisturbed, way):
    faults, ended = [], Counter()
    for call, at in places(work, way):
        folder = copied(work.beginning)
        fault = f"error={way}"
        when = f"{at}+" if way == "ENOSPC" else f"{at}"
        failed, _ = traced(
            work, folder, "-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={when}"
        )
        ended["unharmed" if failed.returncode == 0 else "failed"] += 1
        faults += [f"{call} {at}: {fault}" for fault in one_clean_run(work, folder, undisturbed)]
        shutil.rmtree(folder)
    sys.stdout.write(f"{' '.join(work.command)}, {way}: {dict(ended)}\n")

    assert faults == []
    assert ended["failed"] > ended.total() // 2


def one_clean_run(work: Work, folder: Path, undisturbed: dict) -> list[str]:
    """Run once more; give whatever is not as it should be, before and after."""
    archive = opened(folder)
    office = archive.office
    faults = [f"left behind: {fault}" for fault in invariants.faults_of(archive)]
    work.finish(archive)
    verdict = verify(office.account, office.objects, office.index, share_read=1.0)
    faults += [] if verdict.whole else [f"verify: {verdict}"]
    faults += invariants.faults_of(archive)
    faults += invariants.l4_nothing_waits_after_a_clean_run(archive)
    end = end_of(archive)
    faults += [
        f"{what}: {end[what]} instead of {undisturbed[what]}"
        for what in undisturbed
        if end[what] != undisturbed[what]
    ]
    office.close()
    return faults
