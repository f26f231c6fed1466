"""A page whose address changes loses no hold in silence: a problem, until the new one is named."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace

import pytest

from archiver.jobs.work import look_around
from archiver.procedures import hold
from archiver.procedures.left_pages import addresses_left
from archiver.procedures.problems import Problem
from archiver.procedures.rebuild import rebuild
from archiver.procedures.verify import verify
from archiver.records.matters import NewMatter
from archiver.records.pages import PageSettings
from tests.archive import Archive, an_archive, an_observation
from tests.cli.clerk import Clerk
from tests.procedures.test_rebuild import lose_the_catalogue, rebuilder_of
from tests.procedures.test_requests import close, opened, page_of

MOVED = "town page (2)"


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = an_archive(tmp_path)
    archive.capture(an_observation("1"))
    yield archive
    archive.office.close()


def moved(archive: Archive, host: str = "moved", *native_ids: str) -> PageSettings:
    """Change the address of the page, and visit it there."""
    archive.page = replace(archive.page, url=f"https://{host}.example.gov")
    archive.capture(*(an_observation(n) for n in native_ids or ("2",)))
    return archive.page


def problems(archive: Archive) -> list[Problem]:
    found = [one.problem for one in addresses_left(archive.office.account)]
    assert [one for one in look_around(archive.office).problems if one in found] == found
    return found


def test_of_a_page_that_moved_away_from_a_hold_one_thing_is_said_at_a_time(archive):
    archive.issue_hold(pages=[page_of(archive)])
    page = moved(archive)
    archive.reopen()  # with the new address in the configuration alone

    before = [one.subject for one in look_around(archive.office).problems]
    widen(archive, "H-0001", archive.office.id_of(page))
    after = [one.subject for one in look_around(archive.office).problems]

    both = {f"H-0001 on {MOVED}", "visits to town page"}
    assert both & set(before) == {f"H-0001 on {MOVED}"}
    assert both & set(after) == {"visits to town page"}


def widen(archive: Archive, name: str, page: str) -> None:
    account = archive.office.account
    scope = archive.scope(pages=[page])
    hold.widen(account, archive.person, name, reason="it moved", scope=scope)


HOLDS = {
    "names the page": lambda archive: archive.issue_hold(pages=[page_of(archive)]),
    "searches the page": lambda archive: archive.issue_hold(query='page:"town page" zebra'),
    "was narrowed to the page": lambda archive: (
        archive.issue_hold(query="zebra"),
        archive.narrow_hold("H-0001", pages=[page_of(archive)]),
    ),
    "freezes for a request": opened,
    "freezes for a closed request": lambda archive: (opened(archive), close(archive)),
}


@pytest.mark.parametrize("of", HOLDS)
def test_a_hold_of_a_page_that_moved_is_a_problem_until_its_matter_names_the_new_one(archive, of):
    HOLDS[of](archive)
    assert problems(archive) == []
    page = moved(archive)

    (found,) = problems(archive)

    assert archive.held_by("2") == []
    assert found.what.startswith("H-0001 covers town page at its old address alone")
    assert f"archiver holds widen H-0001 --page '{MOVED}' --reason" in found.remedy
    assert verify(archive.office.account, archive.office.objects, archive.office.index).whole
    widen(archive, "H-0001", archive.office.id_of(page))
    assert problems(archive) == []
    assert archive.held_by("2") == ["H-0002"]


def test_the_remedy_is_a_command_that_works(archive, capsys, monkeypatch):
    archive.issue_hold(pages=[page_of(archive)])
    moved(archive)
    (found,) = problems(archive)
    archive.office.close()
    line = found.remedy.split("`")[1]

    said = Clerk(archive.config_file.parent, capsys, monkeypatch)(
        *shlex.split(line)[1:], "--no-capture"
    )

    assert said.code == 0, said.err
    archive.reopen()
    assert problems(archive) == []
    assert archive.held_by("2") == ["H-0002"]


def test_a_hold_that_names_no_page_covers_the_new_one_as_it_is(archive):
    archive.issue_hold(query="NOT kind:comment")
    archive.issue_hold("1")
    moved(archive)

    assert problems(archive) == []
    assert archive.held_by("2") == ["H-0001"]


def test_a_hold_of_another_matter_is_no_answer_and_a_lifted_one_asks_none(archive):
    archive.issue_hold(pages=[page_of(archive)])
    page = moved(archive)
    archive.issue_hold(pages=[archive.office.id_of(page)], matter="Roe v. City")

    assert [one.subject for one in problems(archive)] == [f"H-0001 on {MOVED}"]
    archive.lift_hold("H-0001")
    assert problems(archive) == []


def test_a_page_that_moves_again_is_asked_for_again(archive):
    archive.issue_hold(pages=[page_of(archive)])
    page = moved(archive)
    widen(archive, "H-0001", archive.office.id_of(page))
    moved(archive, "moved-again", "3")

    (found,) = problems(archive)

    assert (found.subject, "town page (3)" in found.remedy) == ("H-0001 on town page (3)", True)


def test_a_hold_of_the_second_address_alone_is_asked_for_at_the_third(archive):
    page = moved(archive)
    archive.issue_hold(pages=[archive.office.id_of(page)])
    assert problems(archive) == []
    moved(archive, "moved-again", "3")

    (found,) = problems(archive)

    assert found.what.startswith(f"H-0001 covers {MOVED} at its old address alone")


def test_a_page_that_is_called_so_by_the_department_is_no_move(archive):
    archive.issue_hold(pages=[page_of(archive)])
    archive.page = replace(archive.page, name=MOVED)
    moved(archive)

    assert problems(archive) == []


def test_new_settings_of_the_page_and_a_rebuild_leave_the_problem(archive):
    archive.issue_hold(pages=[page_of(archive)])
    moved(archive)
    archive.page = replace(archive.page, controlled=not archive.page.controlled)
    archive.capture(an_observation("2"))
    before = problems(archive)
    lose_the_catalogue(archive)

    rebuild(rebuilder_of(archive))
    archive.reopen()

    assert problems(archive) == before
    assert len(before) == 1


def test_each_matter_is_asked_for_once(archive):
    archive.issue_hold(pages=[page_of(archive)])
    hold.widen(
        archive.office.account, archive.person, "H-0001", reason="r",
        scope=archive.scope(pages=[page_of(archive)]),
    )  # fmt: skip
    hold.issue(
        archive.office.account, archive.person, matter=NewMatter(name="Roe"), reason="r",
        scope=archive.scope(pages=[page_of(archive)]),
    )  # fmt: skip
    moved(archive)

    assert [one.subject for one in problems(archive)] == [
        f"H-0001 on {MOVED}", f"H-0003 on {MOVED}"
    ]  # fmt: skip
