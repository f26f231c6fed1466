"""The duties of the timetable: each claims its day, does its work, and says how it came out.

A duty answers whether all was well. What it can explain it writes down and survives; what it
cannot, it writes down and lets pass, so that it is seen.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, time
from functools import partial
from threading import Condition, Event, Lock

from archiver.jobs.mail import Mailer
from archiver.jobs.reminding import remind
from archiver.jobs.work import compact, do_night, hour_of, look_around, sweep, visit_all
from archiver.office import Office
from archiver.office.naming import page_names
from archiver.procedures import telling, timetable
from archiver.procedures.pages_in_scope import pages_held
from archiver.procedures.problems import of_captures, of_error
from archiver.procedures.timetable import (
    DELAYED,
    LINE,
    NIGHTLY,
    SCHEDULER,
    STARTED,
    UPKEEP,
    WATCH,
    Outcome,
    visit_of,
)
from archiver.records.captures import Coverage
from archiver.records.errors import ArchiveBusy, ArchiverError
from archiver.records.moments import moment
from archiver.records.pages import PageSettings

MORNING = time(7)
"""When the line of the day goes out, in the agency's zone."""

HELD_MINUTES = 15
"""How often a page in the scope of a hold is visited, where its own `every` is not shorter yet."""

PATIENCE_SECONDS = 600.0
"""How long a night waits for a light visit to leave a page."""

Say = Callable[[str], None]
"""Writes a line into the journal of the process."""


class Duties:
    """The duties of one archive, done in the name of the scheduler's service person."""

    def __init__(self, office: Office, *, say: Say) -> None:
        """Open what the duties share between threads, once."""
        self.office = office
        self.account = office.account
        self.stopping = Event()
        self.say = say
        self._service = office.service
        self._mailer = Mailer(office.config.alerts)
        self._visiting = {page.name: Lock() for page in office.config.pages}
        self._busy = 0
        self._changed = Condition()
        self._opened = (office.classifier, office.connectors, office.index, office.objects)

    @property
    def light(self) -> list[PageSettings]:
        """Give the pages that are visited through the day, too."""
        return [
            page
            for page in self.office.config.pages
            if page.every is not None and not self.office.imports(page)
        ]

    def idle(self, *, within: float) -> bool:
        """Wait until no duty is at work; give False if one still is after *within* seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy, timeout=within)

    def tidy(self) -> None:
        """Write down what the last scheduler left under way; the night does that for itself."""
        timetable.break_off(self.account, but=NIGHTLY)

    # --- the night ----------------------------------------------------------------------------

    def nightly(self) -> bool:
        """Do the night's work that is due, and with it that of the nights that were missed."""
        config, now = self.office.config, self.account.now()
        day = timetable.day_due(now, hour_of(config), config.zone)
        missed = timetable.missed(self.account, NIGHTLY, day)
        with self._at_work():
            try:
                report = do_night(
                    self.office,
                    self._service,
                    again=False,
                    covering=missed,
                    capture=self._visit_all,
                    progress=self._go_on,
                )
            except ArchiveBusy as error:
                self.say(f"{NIGHTLY}: {error}; the night is left to it")
                return True
        if report is None:
            return True
        self.say(
            f"{NIGHTLY} of {day}: {len(report.captures)} pages, {report.indexed} indexed, "
            f"{report.purged.due} due, {report.purged.destroyed} destroyed"
            + "".join(f"; the freeze of {one.request} ended" for one in report.thawed)
            + (f"; caught up on {len(missed)} missed" if missed else "")
        )
        return self._came_out(NIGHTLY, report.outcome)

    def night_stands(self) -> bool:
        """Say whether the last night came out well, however long ago; say what to do if not."""
        run = timetable.ended_badly(self.account, NIGHTLY)
        if run is None:
            return True
        self.say(
            f"{NIGHTLY} of {run.day} came out with {run.status}: `archiver status` says why, and "
            "`archiver nightly` does it again"
        )
        return False

    def _visit_all(self) -> Sequence[Coverage]:
        with self.kept_from_light_visits():
            return visit_all(self.office, self._service, progress=self._go_on)

    @contextmanager
    def kept_from_light_visits(self) -> Iterator[None]:
        """Wait for every light visit that is at a page, and let none begin meanwhile."""
        with ExitStack() as visits:
            for lock in self._visiting.values():
                if lock.acquire(timeout=PATIENCE_SECONDS):
                    visits.callback(lock.release)
            yield

    # --- light visits -------------------------------------------------------------------------

    def overdue(self, page: PageSettings) -> bool:
        """Say whether the time between two light visits of *page* has gone by since the last."""
        return page.every is None or self._last_is_older(page, page.every)

    def _last_is_older(self, page: PageSettings, minutes: int) -> bool:
        run = timetable.last_run(self.account, visit_of(page.name))
        if run is None:
            return True
        return (self.account.now() - moment(run.begun_at)).total_seconds() >= 60 * minutes

    def visit_held(self) -> bool:
        """Visit lightly every page that a hold concerns and nobody has visited of late.

        Such a visit spends of the same budgets as every other, and none beyond them.
        """
        held = pages_held(self.account, page_names(self.office).pages)
        wanted = [
            page
            for page in self.office.config.pages
            if not self.office.imports(page)
            and self.office.id_of(page) in held
            and self._last_is_older(page, HELD_MINUTES)
        ]
        went_well = [self.visit(page) for page in wanted]
        return all(went_well)

    def visit(self, page: PageSettings) -> bool:
        """Visit *page* lightly and index what is new, unless the night's work is at it."""
        job, lock = visit_of(page.name), self._visiting[page.name]
        if not lock.acquire(blocking=False):
            timetable.beat(self.account, f"{DELAYED}{job}", "left out; the nightly job was at it")
            return True
        try:
            timetable.begin(self.account, job, self.account.today())
            return self._run(job, self.account.today(), lambda: self._visit(page))
        finally:
            lock.release()

    def _visit(self, page: PageSettings) -> Outcome:
        seen = self.office.capture([page], by=self._service, light=True, progress=self._go_on)
        self.office.feed_index(progress=self._go_on)
        self.office.lock_objects(progress=self._go_on)
        return Outcome(
            problems=tuple(of_captures(seen)), captures=timetable.statuses(seen), failed=False
        )

    # --- upkeep and telling -------------------------------------------------------------------

    def upkeep(self) -> bool:
        """Do the week's upkeep, if it is due: strays, and room in the catalogue."""
        config = self.office.config
        week = timetable.week_due(self.account.now(), hour_of(config), config.zone)
        if not timetable.claim(self.account, UPKEEP, week):
            return True
        return self._run(UPKEEP, week, self._tend)

    def _tend(self) -> Outcome:
        """Do each part of the upkeep, whatever becomes of the other."""
        problems = []
        for part in (partial(sweep, self.office, self._service), partial(compact, self.office)):
            try:
                with self.kept_from_light_visits():
                    self.say(f"{UPKEEP}: {part()}")
            except ArchiveBusy:
                raise
            except ArchiverError as error:
                problems.append(of_error(UPKEEP, error))
        return Outcome(problems=tuple(problems))

    def line(self) -> bool:
        """Send the line of the day, once, if it is morning and anybody is to be told."""
        today = self.account.today()
        due = timetable.day_due(self.account.now(), MORNING, self.office.config.zone)
        if due != today or not self._mailer.recipients:
            return True
        if not timetable.claim(self.account, LINE, today):
            return True
        return self._run(LINE, today, self._tell_day)

    def _tell_day(self) -> Outcome:
        agency = self.office.config.agency
        status = look_around(self.office)
        reached = telling.tell_day(self.account, agency, status, self._mailer.send)
        if again := remind(self.office, self._service):
            self.say(f"{LINE}: reminded of {again} notices")
        return Outcome(failed=not reached)

    def watch(self) -> bool:
        """Look around, and say what must be said now."""
        today = self.account.today()
        timetable.begin(self.account, WATCH, today)
        return self._run(WATCH, today, self._look)

    def _look(self) -> Outcome:
        status = look_around(self.office)
        if self._mailer.recipients:
            agency = self.office.config.agency
            told = telling.tell_failures(self.account, agency, status, self._mailer.send)
            if told:
                self.say(f"{WATCH}: told {told} problems by mail")
        return Outcome()

    def beat(self, state: str = STARTED) -> bool:
        """Give a sign of life, with the most memory the process ever had."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        mebibytes = peak >> (20 if sys.platform == "darwin" else 10)
        told = f"{state}; process {os.getpid()}; peak memory {mebibytes} MiB"
        timetable.beat(self.account, SCHEDULER, told)
        return True

    # --- how it came out ----------------------------------------------------------------------

    def _run(self, job: str, day: date, work: Callable[[], Outcome]) -> bool:
        """Do claimed *work*, and write down how it came out."""
        with self._at_work(), timetable.crash_written(self.account, job, day):
            try:
                outcome = work()
            except ArchiveBusy as error:
                timetable.break_off(self.account, job=job)
                self.say(f"{job}: {error}; the next run does it")
                return False
            except ArchiverError as error:
                outcome = Outcome(problems=(of_error(job, error),), failed=True)
            timetable.end(self.account, job, day, outcome)
        return self._came_out(job, outcome)

    def _came_out(self, job: str, outcome: Outcome) -> bool:
        for problem in outcome.problems:
            self.say(f"{job}: {problem.what} {problem.detail}".rstrip())
        if outcome.problems and job != WATCH:
            self.watch()
        return not outcome.problems and not outcome.failed

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._changed:
            self._busy += more
            self._changed.notify_all()

    def _go_on(self, _count: int) -> None:
        """End a long duty between two batches once the process is to stop."""
        if self.stopping.is_set():
            raise KeyboardInterrupt
