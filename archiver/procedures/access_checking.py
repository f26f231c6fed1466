"""Checking access: whether a page lets its connector in, before a night depends on it.

Nothing is captured: what the visit yields is let go.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import datetime
from typing import Protocol, cast, runtime_checkable

from archiver.ports import Source
from archiver.records.captures import Gap, GapReason, Seen, Window
from archiver.records.errors import ConnectorError
from archiver.records.pages import AccessCheck

_REFUSED = frozenset({GapReason.PERMISSION_LOST, GapReason.UNREACHABLE, GapReason.UNTRUSTED})


@runtime_checkable
class AccessChecker(Protocol):
    """A source that can say of each right it needs whether the platform grants it."""

    def check(self) -> Iterator[AccessCheck]:
        """Yield what was tried; nothing is captured.

        Raises:
            ConnectorError: not even the token could be tried.
        """


@runtime_checkable
class ModerationChecker(Protocol):
    """A source that can say what it is shown of how its page is moderated."""

    def check_moderation(self) -> Iterator[AccessCheck]:
        """Yield what was tried, if it is asked for at all; a visit can do without each.

        Raises:
            ConnectorError: nothing could be tried.
        """


def check_access(source: Source, *, now: datetime) -> list[AccessCheck]:
    """Say whether a visit of *source* could begin at *now*, and what else it says of its rights.

    Where the source does not know its rights, a visit is begun, and ended at the first thing
    it shows. What it is shown of the page's moderation is tried if nothing was refused.
    """
    checks = _of_visit(source, now)
    if isinstance(source, ModerationChecker) and not any(check.refused for check in checks):
        try:
            checks += source.check_moderation()
        except ConnectorError as error:
            detail = f"{error} {error.remedy}"
            checks.append(AccessCheck("its moderation", granted=False, detail=detail))
    return checks


def _of_visit(source: Source, now: datetime) -> list[AccessCheck]:
    what = "a visit begins"
    if isinstance(source, AccessChecker):
        try:
            return list(source.check())
        except ConnectorError as error:
            return [AccessCheck(what, granted=False, detail=f"{error} {error.remedy}")]
    visit = cast("Generator[Seen]", source.visit(Window(since=now, young=now)))
    try:
        with closing(visit):
            first = next(visit, None)
    except ConnectorError as error:
        return [AccessCheck(what, granted=False, detail=f"{error} {error.remedy}")]
    if isinstance(first, Gap) and first.why in _REFUSED:
        return [AccessCheck(what, granted=False, detail=f"{first.what}: {first.detail}")]
    return [AccessCheck(what, granted=True)]
