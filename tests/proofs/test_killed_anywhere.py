"""Killed after any write, rename, unlink or commit: one clean run makes everything whole."""

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


@pytest.mark.proof
@pytest.mark.parametrize("work", ["capture", "purge"])
def test_after_a_kill_anywhere_one_clean_run_makes_everything_whole(work):
    ground = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="killed-", dir=ground) as folder:
        run = subprocess.run(
            [sys.executable, "-W", "error", "-m", "tests.proofs.killed", folder, work, str(POINTS)],
            cwd=HOME,
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    figures = {name: value for name, value in result.items() if name != "faults"}
    sys.stdout.write(f"{work}: {figures}\n")

    assert result["faults"] == []
    assert {"write", "rename", "unlink", "commit"} <= result["kinds"].keys()
    assert result["kills"] >= min(POINTS // 2, result["operations"])
