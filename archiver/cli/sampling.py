"""`dispositions sample`: a person's look at what rules or a model took for transitory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from archiver.cli.arguments import words
from archiver.cli.item_output import say_not_shown
from archiver.cli.output import Told, day_time, emit_json, iso, json_option, shortened, table
from archiver.cli.root import Counter, pass_counter
from archiver.records.counting import count_of
from archiver.records.sampling import Judgement

if TYPE_CHECKING:
    from archiver.office import Office
    from archiver.procedures.finding import Found
    from archiver.procedures.judging import Sample

_SHOWN = 500
"""How many characters of an item the table shows; --json gives all of them."""


@click.group()
def sample() -> None:
    r"""Samples: what nobody has tried goes only after a person found no record in one.

    \b
    Example:
      archiver dispositions sample list
    """


@sample.command("list")
@click.option(
    "--limit",
    default=30,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="At most so many.",
)
@json_option
@pass_counter
def sample_list(counter: Counter, limit: int, *, as_json: bool) -> None:
    r"""List samples, newest first, and how each stands.

    \b
    Example:
      archiver dispositions sample list
    """
    from archiver.procedures.judging import newest

    found = newest(counter.office.account, limit=limit)
    if as_json:
        emit_json({"samples": [_told(one) for one in found]})
        return
    rows = [
        (
            one.plan.plan,
            day_time(one.drawn.row.drawn_at),
            _stands(one),
            f"{one.drawn.row.size} of {one.drawn.row.population}",
            str(one.drawn.unjudged) if one.waits else "0",
        )
        for one in found
    ]
    table("Samples", ("plan", "drawn", "stands", "items", "to judge"), rows)


@sample.command("show")
@click.argument("plan")
@json_option
@pass_counter
def sample_show(counter: Counter, plan: str, *, as_json: bool) -> None:
    r"""Show what was drawn of PLAN: what each item says, and what was said of it.

    \b
    Example:
      archiver dispositions sample show P-000007
    """
    from archiver.procedures.finding import by_ids
    from archiver.procedures.judging import sample_of
    from archiver.procedures.viewing import view

    office = counter.for_reader
    found = sample_of(office.account, plan)
    drawn = by_ids(office.catalogue, [item.item for item in found.drawn.items])
    viewed = view(office.account, office.person, drawn, where="sample")
    if as_json:
        shown: list[Told] = [_item(one, _said(found, one)) for one in viewed.items]
        emit_json(_told(found) | {"items": shown, "not_shown": viewed.not_shown})
        return
    rows = [
        (
            one.row.item[:12],
            one.page.name,
            one.row.kind,
            one.row.rule or one.row.basis,
            _said(found, one) or "-",
            shortened(_text(one), _SHOWN),
        )
        for one in viewed.items
    ]
    columns = ("item", "page", "kind", "tagged by", "judged", "text")
    table(f"Sample of {plan}", columns, rows)
    say_not_shown(viewed.not_shown)
    _say(office, found)


@sample.command("judge")
@click.argument("plan")
@click.argument("items", nargs=-1, required=True)
@click.option(
    "--judgement",
    required=True,
    type=click.Choice([word.value for word in Judgement]),
    help="What you say they are.",
)
@click.option("--reason", required=True, type=words, help="Why; it is kept in a paper.")
@json_option
@pass_counter
def sample_judge(
    counter: Counter,
    plan: str,
    items: tuple[str, ...],
    judgement: str,
    reason: str,
    *,
    as_json: bool,
) -> None:
    r"""Say of ITEMS that were drawn of PLAN what they are. One record stops the whole plan.

    \b
    Examples:
      archiver dispositions sample judge P-000007 3f9a 77c1 --judgement transitory --reason "thanks"
      archiver dispositions sample judge P-000007 9b20 --judgement record --reason "a complaint"
    """
    from archiver.procedures.finding import full_id
    from archiver.procedures.judging import judge

    office = counter.office
    some = [full_id(office.catalogue, item) for item in items]
    found = judge(office.account, office.sign_in(), plan, some, Judgement(judgement), reason=reason)
    _end(office, found, as_json=as_json)


@sample.command("confirm")
@click.argument("plan")
@click.option(
    "--items",
    "counted",
    type=click.IntRange(0),
    metavar="N",
    help="Of a list, which is not drawn from: how many items it has that you read.",
)
@json_option
@pass_counter
def sample_confirm(counter: Counter, plan: str, counted: int | None, *, as_json: bool) -> None:
    r"""Confirm that there is no record in the sample of PLAN; then it may be carried out.

    Who confirms a list must be allowed to see every item of it.

    \b
    Examples:
      archiver dispositions sample confirm P-000007
      archiver dispositions sample confirm P-000007 --items 42
    """
    from archiver.procedures.judging import confirm

    office = counter.office
    _end(office, confirm(office.account, office.sign_in(), plan, counted=counted), as_json=as_json)


def _end(office: Office, found: Sample, *, as_json: bool) -> None:
    if as_json:
        emit_json(_told(found))
    else:
        _say(office, found)


def _say(office: Office, found: Sample) -> None:
    """Say how a sample stands, and what is next."""
    plan, drawn = found.plan.plan, found.drawn
    click.echo(f"the sample of {plan} is {_stands(found)}")
    if found.waits and drawn.lists_all:
        click.echo(
            f"next: `archiver dispositions sample confirm {plan} --items {len(drawn.items)}`"
        )
    elif found.waits and drawn.unjudged:
        click.echo(f"not judged yet: {drawn.unjudged} of {count_of(len(drawn.items), 'item')}")
    elif found.waits:
        click.echo(f"next: `archiver dispositions sample confirm {plan}`")
    elif drawn.row.status != "confirmed":
        return
    elif found.plan.status == "proposed" and not found.plan.attended:
        when = "the next purge" if office.config.purge_mode == "carry-out" else "its approval"
        click.echo(f"{plan} waits for {when}")


def _stands(found: Sample) -> str:
    row, plan = found.drawn.row, found.plan
    if row.status == "open" and not found.waits:
        return f"closed: the plan is {plan.status.replace('_', ' ')}"
    return "stopped: a record was found" if row.status in {"stopped", "returned"} else row.status


def _told(found: Sample) -> dict[str, Told]:
    row = found.drawn.row
    return {
        "plan": found.plan.plan,
        "status": row.status,
        "waits": found.waits,
        "drawn_at": iso(row.drawn_at),
        "adoption": row.adoption,
        "share": row.share,
        "size": row.size,
        "population": row.population,
        "seed": row.seed,
        "bound": found.plan.bound,
        "unjudged": found.drawn.unjudged if found.waits else 0,
        "paper": row.paper,
    }


def _said(found: Sample, one: Found) -> str:
    judged = found.drawn.judged.get(one.row.n)
    return judged.judgement if judged is not None else ""


def _item(one: Found, said: str) -> dict[str, Told]:
    return {
        "id": one.row.item,
        "page": one.page.name,
        "kind": one.row.kind,
        "series": one.row.series,
        "basis": one.row.basis,
        "rule": one.row.rule,
        "judged": said or None,
        "text": _text(one),
    }


def _text(one: Found) -> str:
    content = one.content
    return "" if content is None else "\n".join(filter(None, (content.title, content.text)))
