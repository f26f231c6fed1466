"""`schedule adopt`, `adoptions` and `accept-shorter`: what gives a schedule force."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.arguments import day, words
from archiver.cli.output import Told, day_time, emit_json, iso, json_option, table
from archiver.cli.root import Counter, pass_counter
from archiver.records.adoption import AUTOMATIC, Adoption, StillOnPlatform
from archiver.records.errors import ConfigInvalid
from archiver.records.promises import UNCONFIRMED

if TYPE_CHECKING:
    from archiver.office import Office
    from archiver.procedures.adopting import Adopting
    from archiver.procedures.asking_anew import Asked

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("adopt")
@click.argument("name", required=False)
@click.option("--confirm", metavar="ADOPTION", help="Confirm what another person entered.")
@click.option("--instrument", type=_FILE, help="The signed instrument; its file is kept.")
@click.option("--number", type=words, help="The number of the instrument.")
@click.option("--date", "in_force", type=day, metavar="YYYY-MM-DD", help="In force from this day.")
@click.option("--signed-by", multiple=True, type=words, help="Who signed it; repeatable.")
@click.option(
    "--demand", "demands", nargs=2, multiple=True, metavar="KEY ANSWER", help="What the state asks."
)
@click.option("--document", "documents", type=_FILE, multiple=True, help="A further signed file.")
@click.option("--determination", type=_FILE, help="The written determination on transitory items.")
@click.option(
    "--automatic",
    type=click.Choice(sorted(AUTOMATIC)),
    multiple=True,
    help="Whose transitory tags count without a person.",
)
@click.option(
    "--unattended-purge", is_flag=True, help="Let the nightly job destroy lapsed transitory items."
)
@click.option(
    "--still-on-platform",
    type=click.Choice([word.value for word in StillOnPlatform]),
    default=StillOnPlatform.KEEP.value,
    show_default=True,
    help="What may happen to items that a page you control still shows.",
)
@click.option(
    "--accept-shorter",
    "shorter",
    nargs=2,
    multiple=True,
    metavar="SERIES REASON",
    help="Accept that SERIES is kept shorter than was promised; repeatable.",
)
@click.option("--notes", default="", help="Anything a reader should know.")
@json_option
@pass_counter
def adopt(
    counter: Counter, name: str | None, confirm: str | None, *, as_json: bool, **options: object
) -> None:
    r"""Adopt the version of the schedule NAME (or the file NAME) that lies here now.

    One person enters the signed instrument; a second one confirms it. Demands: in CA
    council_resolution and attorney_consent; in MD schedule_number and state_archivist; in MO
    records_board; in TX slr_508. What nobody has confirmed keeps the longest period of all: where
    that gets shorter, `--accept-shorter unconfirmed` is the word for it.

    \b
    Examples:
      archiver schedule adopt city.toml --instrument slr508.pdf --number 1 --date 2026-03-01
      archiver schedule adopt --confirm A-0001
    """
    from archiver.procedures import adopting

    if bool(name) == bool(confirm):
        raise ConfigInvalid("name a schedule to adopt, or --confirm an adoption")
    office = counter.office
    if confirm:
        signed = office.sign_in()
        made = adopting.confirm(office.account, signed, confirm)
        opens = made.row.schedule == office.config.schedule.digest
        asked = office.open_schedule(signed.person) if opens else None
        _print(made, asked, as_json=as_json)
        return
    _print(_propose(office, name or "", options), as_json=as_json)


def _propose(office: Office, name: str, options: dict[str, object]) -> Adopting:
    from archiver.office.lookup import find_schedule
    from archiver.procedures.adopting import propose
    from archiver.procedures.instruments import instrument_at

    missing = [
        f"--{key.replace('_', '-')}: is missing"
        for key in ("instrument", "number", "in_force")
        if not options[key]
    ]
    if missing:
        raise ConfigInvalid([each.replace("in-force", "date") for each in missing])
    instrument, determination = options["instrument"], options["determination"]
    files = [instrument, *_listed(options["documents"]), determination]
    paths = [each for each in files if isinstance(each, Path)]
    found, text = find_schedule(name, Path.cwd())
    record = Adoption(
        instrument=paths[0].name,
        number=str(options["number"]),
        date=options["in_force"] if isinstance(options["in_force"], date) else date.max,
        signed_by=tuple(str(who) for who in _listed(options["signed_by"])),
        unattended_purge=bool(options["unattended_purge"]),
        automatic=frozenset(str(word) for word in _listed(options["automatic"])),
        still_on_platform=StillOnPlatform(str(options["still_on_platform"])),
        transitory_determination=(determination.name if isinstance(determination, Path) else None),
        demands={str(key): str(answer) for key, answer in _pairs(options["demands"])},
        shorter={str(number): str(why) for number, why in _pairs(options["shorter"])},
        notes=str(options["notes"]),
    )
    documents = [instrument_at(path) for path in paths]
    return propose(office.account, office.sign_in(), found, text, record, documents)


def _listed(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def _pairs(value: object) -> list[tuple[object, object]]:
    return [(pair[0], pair[1]) for pair in _listed(value) if isinstance(pair, tuple)]


def _print(made: Adopting, asked: Asked | None = None, *, as_json: bool) -> None:
    if as_json:
        counts: dict[str, Told] = {
            "restricted": asked.restricted if asked is not None else None,
            "not_asked_yet": asked.waiting if asked is not None else None,
        }
        emit_json(told(made) | {"shorter": list(made.shorter)} | counts)
        return
    row = made.row
    if row.confirmed_at is None:
        click.echo(f"{row.adoption}: the adoption of {row.name} is entered, and not in force")
        click.echo(
            f"a second person confirms it: `archiver schedule adopt --confirm {row.adoption}`"
        )
    else:
        click.echo(f"{row.adoption}: {row.name} is adopted, in force from {made.record.date}")
    for number in made.shorter:
        what = "the longest period" if number == UNCONFIRMED else f"series {number}"
        click.echo(f"warning: {what} is shorter than was promised, or gone; the promise binds")
    if asked is not None and (asked.restricted or asked.waiting):
        click.echo(f"{asked.restricted} items that were here before are restricted by it")
    if asked is not None and asked.waiting:
        click.echo(
            f"its rules are still to be asked of {asked.waiting} items: the next night does, and "
            "until then they count as restricted"
        )
    for number, reason in made.record.shorter.items():
        click.echo(f"series {number} may be kept shorter than was promised: {reason}")


def told(made: Adopting) -> dict[str, Told]:
    """Give an adoption as scripts read it."""
    row, record = made.row, made.record
    return {
        "adoption": row.adoption,
        "schedule": row.name,
        "digest": row.schedule,
        "status": made.stands,
        "instrument": record.instrument,
        "number": record.number,
        "date": record.date.isoformat(),
        "signed_by": list(record.signed_by),
        "demands": dict(record.demands),
        "documents": dict(record.documents),
        "accepted_shorter": dict(record.shorter),
        "unattended_purge": record.unattended_purge,
        "automatic": sorted(record.automatic),
        "still_on_platform": record.still_on_platform.value,
        "transitory_determination": record.transitory_determination,
        "proposed_by": row.proposed_by,
        "proposed_at": iso(row.proposed_at),
        "confirmed_by": row.confirmed_by,
        "confirmed_at": iso(row.confirmed_at),
        "withdrawn_by": row.withdrawn_by,
        "withdrawn_at": iso(row.withdrawn_at),
    }


@click.command("adoptions")
@json_option
@pass_counter
def adoptions(counter: Counter, *, as_json: bool) -> None:
    r"""List every adoption: which version it binds, by what instrument, and how it stands.

    \b
    Example:
      archiver schedule adoptions --json
    """
    from archiver.procedures.adopting import listed

    found = listed(counter.office.account)
    if as_json:
        emit_json({"adoptions": [told(made) for made in found]})
        return
    rows = [
        (
            made.row.adoption,
            made.row.name,
            made.row.schedule[:12],
            made.stands.replace("_", " "),
            f"{made.record.instrument} {made.record.number}",
            made.record.date.isoformat(),
            day_time(made.row.confirmed_at),
        )
        for made in found
    ]
    columns = ("adoption", "schedule", "version", "status", "instrument", "from", "confirmed")
    table("Adoptions", columns, rows)


@click.command("withdraw")
@click.argument("adoption")
@click.option("--reason", required=True, type=words, help="Why; it is kept in a paper.")
@click.option("--document", required=True, type=_FILE, help="The signed withdrawal; it is kept.")
@json_option
@pass_counter
def withdraw(
    counter: Counter, adoption: str, reason: str, document: Path, *, as_json: bool
) -> None:
    r"""Withdraw ADOPTION: from now on nothing is destroyed under it, and its plans are void.

    One person who may adopt is enough to stop. What it promised of each series goes on binding.

    \b
    Example:
      archiver schedule withdraw A-0001 --reason "Resolution 2027-9" --document 2027-9.pdf
    """
    from archiver.procedures import adopting
    from archiver.procedures.instruments import instrument_at

    office, instrument = counter.office, instrument_at(document)
    made = adopting.withdraw(
        office.account, office.sign_in(), adoption, reason=reason, instrument=instrument
    )
    if as_json:
        emit_json(told(made))
    else:
        click.echo(f"{adoption} is withdrawn; nothing is destroyed under {made.row.name}")


@click.command("accept-shorter")
@click.argument("series")
@click.option("--reason", required=True, type=words, help="Why; it is kept in a paper.")
@pass_counter
def accept_shorter(counter: Counter, series: str, reason: str) -> None:
    r"""Accept that the adopted schedule keeps SERIES shorter than an earlier one promised.

    \b
    Example:
      archiver schedule accept-shorter IND-SM-12 --reason "Resolution 2027-3, section 2"
    """
    from archiver.procedures import promising

    office = counter.office
    released = promising.accept_shorter(
        office.account, office.sign_in(), office.schedule, series, reason=reason
    )
    click.echo(f"series {series}: {released} earlier promises bind no longer")
