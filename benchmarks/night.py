"""One night, in a process of its own: import new items, index them, purge what fell due.

    python -m benchmarks.night CONFIG EXPORT DAYS [propose]

The clock of the night stands DAYS days ahead, so that what the archive holds has lapsed.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from datetime import timedelta
from pathlib import Path

from archiver.office import Office, wall_clock
from archiver.office.lookup import read_config
from archiver.procedures.capture import capture
from archiver.procedures.indexing import feed
from archiver.procedures.purging import purge


def main(config: str, export: str, days: str, mode: str = "carry-out") -> None:
    ahead = timedelta(days=int(days))
    office = Office(read_config(Path(config), os.environ), clock=lambda: wall_clock() + ahead)
    by = office.person
    page = office.config.pages[0]
    began = time.perf_counter()
    with office.source(page, deposit=Path(export)) as source:
        coverage = capture(office.visitor(by), office.connectors[page.connector], page, source)
    captured = time.perf_counter()
    feed(office.catalogue, office.index)
    indexed = time.perf_counter()
    with office.disposer() as disposer:
        purged = purge(disposer, by, office.schedule, carry_out_too=mode == "carry-out")
    ended = time.perf_counter()
    office.close()
    print(
        json.dumps(
            {
                "new": coverage.new,
                "destroyed": purged.destroyed,
                "capture": captured - began,
                "index": indexed - captured,
                "purge": ended - indexed,
                "seconds": ended - began,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
