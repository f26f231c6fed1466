"""The sites that the tests of this folder change and visit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.services.mastodon_site import MastodonSite
from tests.services.sky_site import Sky
from tests.services.wiki_site import WikiSite
from tests.services.wordpress_site import WordPressSite


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
