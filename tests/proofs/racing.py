"""One of two long-lived processes that race: it issues holds, or it destroys.

    python -m tests.proofs.racing CONFIG hold|purge|carry-out

Reads one line for each round (the item's native id; the plan that was approved, if any; minutes on
the archive's clock; the moment to start, on the machine's monotonic clock; turns of an empty loop
to run first), does its deed, and answers with one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from pathlib import Path

from archiver.records.errors import DestructionBegun
from tests.archive import FOUNDED_AT, PAGE, Archive, SettableClock
from tests.proofs.attended import carry_out


def hold(archive: Archive, item: str, _plan: str) -> dict:
    """Issue a hold on one item; say how many it covers, found destroyed, or was refused for."""
    try:
        issued = archive.issue_hold(item)
    except DestructionBegun as refusal:
        return {"held": 0, "gone": 0, "refused": str(refusal)}
    return {"held": issued.covered, "gone": issued.already_destroyed, "refused": ""}


def purge(archive: Archive, _item: str, _plan: str) -> dict:
    """Purge; say how many items that destroyed."""
    receipt = archive.purge()
    return {"destroyed": receipt.destroyed}


def carry_out_approved(archive: Archive, _item: str, plan: str) -> dict:
    """Carry out what people approved; say how many items that destroyed."""
    return {"destroyed": carry_out(archive, plan).destroyed}


DEEDS = {"hold": hold, "purge": purge, "carry-out": carry_out_approved}


def main(config: str, deed: str) -> None:
    """Take part until the input ends."""
    archive = Archive(Path(config), SettableClock(), PAGE)
    with archive.office.disposer():
        pass  # everything is opened before the first round
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        item, plan, minutes, start, turns = json.loads(line)
        archive.clock.now = FOUNDED_AT + timedelta(days=1, minutes=minutes)
        while time.monotonic_ns() < start:
            pass
        for _ in range(turns):
            pass
        answer = DEEDS[deed](archive, item, plan)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    archive.office.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
