from __future__ import annotations

import os
import sys
from pathlib import Path

from archiver.cli.demonstrating import program_from


def test_who_has_no_archiver_on_the_path_is_told_where_it_lies(tmp_path, monkeypatch):
    folder = tmp_path / "demo"
    monkeypatch.setenv("PATH", str(tmp_path))

    told = os.path.normpath(folder / program_from(folder))

    assert told == str(Path(sys.executable).with_name("archiver"))


def test_who_has_it_on_the_path_is_told_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))

    assert program_from(tmp_path) == "archiver"
