"""One purge, in a process of its own, which may kill itself on the way.

    python -m benchmarks.purge CONFIG DAYS KILL_AT

The clock stands DAYS days ahead, so that what the archive holds has lapsed. Once KILL_AT items are
destroyed (0: never), the figures are printed and the process ends by SIGKILL.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from archiver.office import Office, wall_clock
from archiver.office.lookup import read_config
from archiver.ports import IndexWriter, SearchIndex
from archiver.procedures.purging import purge
from benchmarks.ground import peak_mb


class Stopwatch:
    """Tells how long a purge took so far, and how much of that was the index being rewritten."""

    def __init__(self, index: SearchIndex) -> None:
        self.began, self.worked = time.perf_counter(), time.process_time()
        self.rewriting = 0.0
        self._writing = index.writing
        index.writing = self._timed  # type: ignore[method-assign] # one index, in this process alone

    @contextmanager
    def _timed(self) -> Iterator[IndexWriter]:
        began = time.perf_counter()
        with self._writing() as writer:
            yield writer
        self.rewriting += time.perf_counter() - began

    def tell(self, destroyed: int, resumed: int) -> None:
        """Print the figures."""
        figures = {
            "destroyed": destroyed,
            "resumed": resumed,
            "seconds": time.perf_counter() - self.began,
            "index": self.rewriting,
            "processor": time.process_time() - self.worked,
            "peak_mb": peak_mb(),
        }
        print(json.dumps(figures), flush=True)


def main(config: str, days: str, kill_at: str) -> None:
    ahead = timedelta(days=int(days))
    office = Office(read_config(Path(config), os.environ), clock=lambda: wall_clock() + ahead)
    watch, end = Stopwatch(office.index), int(kill_at)

    def progress(destroyed: int) -> None:
        if end and destroyed >= end:
            watch.tell(destroyed, 0)
            os.kill(os.getpid(), signal.SIGKILL)

    with office.disposer() as disposer:
        done = purge(
            disposer, office.person, office.schedule, carry_out_too=True, progress=progress
        )
    watch.tell(done.destroyed, done.resumed)
    office.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
