"""Asking a WordPress site: where its REST API is, lists that lose nothing, what a refusal means.

A list is walked in the order of ids, by offset. What is added meanwhile comes at its end. What
is removed meanwhile moves the rest forward; so each slice begins with the last item of the one
before, and where it does not, the walk steps back until it meets what it has seen.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime

from archiver.records.captures import PlatformState
from archiver.records.errors import AnswerUnreadable, ConnectorError, PermissionLost
from connectors.cutting import json_list
from connectors.fetching import Answer, Fetcher
from connectors.wordpress.parsing import number_of, read_zone

LARGEST_SLICE = 100
"""The most elements WordPress gives in one answer."""

_INDEX = (
    "namespaces,timezone_string,gmt_offset,"
    "name,description,url,home,site_logo,site_icon,site_icon_url,_links"
)
_FOUND, _BAD, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 400, 401, 403, 404
_NO_LIST = "rest_no_route"
_PAST_THE_END = frozenset({"rest_post_invalid_page_number", "rest_revision_invalid_offset_number"})
_NOT_OURS_TO_SEE = frozenset({"rest_forbidden", "rest_cannot_read", "rest_cannot_read_post"})


@dataclass(frozen=True, slots=True)
class Slice:
    """A piece of a list: what it brings that is new, and how long the site says the list is.

    *absent* says that the site has no such list at all.
    """

    elements: list[tuple[object, bytes]]
    total: int | None = None
    absent: bool = False


class Site:
    """The REST API of one site; `begin` finds it. *credentials* go to the site alone."""

    def __init__(self, fetcher: Fetcher, url: str, credentials: Mapping[str, str]) -> None:
        self._fetcher = fetcher
        self._url = url.rstrip("/")
        self._headers = dict(credentials)
        self._plain = False
        self.known = bool(credentials)
        self.zone: tzinfo = UTC
        self.clock: datetime | None = None

    def begin(self) -> Answer:
        """Find the API, under `/wp-json/` or behind `index.php`, and learn the site's zone.

        Gives its index, with what the site says of itself there.

        Raises:
            PermissionLost, PlatformUnreachable, AnswerUnreadable: there is none to be asked.
        """
        asked = {"_fields": _INDEX}
        refused: ConnectorError | None = None
        for self._plain in (False, True):
            try:
                answer = self._get("/", asked)
                self._meet(answer)
            except AnswerUnreadable as error:
                refused = refused or error
            except PermissionLost as error:
                refused = error
            else:
                return answer
        raise refused or AnswerUnreadable(f"{self._url} shows no WordPress REST API")

    def walk(self, route: str, params: Mapping[str, str]) -> Iterator[Slice]:
        """Yield every element of the list at *route* once, in the order of ids.

        Raises:
            PermissionLost, PlatformUnreachable, AnswerUnreadable: the rest could not be had.
        """
        offset, last = 0, 0
        backing, confirmed = False, -1
        while True:
            piece, size = self._slice(route, params, offset)
            numbers = [number for value, _ in piece.elements if (number := _named(value))]
            torn = offset > 0 and min(numbers, default=last + 1) > last
            if torn and (backing or confirmed != last):
                backing, confirmed, offset = True, last, max(0, offset - size)
                continue
            backing = False
            fresh = [pair for pair in piece.elements if not 0 < _named(pair[0]) <= last]
            yield replace(piece, elements=fresh)
            last = max([last, *numbers])
            if piece.absent or not (fresh if piece.total is None else offset + size < piece.total):
                return
            offset += max(1, size - 1)

    def item(self, route: str, params: Mapping[str, str]) -> tuple[Answer, str]:
        """Ask for one item; give the answer, and WordPress's own word for why it is not there.

        Raises:
            PermissionLost: it is not the item that is refused, but we are.
            AnswerUnreadable: no WordPress answers so.
        """
        accept = (_FOUND, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND)
        answer = self._get(f"/wp/v2/{route}", params, accept=accept)
        if answer.status == _FOUND:
            return answer, ""
        code = _code(answer)
        refused = answer.status in {_UNAUTHORIZED, _FORBIDDEN}
        if refused and (
            code not in _NOT_OURS_TO_SEE or (self.known and answer.status == _UNAUTHORIZED)
        ):
            raise PermissionLost(f"{answer.url} answered {answer.status} {code}")
        if not code:
            raise AnswerUnreadable(
                f"{answer.url} answered {answer.status} without WordPress's own reason, "
                "which says nothing of the item"
            )
        return answer, code

    def _get(
        self, path: str, params: Mapping[str, str], *, accept: tuple[int, ...] = (_FOUND,)
    ) -> Answer:
        if self._plain:
            url, params = f"{self._url}/index.php", {"rest_route": path, **params}
        else:
            url = f"{self._url}/wp-json{path}"
        return self._fetcher.get(url, params=params, headers=self._headers, accept=accept)

    def _meet(self, answer: Answer) -> None:
        index = answer.json()
        spaces = index.get("namespaces") if isinstance(index, dict) else None
        if not isinstance(spaces, list) or "wp/v2" not in spaces:
            raise AnswerUnreadable(f"{answer.url} is no index of a WordPress REST API")
        self.zone = read_zone(index)
        try:
            self.clock = parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            self.clock = None

    def _slice(self, route: str, params: Mapping[str, str], offset: int) -> tuple[Slice, int]:
        """Give what the list has from *offset* on, and how many of its places that covers."""
        asked = {"per_page": str(LARGEST_SLICE), "orderby": "id", "order": "asc", **params}
        if offset:
            asked["offset"] = str(offset)
        answer = self._get(f"/wp/v2/{route}", asked, accept=(_FOUND, _BAD, _NOT_FOUND))
        if answer.status == _FOUND:
            answer.json()
            elements = json_list(answer.body)
            total, pages = (_header(answer, name) for name in ("x-wp-total", "x-wp-totalpages"))
            return Slice(elements, total), _size(len(elements), total, pages)
        code = _code(answer)
        if code in _PAST_THE_END:
            return Slice([], total=offset), LARGEST_SLICE
        if code == _NO_LIST:
            return Slice([], absent=True), LARGEST_SLICE
        if self.known and answer.status == _BAD:
            raise PermissionLost(
                f"{answer.url} answered 400 {code}: the account may not see every state",
                remedy="Give the account the role of an editor, or renew its password.",
            )
        raise AnswerUnreadable(f"{answer.url} answered {answer.status} {code}")


def gone(status: int, code: str, *, comment: bool) -> PlatformState:
    """Say what WordPress's answer to a request for one item means.

    401 or 403 for the item alone is a trashed or unpublished one. "Invalid id" for an id that
    once was valid is one deleted for good; but a comment whose *post* is invalid is only lost
    from sight with it.

    Raises:
        AnswerUnreadable: the answer says nothing about the item.
    """
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        return PlatformState.NOT_VISIBLE
    if code == ("rest_comment_invalid_id" if comment else "rest_post_invalid_id"):
        return PlatformState.REPORTED_REMOVED
    if comment and code == "rest_post_invalid_id":
        return PlatformState.NOT_VISIBLE
    raise AnswerUnreadable(f"answered {status} {code or 'without a reason'}")


def _size(given: int, total: int | None, pages: int | None) -> int:
    """Give how many places of the list a slice covers, never too many.

    A slice may hold fewer elements than it covers: what we may not read is left out of it.
    """
    if total is None or not pages:
        return given or LARGEST_SLICE
    whole = pages == math.ceil(total / LARGEST_SLICE)
    return LARGEST_SLICE if whole else math.ceil(total / pages)


def _named(value: object) -> int:
    try:
        return number_of(value)
    except AnswerUnreadable:
        return 0


def _header(answer: Answer, name: str) -> int | None:
    text = answer.headers.get(name, "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else None


def _code(answer: Answer) -> str:
    try:
        told = answer.json()
    except AnswerUnreadable:
        return ""
    code = told.get("code") if isinstance(told, dict) else None
    return code if isinstance(code, str) else ""
