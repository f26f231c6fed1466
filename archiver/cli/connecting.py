"""`connectors`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from archiver.cli.enabling import connectors_enable, connectors_enabled
from archiver.cli.output import Told, day_time, emit_json, iso, json_option, said, table
from archiver.cli.root import Counter, pass_counter
from archiver.records.errors import ConfigInvalid, NotFound

if TYPE_CHECKING:
    from archiver.ports import Connector
    from archiver.procedures.spending import Spent
    from archiver.records.pages import Capabilities, Setting


@click.group()
def connectors() -> None:
    r"""Connectors: what each platform lets the archive see, and what it does not.

    \b
    Example:
      archiver connectors show mastodon
    """


@connectors.command("list")
@json_option
def connectors_list(*, as_json: bool) -> None:
    r"""List the installed connectors with what they can see.

    \b
    Example:
      archiver connectors list --json
    """
    from archiver.office.lookup import connectors as installed

    found = sorted(installed().items())
    if as_json:
        emit_json({"connectors": [_listed(name, connector) for name, connector in found]})
        return
    rows = [
        (
            name,
            "export file" if connector.imports else "network",
            *(_yes(seen) for seen in _shown(connector.capabilities)),
            connector.capabilities.edits,
            connector.capabilities.removals,
            connector.capabilities.backfill,
        )
        for name, connector in found
    ]
    seen = ("posts", "comments", "media", "hidden")
    table("Connectors", ("name", "reads", *seen, "edits", "removals", "looks back"), rows)


@connectors.command("show")
@click.argument("name")
@json_option
def connectors_show(name: str, *, as_json: bool) -> None:
    r"""Show what NAME sees, how to let it in, its settings, and what it cannot see.

    \b
    Example:
      archiver connectors show wordpress
    """
    from archiver.office.lookup import connectors as installed

    connector = installed().get(name)
    if connector is None:
        raise NotFound(
            f"there is no connector {name!r}",
            remedy="See `archiver connectors list` for those that are installed.",
        )
    if as_json:
        emit_json(_listed(name, connector) | _explained(connector))
        return
    access = connector.capabilities.access
    click.echo(f"{name}: {said(_told(connector.capabilities))}")
    _section("It must be granted", access.permissions)
    _section("How to let it in", [f"{n}. {step}" for n, step in enumerate(access.steps, 1)])
    _section("Settings of its own", [f"{s.name} ({s.kind}): {s.help}" for s in connector.settings])
    _section("It cannot see", connector.capabilities.blind_to)
    _section("The platform's terms on deletion", [access.terms] if access.terms else [])


@connectors.command("check")
@click.argument("page")
@json_option
@pass_counter
def connectors_check(counter: Counter, page: str, *, as_json: bool) -> None:
    r"""Try the credentials and rights of PAGE, and capture nothing.

    Exits with 1 where the platform refuses something that a visit cannot do without.

    \b
    Example:
      archiver connectors check "City blog"
    """
    from archiver.office.token_files import as_it_stands
    from archiver.procedures.access_checking import check_access
    from archiver.procedures.spending import spent
    from archiver.procedures.token_keeping import deaths

    office = counter.office
    found = office.config.page(page)
    if office.imports(found):
        raise ConfigInvalid(
            f"{page}: reads an export file, and needs no access",
            remedy="Use `archiver import PATH --page NAME`.",
        )
    with office.source(found) as source:
        checks = check_access(source, now=office.account.now())
        office.look_after(found, source)
    dies_at = deaths(office.account, [as_it_stands(found)]).get(found.name)
    budget = spent(office.account, [found]).get(found.name)
    granted = not any(check.refused for check in checks)
    if as_json:
        told: list[Told] = [
            {"what": c.what, "granted": c.granted, "needed": c.needed, "detail": c.detail}
            for c in checks
        ]
        more: dict[str, Told] = {"token_dies": iso(dies_at), "budget": spent_told(budget)}
        emit_json({"page": found.name, "granted": granted, "checks": told, **more})
    else:
        rows = [(c.what, c.answer, c.detail) for c in checks]
        table(f"Access to {found.name}", ("right", "answer", "what it says"), rows)
        if dies_at is not None:
            click.echo(f"the token dies {day_time(dies_at)}")
        if budget is not None:
            click.echo(str(budget))
    sys.exit(0 if granted else 1)


def spent_told(spent: Spent | None) -> dict[str, Told] | None:
    """Give what was spent of a page's daily budget as scripts read it."""
    if spent is None:
        return None
    row = spent.row
    return {"day": row.day.isoformat(), "spent": row.spent, "of": row.limit, "unit": row.unit}


def _section(title: str, lines: Sequence[str]) -> None:
    """Print *lines* under *title*, if there are any."""
    if lines:
        click.echo(f"\n{title}:")
        for line in lines:
            click.echo(f"  {line}")


def _listed(name: str, connector: Connector) -> dict[str, Told]:
    return {
        "name": name,
        "imports": connector.imports,
        "capabilities": _told(connector.capabilities),
    }


def _told(can: Capabilities) -> dict[str, Told]:
    """Give what a connector can see as scripts read it."""
    return {
        "posts": can.posts,
        "comments": can.comments,
        "edits": can.edits,
        "removals": can.removals,
        "hidden": can.hidden,
        "media": can.media,
        "backfill": can.backfill,
        "moderation": list(can.moderation),
    }


def _shown(can: Capabilities) -> tuple[bool, ...]:
    return can.posts, can.comments, can.media, can.hidden


def _explained(connector: Connector) -> dict[str, Told]:
    can = connector.capabilities
    return {
        "platform": connector.platform,
        "version": connector.version,
        "permissions": list(can.access.permissions),
        "steps": list(can.access.steps),
        "settings": [_setting(setting) for setting in connector.settings],
        "blind_to": list(can.blind_to),
        "terms": can.access.terms,
    }


def _setting(setting: Setting) -> dict[str, Told]:
    return {
        "name": setting.name,
        "kind": setting.kind,
        "help": setting.help,
        "required": setting.required,
        "default": setting.default,
    }


def _yes(seen: bool) -> str:
    return "yes" if seen else "no"


connectors.add_command(connectors_enable)
connectors.add_command(connectors_enabled)
