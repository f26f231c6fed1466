"""Notices go out by mail, and who says so has asked the mail server."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from archiver.jobs.reminding import remind
from archiver.office import Office, wall_clock
from archiver.office.lookup import read_config
from archiver.procedures import notices

pytestmark = pytest.mark.enable_socket

HOLD = ("holds", "issue", "--matter", "Doe", "--kind", "litigation", "--reason", "claim")
NOTICE = ("holds", "notice", "H-0001", "--to", "J. Doe", "--mail")


@pytest.fixture
def posting(clerk, postbox):
    """A clerk whose archive is on hold, and whose letters go to a mail server."""
    with Path("config.toml").open("a", encoding="utf-8") as config:
        config.write(
            "[alerts]\nmail_from = 'archiver@example.gov'\nsmtp_host = '127.0.0.1'\n"
            f"smtp_port = {postbox.port}\n"
        )
    assert clerk(*HOLD, "--query", "friday", "--no-capture").code == 0
    return clerk


def a_week_on() -> Office:
    """Open the archive as the job of the day does, a week later."""
    later = wall_clock() + timedelta(days=notices.REMIND_DAYS, minutes=1)
    return Office(read_config(Path("config.toml"), {}), clock=lambda: later)


def test_a_notice_is_mailed_to_the_custodian_alone_and_says_what_to_keep(posting, postbox):
    said = posting(*NOTICE, "jdoe@example.gov")

    assert (said.code, said.out) == (0, "N-0001 was sent to J. Doe\n")
    ((to, letter),) = postbox.taken
    assert to == ["jdoe@example.gov"]
    assert "legal hold H-0001 (Doe)" in letter.replace("\r\n", " ")
    assert "Friday" not in letter


def test_what_the_mail_server_refuses_is_not_said_to_be_sent_but_printed(posting, postbox):
    said = posting(*NOTICE, "nobody@example.gov")

    assert said.code == 0
    assert "was sent" not in said.out
    assert "N-0001" in said.out
    assert "legal hold H-0001 (Doe)" in said.out
    assert "550" in said.err
    assert postbox.taken == []


def test_reminders_go_by_mail_until_a_server_has_taken_them(posting, postbox):
    for mail in ("nobody@example.gov", "jdoe@example.gov"):
        posting(*NOTICE, mail)
    postbox.taken.clear()

    office = a_week_on()
    taken = remind(office, office.service)
    left = [notice.mail for notice in notices.waiting(office.account)]
    office.close()

    assert taken == 1
    assert [to for to, _ in postbox.taken] == [["jdoe@example.gov"]]
    assert left == ["nobody@example.gov"]


def test_what_a_server_refused_is_sent_again_the_next_day_and_then_only_weekly(posting, postbox):
    config = Path("config.toml")
    up = config.read_text()
    config.write_text(up.replace(f"smtp_port = {postbox.port}", "smtp_port = 1"))
    posting(*NOTICE, "jdoe@example.gov")
    posting("holds", "notice", "H-0001", "--to", "On Paper")
    config.write_text(up)

    sent = []
    for hours in (24, 48):
        later = wall_clock() + timedelta(hours=hours)
        office = Office(read_config(config, {}), clock=lambda at=later: at)
        sent.append(remind(office, office.service))
        office.close()

    assert sent == [1, 0]
    assert [to for to, _ in postbox.taken] == [["jdoe@example.gov"]]
    assert posting("verify").code == 0


def test_a_server_that_is_down_takes_no_reminder_and_all_of_them_wait(posting, postbox):
    posting(*NOTICE, "jdoe@example.gov")
    config = Path("config.toml")
    config.write_text(config.read_text().replace(f"smtp_port = {postbox.port}", "smtp_port = 1"))

    office = a_week_on()
    taken = remind(office, office.service)
    left = [notice.notice for notice in notices.waiting(office.account)]
    office.close()

    assert (taken, left) == (0, ["N-0001"])
