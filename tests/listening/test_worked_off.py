"""What waits at the door is worked off: whoever dies, whoever is in the way, whatever is purged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from archiver.catalogue import pages
from archiver.listening.serving import Worker
from archiver.office import hearing
from archiver.records.captures import GapReason
from archiver.records.errors import ArchiveBusy
from tests.connectors.facebook_platform import PAGE
from tests.connectors.meta_deliveries import a_comment, a_delivery, a_post
from tests.connectors.platforms import FIRST_MOMENT, UNAUTHORIZED

NOON = FIRST_MOMENT + timedelta(hours=3)
POST = f"{PAGE}_1001"


def a_body(*, number: int = 2, text: str = "For how long?") -> bytes:
    told = a_comment("add", f"1001_{5000 + number}", text, post=POST, at=NOON)
    return a_delivery(told, at=NOON)


def test_what_was_kept_before_the_process_died_is_worked_off_by_the_next(desk):
    desk.send(a_body())
    desk.archive.reopen()

    desk.listen()
    (heard,) = desk.hear()

    assert heard.new == 1
    assert desk.archive.found("long") == ["1001_5002"]
    assert list(desk.folder.rglob("*.*")) == []


def test_dying_between_entering_and_removing_enters_nothing_twice(desk):
    desk.send(a_body())
    (file,) = desk.folder.rglob("*.delivery")
    kept = file.read_bytes()
    desk.hear()
    file.write_bytes(kept)  # as if the process had died before it was removed

    (again,) = desk.hear()

    assert (again.new, again.changed, again.unchanged) == (0, 0, 1)
    assert desk.waiting == 0


def test_what_cannot_be_worked_off_for_a_fault_of_ours_waits_until_it_is_mended(desk):
    said: list[str] = []
    office, worker = desk.archive.office, Worker(desk.ear, said.append)
    insecure = {**desk.archive.page.options, "graph_url": "http://graph.example"}
    amiss = replace(desk.archive.page, options=insecure)
    desk.send(a_body())

    sound, office.config = office.config, replace(office.config, pages=(amiss,))
    assert not worker.work_off()
    office.config = sound

    assert "failed" in said[0]
    assert desk.waiting == 1
    assert worker.work_off()
    assert (desk.waiting, desk.archive.found("long")) == (0, ["1001_5002"])


def test_while_somebody_visits_the_page_it_waits_and_the_door_stays_open(desk):
    said: list[str] = []
    worker = Worker(desk.ear, said.append)
    desk.send(a_body())
    desk.hear()
    with desk.archive.office.catalogue.reading() as connection:
        (page,) = pages.every(connection)
    with desk.archive.office.catalogue.exclusive(f"page {page.n}"):
        assert desk.send(a_body(number=3)) == 200
        with pytest.raises(ArchiveBusy):
            desk.hear()
        assert not worker.work_off()

    assert desk.waiting == 1
    assert worker.work_off()
    assert desk.waiting == 0
    assert any("waits" in line for line in said)


def test_a_visit_waits_until_what_was_heard_is_entered_and_is_not_left_out(desk):
    desk.platform.publish("The road is closed.")
    desk.send(a_body())
    desk.hear()
    office = desk.archive.office
    with office.catalogue.reading() as connection:
        (page,) = pages.every(connection)

    with ThreadPoolExecutor(1) as night:
        with office.catalogue.exclusive(f"hearing of page {page.n}"):
            visit = night.submit(office.capture, [desk.archive.page], by=desk.archive.person)
            with pytest.raises(TimeoutError):
                visit.result(timeout=0.3)
            desk.send(a_body(number=3))
            with pytest.raises(ArchiveBusy):
                desk.hear()
        (coverage,) = visit.result()

    assert coverage.seen > 0
    assert GapReason.BUSY not in {gap.why for gap in coverage.gaps}
    desk.hear()


def test_what_waits_for_a_page_without_its_token_waits_on(desk):
    office = desk.archive.office
    desk.send(a_body())
    tokenless = replace(desk.archive.page, secret=None, secret_missing=True)
    with_token, office.config = office.config, replace(office.config, pages=(tokenless,))
    assert desk.hear() == []

    office.config = with_token
    assert desk.hear()[0].new == 1


def test_of_a_flood_of_changes_each_one_is_entered_or_named_as_a_gap(desk, monkeypatch):
    monkeypatch.setattr(hearing, "BATCH", 4)
    for first in range(0, 300, 50):
        changes = [
            a_comment("remove", f"1001_{number}", post=POST, at=NOON)
            if number % 10 == 0
            else a_comment("add", f"1001_{number}", f"Comment {number}", post=POST, at=NOON)
            for number in range(first, first + 50)
        ]
        desk.send(a_delivery(*changes, at=NOON))
    desk.platform.script(lasting=(0, UNAUTHORIZED))

    some, rest = desk.hear()

    assert (some.new, rest.new) == (180, 90)
    gone = [gap for gap in (*some.gaps, *rest.gaps) if "before it was captured" in gap.what]
    assert len(gone) == 30
    assert desk.waiting == 0


def test_before_anything_is_destroyed_what_waits_is_worked_off(desk):
    """A purged text must not wait at the door: nothing of it is there once the purge is done."""
    post = desk.platform.publish("Happy Friday from all of us!")
    desk.archive.office.capture([desk.archive.page], by=desk.archive.person)
    desk.send(a_delivery(a_post("edited", POST, "Happy Friday from all of us!", at=NOON), at=NOON))
    desk.platform.remove(post)
    desk.archive.clock.forward(days=100)

    with desk.archive.office.disposer():
        assert desk.waiting == 0
    assert list(desk.folder.rglob("*.delivery")) == []
