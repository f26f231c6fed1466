"""Asking the YouTube Data API: what a question costs, slice after slice, what a refusal means.

Every question asked here costs one unit of the day's quota, and five what is said in a live chat,
refused ones too; `search`, which costs a hundred, is never asked. The quota begins anew at midnight
Pacific time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from archiver.records.errors import (
    AnswerUnreadable,
    BudgetSpent,
    PermissionLost,
    PlatformUnreachable,
)
from archiver.records.pages import WriteSpending
from connectors.cutting import count_of, json_member
from connectors.fetching import Answer, Budget, Fetcher

PACIFIC = ZoneInfo("America/Los_Angeles")
LONGEST_WAIT = 30.0
"""A visit waits no longer than this many seconds for what is said next in a live chat."""

CHAT_READ = 5
"""What a slice of a live chat costs, by the documentation of `liveChatMessages.list`."""

_KEY = re.compile(r"AIza|AQ\.")
_CODE = re.compile(r"\w{1,60}", re.ASCII)
_FOUND, _NOT_FOUND, _FORBIDDEN, _BAD = 200, 404, 403, 400
_SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "servingLimitExceeded"})
_KEY_DEAD = frozenset({"keyInvalid", "keyExpired", "API_KEY_INVALID", "API_KEY_EXPIRED"})
_PATIENT_TRIES = 6
_OF_A_LIST = frozenset({"items", "pageInfo"})
_REMEDY = (
    "Check in the Google Cloud console that the YouTube Data API v3 is enabled for the project "
    "and that the page's key or token may use it; nothing was marked removed."
)


@dataclass(frozen=True, slots=True)
class Slice:
    """One answer to a list: its elements, or the *refusal* that was given in their place."""

    elements: list[tuple[object, bytes]]
    refusal: str = ""


class Api:
    """The API as one credential sees it: a key, or the access token of who signed in.

    *whose* tells the budget, where it is not the credential's own.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        base: str,
        secret: str,
        *,
        limit: int | None,
        whose: str = "",
        write: WriteSpending | None = None,
    ) -> None:
        key = bool(_KEY.match(secret))
        self.signed_in = not key
        self._fetcher = fetcher
        self._base = base.rstrip("/")
        header = {"x-goog-api-key": secret} if key else {"authorization": f"Bearer {secret}"}
        self._headers = header
        self._budget = Budget(f"{base} {whose or secret}", limit=limit, zone=PACIFIC, write=write)

    @property
    def spent(self) -> int:
        """Give the units that were spent today, by every page that asks with this credential."""
        return self._budget.spent

    def close(self) -> None:
        """Write down what was spent."""
        self._budget.settle()

    def slices(
        self, resource: str, params: Mapping[str, str], *, refusals: frozenset[str] = frozenset()
    ) -> Iterator[Slice]:
        """Yield the list *resource*, slice by slice; a refusal of *refusals* is the last one.

        Raises:
            BudgetSpent, PermissionLost, AnswerUnreadable, PlatformUnreachable: as for `ask`.
        """
        token, walked = "", set[str]()
        while True:
            more = {"pageToken": token} if token else {}
            told, refusal = self._ask(resource, {**params, **more}, refusals)
            if refusal:
                yield Slice([], refusal)
                return
            answer, piece = _listed(told)
            yield piece
            walked.add(token)
            token = str(answer.get("nextPageToken") or "")
            if not token or token in walked:
                return

    def polled(
        self, resource: str, params: Mapping[str, str], *, refusals: frozenset[str], most: int
    ) -> Iterator[Slice]:
        """Yield what is said in a live chat, at most *most* slices, until one brings nothing.

        The chat goes on while it is read: nothing is asked sooner than YouTube allows. A refusal
        of *refusals* is the last slice.

        Raises:
            BudgetSpent, PermissionLost, AnswerUnreadable, PlatformUnreachable: as for `ask`.
        """
        token = ""
        for _ in range(most):
            more = {"pageToken": token} if token else {}
            told, refusal = self._ask(resource, {**params, **more}, refusals, cost=CHAT_READ)
            if refusal:
                yield Slice([], refusal)
                return
            answer, piece = _listed(told)
            yield piece
            token = str(answer.get("nextPageToken") or "")
            if not token or not piece.elements:
                return
            wait = count_of(answer.get("pollingIntervalMillis")) or 0
            self._fetcher.pause(f"{self._base}/{resource}", min(wait / 1000, LONGEST_WAIT))

    def ask(self, resource: str, params: Mapping[str, str]) -> list[tuple[object, bytes]]:
        """Give the elements of a list that has one slice.

        Raises:
            BudgetSpent: the day's quota is spent, by the platform's count or by ours.
            PermissionLost: the credential is refused.
            AnswerUnreadable: another refusal, or no list as documented.
            PlatformUnreachable: no answer, or we are told to be slower however slow we are.
        """
        return next(self.slices(resource, params)).elements

    def _ask(
        self,
        resource: str,
        params: Mapping[str, str],
        refusals: frozenset[str],
        *,
        cost: int = 1,
    ) -> tuple[Answer, str]:
        url = f"{self._base}/{resource}"
        for attempt in range(_PATIENT_TRIES):
            self._budget.take(cost)
            accept = (_FOUND, _BAD, _FORBIDDEN, _NOT_FOUND)
            answer = self._fetcher.get(url, params=params, headers=self._headers, accept=accept)
            self._budget.note(answer.headers)
            if answer.status == _FOUND:
                return answer, ""
            reasons = _reasons(answer)
            if expected := sorted(refusals & reasons):
                return answer, expected[0]
            if not reasons & _TOO_FAST:
                raise self._refused(answer, reasons)
            self._fetcher.pause(url, 2.0**attempt)
        raise PlatformUnreachable(f"{url} says we ask too fast, {_PATIENT_TRIES} times in a row")

    def _refused(
        self, answer: Answer, reasons: frozenset[str]
    ) -> BudgetSpent | PermissionLost | AnswerUnreadable:
        said = (
            f"{answer.url} answered {answer.status} ({', '.join(sorted(reasons)) or 'no reason'})"
        )
        if reasons & _SPENT:
            self._budget.note(answer.headers, exhausted=True)
            return BudgetSpent(
                f"{said}: the project's quota of the day is spent; it begins anew at midnight "
                "Pacific time"
            )
        if answer.status == _FORBIDDEN or reasons & _KEY_DEAD:
            return PermissionLost(said, remedy=_REMEDY)
        return AnswerUnreadable(said)


def _listed(told: Answer) -> tuple[Mapping[str, object], Slice]:
    """Give what an answer tells, and the elements of its list, which it leaves out where empty.

    Raises:
        AnswerUnreadable: it is no list, and so no empty one.
    """
    answer = told.json()
    if not isinstance(answer, dict) or not answer.keys() & _OF_A_LIST:
        raise AnswerUnreadable(f"{told.url} answered {told.status} with no list")
    return answer, Slice(json_member(told.body, "items") if "items" in answer else [])


def _reasons(answer: Answer) -> frozenset[str]:
    """Give the codes by which a refusal says why; nothing where it is no refusal of the API's."""
    try:
        told = answer.json()
    except AnswerUnreadable:
        return frozenset()
    error = told.get("error") if isinstance(told, dict) else None
    if not isinstance(error, dict):
        return frozenset()
    lists = (error.get("errors"), error.get("details"))
    named = [each.get("reason") for some in lists if isinstance(some, list) for each in some
             if isinstance(each, dict)]  # fmt: skip
    return frozenset(n for n in named if isinstance(n, str) and _CODE.fullmatch(n))
