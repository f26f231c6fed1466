"""By which statute a page is captured: entered, kept through everything, and missed by `status`."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, update

from archiver.catalogue import ledger, tables
from archiver.jobs.work import look_around
from archiver.procedures import alerting, enabling
from archiver.procedures.enabling import Reliance
from archiver.procedures.instruments import Instrument
from archiver.procedures.papers import paper_of
from archiver.procedures.standing import Degree
from archiver.procedures.verify import verify
from archiver.records.errors import ConfigInvalid, NotPermitted
from archiver.records.people import Means, Role, SignedIn
from tests.archive import FOUNDED_AT, a_colleague

TODAY = FOUNDED_AT.date()
RELIANCE = Reliance(
    term="Platform Terms 3.d: delete on request",
    statute="Gov. Code 34090",
    counsel="R. Roe, City Attorney",
    dated=TODAY,
)


def enable(archive, reliance=RELIANCE, *, by=None, document=None):
    signed = SignedIn(person=by or archive.person, means=Means.OS_ACCOUNT)
    return enabling.enable(archive.office.account, signed, archive.page, reliance, document)


def in_force(archive):
    (one,) = enabling.enabled(archive.office.account, [archive.page])
    return one.row


def no_demonstration(archive):
    archive.office.config = replace(archive.office.config, demonstration=False)
    return look_around(archive.office)


def test_what_counsel_relied_on_is_entered_and_kept_word_for_word(archive):
    letter = Instrument("letter.pdf", b"%PDF signed")

    row = enable(archive, document=letter)

    account = archive.office.account
    told = paper_of(account, "enabling", row.paper)
    assert in_force(archive) == row
    assert (row.term, row.statute, row.counsel) == (
        RELIANCE.term, RELIANCE.statute, RELIANCE.counsel,
    )  # fmt: skip
    assert (row.enabling, date.fromordinal(row.dated)) == ("E-0001", TODAY)
    assert (told["statute"], told["file"]["name"]) == (RELIANCE.statute, "letter.pdf")
    assert paper_of(account, "document", row.document)["name"] == "letter.pdf"


def test_the_ledger_knows_that_a_page_was_enabled_and_none_of_the_words(archive):
    row = enable(archive)

    with archive.office.catalogue.reading() as connection:
        size = ledger.head(connection).size
        (data,) = ledger.raw_entries(connection, size - 1, size)
    leaf = json.loads(data)
    assert (leaf["k"], leaf["s"], leaf["p"]) == ("page.enabled", "E-0001", row.paper)
    assert leaf["d"]["pg"] == archive.office.id_of(archive.page)
    assert b"34090" not in data
    assert b"Roe" not in data


def test_what_is_entered_later_counts_instead(archive):
    enable(archive)

    enable(archive, replace(RELIANCE, statute="Gov. Code 34090 and 7920.000"))

    assert in_force(archive).statute == "Gov. Code 34090 and 7920.000"
    assert in_force(archive).enabling == "E-0002"


def test_who_may_not_adopt_enables_nothing(archive):
    with pytest.raises(NotPermitted):
        enable(archive, by=a_colleague(archive, Role.CLERK))

    assert in_force(archive) is None


@pytest.mark.parametrize(("days", "refused"), [(-1, False), (0, False), (1, True)])
def test_counsel_cannot_have_said_so_on_a_day_yet_to_come(archive, days, refused):
    reliance = replace(RELIANCE, dated=TODAY + timedelta(days=days))

    if refused:
        with pytest.raises(ConfigInvalid, match="yet to come"):
            enable(archive, reliance)
    else:
        assert enable(archive, reliance)


def test_without_it_a_page_is_captured_and_the_archive_is_amber(archive):
    status = no_demonstration(archive)

    assert archive.capture().status.value == "complete"
    (warning,) = status.warnings
    assert warning.subject == "enabling of town page"
    assert "connectors enable" in warning.remedy
    assert replace(status, problems=()).degree is Degree.AMBER
    assert replace(status, problems=()).healthy
    assert replace(status, warnings=()).degree is Degree.RED
    assert "1 warning" in alerting.daily_line("Police", status).subject

    enable(archive)

    assert no_demonstration(archive).warnings == ()
    assert replace(no_demonstration(archive), problems=()).degree is Degree.GREEN


def test_what_is_imported_or_only_demonstrated_asks_for_no_statute(archive):
    assert look_around(archive.office).warnings == ()

    archive.platform.imports = True

    assert no_demonstration(archive).warnings == ()


@pytest.mark.parametrize(
    "statement",
    [
        update(tables.enablings).values(statute="another"),
        update(tables.enablings).values(page="another"),
        delete(tables.enablings),
    ],
)
def test_an_enabling_edited_behind_us_is_named(archive, statement):
    enable(archive)
    office = archive.office
    with office.catalogue.writing_raw() as connection:
        connection.execute(statement)

    found = verify(office.account, office.objects, office.index)

    assert [fault.name for fault in found.edited] == ["E-0001"]
