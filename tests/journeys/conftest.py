"""A clerk in an empty folder, for whole stories."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.clerk import Clerk


@pytest.fixture
def clerk(tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Clerk:
    folder = tmp_path / "desk"
    folder.mkdir()
    return Clerk(folder, capsys, monkeypatch)
