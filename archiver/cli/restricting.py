"""`items restrict` and `items unrestrict`."""

from __future__ import annotations

from collections.abc import Mapping

import click

from archiver.cli.arguments import words
from archiver.cli.output import Told, emit_json, json_option
from archiver.cli.root import Counter, pass_counter


@click.command("restrict")
@click.argument("found", metavar="ITEM...", nargs=-1, required=True)
@click.option("--reason", required=True, type=words, help="Why; it is kept in each item's paper.")
@json_option
@pass_counter
def items_restrict(counter: Counter, found: tuple[str, ...], reason: str, *, as_json: bool) -> None:
    r"""Have ITEM shown only to who may see what is restricted; every view is then an entry.

    The rules of the schedule restrict what they find: tips, what concerns juveniles and victims,
    booking photos. This is for what they miss, and for what was archived before they were there.

    \b
    Example:
      archiver items restrict 3f9a2c --reason "names a child who saw it"
    """
    from archiver.procedures.finding import full_id
    from archiver.procedures.restricting import restrict

    office = counter.office
    wanted = [full_id(office.catalogue, each) for each in found]
    rows = restrict(office.account, office.objects, office.person, wanted, reason=reason)
    _say({row.item: row.restricted.split() for row in rows}, as_json=as_json)


@click.command("unrestrict")
@click.argument("found", metavar="ITEM...", nargs=-1, required=True)
@click.option("--reason", required=True, type=words, help="Why; it is kept in each item's paper.")
@json_option
@pass_counter
def items_unrestrict(
    counter: Counter, found: tuple[str, ...], reason: str, *, as_json: bool
) -> None:
    r"""Take back that ITEM is restricted, where the schedule or a person restricted it.

    It asks for credentials, and for the right to see what is restricted. What a platform marked
    stays restricted; what a court closed stays so until a later order. A later version of the
    item can be restricted again, by what it says.

    \b
    Example:
      archiver items unrestrict 3f9a2c --reason "praise of a parade, and no tip"
    """
    from archiver.procedures.finding import full_id
    from archiver.procedures.restricting import unrestrict

    office = counter.office
    wanted = [full_id(office.catalogue, each) for each in found]
    rows = unrestrict(office.account, office.objects, office.sign_in(), wanted, reason=reason)
    _say({row.item: row.restricted.split() for row in rows}, as_json=as_json)


def _say(reasons: Mapping[str, list[str]], *, as_json: bool) -> None:
    """Say of each item by whom it is restricted now."""
    if as_json:
        listed = [{"id": item, "restricted": list[Told](by)} for item, by in reasons.items()]
        emit_json({"items": list[Told](listed)})
        return
    for item, by in reasons.items():
        stands = f"restricted by {' and '.join(by)}" if by else "open to whoever may read"
        click.echo(f"{item[:12]} is {stands}")
