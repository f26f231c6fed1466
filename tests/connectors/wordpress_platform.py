"""A WordPress site as its REST controllers behave (seen on 6.1.9), small enough to be read."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from archiver.records.pages import PageSettings
from connectors.wordpress import CONNECTOR
from tests.connectors.platforms import SECRET, Asked, Fault, Platform, Reply, Told

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EDITOR = "editor:abcd efgh ijkl mnop"
Sent = tuple[int, dict[str, str], bytes]


def plain(when: datetime) -> str:
    return when.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of wp_posts or wp_comments. *on* is a comment's post, *above* what it answers."""

    id: int
    html: str
    at: datetime
    modified: datetime
    type: str = "posts"
    title: str = "Notice"
    status: str = "publish"
    author: int = 2
    featured: int = 0
    password: str = ""
    sticky: bool = False
    on: int = 0
    above: int = 0
    parent: int = 0
    url: str = ""
    alt: str = ""
    revisions: tuple[tuple[str, datetime, str], ...] = ()


@dataclass
class WordpressSite:
    """One site; `posts`, `pages` and `media` share a row of ids, `comments` have their own."""

    host: str = "city.example"
    pretty: bool = True
    secret: str = EDITOR
    slice: int = 100
    index: dict[str, object] = field(
        default_factory=lambda: {
            "namespaces": ["oembed/1.0", "wp/v2"],
            "timezone_string": "",
            "name": "Indio Police &amp; You",
            "description": "News, and no 911",
            "url": "https://city.example",
            "home": "https://city.example",
        }
    )
    posts: dict[int, Row] = field(default_factory=dict)
    comments: dict[int, Row] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    fail: Callable[[str, Mapping[str, str]], Sent | None] = lambda _path, _params: None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    now: datetime = NOON

    # --- what people do -------------------------------------------------------------------

    def post(self, html: str, *, at: datetime | None = None, **more) -> int:
        number = more.pop("id", 10 + 3 * len(self.posts))
        when = at or NOON + timedelta(minutes=len(self.posts))
        more.setdefault("modified", when)
        self.posts[number] = Row(id=number, html=html, at=when, **more)
        return number

    def upload(self, name: str, *, parent: int = 0, alt: str = "") -> int:
        url = f"https://{self.host}/wp-content/uploads/2026/03/{name}"
        return self.post("", type="media", status="inherit", parent=parent, url=url, alt=alt)

    def comment(self, on: int, html: str, *, at: datetime | None = None, **more) -> int:
        number = more.pop("id", 1 + len(self.comments))
        when = at or NOON + timedelta(hours=1, minutes=len(self.comments))
        more = {"status": "approved", "author": 0, "modified": when} | more
        self.comments[number] = Row(id=number, html=html, at=when, on=on, **more)
        return number

    def edit(self, number: int, html: str, *, at: datetime) -> None:
        row = self.posts[number]
        history = row.revisions or ((row.html, row.modified, f"{number}-revision-v1"),)
        history = (*history, (html, at, f"{number}-revision-v1"))
        self.posts[number] = replace(row, html=html, modified=at, revisions=history)

    def alter(self, number: int, **fields) -> None:
        self.posts[number] = replace(self.posts[number], **fields)

    def moderate(self, number: int, **fields) -> None:
        self.comments[number] = replace(self.comments[number], **fields)

    # --- what the API answers -------------------------------------------------------------

    def respond(self, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Sent:
        self.asked.append((path, dict(params)))
        self.credentials.append(headers.get("authorization", ""))
        route = path.removeprefix("/wp-json") if self.pretty else params.get("rest_route", "")
        if (misbehaved := self.fail(route, params)) is not None:
            return misbehaved
        if path.startswith("/wp-json") is not self.pretty or not route.startswith("/"):
            return 404, {"content-type": "text/html"}, b"<!DOCTYPE html><title>Not found</title>"
        right = base64.b64encode(self.secret.encode()).decode("ascii")
        known = headers.get("authorization") == f"Basic {right}"
        if headers.get("authorization") and not known:
            return self._error(401, "incorrect_password")
        return self._json(self.index) if route == "/" else self._routed(route, params, known=known)

    def _routed(self, route: str, params: Mapping[str, str], *, known: bool) -> Sent:
        part = re.fullmatch(r"/wp/v2/(\w+)(?:/(\d+))?(/revisions)?", route)
        if part is None or part[1] in self.closed:
            return self._error(404, "rest_no_route")
        if part[3]:
            return self._revisions(int(part[2]), params, known=known)
        if part[2]:
            return self._one(part[1], int(part[2]), known=known)
        return self._list(part[1], params, known=known)

    def _list(self, kind: str, params: Mapping[str, str], *, known: bool) -> Sent:
        if kind == "users":
            rows = [
                {"id": 2, "name": "Sgt. Diaz", "slug": "diaz", "link": "https://city.example/a"}
            ]
            named = params.get("include", "2").split(",")
            return self._sliced([u for u in rows if str(u["id"]) in named], params)
        if not known and ("status" in params or params.get("context") == "edit"):
            status = (400, "rest_invalid_param") if kind != "comments" else (401, "rest_forbidden")
            return self._error(*status)
        table = self.comments if kind == "comments" else self.posts
        rows = [r for r in table.values() if kind in {"comments", r.type}]
        if not known or "status" not in params:
            rows = [r for r in rows if r.status in {"publish", "approved", "inherit"}]
        for name, what in (("after", "at"), ("modified_after", "modified")):
            if name in params:
                edge = datetime.fromisoformat(params[name])
                rows = [r for r in rows if getattr(r, what) > edge]
        if "include" in params:
            rows = [r for r in rows if str(r.id) in params["include"].split(",")]
        if "sticky" in params:
            rows = [r for r in rows if r.sticky]
        if "parent" in params:
            rows = [r for r in rows if str(r.parent) in params["parent"].split(",")]
        rows = sorted(rows, key=lambda r: r.id)
        return self._sliced([self._entity(kind, r, known=known) for r in rows], params)

    def _sliced(self, found: list[dict[str, object]], params: Mapping[str, str]) -> Sent:
        if int(params["per_page"]) > 100:
            return self._error(400, "rest_invalid_param")
        size, offset = min(self.slice, int(params["per_page"])), int(params.get("offset", "0"))
        shown = [e for e in found[offset : offset + size] if not e.pop("unreadable", False)]
        pages = math.ceil(len(found) / size)
        headers = {"x-wp-total": str(len(found)), "x-wp-totalpages": str(pages)}
        return self._json(shown, headers)

    def _one(self, kind: str, number: int, *, known: bool) -> Sent:
        comment = kind == "comments"
        row = (self.comments if comment else self.posts).get(number)
        if row is None or (not comment and row.type != kind):
            return self._error(404, f"rest_{'comment' if comment else 'post'}_invalid_id")
        if comment and row.on not in self.posts:
            return self._error(404, "rest_post_invalid_id")
        if not known and row.status not in {"publish", "approved", "inherit"}:
            return self._error(401, "rest_cannot_read" if comment else "rest_forbidden")
        return self._json(self._entity(kind, row, known=known))

    def _revisions(self, number: int, params: Mapping[str, str], *, known: bool) -> Sent:
        if not known:
            return self._error(401, "rest_cannot_read")
        row = self.posts[number]
        found = [
            {
                "id": number * 100 + place, "author": 2, "parent": number, "slug": slug,
                "date": plain(at), "date_gmt": plain(at), "modified": plain(at),
                "modified_gmt": plain(at), "title": {"rendered": row.title},
                "content": {"rendered": html},
            }
            for place, (html, at, slug) in enumerate(row.revisions)
        ]  # fmt: skip
        return self._sliced(found, params)

    def _entity(self, kind: str, row: Row, *, known: bool) -> dict[str, object]:
        dates = {
            "date": plain(row.at), "date_gmt": plain(row.at),
            "modified": plain(row.modified), "modified_gmt": plain(row.modified),
        }  # fmt: skip
        if kind == "comments":
            told = self.posts.get(row.on)
            hidden = not known and (told is None or bool(told.password))
            return {
                "id": row.id, "post": row.on, "parent": row.above, "author": row.author,
                "author_name": "A. Neighbor", "author_url": "https://neighbor.example/",
                "date": dates["date"], "date_gmt": dates["date_gmt"], "status": row.status,
                "content": {"rendered": row.html}, "type": "comment", "unreadable": hidden,
                "link": f"https://{self.host}/?p={row.on}#comment-{row.id}",
            }  # fmt: skip
        if kind == "media":
            return dates | {
                "id": row.id, "post": row.parent or None, "source_url": row.url,
                "mime_type": "image/jpeg", "alt_text": row.alt, "caption": {"rendered": ""},
            }  # fmt: skip
        shown = row.html if known or not row.password else ""
        return dates | {
            "id": row.id, "status": row.status, "link": f"https://{self.host}/?p={row.id}",
            "title": {"rendered": row.title}, "author": row.author, "type": kind.rstrip("s"),
            "content": {"rendered": shown, "protected": bool(row.password)},
            "featured_media": row.featured,
            "_links": {"version-history": [{"count": len(row.revisions)}]},
        }  # fmt: skip

    def _json(self, value: object, headers: dict[str, str] | None = None) -> Sent:
        head = {"content-type": "application/json; charset=UTF-8"}
        return 200, head | (headers or {}), json.dumps(value).encode()

    def _error(self, status: int, code: str) -> Sent:
        body = {"code": code, "message": "Sorry.", "data": {"status": status}}
        return status, {"content-type": "application/json"}, json.dumps(body).encode()


class WordpressPlatform(Platform):
    """The same site on a loopback socket, for the suite that every connector passes."""

    connector = CONNECTOR
    shows_comments = True
    hides_comments = True

    def page(self) -> PageSettings:
        return PageSettings(
            name="news",
            connector="wordpress",
            platform="wordpress",
            url=self.url,
            secret=f"editor:{SECRET}",
        )

    def answer(self, asked: Asked) -> Reply | Fault:
        """Keep each request with its password legible, so that a test can look for it."""
        return super().answer(replace(asked, headers=_legible(asked.headers)))

    def respond(self, asked: Asked) -> Reply:
        secret = f"editor:{SECRET}"
        if _legible(asked.headers).get("authorization") != f"Basic {secret}":
            return Reply(401, b'{"code":"incorrect_password"}')
        site = WordpressSite(
            host=self.url.removeprefix("http://"), secret=secret, slice=self.slice_size
        )
        for told in self.told.values():
            self._show(site, told)
        right = base64.b64encode(secret.encode()).decode("ascii")
        status, headers, body = site.respond(
            asked.path, asked.query, {"authorization": f"Basic {right}"}
        )
        return Reply(status, body, headers)

    def _show(self, site: WordpressSite, told: Told) -> None:
        more = {"id": told.number, "at": told.at, "modified": told.edited_at or told.at}
        if told.on is None:
            (first, at), *later = self.said(told)
            site.post(f"<p>{first}</p>", id=told.number, at=at)
            for text, when in later:
                site.edit(told.number, f"<p>{text}</p>", at=when)
            if told.picture:
                url = self.url + told.picture
                photo = {"type": "media", "status": "inherit", "parent": told.number, "url": url}
                site.post("", id=100_000 + told.number, at=told.at, **photo)
            return
        on, above = self.line(told)[0].number, told.on
        above = 0 if above == on else above
        status = "hold" if told.hidden else "approved"
        site.comment(on, f"<p>{told.text}</p>", above=above, status=status, **more)


def _legible(headers: Mapping[str, str]) -> dict[str, str]:
    """Give *headers* with the password of Basic authentication in the clear."""
    told = headers.get("authorization", "")
    if ":" in told or not told.startswith("Basic "):
        return dict(headers)
    return {**headers, "authorization": f"Basic {base64.b64decode(told[6:]).decode()}"}
