"""Two long-lived processes, one archive: of a hold and a destruction, one wins each round."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.archive import FOUNDED_AT, TRANSITORY, Archive, an_archive, an_observation
from tests.proofs import invariants
from tests.proofs.attended import a_chief, an_approved_plan

HOME = Path(__file__).parents[2]
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the quickest disk there is
ROUNDS = 300
AHEAD_NS = 20_000_000
"""How far ahead the start of a round lies, so that both have read it."""

MOST_TURNS = 100_000_000
STEP, SPREAD = 100_000, 400_000
"""Turns of an empty loop that one of the two is given as a handicap: at most; more or less after
each round, by who won it, twice as many each time the same one wins again; and how far at random
to either side."""


class Racer:
    """One of the two processes."""

    def __init__(self, archive: Archive, deed: str) -> None:
        command = [sys.executable, "-m", "tests.proofs.racing", str(archive.config_file), deed]
        self._process = subprocess.Popen(
            command, cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdin is not None
        self._answers, self._orders = self._process.stdout, self._process.stdin
        assert self._answers.readline() == "ready\n"

    def start(self, *order: object) -> None:
        self._orders.write(json.dumps(order) + "\n")
        self._orders.flush()

    def answer(self) -> dict:
        return json.loads(self._answers.readline())

    def end(self) -> None:
        self._orders.close()
        self._answers.close()
        assert self._process.wait(60) == 0


class Balance:
    """Gives a handicap, at random around the one at which both won as often so far."""

    def __init__(self) -> None:
        self._random = random.Random(1)
        self._handicap = 0
        self._step = 0

    def turns(self) -> tuple[int, int]:
        """Give how long the hold, and how long the purge, waits after the start."""
        spread = self._random.randint(-SPREAD, SPREAD)
        turns = self._handicap + spread
        return max(0, turns), max(0, -turns)

    def learn(self, *, held: bool) -> None:
        sign = 1 if held else -1
        again = self._step * sign > 0
        self._step = self._step * 2 if again else sign * STEP
        wanted = self._handicap + self._step
        self._handicap = max(-MOST_TURNS, min(MOST_TURNS, wanted))


@pytest.mark.proof
@pytest.mark.parametrize("deed", ["purge", "carry-out"])
def test_of_a_hold_and_a_destruction_exactly_one_wins_three_hundred_times(deed):
    ground = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="race-", dir=ground) as folder:
        archive = an_archive(Path(folder))
        rounds = _race(archive, deed)
        held = {n for n, (hold, _) in rounds.items() if hold["held"]}
        refused = {n for n, (hold, _) in rounds.items() if hold["refused"]}
        late = {n for n, (hold, _) in rounds.items() if hold["gone"]}
        sys.stdout.write(
            f"{deed}: {len(held)} holds won; of {ROUNDS - len(held)} that lost, {len(refused)}"
            f" were refused half-way and {len(late)} came too late\n"
        )

        assert held | refused | late == rounds.keys()
        assert len(held) + len(refused) + len(late) == ROUNDS
        for n, (hold, purge) in rounds.items():
            assert archive.item(n).life == ("live" if n in held else "destroyed"), n
            assert purge["destroyed"] == (n not in held)
            assert archive.held_by(n) == ([] if n not in held else archive.held_by(n)[:1])
            assert bool(archive.objects(n)) == (n in held)
            assert not hold["refused"] or archive.item_id(n)[:12] in hold["refused"]
        assert all(archive.held_by(n) for n in held)
        assert _refusals(archive) == {archive.item_id(n) for n in refused}
        archive.feed()
        assert invariants.faults_of(archive) == []
        assert invariants.l4_nothing_waits_after_a_clean_run(archive) == []
        archive.office.close()
    assert len(held) >= ROUNDS // 20
    assert len(held) <= ROUNDS - ROUNDS // 20


def _race(archive: Archive, deed: str) -> dict[str, tuple[dict, dict]]:
    """Run every round; give what the hold and the *deed* that destroys answered in each."""
    chief = a_chief(archive)
    holder, purger, balance = Racer(archive, "hold"), Racer(archive, deed), Balance()
    rounds = {}
    for minute in range(ROUNDS):
        n = str(minute + 1)
        archive.clock.now = FOUNDED_AT + timedelta(days=1, minutes=minute)
        at = archive.clock.now - timedelta(days=70)
        archive.capture(an_observation(n, TRANSITORY, at=at), index=False)
        plan = an_approved_plan(archive, chief) if deed == "carry-out" else ""
        start = time.monotonic_ns() + AHEAD_NS
        first, second = balance.turns()
        holder.start(n, plan, minute, start, first)
        purger.start(n, plan, minute, start, second)
        rounds[n] = (holder.answer(), purger.answer())
        balance.learn(held=bool(rounds[n][0]["held"]))
    holder.end()
    purger.end()
    return rounds


def _refusals(archive: Archive) -> set[str]:
    """Give the items that the ledger's refusals name."""
    entries = [leaf for leaf in invariants.told(archive) if leaf["k"] == "hold.refused"]
    return {item for leaf in entries for item in leaf["d"]["begun"]}
