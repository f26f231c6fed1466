"""Pages by any of their names: the first, today's, or the address; each name means one page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archiver.catalogue import pages
from archiver.language.grammar import parse
from archiver.language.tree import Field, named_as
from archiver.office.naming import page_called, query_of
from archiver.procedures import hold
from archiver.records.errors import ConfigInvalid, NotFound
from archiver.records.pages import PageSettings
from tests.archive import Archive, an_archive, an_observation

NEW = "another name"


@pytest.fixture
def archive(tmp_path):
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(an_observation("1"))
    yield archive
    archive.office.close()


def renamed(archive: Archive, name: str = NEW) -> PageSettings:
    """Have the configuration call the page something else."""
    archive.page = replace(archive.page, name=name)
    kept = [p for p in archive.office.config.pages if p.identity != archive.page.identity]
    archive.office.config = replace(archive.office.config, pages=(archive.page, *kept))
    return archive.page


def another(archive: Archive, name: str) -> PageSettings:
    """Configure one more page."""
    page = replace(archive.page, name=name, url="https://other.example.gov")
    config = archive.office.config
    archive.office.config = replace(config, pages=(*config.pages, page))
    return page


def test_a_renamed_page_is_found_under_its_first_name_todays_and_its_address(archive):
    first = archive.page.name
    archive.capture(an_observation("1"), an_observation("2"), page=renamed(archive))

    assert archive.found(f'page:"{first}"') == ["1", "2"]
    assert archive.found(f'page:"{NEW}"') == ["1", "2"]
    assert archive.found(f'page:"{NEW.upper()}"') == ["1", "2"]
    assert archive.found(f'page:"{archive.page.url}"') == ["1", "2"]
    assert archive.found(f'NOT (page:"{NEW}" OR kind:comment)') == []


def test_a_page_is_found_under_its_new_name_before_the_next_visit(archive):
    renamed(archive)

    assert archive.found(f'page:"{NEW}"') == ["1"]


@pytest.mark.parametrize("name", ["town page", NEW])
def test_a_hold_by_either_name_binds_what_comes_later(archive, name):
    renamed(archive)
    archive.issue_hold(query=f'page:"{name}"')

    archive.capture(an_observation("2"))

    (known,) = hold.every(archive.office.account)
    assert known.covered == 2


def test_a_saved_search_keeps_the_first_name_whatever_the_page_is_called_later(archive):
    renamed(archive)
    archive.issue_hold(query=f'page:"{NEW}"')
    renamed(archive, "a third name")
    another(archive, NEW)

    archive.capture(an_observation("2"))

    (known,) = hold.every(archive.office.account)
    assert known.covered == 2


@pytest.mark.parametrize("name", ["town page", NEW, "https://town.example.gov"])
def test_the_page_itself_is_meant_by_any_of_its_names(archive, name):
    page = renamed(archive)

    assert archive.office.page_id(name.replace("https://town.example.gov", page.url)) == (
        archive.office.id_of(page)
    )
    assert page_called(archive.office, name.replace("https://town.example.gov", page.url)) == page


def test_a_page_that_is_no_longer_configured_is_still_named(archive):
    page = archive.page
    archive.office.config = replace(archive.office.config, pages=())

    assert archive.office.page_id(page.name) == archive.office.id_of(page)
    with pytest.raises(ConfigInvalid, match="has no page"):
        page_called(archive.office, page.name)


def test_a_name_that_nobody_has_is_refused(archive):
    renamed(archive)

    with pytest.raises(NotFound, match="no page nowhere"):
        archive.search("page:nowhere")
    with pytest.raises(ConfigInvalid, match="has no page 'nowhere'"):
        archive.office.page_id("nowhere")


def test_a_configured_page_that_was_never_visited_is_not_searched(archive):
    another(archive, "new page")

    with pytest.raises(NotFound, match="no page new page"):
        archive.search('page:"new page"')


def test_a_name_that_two_pages_have_is_refused_and_the_others_are_told(archive):
    first = archive.page.name
    renamed(archive)
    other = another(archive, first)
    archive.capture(an_observation("2"), page=other)

    with pytest.raises(NotFound, match="2 pages are called") as refused:
        archive.search(f'page:"{first}"')
    with pytest.raises(NotFound, match="2 pages are called"):
        archive.office.page_id(first)

    assert f'"{NEW}"' in refused.value.remedy
    assert archive.found(f'page:"{NEW}"') == ["1"]
    assert archive.found(f'page:"{first} (2)"') == ["2"]
    assert archive.found(f'page:"{other.url}"') == ["2"]
    assert page_called(archive.office, first) == other


def test_no_two_pages_have_one_first_name_in_any_case(archive):
    renamed(archive)
    archive.capture(an_observation("2"), page=another(archive, "Town PAGE"))

    with archive.office.catalogue.reading() as connection:
        assert [page.name for page in pages.every(connection)] == ["town page", "Town PAGE (2)"]


def test_nothing_but_pages_is_renamed_in_a_query(archive):
    renamed(archive)

    query = query_of(archive.office, f'title:"{NEW}" AND (page:"{NEW}" OR platform:x)')

    assert named_as("page", query) == {"town page"}
    assert query.parts[0] == parse(f'title:"{NEW}"', zone=archive.office.config.zone)
    assert query.parts[1].parts[1] == Field("platform", ("x",))
