"""Notices and the report: who was told, who has answered, and what was already gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from archiver.procedures import hold, hold_report, notices
from archiver.procedures.notices import Recipient
from archiver.procedures.rebuild import rebuild
from archiver.records.captures import Gap, GapReason
from archiver.records.errors import NotFound, NotPermitted, UnderHold
from archiver.records.people import Role
from tests.archive import LETTER, TRANSITORY, Archive, a_colleague, an_archive, an_observation
from tests.procedures.test_rebuild import (
    check_the_same,
    dumped,
    lose_the_catalogue,
    rebuilder_of,
)
from tests.proofs import invariants


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = an_archive(tmp_path)
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    yield archive
    archive.office.close()


def page_of(archive: Archive) -> str:
    return archive.office.keys.archive.page("scripted", archive.page.identity)


def a_notice(archive: Archive, to: Recipient):
    return notices.give(archive.office.account, archive.person, "H-0001", to)


def waiting(archive: Archive, days: int = 7) -> list[str]:
    return [n.notice for n in notices.waiting(archive.office.account, days=days)]


def test_a_custodian_acknowledges_and_is_reminded_no_more(archive):
    archive.issue_hold("1")
    doe = a_colleague(archive, Role.CLERK)
    a_notice(archive, Recipient(name="J. Doe", person=doe.id))
    archive.clock.forward(days=7)
    assert waiting(archive) == ["N-0001"]

    answered = notices.acknowledge(archive.office.account, doe, "H-0001")

    assert answered == ["N-0001"]
    assert waiting(archive, days=0) == []
    with pytest.raises(NotFound, match="waits for"):
        notices.acknowledge(archive.office.account, doe, "H-0001")
    assert invariants.faults_of(archive) == []
    assert invariants.t2_the_ledger_tells_no_text(archive, "Doe") == []


def test_nobody_acknowledges_for_another(archive):
    archive.issue_hold("1")
    a_notice(archive, Recipient(name="J. Doe", person=a_colleague(archive, Role.CLERK).id))

    with pytest.raises(NotFound):
        notices.acknowledge(archive.office.account, archive.person, "H-0001")
    assert waiting(archive, days=0) == ["N-0001"]


@pytest.mark.parametrize(("days", "due"), [(6, []), (7, ["N-0001"]), (8, ["N-0001"])])
def test_a_notice_is_said_again_after_a_week_and_then_weekly(archive, days, due):
    archive.issue_hold("1")
    a_notice(archive, Recipient(name="Page team", mail="team@example.gov"))
    archive.clock.forward(days=7)
    (one,) = notices.waiting(archive.office.account)
    notices.reminded(archive.office.account, archive.office.service.id, one)

    archive.clock.forward(days=days)

    assert waiting(archive) == due


def test_a_lifted_hold_reminds_nobody_and_tells_nobody(archive):
    archive.issue_hold("1")
    a_notice(archive, Recipient(name="J. Doe"))
    archive.lift_hold("H-0001")

    assert waiting(archive, days=0) == []
    with pytest.raises(UnderHold, match="was lifted"):
        a_notice(archive, Recipient(name="J. Doe"))


def test_a_letter_that_came_back_signed_is_kept(archive):
    archive.issue_hold("1")
    a_notice(archive, Recipient(name="Page team", page=page_of(archive)))
    account = archive.office.account

    notices.acknowledge_on_paper(account, archive.person, "N-0001", LETTER)

    assert waiting(archive, days=0) == []
    for name in ("N-0001", "N-0009"):
        with pytest.raises(NotFound, match=name):
            notices.acknowledge_on_paper(account, archive.person, name, LETTER)


def test_who_administers_a_page_is_told_how_to_preserve_it(archive):
    archive.issue_hold("1", matter="Doe v. City")
    account = archive.office.account

    custodian = notices.letter(account, "Town", a_notice(archive, Recipient(name="J. Doe")))
    team = Recipient(name="Page team", page=page_of(archive))
    administrator = notices.letter(account, "Town", a_notice(archive, team))

    assert "Doe v. City" in custodian.body
    assert "N-0001" in custodian.body
    assert "administer" not in custodian.body
    assert "Page: town page" in administrator.body
    assert "do not remove, hide or merge the page" in administrator.body


def test_who_may_not_hold_gives_no_notice(archive):
    archive.issue_hold("1")
    auditor = a_colleague(archive, Role.AUDITOR)

    with pytest.raises(NotPermitted):
        notices.give(archive.office.account, auditor, "H-0001", Recipient(name="J. Doe"))


def test_the_report_tells_what_was_gone_already_with_its_certificate(archive):
    archive.issue_hold("2", matter="Roe v. City")
    archive.clock.forward(days=90)
    archive.capture(Gap(what="comments of post 9", why=GapReason.UNREACHABLE))
    archive.capture()
    receipt = archive.purge()
    archive.capture(Gap(what="comments of post 8", why=GapReason.UNREACHABLE))
    author = archive.office.keys.archive.author("scripted", "ann")
    issued = archive.issue_hold(pages=[page_of(archive)], authors=[author])

    found = hold_report.report(archive.office.account, issued.hold)

    ((gone),) = found.gone
    assert (gone.batch, gone.items) == (receipt.batches[0], 1)
    assert archive.office.objects.fetch(f"papers/certificate/{gone.certificate}.json")
    assert [gap.what for gap in found.gaps] == ["comments of post 8"]
    assert (found.covered, issued.already_destroyed) == (0, 1)


def test_the_report_tells_how_a_hold_was_widened_and_narrowed_and_what_it_widens(archive):
    account, person = archive.office.account, archive.person
    archive.capture(an_observation("1", "a zebra"), an_observation("2", "a horse"))
    archive.issue_hold(pages=[page_of(archive)])
    archive.clock.forward(days=1)
    wider = hold.widen(account, person, "H-0001", reason="more", scope=archive.scope(query="horse"))
    archive.narrow_hold("H-0001", query="zebra")
    hold.widen(account, person, wider.hold, reason="yet more", scope=archive.scope("2"))

    of_first = hold_report.report(account, "H-0001")
    of_second = hold_report.report(account, "H-0002")

    assert [(one.wide, one.added, one.by) for one in of_first.widenings] == [
        ("H-0001", "H-0002", person.id)
    ]
    assert [(one.wide, one.added) for one in of_second.widenings] == [
        ("H-0001", "H-0002"), ("H-0002", "H-0003"),
    ]  # fmt: skip
    ((narrowing, left),) = of_first.narrowings
    assert (narrowing.by, narrowing.done, left) == (person.id, True, 1)
    assert (of_first.covered, of_second.narrowings) == (1, ())


def test_a_rebuild_gives_notices_back(archive):
    archive.issue_hold("1")
    account, person = archive.office.account, archive.person
    a_notice(archive, Recipient(name="Me", person=person.id, mail="me@example.gov"))
    a_notice(archive, Recipient(name="Page team", page=page_of(archive)))
    notices.reminded(account, person.id, notices.waiting(account, days=0)[1])
    notices.acknowledge(account, person, "H-0001")
    refused = a_notice(archive, Recipient(name="Records", mail="nobody@example.gov"))
    notices.returned(archive.office.account, archive.person.id, refused)
    assert waiting(archive) == [refused.notice]
    before = dumped(archive)
    lose_the_catalogue(archive)

    rebuild(rebuilder_of(archive))
    archive.reopen()

    check_the_same(before, dumped(archive))
