"""Killed, or refused by the disk, at any write, rename, unlink or commit: one run mends all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the quickest disk there is
POINTS = int(os.environ.get("ARCHIVER_KILL_POINTS", "200"))
"""At how many operations each work is killed, at most; evenly spread over all there are."""

AS_OFTEN = {"closing": 2, "expunction": 2, "returning": 2}
"""Orders are rare, and each of their points takes longer: they are killed at fewer."""

WORKS = ["capture", "growth", "purge", "carry-out", "closing", "expunction", "returning"]


def swept(work: str, points: int, way: str) -> dict:
    ground = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="killed-", dir=ground) as folder:
        asked = ["-m", "tests.proofs.killed", folder, work, str(points), way]
        run = subprocess.run(
            [sys.executable, "-W", "error", *asked],
            cwd=HOME,
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    figures = {name: value for name, value in result.items() if name != "faults"}
    sys.stdout.write(f"{work}, {way}: {figures}\n")
    return result


@pytest.mark.proof
@pytest.mark.parametrize("work", WORKS)
def test_after_a_kill_anywhere_one_clean_run_makes_everything_whole(work):
    points = POINTS // AS_OFTEN.get(work, 1)
    result = swept(work, points, "KILL")

    assert result["faults"] == []
    stays = {"growth", "closing"}  # what is closed by order stays, too
    unlinks = {"unlink"} if work not in stays else set()
    assert {"write", "rename", "commit"} | unlinks <= result["kinds"].keys()
    assert result["ends"] >= min(points // 2, result["operations"])


@pytest.mark.proof
@pytest.mark.parametrize("way", ["EIO", "ENOSPC"])
@pytest.mark.parametrize("work", WORKS)
def test_after_a_disk_that_failed_anywhere_one_clean_run_makes_everything_whole(work, way):
    points = POINTS // 2 // AS_OFTEN.get(work, 1)
    result = swept(work, points, way)

    assert result["faults"] == []
    assert result["ends"] >= min(points // 2, result["operations"] // 2)
    assert set(result["raised"]) - {""}
