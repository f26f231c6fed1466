"""Founding an archive: what `init` opens, makes and writes."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archiver.config import Config
from archiver.index.opening import open_index
from archiver.ledger.keyring import Keyring
from archiver.objects.opening import offers_locks
from archiver.office import SERVICE_ACCOUNT, Office, os_account
from archiver.office.lookup import read_config, shipped
from archiver.procedures import founding
from archiver.records.errors import ConfigInvalid
from archiver.records.locking import LockMode
from archiver.records.people import Person


@dataclass(frozen=True, slots=True)
class Founded:
    """What `init` came to: where the archive is, and its first person if it was made just now."""

    folder: Path
    first: Person | None
    could_lock: bool = False
    """Its bucket has Object Lock, and the configuration makes no use of it."""


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
        return Founded(config.folder, first, could_lock=_could_lock(config))
    finally:
        office.close()


def _could_lock(config: Config) -> bool:
    return config.object_lock is LockMode.OFF and offers_locks(
        config.objects, endpoint_url=config.endpoint_url, region=config.region
    )


def write_example(path: Path, *, agency: str, time_zone: str) -> None:
    """Write the shipped example configuration to *path*, for *agency* in *time_zone*.

    Raises:
        ConfigInvalid: there is no such time zone; nothing was written.
    """
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigInvalid(
            f"{time_zone!r} is no time zone",
            remedy="Write one as in the tz database, for example America/Los_Angeles.",
        ) from error
    text = shipped("_config.example.toml", "config.example.toml").read_text("utf-8")
    for key, value in (("name", agency), ("time_zone", time_zone)):
        line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
        text = re.sub(rf"(?m)^{key} = .*$", partial(_instead, line), text, count=1)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)


def _instead(line: str, _found: re.Match[str]) -> str:
    return line
