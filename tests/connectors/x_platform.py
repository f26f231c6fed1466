"""X's API v2 as its documentation describes it, small enough to be read in one sitting.

It holds one account, its posts and the public's answers. Every edit is a post of its own; a post
that is asked for by an earlier id is shown in that wording. What is missing from a batch stands in
`errors` beside `data`, with 200. *dialect* says how fields and parameters are called.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from archiver.records.pages import PageSettings
from connectors.x import CONNECTOR
from tests.connectors.platforms import SECRET, Asked, Platform, Reply, Told
from tests.connectors.x_dialects import as_asked, understood

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OWNER = "2244994945"
RECENT = timedelta(days=7)
UNTOLD = timedelta(days=30)
"""How far back the search of everything goes where a question names no beginning."""
QUERY = 512

Sent = tuple[int, dict[str, str], bytes]


def stamped(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass(kw_only=True)
class Kept:
    """One post X keeps: its wordings by their ids, oldest first, and when each was made."""

    ids: list[str]
    texts: list[str]
    times: list[datetime]
    author: str = OWNER
    answers: str | None = None
    root: str = ""
    media: str = ""
    note: str = ""
    quotes: str = ""
    protected: bool = False


@dataclass
class XServer:
    """One account `@police` and everyone who answers it; *now* is where the search ends."""

    token: str = SECRET
    slice: int = 100
    dialect: str = "tweet"
    entitled: bool = True
    credit: int = 1_000_000
    users_shown: int = 0
    now: datetime = NOON + timedelta(hours=6)
    ids: int = 0
    bio: str = "We keep the peace."
    pinned: str = ""
    users: dict[str, list[str]] = field(default_factory=dict)
    consented: frozenset[str] | None = None
    kept: dict[str, Kept] = field(default_factory=dict)
    messages: list[dict[str, object]] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    personal: bool = True
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    fail: Callable[[str, Mapping[str, str]], Sent | None] = lambda _path, _params: None

    # --- what people do -----------------------------------------------------------------------

    def post(self, text: str, *, at: datetime | None = None, **more) -> str:
        native_id = more.pop("id", "") or self._id()
        when = at or NOON + timedelta(minutes=len(self.kept))
        above = self._find(more.get("answers"))
        root = above.root if above else native_id
        self.kept[native_id] = Kept(ids=[native_id], texts=[text], times=[when], root=root, **more)
        return native_id

    def answer(self, to: str, text: str, *, author: str = "7", **more) -> str:
        return self.post(text, answers=to, author=author, **more)

    def edit(self, first: str, text: str, *, at: datetime, native_id: str = "") -> None:
        kept = self.kept[first]
        kept.ids.append(native_id or self._id())
        kept.texts.append(text)
        kept.times.append(at)

    def remove(self, native_id: str) -> None:
        del self.kept[native_id]

    def _id(self) -> str:
        self.ids += 1
        return str(1_900_000_000_000_000_000 + self.ids * 4096)

    def _find(self, native_id: str | None) -> Kept | None:
        if native_id is None or native_id in self.kept:
            return self.kept.get(native_id or "")
        return next((kept for kept in self.kept.values() if native_id in kept.ids), None)

    # --- what the API answers -----------------------------------------------------------------

    def respond(self, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Sent:
        self.asked.append((path, dict(params)))
        if problem := self.fail(path, params) or self._refusal(params, headers):
            return problem
        if "/users/by/" in path:
            return self._named(path.rpartition("/")[2], params)
        last = {"blocking": self._blocked, "muting": self._muted, "dm_events": self._messages}
        if answer := last.get(path.rpartition("/")[2]):
            return answer(params)
        if path.endswith(f"/users/{OWNER}/tweets"):
            return self._timeline(params)
        if "/tweets/search/" in path:
            return self._search(params, everything=path.endswith("all"))
        return self._lookup(params)

    def _refusal(self, params: Mapping[str, str], headers: Mapping[str, str]) -> Sent | None:
        if headers.get("authorization") != f"Bearer {self.token}":
            return self._problem(401, "about:blank")
        if self.credit <= 0:
            return self._problem(402, "credits-depleted")
        if not understood(self.dialect, params):
            return self._problem(400, "invalid-request")
        return None

    def _named(self, name: str, params: Mapping[str, str]) -> Sent:
        if name == "police":
            return self._json({"data": as_asked(self._user(OWNER, full=True), params)})
        missing = {"type": "https://api.x.com/2/problems/resource-not-found", "value": name}
        return self._json({"errors": [missing]})

    def _blocked(self, params: Mapping[str, str]) -> Sent:
        return self._users(params, "blocking", "block.read")

    def _muted(self, params: Mapping[str, str]) -> Sent:
        return self._users(params, "muting", "mute.read")

    def _users(self, params: Mapping[str, str], name: str, scope: str) -> Sent:
        """Answer as "Blocks lookup" and "Mutes lookup" do: to the account itself, consenting."""
        if self.consented is None:
            return self._problem(403, "unsupported-authentication")
        if scope not in self.consented:
            return self._problem(403, "client-forbidden")
        if not 1 <= int(params["max_results"]) <= 1000:
            return self._problem(400, "invalid-request")
        found = self.users.get(name, [])
        at = int(params.get("pagination_token", "t0")[1:])
        given = found[at : at + min(int(params["max_results"]), self.slice)]
        self.credit -= 2 * len(given)
        meta: dict[str, object] = {"result_count": len(given)}
        if at + len(given) < len(found):
            meta["next_token"] = f"t{at + len(given)}"
        told = {"data": [self._user(each) for each in given]} if given else {}
        return self._json(told | {"meta": meta})

    def _timeline(self, params: Mapping[str, str]) -> Sent:
        if not 5 <= int(params["max_results"]) <= 100:
            return self._problem(400, "invalid-request")
        own = [kept for kept in self.kept.values() if kept.author == OWNER]
        if start := params.get("start_time"):
            own = [kept for kept in own if kept.times[-1] >= datetime.fromisoformat(start)]
        own.sort(key=lambda kept: (len(kept.ids[-1]), kept.ids[-1]), reverse=True)
        return self._sliced(own[:3200], params, params.get("pagination_token"))

    def _messages(self, params: Mapping[str, str]) -> Sent:
        """Answer with the messages of 30 days, the newest first, to a token of the account."""
        if not self.personal:
            return self._problem(403, "unsupported-authentication")
        if params.get("event_types") != "MessageCreate" or int(params["max_results"]) > 100:
            return self._problem(400, "invalid-request")
        start = int(params.get("pagination_token") or 0)
        newest = sorted(self.messages, key=lambda one: str(one["created_at"]), reverse=True)
        end = start + self.slice
        media = [{"media_key": "3_1", "type": "photo", "url": "https://files.example/a.jpg"}]
        users = [{"id": "7", "name": "A Neighbour", "username": "neighbour"}]
        self.users_shown += len(users)
        meta: dict[str, object] = {"result_count": len(newest[start:end])}
        meta |= {"next_token": str(end)} if end < len(newest) else {}
        return self._json(
            {"data": newest[start:end], "includes": {"media": media, "users": users}, "meta": meta}
        )

    def _search(self, params: Mapping[str, str], *, everything: bool) -> Sent:
        query = params["query"]
        if len(query) > QUERY or not 10 <= int(params["max_results"]) <= 500:
            return self._problem(400, "invalid-request")
        if everything and not self.entitled:
            return self._problem(403, "client-forbidden")
        start = self.now - RECENT
        if told := params.get("start_time"):
            if not everything and datetime.fromisoformat(told) < start:
                return self._problem(400, "invalid-request")
            start = datetime.fromisoformat(told)
        elif everything:
            start = self.now - UNTOLD
        roots = set(re.findall(r"conversation_id:(\d+)", query))
        found = [kept for kept in self.kept.values() if kept.times[-1] >= start]
        found = [kept for kept in found if not kept.protected]
        if roots:
            found = [kept for kept in found if kept.root in roots]
        else:
            found = [kept for kept in found if kept.answers and self._to_us(kept)]
        found.sort(key=lambda kept: kept.times[-1], reverse=True)
        return self._sliced(found, params, params.get("next_token"))

    def _to_us(self, kept: Kept) -> bool:
        above = self._find(kept.answers)
        return above is not None and above.author == OWNER

    def _lookup(self, params: Mapping[str, str]) -> Sent:
        names = params["ids"].split(",")
        if len(names) > 100:
            return self._problem(400, "invalid-request")
        shown, errors = [], []
        for name in names:
            kept = self._find(name)
            if kept is None or kept.protected:
                kind = "not-authorized-for-resource" if kept else "resource-not-found"
                errors.append({
                    "value": name, "resource_id": name, "resource_type": "tweet",
                    "parameter": "ids", "title": "Not Found Error",
                    "type": f"https://api.x.com/2/problems/{kind}",
                })  # fmt: skip
            else:
                shown.append((kept, kept.ids.index(name)))
        told = self._told(shown, params)
        return self._json(told | ({"errors": errors} if errors else {}))

    def _sliced(self, found: list[Kept], params: Mapping[str, str], token: str | None) -> Sent:
        size = min(int(params["max_results"]), self.slice)
        at = int(token.removeprefix("t")) if token else 0
        given = found[at : at + size]
        meta: dict[str, object] = {"result_count": len(given)}
        if at + size < len(found):
            meta["next_token"] = f"t{at + size}"
        return self._json(self._told([(kept, -1) for kept in given], params) | {"meta": meta})

    def _told(self, shown: list[tuple[Kept, int]], params: Mapping[str, str]) -> dict[str, object]:
        self.credit -= len(shown)
        self.answered = Counter(kept.answers for kept in self.kept.values() if kept.answers)
        if not shown:
            return {}
        versions = [
            self._post(kept, number) for kept, at in shown for number in range(len(kept.ids))
            if kept.ids[number] != kept.ids[at]
        ]  # fmt: skip
        if "referenced_posts" in params.get("expansions", ""):
            named = {name for kept, _ in shown for name in (kept.answers, kept.quotes) if name}
            others = [kept for kept in map(self._find, sorted(named)) if kept]
            versions += [self._post(kept, -1) for kept in others]
        media = [
            {"media_key": f"3_{kept.ids[0]}", "url": kept.media, "alt_text": "A car"}
            for kept, _ in shown if kept.media
        ]  # fmt: skip
        users = [self._user(author) for author in sorted({kept.author for kept, _ in shown})]
        self.users_shown += len(users)
        includes: dict[str, object] = {"users": users}
        if media:
            includes["media"] = media
        if versions:
            includes[f"{self.dialect}s"] = [as_asked(each, params) for each in versions]
        data = [as_asked(self._post(*each), params) for each in shown]
        return {"data": data, "includes": includes}

    def _post(self, kept: Kept, at: int) -> dict[str, object]:
        word, above = self.dialect, self._find(kept.answers)
        related = [{"type": "replied_to", "id": kept.answers}] if kept.answers else []
        below = sum(self.answered[name] for name in kept.ids)
        related += [{"type": "quoted", "id": kept.quotes}] if kept.quotes else []
        post: dict[str, object] = {
            "id": kept.ids[at], "text": html.escape(kept.texts[at], quote=False),
            "author_id": kept.author, "conversation_id": kept.root,
            "created_at": stamped(kept.times[at]), f"edit_history_{word}_ids": kept.ids,
            "edit_controls": {"is_edit_eligible": True, "edits_remaining": 5}, "lang": "en",
            "public_metrics": {"like_count": 3, "reply_count": below, "quote_count": 0},
        }  # fmt: skip
        if related:
            post[f"referenced_{word}s"] = related
        if above:
            post["in_reply_to_user_id"] = above.author
        if kept.media:
            post["attachments"] = {"media_keys": [f"3_{kept.ids[0]}"]}
        if kept.note:
            post[f"note_{word}"] = {"text": kept.note}
        return post

    def _user(self, native_id: str, *, full: bool = False) -> dict[str, object]:
        name = "police" if native_id == OWNER else f"person{native_id}"
        user: dict[str, object] = {"id": native_id, "username": name, "name": name.title()}
        if full:
            own = sum(kept.author == OWNER for kept in self.kept.values())
            user |= {
                "created_at": "2011-05-01T09:00:00.000Z", "description": self.bio,
                "location": "Indio", "url": "https://example.gov",
                "public_metrics": {"followers_count": 67, f"{self.dialect}_count": own},
            }  # fmt: skip
            user |= {f"pinned_{self.dialect}_id": self.pinned} if self.pinned else {}
        return user

    def _json(self, value: object) -> Sent:
        head = {
            "content-type": "application/json; charset=utf-8", "x-rate-limit-limit": "900",
            "x-rate-limit-remaining": "880", "x-rate-limit-reset": "1772461800",
        }  # fmt: skip
        return 200, head, json.dumps(value).encode()

    def _problem(self, status: int, kind: str) -> Sent:
        body = {"title": "Sorry", "status": status, "type": f"https://api.x.com/2/problems/{kind}"}
        return status, {"content-type": "application/problem+json"}, json.dumps(body).encode()


class XPlatform(Platform):
    """The same API on a loopback socket, for the suite that every connector passes."""

    connector = CONNECTOR
    shows_comments = True

    def page(self) -> PageSettings:
        return PageSettings(
            name="posts",
            connector="x",
            platform="x",
            url="https://x.com/police",
            secret=SECRET,
            options={"api": f"{self.url}/2"},
        )

    def respond(self, asked: Asked) -> Reply:
        server = XServer(slice=self.slice_size, now=self.now)
        for told in sorted(self.told.values(), key=lambda told: told.number):
            self._show(server, told)
        status, headers, body = server.respond(asked.path, asked.query, asked.headers)
        return Reply(status, body, headers)

    def _show(self, server: XServer, told: Told) -> None:
        native_id = _numbered(told.number)
        (first, _), *later = self.said(told)
        server.post(
            first,
            id=native_id,
            at=told.at,
            author=OWNER if told.on is None else "7",
            answers=_numbered(told.on) if told.on is not None else None,
            media=self.url + told.picture if told.picture else "",
        )
        for place, (text, at) in enumerate(later, start=1):
            server.edit(native_id, text, at=at, native_id=str(int(native_id) + 100_000 * place))


def _numbered(number: int) -> str:
    return str(1_900_000_000_000_000_000 + number)
