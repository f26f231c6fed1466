"""Asking the Graph API: nodes, edges slice by slice, and its errors told apart.

An error may come with any status, 200 among them. That an object does not exist and that we may
not see it is one and the same answer (100/33), so that it is no proof of a removal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import parse_qs, quote, urlsplit

from archiver.records.errors import (
    AnswerUnreadable,
    BudgetSpent,
    PermissionLost,
    PlatformUnreachable,
)
from archiver.records.exchanges import cut_from
from archiver.records.pages import TokenTerm
from connectors.cutting import json_member, json_one
from connectors.fetching import Answer, Fetcher
from connectors.graph.tokens import exchanged, told_of

_FOUND = 200
_ACCEPTED = (_FOUND, 400, 401, 403, 404)
_SPENT = frozenset({4, 17, 32, 341, 613, *range(80000, 80015)})
_REFUSED = frozenset({3, 10, 102, 104, 190, 368, *range(200, 300)})
_PASSING = frozenset({1, 2})
_INVALID, _MISSING, _ALIASES = 100, 33, 803
_WHY = {
    458: "the app is no longer allowed by the person whose token this is",
    459: "the person must sign in to Facebook and answer a check",
    460: "the person's password was changed",
    463: "the token has expired",
    464: "the person's account is not confirmed",
    467: "the token is no longer valid",
    492: "the person no longer has a role on the page",
}
_FIELD = re.compile(r"nonexisting field \((\w+)\)")
_NODE_TYPE = re.compile(r"node type \((\w+)\)")
_FIELD_NAME = re.compile(r"\w+")
_PLACE = ("after", "until", "__paging_token", "offset")
_SECRET = re.compile(rb"((?:access_token|appsecret_proof|input_token)(?:=|%3D))[^&\"'\\\s<]*")


@dataclass(frozen=True, slots=True)
class Node:
    """One object as the API gives it. *moment* is the server's own time of it (`Date`)."""

    value: Mapping[str, object]
    raw: bytes
    moment: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One slice of an edge: its elements with their own bytes, and the count of all, if told."""

    elements: list[tuple[object, bytes]]
    total: int | None


class Graph:
    """The Graph API at *base* (host and version), asked with one token."""

    def __init__(self, fetcher: Fetcher, *, base: str, token: str) -> None:
        self._fetcher = fetcher
        self._base = base.rstrip("/")
        self._token = token.encode()
        self._headers = {"authorization": f"Bearer {token}"}
        self._dropped: set[tuple[str, str]] = set()

    def node(self, path: str, fields: Sequence[str]) -> Node | None:
        """Give the object at *path*, or None: it does not exist, or we may not see it.

        Raises:
            PermissionLost, BudgetSpent, PlatformUnreachable, AnswerUnreadable.
        """
        answer, value = self._ask(path, fields, {})
        if _missing(value):
            return None
        return Node(
            value,
            self._stripped(json_one(answer.body)[1]),
            answer.headers.get("date", ""),
            answer.headers.get("facebook-api-version", ""),
        )

    def edge(
        self, path: str, fields: Sequence[str], params: Mapping[str, str] | None = None
    ) -> Iterator[Piece]:
        """Yield the edge at *path*, slice by slice, until the API names no next one.

        A slice may be shorter than asked for, or empty, and not be the last.

        Raises:
            PermissionLost, BudgetSpent, PlatformUnreachable, AnswerUnreadable.
        """
        place: dict[str, str] = {}
        been: set[tuple[tuple[str, str], ...]] = set()
        while True:
            answer, value = self._ask(path, fields, {**(params or {}), **place})
            if _missing(value):
                raise AnswerUnreadable(f"{answer.url}: it is not there, or not for us (100/33)")
            elements = [(e, self._stripped(raw)) for e, raw in json_member(answer.body, "data")]
            yield Piece(elements, _total(value))
            following = _following(value)
            if following is None:
                return
            place = following
            key = tuple(sorted(place.items()))
            if key in been:
                raise AnswerUnreadable(f"{answer.url}: the slices go in a circle")
            been.add(key)

    def token_term(self) -> TokenTerm | None:
        """Ask until when the token is good; None where the API does not say.

        Raises:
            PermissionLost, BudgetSpent, PlatformUnreachable, AnswerUnreadable.
        """
        asked = {"input_token": self._token.decode()}
        return told_of(self._asked(f"{self._base}/debug_token", asked, self._headers))

    def renewed_token(self) -> TokenTerm | None:
        """Exchange the token of an Instagram login for one that lives longer.

        Raises:
            PermissionLost, BudgetSpent, PlatformUnreachable, AnswerUnreadable.
        """
        asked = {"grant_type": "ig_refresh_token", "access_token": self._token.decode()}
        return exchanged(
            self._asked(f"{self._base.rpartition('/')[0]}/refresh_access_token", asked, {})
        )

    def _asked(
        self, url: str, params: Mapping[str, str], headers: Mapping[str, str]
    ) -> Mapping[str, object]:
        answer = self._fetcher.get(url, params=params, headers=headers, accept=_ACCEPTED)
        value = _value(answer)
        if error := _error(value):
            _refuse(answer, error)
        return value

    def _ask(
        self, path: str, fields: Sequence[str], params: Mapping[str, str]
    ) -> tuple[Answer, Mapping[str, object]]:
        """Ask once, and again without each field that this version of the API does not know."""
        url = f"{self._base}/{quote(path, safe='/')}"
        edge = path.rpartition("/")[2] if "/" in path else ""
        while True:
            wanted = [f for f in fields if (edge, _named(f)) not in self._dropped]
            asked = {**params, "fields": ",".join(wanted)}
            answer = self._fetcher.get(url, params=asked, headers=self._headers, accept=_ACCEPTED)
            value = _value(answer)
            error = value.get("error")
            if not isinstance(error, dict) or _missing(value):
                return answer, value
            unknown = _unknown_field(error)
            if unknown not in {_named(field) for field in wanted[1:]}:
                _refuse(answer, error)
            self._dropped.add((edge, unknown))

    def _stripped(self, raw: bytes) -> bytes:
        """Give *raw* without a token in it; all other bytes are the platform's own."""
        return cut_from(raw, _SECRET.sub(rb"\1", raw).replace(self._token, b""))


def _value(answer: Answer) -> Mapping[str, object]:
    """Read the object that *answer* must be; a refusal without one is told by its status."""
    try:
        value = answer.json()
    except AnswerUnreadable:
        value = None
    if isinstance(value, dict) and (answer.status == _FOUND or "code" in _error(value)):
        return value
    if answer.status in {401, 403}:
        raise PermissionLost(f"{answer.url} answered {answer.status}")
    raise AnswerUnreadable(f"{answer.url} answered {answer.status} with {answer.described()}")


def _error(value: Mapping[str, object]) -> Mapping[str, object]:
    error = value.get("error")
    return error if isinstance(error, dict) else {}


def _missing(value: Mapping[str, object]) -> bool:
    error = _error(value)
    code, below = error.get("code"), error.get("error_subcode")
    return code == _ALIASES or (code == _INVALID and below == _MISSING)


def _refuse(answer: Answer, error: Mapping[str, object]) -> NoReturn:
    """Raise what *error* means. Its own words are not repeated: they may hold the token."""
    code, below = error.get("code"), error.get("error_subcode")
    place = answer.url.partition("?")[0]
    told = f"{place} answered with Graph error {_digits(code)}/{_digits(below)}"
    if code in _SPENT:
        raise BudgetSpent(f"{told}: the app, or the page, has asked as often as it may for now")
    if code in _PASSING or error.get("is_transient") is True:
        raise PlatformUnreachable(told)
    if code in _REFUSED:
        why = _WHY.get(below, "") if isinstance(below, int) else ""
        raise PermissionLost(f"{told}: {why}" if why else told)
    found = _NODE_TYPE.search(str(error.get("message")))
    if found and found[1] == "User":
        raise PermissionLost(
            f"{told}: the token is a person's and not the page's: comments would come back empty",
            remedy="Put the page's own access token where token_env names it; nothing was removed.",
        )
    raise AnswerUnreadable(told)


def _unknown_field(error: Mapping[str, object]) -> str:
    message = str(error.get("message"))
    if error.get("code") != _INVALID or "(User)" in message:
        return ""
    found = _FIELD.search(message)
    return found[1] if found else ""


def _named(field: str) -> str:
    found = _FIELD_NAME.match(field)
    return found[0] if found else field


def _digits(value: object) -> str:
    return str(value) if isinstance(value, int) else "-"


def _total(value: Mapping[str, object]) -> int | None:
    summary = value.get("summary")
    total = summary.get("total_count") if isinstance(summary, dict) else None
    return total if isinstance(total, int) else None


def _following(value: Mapping[str, object]) -> dict[str, str] | None:
    """Give the place of the next slice, or None at the end. The address itself holds the token.

    Raises:
        AnswerUnreadable: there is a next slice, and its address names no place.
    """
    paging = value.get("paging")
    address = paging.get("next") if isinstance(paging, dict) else None
    if not isinstance(address, str) or not address:
        return None
    asked = parse_qs(urlsplit(address).query)
    place = {name: asked[name][0] for name in _PLACE if name in asked}
    if not place:
        raise AnswerUnreadable("the address of the next slice names no place")
    return place
