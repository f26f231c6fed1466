"""Visiting several pages at a time; one that fails does not stop the others."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial

from archiver.catalogue.captures import VISIT
from archiver.ports import Connector
from archiver.procedures.capture import Opener, Progress, Visitor, capture_page
from archiver.records.captures import CaptureStatus, Coverage, Gap, GapReason
from archiver.records.errors import ArchiveBusy, ArchiverError
from archiver.records.pages import PageSettings

_LOG = logging.getLogger(__name__)

PARALLEL = 4
"""How many pages are visited at a time, at most."""


def capture_all(
    visitor: Visitor,
    wanted: Sequence[tuple[Connector, PageSettings, Opener]],
    *,
    full: bool = False,
    light: bool = False,
    vouched: bool = False,
    progress: Progress = lambda _count: None,
) -> list[Coverage]:
    """Visit pages, at most four at a time, and give their records in the order asked.

    Each visit keeps what this context says, such as its pace.
    A page that cannot be visited is a failed capture, and does not stop the others. One that is
    being visited by another process is told as failed (`busy`); the record is the other's.
    """
    seen: dict[str, int] = {}

    def one(connector: Connector, settings: PageSettings, opener: Opener) -> Coverage:
        def tell(count: int) -> None:
            seen[settings.name] = count
            progress(sum(seen.values()))

        try:
            return capture_page(
                visitor,
                connector,
                settings,
                opener,
                full=full,
                light=light,
                vouched=vouched,
                progress=tell,
            )
        except ArchiverError as error:
            return _not_made(settings, str(error), _why(error))

    with ThreadPoolExecutor(PARALLEL, thread_name_prefix="visit") as threads:
        visits = [threads.submit(copy_context().run, partial(one, *page)) for page in wanted]
    return [
        _outcome(visit, settings) for visit, (_, settings, _) in zip(visits, wanted, strict=True)
    ]


def _outcome(visit: Future[Coverage], settings: PageSettings) -> Coverage:
    """Give what a visit came to; a mistake in a connector is one page's failure, and is logged.

    What tells the process to stop is no mistake, and passes.
    """
    mistake = visit.exception()
    if not isinstance(mistake, Exception):
        return visit.result()
    _LOG.error("the visit of %s broke off", settings.name, exc_info=mistake)
    words = f"{type(mistake).__name__} in {settings.connector}"
    return _not_made(settings, words, GapReason.UNREADABLE)


def _why(error: ArchiverError) -> GapReason:
    return GapReason.BUSY if isinstance(error, ArchiveBusy) else GapReason.NOT_KEPT


def _not_made(settings: PageSettings, words: str, why: GapReason) -> Coverage:
    """Give the record of a visit that came to nothing, for whoever asked for it."""
    gap = Gap(what=VISIT + settings.name, why=why, detail=words)
    return Coverage(page=settings.name, status=CaptureStatus.FAILED, gaps=[gap])
