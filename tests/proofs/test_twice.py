"""Capturing twice changes nothing, and two processes never visit one page at a time."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.procedures import capture
from archiver.records.captures import CaptureStatus, Observation, PlatformState
from archiver.records.items import ItemKind
from tests.archive import PAGE, Archive, SettableClock, an_archive, an_observation
from tests.proofs import invariants

HOME = Path(__file__).parents[2]
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the quickest disk there is
GROUND = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
COUNTED = (
    "items",
    "versions",
    "bylines",
    "contents",
    "matches",
    "attachments",
    "sightings",
    "threads",
    "gaps",
)


@st.composite
def histories(draw: st.DrawFn) -> list[Observation]:
    """Give what a page shows: items in any order, some with older versions beside them."""
    seen = []
    for n in range(draw(st.integers(1, 7))):
        texts = draw(st.lists(st.sampled_from(["one", "two", "three"]), min_size=1, max_size=4))
        texts = [text for text, before in pairwise([*texts, ""]) if text != before]
        files = draw(st.sampled_from([(), ("a",), ("a", "b")]))
        parent = draw(st.none() | st.integers(0, n)) if n else None
        for place, text in enumerate(texts):
            seen.append(
                an_observation(
                    str(n),
                    text,
                    current=place == len(texts) - 1,
                    kind=ItemKind.POST if parent is None else ItemKind.COMMENT,
                    parent=None if parent in {None, n} else str(parent),
                    attachments=files,
                    state=draw(st.sampled_from([PlatformState.PRESENT, PlatformState.HIDDEN])),
                    restricted=draw(st.booleans()),
                    likes=draw(st.integers(0, 2)),
                )
            )
    return seen


@pytest.fixture(scope="module")
def beginning(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("beginning")
    an_archive(folder, index="memory:").office.close()
    return folder


def counted(archive: Archive) -> dict[str, object]:
    found: dict[str, object] = {
        table: [tuple(row.values()) for row in invariants.rows(archive, f"SELECT * FROM {table}")]  # noqa: S608 - a table of our own
        for table in COUNTED
    }
    return found | {"objects": sorted(str(ref) for ref in archive.objects())}


@pytest.mark.proof
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seen=histories(), first=st.integers(1, 9), second=st.integers(1, 9))
def test_whatever_is_captured_again_changes_nothing(beginning, seen, first, second):
    with tempfile.TemporaryDirectory(prefix="twice-", dir=GROUND) as folder:
        shutil.copytree(beginning, folder, dirs_exist_ok=True)
        archive = Archive(Path(folder) / "config.toml", SettableClock(), PAGE)
        before, capture.BATCH = capture.BATCH, first
        try:
            archive.capture(*seen)
            once = counted(archive)
            archive.clock.forward(hours=1)
            capture.BATCH = second
            again = archive.capture(*seen)
        finally:
            capture.BATCH = before

        twice = counted(archive)
        assert {t: rows for t, rows in twice.items() if rows != once[t]} == {}
        assert (again.new, again.changed, again.removed) == (0, 0, 0)
        assert again.status is CaptureStatus.COMPLETE
        assert invariants.faults_of(archive) == []
        archive.office.close()


VISIT = """
import sys, time
from pathlib import Path

from archiver.records.errors import ArchiveBusy
from tests.archive import PAGE, Archive, SettableClock, an_observation

archive = Archive(Path(sys.argv[1]), SettableClock(), PAGE)
print("ready", flush=True)
sys.stdin.readline()
try:
    coverage = archive.capture(*(an_observation(str(n), f"number {n}") for n in range(3_000)))
except ArchiveBusy:
    print("refused")
else:
    print("entered", coverage.new)
archive.office.close()
"""


@pytest.mark.proof
def test_of_two_processes_that_visit_one_page_one_is_refused_and_nothing_stands_twice():
    with tempfile.TemporaryDirectory(prefix="twice-", dir=GROUND) as folder:
        archive = an_archive(Path(folder))
        archive.capture()
        both = [
            subprocess.Popen(
                [sys.executable, "-c", VISIT, str(archive.config_file)],
                cwd=HOME,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        for process in both:
            assert process.stdout.readline() == "ready\n"
        for process in both:
            process.stdin.write("go\n")
            process.stdin.flush()
        said = sorted(process.communicate()[0].strip() for process in both)

        assert said == ["entered 3000", "refused"]
        assert invariants.faults_of(archive) == []
        assert invariants.rows(archive, "SELECT count(*) AS c FROM items")[0]["c"] == 3_000
        assert len(archive.objects()) == 3_000
        archive.office.close()
