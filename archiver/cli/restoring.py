"""`backup` and `restore`."""

from __future__ import annotations

import sys
from pathlib import Path
from stat import S_IMODE
from typing import TYPE_CHECKING

import click

from archiver.cli.output import Told, emit_json, json_option, progress
from archiver.cli.root import Counter, pass_counter
from archiver.cli.upkeep import faults_told, print_lost
from archiver.records.counting import count_of
from archiver.records.errors import ConfigInvalid, RestoreUnconfirmed

if TYPE_CHECKING:
    from archiver.procedures.backup import Made
    from archiver.procedures.reconcile import Differences
    from archiver.procedures.sealing import Key

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--recipient", "recipients", multiple=True, help="An age recipient (age1…).")
@click.option("--passphrase-file", type=_FILE, help="A file (mode 0600); its first line counts.")
@click.option(
    "--with-objects/--list-objects",
    default=None,
    help="Copy objects, or only list them; as a rule a folder's are copied, a bucket's listed.",
)
@json_option
@pass_counter
def backup(
    counter: Counter,
    path: Path,
    recipients: tuple[str, ...],
    passphrase_file: Path | None,
    *,
    with_objects: bool | None,
    as_json: bool,
) -> None:
    r"""Write an encrypted backup to PATH, while the archive runs.

    It holds the catalogue, the objects, the ledger's copy and papers, the keys and the
    configuration. Who can open it can read everything: keep the age identity, or the
    passphrase, away from the archive. Nothing is destroyed until it is written: what is due
    waits. Exits with 1 if objects are damaged or gone, and names them.

    While it is written it lies beside PATH as .NAME.archiver-backup-part. What a killed backup
    left so in that folder is removed, and named.

    \b
    Example:
      archiver backup /mnt/vault/archive.age --recipient age1...
    """
    from archiver.office.upkeep import backup_of
    from archiver.procedures.backup import back_up
    from archiver.procedures.sealing import Seal

    office = counter.office
    _demand_private(passphrase_file)
    seal = Seal(recipients, _first_line(passphrase_file))
    with progress("files copied") as tell:
        source = backup_of(office, with_objects=with_objects)
        made = back_up(source, office.person, path, seal, progress=tell)
    if as_json:
        emit_json(
            {
                "path": str(made.path),
                "bytes": made.bytes,
                "sha256": made.digest,
                "entries": made.entries,
                "objects": made.objects,
                "with_objects": made.with_objects,
                "unread": list(made.unread),
                "removed": [str(left) for left in made.swept],
            }
        )
    else:
        _say_made(made)
    if made.unread:
        sys.exit(1)


def _say_made(made: Made) -> None:
    """Say what a backup came to."""
    what = "copied" if made.with_objects else "listed"
    click.echo(f"wrote {made.path}: {made.bytes} bytes, {made.objects} objects {what}")
    click.echo(f"sha256 {made.digest}")
    for left in made.swept:
        click.echo(f"removed {left}: a backup that was broken off had left it")
    for name in made.unread:
        click.echo(f"not in the backup, because damaged or gone: {name}", err=True)


def _demand_private(path: Path | None) -> None:
    if path is not None and S_IMODE(path.stat().st_mode) & 0o077:
        raise ConfigInvalid(
            f"--passphrase-file: {path} may be read by others",
            remedy="Run chmod 600 on it; if others may have read it, choose another passphrase.",
        )


def _first_line(path: Path | None) -> str | None:
    if path is None:
        return None
    line = path.read_text("utf-8").partition("\n")[0].strip()
    if not line:
        raise ConfigInvalid(f"--passphrase-file: the first line of {path} is empty")
    return line


@click.command()
@click.argument("path", type=_FILE, required=False)
@click.option("--identity", type=_FILE, help="The age identity file that opens the backup.")
@click.option("--passphrase-file", type=_FILE, help="A file whose first line is the passphrase.")
@click.option("--reconcile", is_flag=True, help="Show what is newer than the backup, and confirm.")
@click.option("--anchor", type=_FILE, help="Of --reconcile: a newer checkpoint kept elsewhere.")
@click.option(
    "--yes", is_flag=True, help="Of --reconcile: a person has read what it shows, and confirms it."
)
@json_option
@pass_counter
def restore(
    counter: Counter,
    path: Path | None,
    identity: Path | None,
    passphrase_file: Path | None,
    *,
    reconcile: bool,
    anchor: Path | None,
    yes: bool,
    as_json: bool,
) -> None:
    r"""Put the backup PATH in place; then, with --reconcile, confirm what happened since.

    The backup is proven whole first. An object store that survived is left as it is, and
    every deed newer than the backup is replayed from its copy of the ledger. Nothing is
    destroyed until a person has confirmed with --reconcile; what was destroyed stays so.
    Where nobody is at the terminal to answer, that is refused (22); --yes says it beforehand.
    Who confirms signs in. Credentials come back with the backup; where it has none yet, an
    administrator enrols first (`archiver people enrol`).

    \b
    Examples:
      archiver restore /mnt/vault/archive.age --identity key.txt
      archiver restore --reconcile
    """
    if (path is None) != reconcile:
        raise ConfigInvalid(
            "name a backup to restore, or say --reconcile, one at a time",
            remedy="See `archiver restore --help`.",
        )
    if path is not None:
        _restore(counter, path, _key(identity, passphrase_file), as_json=as_json)
    else:
        _reconcile(counter, anchor, yes=yes, as_json=as_json)


def _key(identity: Path | None, passphrase_file: Path | None) -> Key:
    from archiver.procedures.sealing import Key

    if (identity is None) == (passphrase_file is None):
        raise ConfigInvalid(
            "a backup is opened with --identity or with --passphrase-file",
            remedy="Give the one it was sealed for.",
        )
    if identity is not None:
        return Key(identities=identity.read_text("utf-8"))
    return Key(passphrase=_first_line(passphrase_file))


def _restore(counter: Counter, path: Path, key: Key, *, as_json: bool) -> None:
    from archiver.office.upkeep import restore_archive

    with progress("objects put back") as tell:
        done = restore_archive(counter.config, path, key, progress=tell)
    if as_json:
        emit_json(
            {
                "made_at": done.made_at,
                "entries": done.entries,
                "replayed": done.replayed,
                "objects": done.objects,
                "survived": done.survived,
                "versions_taken": done.taken,
                "lost": list(done.lost),
                "hidden": faults_told(done.hidden),
            }
        )
    else:
        click.echo(f"restored the backup of {done.made_at}, {done.entries} ledger entries")
        if done.survived:
            click.echo(f"the object store was there; replayed {done.replayed} newer entries")
        else:
            click.echo(f"put {done.objects} objects back, replayed {done.replayed} entries")
        if done.taken:
            click.echo(
                f"of {count_of(done.taken, 'object')} the store has a version of its own that is "
                "new: read, proven, and taken as ours"
            )
        print_lost(done.lost, done.hidden)
        click.echo("nothing is destroyed until you run `archiver restore --reconcile`")
    if done.lost or done.hidden:
        sys.exit(1)


def _reconcile(counter: Counter, anchor: Path | None, *, yes: bool, as_json: bool) -> None:
    from archiver.procedures import reconcile

    office = counter.office
    newest = anchor.read_bytes() if anchor is not None else None
    found = reconcile.differences(office.account, office.objects, anchor=newest)
    if as_json:
        emit_json(_differences_told(found))
    else:
        _print_differences(found, asked=anchor is not None)
    if not yes:
        _demand_confirmation()
    signed = office.sign_in()
    with office.disposer() as disposer:
        reconcile.reconcile(disposer, signed, found)
    click.echo("reconciled; destruction is possible again", err=as_json)


def _demand_confirmation() -> None:
    """Have the person at the desk confirm what was shown.

    Raises:
        RestoreUnconfirmed: they do not, or nobody is there to say.
    """
    try:
        confirmed = click.confirm("Confirm that this is all?", err=True)
    except click.Abort:
        if sys.stdin is not None and sys.stdin.isatty():
            raise
        confirmed = False
    if not confirmed:
        raise RestoreUnconfirmed(
            "nobody confirmed what was shown, so nothing was changed and nothing is destroyed",
            remedy="Run `archiver restore --reconcile` at a terminal and answer; or, once a person "
            "has read what it shows, add --yes.",
        )


def _differences_told(found: Differences) -> dict[str, Told]:
    return {
        "backup_entries": found.backup_entries,
        "entries": found.entries,
        "holds_issued": list(found.holds_issued),
        "holds_lifted": list(found.holds_lifted),
        "destructions": list(found.destructions),
        "returned": list(found.returned),
        "missing": found.missing,
    }


def _print_differences(found: Differences, *, asked: bool) -> None:
    click.echo(f"the backup ends at entry {found.backup_entries}, the ledger at {found.entries}")
    for label, names in (
        ("holds issued since", found.holds_issued),
        ("holds lifted since", found.holds_lifted),
        ("destructions since", found.destructions),
        ("destroyed items that came back, to be destroyed again", found.returned),
    ):
        click.echo(f"{label}: {', '.join(names) or 'none'}")
    if found.missing:
        click.echo(
            f"{found.missing} entries are MISSING: holds and orders entered then are not in force",
            err=True,
        )
    elif not asked:
        click.echo("no anchor was given: deeds that no copy of the ledger tells stay unknown")
