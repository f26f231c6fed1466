"""A real `archiver purge` whose calls to the system fail: strace refuses them.

First every call is counted. Then, from the same archive, the purge is run again and again, and each
time one call of one kind is told EIO, or ENOSPC with every later one of its kind, at up to `POINTS`
places of each kind, evenly spread. What is left may have an item whole, or being destroyed, and
nothing else; one clean run comes to where the undisturbed one came. Kills have a proof apart,
`tests/proofs/test_killed_anywhere.py`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.procedures import purging
from archiver.procedures.verify import verify
from tests.archive import PAGE, SUBSTANTIVE, TRANSITORY, Archive, SettableClock, an_archive
from tests.archive import a_comment as comment
from tests.archive import an_observation as post
from tests.proofs import invariants
from tests.proofs.killed import end_of

CALLS = ("write", "pwrite64", "fsync", "fdatasync", "syncfs", "rename", "renameat", "renameat2")
CALLS += ("unlink", "unlinkat")
NEEDS_ROOM = {"write", "pwrite64", "rename", "renameat", "renameat2"}
POINTS = int(os.environ.get("ARCHIVER_FAILING_CALLS", "2"))
TRACED = re.compile(r"^(\d+) +(\w+)\(")


@pytest.fixture(scope="module")
def beginning(tmp_path_factory) -> Path:
    """An archive in which a dozen posts are due today, one is held, one is not for destruction."""
    folder = tmp_path_factory.mktemp("failing") / "beginning"
    folder.mkdir()
    now = datetime.now(UTC)  # noqa: TID251 - the purge is a real process, with the wall's clock
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
    archive.office.close()
    return folder


@pytest.fixture(scope="module")
def undisturbed(beginning) -> dict:
    """What the archive comes to where nothing fails."""
    with_all = copied(beginning)
    assert purged(with_all).returncode == 0
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


def purged(folder: Path, *strace: str) -> subprocess.CompletedProcess[str]:
    """Run the program's own purge, under *strace* if given."""
    command = [sys.executable, "-m", "archiver", "--config", str(folder / "config.toml"), "purge"]
    return subprocess.run(
        [*strace, *command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )


def traced(folder: Path, *asked: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run the purge under strace; give how it ended, and what was traced."""
    log = folder.with_name("calls")
    options = ["-f", "--seccomp-bpf", "-qq", "-o", str(log)]
    ended = purged(folder, os.environ["ARCHIVER_TEST_STRACE"], *options, *asked)
    return ended, log.read_text("utf-8", "replace")


def counted(beginning: Path) -> dict[str, int]:
    """Give how many calls of each kind one thread of the purge makes at most."""
    folder = copied(beginning)
    ended, log = traced(folder, "-e", f"trace={','.join(CALLS)}")
    shutil.rmtree(folder)
    assert ended.returncode == 0, ended.stderr
    per_thread = Counter(
        found.groups() for line in log.splitlines() if (found := TRACED.match(line))
    )
    most: dict[str, int] = {}
    for (_, call), count in per_thread.items():
        most[call] = max(most.get(call, 0), count)
    return most


def places(beginning: Path, way: str) -> Iterator[tuple[str, int]]:
    for call, count in counted(beginning).items():
        if way != "ENOSPC" or call in NEEDS_ROOM:
            every = max(1, -(-count // POINTS))
            yield from ((call, at) for at in range(1, count + 1, every))


@pytest.mark.service("ARCHIVER_TEST_STRACE")
@pytest.mark.parametrize("way", ["EIO", "ENOSPC"])
def test_whatever_call_of_a_purge_fails_one_clean_run_makes_everything_whole(
    beginning, undisturbed, way
):
    faults, ended = [], Counter()
    for call, at in places(beginning, way):
        folder = copied(beginning)
        fault = f"error={way}"
        when = f"{at}+" if way == "ENOSPC" else f"{at}"
        failed, _ = traced(
            folder, "-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={when}"
        )
        ended["unharmed" if failed.returncode == 0 else "failed"] += 1
        faults += [f"{call} {at}: {fault}" for fault in one_clean_run(folder, undisturbed)]
        shutil.rmtree(folder)
    sys.stdout.write(f"{way}: {dict(ended)}\n")

    assert faults == []
    assert ended["failed"] > ended.total() // 2


def one_clean_run(folder: Path, undisturbed: dict) -> list[str]:
    """Purge once more; give whatever is not as it should be, before and after."""
    archive = opened(folder)
    office = archive.office
    faults = [f"left behind: {fault}" for fault in invariants.faults_of(archive)]
    with office.disposer() as disposer:
        purging.purge(disposer, office.person, office.schedule, carry_out_too=True)
    archive.feed()
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
