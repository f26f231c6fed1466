"""Asking LinkedIn's versioned API: lists by their offset, URNs written as Rest.li wants them.

A version of the API lives about a year, and is named in every question. How often an app may ask
in a day LinkedIn tells its developers alone; the count begins anew at midnight UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from archiver.records.errors import (
    AnswerUnreadable,
    BudgetSpent,
    PermissionLost,
    PlatformUnreachable,
)
from connectors.cutting import json_member
from connectors.fetching import Answer, Budget, Fetcher, retry_after

_AT_ONCE = 100
_TOGETHER = 50
_ATTEMPTS = 5
_FOUND, _UNAUTHORIZED, _NOT_FOUND, _NO_VERSION, _TOO_OFTEN = 200, 401, 404, 426, 429
_CODE = re.compile(r"[A-Z_]{1,60}")
_START = re.compile(r"[?&]start=(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice of a list: its elements with their own bytes, and the count of all, if told."""

    elements: list[tuple[object, bytes]]
    total: int | None


class LinkedIn:
    """The API at *base* in one *version*, asked with one token."""

    def __init__(
        self, fetcher: Fetcher, *, base: str, version: str, token: str, budget: Budget
    ) -> None:
        self._fetcher = fetcher
        self._base = base.rstrip("/")
        self._version = version
        self._headers = {
            "authorization": f"Bearer {token}",
            "linkedin-version": version,
            "x-restli-protocol-version": "2.0.0",
        }
        self._budget = budget

    def one(self, path: str) -> Answer | None:
        """Give the entity at *path*; None where LinkedIn says that there is none, or none for us.

        Raises:
            PermissionLost, BudgetSpent, PlatformUnreachable, AnswerUnreadable.
        """
        answer = self._ask(path, {})
        return None if answer.status == _NOT_FOUND else answer

    def slices(self, path: str, **asked: str) -> Iterator[Slice]:
        """Yield the list at *path*, slice by slice.

        Raises:
            PermissionLost, BudgetSpent, PlatformUnreachable, AnswerUnreadable.
        """
        start = 0
        while True:
            answer = self._ask(path, {**asked, "start": str(start), "count": str(_AT_ONCE)})
            told = answer.json()
            if answer.status == _NOT_FOUND or not isinstance(told, dict):
                raise AnswerUnreadable(f"{answer.url} answered {answer.status} with no list")
            paging = told.get("paging")
            place: Mapping[str, object] = paging if isinstance(paging, dict) else {}
            elements = json_member(answer.body, "elements")
            total = place.get("total")
            yield Slice(elements, total if isinstance(total, int) else None)
            following = _following(place, start, len(elements))
            if following is None:
                return
            start = following

    def social(self, urns: Sequence[str]) -> dict[str, Mapping[str, object]]:
        """Give what LinkedIn counts of reactions and comments below each of *urns*, if it does.

        Raises:
            PermissionLost, BudgetSpent, PlatformUnreachable, AnswerUnreadable.
        """
        found: dict[str, Mapping[str, object]] = {}
        for begin in range(0, len(urns), _TOGETHER):
            some = ",".join(quote(urn, safe="") for urn in urns[begin : begin + _TOGETHER])
            answer = self._ask(f"socialMetadata?ids=List({some})", {})
            told = answer.json()
            results = told.get("results") if isinstance(told, dict) else None
            if not isinstance(results, dict):
                raise AnswerUnreadable(f"{answer.url} answered {answer.status} without results")
            found |= {urn: one for urn, one in results.items() if isinstance(one, dict)}
        return found

    def close(self) -> None:
        """Write down what was spent."""
        self._budget.settle()

    def _ask(self, path: str, asked: Mapping[str, str]) -> Answer:
        url = f"{self._base}/{path}"
        if asked:
            pairs = (f"{name}={quote(value, safe='')}" for name, value in asked.items())
            url = f"{url}?{'&'.join(pairs)}"
        accept = (_FOUND, _UNAUTHORIZED, _NOT_FOUND, _NO_VERSION, _TOO_OFTEN)
        for _ in range(_ATTEMPTS):
            self._budget.take(1)
            answer = self._fetcher.get(url, headers=self._headers, accept=accept)
            self._budget.note(answer.headers)
            if answer.status != _TOO_OFTEN:
                return self._judged(answer)
            pause = retry_after(answer.headers)
            if pause is None:
                raise BudgetSpent(
                    f"{answer.url} answered {_TOO_OFTEN}: the app, or whoever gave the token, has "
                    "asked as often as LinkedIn allows today; it begins anew at midnight UTC"
                )
            self._fetcher.pause(url, pause)
        raise PlatformUnreachable(f"{answer.url} answered {_TOO_OFTEN}, {_ATTEMPTS} times in a row")

    def _judged(self, answer: Answer) -> Answer:
        """Give *answer* if it is one of the API's own; its words are not repeated.

        Raises:
            PermissionLost: the token is refused.
            AnswerUnreadable: LinkedIn has ended the version, or a 404 is not the API's.
        """
        if answer.status == _FOUND:
            return answer
        code = _code(answer)
        said = f"{answer.url} answered {answer.status} ({code or 'no code'})"
        if answer.status == _UNAUTHORIZED:
            raise PermissionLost(
                said,
                remedy="A token lives 60 days: say `archiver connect PAGE`; nothing was removed.",
            )
        if answer.status == _NO_VERSION:
            raise AnswerUnreadable(
                f"{said}: LinkedIn no longer serves version {self._version} of its API",
                remedy="Set api_version to one of the last twelve months, such as 202609.",
            )
        if not code:
            raise AnswerUnreadable(said)
        return answer


def _following(place: Mapping[str, object], start: int, given: int) -> int | None:
    """Give where the next slice begins; None after the last.

    The last is one that names no next one, and is not full, or reaches the count of all.
    """
    links = place.get("links")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("rel") == "next":
            found = _START.search(str(link.get("href")))
            return int(found[1]) if found and int(found[1]) > start else start + max(given, 1)
    total, most = place.get("total"), place.get("count")
    short = given < (most if isinstance(most, int) and 0 < most < _AT_ONCE else _AT_ONCE)
    more = isinstance(total, int) and start + given < total
    return start + given if given and (more or not short) else None


def _code(answer: Answer) -> str:
    """Give the code by which LinkedIn names a refusal; nothing where it is none of its own."""
    try:
        told = answer.json()
    except AnswerUnreadable:
        return ""
    if not isinstance(told, dict) or told.get("status") != answer.status:
        return ""
    code = str(told.get("code") or "")
    return code if _CODE.fullmatch(code) else f"service error {told.get('serviceErrorCode')}"
