"""`init`: makes an archive where there is none, and changes nothing where one stands."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest


def every_file(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Give the bytes, the time of change and the mode of every file below *folder*."""
    return {
        path.relative_to(folder).as_posix(): (
            path.read_bytes(),
            path.stat().st_mtime_ns,
            path.stat().st_mode,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_in_an_empty_folder_init_writes_a_configuration_and_makes_an_archive(newcomer):
    said = newcomer("init", "--agency", "Indio Police Department", "--time-zone", "America/Denver")

    agency = tomllib.loads(Path("config.toml").read_text("utf-8"))["agency"]
    assert said.code == 0
    assert agency == {"name": "Indio Police Department", "time_zone": "America/Denver"}
    assert "with every role" in said.out
    assert newcomer("items", "search", "anything", "--json").told["of"] == 0


def test_whoever_makes_the_archive_is_its_first_person(newcomer):
    newcomer("init")

    first, scheduler = newcomer("people", "list", "--json").told["people"]
    assert first["roles"] == [
        "administrator",
        "auditor",
        "chief",
        "clerk",
        "counsel",
        "department_head",
        "records_officer",
    ]
    assert first["active"] is True
    assert (scheduler["account"], scheduler["roles"]) == ("scheduler", ["service"])


def test_the_keys_are_for_their_owner_alone(newcomer):
    newcomer("init")

    keys = sorted(Path("archive/keys").iterdir())
    assert [key.name for key in keys] == ["archive.key", "ledger.pem"]
    assert [stat.S_IMODE(key.stat().st_mode) for key in keys] == [0o600, 0o600]


def test_on_an_archive_that_stands_init_changes_no_file(clerk):
    clerk("items", "search", "bus")
    before = every_file(clerk.folder)

    said = clerk("init", "--agency", "Another Department", "--time-zone", "Europe/Oslo")

    assert (said.code, every_file(clerk.folder)) == (0, before)
    assert "nothing was changed" in said.out


def test_a_configuration_that_is_there_is_opened_as_it_is(newcomer):
    newcomer("init")
    Path("archive").rename("moved")
    text = Path("config.toml").read_bytes().replace(b'# folder = "archive"', b'folder = "moved"')
    Path("config.toml").write_bytes(text)

    said = newcomer("init", "--agency", "Another Department")

    assert said.code == 0
    assert "nothing was changed" in said.out
    assert Path("config.toml").read_bytes() == text
    assert not Path("archive").exists()


def test_a_configuration_with_faults_is_neither_mended_nor_founded(newcomer):
    Path("config.toml").write_text("[agency]\nname = 3\n", "utf-8")

    said = newcomer("init")

    assert said.code == 2
    assert Path("config.toml").read_text("utf-8") == "[agency]\nname = 3\n"
    assert [path.name for path in Path().iterdir()] == ["config.toml"]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", " ", "america/los_angeles/"])
def test_a_slip_in_the_time_zone_leaves_no_file_to_mend(newcomer, zone):
    said = newcomer("init", "--time-zone", zone)

    assert said.code == 2
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    "name", ['Ø "quoted" \\1 \\u00e9 dept', "Polizei 警察 🚓", "back\\slash", "tab\there"]
)
def test_an_agency_may_be_called_as_it_likes(newcomer, name):
    said = newcomer("init", "--agency", name)

    assert said.code == 0
    assert tomllib.loads(Path("config.toml").read_text("utf-8"))["agency"]["name"] == name


@pytest.mark.parametrize("name", ["", "   ", "bell\x07", "\udcff", "del\x7f"])
def test_a_name_that_cannot_be_written_down_is_refused(newcomer, name):
    said = newcomer("init", "--agency", name)

    assert said.code == 2
    assert "--agency" in said.err
    assert list(Path().iterdir()) == []


def test_no_second_archive_is_founded_over_one_whose_catalogue_is_gone(clerk):
    for path in Path("archive").glob("catalogue.sqlite*"):
        if path.is_file():
            path.unlink()
    objects = every_file(Path("archive/objects"))

    said = clerk("init")

    assert said.code == 51
    assert "archiver rebuild" in said.err
    assert every_file(Path("archive/objects")) == objects


def test_the_configuration_is_named_by_option_before_variable_before_folder(clerk, monkeypatch):
    there = Path("there").absolute()
    there.mkdir()
    config = Path("config.toml").read_text("utf-8")
    (there / "a.toml").write_text(config.replace('name = "nowhere"', 'name = "a"'), "utf-8")
    (there / "b.toml").write_text(config.replace('name = "nowhere"', 'name = "b"'), "utf-8")

    def answered(*words: str) -> str:
        return clerk(*words, "capture", "nobody").err

    monkeypatch.setenv("ARCHIVER_CONFIG", str(there / "a.toml"))
    by_variable = clerk("init")
    assert f"made the archive {there / 'archive'}" in by_variable.out
    assert "it has export, a" in answered()
    assert "it has export, b" in answered("--config", str(there / "b.toml"))
    monkeypatch.delenv("ARCHIVER_CONFIG")
    assert "it has export, nowhere" in answered()


def test_an_archive_whose_catalogue_is_lost_is_not_founded_again_and_every_command_says_so(clerk):
    for file in Path("archive").glob("catalogue.sqlite*"):
        if file.is_file():
            file.unlink()

    founding = clerk("init")

    assert founding.code == 51
    assert "archiver rebuild" in founding.err
    for command in (("status",), ("verify",), ("items", "search", "bus"), ("nightly",)):
        said = clerk(*command)
        assert (said.code, "archiver rebuild" in said.err) == (51, True)
    assert clerk("rebuild").code == 0
    assert clerk("items", "search", "bus").code == 0
