"""Health: what needs a hand, judged from how the archive stands. Pure: no clock, no catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from archiver.catalogue import jobs
from archiver.catalogue.jobs import JobRow
from archiver.procedures.authority import QUORUM
from archiver.procedures.heartbeat import scheduler_problems
from archiver.procedures.indexing import Condition
from archiver.procedures.problems import RECONNECT, REMEDIES, Problem, of_error, subject_of_page
from archiver.procedures.stamping import ANCHOR, STAMP
from archiver.procedures.standing import PageStanding, Standing
from archiver.procedures.timetable import (
    DELAYED,
    MAIL,
    NIGHTLY,
    SCHEDULER,
    Outcome,
    day_due,
    struck,
)
from archiver.records.captures import CaptureStatus
from archiver.records.counting import count_of
from archiver.records.moments import local_day_at, moment

LATE = timedelta(hours=2)
"""How long after its hour a night's work may begin before it counts as missed."""

SECOND_LOOK = timedelta(days=3)
"""How long a failure to stamp or to anchor counts; a night that tries no more has no authority."""

COPY_BEHIND = timedelta(hours=1)
"""How long the ledger's copy may lack an entry: longer than the longest deed acknowledges."""

LEAST_FREE = 1024**3
"""Free bytes below which the archive's folder counts as full."""

TELL_AT_LEAST = 2
"""How many people must be told, so that one who is away is not the only one."""

_LIVE_BETTER = ("index", "unfinished destruction")
"""Steps of a night whose present state is looked at itself."""


def problems(standing: Standing) -> list[Problem]:
    """Name everything that needs a hand, the gravest first."""
    found = [
        *_destruction(standing),
        *_approvers(standing),
        *_ledger(standing),
        *_night(standing),
        *_pages(standing),
        *_imports(standing),
        *_index(standing),
        *_holds(standing),
        *_other_runs(standing),
        *scheduler_problems(standing),
        *_telling(standing),
        *_witnesses(standing),
        *_disk(standing),
    ]
    return list({problem.subject: problem for problem in reversed(found)}.values())[::-1]


def notes(standing: Standing) -> list[str]:
    """Say what is worth knowing and needs no hand today."""
    told = [*_of_people(standing), *standing.thawed_told]
    if not standing.adopted:
        told.append("the schedule carries no adoption record: nothing is ever destroyed under it")
    elif standing.due_unattended and not standing.unattended:
        waits = count_of(standing.due_unattended, "item is due and waits", "items are due and wait")
        told.append(f"{waits}: see `archiver dispositions list`")
    if standing.adopted and standing.due_for_people.items:
        people = standing.due_for_people.told("item is due", "items are due")
        told.append(
            f"{people} by people's approval; what no plan names and nothing keeps waits for "
            "`archiver dispositions plan`"
        )
    if standing.index.waiting and standing.index.indexed is not None:
        unindexed = count_of(standing.index.waiting, "item waits", "items wait")
        told.append(f"{unindexed} to be indexed")
    if standing.locks_waiting:
        unlocked = count_of(standing.locks_waiting, "item waits", "items wait")
        told.append(f"{unlocked} for locks in the object store")
    if standing.ledger.copied and standing.ledger.copied < standing.ledger.size:
        behind = count_of(standing.ledger.size - standing.ledger.copied, "entry", "entries")
        told.append(f"the ledger's copy lacks {behind}, to come with the next deed")
    for page in standing.pages:
        told += _of_page(page)
    a_day_ago = standing.now - timedelta(days=1)
    told += [
        f"{beat.name.removeprefix(DELAYED)}: {beat.detail}"
        for beat in standing.beats.values()
        if beat.name.startswith(DELAYED) and moment(beat.at) > a_day_ago
    ]
    return told


def _of_people(standing: Standing) -> Iterator[str]:
    if standing.demonstration:
        yield "this is a demonstration archive: nothing in here is a record"
        if standing.recipients < TELL_AT_LEAST:
            yield "nobody is told of failures by mail ([alerts] mail_to)"
    elif standing.approvers < QUORUM and not standing.adopted:
        yield _too_few(standing)


def _of_page(page: PageStanding) -> Iterator[str]:
    if not page.status and not page.imports:
        yield f"{page.name} has not been visited yet"
    elif page.imports and page.status == CaptureStatus.PARTIAL:
        yield f"{page.name}: its last import has gaps"
    if page.called:
        yield f"{page.name} stands as {page.called} in searches and holds: its first name"
    if page.rechecks_waiting:
        yield f"{page.name}: {page.rechecks_waiting} re-checks waiting; each night takes up some"
    if page.differing:
        yield (
            f"{page.name}: below {page.differing} posts the platform counts other comments than it "
            f"shows, {page.differing_by} in all; `archiver capture PAGE --json` names the posts"
        )
    if page.spent is not None:
        yield f"{page.name}: {page.spent}"
    if lasting := page.lasting - len(page.not_granted):
        lasts = count_of(lasting, "gap lasts", "gaps last")
        yield f"{page.name}: {lasts}: gone for good, too large or not to be had"
    for what in page.not_granted:
        yield (
            f"{page.name}: its token is not shown {what}: grant that and run `archiver connect`, "
            "or set moderation = false"
        )


# --- the gravest --------------------------------------------------------------------------------


def _destruction(standing: Standing) -> Iterator[Problem]:
    if standing.unreconciled:
        yield Problem(
            subject="restore",
            what="the archive was restored from a backup and is not reconciled",
            remedy="Run `archiver restore --reconcile`; until then nothing is destroyed.",
        )
    if standing.unfinished and not standing.at_work:
        begun = count_of(standing.unfinished, "item")
        yield Problem(
            subject="unfinished destruction",
            what=f"the destruction of {begun} was begun and is not done",
            remedy="`archiver nightly` finishes it first; if it stays, read what that says.",
        )


def _approvers(standing: Standing) -> Iterator[Problem]:
    """Name that law is in force, and nobody can see to it: so it is after every rebuild."""
    if standing.demonstration or not standing.adopted or standing.approvers >= QUORUM:
        return
    remedy = "Enter another person who may approve, with `archiver people add`."
    if standing.may_approve >= QUORUM:
        remedy = (
            "No rebuild brings credentials back: an administrator runs `archiver people enrol` at "
            "a terminal, then invites everybody else with `archiver people enrol NAME`."
        )
    yield Problem(subject="approvers", what=_too_few(standing), remedy=remedy)


def _too_few(standing: Standing) -> str:
    able = standing.approvers
    return f"{able} of {QUORUM} people can approve: until then nothing is destroyed"


def _ledger(standing: Standing) -> Iterator[Problem]:
    ledger = standing.ledger
    if ledger.fault is not None:
        yield ledger.fault
    elif ledger.copied == 0 and ledger.size:
        yield Problem(
            subject="ledger copy",
            what=f"the object store has no signed copy of the ledger's {ledger.size} entries",
            remedy="Check that [archive] objects names the archive's own store, and that it was "
            "not emptied: run `archiver verify` before anything more is archived.",
        )
    elif ledger.copied is not None and ledger.copied != ledger.size:
        longer = ledger.copied > ledger.size
        if longer or standing.now - moment(ledger.last_at) > COPY_BEHIND:
            yield Problem(
                subject="ledger copy",
                what=f"the ledger has {ledger.size} entries, its signed copy {ledger.copied}",
                remedy="The next run brings a lagging copy up to date; a longer copy means that "
                "the catalogue lost entries: run `archiver ledger verify`.",
            )


# --- runs ---------------------------------------------------------------------------------------


def _night(standing: Standing) -> Iterator[Problem]:
    due = day_due(standing.now, standing.nightly, standing.zone)
    began = struck(due, standing.nightly, standing.zone)
    overdue = standing.now - began > LATE and began > moment(standing.founded_at)
    run = standing.runs.get(NIGHTLY)
    if overdue and (run is None or date.fromisoformat(run.day) < due):
        last = "none has ever run" if run is None else f"the last was that of {run.day}"
        yield Problem(
            subject="missed night",
            what=f"the nightly job of {due} has not run; {last}",
            remedy="Start `archiver run` as a service; `archiver nightly` does the work now.",
        )
    if run is not None:
        yield from _of_run(standing, run)


def _other_runs(standing: Standing) -> Iterator[Problem]:
    for job, run in sorted(standing.runs.items()):
        if job != NIGHTLY:
            yield from _of_run(standing, run)


def _of_run(standing: Standing, run: JobRow) -> Iterator[Problem]:
    dead = run.status == jobs.RUNNING and not standing.at_work & {run.job, SCHEDULER}
    if dead or run.status == jobs.BROKEN_OFF:
        yield Problem(
            subject=run.job,
            what=f"{run.job} of {run.day} was broken off",
            remedy="The next run does its work; nothing half-done stays.",
        )
        return
    named = {page.name for page in standing.pages}
    for problem in Outcome.read(run).problems:
        seen_itself = problem.subject in {subject_of_page(name) for name in named}
        if not seen_itself and problem.subject not in _LIVE_BETTER:
            yield problem


def _holds(standing: Standing) -> Iterator[Problem]:
    for name in standing.unreviewed:
        yield Problem(
            subject=f"review of {name}",
            what=f"{name} asks to be looked at again; it binds until counsel lifts it",
            remedy=f'Say `archiver holds review {name} --reason "…"`, or have counsel lift it.',
        )


# --- pages, index, telling, disk ----------------------------------------------------------------


def _pages(standing: Standing) -> Iterator[Problem]:
    for page in standing.pages:
        if page.token_missing:
            yield Problem(
                subject=f"token of {page.name}",
                what=f"{page.name}: its token is not where token_env or token_file says",
                remedy="Set the variable where the archiver runs, in the service's environment "
                "too; or have `archiver connect` make the file.",
            )
        if page.token_dies_at is not None and moment(page.token_dies_at) <= standing.now:
            yield Problem(
                subject=f"token of {page.name}",
                what=f"{page.name}: its token died on "
                f"{local_day_at(page.token_dies_at, standing.zone)}",
                remedy=RECONNECT,
            )
        tolerable = {"", CaptureStatus.COMPLETE} | (
            {CaptureStatus.PARTIAL} if page.imports else set()
        )
        if page.status not in tolerable:
            open_ = count_of(page.gaps, "gap is open", "gaps are open")
            gaps = f", {open_}" if page.gaps else ""
            yield Problem(
                subject=subject_of_page(page.name),
                what=f"{page.name}: the last capture is {page.status}{gaps}",
                remedy=REMEDIES[CaptureStatus(page.status)],
            )


def _imports(standing: Standing) -> Iterator[Problem]:
    """Name what no night goes on with: whoever has the file must import it again."""
    for page in standing.pages:
        if page.unended and page.unended not in standing.at_work:
            here = count_of(page.live, "item is", "items are")
            yield Problem(
                subject=f"import of {page.name}",
                what=f"{page.name}: its last import was broken off; {here} here",
                remedy="Import the same file again: it goes on with what is not here yet.",
            )


def _index(standing: Standing) -> Iterator[Problem]:
    index = standing.index
    if index.fault is not None:
        yield of_error("index", index.fault)
    elif index.condition is Condition.DIFFERS:
        yield Problem(
            subject="index",
            what=f"the index holds {index.indexed} of {index.of} items, and none waits",
            remedy="Run `archiver index rebuild`; nothing archived is affected.",
        )


def _telling(standing: Standing) -> Iterator[Problem]:
    if standing.recipients < TELL_AT_LEAST and not standing.demonstration:
        yield Problem(
            subject="recipients",
            what=f"{standing.recipients} people are told of failures; it takes {TELL_AT_LEAST}",
            remedy="Name at least two addresses in [alerts] mail_to.",
        )
    mail = standing.beats.get(MAIL)
    if mail is not None and mail.detail:
        yield Problem(
            subject="mail",
            what="the last mail did not reach everybody whom [alerts] names",
            remedy="Check [alerts] and the mail server; whom it does not reach is told nothing.",
            detail=mail.detail,
        )


def _witnesses(standing: Standing) -> Iterator[Problem]:
    """Name what was not stamped or left elsewhere when it was last tried."""
    for beat in standing.beats.values():
        witness = beat.name == ANCHOR or beat.name.startswith(STAMP)
        if witness and beat.detail and standing.now - moment(beat.at) < SECOND_LOOK:
            yield Problem(
                subject=beat.name,
                what="the ledger's checkpoint could not be left with a witness the last time",
                remedy="Check [anchors] and [[time_stamps]]; the next night tries again.",
                detail=beat.detail,
            )


def _disk(standing: Standing) -> Iterator[Problem]:
    free = standing.free_bytes
    if free is not None and free < LEAST_FREE:
        yield Problem(
            subject="disk",
            what=f"only {free // 1024**2} MiB are free where the archive lies",
            remedy="Make room before the next capture; what cannot be kept becomes a gap.",
        )
