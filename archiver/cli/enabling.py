"""`connectors enable` and `connectors enabled`: by which statute a page is captured."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.arguments import day, words
from archiver.cli.output import Told, emit_json, iso, json_option, table
from archiver.cli.root import Counter, pass_counter
from archiver.records.moments import ordinal_day

if TYPE_CHECKING:
    from archiver.procedures.enabling import Enabled


@click.command("enable")
@click.argument("page")
@click.option("--term", required=True, type=words, help="The platform's term on deletion.")
@click.option("--statute", required=True, type=words, help="What is relied on against it.")
@click.option("--counsel", required=True, type=words, help="Which attorney said so.")
@click.option("--date", "dated", required=True, type=day, help="On which day.")
@click.option(
    "--document",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Counsel's own letter: the file is hashed and kept.",
)
@pass_counter
def connectors_enable(
    counter: Counter,
    page: str,
    term: str,
    statute: str,
    counsel: str,
    dated: date,
    document: Path | None,
) -> None:
    r"""Enter by which statute PAGE is captured, whatever its platform's terms ask.

    `archiver connectors show NAME` quotes what those terms say of deletion. What is entered later
    counts instead of what was entered before. Without it the page is captured all the same, and
    `status` is amber.

    \b
    Example:
      archiver connectors enable X --term 3.d --statute 34090 --counsel "R. Roe" --date 2026-03-01
    """
    from archiver.procedures.enabling import Reliance, enable
    from archiver.procedures.instruments import instrument_at

    office = counter.office
    settings = office.config.page(page)
    row = enable(
        office.account,
        office.sign_in(),
        settings,
        Reliance(term=term, statute=statute, counsel=counsel, dated=dated),
        instrument_at(document) if document is not None else None,
    )
    click.echo(f"{row.enabling}: {settings.name} is captured by {statute}")


@click.command("enabled")
@json_option
@pass_counter
def connectors_enabled(counter: Counter, *, as_json: bool) -> None:
    r"""List every page with the statute by which it is captured, or none.

    \b
    Example:
      archiver connectors enabled --json
    """
    from archiver.procedures.enabling import enabled

    office = counter.office
    found = enabled(office.account, office.config.pages)
    if as_json:
        emit_json({"pages": [_told(one) for one in found]})
        return
    rows = [[str(value or "-") for value in _told(one).values()][:6] for one in found]
    table("Pages", ("page", "enabling", "term", "statute", "counsel", "dated"), rows)


def _told(one: Enabled) -> dict[str, Told]:
    row = one.row
    return {
        "page": one.page.name,
        "enabling": row.enabling if row else None,
        "term": row.term if row else None,
        "statute": row.statute if row else None,
        "counsel": row.counsel if row else None,
        "dated": ordinal_day(row.dated).isoformat() if row else None,
        "connector": row.connector if row else one.page.connector,
        "document": (row.document or None) if row else None,
        "entered_at": iso(row.entered_at) if row else None,
        "by": row.by if row else None,
        "paper": row.paper if row else None,
    }
