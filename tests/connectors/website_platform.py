"""A department's website as sites are: robots.txt, an index of sitemaps, pages among menus.

Written from sitemaps.org, RFC 9309 (robots.txt) and RFC 9110 (conditional requests, redirects).
Every page carries a menu, a notice and a counter that changes with each answer, as sites do.
"""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from html import escape

from archiver.records.pages import PageSettings
from connectors.website import CONNECTOR
from tests.connectors.platforms import SECRET, Asked, Platform, Reply, Told

HTML = {"content-type": "text/html; charset=utf-8"}
XML = {"content-type": "application/xml"}
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
HOME = b"""<!DOCTYPE html><html lang="en"><head><title>Home | Example PD</title>
<meta property="og:site_name" content="Example Police Department">
<meta name="description" content="Serving the city of Example."></head><body>
<nav><a href="/news/">News</a></nav><main><p>Weather of the hour</p><a href="/hour">x</a></main>
<footer><a href="/policy">Social media policy</a><a href="mailto:a@b.example">a</a></footer>
</body></html>"""
GONE = b"<!DOCTYPE html><html><title>Not found</title><body>Not found</body></html>"


class WebsitePlatform(Platform):
    """A site of one page to a post, its sitemaps in slices under an index."""

    connector = CONNECTOR
    shows_comments = False
    shows_anything = True
    marks_its_main_part = False
    """Whether every page marks its main part; else each third is as older sites have it."""

    def __init__(self) -> None:
        super().__init__()
        self.robots = "User-agent: *\nAllow: /\nSitemap: {url}/sitemap-index.xml\n"
        self.zipped = False
        self.withdrawn: set[int] = set()
        self.moved: dict[int, str] = {}
        self.unlisted: set[int] = set()
        self.pages: dict[str, Reply] = {}
        self.tells_changes = True
        self._visitors = itertools.count(1)

    def page(self, **options: object) -> PageSettings:
        return PageSettings(
            name="site",
            connector="website",
            platform="website",
            url=self.url,
            secret=SECRET,
            options=dict(options),
        )

    def respond(self, asked: Asked) -> Reply:
        if asked.path == "/robots.txt":
            text = self.robots.replace("{url}", self.url)
            return Reply(200, text.encode(), {"content-type": "text/plain"})
        if not asked.headers.get("authorization", "").endswith(SECRET):
            return Reply(401, b"no", HTML)
        if asked.path in self.pages:
            return self.pages[asked.path]
        if asked.path == "/":
            return Reply(200, HOME, HTML)
        if asked.path.startswith("/sitemap"):
            return self._sitemap(asked.path)
        return self._news(asked.path.removeprefix("/news/"), asked)

    def _news(self, name: str, asked: Asked) -> Reply:
        number = int(name) if name.isdecimal() else 0
        if number in self.moved:
            return Reply(301, b"", {"location": self.moved[number]})
        if number not in self.told:
            return Reply(410 if number in self.withdrawn else 404, GONE, HTML)
        return self._page(self.told[number], asked)

    def _listed(self) -> Sequence[Told]:
        return [post for post in self.posts() if post.number not in self.unlisted]

    def _sitemap(self, path: str) -> Reply:
        listed = self._listed()
        slices = range(0, max(1, len(listed)), self.slice_size)
        if path == "/sitemap-index.xml":
            inside = "".join(
                f"<sitemap><loc>{self.url}/sitemap-{n // self.slice_size}.xml</loc></sitemap>"
                for n in slices
            )
            body = (
                f'<?xml version="1.0"?><sitemapindex xmlns="{_NAMESPACE}">{inside}</sitemapindex>'
            )
            return Reply(200, body.encode(), XML)
        number = path.removeprefix("/sitemap-").removesuffix(".xml")
        if not number.isdecimal():
            return Reply(404, GONE, HTML)
        start = int(number) * self.slice_size
        inside = "\n".join(map(self._entry, listed[start : start + self.slice_size]))
        body = f'<?xml version="1.0"?>\n<urlset xmlns="{_NAMESPACE}">{inside}</urlset>'.encode()
        if self.zipped:
            return Reply(200, gzip.compress(body), {"content-type": "application/gzip"})
        return Reply(200, body, XML)

    def _entry(self, post: Told) -> str:
        changed = f"<lastmod>{_changed(post).isoformat()}</lastmod>" if self.tells_changes else ""
        return f"<url><loc>{self.url}/news/{post.number}</loc>{changed}</url>"

    def _page(self, post: Told, asked: Asked) -> Reply:
        etag = f'"{sha256(f"{post.number} {post.text}".encode()).hexdigest()[:16]}"'
        modified = format_datetime(_changed(post), usegmt=True)
        headers = HTML | ({"etag": etag} if post.number % 2 else {"last-modified": modified})
        known = {asked.headers.get("if-none-match"), asked.headers.get("if-modified-since")}
        if known & {etag, modified}:
            return Reply(304, headers=headers)
        picture = f'<img src="{post.picture}" alt="">' if post.picture else ""
        marked = self.marks_its_main_part or post.number % 3 > 0
        html = f"""<!DOCTYPE html>
<html lang="en"><head><title>News | Example PD</title></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/news/">News</a></li></ul></nav>
{self._main(f"<p>{escape(post.text)}</p>{picture}", marked=marked)}
<footer><p>Visitor number {next(self._visitors)}</p></footer>
</body></html>"""
        return Reply(200, html.encode(), headers | {"set-cookie": "visitor=abc; Path=/"})

    def _main(self, inside: str, *, marked: bool) -> str:
        """Give the main part as such, or as older sites have it."""
        return f"<main>{inside}</main>" if marked else f'<div id="content">{inside}</div>'


def _changed(post: Told) -> datetime:
    return post.edited_at or post.at
