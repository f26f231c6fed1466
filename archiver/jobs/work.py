"""What the jobs do: wire a procedure from the office, and no more."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import date, time
from functools import partial

from archiver.config import Config
from archiver.office import Office
from archiver.office.deliveries import deliveries_of
from archiver.office.token_files import as_it_stands
from archiver.office.unpacking import left_unpacked
from archiver.procedures import nightly, timetable
from archiver.procedures.capture import Progress
from archiver.procedures.nightly import Night, Report
from archiver.procedures.stamping import leave_word
from archiver.procedures.status import Status, Viewpoint, status
from archiver.procedures.strays import dispose_strays
from archiver.procedures.upkeep import make_room
from archiver.records.captures import Coverage
from archiver.records.people import Person


def hour_of(config: Config) -> time:
    """Give the hour at which a night's work begins."""
    return time.fromisoformat(config.nightly)


def visit_all(office: Office, person: Person, *, progress: Progress) -> list[Coverage]:
    """Visit every page but those that are read from export files."""
    pages = [page for page in office.config.pages if not office.imports(page)]
    return office.capture(pages, by=person, progress=progress)


def do_night(
    office: Office,
    person: Person,
    *,
    again: bool,
    covering: Sequence[date] = (),
    capture: Callable[[], Sequence[Coverage]] | None = None,
    progress: Progress = lambda _count: None,
) -> Report | None:
    """Do the work of the night that is due, in the name of *person*; None where it is done.

    With *again* it is done even so. *capture* visits the pages in another way than just so.

    Raises:
        ArchiveBusy: another process is at a night's work.
    """
    account, config = office.account, office.config
    night = Night(
        account=account,
        person=person,
        schedule=office.schedule,
        capture=capture or partial(visit_all, office, person, progress=progress),
        feed_index=partial(office.feed_index, progress=progress),
        restrict=partial(office.open_schedule, person, most=None),
        lock_objects=partial(office.lock_objects, progress=progress),
        disposer=office.disposer,
        carry_out=config.purge_mode == "carry-out",
        leave_word=partial(leave_word, account, person, office.authorities(), config.anchors),
        legal_holder=office.legal_holder,
        request_cool_down_days=config.request_cool_down_days,
        sampling=config.terms.sampling,
        progress=progress,
    )
    day = timetable.day_due(account.now(), hour_of(config), config.zone)
    return nightly.run(night, day, covering=covering, again=again)


def look_around(office: Office) -> Status:
    """Say how the archive stands, and what needs a hand."""
    config = office.config
    return status(
        Viewpoint(
            account=office.account,
            index=office.index,
            schedule=office.schedule,
            pages=[as_it_stands(page) for page in config.pages],
            importing=frozenset(page.name for page in config.pages if office.imports(page)),
            nightly=hour_of(config),
            recipients=len(set(config.alerts.mail_to)),
            demonstration=config.demonstration,
            carry_out=config.purge_mode == "carry-out",
            clock_days=config.terms.clock_days,
            free_bytes=shutil.disk_usage(config.folder).free,
            locks=office.locker is not None,
            deliveries=deliveries_of(config).waiting(),
            unpacked=left_unpacked(config.file),
        )
    )


def sweep(office: Office, person: Person) -> str:
    """Destroy strays that are old enough, and say what that came to.

    Raises:
        ArchiveBusy: somebody visits a page, or disposes.
    """
    with office.disposer() as disposer:
        swept = dispose_strays(disposer, office.objects, person)
    return f"{swept.destroyed} strays destroyed, {len(swept.stayed)} stay"


def compact(office: Office) -> str:
    """Take out of the catalogue's file what was struck, and say what that came to.

    Raises:
        ArchiveBusy: somebody disposes, or writes all the time.
    """
    shorter = make_room(office.account)
    what = "shorter" if shorter >= 0 else "longer"
    return f"the catalogue is {abs(shorter)} bytes {what}"
