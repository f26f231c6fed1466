"""What says who may decide, and when a page was whole, is not edited behind the archiver."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete, update

from archiver.catalogue import pages, tables
from archiver.procedures import requests, roster
from archiver.procedures.verify import Verdict, verify
from archiver.records.holds import Scope
from archiver.records.people import Means, Role, SignedIn
from archiver.records.requests import RequestKind
from archiver.records.roster import Span
from tests.archive import TRANSITORY, Archive, a_colleague, an_archive, an_observation


@pytest.fixture
def archive(tmp_path) -> Archive:
    """A colleague whose role changed, a request that was closed, two captures of one page."""
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(an_observation("1", TRANSITORY))
    account, signed = (
        archive.office.account,
        SignedIn(person=archive.person, means=Means.OS_ACCOUNT),
    )
    a_colleague(archive, Role.CLERK)
    roster.give(account, signed, "colleague", Role.COUNSEL, Span(date(2026, 6, 1)))
    page = archive.office.keys.archive.page("scripted", archive.page.identity)
    requests.open_request(
        account,
        archive.person,
        requests.NewRequest(
            number="PRA-1", kind=RequestKind.CPRA, received_on=date(2026, 3, 1), about="a street"
        ),
        Scope(pages=frozenset({page})),
        review_days=180,
    )
    requests.close_request(
        account, archive.person, "R-0001", outcome="answered", on=date(2026, 3, 2)
    )
    archive.clock.forward(days=1)
    archive.capture()
    return archive


def proved(archive: Archive) -> Verdict:
    office = archive.office
    return verify(office.account, office.objects, office.index)


def edit(archive: Archive, statement) -> None:
    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(statement)


EARLIER = json.dumps({"counsel": [["2020-01-01", None]]})
COLLEAGUE = tables.people.c.account == "colleague"


def test_registers_nobody_touched_are_as_the_ledger_tells(archive):
    assert proved(archive).ok


def test_a_page_that_is_renamed_and_no_longer_ours_follows_in_all_but_its_name(archive):
    changed = replace(archive.page, name="another name", controlled=False)

    archive.capture(page=changed)

    with archive.office.catalogue.reading() as connection:
        (page,) = pages.every(connection)
    assert (page.name, page.controlled) == (archive.page.name, False)
    assert proved(archive).ok


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        (update(tables.people).where(COLLEAGUE).values(tenures=EARLIER), "the roster"),
        (update(tables.people).where(COLLEAGUE).values(left_on=1), "the roster"),
        (update(tables.people).where(COLLEAGUE).values(shared=True), "the roster"),
        (delete(tables.people).where(COLLEAGUE), "the roster is gone"),
        (update(tables.people).where(COLLEAGUE).values(person="p-other"), "does not know it"),
        (update(tables.people).values(tenures="none"), "the roster"),
        (update(tables.requests).values(closed_on=1), "the register of requests"),
        (update(tables.requests).values(closed_on=None), "the register of requests"),
        (update(tables.requests).values(closing_entered_on=1), "the register of requests"),
        (update(tables.requests).values(kind="complaint"), "the register of requests"),
        (update(tables.requests).values(received_on=1), "the register of requests"),
        (update(tables.requests).values(received_on=-1), "the register of requests"),
        (delete(tables.requests), "the register of requests is gone"),
        (update(tables.pages).values(whole_at=1 << 60), "the register of pages"),
        (update(tables.pages).values(controlled=False), "the register of pages"),
        (update(tables.pages).values(name="another"), "the register of pages"),
        (update(tables.pages).values(looked_at=1 << 60), "the register of pages"),
        (update(tables.pages).values(seal=""), "the register of pages"),
    ],
)
def test_a_register_edited_behind_us_is_named(archive, statement, where):
    edit(archive, statement)

    found = proved(archive)

    assert any(where in fault.why for fault in found.edited)
    assert not found.ok


def test_a_register_whose_paper_is_gone_is_named(archive):
    for paper in (archive.folder / "objects" / "papers" / "tenure").iterdir():
        paper.unlink()

    found = proved(archive)

    assert any("papers/tenure/" in fault.why for fault in found.edited)
    assert not found.ok
