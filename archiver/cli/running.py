"""`nightly`, `run` and `status`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from archiver.cli.capturing import print_coverages
from archiver.cli.capturing import told as told_coverage
from archiver.cli.connecting import spent_told
from archiver.cli.output import (
    Told,
    day_time,
    emit_json,
    iso,
    json_option,
    progress,
    table,
    told_stayed,
)
from archiver.cli.purge_output import told_of_considered, told_of_due
from archiver.cli.root import Counter, pass_counter
from archiver.records.counting import count_of

if TYPE_CHECKING:
    from archiver.procedures.nightly import Report
    from archiver.procedures.problems import Problem
    from archiver.procedures.standing import PageStanding
    from archiver.procedures.status import Status


@click.command()
@json_option
@pass_counter
def nightly(counter: Counter, *, as_json: bool) -> None:
    r"""Do one night's work now: capture every page, classify, index, purge.

    Destructions that were begun and not done are finished first. Items are destroyed only where
    the schedule's adoption authorises it and [purge] mode is "carry-out"; otherwise a plan is
    made and waits. Exits with 1 when anything is not complete, and names it.

    \b
    Example:
      archiver nightly --json
    """
    from archiver.jobs.work import do_night
    from archiver.procedures.due_now import due_for_people

    office = counter.office
    with progress("items seen") as tell:
        report = do_night(office, office.person, again=True, progress=tell)
    if report is None:
        raise TypeError("a night done again gives a report")
    if as_json:
        report.purged.for_people = due_for_people(office.account, office.schedule)
        emit_json(_told_night(report))
    else:
        _print_night(report)
    name_problems(report)


def name_problems(report: Report) -> None:
    """Say what of a night needs a hand, and end with 1 where anything does."""
    for problem in report.problems:
        click.echo(f"{problem.what}: {problem.detail or 'see above'}", err=True)
        click.echo(f"  remedy: {problem.remedy}", err=True)
    if report.problems:
        sys.exit(1)


def _told_night(report: Report) -> Told:
    purged = report.purged
    return {
        "captures": [told_coverage(coverage) for coverage in report.captures],
        "holds_evaluated": report.holds_evaluated,
        "thawed": [
            {"request": one.request, "hold": one.hold, "cooling": one.cooling}
            for one in report.thawed
        ],
        "resumed": report.resumed,
        "indexed": report.indexed,
        "locked": report.locked,
        "purge": {
            "plan": purged.plan,
            **told_of_considered(purged),
            "destroyed": purged.destroyed,
            "stayed": told_stayed(purged.stayed),
        },
        "problems": [{"what": p.what, "remedy": p.remedy} for p in report.problems],
    }


def _print_night(report: Report) -> None:
    purged = report.purged
    print_coverages(report.captures)
    for one in report.thawed:
        click.echo(
            f"the freeze of {one.request} ({one.hold}) ended with the request's own file: "
            f"{count_of(one.cooling, 'item')} to cool down"
        )
    if report.resumed:
        click.echo(f"destroyed, as was begun before: {count_of(report.resumed, 'item')}")
    click.echo(f"{count_of(report.indexed, 'item')} indexed")
    if report.locked:
        click.echo(f"{report.locked} items' locks in the object store brought up to date")
    due = count_of(purged.due, "item")
    click.echo(f"{due} due, {purged.destroyed} destroyed, {len(purged.stayed)} stayed")
    if purged.due > purged.destroyed + len(purged.stayed):
        click.echo(f"{purged.plan} waits: `archiver dispositions show {purged.plan}`")


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@pass_counter
def run(counter: Counter, *, once: bool) -> None:
    r"""Run the timetable until stopped: the nightly job, light visits, upkeep, alerts.

    One process of an archive does this; a second one refuses. With --once everything that is
    due now is done, one after the other, and the command ends: with 1 if anything failed, and as
    long as the last night, done before, did not come out well.

    \b
    Examples:
      archiver run
      archiver run --once
    """
    from archiver.jobs.duties import Duties
    from archiver.jobs.scheduling import run as run_timetable
    from archiver.jobs.scheduling import run_once
    from archiver.office.unpacking import sweep_unpacked

    sweep_unpacked(counter.config)
    duties = Duties(counter.office, say=lambda line: click.echo(line, err=True))
    if once:
        if not run_once(duties):
            sys.exit(1)
        return
    if not run_timetable(duties):
        click.echo("stopped within a batch; the next start takes it up", err=True)
        os._exit(0)


@click.command()
@json_option
@pass_counter
def status(counter: Counter, *, as_json: bool) -> None:
    r"""Say how the archive stands, and what needs a hand; exits with 1 where something does.

    It is green, amber where there are warnings of what will need one, or red. A note says below
    how many posts of a page the last visit found other counts of comments than the platform
    shows. It makes nothing amber: such a count may take in what is hidden, deleted or withheld.
    Which posts they are stands in that visit's coverage record, and `capture --json` names them.
    What the platform itself counted at the last visit may be of the days alone that a nightly
    visit looks back, where the items are all that is archived: it is no measure of a loss.

    \b
    Example:
      archiver status --json
    """
    from archiver.jobs.work import look_around

    found = look_around(counter.office)
    if as_json:
        emit_json(_told_status(found))
    else:
        _print_status(found)
    if not found.healthy:
        sys.exit(1)


def _told_status(found: Status) -> Told:
    from archiver.procedures.listening import listening_told

    at = found.standing
    index, ledger, night = at.index, at.ledger, found.last_night
    return {
        "healthy": found.healthy,
        "degree": found.degree.value,
        "problems": [_told_problem(problem) for problem in found.problems],
        "warnings": [_told_problem(warning) for warning in found.warnings],
        "notes": list(found.notes),
        "last_nightly": None
        if night is None
        else {
            "at": iso(night.begun_at),
            "ended": iso(night.ended_at),
            "status": night.status,
            "day": night.day,
        },
        "pages": [_told_page(page) for page in at.pages],
        "index": {
            "state": index.condition.value,
            "indexed": index.indexed,
            "of": index.of,
            "waiting": index.waiting,
        },
        **told_of_due(at.due_unattended, at.due_for_people),
        "held": at.held,
        "queue": at.queue,
        "unfinished": at.unfinished,
        "locks_waiting": at.locks_waiting,
        "heartbeat": found.heartbeat,
        "listening": listening_told(found.standing),
        "ledger": {"entries": ledger.size, "copied": ledger.copied},
        "approvers": at.approvers,
        "demonstration": at.demonstration,
        "adopted": at.adopted,
        "free_bytes": at.free_bytes,
    }


def _told_problem(problem: Problem) -> Told:
    return {
        "subject": problem.subject,
        "what": problem.what,
        "remedy": problem.remedy,
        "detail": problem.detail,
    }


def _told_page(page: PageStanding) -> Told:
    return {
        "page": page.name,
        "visited": iso(page.visited_at),
        "complete": iso(page.whole_at),
        "status": page.status or None,
        "items": page.live,
        "gaps": page.gaps,
        "lasting_gaps": page.lasting,
        "not_granted": list(page.not_granted),
        "rechecks_waiting": page.rechecks_waiting,
        "differences": {"posts": page.differing, "comments": page.differing_by},
        "platform_count": page.platform_count,
        "token_missing": page.token_missing,
        "token_dies": iso(page.token_dies_at),
        "budget": spent_told(page.spent),
    }


def _ago(beat: Mapping[str, str | int]) -> str:
    """Say how old the scheduler's last sign of life is; a clock put back makes it one to come."""
    age = int(beat["age_seconds"])
    return f"{age} seconds ago" if age >= 0 else f"at {beat['at']}, which is to come by this clock"


def _print_status(found: Status) -> None:
    at = found.standing
    rows = [
        (
            page.name,
            page.status or "-",
            day_time(page.visited_at),
            str(page.live),
            "-" if page.platform_count is None else str(page.platform_count),
            f"{page.gaps} (and {page.lasting} lasting)" if page.lasting else str(page.gaps),
        )
        for page in at.pages
    ]
    table("Pages", ("page", "last capture", "visited", "items", "counted last", "gaps"), rows)
    night, index = found.last_night, at.index
    click.echo(
        "last nightly job: "
        + ("none" if night is None else f"{night.day}, {night.status}, {day_time(night.begun_at)}")
    )
    indexed = "index unavailable," if index.indexed is None else f"{index.indexed} indexed of"
    live = count_of(index.of, "item")
    click.echo(f"{indexed} {live}; {at.due_told}, {at.held} held, {at.queue} to review")
    if (beat := found.heartbeat) is not None:
        click.echo(f"scheduler: {beat['says']}, {_ago(beat)}")
    for note in found.notes:
        click.echo(f"note: {note}")
    for problem in found.problems:
        click.secho(f"problem: {problem.what}", fg="red")
        if problem.detail:
            click.echo(f"  {problem.detail}")
        click.echo(f"  remedy: {problem.remedy}")
    for warning in found.warnings:
        click.secho(f"warning: {warning.what}", fg="yellow")
        click.echo(f"  remedy: {warning.remedy}")
    state = "healthy" if found.healthy else "needs a hand"
    click.secho(f"{state}, with warnings" if found.warnings else state, bold=True)
