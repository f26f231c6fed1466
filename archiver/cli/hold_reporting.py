"""`holds report`: what a hold covers, who was told, how it changed, and what was gone before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.output import Told, emit_json, iso, json_option, said
from archiver.cli.root import Counter, pass_counter
from archiver.cli.scopes import scope_told
from archiver.records.moments import moment, ordinal_day

if TYPE_CHECKING:
    from archiver.office import Office
    from archiver.printing.sheets import Grid, Sheet
    from archiver.procedures.hold_report import HoldReport
    from archiver.records.holds import Scope

_NAMED = 3
"""How many items, threads or authors of a scope are named one by one on paper."""


@click.command("report")
@click.argument("hold")
@click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write a PDF.")
@click.option("--csv", type=click.Path(dir_okay=False, path_type=Path), help="Write what was gone.")
@json_option
@pass_counter
def holds_report(
    counter: Counter, hold: str, pdf: Path | None, csv: Path | None, *, as_json: bool
) -> None:
    r"""Say what HOLD covers, since when, who was told, and what in its bounds was already gone.

    \b
    Examples:
      archiver holds report H-0001 --pdf H-0001.pdf
      archiver holds report H-0001 --json
    """
    from archiver.printing.pages import as_pdf
    from archiver.printing.spreadsheets import as_csv
    from archiver.procedures.hold_report import report

    office = counter.for_reader
    found = report(office.account, hold)
    sheet = _sheet(office, found)
    if pdf is not None:
        pdf.write_bytes(as_pdf(sheet))
    if csv is not None:
        gone = sheet.tables[1]
        csv.write_text(as_csv(gone.columns, gone.rows), "utf-8")
    if as_json:
        emit_json(_told(found))
        return
    for name, value in sheet.fields:
        click.echo(f"{name:24} {value}")
    for grid in sheet.tables:
        click.echo(f"\n{grid.title}")
        for row in grid.rows:
            click.echo("\t".join("-" if cell is None else str(cell) for cell in row))


def _sheet(office: Office, found: HoldReport) -> Sheet:
    from archiver.printing.sheets import Sheet

    row, told = found.row, _told(found)
    fields = ("hold", "matter", "matter_name", "kind", "status", "issued_at", "by", "bound_at")
    answered = sum(notice.acknowledged_at is not None for notice in found.notices)
    widened = [one for one in found.widenings if one.wide == row.hold.id]
    return Sheet(
        title=f"Legal hold {row.hold.id}",
        subtitle=office.config.agency,
        fields=[
            *((name.replace("_", " "), str(told[name] or "-")) for name in fields),
            ("reason", row.hold.reason),
            ("next review", str(told["review_on"])),
            ("lifted at", iso(row.lifted_at)),
            ("scope", _scope_said(found, row.hold.scope)),
            ("widens", said(told["widens"])),
            ("widened by", ", ".join(one.added for one in widened) or "-"),
            ("narrowed", f"{len(found.narrowings)} times" if found.narrowings else "-"),
            ("grown", _grown_said(found)),
            ("items covered", found.covered),
            ("notices acknowledged", f"{answered} of {len(found.notices)}"),
            ("destroyed within bounds", sum(gone.items for gone in found.gone)),
            ("destroyed, where they lay is not told", found.untold),
            ("lost, not destroyed", len(found.lost)),
            ("open gaps within bounds", len(found.gaps)),
        ],
        tables=_tables(found),
    )


def _grown_said(found: HoldReport) -> str:
    """Say how often a hold has grown, and how many items that bound."""
    bound = sum(one.bound for one in found.growths)
    return f"{len(found.growths)} times, by {bound} items there were" if found.growths else "-"


def _tables(found: HoldReport) -> list[Grid]:
    from archiver.printing.sheets import Grid

    return [
        _notices(found),
        Grid(
            title="Destroyed within its bounds (authors and words of these are not known)",
            columns=("certificate", "its digest", "completed", "items"),
            rows=[(g.batch, g.certificate, iso(g.destroyed_at), g.items) for g in found.gone],
        ),
        Grid(
            title="Lost, and not destroyed (captured, and no row or bytes found since)",
            columns=("item", "page", "captured", "covered"),
            rows=[(o["item"], o["page"], o["captured_at"], o["covered"]) for o in _lost(found)],
        ),
        Grid(
            title="Gaps within its bounds",
            columns=("page", "what", "why", "since"),
            rows=[
                (found.pages[g.page_n].name, g.what, g.why, iso(moment(g.opened_at)))
                for g in found.gaps
            ],
        ),
        Grid(
            title="Widened and narrowed",
            columns=("when", "what", "by", "scope", "items that left"),
            rows=[*_widened(found), *_narrowed(found)],
        ),
    ]


def _notices(found: HoldReport) -> Grid:
    from archiver.printing.sheets import Grid

    names = _page_names(found)
    return Grid(
        title="Who was told",
        columns=("notice", "to", "page", "given", "reminded", "acknowledged", "by"),
        rows=[
            (
                n.notice,
                n.name,
                names.get(n.page, n.page) or None,
                iso(n.given_at),
                iso(n.reminded_at),
                iso(n.acknowledged_at),
                _name(found, n.acknowledged_by) or None,
            )
            for n in found.notices
        ],
    )


def _widened(found: HoldReport) -> list[tuple[str | None, ...]]:
    return [
        (iso(one.at), f"{one.wide} widened by {one.added}", _name(found, one.by))
        for one in found.widenings
    ]


def _narrowed(found: HoldReport) -> list[tuple[str | int | None, ...]]:
    name = found.row.hold.id
    return [
        (
            iso(one.at),
            f"{name} narrowed" + ("" if one.done else ", not yet swept through"),
            _name(found, one.by),
            _scope_said(found, scope),
            left,
        )
        for (one, left), scope in zip(found.narrowings, found.row.hold.narrowed, strict=True)
    ]


def _page_names(found: HoldReport) -> dict[str, str]:
    return {page.page: page.name for page in found.pages.values()}


def _scope_said(found: HoldReport, scope: Scope) -> str:
    """Give a scope as a line of text: of many ids how many they are; `--json` has each."""
    told = scope_told(scope, _page_names(found))
    for name, ids in told.items():
        if isinstance(ids, list) and len(ids) > _NAMED:
            told[name] = f"{len(ids)} of them"
    return said(told)


def _told(found: HoldReport) -> dict[str, Told]:
    row = found.row
    return {
        "hold": row.hold.id,
        "matter": found.matter.id,
        "matter_name": found.matter.name,
        "kind": row.kind.value,
        "status": row.hold.status.value,
        "reason": row.hold.reason,
        "issued_at": iso(row.issued_at),
        "by": _name(found, row.by),
        "bound_at": iso(row.bound_at),
        "review_on": ordinal_day(row.review_on).isoformat(),
        "lifted_at": iso(row.lifted_at),
        "scope": scope_told(row.hold.scope, _page_names(found)),
        "scopes": [dict(scope.to_json()) for scope in row.hold.scopes],
        "covered": found.covered,
        **_changes_told(found),
        "notices": _notices_told(found),
        "untold": found.untold,
        "already_gone": _gone_told(found),
        "lost": list[Told](_lost(found)),
        "gaps": [
            {
                "page": found.pages[g.page_n].name,
                "what": g.what,
                "why": g.why,
                "at": iso(g.opened_at),
            }
            for g in found.gaps
        ],
    }


def _gone_told(found: HoldReport) -> list[Told]:
    return [
        {
            "batch": g.batch,
            "certificate": g.certificate,
            "completed_at": iso(g.destroyed_at),
            "items": g.items,
        }
        for g in found.gone
    ]


def _lost(found: HoldReport) -> list[dict[str, str | None]]:
    """Tell of the lost items; without their words nobody knows more than what names them."""
    named = {item for scope in found.row.hold.scopes for item in scope.items}
    return [
        {
            "item": one.item,
            "page": found.pages[one.page_n].name if one.page_n in found.pages else None,
            "captured_at": iso(one.captured_at),
            "covered": "by name" if one.item in named else "not known",
        }
        for one in found.lost
    ]


def _changes_told(found: HoldReport) -> dict[str, Told]:
    hold = found.row.hold
    return {
        "widens": [one.wide for one in found.widenings if one.added == hold.id],
        "widened": [
            {"hold": one.added, "at": iso(one.at), "by": _name(found, one.by)}
            for one in found.widenings
            if one.wide == hold.id
        ],
        "narrowed": [
            {
                "at": iso(one.at),
                "by": _name(found, one.by),
                "scope": scope_told(scope, _page_names(found)),
                "left": left,
                "done": one.done,
            }
            for (one, left), scope in zip(found.narrowings, hold.narrowed, strict=True)
        ],
        "growths": [{"at": iso(one.at), "bound": one.bound} for one in found.growths],
    }


def _notices_told(found: HoldReport) -> list[Told]:
    names = _page_names(found)
    return [
        {
            "notice": n.notice,
            "to": n.name,
            "page": names.get(n.page, n.page) or None,
            "given_at": iso(n.given_at),
            "returned": n.returned,
            "reminded_at": iso(n.reminded_at),
            "acknowledged_at": iso(n.acknowledged_at),
            "acknowledged_by": _name(found, n.acknowledged_by) or None,
        }
        for n in found.notices
    ]


def _name(found: HoldReport, person: str) -> str:
    return found.people.get(person, person)
