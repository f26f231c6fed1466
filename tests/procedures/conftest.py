"""The archive that most tests of procedures begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import argon2
import pytest

from archiver.credentials import hashing
from archiver.records.people import Person, Role
from tests.archive import Archive, a_colleague, an_archive
from tests.procedures.court import an_order_text
from tests.proofs import invariants


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    """An archive with nothing in it yet, of which every invariant holds at the end, too."""
    archive = an_archive(tmp_path, index="memory:")
    yield archive
    assert invariants.faults_of(archive) == []
    archive.office.close()


@pytest.fixture(autouse=True)
def _cheap_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a passphrase cheap to hash: what it costs is tested by itself."""
    monkeypatch.setattr(hashing, "COST", argon2.profiles.CHEAPEST)


# --- for orders of courts -----------------------------------------------------------------------


@pytest.fixture
def chief(archive) -> Person:
    """A second person, who confirms what counsel entered."""
    return a_colleague(archive, Role.CHIEF, name="chief")


@pytest.fixture
def text(tmp_path) -> Path:
    """The text of an order, which names whom it is for."""
    return an_order_text(tmp_path)
