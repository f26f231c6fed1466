"""`relock`."""

from __future__ import annotations

import click

from archiver.cli.output import emit_json, json_option, progress
from archiver.cli.root import Counter, pass_counter
from archiver.records.errors import ConfigInvalid


@click.command()
@click.option("--all", "every", is_flag=True, help="Look at every item, not only what changed.")
@json_option
@pass_counter
def relock(counter: Counter, *, every: bool, as_json: bool) -> None:
    r"""Bring the object store's locks to what holds and schedule ask for.

    The nightly job and each capture do so by themselves. With --all what `verify` names as
    drifted is mended, but for a lock that is too long and a legal hold that is not ours: those
    are left alone. Nothing is ever destroyed, and no retention made shorter.

    \b
    Example:
      archiver relock --all
    """
    from archiver.procedures.locking import look_at_all

    office = counter.office
    if office.locker is None:
        raise ConfigInvalid(
            '[objects] object_lock = "off": this archive locks nothing',
            remedy="Name a bucket with Object Lock, and say how it shall lock.",
        )
    if every:
        look_at_all(office.account)
    told = 0
    with progress("items looked at") as tell:
        while some := office.lock_objects(progress=tell):
            told += some
    if as_json:
        emit_json({"items": told})
    else:
        click.echo(f"{told} items' locks looked at, and mended where they had to be")
