"""`people`."""

from __future__ import annotations

import shlex
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import click

from archiver.cli.arguments import day, words
from archiver.cli.output import Told, emit_json, iso, json_option, table
from archiver.cli.root import Counter, pass_counter
from archiver.records.errors import ConfigInvalid
from archiver.records.people import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.office import Office
    from archiver.procedures.enrolling import Invited
    from archiver.procedures.leaving import Handover
    from archiver.records.people import Person
    from archiver.records.roster import Member

_ROLES = [role.value for role in Role if role is not Role.SERVICE]
_since = click.option(
    "--from", "since", type=day, metavar="YYYY-MM-DD", help="From this day on; today, if not said."
)
_until = click.option(
    "--until", type=day, metavar="YYYY-MM-DD", help="Until the end of this day; else for good."
)


@click.group()
def people() -> None:
    r"""The roster: who may do what, from when until when, and their credentials.

    The actor of a deed is the person of the OS account it is done from, or the one named with
    `archiver --as NAME`, who is asked for their credentials. Changing the roster, and every
    deed that decides, asks for them too; they are never taken from the line or a pipe.

    \b
    Example:
      archiver people list
    """


@people.command("list")
@click.option("--on", "on", type=day, metavar="YYYY-MM-DD", help="As it stood, or will, that day.")
@json_option
@pass_counter
def people_list(counter: Counter, on: date | None, *, as_json: bool) -> None:
    r"""List the roster with the roles in force today, or on another day.

    \b
    Example:
      archiver people list --on 2026-01-31 --json
    """
    from archiver.procedures.roster import everyone

    office = counter.office
    asked = on or office.account.today()
    members = everyone(office.account)
    found = [member.on(asked) for member in members]
    mixed = _mixed(office, members, asked)
    if as_json:
        told = [_told_on(person) | {"mixed": person.id in mixed} for person in found]
        emit_json({"on": asked.isoformat(), "people": told})
        return
    rows = [
        (
            p.id,
            p.name,
            p.account + (" (shared)" if p.shared else ""),
            ", ".join(sorted(p.roles)),
            "yes" if p.active else "no",
        )
        for p in found
    ]
    table(f"People on {asked}", ("id", "name", "OS account", "roles", "active"), rows)
    for person in found:
        if person.id in mixed:
            click.echo(f"{person.name} is administrator and auditor: take one of the two", err=True)


def _mixed(office: Office, members: Sequence[Member], day: date) -> set[str]:
    """Give the ids of who is administrator and auditor on *day*, and should not be."""
    from archiver.procedures.roster import is_alone

    return {
        member.id
        for member in members
        if member.reads_as_administrator(day) == day
        and not (office.config.demonstration or is_alone(members, member))
    }


def _told_on(person: Person) -> dict[str, Told]:
    return {
        "id": person.id,
        "name": person.name,
        "account": person.account,
        "roles": sorted(person.roles),
        "active": person.active,
        "shared": person.shared,
    }


@people.command("show")
@click.argument("name", type=words)
@json_option
@pass_counter
def people_show(counter: Counter, name: str, *, as_json: bool) -> None:
    r"""Show NAME: every role they had or will have, and what they would hand over.

    \b
    Example:
      archiver people show "J. Doe"
    """
    from archiver.procedures.enrolling import is_enrolled
    from archiver.procedures.leaving import handover
    from archiver.procedures.roster import named

    office = counter.office
    member = named(office.account, name)
    found = handover(office.account, member, office.config.pages)
    told = _told(member) | {
        "enrolled": is_enrolled(office.account, member),
        "handover": found.told(),
    }
    if as_json:
        emit_json(told)
        return
    for key, value in told.items():
        if not isinstance(value, list | dict):
            click.echo(f"{key:10} {'-' if value is None else value}")
    for role, spans in sorted(member.tenures.items()):
        for span in spans:
            click.echo(f"role       {role.value} from {span.since} until {span.until or 'revoked'}")
    _print_handover(found)


def _print_handover(found: Handover) -> None:
    for what, left in found.told().items():
        if left:
            shown = ", ".join(str(one) for one in left) if isinstance(left, list) else left
            click.echo(f"to hand over: {what.replace('_', ' ')}: {shown}")


def _told(member: Member) -> dict[str, Told]:
    return {
        "id": member.id,
        "name": member.name,
        "account": member.account,
        "shared": member.shared,
        "left_on": member.left_on.isoformat() if member.left_on else None,
        "roles": [
            {
                "role": role.value,
                "from": span.since.isoformat(),
                "until": span.until.isoformat() if span.until else None,
            }
            for role, spans in sorted(member.tenures.items())
            for span in spans
        ],
    }


@people.command("add")
@click.argument("account", type=words, required=False, default=None)
@click.option("--name", required=True, type=words, help="The person's name.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(_ROLES),
    help="What the person is in the records programme; repeatable.",
)
@_since
@_until
@click.option("--shared", is_flag=True, help="ACCOUNT is used by several people, and is none.")
@pass_counter
def people_add(
    counter: Counter,
    account: str | None,
    name: str,
    roles: tuple[str, ...],
    since: date | None,
    until: date | None,
    *,
    shared: bool,
) -> None:
    r"""Enter the person whose OS account is ACCOUNT.

    Without ACCOUNT the person has none of their own, and signs in at a shared one. A shared
    account can capture and search; whatever decides names the person, with `archiver --as NAME`.
    An administrator reads nothing that is archived: nobody is administrator and auditor. Only
    the first person, who founds the archive, has both, with every other role, until one is taken.

    \b
    Examples:
      archiver people add jdoe --name "J. Doe" --role clerk --role records_officer
      archiver people add desk --shared --name "the front desk" --role clerk
      archiver people add --name "R. Roe" --role counsel --from 2026-07-01 --until 2026-12-31
    """
    from archiver.procedures.roster import add
    from archiver.records.roster import Span

    office = counter.office
    person = add(
        office.account,
        office.sign_in(),
        name=name,
        os_account=account or "",
        roles=[Role(role) for role in roles],
        span=Span(since or office.account.today(), until),
        shared=shared,
        demonstration=office.config.demonstration,
    )
    click.echo(f"{person.name} ({person.account or 'no OS account'}) is {person.id}")


@people.command("role")
@click.argument("name", type=words)
@click.option("--give", type=click.Choice(_ROLES), help="Give this role.")
@click.option("--take", type=click.Choice(_ROLES), help="Take this role.")
@_since
@_until
@pass_counter
def people_role(
    counter: Counter,
    name: str,
    give: str | None,
    take: str | None,
    since: date | None,
    until: date | None,
) -> None:
    r"""Give NAME a role, or take one, from a day on, until a day or for good.

    \b
    Examples:
      archiver people role "J. Doe" --give records_officer --from 2026-07-01
      archiver people role "J. Doe" --take clerk
    """
    from archiver.procedures import roster
    from archiver.records.roster import Span

    if (give is None) == (take is None):
        raise ConfigInvalid(
            "say either --give or --take", remedy="See `archiver people role --help`."
        )
    office = counter.office
    span = Span(since or office.account.today(), until)
    change = (
        partial(roster.give, demonstration=office.config.demonstration) if give else roster.take
    )
    member = change(office.account, office.sign_in(), name, Role(give or take or ""), span)
    verb = "has" if give else "has no longer"
    end = f"until {span.until}" if span.until else "for good"
    click.echo(f"{member.name} {verb} the role {give or take} from {span.since} {end}")


@people.command("leave")
@click.argument("name", type=words)
@click.option("--on", "on", type=day, metavar="YYYY-MM-DD", help="The first day they are away.")
@json_option
@pass_counter
def people_leave(counter: Counter, name: str, on: date | None, *, as_json: bool) -> None:
    r"""Have NAME be inactive from a day on; lists what they hand over.

    \b
    Example:
      archiver people leave "J. Doe" --on 2026-12-31
    """
    from archiver.procedures.authority import QUORUM
    from archiver.procedures.leaving import leave

    office = counter.office
    away = on or office.account.today()
    left = leave(office.account, office.sign_in(), name, on=away, pages=office.config.pages)
    if as_json:
        emit_json(
            _told(left.member) | {"handover": left.handover.told(), "approvers": left.approvers}
        )
        return
    click.echo(f"{left.member.name} is inactive from {away} on")
    _print_handover(left.handover)
    if left.approvers < QUORUM and not office.config.demonstration:
        click.echo(f"{left.approvers} can approve then: nothing is destroyed with fewer than two")


@people.command("enrol")
@click.argument("name", type=words, required=False, default=None)
@pass_counter
def people_enrol(counter: Counter, name: str | None) -> None:
    r"""Choose a passphrase and bind an authenticator; or give NAME a one-time code to do so.

    Who has enrolled before is asked for what they have now. Everybody else needs a one-time code
    that an administrator issued, good for three days; only the first administrator does not.
    After a rebuild nobody is enrolled any more: begin with an administrator.

    \b
    Examples:
      archiver people enrol
      archiver people enrol "J. Doe"
    """
    from archiver.cli.asking import ENROLMENT
    from archiver.procedures import enrolling

    office = counter.office
    if name is not None:
        _print_invited(enrolling.invite(office.account, office.sign_in(), name))
        return
    person = enrolling.enrol(
        office.account,
        office.at,
        ENROLMENT,
        agency=office.config.agency,
        name=counter.signing_as,
    )
    click.echo(f"{person.name} is enrolled; every deed that decides asks for both from now on")


@people.command("reset")
@click.argument("name", type=words)
@pass_counter
def people_reset(counter: Counter, name: str) -> None:
    r"""Take NAME's credentials away, and give them a one-time code to enrol anew.

    \b
    Example:
      archiver people reset "J. Doe"
    """
    from archiver.procedures import enrolling

    office = counter.office
    _print_invited(enrolling.reset(office.account, office.sign_in(), name))


def _print_invited(invited: Invited) -> None:
    click.echo(f"one-time code for {invited.person.name}: {invited.code}")
    click.echo(f"good until {iso(invited.until)}; give it to them in person")
    name, account = shlex.quote(invited.person.name), invited.person.account
    where = (
        f"as {account}: archiver" if account else f"at a shared OS account: archiver --as {name}"
    )
    click.echo(f"they run, {where} people enrol")
