"""Upkeep of a whole archive: backed up, restored, rebuilt."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from archiver.config import Config
from archiver.index.opening import open_index
from archiver.ledger import keyring
from archiver.ledger.keyring import Keyring
from archiver.office import Office, os_account, wall_clock
from archiver.office.lookup import read_config
from archiver.office.unpacking import sweep_unpacked, unpacking
from archiver.procedures import rebuild as rebuilding
from archiver.procedures import restore as restoring
from archiver.procedures.backup import Backup
from archiver.procedures.sealing import Key
from archiver.records.errors import BackupInvalid

Progress = Callable[[int], None]


def backup_of(office: Office, *, with_objects: bool | None = None) -> Backup:
    """Give what a backup of *office*'s archive takes in.

    Objects in a bucket are only listed, unless *with_objects* says otherwise.
    """
    config = office.config
    keys = [config.folder / "keys" / name for name in keyring.FILES]
    files = {f"keys/{path.name}": path.read_bytes() for path in keys if path.exists()}
    files["config/config.toml"] = config.file.read_bytes()
    files["config/schedule.toml"] = config.schedule_text.toml
    if config.schedule_text.wordings is not None:
        files["config/wordings.toml"] = config.schedule_text.wordings
    if with_objects is None:
        with_objects = not config.objects.startswith("s3:")
    return Backup(
        account=office.account,
        objects=office.objects,
        files=files,
        with_objects=with_objects,
        keep_days=config.backup_keep_days or None,
    )


def rebuild_archive(
    path: Path, *, clock: Callable[[], datetime] = wall_clock, progress: Progress
) -> rebuilding.Rebuilt:
    """Make catalogue and index of the archive that the configuration at *path* names anew.

    Raises:
        CatalogueUnavailable: the catalogue is not empty, or the keys are missing.
        NotFound: the object store holds no copy of the ledger.
        LedgerDamaged: the copy, or a paper, is not what was signed.
    """
    sweep_unpacked(path)
    office = Office(read_config(path, os.environ), clock=clock, founding=True)
    try:
        rebuilder = rebuilding.Rebuilder(
            account=office.account,
            objects=office.objects,
            classifier=office.classifier,
            index=office.index,
            os_account=os_account(),
        )
        return rebuilding.rebuild(rebuilder, progress=progress)
    finally:
        office.close()


def restore_archive(
    path: Path,
    backup: Path,
    key: Key,
    *,
    clock: Callable[[], datetime] = wall_clock,
    progress: Progress,
) -> restoring.Restored:
    """Restore *backup* to where the configuration at *path* says; it brings its own if none is.

    An object store that is there is left as it is, and its ledger's copy tells what is newer.

    Raises:
        BackupInvalid: the backup is not whole, or not with this key, or of another archive.
        CatalogueUnavailable: the catalogue is not empty.
    """
    path.resolve().parent.mkdir(parents=True, exist_ok=True)
    with unpacking(path) as unpacked:
        told = restoring.unpack_whole(backup, key, unpacked)
        if not path.exists():
            shutil.copyfile(unpacked / "config" / "config.toml", path)
        config = read_config(path, os.environ)
        _put_keys(config, unpacked / "keys")
        office = Office(config, clock=clock, founding=True)
        try:
            open_index(config.index, create=True).close()
            restorer = restoring.Restorer(
                account=office.account,
                objects=office.objects,
                classifier=office.classifier,
                index=office.index,
                os_account=os_account(),
            )
            return restoring.put_in_place(restorer, unpacked, told, progress=progress)
        finally:
            office.close()


def _put_keys(config: Config, keys: Path) -> None:
    """Put the keys in place; those of another archive are never written over."""
    folder = config.folder / "keys"
    for private in (config.folder, folder):  # `mkdir` gives its mode to no parent it makes
        private.mkdir(mode=0o700, parents=True, exist_ok=True)
    for data_file in sorted(keys.iterdir()):
        data, target = data_file.read_bytes(), folder / data_file.name
        if target.exists():
            if data_file.name == keyring.ARCHIVE and target.read_bytes() != data:
                raise BackupInvalid(
                    f"{target} is the key of another archive than this backup's",
                    remedy="Restore beside it, under another [archive] folder.",
                )
            continue  # the ledger's key may have been changed since the backup
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    Keyring.read(folder)
