"""A custodian's desk whose catalogue is on PostgreSQL and whose objects lie in a real bucket.

Every command is the real program, in a process of its own, of which is told how large it grew.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyrage
from sqlalchemy import create_engine, text

from tests.cli.clerk import command, surroundings
from tests.connectors.exports import LAYOUTS
from tests.services.buckets import RealBucket

CONFIG = """\
[agency]
name = "Demonstration Police Department"
time_zone = "America/Los_Angeles"
demonstration = true

[archive]
catalogue = "{catalogue}"
objects = "{objects}"
schedule = "demo"

{bucket}
[purge]
mode = "carry-out"

[[pages]]
name = "export"
connector = "facebook-export"
url = "https://www.facebook.com/demonstration"
"""

GREETING = "Happy Friday from all of us!"
"""A text that the demonstration schedule takes for transitory; here it lapsed long ago."""

REPORT = "Report number {} of a stolen bicycle"

_TOLD = ("out", "err", "largest")
_NEWEST = 1_700_000_000
_POSTS, _, _MEDIA = LAYOUTS["page"]


@dataclass(frozen=True)
class Ended:
    """How a command ended, what it printed, and how much memory its largest process held."""

    code: int
    out: str
    err: str
    megabytes: float

    @property
    def told(self) -> dict:
        return json.loads(self.out)


_WEIGHED = """\
import pathlib, resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
pathlib.Path(sys.argv[1]).write_text(str(largest))
sys.exit(code)
"""
"""Runs a command out of a small process, and writes down how large it grew (KiB).

A process that starts another lends it its own size: what Linux says of the largest a process ever
was includes what its maker held when it made it (getrusage(2)), and a run of all tests holds more
than any command may.
"""


class Running:
    """A command that was started."""

    def __init__(self, folder: Path, words: Sequence[str]) -> None:
        self._said = Path(tempfile.mkdtemp(dir=folder))
        weighed = [sys.executable, "-c", _WEIGHED, str(self._said / "largest"), *command(*words)]
        with (self._said / "out").open("wb") as out, (self._said / "err").open("wb") as err:
            self._process = subprocess.Popen(
                weighed, cwd=folder, env=surroundings(), stdout=out, stderr=err
            )

    @property
    def goes_on(self) -> bool:
        return not os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)

    def ended(self) -> Ended:
        """Wait for its end."""
        code = self._process.wait()
        out, err, largest = ((self._said / name).read_text("utf-8") for name in _TOLD)
        return Ended(code, out, err, int(largest) / 1024)


class Desk:
    """A folder with a configuration; `config.toml` and `archive` lie in it."""

    def __init__(self, folder: Path, catalogue: str, bucket: RealBucket) -> None:
        self.folder, self.catalogue, self.bucket = folder, catalogue, bucket
        self._identity = pyrage.x25519.Identity.generate()
        (folder / "key.txt").write_text(f"{self._identity}\n")
        self.write_config()

    def write_config(self) -> None:
        told = CONFIG.format(
            catalogue=self.catalogue, objects=self.bucket.location, bucket=self.bucket.settings
        )
        (self.folder / "config.toml").write_text(told, "utf-8")

    def start(self, *words: str) -> Running:
        """Start a command, and do not wait for it."""
        return Running(self.folder, words)

    def __call__(self, *words: str, code: int = 0) -> Ended:
        """Run a command that ends with *code*."""
        ended = self.start(*words).ended()
        assert ended.code == code, (words, ended)
        return ended

    def imported(self, numbers: Iterable[int], words: str = REPORT, film: int = 0) -> Ended:
        """Import posts that say *words*; the first of them shows a *film* of so many bytes."""
        write_export(self.folder / "export.zip", numbers, words, film)
        return self("import", "export.zip", "--page", "export", "--json")

    def sealed(self) -> list[str]:
        """Give the words by which a backup is sealed."""
        return ["--recipient", str(self._identity.to_public())]

    def opened(self) -> list[str]:
        """Give the words by which it is opened."""
        return ["--identity", "key.txt"]

    def found(self, query: str) -> dict[str, dict]:
        """Give what *query* finds, by id."""
        told = self("items", "search", query, "--limit", "10000", "--json").told
        return {item["id"]: item for item in told["items"]}

    def lose_catalogue(self) -> None:
        """Lose the database, and everything in the folder but the keys and the configuration."""
        engine = create_engine(self.catalogue)
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()
        for path in (self.folder / "archive").iterdir():
            if path.name != "keys":
                shutil.rmtree(path)

    def burn_down(self) -> None:
        """Lose the database and the whole machine, but neither the bucket nor the backups."""
        self.lose_catalogue()
        shutil.rmtree(self.folder / "archive")
        (self.folder / "config.toml").unlink()


def write_export(path: Path, numbers: Iterable[int], words: str, film: int = 0) -> None:
    """Write an export of posts that say *words*, each of a moment of its own, years ago."""
    entries = [_post(number, words) for number in numbers]
    with zipfile.ZipFile(path, "w") as export:
        if film:
            uri = f"{_MEDIA}/film.mp4"
            shown = {"media": {"uri": uri, "creation_timestamp": _NEWEST, "title": ""}}
            entries[0]["attachments"] = [{"data": [shown]}]
            with export.open(_dated(uri), "w") as file:
                for _ in range(film >> 20):
                    file.write(os.urandom(1 << 20))
        export.writestr(_dated(_POSTS.format(1)), json.dumps(entries))


def _post(number: int, words: str) -> dict[str, object]:
    when = _NEWEST - number * 3_571
    said = [{"post": words.format(number)}, {"update_timestamp": when}]
    return {"timestamp": when, "title": "", "data": said}


def _dated(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
