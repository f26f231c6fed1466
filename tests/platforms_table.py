"""What is seen of each platform, as a table: `python -m tests.platforms_table` prints it.

It is written from what the installed connectors declare. That what they declare is so, the journey
of thirty nights (`tests/journeys/test_thirty_nights.py`) holds against what it saw of each.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from archiver.office.lookup import connectors
from archiver.ports import Connector
from archiver.procedures.hearing import Hearer
from archiver.procedures.streams import Streamer

COLUMNS = (
    "platform", "posts", "comments", "edits", "removals", "hidden", "media", "backfill",
    "events", "export",
)  # fmt: skip


def rows() -> Iterator[Mapping[str, str]]:
    """Give a row for each platform that is visited, or of which an export is read."""
    found = list(connectors().values())
    for platform in sorted({each.platform for each in found}):
        of_it = [each for each in found if each.platform == platform]
        visited = [each for each in of_it if not each.imports]
        exports = ", ".join(sorted(each.name for each in of_it if each.imports))
        for each in visited or of_it[:1]:
            yield _row(each) | {"platform": platform, "export": exports or "no"}


def _row(each: Connector) -> dict[str, str]:
    can = each.capabilities
    told = {name: getattr(can, name) for name in ("posts", "comments", "hidden", "media")}
    return {name: "yes" if seen else "no" for name, seen in told.items()} | {
        "edits": can.edits,
        "removals": can.removals,
        "backfill": can.backfill,
        "events": _events(each),
    }


def _events(each: Connector) -> str:
    if isinstance(each, Streamer):
        return "followed"
    return "heard" if isinstance(each, Hearer) else "no"


def written() -> str:
    """Give the whole table."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(row[name] for name in COLUMNS) + " |" for row in rows()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(written())
