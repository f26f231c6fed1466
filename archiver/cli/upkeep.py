"""`verify`, `rebuild` and `strays`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from archiver.cli.ledger import ledger_told, print_ledger
from archiver.cli.output import Told, emit_json, iso, json_option, progress, table
from archiver.cli.root import Counter, pass_counter
from archiver.records.errors import ConfigInvalid

if TYPE_CHECKING:
    from archiver.procedures.verify import Unfinished, Verdict
    from archiver.procedures.verify_findings import Fault


def share(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """Read a share: `1%`, or a fraction like 0.01.

    Raises:
        BadParameter: it is none; click adds of which option.
    """
    if value is None:
        return None
    try:
        found = float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no share; write one as 1% or 0.01") from error
    if not 0 < found <= 1:
        raise click.BadParameter(f"{value} is not between 0% and 100%")
    return found


@click.command()
@click.option("--read-data", is_flag=True, help="Read every object and hash it, too.")
@click.option(
    "--sample", callback=share, help="Of --read-data: read only this share, at random: 1%."
)
@json_option
@pass_counter
def verify(counter: Counter, *, read_data: bool, sample: float | None, as_json: bool) -> None:
    r"""Prove that everything archived is whole, or name exactly what is not.

    Without --read-data objects are compared by existence and size; the papers of deeds are
    always read and hashed. Exits with 1 if anything is not as it was left; strays (kept bytes
    without a row), files that are none of the archive's, papers that no entry names and what a
    restore that died left unpacked leave it whole, and are named. A destruction that was begun and
    is not done is named with its items, and with those of them that the object store locks. The
    index is no part of the record, and "ok" does not count it; but where it is missing, damaged or
    wrong searches are, too, which "index" says and makes it exit with 1 as well.

    \b
    Examples:
      archiver verify
      archiver verify --read-data --sample 1%
    """
    from archiver.office.unpacking import left_unpacked
    from archiver.office.verifying import verify_office

    if sample is not None and not read_data:
        raise ConfigInvalid(
            "--sample says how much of --read-data to read", remedy="Add --read-data."
        )
    share_read = (sample or 1.0) if read_data else 0.0
    with progress("objects verified") as tell:
        found = verify_office(counter.office, share_read=share_read, progress=tell)
    unpacked = left_unpacked(counter.config)
    if as_json:
        emit_json(_verdict_told(found) | {"unpacked": list(unpacked)})
    else:
        _print_names("folders in which a backup lies in clear, of restores that died", unpacked)
        _print_verdict(found)
    if not found.whole:
        sys.exit(1)


def _verdict_told(found: Verdict) -> dict[str, Told]:
    return {
        "ok": found.ok,
        "objects": found.objects,
        "items": found.items,
        "read": found.read,
        "damaged": [fault.name for fault in found.damaged],
        "missing": [fault.name for fault in found.missing],
        "edited": [fault.name for fault in found.edited],
        "uncovered": [fault.name for fault in found.uncovered],
        "drifted": [fault.name for fault in found.drifted],
        "stray": list(found.stray),
        "foreign": list(found.foreign),
        "unentered": list(found.unentered),
        "unfinished": [one.name for one in found.unfinished],
        "begun": [
            {"name": one.name, "items": list(one.items), "blocked": list(one.blocked)}
            for one in found.unfinished
        ],
        "unnamed": found.unnamed,
        "reasons": faults_told(_faults(found)),
        "ledger": ledger_told(found.ledger),
        "index": {
            "ok": found.index.ok,
            "state": found.index.condition.value,
            "indexed": found.index.indexed,
            "of": found.index.of,
            "waiting": found.index.waiting,
        },
    }


def faults_told(faults: Iterable[Fault]) -> list[Told]:
    """Give *faults* as JSON tells them."""
    return [{"name": fault.name, "why": fault.why} for fault in faults]


def _faults(found: Verdict) -> list[Fault]:
    return [*found.damaged, *found.missing, *found.edited, *found.uncovered, *found.drifted]


def _print_verdict(found: Verdict) -> None:
    read = f", {found.read} of them read and hashed" if found.read else ""
    click.echo(f"{found.items} items, {found.objects} objects{read}")
    if faults := _faults(found):
        table("Not as it was left", ("what", "why"), [(f.name, f.why) for f in faults])
    if found.unnamed:
        click.echo(f"and {found.unnamed} more that are not named", err=True)
    for one in found.unfinished:
        click.echo(_begun(one), err=True)
    if found.stray:
        click.echo(f"{len(found.stray)} strays; `archiver strays list` names them")
    _print_names("foreign files in the object store, which nothing here touches", found.foreign)
    _print_names("papers of deeds that never came to be, which decide nothing", found.unentered)
    print_ledger(found.ledger)
    click.echo(f"index: {found.index.said}", err=not found.index.ok)
    click.echo(_in_a_word(found))


def _begun(one: Unfinished) -> str:
    """Say of a destruction what it has still to take, and where the store lets nothing go."""
    named = f"{one.name} of {len(one.items)}: {_first_of(one.items)}" if one.items else one.name
    if not one.blocked:
        return f"unfinished: destruction {named}; the next purge finishes it"
    return (
        f"begun, blocked: destruction {named}; the object store lets nobody destroy "
        f"{_first_of(one.blocked)}; a purge finishes it once it does"
    )


def _first_of(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(map(ascii, names[:_SHOWN]))}{more}"


def _print_names(what: str, names: Sequence[str]) -> None:
    if names:
        click.echo(f"{len(names)} {what}: {_first_of(names)}")


_SHOWN = 10


def _in_a_word(found: Verdict) -> str:
    if not found.ok:
        return "NOT everything is whole"
    if not found.index.ok:
        return "everything archived is whole, but NOT the index: run `archiver index rebuild`"
    if found.index.waiting:
        return "everything archived is whole; the index is behind: `archiver index feed` tells it"
    return "everything is whole"


@click.command()
@json_option
@pass_counter
def rebuild(counter: Counter, *, as_json: bool) -> None:
    r"""Make catalogue and index anew from the object store alone, into an empty catalogue.

    Interrupted, it goes on where it stopped when it is run again. Engagement counts and cursors
    are not restored. Exits with 1 if the ledger tells of something the store does not have, or
    hides: what lies in a bucket beneath a delete marker is read from there, and named.

    \b
    Example:
      archiver rebuild
    """
    from archiver.office.upkeep import rebuild_archive

    with progress("entries replayed") as tell:
        made = rebuild_archive(counter.config, progress=tell)
    lost = [*made.lost_items, *made.lost_objects]
    if as_json:
        emit_json(
            {
                "entries": made.entries,
                "items": made.items,
                "tombstones": made.tombstones,
                "unfinished": made.unfinished,
                "indexed": made.indexed,
                "lost": lost,
                "hidden": faults_told(made.hidden),
            }
        )
    else:
        click.echo(
            f"replayed {made.entries} entries: {made.items} items, "
            f"{made.tombstones} tombstones, {made.indexed} indexed"
        )
        print_lost(lost, made.hidden)
    if lost or made.hidden:
        sys.exit(1)


def print_lost(names: Sequence[str], hidden: Iterable[Fault]) -> None:
    """Print what the ledger tells of and the store does not have, and what is *hidden* in it."""
    for name in names:
        click.echo(f"lost: {name}: the ledger tells of it, the store does not have it", err=True)
    for fault in hidden:
        click.echo(f"hidden: {fault.name}: {fault.why}", err=True)


@click.group()
def strays() -> None:
    r"""Kept bytes without a row: left by a capture that died.

    \b
    Example:
      archiver strays list
    """


@strays.command("list")
@json_option
@pass_counter
def strays_list(counter: Counter, *, as_json: bool) -> None:
    r"""List the strays, with their sizes and since when they are there.

    \b
    Example:
      archiver strays list --json
    """
    from archiver.procedures.strays import find_strays
    from archiver.procedures.verify_findings import object_name

    office = counter.office
    with progress("objects looked at") as tell:
        found = find_strays(office.account, office.objects, progress=tell)
    if as_json:
        told: list[Told] = [
            {"name": object_name(s.ref), "bytes": s.size, "stored_at": iso(s.stored_at)}
            for s in found
        ]
        emit_json({"strays": told})
        return
    rows = [(object_name(s.ref), str(s.size), iso(s.stored_at) or "") for s in found]
    table("Strays", ("name", "bytes", "stored at"), rows)


@strays.command("destroy")
@json_option
@pass_counter
def strays_destroy(counter: Counter, *, as_json: bool) -> None:
    r"""Destroy strays older than a day, but for what a hold covers or might cover.

    \b
    Example:
      archiver strays destroy
    """
    from archiver.procedures.strays import dispose_strays

    office = counter.office
    with office.disposer() as disposer:
        done = dispose_strays(disposer, office.objects, office.person)
    if as_json:
        stayed: list[Told] = [{"name": name, "why": why} for name, why in done.stayed]
        emit_json({"destroyed": done.destroyed, "stayed": stayed})
        return
    click.echo(f"destroyed {done.destroyed} strays")
    for name, why in done.stayed:
        click.echo(f"stays: {name}: {why}")
