"""Visiting several pages at a time; one that fails does not stop the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager

from archiver.ports import Connector, Source
from archiver.procedures.capture import Progress, Visitor, capture
from archiver.records.captures import CaptureStatus, Coverage, Gap, GapReason
from archiver.records.errors import ArchiverError, ConnectorError
from archiver.records.pages import PageSettings

_LOG = logging.getLogger(__name__)

PARALLEL = 4
"""How many pages are visited at a time, at most."""

Opener = Callable[[], AbstractContextManager[Source]]
"""Opens a page's source for one visit."""


def capture_all(
    visitor: Visitor,
    wanted: Sequence[tuple[Connector, PageSettings, Opener]],
    *,
    full: bool = False,
    vouched: bool = False,
    progress: Progress = lambda _count: None,
) -> list[Coverage]:
    """Visit pages, at most four at a time, and give their records in the order asked.

    A page that cannot be visited, or is being visited by another process, is recorded as failed
    and does not stop the others.
    """
    seen: dict[str, int] = {}

    def one(connector: Connector, settings: PageSettings, opener: Opener) -> Coverage:
        def tell(count: int) -> None:
            seen[settings.name] = count
            progress(sum(seen.values()))

        try:
            with opener() as source:
                return capture(
                    visitor, connector, settings, source, full=full, vouched=vouched, progress=tell
                )
        except ArchiverError as error:
            what = f"visit of {settings.name}: {error}"
            why = (
                GapReason(error.gap) if isinstance(error, ConnectorError) else GapReason.UNREACHABLE
            )
            gap = Gap(what=what, why=why)
            return Coverage(page=settings.name, status=CaptureStatus.FAILED, gaps=[gap])

    with ThreadPoolExecutor(PARALLEL, thread_name_prefix="visit") as threads:
        visits = [threads.submit(one, *page) for page in wanted]
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
    what = f"visit of {settings.name}: {type(mistake).__name__} in {settings.connector}"
    gap = Gap(what=what, why=GapReason.UNREADABLE)
    return Coverage(page=settings.name, status=CaptureStatus.FAILED, gaps=[gap])
