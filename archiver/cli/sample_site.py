"""The demonstration's pages, served on this machine alone: a blog, a microblog and a feed."""

from __future__ import annotations

import html
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TypeAlias, cast
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

Told: TypeAlias = "dict[str, Told] | list[Told] | str | int | bool | None"
Entry: TypeAlias = "dict[str, Told]"

_JSON = "application/json; charset=utf-8"
_EXPORT = "this_profile's_activity_across_facebook/posts/profile_posts_1.json"


def read_samples(folder: Path) -> dict[str, list[Entry]]:
    """Read what the invented department and its public said."""
    told = json.loads((folder / "rivertown.json").read_text("utf-8"))
    return {name: part for name, part in told.items() if isinstance(part, list)}


def write_export(path: Path, posts: Sequence[Entry]) -> None:
    """Write *posts* as an export file."""
    told = [
        {"timestamp": int(_when(post).timestamp()), "title": "", "data": [{"post": post["text"]}]}
        for post in posts
    ]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as export:
        export.writestr(_EXPORT, json.dumps(told))


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve the samples in *folder* on a free port of the loopback address; give the URL."""
    site = _Site(read_samples(folder), (folder / "rivertown-seal.png").read_bytes())

    class Handler(BaseHTTPRequestHandler):
        """Answers one request from the samples."""

        def do_GET(self) -> None:
            """Answer."""
            host = self.headers.get("Host", "127.0.0.1")
            asked = urlsplit(self.path)
            pinned = {"pinned=true", "sticky=true"} & set(asked.query.split("&"))
            path = asked.path + ("?pinned" if pinned else "")
            status, kind, body, more = site.answer(path, f"http://{host}")
            self.send_response(status)
            for name, value in {
                "content-type": kind,
                "content-length": str(len(body)),
                **more,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing: the demonstration prints what it does itself."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


_Answer: TypeAlias = "tuple[int, str, bytes, dict[str, str]]"


class _Site:
    """Shapes the samples as three platforms do."""

    def __init__(self, samples: Mapping[str, list[Entry]], seal: bytes) -> None:
        self._samples = samples
        self._seal = seal

    def answer(self, path: str, base: str) -> _Answer:
        """Answer a request for *path*; what ends in `?pinned` asks for what is pinned there."""
        if path == "/feed.xml":
            return 200, "application/rss+xml; charset=utf-8", self._feed(base).encode(), {}
        if path == "/seal.png":
            return 200, "image/png", self._seal, {}
        lists: dict[str, list[Entry]] = {
            "/blog/wp-json/wp/v2/posts": [self._post(p, base) for p in self._samples["blog"]],
            "/blog/wp-json/wp/v2/posts?pinned": [],
            "/blog/wp-json/wp/v2/comments": list(self._comments(base)),
            "/blog/wp-json/wp/v2/media": self._media(base),
            "/blog/wp-json/wp/v2/pages": [],
            "/api/v1/accounts/1/statuses": [self._status(t, base) for t in self._own_toots()],
            "/api/v1/accounts/1/statuses?pinned": [],
        }
        if path in lists:
            found = lists[path]
            return _json(found, {"x-wp-total": str(len(found)), "x-wp-totalpages": "1"})
        if path == "/blog/wp-json/":
            return _json(_index(f"{base}/blog"))
        if path == "/api/v1/accounts/lookup":
            return _json(self._account("rivertownpd", base))
        return self._thread(path, base)

    # --- a WordPress site ------------------------------------------------------------------

    def _post(self, post: Entry, base: str) -> Entry:
        return _dated(post) | {
            "id": post["id"],
            "status": "publish",
            "type": "post",
            "author": 1,
            "link": f"{base}/blog/?p={post['id']}",
            "title": {"rendered": _text(post, "title")},
            "content": {"rendered": f"<p>{html.escape(_text(post, 'text'))}</p>"},
            "featured_media": 900 if post.get("seal") else 0,
        }

    def _comments(self, base: str) -> Iterator[Entry]:
        for post in self._samples["blog"]:
            for comment in cast("list[Entry]", post["comments"]):
                yield _dated(comment) | {
                    "id": comment["id"],
                    "post": post["id"],
                    "parent": comment.get("on", 0),
                    "author": 0,
                    "author_name": comment["author"],
                    "author_url": "",
                    "status": "approved",
                    "type": "comment",
                    "link": f"{base}/blog/?p={post['id']}#comment-{comment['id']}",
                    "content": {"rendered": f"<p>{html.escape(_text(comment, 'text'))}</p>"},
                }

    def _media(self, base: str) -> list[Entry]:
        sealed = [post for post in self._samples["blog"] if post.get("seal")]
        return [
            _dated(post)
            | {
                "id": 900,
                "post": post["id"],
                "source_url": f"{base}/seal.png",
                "mime_type": "image/png",
                "alt_text": "The seal of Rivertown",
                "caption": {"rendered": ""},
            }
            for post in sealed
        ]

    # --- a Mastodon server ------------------------------------------------------------------

    def _own_toots(self) -> list[Entry]:
        return list(reversed(self._samples["toots"]))

    def _thread(self, path: str, base: str) -> _Answer:
        _, _, asked = path.partition("/api/v1/statuses/")
        native_id, _, what = asked.partition("/")
        for toot in self._samples["toots"]:
            replies = cast("list[Entry]", toot.get("replies", []))
            if native_id not in [toot["id"], *(reply["id"] for reply in replies)]:
                continue
            below = [self._status(reply, base, to=toot) for reply in replies]
            if what == "context":
                return _json({"ancestors": [], "descendants": below})
            if what == "history":
                return _json(self._history(toot, base))
            return _json(self._status(toot, base))
        return 404, _JSON, b'{"error": "Record not found"}', {}

    def _status(self, toot: Entry, base: str, *, to: Entry | None = None) -> Entry:
        author = _text(toot, "author") if to else "rivertownpd"
        edited = cast("Entry", toot.get("edited", {}))
        text = _text(edited or toot, "text")
        return {
            "id": toot["id"],
            "created_at": toot["at"],
            "edited_at": edited.get("at"),
            "in_reply_to_id": to["id"] if to else None,
            "in_reply_to_account_id": "1" if to else None,
            "visibility": "public",
            "spoiler_text": "",
            "language": "en",
            "content": f"<p>{html.escape(text)}</p>",
            "url": f"{base}/@{author}/{toot['id']}",
            "account": self._account(author, base),
            "media_attachments": [],
            "replies_count": len(cast("list[Entry]", toot.get("replies", []))),
            "favourites_count": 3,
            "reblogs_count": 0,
            "reblog": None,
        }

    def _history(self, toot: Entry, base: str) -> list[Entry]:
        edited = cast("Entry", toot.get("edited", {}))
        return [
            {
                "content": f"<p>{html.escape(_text(edit, 'text'))}</p>",
                "created_at": edit["at"],
                "spoiler_text": "",
                "sensitive": False,
                "account": self._account("rivertownpd", base),
                "media_attachments": [],
            }
            for edit in (toot, edited)
            if edit
        ]

    def _account(self, name: str, base: str) -> Entry:
        own = name == "rivertownpd"
        return {
            "id": "1" if own else f"9{len(name)}",
            "acct": name,
            "username": name,
            "display_name": "Rivertown Police" if own else name,
            "url": f"{base}/@{name}",
            "statuses_count": len(self._samples["toots"]),
            "created_at": "2019-04-01T00:00:00.000Z",
            "note": "<p>News of an invented department. Not monitored: call 911.</p>"
            if own
            else "",
            "fields": [],
        }

    # --- a feed -----------------------------------------------------------------------------

    def _feed(self, base: str) -> str:
        entries = "".join(
            f"<item><guid isPermaLink='false'>{escape(_text(entry, 'id'))}</guid>"
            f"<title>{escape(_text(entry, 'title'))}</title>"
            f"<pubDate>{format_datetime(_when(entry))}</pubDate>"
            f"<link>{base}/news/{escape(_text(entry, 'id'))}</link>"
            f"<description>{escape(_text(entry, 'text'))}</description></item>"
            for entry in self._samples["news"]
        )
        return (
            "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
            f"<title>Rivertown press releases</title><link>{base}</link>"
            f"<description>Press releases</description>{entries}</channel></rss>"
        )


def _index(url: str) -> Entry:
    """Give what a WordPress site says of itself."""
    return {
        "namespaces": ["wp/v2"],
        "timezone_string": "",
        "gmt_offset": 0,
        "name": "Rivertown Police Blog",
        "description": "From the desk of an invented department",
        "url": url,
        "home": url,
        "site_logo": 0,
        "site_icon": 0,
        "site_icon_url": "",
    }


def _json(value: object, more: dict[str, str] | None = None) -> _Answer:
    return 200, _JSON, json.dumps(value).encode(), more or {}


def _text(entry: Entry, key: str) -> str:
    return str(entry.get(key, ""))


def _when(entry: Entry) -> datetime:
    return datetime.fromisoformat(_text(entry, "at"))


def _dated(entry: Entry) -> Entry:
    plain = _text(entry, "at").removesuffix("Z")
    return {"date": plain, "date_gmt": plain, "modified": plain, "modified_gmt": plain}
