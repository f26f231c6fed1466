"""`ledger`: the account of every deed, and what proves it to others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.arguments import words
from archiver.cli.output import Told, emit_json, iso, json_option
from archiver.cli.root import Counter, pass_counter

if TYPE_CHECKING:
    from archiver.procedures.ledger_proof import AnchorFindings
    from archiver.procedures.verify_ledger import LedgerFindings


def ledger_told(found: LedgerFindings) -> dict[str, Told]:
    """Give what a check of the ledger found, as scripts read it."""
    return {
        "ok": found.ok,
        "entries": found.entries,
        "signed": found.signed,
        "behind": found.behind,
        "faults": list(found.faults),
        "damaged": list(found.damaged),
        "missing": list(found.missing),
    }


def print_ledger(found: LedgerFindings) -> None:
    """Print what a check of the ledger found."""
    behind = f", {found.behind} not in its copy yet" if found.behind else ""
    click.echo(f"ledger: {found.entries} entries, {found.signed} signed{behind}")
    for kind, names in (("damaged", found.damaged), ("missing", found.missing)):
        for name in names:
            click.echo(f"ledger: {kind}: {name}", err=True)
    for fault in found.faults:
        click.echo(f"ledger: {fault}", err=True)


@click.group()
def ledger() -> None:
    r"""The account of every deed, signed: it only grows.

    \b
    Example:
      archiver ledger verify
    """


@ledger.command("verify")
@click.option(
    "--since",
    "anchors",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Hold this anchor, a signed checkpoint kept elsewhere, against it; may be repeated.",
)
@json_option
@pass_counter
def ledger_verify(counter: Counter, anchors: tuple[Path, ...], *, as_json: bool) -> None:
    r"""Recompute the ledger from its entries, and compare it with its signed copy.

    Anchors in the folder that [anchors] names are held against it too: they show a rewriting of
    the whole account, a truncation and a rollback. A copy that is merely behind is said, and is
    no fault: the next deed brings it up to date. One without its checkpoint is missing.

    \b
    Examples:
      archiver ledger verify --json
      archiver ledger verify --since /mnt/elsewhere/4f2a-000000001204.checkpoint
    """
    from archiver.procedures.ledger_proof import first_difference, hold_against
    from archiver.procedures.stamping import anchors_in
    from archiver.procedures.verify_ledger import verify_ledger

    office = counter.office
    found = verify_ledger(office.account)
    folder = office.config.anchors
    kept = [(path.name, path.read_bytes()) for path in anchors]
    held = hold_against(office.account, [*kept, *(anchors_in(folder) if folder else ())])
    first_bad = None if found.ok else first_difference(office.account)
    ok = found.ok and not held.faults
    if as_json:
        told: dict[str, Told] = {"checked": held.checked, "faults": list(held.faults)}
        emit_json({**ledger_told(found), "ok": ok, "first_bad": first_bad, "anchors": told})
    else:
        print_ledger(found)
        _print_anchors(held, first_bad)
        click.echo("the ledger is whole" if ok else "the ledger is NOT whole")
    if not ok:
        sys.exit(1)


def _print_anchors(held: AnchorFindings, first_bad: int | None) -> None:
    if first_bad is not None:
        click.echo(f"ledger: the first bad entry is {first_bad}", err=True)
    for fault in held.faults:
        click.echo(f"ledger: {fault}", err=True)
    if held.checked:
        click.echo(
            f"anchors: {held.checked} held against it, the largest it continues vouches for "
            f"{held.continued} entries"
        )


@ledger.command("prove")
@click.argument("item", required=False)
@click.option("--entry", type=click.IntRange(0), help="Prove this entry instead of an item's.")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write OUT.tlog-proof and OUT.leaf.",
)
@json_option
@pass_counter
def ledger_prove(
    counter: Counter, item: str | None, entry: int | None, out: Path, *, as_json: bool
) -> None:
    r"""Write the proof that ITEM, as it was captured, stands in the ledger.

    OUT.leaf is the entry's own bytes, OUT.tlog-proof leads from it to the signed checkpoint
    (c2sp.org/tlog-proof). With the public key that `archiver ledger key` prints, anybody can
    check them offline and without this program; docs/proof.md says how.

    \b
    Example:
      archiver ledger prove 3f9a2c --out exhibit-12
    """
    from archiver.procedures.finding import full_id
    from archiver.procedures.ledger_proof import prove, prove_entry
    from archiver.records.errors import ConfigInvalid, FileRefused

    if (item is None) == (entry is None):
        raise ConfigInvalid("name an ITEM or an --entry, and not both")
    files = [out.with_name(out.name + suffix) for suffix in (".leaf", ".tlog-proof")]
    if there := [file for file in files if file.exists()]:
        raise FileRefused(
            f"--out: {there[0]} is there already; nothing was written",
            remedy="Choose another name, or move away what is there.",
        )
    account = counter.office.account
    if entry is not None:
        receipt = prove_entry(account, entry)
    else:
        receipt = prove(account, full_id(account.catalogue, item or ""))
    for file, data in zip(files, (receipt.leaf, receipt.proof), strict=True):
        with file.open("xb") as new:
            new.write(data)
    if as_json:
        leaf, proof = map(str, files)
        emit_json({"entry": receipt.index, "kind": receipt.kind, "leaf": leaf, "proof": proof})
        return
    click.echo(f"entry {receipt.index}, {receipt.kind}: {out}.leaf and {out}.tlog-proof")


@ledger.command("key")
@json_option
@pass_counter
def ledger_key(counter: Counter, *, as_json: bool) -> None:
    r"""Print the public key that signs the ledger, and those that did before.

    \b
    Example:
      archiver ledger key
    """
    office = counter.office
    past: list[Told] = [{"key": str(p.key), "entries": p.entries} for p in office.keys.past]
    if as_json:
        emit_json({"key": office.public_key, "past": past})
        return
    click.echo(office.public_key)
    for each in office.keys.past:
        click.echo(f"{each.key} (before, up to {each.entries} entries)")


@ledger.command("change-key")
@pass_counter
def ledger_change_key(counter: Counter) -> None:
    r"""Have a new key sign the ledger from now on; the old one signs that it is followed.

    Stop `archiver run` first. Interrupted, it goes on where it stopped when it is run again.

    \b
    Example:
      archiver ledger change-key
    """
    from archiver.office.rekeying import change_signing_key

    changed = change_signing_key(counter.office)
    click.echo(f"{changed.old} signed {changed.entries} entries")
    click.echo(f"{changed.new} signs from now on")
    click.echo("make a backup now: an older one does not know the new key", err=True)


@ledger.command("anchor")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@pass_counter
def ledger_anchor(counter: Counter, folder: Path) -> None:
    r"""Leave the signed checkpoint in FOLDER, a place elsewhere, as a witness.

    \b
    Example:
      archiver ledger anchor /mnt/elsewhere
    """
    from archiver.procedures.stamping import leave_anchor

    click.echo(str(leave_anchor(counter.office.account, folder)))


@ledger.command("confirm-clock")
@click.option("--reason", required=True, type=words, help="How you know; it is kept in a paper.")
@pass_counter
def ledger_confirm_clock(counter: Counter, reason: str) -> None:
    r"""Confirm that this machine's clock is right, where the ledger makes it implausible.

    \b
    Example:
      archiver ledger confirm-clock --reason "off for a year; compared with time.gov"
    """
    from archiver.procedures.clock_keeping import confirm_clock

    office = counter.office
    click.echo(f"this machine says that it is {iso(office.account.now())}")
    confirm_clock(office.account, office.sign_in(), reason=reason)
    click.echo("the clock is confirmed")


@ledger.command("stamp")
@pass_counter
def ledger_stamp(counter: Counter) -> None:
    r"""Have the checkpoint time-stamped now by every authority under [[time_stamps]].

    \b
    Example:
      archiver ledger stamp
    """
    from archiver.procedures.stamping import stamp
    from archiver.records.errors import ConfigInvalid

    office = counter.office
    authorities = office.authorities()
    if not authorities:
        raise ConfigInvalid(
            "the configuration names no time-stamp authority",
            remedy="Add one under [[time_stamps]]; config.example.toml shows how.",
        )
    problems = stamp(office.account, office.person, authorities)
    click.echo(f"{len(authorities) - len(problems)} of {len(authorities)} authorities stamped it")
    for problem in problems:
        click.echo(f"{problem.what}: {problem.detail}", err=True)
    if problems:
        sys.exit(1)
