"""Import an export and leave the index behind, in a process of its own.

python -m benchmarks.without_index CONFIG EXPORT
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from archiver.office import Office
from archiver.office.importing import importing_visitor
from archiver.office.lookup import read_config
from archiver.procedures.capture import capture


def main(config: str, export: str) -> None:
    office = Office(read_config(Path(config), os.environ))
    page = office.config.pages[0]
    began = time.perf_counter()
    with (
        office.source(page, deposit=Path(export)) as source,
        importing_visitor(office, office.person) as visitor,
    ):
        coverage = capture(visitor, office.connectors[page.connector], page, source)
    print(json.dumps({"items": coverage.new, "seconds": time.perf_counter() - began}))
    office.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
