"""`review`."""

from __future__ import annotations

import click

from archiver.cli.arguments import words
from archiver.cli.item_output import list_items
from archiver.cli.output import emit_json, json_option
from archiver.cli.root import Counter, pass_counter
from archiver.records.classification import Tag

_TAGS = (Tag.SUBSTANTIVE.value, Tag.TRANSITORY.value)


@click.group()
def review() -> None:
    r"""What waits for a person, and a person's word on it.

    \b
    Example:
      archiver review list
    """


@review.command("list")
@click.option(
    "--limit",
    default=50,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="At most so many.",
)
@json_option
@pass_counter
def review_list(counter: Counter, limit: int, *, as_json: bool) -> None:
    r"""List items that wait for a person's decision.

    \b
    Example:
      archiver review list --limit 20
    """
    from archiver.procedures.finding import review_list as listed
    from archiver.procedures.viewing import view

    office = counter.for_reader
    waiting, found = listed(office.catalogue, after=0, limit=limit)
    viewed = view(office.account, office.person, found, where="review")
    list_items(viewed, f"{waiting} wait for a decision", as_json=as_json, waiting=waiting)


@review.command("decide")
@click.argument("item")
@click.option("--tag", required=True, type=click.Choice(_TAGS), help="What it is.")
@click.option("--series", required=True, help="A series number of the schedule.")
@click.option(
    "--reason", required=True, type=words, help="Why; it is kept in the decision's paper."
)
@json_option
@pass_counter
def review_decide(
    counter: Counter, item: str, tag: str, series: str, reason: str, *, as_json: bool
) -> None:
    r"""Settle the tag and series of ITEM; a person's word outranks every rule.

    \b
    Example:
      archiver review decide 3f9a2c --tag transitory --series CW-026 --reason "greeting only"
    """
    from archiver.procedures.finding import full_id
    from archiver.procedures.review import decide

    office = counter.office
    row = decide(
        office.account,
        office.objects,
        office.person,
        office.schedule,
        full_id(office.catalogue, item),
        tag=Tag(tag),
        series=series,
        reason=reason,
    )
    if as_json:
        emit_json({"id": row.item, "tag": row.tag, "series": row.series, "basis": row.basis})
    else:
        click.echo(f"{row.item[:12]} is {row.tag}, series {row.series}, by {row.basis}")


@review.command("declare")
@click.argument("item")
@click.option(
    "--reason", required=True, type=words, help="Why; it is kept in the declaration's paper."
)
@pass_counter
def review_declare(counter: Counter, item: str, reason: str) -> None:
    r"""Declare that ITEM is no longer required: only this starts such a series' timer.

    It asks for credentials, as every day that starts a period does.

    \b
    Example:
      archiver review declare 3f9a2c --reason "event is over, draft superseded"
    """
    from archiver.procedures.finding import full_id
    from archiver.procedures.review import declare

    office = counter.office
    found = full_id(office.catalogue, item)
    declare(office.account, office.objects, office.sign_in(), found, reason=reason)
    click.echo(f"{found[:12]} is declared no longer required")
