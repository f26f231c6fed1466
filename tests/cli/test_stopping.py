"""Ctrl-C in the middle of an import: it ends at once, and the archive is whole."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.clerk import command, surroundings
from tests.connectors.exports import write_facebook_export

POSTS = 900


def until(process: subprocess.Popen, folder: Path, sign: str) -> None:
    """Wait until a file that matches *sign* appears in *folder*, or *process* has ended."""
    while process.poll() is None and not any(folder.glob(sign)):
        try:
            process.wait(timeout=0.02)
        except subprocess.TimeoutExpired:
            continue


@pytest.mark.parametrize(
    "sign",
    [
        "archive/objects/items/*/*",
        pytest.param("archive/catalogue.sqlite.locks/page*", marks=pytest.mark.proof),
    ],
)
def test_an_import_that_is_stopped_leaves_an_archive_that_the_next_one_completes(newcomer, sign):
    Path("config.toml").write_text(CONFIG, "utf-8")
    newcomer("init")
    write_facebook_export(Path("big.zip"), posts=POSTS, comments=0, seed=1, layout="page")
    importing = ("import", "big.zip", "--page", "export")

    process = subprocess.Popen(
        command(*importing), cwd=newcomer.folder, env=surroundings(), start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until(process, newcomer.folder, sign)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)

    assert (process.returncode, out) == (130, "")
    assert "stopped" in err
    assert "Traceback" not in err
    assert newcomer("verify", "--read-data").code == 0
    again = newcomer(*importing, "--json").told["captures"][0]
    assert (again["status"], again["new"] + again["unchanged"]) == ("complete", POSTS)
    assert newcomer("index", "status", "--json").told["indexed"] == POSTS
    assert newcomer("verify", "--read-data").code == 0


CONFIG = """\
[agency]
name = "Demonstration Police Department"
time_zone = "America/Los_Angeles"
demonstration = true
[archive]
schedule = "demo"
[[pages]]
name = "export"
connector = "facebook-export"
"""
