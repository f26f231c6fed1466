"""Warnings about pages: what is in order today, and will not be for long, or not before a court."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from archiver.procedures.account import Account
from archiver.procedures.enabling import enabled
from archiver.procedures.problems import RECONNECT, Problem
from archiver.procedures.standing import Standing
from archiver.records.moments import local_day_at, moment
from archiver.records.pages import PageSettings

WARN_BEFORE = timedelta(days=14)
"""How long before a token dies that is said, again and again until it is mended."""


def tokens_dying(standing: Standing) -> Iterator[Problem]:
    """Name every page whose token dies soon, and the day by which to reconnect."""
    for page in standing.pages:
        at = page.token_dies_at
        if at is not None and timedelta(0) < moment(at) - standing.now <= WARN_BEFORE:
            day = local_day_at(at, standing.zone)
            yield Problem(
                subject=f"token of {page.name}",
                what=f"{page.name}: reconnect by {day}, on which its token dies",
                remedy=RECONNECT,
            )


def not_enabled(account: Account, pages: Iterable[PageSettings]) -> Iterator[Problem]:
    """Name every one of *pages* of which nobody entered by which statute it is captured."""
    for one in enabled(account, pages):
        if one.row is None:
            name = one.page.name
            yield Problem(
                subject=f"enabling of {name}",
                what=f"{name}: nothing says by which statute it is captured, and against "
                "which term of its platform",
                remedy=f'Have counsel say it: `archiver connectors enable "{name}" '
                "--term … --statute … --counsel … --date …`.",
            )
