"""What the paper of a deposit tells: what it was, what lay in it, and by what it was read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from archiver.office.importing import read_by
from archiver.procedures.receiving import receive
from archiver.records.errors import NotPermitted
from archiver.records.pages import PageSettings
from archiver.records.people import Role
from connectors.mail_export import CONNECTOR as MAIL
from connectors.mapped_export import CONNECTOR as MAPPED
from tests.archive import a_colleague, an_archive

MAPPING = 'format = "csv"\n[fields]\nid = "Número"\n'


def a_page(**options: str) -> PageSettings:
    return PageSettings(
        name="old archive", connector="mapped-export", platform="facebook", url="", options=options
    )


def test_the_mapping_by_which_a_deposit_was_read_stands_in_its_paper_whole(tmp_path: Path) -> None:
    archive = an_archive(tmp_path)
    (tmp_path / "old.toml").write_text(MAPPING, "utf-8")
    told = read_by(MAPPED, a_page(mapping=str(tmp_path / "old.toml"), platform="facebook"))

    receive(
        archive.office.account, archive.person, name="x.zip", digests=["0a"], entries=["r.csv"],
        read_by=told,
    )  # fmt: skip

    (paper,) = tmp_path.rglob("papers/deposit/*.json")
    digest = hashlib.sha256(MAPPING.encode()).hexdigest()
    assert json.loads(paper.read_bytes())["read_by"] == {
        "mapping": {"name": "old.toml", "sha256": digest, "text": MAPPING}
    }
    archive.office.close()


def test_an_importer_whose_settings_name_no_file_was_read_by_none(tmp_path: Path) -> None:
    (tmp_path / "messages").write_text("a file that no setting means", "utf-8")

    assert read_by(MAIL, a_page(mail_is=str(tmp_path / "messages"))) == {}
    assert read_by(MAPPED, a_page(mapping=str(tmp_path / "gone.toml"))) == {}
    assert read_by(MAPPED, a_page()) == {}


def test_who_may_not_capture_receives_no_deposit(tmp_path: Path) -> None:
    archive = an_archive(tmp_path)
    reader = a_colleague(archive, Role.AUDITOR)

    with pytest.raises(NotPermitted):
        receive(archive.office.account, reader, name="x", digests=[], entries=[], read_by={})

    assert not list(tmp_path.rglob("papers/deposit/*.json"))
    archive.office.close()
