"""What a visit asks for: all, the look-back, or (lightly) only what is new; and to be alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta

from archiver.catalogue import Catalogue
from archiver.catalogue.pages import PageRow
from archiver.records.captures import GapReason, Window
from archiver.records.errors import ArchiveBusy, ArchiverError, ConnectorError, PermissionLost
from archiver.records.moments import moment
from archiver.records.pages import PageSettings

YOUNG = timedelta(days=14)
"""Posts younger than this have their comments asked for by every light visit."""


@contextmanager
def alone_at(catalogue: Catalogue, page: PageRow, *, heard: bool) -> Iterator[None]:
    """Be the only one who is at *page*, for a visit or to enter what was *heard* of it.

    A visit waits until what was heard is entered, which is soon; nobody waits for a visit.

    Raises:
        ArchiveBusy: somebody else is at it.
    """
    with ExitStack() as visiting:
        with ExitStack() as hearing:
            try:
                listening = catalogue.exclusive(f"hearing of page {page.n}", wait=not heard)
                hearing.enter_context(listening)
                visiting.enter_context(catalogue.exclusive(f"page {page.n}", wait=False))
            except ArchiveBusy as error:
                raise ArchiveBusy(f"another process is at work on the page {page.name}") from error
            if heard:
                yield
        if not heard:
            yield


def window_of(
    page: PageRow,
    settings: PageSettings,
    cursor: str | None,
    *,
    now: datetime,
    full: bool,
    light: bool,
) -> Window:
    """Give what is asked of *page*; until it was once walked to its end, that is everything.

    A nightly visit looks back from the last one that saw the end, so that late comments, edits
    and removals are seen. A light one begins where the last visit of either kind saw all that
    was new.
    """
    if page.walked_at is None:
        return Window(full=full, cursor=None if full else cursor, began=now)
    last = moment(max(page.walked_at, page.looked_at or 0))
    if full:
        return Window(full=True, began=now, last=last)
    if light:
        return Window(since=last, cursor=cursor, young=now - YOUNG, began=now, last=last)
    since = moment(page.walked_at) - timedelta(days=settings.look_back_days)
    return Window(since=since, cursor=cursor, began=now, last=last)


def demand_token(settings: PageSettings) -> None:
    """Let nothing be visited without the token it is to be visited with.

    A platform shows a stranger less, and what it does not show would seem removed.

    Raises:
        PermissionLost: it is not where the page's token_env or token_file says.
    """
    if settings.secret_missing:
        raise PermissionLost(
            f"{settings.name}: its token is not where token_env or token_file says",
            remedy="Set the variable where the archiver runs, in the service's environment too; "
            "or have `archiver connect` make the file.",
        )


def reason_of(error: Exception, *, opened: bool) -> GapReason:
    """Give the reason that *error* leaves for a visit it ended; *opened* says how far it came."""
    if isinstance(error, ConnectorError):
        return GapReason(error.gap)
    if not isinstance(error, ArchiverError):
        return GapReason.UNREADABLE
    return GapReason.NOT_KEPT if opened else GapReason.NOT_OPENED
