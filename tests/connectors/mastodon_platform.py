"""A Mastodon server as its documentation describes it, small enough to be read in one sitting.

It holds one account's statuses and the public's answers, and answers the requests that the
connector makes; `fail` makes it misbehave where a test wants it to.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from archiver.records.pages import PageSettings
from connectors.mastodon import CONNECTOR
from tests.connectors.platforms import SECRET, Asked, Platform, Reply, Told

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LIMITS = {"ancestors": 40, "descendants": 60, "depth": 20}

Sent = tuple[int, dict[str, str], bytes]


def stamped(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}Z"


@dataclass(kw_only=True)
class Kept:
    """One status the server keeps."""

    id: str
    author: str
    html: str
    at: datetime
    answering: str | None = None
    answered_account: str | None = None
    visibility: str = "public"
    warning: str = ""
    media: list[dict[str, object]] = field(default_factory=list)
    edits: list[dict[str, object]] = field(default_factory=list)
    boosts: str | None = None


@dataclass
class MastodonServer:
    """One account `@police` (id 1) and everyone who answers it."""

    host: str = "social.example"
    token: str = ""
    walled: bool = False
    slice: int = 40
    statuses: dict[str, Kept] = field(default_factory=dict)
    fail: Callable[[str, Mapping[str, str]], Sent | None] = lambda _path, _params: None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    counts_hidden: dict[str, int] = field(default_factory=dict)
    whose: str = "1"
    scopes: frozenset[str] = frozenset(
        {"read:blocks", "read:mutes", "read:filters", "read:statuses"}
    )
    blocked: list[str] = field(default_factory=list)
    muted: dict[str, str | None] = field(default_factory=dict)
    servers: list[str] = field(default_factory=list)
    filters: list[dict[str, object]] = field(default_factory=list)
    offers_servers: bool = True
    offers_conversations: bool = True
    nameless: int = 0
    about: dict[str, object] = field(default_factory=dict)
    pinned: list[str] = field(default_factory=list)

    # --- what people do -------------------------------------------------------------------

    def post(self, html: str, *, at: datetime | None = None, author: str = "1", **more) -> str:
        number = 109_000_000_000_000_000 + len(self.statuses) * 65_536
        when = at or NOON + timedelta(minutes=len(self.statuses))
        answering = more.get("answering")
        status = Kept(
            id=more.pop("id", str(number)), author=author, html=html, at=when,
            answered_account=self.statuses[answering].author if answering else None, **more,
        )  # fmt: skip
        self.statuses[status.id] = status
        return status.id

    def answer(self, to: str, html: str, *, author: str = "7", **more) -> str:
        return self.post(html, author=author, answering=to, **more)

    def edit(self, native_id: str, html: str, *, at: datetime) -> None:
        status = self.statuses[native_id]
        status.edits = status.edits or [self._wording(status, status.at)]
        status.html = html
        status.edits.append(self._wording(status, at))

    def remove(self, native_id: str) -> None:
        del self.statuses[native_id]
        for status in self.statuses.values():
            if status.answering == native_id:
                status.answering = None

    # --- what the API answers ---------------------------------------------------------------

    def respond(self, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Sent:
        self.asked.append((path, dict(params)))
        self.credentials.append(headers.get("authorization", ""))
        if (misbehaved := self.fail(path, params)) is not None:
            return misbehaved
        known = not self.token or headers.get("authorization") == f"Bearer {self.token}"
        if (self.walled or headers.get("authorization")) and not known:
            return self._error(401, "The access token is invalid")
        trusted = bool(self.token) and known and bool(headers.get("authorization"))
        told = self._moderation(path, params, trusted=trusted)
        if (told := told or self._conversations(path, params, trusted=trusted)) is not None:
            return told
        if path == "/api/v1/accounts/1/statuses":
            return self._list(params, trusted=trusted)
        if path.startswith("/api/v1/accounts/"):
            found = path.endswith("/1") or params.get("acct") == "police"
            return self._json(self._account("1")) if found else self._error(404)
        return self._one(path, trusted=trusted)

    def _moderation(self, path: str, params: Mapping[str, str], *, trusted: bool) -> Sent | None:
        """Answer as "blocks", "mutes", "domain_blocks", "filters" and "accounts" describe it.

        Ids of blocks and mutes are private: the Link header alone tells where a list goes on.
        """
        if path == "/api/v1/accounts/verify_credentials":
            return self._json(self._account(self.whose)) if trusted else self._error(401)
        accounts = [self._account(each) for each in self.blocked]
        muted = [self._account(n) | {"mute_expires_at": end} for n, end in self.muted.items()]
        lists: dict[str, tuple[str, list[object], int]] = {
            "/api/v1/blocks": ("read:blocks", list(accounts), 80),
            "/api/v1/mutes": ("read:mutes", list(muted), 80),
            "/api/v1/domain_blocks": ("read:blocks", list(self.servers), 200),
            "/api/v2/filters": ("read:filters", list(self.filters), 10_000),
        }
        if path not in lists:
            return None
        scope, entries, most = lists[path]
        if not trusted:
            return self._error(401, "The access token is invalid")
        if path.endswith("domain_blocks") and not self.offers_servers:
            return self._error(404)
        if scope not in self.scopes:
            return self._error(403, "This action is outside the authorized scopes")
        start = int(params["max_id"][1:]) if "max_id" in params else 0
        end = start + min(int(params.get("limit", "40")), most, self.slice)
        target, headers = f"https://{self.host}{path}", {}
        if "filters" not in path and end < len(entries):
            headers["link"] = f'<{target}?limit=2&max_id=9{end:03}>; rel="next"'
        return self._json(entries if "filters" in path else entries[start:end], headers)

    def _conversations(self, path: str, params: Mapping[str, str], *, trusted: bool) -> Sent | None:
        """Answer as "conversations" describes it: one entry for a thread, by its newest message.

        Their own ids are of no use for going on: the Link header alone tells where.
        """
        if path != "/api/v1/conversations":
            return None
        if not self.offers_conversations:
            return self._error(404)
        if not trusted:
            return self._error(401, "The access token is invalid")
        if "read:statuses" not in self.scopes:
            return self._error(403, "This action is outside the authorized scopes")
        direct = [s for s in self.statuses.values() if s.visibility == "direct"]
        newest: dict[str, Kept] = {}
        for status in sorted(direct, key=lambda s: (len(s.id), s.id)):
            newest[self._first(status)] = status
        listed = sorted(newest.values(), key=lambda s: (len(s.id), s.id), reverse=True)
        if before := params.get("max_id"):
            listed = [s for s in listed if (len(s.id), s.id) < (len(before), before)]
        given = listed[: min(int(params.get("limit", "20")), self.slice)]
        rows: list[dict[str, object]] = [
            {"id": f"c{status.id[-6:]}", "unread": False, "accounts": [self._account("7")],
             "last_status": self.entity(status)}
            for status in given
        ]  # fmt: skip
        rows += [{"id": f"n{n}", "accounts": [], "last_status": None} for n in range(self.nameless)]
        target, headers = f"https://{self.host}/api/v1/conversations", {}
        if len(given) < len(listed):
            headers["link"] = (
                f'<{target}?limit=40&max_id={given[-1].id}>; rel="next", '
                f'<{target}?limit=40&min_id={given[0].id}>; rel="prev"'
            )
        return self._json(rows, headers)

    def _first(self, status: Kept) -> str:
        while status.answering in self.statuses:
            status = self.statuses[status.answering]
        return status.id

    def _one(self, path: str, *, trusted: bool) -> Sent:
        part = re.fullmatch(r"/api/v1/statuses/([^/]+)(/context|/history)?", path)
        status = self.statuses.get(part[1]) if part else None
        if part is None or status is None or not self._visible(status, trusted=trusted):
            return self._error(404)
        if part[2] == "/context":
            return self._json(self._context(status, trusted=trusted))
        if part[2] == "/history":
            return self._json(status.edits or [self._wording(status, status.at)])
        return self._json(self.entity(status))

    def _list(self, params: Mapping[str, str], *, trusted: bool) -> Sent:
        own = [s for s in self.statuses.values() if s.author == "1"]
        own = [s for s in own if s.id in self.pinned or "pinned" not in params]
        own = [s for s in own if self._visible(s, trusted=trusted)]
        own.sort(key=lambda s: (len(s.id), s.id), reverse=True)
        if before := params.get("max_id"):
            own = [s for s in own if (len(s.id), s.id) < (len(before), before)]
        given = own[: min(int(params.get("limit", "20")), self.slice)]
        headers = {}
        if len(given) == int(params.get("limit", "20")):
            target = f"https://{self.host}/api/v1/accounts/1/statuses"
            headers["link"] = (
                f'<{target}?limit=40&max_id={given[-1].id}>; rel="next", '
                f'<{target}?limit=40&min_id={given[0].id}>; rel="prev"'
            )
        return self._json([self.entity(s) for s in given], headers)

    def _context(self, status: Kept, *, trusted: bool) -> dict[str, object]:
        above: list[Kept] = []
        at = status
        while at.answering in self.statuses:
            at = self.statuses[at.answering]
            if not self._visible(at, trusted=trusted):
                break
            above.insert(0, at)
        below = self._below(status, 1, None if trusted else LIMITS["depth"], trusted=trusted)
        if not trusted:
            above, below = above[-LIMITS["ancestors"] :], below[: LIMITS["descendants"]]
        return {
            "ancestors": [self.entity(s) for s in above],
            "descendants": [self.entity(s) for s in below],
        }

    def _below(self, status: Kept, depth: int, deepest: int | None, *, trusted: bool) -> list[Kept]:
        found: list[Kept] = []
        if deepest is not None and depth > deepest:
            return found
        for child in self.statuses.values():
            if child.answering == status.id and self._visible(child, trusted=trusted):
                found += [child, *self._below(child, depth + 1, deepest, trusted=trusted)]
        return found

    def _visible(self, status: Kept, *, trusted: bool) -> bool:
        return trusted or status.visibility in {"public", "unlisted"}

    def entity(self, status: Kept) -> dict[str, object]:
        public = [s for s in self.statuses.values() if s.visibility in {"public", "unlisted"}]
        replies = sum(s.answering == status.id for s in public)
        address = f"https://{self.host}/@{self._acct(status.author)}/{status.id}"
        return {
            "id": status.id,
            "created_at": stamped(status.at),
            "in_reply_to_id": status.answering,
            "in_reply_to_account_id": status.answered_account,
            "sensitive": False,
            "spoiler_text": status.warning,
            "visibility": status.visibility,
            "language": "en",
            "uri": f"https://{self.host}/users/{self._acct(status.author)}/statuses/{status.id}",
            "url": address,
            "replies_count": replies + self.counts_hidden.get(status.id, 0),
            "reblogs_count": 2,
            "favourites_count": 3,
            "edited_at": status.edits[-1]["created_at"] if status.edits else None,
            "content": status.html,
            "reblog": self.entity(self.statuses[status.boosts]) if status.boosts else None,
            "account": self._account(status.author),
            "media_attachments": status.media,
            "mentions": [], "tags": [], "emojis": [], "card": None, "poll": None,
        }  # fmt: skip

    def _wording(self, status: Kept, when: datetime) -> dict[str, object]:
        return {
            "content": status.html, "spoiler_text": status.warning, "sensitive": False,
            "created_at": stamped(when), "account": self._account(status.author),
            "media_attachments": list(status.media), "emojis": [],
        }  # fmt: skip

    def _acct(self, author: str) -> str:
        return "police" if author == "1" else f"person{author}@elsewhere.example"

    def _account(self, author: str) -> dict[str, object]:
        acct = self._acct(author)
        count = sum(s.author == author for s in self.statuses.values())
        return {
            "id": author, "username": acct.partition("@")[0], "acct": acct,
            "display_name": "Indio Police" if author == "1" else f"Person {author}",
            "url": f"https://{self.host}/@{acct}", "statuses_count": count,
            "created_at": "2019-04-01T00:00:00.000Z", "note": "", "fields": [],
            **(self.about if author == "1" else {}),
        }  # fmt: skip

    def _json(self, value: object, headers: dict[str, str] | None = None) -> Sent:
        body = json.dumps(value).encode()
        return 200, {"content-type": "application/json; charset=utf-8", **(headers or {})}, body

    def _error(self, status: int, message: str = "Record not found") -> Sent:
        body = json.dumps({"error": message}).encode()
        return status, {"content-type": "application/json"}, body


class MastodonPlatform(Platform):
    """The same server on a loopback socket, for the suite that every connector passes."""

    connector = CONNECTOR
    shows_comments = True
    streaming = ""
    """Where the server says that its streams are."""

    whose = "1"
    """The account that the token is of."""

    def page(self) -> PageSettings:
        url = f"{self.url}/@police"
        return PageSettings(
            name="toots", connector="mastodon", platform="mastodon", url=url, secret=SECRET
        )

    def respond(self, asked: Asked) -> Reply:
        if asked.path == "/api/v2/instance" and self.streaming:
            return Reply.json({"configuration": {"urls": {"streaming": self.streaming}}})
        server = MastodonServer(
            host=self.url.removeprefix("http://"), token=SECRET, walled=True, slice=self.slice_size
        )
        server.whose = self.whose
        for told in sorted(self.told.values(), key=lambda told: told.number):
            self._show(server, told)
        status, headers, body = server.respond(asked.path, asked.query, asked.headers)
        return Reply(status, body, headers)

    def entity(self, number: int) -> dict[str, object]:
        """Give what the server says of the status *number*."""
        server = MastodonServer(host=self.url.removeprefix("http://"))
        for told in sorted(self.told.values(), key=lambda told: told.number):
            self._show(server, told)
        return server.entity(server.statuses[numbered(number)])

    def _show(self, server: MastodonServer, told: Told) -> None:
        picture = [{"id": f"m{told.number}", "url": self.url + told.picture, "description": ""}]
        native_id = numbered(told.number)
        (first, _), *later = self.said(told)
        server.post(
            f"<p>{html.escape(first)}</p>",
            id=native_id,
            author="1" if told.on is None else "7",
            at=told.at,
            answering=numbered(told.on) if told.on is not None else None,
            media=picture if told.picture else [],
        )
        for text, at in later:
            server.edit(native_id, f"<p>{html.escape(text)}</p>", at=at)


def numbered(number: int) -> str:
    return str(109_000_000_000_000_000 + number)
