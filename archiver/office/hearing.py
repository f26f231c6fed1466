"""Working off what platforms delivered: page by page, a batch at a time.

A page's lock is held only while a batch of what waits for it is entered. Before anything is
destroyed what waits is worked off, too, so that no text outlives there what becomes of its item.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from archiver.office.deliveries import Deliveries
from archiver.office.token_files import as_it_stands
from archiver.procedures.hearing import hear
from archiver.records.captures import CaptureStatus, Coverage
from archiver.records.errors import ArchiveBusy
from archiver.records.pages import PageSettings

if TYPE_CHECKING:
    from archiver.office import Office

BATCH = 100
"""How many deliveries of a page are worked off at once, at most."""

BATCH_BYTES = 1024**2
"""How many bytes of deliveries are worked off at once, unless one alone is larger: so long a
visit of the page waits."""


def work_off(office: Office, deliveries: Deliveries) -> list[Coverage]:
    """Enter what waits, page by page, and index it; give a coverage record for each batch.

    What belongs to a page whose token is missing, or that is configured no more, waits on.

    Raises:
        ArchiveBusy: somebody else is at some of the pages; what waits for them waits on, that of
            the others is worked off.
        ArchiverError: the archive itself cannot take it; it waits on.
    """
    named = {office.id_of(page): page for page in office.config.pages}
    wanted = [named[name] for name in deliveries.pages() if name in named]
    if not wanted:
        return []
    office.open_schedule(office.service)
    found: list[Coverage] = []
    busy: ArchiveBusy | None = None
    for page in map(as_it_stands, wanted):
        try:
            while not page.secret_missing and (came := _batch_of(office, page, deliveries)):
                found.append(came)
                if came.status is CaptureStatus.FAILED:
                    break
        except ArchiveBusy as error:
            busy = error
    office.feed_index()
    office.lock_objects()
    if busy is not None:
        raise busy
    return found


def _batch_of(office: Office, page: PageSettings, deliveries: Deliveries) -> Coverage | None:
    waiting = deliveries.of(office.id_of(page), most=BATCH, most_bytes=BATCH_BYTES)
    if not waiting:
        return None
    coverage = hear(
        office.visitor(office.service),
        office.connectors[page.connector],
        page,
        [delivery for _, delivery in waiting],
        partial(office.source, page),
    )
    if coverage.status is not CaptureStatus.FAILED:
        deliveries.remove(path for path, _ in waiting)
    return coverage
