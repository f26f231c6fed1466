"""What every test lives by: who may reach a real service, and what its absence means."""

from __future__ import annotations

import os

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let a test marked `service` run only where the services it names are running.

    `@pytest.mark.service("ARCHIVER_TEST_S3_ENDPOINT")` names the settings it needs; without any,
    it needs all services. On a user's machine their absence skips the test; under CI it fails,
    because there a test that did not run would be taken for one that passed.
    """
    marker = item.get_closest_marker("service")
    if marker is None:
        return
    absent = [name for name in marker.args or ("ARCHIVER_TEST_SERVICES",) if name not in os.environ]
    if not absent:
        return
    words = f"{', '.join(absent)} not set: run `make services`, then `make test-services`"
    if os.environ.get("CI"):
        pytest.fail(words, pytrace=False)
    pytest.skip(words)
