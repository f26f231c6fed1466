"""A real mail server, Dovecot: alerts by mail, and a mailbox that is left as it was.

The agency's public pages are imitated, for there is no Nixle to be had.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from archiver.records.captures import Cursor, Gap, GapReason, Observation, Seen, Window
from archiver.records.items import ItemKind
from archiver.records.pages import PageSettings
from connectors.nixle import CONNECTOR
from tests.connectors.nixle_mail import an_alert_mail
from tests.connectors.nixle_platform import FIRST_NUMBER, NixlePlatform
from tests.connectors.platforms import fetching, patient_pace
from tests.connectors.seeing import of
from tests.services.mail_folder import PASSWORD, USER, MailFolder

pytestmark = pytest.mark.service("ARCHIVER_TEST_IMAP_SERVER")

NINE = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
GROUP = 12_700_001


@pytest.fixture
def folder() -> Iterator[MailFolder]:
    with closing(MailFolder()) as made:
        yield made


@pytest.fixture
def agency() -> Iterator[NixlePlatform]:
    with NixlePlatform() as served, patient_pace():
        yield served


@pytest.fixture
def visit(agency, folder, tmp_path):
    def visited(cursor: str | None = None, **options: object) -> list[Seen]:
        secret = str(options.pop("secret", os.environ[PASSWORD]))
        page = agency.page()
        mailbox = {
            "mail_server": os.environ["ARCHIVER_TEST_IMAP_SERVER"],
            "mail_user": os.environ[USER],
            "mail_folder": folder.name,
        }
        named = PageSettings(
            name="alerts", connector="nixle", platform="nixle", url=page.url,
            secret=secret, options={**page.options, **mailbox, **options},
        )  # fmt: skip
        since = NINE - timedelta(days=7) if cursor else None
        with closing(CONNECTOR.open(named, fetching(tmp_path, ca_file=folder.ca_file))) as source:
            seen = list(source.visit(Window(since=since, cursor=cursor)))
        return [one for one in seen if not _of_the_agency(one)]

    return visited


def _of_the_agency(one: Seen) -> bool:
    """Say whether it is the profile that the public pages tell."""
    return isinstance(one, Observation) and one.content.kind is ItemKind.PROFILE


def cursor_of(seen: list[Seen]) -> str | None:
    return next((one.value for one in reversed(seen) if isinstance(one, Cursor)), None)


def texts(seen: list[Seen]) -> list[str]:
    return [one.content.text for one in of(Observation, seen)]


def test_alerts_by_mail_are_had_once_and_the_mailbox_is_left_as_it_was(agency, folder, visit):
    agency.publish("Road closed until noon")
    agency.edit(1, "Road closed until two")
    public = an_alert_mail(FIRST_NUMBER + 1, "Road closed until noon", at=agency.now)
    groups = [an_alert_mail(GROUP + n, f"Team {n}: añil 警察", at=NINE) for n in range(30)]
    folder.deliver(public, b"From: a@example.org\r\nSubject: lunch\r\n\r\nAt one?\r\n", *groups)
    before = folder.state()

    one = visit()
    folder.deliver(an_alert_mail(GROUP + 99, "Team 99: late", at=NINE))
    two = visit(cursor_of(one))

    assert of(Gap, one) == of(Gap, two) == []
    assert texts(one)[:2] == ["Road closed until noon", "Road closed until two"]
    assert set(texts(one)[2:]) == {f"Team {n}: añil 警察" for n in range(30)}
    assert "Team 99: late" in texts(two)
    assert not any(text.startswith("Team 1") for text in texts(two))
    assert of(Observation, one)[0].content.raw.body == public
    assert before[b"UNSEEN"] == before[b"MESSAGES"] == 32
    assert folder.state() == {b"MESSAGES": 33, b"UNSEEN": 33, b"UIDNEXT": 34}


def test_a_folder_that_was_made_anew_is_read_anew(folder, visit):
    mails = [an_alert_mail(GROUP + n, f"Team {n}", at=NINE) for n in range(3)]
    folder.deliver(*mails)
    folder.remove_first()
    one = visit()

    folder.make_anew()
    folder.deliver(mails[2])
    two = visit(cursor_of(one))

    assert texts(one) == ["Team 1", "Team 2"]
    assert texts(two) == ["Team 2"]
    (again,) = of(Observation, two)
    assert again.content.fingerprint() == of(Observation, one)[1].content.fingerprint()


def test_a_large_message_with_a_file_is_had_whole(folder, visit):
    picture = os.urandom(3_000_000)
    mail = an_alert_mail(
        GROUP,
        "See the picture.",
        at=NINE,
        change=lambda mail: mail.add_attachment(
            picture, maintype="image", subtype="jpeg", filename="car.jpg"
        ),
    )
    folder.deliver(mail)

    (item,) = of(Observation, visit())

    assert item.content.raw.body == mail
    assert [file.name for file in item.content.attachments] == ["car.jpg"]


def test_the_password_goes_over_an_encrypted_line_that_is_asked_for(folder, visit):
    folder.deliver(an_alert_mail(GROUP, "Team", at=NINE))
    plain_port = os.environ["ARCHIVER_TEST_IMAP_STARTTLS"]

    seen = visit(mail_server=plain_port, mail_starttls=True)

    assert texts(seen) == ["Team"]


def test_a_password_that_dovecot_refuses_is_told_as_a_right_that_was_lost(visit):
    seen = visit(secret="wrong")

    assert [gap.why for gap in of(Gap, seen)] == [GapReason.PERMISSION_LOST]
    assert cursor_of(seen) == "0"
