"""Asking Flickr: by a key alone or signed as the account (OAuth 1.0a); failures under 200."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from oauthlib.oauth1 import Client

from archiver.records.errors import AnswerUnreadable, PermissionLost, PlatformUnreachable
from connectors.cutting import json_member, json_parts, object_of
from connectors.fetching import Answer, Fetcher

NOT_FOUND, USER_DELETED = 1, 5

_ATTEMPTS = 5
_PAUSE = 5.0
_PER_PAGE = "500"
_REFUSED = frozenset({2, 95, 96, 97, 98, 99, 100})
_BUSY = frozenset({0, 105, 106, 201})
_XML_FAULT = re.compile(rb'<rsp\s+stat="fail"\s*>.*?<err\s+code="(\d+)"', re.DOTALL)
_USED = b"nonce_used"


class Flickr:
    """The REST API at *base*, asked with *secret*: a key, or four parts with which to sign.

    The four parts are the key, its secret, the account's token and its secret, with colons between.
    """

    def __init__(self, fetcher: Fetcher, *, base: str, secret: str) -> None:
        self.fetcher = fetcher
        self._base = base
        key, *rest = secret.split(":")
        self._key = key
        self.signed = bool(rest)
        self._client = Client(key, *rest) if rest else None

    def part(self, method: str, name: str, **asked: str) -> bytes | None:
        """Give the object *name* of the answer to *method*; None where Flickr finds no such thing.

        Raises:
            PermissionLost: the key or the signature is refused, or the account is closed to us.
            PlatformUnreachable: Flickr stays unavailable.
            AnswerUnreadable: it answers with something else.
        """
        answer = self._ask(method, asked)
        if answer is None:
            return None
        parts = json_parts(answer.body)
        if not parts.get(name, b"").startswith(b"{"):
            raise AnswerUnreadable(f"{answer.url} answered without a {name}")
        return parts[name]

    def pages(self, method: str, **asked: str) -> Iterator[tuple[int, list[object]]]:
        """Yield the photos that *method* lists, page by page, with the count of all of them."""
        number = 1
        while True:
            body = self.part(method, "photos", per_page=_PER_PAGE, page=str(number), **asked)
            if body is None:
                raise PermissionLost("Flickr finds no such account, or shows nothing of it")
            told = object_of(json.loads(body), "a list of photos")
            photos = [value for value, _ in json_member(body, "photo")]
            yield whole_number(told.get("total")), photos
            if not photos or number >= whole_number(told.get("pages")):
                return
            number += 1

    def _ask(self, method: str, asked: Mapping[str, str]) -> Answer | None:
        told = ""
        for _ in range(_ATTEMPTS):
            answer = self._once(method, asked)
            if answer.status != 200 and _USED in answer.body:  # noqa: PLR2004 - all is well, else
                continue
            if answer.status in {401, 403}:
                raise PermissionLost(f"{answer.url} answered {answer.status}")
            code = _fault(answer)
            if code is None:
                return answer
            told = f"{method} answered with the failure {code}"
            if code in _REFUSED:
                raise PermissionLost(told)
            if code in {NOT_FOUND, USER_DELETED}:
                return None
            if code not in _BUSY:
                raise AnswerUnreadable(told)
            self.fetcher.pause(self._base, _PAUSE)
        raise PlatformUnreachable(f"{told}, {_ATTEMPTS} times in a row")

    def _once(self, method: str, asked: Mapping[str, str]) -> Answer:
        params = {"method": method, "format": "json", "nojsoncallback": "1", **asked}
        if self._client is None:
            params["api_key"] = self._key
            return self.fetcher.get(f"{self._base}?{urlencode(params)}")
        url, headers, _ = self._client.sign(f"{self._base}?{urlencode(params)}")
        plain = {str(name): str(value) for name, value in headers.items()}
        return self.fetcher.get(str(url), headers=plain, accept=(200, 401, 403))


def whole_number(value: object) -> int:
    """Give the number that Flickr writes as a number or as text; 0 where it is none."""
    told = str(value)
    return int(told) if told.isdecimal() else 0


def _fault(answer: Answer) -> int | None:
    """Give the code of a failure, in whichever of its two formats Flickr tells it."""
    if found := _XML_FAULT.search(answer.body[:2048]):
        return int(found[1])
    value = object_of(answer.json(), "an answer")
    if value.get("stat") == "ok":
        return None
    return whole_number(value.get("code"))
