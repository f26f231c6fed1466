"""The sites that the tests of this folder change and visit."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.services.mastodon_site import MastodonSite
from tests.services.sky_site import Sky
from tests.services.wiki_site import WikiSite
from tests.services.wordpress_site import WordPressSite

OF_ALL = {"WORDPRESS", "MEDIAWIKI", "BLUESKY", "MASTODON", "IMAP"}
"""Servers that all tests share, and see one another's deeds on.

Of the others each test has a bucket or a database of its own, and each of two workers a PostgreSQL.
"""

TURNS = Path(__file__).parents[2] / ".services" / "turns.lock"


@pytest.fixture(autouse=True)
def _its_turn(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let one worker at a time change and visit the servers that all tests share."""
    needed = {name for each in request.node.iter_markers("service") for name in each.args}
    if not any(name.split("_")[2] in OF_ALL for name in needed):
        yield
        return
    TURNS.parent.mkdir(exist_ok=True)
    with TURNS.open("w") as turns:
        fcntl.flock(turns, fcntl.LOCK_EX)
        yield


@pytest.fixture
def wordpress() -> Iterator[WordPressSite]:
    """A WordPress without a single post."""
    with closing(WordPressSite.of_this_run()) as site:
        site.clear()
        yield site


@pytest.fixture
def sky() -> Iterator[Sky]:
    """A network on which nobody of this test has an account yet."""
    with closing(Sky()) as network:
        yield network


@pytest.fixture
def town() -> Iterator[MastodonSite]:
    """A Mastodon server on which nobody of this test has an account yet."""
    with closing(MastodonSite()) as server:
        yield server


@pytest.fixture
def wiki() -> Iterator[WikiSite]:
    """A wiki with whatever earlier tests wrote into it: a test writes pages of its own."""
    with closing(WikiSite.of_this_run()) as site:
        yield site
