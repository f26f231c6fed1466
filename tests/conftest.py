"""What every test lives by: who may reach a real service, and what its absence means.

Tests that found an archive in a temporary folder, in the folders of `ON_BOTH`, are run a second
time with its catalogue on PostgreSQL; one that is about SQLite's own file is marked `sqlite`.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

ON_BOTH = {"catalogue", "procedures"}
POSTGRESQL_URL = "ARCHIVER_TEST_POSTGRESQL_URL"
POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.service(POSTGRESQL_URL), id="postgresql")


IN_MEMORY = Path("/dev/shm")  # noqa: S108 - where it lies is the system's convention
ROOM = 2 << 30
"""The bytes that must be free there before the tests' files are put there."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests' files in memory where there is room, unless TMPDIR says where.

    What is made durable is made so thousands of times, and all workers wait for the one disk.
    Nothing a test sees depends on it: a killed process loses nothing of either.

    The second of two workers has a PostgreSQL of its own, where there is one.

    No test fails for being slow on a busy machine; and one that stops a program by Ctrl-C means
    it to hear, also where the tests were started in the background and inherited deafness.
    """
    hypothesis.settings.register_profile("house", deadline=None)
    hypothesis.settings.load_profile("house")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    roomy = IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM
    if roomy and "TMPDIR" not in os.environ:
        os.environ["TMPDIR"] = str(IN_MEMORY)
        tempfile.tempdir = None  # pytest has asked already, and would be told what it was then
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if url := os.environ.get(f"{POSTGRESQL_URL}_{worker}"):
        os.environ[POSTGRESQL_URL] = url
    config.addinivalue_line("markers", "sqlite(why): is about the catalogue's file, and needs one")


def pytest_collection_finish() -> None:
    """Leave what was collected out of every search for garbage: it stays to the end.

    And search more seldom: a test leaves little in circles, and searching took a tenth of it all.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on every kind of catalogue there is."""
    in_a_folder = {"tmp_path", "archive"} & set(metafunc.fixturenames)
    if in_a_folder and metafunc.definition.path.parent.name in ON_BOTH:
        on_file_alone = metafunc.definition.get_closest_marker("sqlite")
        kinds = ["sqlite"] if on_file_alone else ["sqlite", POSTGRESQL]
        metafunc.parametrize("catalogue_url", kinds, indirect=True)


@pytest.fixture(autouse=True)
def catalogue_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the catalogues of this test's archives lie; nothing means in their own folders."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield ""
        return
    from tests.archive import CATALOGUE  # noqa: PLC0415 - most tests need no archive
    from tests.databases import a_lent_database  # noqa: PLC0415 - nor a database

    with a_lent_database(os.environ[POSTGRESQL_URL]) as url:
        token = CATALOGUE.set(url)
        yield url
        CATALOGUE.reset(token)


@pytest.fixture
def postbox() -> Iterator[object]:
    """A mail server on this machine, at a port of its own."""
    from tests.postbox import a_mail_server  # noqa: PLC0415 - most tests send no mail

    with a_mail_server() as box:
        yield box


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
