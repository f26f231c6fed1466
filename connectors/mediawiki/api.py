"""Asking a wiki through its Action API: slices walked to their end, errors under 200 told apart."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from archiver.records.errors import AnswerUnreadable, PermissionLost, PlatformUnreachable
from connectors.cutting import json_list, json_parts, object_of
from connectors.fetching import Answer, Fetcher

AT_ONCE = 50
"""How many pages may be named in one question."""

_ATTEMPTS = 5
_PATIENT_SECONDS = 5.0
_BUSY = frozenset({"maxlag", "ratelimited", "readonly", "concurrency-limit"})
_REFUSED = frozenset(
    {
        "readapidenied",
        "permissiondenied",
        "assertuserfailed",
        "assertnameduserfailed",
        "mwoauth-invalid-authorization",
        "mwoauth-invalid-authorization-invalid-user",
        "blocked",
        "autoblocked",
    }
)
_BROKEN = "internal_api_error"
_OF_AN_ANSWER = frozenset({"batchcomplete", "continue", "query"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """One answer to a query: the parts of `query`, as sent, and whether pages are whole by now."""

    parts: Mapping[str, bytes]
    whole: bool

    def rows(self, name: str) -> list[tuple[object, bytes]]:
        """Give the elements of the list *name*, each with its bytes; none where it was not sent.

        Raises:
            AnswerUnreadable: it is no list.
        """
        return json_list(self.parts[name]) if name in self.parts else []


class Wiki:
    """The Action API at *api*; *known* says that the fetcher asks as an account of the wiki."""

    def __init__(self, fetcher: Fetcher, *, api: str, known: bool) -> None:
        self.fetcher = fetcher
        self._api = api
        self._always = {"action": "query", "format": "json", "formatversion": "2"}
        self._always |= {"maxlag": "5"} | ({"assert": "user"} if known else {})

    def query(self, asked: Mapping[str, str]) -> Iterator[Chunk]:
        """Yield every answer to *asked*, until the wiki says that there is no more.

        Raises:
            PermissionLost: the wiki does not let us read, or does not know the token.
            PlatformUnreachable: it stays too busy, or fails within.
            AnswerUnreadable: it answers with something else, or goes in a circle.
        """
        place: dict[str, str] = {}
        been: set[tuple[tuple[str, str], ...]] = set()
        while True:
            answer, value = self._ask({**asked, **place})
            if not value.keys() & _OF_AN_ANSWER:
                raise AnswerUnreadable(f"{answer.url.partition('?')[0]} answered no question")
            sent = json_parts(answer.body)
            whole = "batchcomplete" in value or "continue" not in value
            yield Chunk(json_parts(sent.get("query", b"{}")), whole)
            onward = value.get("continue")
            if onward is None:
                return
            place = {key: str(each) for key, each in object_of(onward, "a place").items()}
            key = tuple(sorted(place.items()))
            if key in been:
                raise AnswerUnreadable(f"{answer.url}: the slices go in a circle")
            been.add(key)

    def _ask(self, asked: Mapping[str, str]) -> tuple[Answer, Mapping[str, object]]:
        told = ""
        for _ in range(_ATTEMPTS):
            params = self._always | dict(asked)
            answer = self.fetcher.get(self._api, params=params)
            value = object_of(answer.json(), "an answer")
            error = value.get("error")
            if not isinstance(error, dict):
                return answer, value
            code = str(error.get("code"))
            told = f"{answer.url.partition('?')[0]} answered with the error {_code(code)}"
            if code in _REFUSED:
                raise PermissionLost(told)
            if code not in _BUSY and not code.startswith(_BROKEN):
                raise AnswerUnreadable(told)
            self.fetcher.pause(self._api, _pause(answer))
        raise PlatformUnreachable(f"{told}, {_ATTEMPTS} times in a row")


def strings(body: bytes) -> Mapping[str, object]:
    """Read the object *body*, which was cut from an answer."""
    return object_of(json.loads(body), "a part of an answer")


def _pause(answer: Answer) -> float:
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isdecimal() else _PATIENT_SECONDS


def _code(code: str) -> str:
    return code if code.replace("-", "").replace("_", "").isalnum() else "without a name"
