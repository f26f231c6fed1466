"""`matters`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from archiver.cli.arguments import words
from archiver.cli.holds import KINDS
from archiver.cli.output import Told, day_time, emit_json, iso, json_option, table
from archiver.cli.root import Counter, pass_counter
from archiver.records.matters import MatterKind, NewMatter

if TYPE_CHECKING:
    from archiver.procedures.matters import Known


@click.group()
def matters() -> None:
    r"""Matters: what holds are for. A hold may open one, or name one there is.

    \b
    Example:
      archiver matters list
    """


@matters.command("open")
@click.argument("name", type=words)
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What kind of matter it is.")
@click.option("--text", type=words, help="What it is about; kept in its paper.")
@pass_counter
def matters_open(counter: Counter, name: str, kind: str, text: str | None) -> None:
    r"""Open the matter NAME: a case, a claim, an investigation.

    \b
    Example:
      archiver matters open "Doe v. City" --kind litigation --text "served 2026-04-02"
    """
    from archiver.procedures.matters import open_matter

    office = counter.office
    new = NewMatter(name=name, kind=MatterKind(kind), text=text or "")
    row = open_matter(office.account, office.person, new)
    click.echo(f"{row.matter.id} is open")


@matters.command("list")
@json_option
@pass_counter
def matters_list(counter: Counter, *, as_json: bool) -> None:
    r"""List every matter, with the holds that bind for it.

    \b
    Example:
      archiver matters list --json
    """
    from archiver.procedures.matters import every

    found = every(counter.for_reader.account)
    if as_json:
        emit_json({"matters": [_told(known) for known in found]})
        return
    rows = [
        (
            k.row.matter.id,
            k.row.matter.kind.value,
            k.row.matter.name,
            day_time(k.row.opened_at),
            day_time(k.row.closed_at),
            ", ".join(k.holds) or "-",
        )
        for k in found
    ]
    table("Matters", ("matter", "kind", "name", "opened", "closed", "holds"), rows)


@matters.command("show")
@click.argument("matter")
@json_option
@pass_counter
def matters_show(counter: Counter, matter: str, *, as_json: bool) -> None:
    r"""Show MATTER, and which holds bind for it.

    \b
    Example:
      archiver matters show M-0001
    """
    from archiver.procedures.matters import every, named

    account = counter.for_reader.account
    wanted = named(account, matter)
    (told,) = (_told(known) for known in every(account) if known.row.n == wanted.n)
    if as_json:
        emit_json(told)
        return
    for name, value in told.items():
        click.echo(f"{name:12} {value}")


@matters.command("close")
@click.argument("matter")
@click.option("--reason", required=True, type=words, help="How it ended; kept in a paper.")
@pass_counter
def matters_close(counter: Counter, matter: str, reason: str) -> None:
    r"""Close MATTER. Its holds must be lifted first.

    \b
    Example:
      archiver matters close M-0001 --reason "judgment of 2026-09-30 is final"
    """
    from archiver.procedures.matters import close_matter

    office = counter.office
    close_matter(office.account, office.person, matter, reason=reason)
    click.echo(f"{matter} is closed")


def _told(known: Known) -> dict[str, Told]:
    row = known.row
    return {
        "matter": row.matter.id,
        "kind": row.matter.kind.value,
        "name": row.matter.name,
        "text": row.matter.text,
        "opened_at": iso(row.opened_at),
        "by": row.by,
        "closed_at": iso(row.closed_at),
        "holds": list(known.holds),
        "paper": row.paper,
    }
