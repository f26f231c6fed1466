"""Records requests at the command line: what a freeze came too late for is said, and stays said."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from archiver.cli import running
from archiver.procedures import hold
from archiver.procedures.nightly import Report
from archiver.procedures.rebuild import rebuild
from archiver.procedures.request_words import asked_in
from archiver.procedures.requests import every, thaw
from tests.archive import TRANSITORY, Archive, an_archive, an_observation
from tests.cli.clerk import Clerk
from tests.procedures.test_dispose import begin_only
from tests.procedures.test_rebuild import lose_the_catalogue, rebuilder_of

OPEN = (
    *("requests", "open", "--number=1", "--kind=cpra", "--received=2026-03-02"),
    *("--from=1900-01-01", "--no-capture"),
)


@pytest.fixture
def archive(tmp_path) -> Archive:
    """An archive of three items, of two of which a destruction was begun and broke off."""
    archive = an_archive(tmp_path)
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    archive.let_pass(days=100)
    archive.capture(an_observation("3", "a zebra"))
    begin_only(archive, archive.plan())
    return archive


def at_the_desk(archive: Archive, capsys, monkeypatch) -> Clerk:
    archive.office.close()
    return Clerk(archive.config_file.parent, capsys, monkeypatch)


def test_a_request_says_which_destructions_it_came_too_late_for(archive, capsys, monkeypatch):
    late = sorted(archive.item_id(n) for n in "12")
    clerk = at_the_desk(archive, capsys, monkeypatch)

    opened = clerk(*OPEN)

    assert (opened.code, opened.out) == (
        0, "R-0001 (H-0001) freezes 1 item, and what is captured later\n"
    )  # fmt: skip
    said = sorted(line for line in opened.err.splitlines() if line.startswith("too late"))
    assert said == [
        f"too late for {item[:12]}: its destruction had begun; tell counsel" for item in late
    ]
    assert clerk("dispositions", "resume").code == 0
    shown = clerk("requests", "show", "R-0001", "--json").told
    assert (sorted(shown["too_late_for"]), shown["too_late_for_more"]) == (late, 0)
    assert clerk("requests", "list", "--json").told["requests"] == [shown]
    assert all(item in clerk("requests", "show", "R-0001").out for item in late)


def test_scripts_are_told_as_of_a_hold(archive, capsys, monkeypatch):
    late = sorted(archive.item_id(n) for n in "12")
    clerk = at_the_desk(archive, capsys, monkeypatch)

    opened = clerk(*OPEN, "--json").told

    assert opened.pop("request") == "R-0001"
    issued = clerk("holds", "issue", "--matter=m", "--reason=r", *OPEN[-2:], "--json").told
    assert opened.keys() == issued.keys() - {"captures", "around"}
    assert sorted(opened["begun"]) == sorted(issued["begun"]) == late


def test_what_an_entry_has_no_room_to_name_is_counted(archive, capsys, monkeypatch):
    monkeypatch.setattr(hold, "_LISTED", 1)
    clerk = at_the_desk(archive, capsys, monkeypatch)

    assert len(clerk(*OPEN, "--json").told["begun"]) == 2
    shown = clerk("requests", "show", "R-0001", "--json").told
    assert (len(shown["too_late_for"]), shown["too_late_for_more"]) == (1, 1)


def test_what_a_request_came_too_late_for_outlives_the_catalogue(archive, capsys, monkeypatch):
    clerk = at_the_desk(archive, capsys, monkeypatch)
    assert clerk(*OPEN).code == 0
    archive.reopen()
    lose_the_catalogue(archive)

    rebuild(rebuilder_of(archive))
    archive.reopen()

    office = archive.office
    (known,) = every(office.account, office.schedule)
    assert known.row.request.received_on == date(2026, 3, 2)
    asked = asked_in(office.account, [known.row])["R-0001"]
    assert sorted(asked.begun) == sorted(archive.item_id(n) for n in "12")
    archive.office.close()


def test_a_night_says_which_freezes_ended(tmp_path, capsys, monkeypatch):
    archive = an_archive(tmp_path)
    archive.capture(an_observation("1", TRANSITORY))
    clerk = at_the_desk(archive, capsys, monkeypatch)
    clerk(*OPEN)
    clerk("requests", "close", "R-0001", "--outcome=produced", "--on=2026-03-02")
    shown = clerk("requests", "show", "R-0001", "--json").told
    assert shown["closing_entered_on"] > shown["closed_on"] == "2026-03-02"
    archive.reopen()
    archive.clock.now = datetime.combine(
        date.fromisoformat(shown["freeze_ends"]), time(12), archive.office.config.zone
    )
    office = archive.office
    report = Report(thawed=thaw(office.account, office.service, office.schedule, cool_down_days=90))

    running._print_night(report)

    ended = {"request": "R-0001", "hold": "H-0001", "cooling": 1}
    assert running._told_night(report)["thawed"] == [ended]
    said = "the freeze of R-0001 (H-0001) ended with the request's own file: 1 item to cool down"
    assert said in capsys.readouterr().out.splitlines()
    office.close()
