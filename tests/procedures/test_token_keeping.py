"""Tokens: how long they live is asked of the platform, said in time, and renewed where allowed."""

from __future__ import annotations

import stat
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from archiver.catalogue import tables
from archiver.jobs.work import look_around
from archiver.office.token_files import as_it_stands, put_token
from archiver.procedures.token_keeping import deaths
from archiver.records.errors import PermissionLost
from archiver.records.moments import micros
from archiver.records.pages import TokenTerm
from tests.archive import FOUNDED_AT, ScriptedPlatform, ScriptedSource, an_archive

SECRET = "opensesame-1f3a9c77"
DAY = timedelta(days=1)


class TellingSource(ScriptedSource):
    """A source whose platform says how long its token lives, and may give a new one."""

    def token_term(self):
        self.platform.times += 1
        if isinstance(self.platform.term, Exception):
            raise self.platform.term
        return self.platform.term

    def renewed_token(self):
        return self.platform.exchanged.pop() if self.platform.exchanged else None


class TellingPlatform(ScriptedPlatform):
    """A platform with tokens that die; *exchanged* are the new ones it gives, last first."""

    def __init__(self):
        super().__init__()
        self.term = None
        self.exchanged = []
        self.times = 0

    def open(self, page, fetching, *, deposit=None):
        del page, deposit
        return TellingSource(self, fetching.spool)


@pytest.fixture
def archive(tmp_path):
    archive = an_archive(tmp_path, index="memory:")
    archive.page = replace(archive.page, secret=SECRET)
    archive.platform = TellingPlatform()
    archive.reopen()
    yield archive
    archive.office.close()


@contextmanager
def visited(archive):
    with archive.office.source(archive.page) as source:
        yield source


def visit(archive):
    with visited(archive):
        pass


def dies(archive):
    return deaths(archive.office.account, [as_it_stands(archive.page)]).get("town page")


def told(archive):
    status = look_around(archive.office)
    mine = "token of town page"
    problems = [one.what for one in status.problems if one.subject == mine]
    warnings = [one.what for one in status.warnings if one.subject == mine]
    return problems, warnings


@pytest.mark.parametrize(
    ("days", "red", "amber"),
    [(-1, True, False), (0, True, False), (1, False, True), (14, False, True), (15, False, False)],
)
def test_a_token_is_said_to_die_two_weeks_before_it_does(archive, days, red, amber):
    archive.platform.term = TokenTerm(dies_at=FOUNDED_AT + 20 * DAY)
    visit(archive)
    archive.clock.forward(days=20 - days)

    problems, warnings = told(archive)

    assert (bool(problems), bool(warnings)) == (red, amber)
    assert all("2026-03-22" in words for words in problems + warnings)


def test_a_token_that_does_not_expire_is_nobodys_worry(archive):
    archive.platform.term = TokenTerm()
    visit(archive)

    assert dies(archive) is None
    assert told(archive) == ([], [])


def test_the_platform_is_asked_once_a_day(archive):
    archive.platform.term = TokenTerm(lives=60 * DAY)
    for _ in range(3):
        visit(archive)
    assert archive.platform.times == 1

    archive.clock.forward(days=1)
    visit(archive)

    assert archive.platform.times == 2
    assert dies(archive) == micros(FOUNDED_AT + 61 * DAY)


def test_what_a_platform_will_not_say_leaves_what_it_said_before(archive):
    archive.platform.term = TokenTerm(dies_at=FOUNDED_AT + 20 * DAY)
    visit(archive)
    archive.clock.forward(days=1)
    archive.platform.term = PermissionLost("the token may not ask")

    visit(archive)
    visit(archive)

    assert dies(archive) == micros(FOUNDED_AT + 20 * DAY)
    assert archive.platform.times == 2


def test_a_visit_that_broke_off_asks_nothing(archive):
    with pytest.raises(PermissionLost), visited(archive):
        raise PermissionLost("refused")

    assert archive.platform.times == 0


def test_a_new_token_in_its_place_is_asked_about_at_once(archive):
    archive.platform.term = TokenTerm(dies_at=FOUNDED_AT + DAY)
    visit(archive)
    archive.page = replace(archive.page, secret="another")
    assert dies(archive) is None

    archive.platform.term = TokenTerm(dies_at=FOUNDED_AT + 90 * DAY)
    visit(archive)

    assert dies(archive) == micros(FOUNDED_AT + 90 * DAY)


def test_a_token_in_a_file_is_renewed_before_it_grows_old_and_used_from_then_on(archive, tmp_path):
    file = tmp_path / "page.token"
    put_token(file, SECRET)
    archive.page = replace(archive.page, token_file=file)
    archive.platform.exchanged = [
        TokenTerm(token="third", lives=60 * DAY), TokenTerm(token="second", lives=60 * DAY),
    ]  # fmt: skip

    visit(archive)
    assert as_it_stands(archive.page).secret == "second"
    archive.clock.forward(days=14)
    visit(archive)
    assert as_it_stands(archive.page).secret == "second"
    archive.clock.forward(days=2)
    visit(archive)

    assert as_it_stands(archive.page).secret == "third"
    assert dies(archive) == micros(FOUNDED_AT + 76 * DAY)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_token_in_the_environment_is_not_renewed_for_nobody_could_keep_the_new_one(archive):
    archive.platform.exchanged = [TokenTerm(token="second", lives=60 * DAY)]
    archive.platform.term = TokenTerm(lives=DAY)

    visit(archive)

    assert len(archive.platform.exchanged) == 1
    assert dies(archive) == micros(FOUNDED_AT + DAY)


def test_the_catalogue_knows_no_token(archive):
    archive.platform.term = TokenTerm(lives=DAY)
    visit(archive)

    with archive.office.catalogue.reading() as connection:
        rows = connection.execute(tables.token_terms.select()).all()
    assert len(rows) == 1
    assert SECRET not in str(rows)


def test_a_new_token_leaves_the_other_lines_of_its_file_and_is_never_readable_to_others(tmp_path):
    file = tmp_path / "page.token"
    file.write_text("old\n# of the portfolio\n", "utf-8")
    file.chmod(0o644)

    put_token(file, "new")

    assert file.read_text("utf-8") == "new\n# of the portfolio\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
