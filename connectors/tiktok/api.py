"""Asking TikTok's Display API: the account, its videos by time, some of them by their ids.

Every answer says in its own words whether it is one (`error.code`), whatever its status.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archiver.records.errors import AnswerUnreadable, PermissionLost
from connectors.cutting import json_member, json_one, json_parts, object_of
from connectors.fetching import Answer, Fetcher

AT_ONCE = 20
"""How many videos TikTok gives, or looks up, at once."""

_ACCEPTED = (200, 400, 401, 403, 404)
_REFUSED = frozenset({401, 403})
_CODE = re.compile(r"[a-z_]{1,60}")
_LOST = frozenset({"access_token_invalid", "scope_not_authorized", "scope_permission_missed"})
_ACCOUNT = (
    "open_id,display_name,username,bio_description,profile_deep_link,avatar_large_url,"
    "is_verified,follower_count,likes_count,video_count"
)
_VIDEO = (
    "id,create_time,title,video_description,share_url,embed_link,cover_image_url,duration,height,"
    "width,like_count,comment_count,share_count,view_count"
)


@dataclass(frozen=True, slots=True)
class Account:
    """The account as TikTok gives it, with the bytes. *moment* is the server's own time of it."""

    value: Mapping[str, object]
    raw: bytes
    moment: str


class TikTok:
    """The API at *base*, as it is shown to whoever gave the token."""

    def __init__(self, fetcher: Fetcher, *, base: str, token: str) -> None:
        self._fetcher = fetcher
        self._base = base.rstrip("/")
        self._headers = {"authorization": f"Bearer {token}"}

    def account(self) -> Account:
        """Give the account whose token this is.

        Raises:
            PermissionLost, PlatformUnreachable, AnswerUnreadable.
        """
        answer = self._fetcher.get(
            f"{self._base}/user/info/",
            params={"fields": _ACCOUNT},
            headers=self._headers,
            accept=_ACCEPTED,
        )
        raw = json_parts(_data(answer)).get("user", b"")
        value, _ = json_one(raw or b"null")
        moment = answer.headers.get("date", "")
        return Account(object_of(value, "the account"), raw, moment)

    def slices(self) -> Iterator[list[tuple[object, bytes]]]:
        """Yield the account's public videos, newest first, slice by slice.

        A slice may be shorter than asked for, or empty, and not be the last.

        Raises:
            PermissionLost, PlatformUnreachable, AnswerUnreadable.
        """
        question: dict[str, object] = {"max_count": AT_ONCE}
        before: int | None = None
        while True:
            data, told = self._asked("video/list/", question)
            yield _videos(data)
            place = told.get("cursor")
            if told.get("has_more") is not True:
                return
            if not isinstance(place, int) or (before is not None and place >= before):
                raise AnswerUnreadable("TikTok says that there are more videos, and not where")
            before = place
            question = {"max_count": AT_ONCE, "cursor": place}

    def some(self, names: Sequence[str]) -> list[tuple[object, bytes]]:
        """Give those of at most `AT_ONCE` videos that TikTok shows, by their ids.

        Raises:
            PermissionLost, PlatformUnreachable, AnswerUnreadable.
        """
        question = {"filters": {"video_ids": list(names)}}
        return _videos(self._asked("video/query/", question)[0])

    def _asked(
        self, path: str, question: Mapping[str, object]
    ) -> tuple[bytes, Mapping[str, object]]:
        answer = self._fetcher.ask(
            f"{self._base}/{path}",
            question,
            params={"fields": _VIDEO},
            headers=self._headers,
            accept=_ACCEPTED,
        )
        data = _data(answer)
        value = object_of(answer.json(), "an answer").get("data")
        return data, object_of(value, "the data of an answer")


def _data(answer: Answer) -> bytes:
    """Give the bytes of what *answer* says, if TikTok calls it one.

    Raises:
        PermissionLost: the token is refused, or lacks a scope.
        AnswerUnreadable: it is a failure, by its code, or nothing as documented.
    """
    try:
        told = answer.json()
    except AnswerUnreadable:
        if answer.status in _REFUSED:
            raise PermissionLost(f"{answer.url} answered {answer.status}") from None
        raise
    error = told.get("error") if isinstance(told, dict) else None
    code = str(error.get("code")) if isinstance(error, dict) else ""
    said = f"{answer.url} answered {answer.status}"
    if code in _LOST:
        raise PermissionLost(
            f"{said} ({code})",
            remedy="A token lives a day: say `archiver connect PAGE`, which renews it from then "
            "on; nothing was marked removed.",
        )
    if answer.status in _REFUSED:
        raise PermissionLost(said)
    if code != "ok":
        raise AnswerUnreadable(f"{said} ({code if _CODE.fullmatch(code) else 'no code'})")
    return json_parts(answer.body).get("data", b"")


def _videos(data: bytes) -> list[tuple[object, bytes]]:
    return json_member(data, "videos")
