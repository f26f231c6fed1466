"""An agency on Nixle, as its public pages are written: the wire, the alerts' pages, the feed.

Nixle documents none of it. The markup follows what was seen of real agencies' pages in 2026:
the wire lists numbered cards that tell an age and no moment, and answers 404 past its last page
(how its page marks what it says of the agency, nobody told us: that is invented here);
an alert's page has its moment in the agency's own zone, or none; the feed has twenty items, some
behind short links; and every e-mail address is covered anew with each answer.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape
from urllib.parse import urljoin

from archiver.records.pages import PageSettings
from connectors.nixle import CONNECTOR
from tests.connectors.platforms import Asked, Platform, Reply, Told

FIRST_NUMBER = 12_650_000
IN_FEED = 20
PACIFIC = timezone(timedelta(hours=-8))
HTML = {"content-type": "text/html; charset=utf-8"}
AGENCY = "/example-police-department/"
NAME = "Example Police Department"


class NixlePlatform(Platform):
    """One agency of number 3726; nobody answers on Nixle."""

    connector = CONNECTOR
    shows_comments = False
    takes_a_token = False
    portraits = ("/uploads/agency_logos/",)

    def __init__(self) -> None:
        super().__init__()
        self.priorities: dict[int, str] = {}
        self.undated: set[int] = set()
        self.printed: dict[int, datetime] = {}
        self.bodies: dict[int, str] = {}
        self.withdrawn: set[int] = set()
        self.unlisted: set[int] = set()
        self.forwards = True
        self.about = "Serving Example since 1901."
        self._keys = itertools.cycle(range(1, 251))

    def page(self, **options: str) -> PageSettings:
        return PageSettings(
            name="alerts",
            connector="nixle",
            platform="nixle",
            url=f"{self.url}{AGENCY}",
            options={"feed": f"{self.url}/pubs/feeds/latest/3726/"} | options,
        )

    def respond(self, asked: Asked) -> Reply:
        kind, _, rest = asked.path.strip("/").partition("/")
        if asked.path == AGENCY:
            return self._wire(int(asked.query.get("page", "1")))
        if asked.path == "/pubs/feeds/latest/3726/":
            return self._feed()
        if kind == "s" and self._known(int(rest, 36)):
            return Reply(302, b"", {"location": f"/alert/{FIRST_NUMBER + int(rest, 36)}/"})
        if kind == "alert" and rest.isdecimal() and self._known(int(rest) - FIRST_NUMBER):
            return self._alert(int(rest) - FIRST_NUMBER)
        status = 410 if kind == "alert" and int(rest) - FIRST_NUMBER in self.withdrawn else 404
        return Reply(status, b"<!DOCTYPE html><html><title>Nixle</title></html>", HTML)

    def _known(self, number: int) -> bool:
        return number in self.told

    def _wire(self, page: int) -> Reply:
        posts = [post for post in self.posts() if post.number not in self.unlisted]
        shown = posts[(page - 1) * self.slice_size : page * self.slice_size]
        if page > 1 and not shown:
            return Reply(404, b"<!DOCTYPE html><html><title>Nixle</title></html>", HTML)
        more = page * self.slice_size < len(posts)
        following = f'<a href="?page={page + 1}" class="next">next &rsaquo;&rsaquo;</a>'
        return Reply(
            200,
            f"""<!DOCTYPE html>
<html><head><title>Messages from Example Police Department : Nixle</title>
<script>var cards = '<li id="pub_1">';</script></head><body>
<header><form>Sign up, {self.now:%H:%M}</form></header>
<div class="agency_info"><img src="/uploads/agency_logos/lg/user1-3726_.jpeg">
<h1>{NAME}</h1><p class="agency"><strong>Address/Location</strong><br />1 Example Way</p>
<p>{self.about} {self._covered("chief@pd.example.gov")}</p>
<a href="https://police.example.gov/">Website</a> <a href="{AGENCY}">Wire</a></div>
{'<a href="/email_forward_agency/3726/">Forward</a>' if self.forwards else ""}
<ol id="wire">
{self._cards(shown)}</ol>
<div class="pagination">{following if more else ""}</div>
</body></html>""".encode(),
            HTML,
        )

    def _cards(self, posts: Sequence[Told]) -> str:
        return "".join(
            f"""    <li id="pub_{FIRST_NUMBER + post.number}"{' class="first"' if not n else ""}>
        <div class="wrapper"><div class="wire_priority">
            <span class="priority {self._priority(post)}">{self._priority(post).title()}</span>
        </div><div class="wire_content">
        <h2 class="time">Entered: {(self.now - post.at).days} days ago</h2>
        <p class="headline_agency">Headline <a href="{self._short(post)}">More&nbsp;&raquo;</a> </p>
        </div></div>
    </li>
"""
            for n, post in enumerate(posts)
        )

    def _alert(self, number: int) -> Reply:
        post = self.told[number]
        printed = stamped(self.printed.get(number, post.at))
        stamp = f'<dl class="last clearfix">\n        <dd>{printed}</dd>\n    </dl>'
        priority = self._priority(post)
        html = f"""<!DOCTYPE html>
<html><head><title>&ldquo;Headline&rdquo; from Example PD : Nixle</title></head><body>
<div id="title"><h1><span style="font-size:0.6em;">Full Notification</span></h1></div>
<div class="hd clearfix" id="fullpubhd">
    <dl class="first"><dd class="certified"><a href="{AGENCY}">{NAME}</a></dd></dl>
    {"" if number in self.undated else stamp}
</div>
<div class="full_message_info">
    <div class="clearfix"></div>
    <span class="priority {priority}">{priority.title()}</span>
    <h2 style="float: left; width:475px;">Headline</h2>
    <div class="clearfix"></div>
    <div id="alert-body">
        {self._body(post)}
    </div>
    <p class="agency first_agency"><strong>Address/Location</strong><br />1 Example Way</p>
</div>
<div class="related"><h2>Other alerts</h2><p>{len(self.told)} in all</p></div>
</body></html>"""
        return Reply(200, html.encode(), HTML)

    def _body(self, post: Told) -> str:
        written = self.bodies.get(post.number, f"<p>{escape(post.text)}</p>")
        written = written.replace("{covered}", self._covered("tips@pd.example.gov"))
        return written + (f'<img src="{post.picture}" alt="" />' if post.picture else "")

    def _covered(self, address: str) -> str:
        key = next(self._keys)
        covered = bytes([key, *(byte ^ key for byte in address.encode())]).hex()
        return (
            f'<a href="/cdn-cgi/l/email-protection#{covered}"><span class="__cf_email__" '
            f'data-cfemail="{covered}">[email&#160;protected]</span></a>'
        )

    def _feed(self) -> Reply:
        items = "".join(
            f"<item><title>Headline</title><link>{urljoin(self.url, self._address(post))}</link>"
            f"<description>Short</description><pubDate>{format_datetime(post.at)}</pubDate></item>"
            for post in self.posts()[:IN_FEED]
        )
        head = "<title>Example PD</title><description>Messages from Example PD</description>"
        body = f'<?xml version="1.0"?>\n<rss version="2.0"><channel>{head}{items}</channel></rss>'
        return Reply(200, body.encode(), {"content-type": "application/rss+xml; charset=utf-8"})

    def _address(self, post: Told) -> str:
        short = post.number % 4 == 0
        return self._short(post) if short else f"/alert/{FIRST_NUMBER + post.number}/"

    def _short(self, post: Told) -> str:
        digits, number = "", post.number
        while number:
            number, digit = divmod(number, 36)
            digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
        return f"/s/{digits}"

    def _priority(self, post: Told) -> str:
        return self.priorities.get(post.number, "community")


def stamped(when: datetime) -> str:
    """Give a moment as Nixle prints it: `Thursday April 3rd, 2025 :: 02:15 p.m. PST`."""
    here = when.astimezone(PACIFIC)
    teen = here.day in {11, 12, 13}
    ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(here.day % 10, "th")
    half = "p.m." if here.hour >= 12 else "a.m."
    return f"{here:%A %B} {here.day}{ending}, {here.year} :: {here:%I:%M} {half} PST"
