"""`items trigger`."""

from __future__ import annotations

from datetime import date

import click

from archiver.cli.arguments import day, words
from archiver.cli.output import emit_json, json_option
from archiver.cli.root import Counter, pass_counter
from archiver.records.series import Trigger


@click.command("trigger")
@click.argument("found", metavar="ITEM...", nargs=-1, required=True)
@click.option(
    "--trigger",
    "word",
    required=True,
    type=click.Choice([trigger.value for trigger in Trigger]),
    help="What happened.",
)
@click.option(
    "--date", "on", required=True, type=day, metavar="YYYY-MM-DD", help="The day it happened."
)
@click.option("--reason", required=True, type=words, help="Why; it is kept in each item's paper.")
@json_option
@pass_counter
def items_trigger(
    counter: Counter, found: tuple[str, ...], word: str, on: date, reason: str, *, as_json: bool
) -> None:
    r"""Enter what only a person knows: that a case was closed, an event is over.

    The day starts the period of the series that counts from it. A later word replaces it.
    "reviewed" answers a review that is due: the item need not be kept, and may be planned for
    destruction, which people approve as ever.

    \b
    Example:
      archiver items trigger 3f9a2c --trigger case_closed --date 2026-04-30 --reason "closed"
    """
    from archiver.procedures.finding import full_id
    from archiver.procedures.triggering import enter_trigger

    office = counter.office
    wanted = [full_id(office.catalogue, each) for each in found]
    rows = enter_trigger(
        office.account,
        office.objects,
        office.sign_in(),
        wanted,
        Trigger(word),
        on,
        reason=reason,
    )
    if as_json:
        emit_json({"trigger": word, "date": on.isoformat(), "items": [row.item for row in rows]})
    else:
        click.echo(f"{len(rows)} items: {word} on {on}")
