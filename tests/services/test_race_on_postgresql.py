"""Holds against destruction on PostgreSQL: whoever commits first wins, and both say so."""

from __future__ import annotations

import multiprocessing
import os
import sys
from datetime import timedelta

import pytest

from archiver.catalogue.items import DESTROYED, LIVE
from archiver.procedures.verify import verify
from tests.archive import FOUNDED_AT, TRANSITORY, an_archive, an_observation
from tests.databases import a_database
from tests.proofs.attended import a_chief
from tests.services.racing import (
    carry_out_one_after_the_other,
    hold_one_after_the_other,
    purge_one_after_the_other,
)

ROUNDS = 300


@pytest.mark.service("ARCHIVER_TEST_POSTGRESQL_URL")
@pytest.mark.parametrize("deed", ["purge", "carry-out"])
def test_of_a_hold_and_a_destruction_at_the_same_moment_one_wins_and_both_say_so(tmp_path, deed):
    with a_database(os.environ["ARCHIVER_TEST_POSTGRESQL_URL"]) as url:
        archive = an_archive(tmp_path, catalogue=url)
        names = [f"{number}" for number in range(ROUNDS)]
        published = [FOUNDED_AT + timedelta(days=number) for number in range(ROUNDS)]
        archive.capture(
            *(
                an_observation(name, TRANSITORY, at=at)
                for name, at in zip(names, published, strict=True)
            )
        )
        moments = [at + timedelta(days=61) for at in published]  # on each day one falls due
        if deed == "purge":
            destroyer = (purge_one_after_the_other, (moments,))
        else:
            destroyer = (carry_out_one_after_the_other, (moments, a_chief(archive)))
        held, purged = race(archive.config_file, names, moments, *destroyer)

        archive.clock.now = moments[-1]
        for name, holding, (due, destroyed) in zip(names, held, purged, strict=True):
            row = archive.item(name)
            assert due == 1, name
            if destroyed:
                assert row.life == DESTROYED
                assert holding in {"begun", (0, 1)}
                assert archive.objects(name) == []
            else:
                assert row.life == LIVE
                assert holding == (1, 0)
                assert len(archive.held_by(name)) == 1
                assert len(archive.objects(name)) == 1
        won = sum(destroyed for _, destroyed in purged)
        sys.stdout.write(f"{deed}: {ROUNDS - won} holds won, and {won} destructions\n")
        assert 0 < won < ROUNDS, "one side always won: the race was none"
        office = archive.office
        assert verify(office.account, office.objects, office.index, share_read=1.0).whole
        office.close()


def race(file, names, moments, destroy, args):
    """Have both processes go through all rounds; give what each told of each round."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(2, timeout=120)
    (hold_end, hold_told), (purge_end, purge_told) = context.Pipe(), context.Pipe()
    processes = [
        context.Process(
            target=hold_one_after_the_other, args=(file, names, moments, start, hold_told)
        ),
        context.Process(target=destroy, args=(file, *args, start, purge_told)),
    ]
    for process in processes:
        process.start()
    hold_told.close()
    purge_told.close()
    told = [(hold_end.recv(), purge_end.recv()) for _ in moments]  # as they come: a pipe fills up
    held, purged = zip(*told, strict=True)
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    hold_end.close()
    purge_end.close()
    return held, purged
