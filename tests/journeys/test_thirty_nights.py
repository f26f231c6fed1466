"""A department's pages on all platforms, for thirty nights: versions, removals, gaps, all of them.

What truly happened is written down by the town, apart from the connectors; in the end the archive
is held against it, item by item and night by night.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from archiver.jobs.work import do_night
from archiver.procedures.verify import verify
from archiver.records.captures import GapReason, PlatformState
from tests.archive import Archive, SettableClock, an_archive
from tests.connectors.named_platforms import NamedPlatform
from tests.connectors.platforms import FIRST_MOMENT, patient_pace
from tests.connectors.registry import PLATFORMS, PRICED
from tests.journeys.told_apart import (
    GONE,
    Kept,
    coverage_faults,
    kept_of,
    picture_faults,
    state_faults,
    wording_faults,
)
from tests.journeys.town import GREETINGS, NIGHTS, Page, Town, troubles_of
from tests.procedures.test_rebuild import check_the_same, dumped, lose_the_catalogue, rebuilt

SEED = 2026
FALLS_BARE = {"facebook", "wordpress"}
HELD, HELD_FROM = "mastodon", 10
LAST = NIGHTS + 31
"""The night after which no rung of the re-check ladder is left for what happened before."""

MORE = """
[purge]
mode = "carry-out"
[fetching]
allow_private_hosts = ["127.0.0.1"]
"""


@contextmanager
def a_town(seed: int) -> Iterator[Town]:
    """Give a town with a page on every platform whose connector finds by itself what is there.

    Where a person names each address there is no list to hold the archive against.
    """
    with ExitStack() as stack:
        pages = []
        for name, kind in PLATFORMS.items():
            if issubclass(kind, NamedPlatform):
                continue
            platform = kind()
            platform.slice_size, platform.looks_up_every = 12, 0.2
            stack.enter_context(platform)
            dice = Random(f"{seed} {name}")
            page = platform.page()
            options = {**page.options, **PRICED.get(page.connector, {})}
            settings = replace(page, name=name, options=options)
            troubles = troubles_of(dice, token=platform.takes_a_token, bare=name in FALLS_BARE)
            pages.append(Page(platform, settings, dice, troubles))
        yield Town(pages)


def a_night(archive: Archive, town: Town, night: int, *, full: bool = False) -> None:
    """Let the archiver do the work of *night*, as the process of that night would."""
    archive.clock.now = FIRST_MOMENT + timedelta(days=night, hours=3)
    archive.pages = town.open_doors(night, archive.clock.now)
    office = archive.reopen()

    def capture():
        return office.capture(office.config.pages, by=archive.person, full=full)

    report = do_night(office, archive.person, again=False, capture=capture if full else None)
    assert report is not None
    town.each(lambda page: page.close_doors(full=full))


@pytest.mark.proof
def test_after_thirty_nights_the_archive_tells_what_happened_and_nothing_else(tmp_path):
    archive = an_archive(tmp_path, clock=SettableClock(), more=MORE)
    with a_town(SEED) as town, patient_pace():
        town.each(Page.fill)
        for night in range(NIGHTS):
            town.live(night)
            a_night(archive, town, night)
            if night == HELD_FROM:
                archive.issue_hold(pages=[archive.office.page_id(HELD)])
        a_night(archive, town, LAST, full=True)

    kept = {page.name: kept_of(archive, page) for page in town.pages}
    faults = [fault for page in town.pages for fault in faults_of(archive, page, kept)]
    assert not faults, "\n".join(faults)
    check_the_purge(kept)
    check_what_happened(town, kept)
    check_capabilities(town, kept)
    check_the_record(archive)


def faults_of(archive: Archive, page: Page, kept: Mapping[str, Kept]) -> Iterator[str]:
    yield from wording_faults(page, kept[page.name], history=tells_history(page))
    yield from picture_faults(page, kept[page.name])
    yield from state_faults(page, kept[page.name])
    yield from coverage_faults(archive, page, kept[page.name])


def tells_history(page: Page) -> bool:
    return page.platform.connector.capabilities.edits == "history"


def check_the_purge(kept: Mapping[str, Kept]) -> None:
    """Greetings lapse in the middle; those under hold are there, and no others."""
    left = {
        name: sum(item.tag == "transitory" for item in each.items.values())
        for name, each in kept.items()
    }

    assert {name: count for name, count in left.items() if count} == {HELD: len(GREETINGS)}
    assert kept[HELD].destroyed == 0
    assert {each.destroyed for each in kept.values()} == {0, len(GREETINGS)}
    assert sum(each.destroyed for each in kept.values()) > 10


def check_what_happened(town: Town, kept: Mapping[str, Kept]) -> None:
    """Enough must have happened for the comparison to mean something."""
    pages = town.pages
    every = [item for each in kept.values() for item in each.items.values()]

    assert len(pages) >= 12
    assert len(every) > 40 * len(pages)
    assert sum(len(item.versions) > 1 for item in every) > 4 * len(pages)
    assert sum(len(item.states) > 0 for item in every) > 4 * len(pages)
    assert all(sum(look.trouble is not None for look in page.looks) > 1 for page in pages)
    assert {look.trouble.why for _, look in town.looks() if look.trouble} == {
        GapReason.UNREACHABLE,
        GapReason.UNREADABLE,
        GapReason.PERMISSION_LOST,
        GapReason.SUSPECT_RUN,
    }


def check_capabilities(town: Town, kept: Mapping[str, Kept]) -> None:
    """What a connector says that it sees, it saw; and what it saw, it says."""
    for page in town.pages:
        told, items = page.platform.connector.capabilities, kept[page.name].items
        answers = [n for n in items if page.born[n].on is not None]
        states = {state for item in items.values() for _, state in item.states}
        hidden = PlatformState.HIDDEN.value in states
        unseen = {t for n in items for t in page.words[n] if not page.stood(n, t)}
        said = {text for item in items.values() for _, text in item.versions}

        assert told.posts, page.name
        assert len(items) > len(answers), page.name
        assert told.comments == bool(answers), page.name
        assert told.media <= any(item.files for item in items.values()), page.name
        assert (told.removals != "none") == bool(states & GONE), page.name
        assert told.hidden == hidden or page.platform.hides_words, page.name
        assert any(len(item.versions) > 1 for item in items.values()), page.name
        assert bool(unseen & said) == tells_history(page), page.name


def check_the_record(archive: Archive) -> None:
    """The record is whole, and the object store alone gives it back."""
    office = archive.office
    assert verify(office.account, office.objects, office.index, share_read=1.0).whole
    before = told_of(archive)
    lose_the_catalogue(archive)

    rebuilt(archive)

    check_the_same(before, told_of(archive))
    office = archive.office
    assert verify(office.account, office.objects, office.index).whole


def told_of(archive: Archive) -> dict[str, list]:
    """Give what a rebuild gives back: no plan without items, and not what servers call files.

    Of the seals over what servers call them, `verify` says whether they are those of their rows.
    """
    found = dumped(archive)
    found["plans"] = [plan for plan in found["plans"] if plan["status"] != "empty"]
    for file in found["attachments"]:
        del file["media_type"], file["seal"]
    found["attachments"].sort(key=repr)
    return found
