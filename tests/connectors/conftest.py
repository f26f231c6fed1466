"""What the tests of the connectors ask with: the real fetcher, on a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath

import httpx
import pytest

from archiver.records.pages import FetchSettings
from connectors.fetching import Fetcher, Pace
from tests.connectors.platforms import PatientClock


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[object]:
    """Make fetchers that ask by a test's own transport, each closed at the end of the test."""
    settings = FetchSettings(user_agent="archiver/1", spool=PurePath(tmp_path / "spool"))
    made: list[Fetcher] = []

    def ask(
        transport: httpx.BaseTransport, *, clock: PatientClock | None = None, **more: object
    ) -> Fetcher:
        clock = clock or PatientClock()
        pace = Pace(clock=clock, sleep=clock.sleep)
        made.append(Fetcher(settings, transport=transport, pace=pace, **more))
        return made[-1]

    yield ask
    for fetcher in made:
        fetcher.close()
