"""Warnings about pages: what is in order today, and will not be for long, or not before a court."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archiver.procedures.account import Account
from archiver.procedures.enabling import enabled
from archiver.procedures.problems import Problem
from archiver.records.pages import PageSettings


def page_warnings(account: Account, pages: Iterable[PageSettings]) -> Iterator[Problem]:
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
