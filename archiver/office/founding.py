"""Founding an archive: what `init` opens, makes and writes."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from archiver.index.opening import open_index
from archiver.ledger.keyring import Keyring
from archiver.office import SERVICE_ACCOUNT, Office, os_account
from archiver.office.lookup import read_config, shipped
from archiver.procedures import founding
from archiver.records.people import Person


@dataclass(frozen=True, slots=True)
class Founded:
    """What `init` came to: where the archive is, and its first person if it was made just now."""

    folder: Path
    first: Person | None


def found(path: Path) -> Founded:
    """Make the archive that the configuration at *path* names, or open the one that stands.

    Raises:
        ConfigInvalid: the configuration has faults.
        ObjectError: the object store cannot be made or reached.
    """
    config = read_config(path, os.environ)
    config.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    Keyring.make(config.folder / "keys")
    office = Office(config, founding=True)
    try:
        first = founding.found(
            office.account, os_account=os_account(), service_account=SERVICE_ACCOUNT
        )
        if first is not None:
            open_index(config.index, create=True).close()
            office.open_schedule(first)
        return Founded(config.folder, first)
    finally:
        office.close()


def write_example(path: Path, *, agency: str, time_zone: str) -> None:
    """Write the shipped example configuration to *path*, for *agency* in *time_zone*."""
    text = shipped("_config.example.toml", "config.example.toml").read_text("utf-8")
    for key, value in (("name", agency), ("time_zone", time_zone)):
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {json.dumps(value)}", text, count=1)
    path.write_text(text, "utf-8")
