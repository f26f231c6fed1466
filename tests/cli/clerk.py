"""A clerk at the command line: runs the real program, here or in a process of its own.

    said = clerk("items", "search", "pothole", "--json")
    assert said.code == 0
    assert said.told["total"] == 2

What a command prints is read as a script would read it: the whole of its output, and no more.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from archiver.cli.root import main
from archiver.cli.sample_site import write_export
from tests.cli.forked import HOME, begin

CONFIG = """\
[agency]
name = "Demonstration Police Department"
time_zone = "America/Los_Angeles"
demonstration = true

[archive]
schedule = "demo"

[purge]
mode = "carry-out"

[[pages]]
name = "export"
connector = "facebook-export"
url = "https://www.facebook.com/demonstration"

[[pages]]
name = "nowhere"
connector = "feed"
url = "http://127.0.0.1:9/feed.xml"
"""

POSTS = [
    {"at": "2024-03-01T17:00:00Z", "text": "Happy Friday from all of us!"},
    {"at": "2024-03-02T17:00:00Z", "text": "Happy Friday everyone!"},
    {"at": "2024-03-04T18:00:00Z", "text": "Main Street is closed for a water main repair."},
    {"at": "2024-03-05T18:00:00Z", "text": "Will the 14 bus stop at the library?"},
]
LAPSED = 2
"""How many of the posts are transitory under the demonstration schedule, and long over."""


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> dict:
        """What was printed, as JSON."""
        return json.loads(self.out)


class Clerk:
    """Runs commands in one folder, one after another."""

    def __init__(
        self, folder: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.folder = folder
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        monkeypatch.chdir(folder)
        monkeypatch.delenv("ARCHIVER_CONFIG", raising=False)

    def __call__(self, *words: str) -> Said:
        """Run a command in this process, through the program's own front door."""
        self._capsys.readouterr()
        self._monkeypatch.setattr(sys, "argv", ["archiver", *words])
        with pytest.raises(SystemExit) as leaving:
            main()
        printed = self._capsys.readouterr()
        return Said(int(leaving.value.code or 0), printed.out, printed.err)

    def apart(
        self,
        *words: str,
        env: Mapping[str, str] = {},
        answering: str = "",
        prelude: str = "",
    ) -> Said:
        """Run a command in a process of its own, in which *prelude* (Python) runs first.

        It is no terminal, and *answering* is all it can read.
        """
        return self.begin(*words, env=env, answering=answering, prelude=prelude)()

    def begin(
        self,
        *words: str,
        env: Mapping[str, str] = {},
        answering: str = "",
        prelude: str = "",
    ) -> Callable[[], Said]:
        """Begin what `apart` runs; what is given back waits for its end."""
        (asked, answer), out, err = os.pipe(), os.pipe(), os.pipe()
        running = begin(
            words, folder=self.folder, env=surroundings() | dict(env),
            ends=(asked, out[1], err[1]), prelude=prelude,
        )  # fmt: skip
        for end in (asked, out[1], err[1]):
            os.close(end)
        os.write(answer, answering.encode())
        os.close(answer)

        def said() -> Said:
            with ThreadPoolExecutor(2) as readers:
                printed, complained = readers.map(_all_of, (out[0], err[0]))
            return Said(running.wait(), printed, complained)

        return said

    def from_nothing(self, *words: str, before: Sequence[str] = ()) -> Said:
        """Run a command that nothing has loaded yet, *before* being a program to start it."""
        ran = subprocess.run(
            [*before, *command(*words)], cwd=self.folder, env=surroundings(),
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        return Said(ran.returncode, ran.stdout, ran.stderr)

    def item(self, query: str) -> str:
        """Give the id of the first item that *query* finds."""
        return self("items", "search", query, "--json").told["items"][0]["id"]


def _all_of(end: int) -> str:
    with os.fdopen(end, encoding="utf-8") as pipe:
        return pipe.read()


def command(*words: str) -> list[str]:
    """Give the words that start the program from nothing, in a process of its own."""
    return [sys.executable, "-m", "archiver", *words]


def surroundings() -> dict[str, str]:
    """Give the environment of a process of its own: this one's, without our settings."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("ARCHIVER_")}
    return ours | {"PYTHONPATH": str(HOME), "COLUMNS": "100"}


def a_desk(folder: Path) -> Path:
    """Lay out a configuration and an export file in *folder*; nothing is founded yet."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(CONFIG, "utf-8")
    write_export(folder / "export.zip", POSTS)
    return folder


def a_copy(founded: Path, folder: Path) -> Path:
    """Copy a founded archive and its desk to *folder*, with the modes of its files."""
    shutil.copytree(founded, folder, dirs_exist_ok=True)
    return folder
