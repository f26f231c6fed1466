"""One night, in a process of its own: import new items, then all that a night does besides.

    python -m benchmarks.night CONFIG EXPORT DAYS [propose]

The clock of the night stands DAYS days ahead, so that what the archive holds has lapsed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from archiver.jobs.work import do_night
from archiver.office import Office, wall_clock
from archiver.office.lookup import read_config
from archiver.procedures.capture import capture
from archiver.records.captures import Coverage
from benchmarks.ground import peak_mb


def main(config: str, export: str, days: str, mode: str = "carry-out") -> None:
    ahead = timedelta(days=int(days))
    told = replace(read_config(Path(config), os.environ), purge_mode=mode)
    office = Office(told, clock=lambda: wall_clock() + ahead)
    by, page = office.person, office.config.pages[0]

    def imported() -> Sequence[Coverage]:
        with office.source(page, deposit=Path(export)) as source:
            connector = office.connectors[page.connector]
            return [capture(office.visitor(by), connector, page, source)]

    began = time.perf_counter()
    report = do_night(office, by, again=True, capture=imported)
    seconds = time.perf_counter() - began
    office.close()
    if report is None:
        raise SystemExit("there was no night")
    figures = {
        "new": sum(coverage.new for coverage in report.captures),
        "destroyed": report.purged.destroyed,
        "problems": [str(problem) for problem in report.problems],
        "seconds": seconds,
        "peak_mb": peak_mb(),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
