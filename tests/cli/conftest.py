"""A clerk with an archive that is founded and filled once, and copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.cli.root import main
from tests.cli.clerk import Clerk, a_copy, a_desk


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that has imported its export."""
    folder = a_desk(tmp_path_factory.mktemp("filled"))
    _run(folder, ["init"], ["import", "export.zip", "--page", "export"])
    return folder


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that is no demonstration, just founded."""
    folder = tmp_path_factory.mktemp("founded")
    _run(folder, ["init"])
    return folder


def _run(folder: Path, *commands: list[str]) -> None:
    with pytest.MonkeyPatch.context() as around:
        around.chdir(folder)
        around.delenv("ARCHIVER_CONFIG", raising=False)
        for words in commands:
            around.setattr("sys.argv", ["archiver", *words])
            with pytest.raises(SystemExit) as leaving:
                main()
            assert leaving.value.code == 0


@pytest.fixture
def clerk(
    filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> Clerk:
    """A clerk in the folder of an archive of four posts."""
    return Clerk(a_copy(filled, tmp_path / "desk"), capsys, monkeypatch)


@pytest.fixture
def newcomer(
    tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> Clerk:
    """A clerk in an empty folder."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return Clerk(folder, capsys, monkeypatch)
