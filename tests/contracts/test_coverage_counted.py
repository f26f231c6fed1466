"""Coverage, counted: of thousands of items on every platform, as many are captured as exist.

Every state is counted by itself: what is there in which wording, and what went. The platforms
are those of the connectors' contract, seeded until their lists are many slices long.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from archiver.ports import Source
from archiver.records.captures import PlatformState, Sighting
from tests.connectors.platforms import Platform, fetching, patient_pace
from tests.connectors.registry import PLATFORMS, PRICED
from tests.contracts.test_connectors import GONE, Nights, Visit

pytestmark = pytest.mark.proof

POSTS, COMMENTS, DISCUSSED, SLICE = 350, 700, 35, 25
"""How many there are, how many posts have comments, and how much an answer lists at most."""

UNSURE = {"nextdoor"}
"""Platforms that list no whole of so many, and ask for none by itself: what went is unknown."""


class Town(Nights):
    """Visits a platform whose page may cost what it takes."""

    def open(self) -> Source:
        settings = fetching(self.spool, ca_file=self.platform.ca_file)
        page = self.platform.page()
        options = {**page.options, **PRICED.get(page.connector, {})}
        return self.platform.connector.open(replace(page, options=options), settings)


@pytest.fixture(params=sorted(PLATFORMS))
def platform(request) -> Iterator[Platform]:
    with patient_pace(), PLATFORMS[request.param]() as served:
        served.slice_size = SLICE
        yield served


def seeded(platform: Platform) -> tuple[list[int], list[int]]:
    """Publish the posts, and let the public answer some of them; give the numbers of both."""
    posts = [platform.publish(f"Notice number {number} of many") for number in range(POSTS)]
    comments = [
        platform.comment(posts[number % DISCUSSED], f"Answer number {number} of many")
        for number in range(COMMENTS if platform.shows_comments else 0)
    ]
    return posts, comments


def gone_in(*visits: Visit) -> dict[str, PlatformState]:
    """Give what was seen otherwise than present, by its native id."""
    seen = [each for visit in visits for each in visit.seen if isinstance(each, Sighting)]
    return {each.native_id: each.state for each in seen if each.state is not PlatformState.PRESENT}


def test_as_many_are_captured_as_exist_and_as_went_in_every_state(platform, tmp_path):
    posts, comments = seeded(platform)
    town = Town(platform, tmp_path)

    first = town.visit()
    at_first, existed = sorted(town.wordings.values()), sorted(platform.texts())
    going = [*posts[DISCUSSED + 1 :: 11], *comments[::13]]
    to_go = {platform.told[number].text for number in going}
    for number in posts[50::9]:
        platform.edit(number, f"{platform.told[number].text}, corrected")
    for number in going:
        platform.remove(number)
    later = [platform.publish(f"Later notice number {number}") for number in range(60)]
    second = town.visit(full=True)
    again = town.recheck(sorted(town.known))

    assert (first.error, first.gaps) == (second.error, second.gaps) == (None, [])
    assert at_first == existed
    assert len(existed) == len(posts) + len(comments)
    gone = gone_in(second, again)
    there = sorted(text for name, text in town.wordings.items() if name not in gone)
    assert there == sorted(platform.texts())
    assert len(there) == len(existed) + len(later) - len(going)
    assert {town.wordings[name] for name in gone} == to_go
    unsure = {PlatformState.UNKNOWN} if town.platform.connector.name in UNSURE else set()
    assert set(gone.values()) <= GONE | unsure
