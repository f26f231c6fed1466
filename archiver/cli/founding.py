"""`init` and `people`."""

from __future__ import annotations

import click

from archiver.cli.arguments import words
from archiver.cli.output import emit_json, json_option, table
from archiver.cli.root import Counter, pass_counter
from archiver.records.people import Role

_ROLES = [role.value for role in Role if role is not Role.SERVICE]


@click.command()
@click.option(
    "--agency",
    default="Example Police Department",
    show_default=True,
    type=words,
    help="The agency's name, for a new configuration.",
)
@click.option(
    "--time-zone",
    default="America/Los_Angeles",
    show_default=True,
    type=words,
    help="The agency's own time zone, for a new configuration.",
)
@pass_counter
def init(counter: Counter, agency: str, time_zone: str) -> None:
    r"""Make an archive, or open the one the configuration names.

    Without a configuration one is written from the shipped example. A configuration that is
    there is opened as it is, and no file of an archive that stands is changed. The OS account
    that makes the archive becomes its first person, with every role.

    \b
    Example:
      archiver init --agency "Indio Police Department" --time-zone America/Los_Angeles
    """
    from archiver.office.founding import found, write_example

    if not counter.config.exists():
        write_example(counter.config, agency=agency, time_zone=time_zone)
        click.echo(f"wrote {counter.config}")
    founded = found(counter.config)
    if founded.first is None:
        click.echo(f"the archive {founded.folder} stands; nothing was changed")
        return
    roles = ", ".join(sorted(founded.first.roles))
    click.echo(f"made the archive {founded.folder}")
    click.echo(f"you ({founded.first.account}) are its first person, with every role: {roles}")
    click.echo(f"back up its keys now: {founded.folder / 'keys'}")


@click.group()
def people() -> None:
    r"""The roster: who may do what. The actor of every deed is the OS account.

    \b
    Example:
      archiver people list
    """


@people.command("list")
@json_option
@pass_counter
def people_list(counter: Counter, *, as_json: bool) -> None:
    r"""List the roster.

    \b
    Example:
      archiver people list --json
    """
    from archiver.procedures.founding import roster

    found = roster(counter.office.account)
    if as_json:
        emit_json(
            {
                "people": [
                    {
                        "id": person.id,
                        "name": person.name,
                        "account": person.account,
                        "roles": sorted(person.roles),
                        "active": person.active,
                    }
                    for person in found
                ]
            }
        )
        return
    rows = [
        (p.id, p.name, p.account, ", ".join(sorted(p.roles)), "yes" if p.active else "no")
        for p in found
    ]
    table("People", ("id", "name", "OS account", "roles", "active"), rows)


@people.command("add")
@click.argument("account", type=words)
@click.option("--name", required=True, type=words, help="The person's name.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(_ROLES),
    help="What the person is in the records programme; repeatable.",
)
@pass_counter
def people_add(counter: Counter, account: str, name: str, roles: tuple[str, ...]) -> None:
    r"""Enter the person whose OS account is ACCOUNT.

    \b
    Example:
      archiver people add jdoe --name "J. Doe" --role clerk --role records_officer
    """
    from archiver.procedures.founding import add_person

    office = counter.office
    person = add_person(
        office.account,
        office.person,
        name=name,
        os_account=account,
        roles=frozenset(Role(role) for role in roles),
    )
    click.echo(f"{person.name} ({person.account}) is {person.id}")
