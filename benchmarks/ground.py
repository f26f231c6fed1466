"""What the benchmarks stand on: an archive in a folder apart, and processes watched for memory."""

from __future__ import annotations

import compileall
import json
import os
import signal
import site
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CONFIG = """
[agency]
name = "Benchmark Police Department"
time_zone = "America/Los_Angeles"
demonstration = true

[archive]
schedule = "demo"

[purge]
mode = "carry-out"
ceiling_share = 100
ceiling_nights = 1_000_000

[[pages]]
name = "export"
connector = "facebook-export"
url = "https://www.facebook.com/benchmark"
"""


@dataclass(frozen=True)
class Run:
    """One command: how long it took, and the most memory any of its processes held (MB)."""

    seconds: float
    peak_mb: float
    output: str


def compiled() -> None:
    """Compile what the command line imports, as installing a wheel does.

    Otherwise whoever forbids Python to write byte code measures its compiler at every start.
    """
    ours = Path(__file__).parent.parent
    for folder in (ours / "archiver", ours / "connectors", *map(Path, site.getsitepackages())):
        compileall.compile_dir(folder, quiet=2)


def an_archive(folder: Path) -> Path:
    """Found an archive in *folder*; give its configuration."""
    folder.mkdir(parents=True)
    config = folder / "config.toml"
    config.write_text(CONFIG)
    archiver(config, "init")
    return config


def archiver(config: Path, *words: str, environment: Mapping[str, str] | None = None) -> Run:
    """Run the command line; a code above 1 is an error."""
    command = [sys.executable, "-m", "archiver", "--config", str(config), *words]
    return watched(command, environment)


def watched(
    command: list[str],
    environment: Mapping[str, str] | None = None,
    *,
    may_be_killed: bool = False,
) -> Run:
    """Run *command* and watch the resident size of every process of its tree."""
    begun = time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    ) as process:
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, *_sizes(process.pid), 0.0)
            try:
                process.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
        output, errors = process.communicate()
    expected = (0, 1, -signal.SIGKILL) if may_be_killed else (0, 1)
    if process.returncode not in expected or not output:
        raise SystemExit(f"{' '.join(command)} failed:\n{errors}")
    return Run(time.perf_counter() - begun, peak, output)


def peak_mb() -> float:
    """Give the peak resident size of this process (MB).

    What getrusage(2) tells is no less than what the process that started this one held.
    """
    return max(_peak("self"))


def _sizes(pid: int) -> list[float]:
    """Give the peak resident size of a process and its children, each by itself, in MB."""
    return [peak for one in [pid, *_children(pid)] for peak in _peak(one)]


def _peak(process: int | str) -> list[float]:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return []
    return [int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")]


def _children(pid: int) -> list[int]:
    try:
        direct = [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return direct + [grandchild for child in direct for grandchild in _children(child)]


def told(run: Run) -> dict[str, object]:
    """Read what a command printed with --json."""
    value = json.loads(run.output)
    if not isinstance(value, dict):
        raise SystemExit("not the JSON that was expected")
    return value
