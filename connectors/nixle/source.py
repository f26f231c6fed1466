"""A visit to an agency on Nixle: its feed of twenty, its wire page by page, each alert's own page.

Where the agency's alerts are mailed to a mailbox, that is read as well. A mail and a page of one
number are one item: what the page says counts, and what was mailed is an earlier wording of it,
if it reads differently. An alert that came by mail alone went to a group, and is restricted.

Alerts are known by their number. The wire tells no moments, only the alerts' own pages do; so a
visit reads on until a whole page of the wire is older than what it was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urljoin

from archiver.ports import Downloaded
from archiver.records.captures import (
    Cursor,
    Gap,
    GapReason,
    Known,
    Listed,
    Observation,
    PlatformState,
    Seen,
    Sighting,
    Window,
)
from archiver.records.errors import AnswerUnreadable, AttachmentGone, ConnectorError
from archiver.records.items import Attachment, Content
from archiver.records.pages import AccessCheck
from connectors.fetching import Answer, Fetcher, Visited
from connectors.nixle.letters import Place, same_words
from connectors.nixle.post import Postbox
from connectors.nixle.profile import PROFILE, read_profile
from connectors.nixle.reading import Announced, Wire, read_alert, read_feed, read_wire

FEEDS = "https://rss.nixle.com/pubs/feeds/latest"
"""Where the agencies' feeds lie, each under the agency's number."""

_FOUND, _NOT_FOUND, _GONE = 200, 404, 410
_PAGES = 2000
_LETTERS = 50
"""After so many messages the place in the mailbox is kept, so that a broken visit goes on there."""


@dataclass(slots=True)
class _Walk:
    """What one visit has read so far; *faulty* once something could not be had."""

    window: Window
    newest: int
    mail: str = ""
    sent: dict[str, datetime | None] = field(default_factory=dict)
    due: list[str] = field(default_factory=list)
    given: dict[str, datetime | None] = field(default_factory=dict)
    faulty: bool = False

    @property
    def whole(self) -> bool:
        """Say whether everything is asked for, because so it was said or nothing was had yet."""
        return self.window.full or not self.newest or self.window.since is None

    def wants(self, each: Announced) -> bool:
        """Say whether what the feed announces is to be asked for, by the feed's own word."""
        since = self.window.since
        newer = bool(each.alert) and int(each.alert) > self.newest
        return self.whole or newer or each.when is None or since is None or each.when >= since

    def old(self, alert: str) -> bool:
        """Say whether *alert* lies before what is asked for, and was known to the last visit."""
        when, since = self.given.get(alert), self.window.since
        return since is not None and when is not None and when < since


class AgencySource(Visited):
    """One agency, opened for one visit."""

    def __init__(
        self, fetcher: Fetcher, url: str, feed: str, postbox: Postbox | None = None
    ) -> None:
        super().__init__(fetcher)
        self._postbox = postbox
        self._url = f"{url.rstrip('/')}/"
        self._feed = feed

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield what the page says of the agency, and the alerts of *window*, newest first.

        A light visit reads the first page of the wire and the feed, and asks for those alerts
        alone that are new.
        """
        newest, mail = _position(window.cursor)
        walk = _Walk(window, newest, "" if window.full else mail)
        first = self._first()
        wire = read_wire(first)
        if not window.light:
            yield self._profile(first)
        yield from self._announced(wire, walk)
        yield from self._mailed(walk)
        light = window.light and not walk.whole
        yield from self._looked(wire, walk) if light else self._walked(wire, walk)
        if not walk.faulty:
            yield Cursor(_cursor(max([walk.newest, *map(int, walk.given)]), walk.mail))

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask for each alert's own page; what is not there any more is not visible, and no more.

        Of an alert that came by mail alone, and never had a page, nothing is told.
        """
        for item in known:
            try:
                seen = self._again(item)
                if seen is not None:
                    yield seen
            except ConnectorError as error:
                profile = item.native_id == PROFILE
                what = "the agency's profile" if profile else f"alert {item.native_id}"
                yield _gap(what, error, item.native_id)

    def download(self, attachment: Attachment) -> Downloaded:
        """Bring the file of *attachment* into the spool."""
        place = Place.of(attachment)
        if place is None:
            return super().download(attachment)
        if self._postbox is None:
            raise AttachmentGone("the page's settings name no mailbox any more")
        return self._postbox.download(place)

    def check(self) -> Iterator[AccessCheck]:
        """Try the agency's page, and its mailbox if it has one."""
        tried: list[tuple[str, Callable[[], object]]] = [
            ("the agency's wire", lambda: read_wire(self._first()))
        ]
        if self._postbox is not None:
            tried.append(("the mailbox", self._postbox.open))
        for what, ask in tried:
            try:
                ask()
            except ConnectorError as error:
                yield AccessCheck(what, granted=False, detail=str(error))
            else:
                yield AccessCheck(what, granted=True)

    @property
    def fetched(self) -> int:
        """Give how many answers this visit has read so far."""
        return super().fetched + (self._postbox.fetched if self._postbox else 0)

    def close(self) -> None:
        """Let go of connections and spool files."""
        super().close()
        if self._postbox is not None:
            self._postbox.close()

    # --- the wire ---------------------------------------------------------------------------

    def _first(self) -> Answer:
        """Give the agency's page, which is the first of the wire."""
        return self._fetcher.get(self._url)

    def _profile(self, page: Answer) -> Seen:
        try:
            return Observation(content=read_profile(page))
        except AnswerUnreadable as error:
            return _gap("the agency's profile", error, PROFILE)

    def _wire(self, page: int) -> Wire:
        """Give page *page* of the wire, 2 or more; Nixle answers 404 for the one after the last."""
        params, accept = {"page": str(page)}, (_FOUND, _NOT_FOUND)
        answer = self._fetcher.get(self._url, params=params, accept=accept)
        return Wire() if answer.status == _NOT_FOUND else read_wire(answer)

    def _walked(self, wire: Wire, walk: _Walk) -> Iterator[Seen]:
        """Yield the alerts page by page, until one is old altogether or there is no more."""
        number = 1
        while True:
            yield from self._alerts(wire.alerts, walk)
            if walk.faulty:
                return
            done = not walk.whole and wire.alerts and all(map(walk.old, wire.alerts))
            if done or not wire.more:
                break
            number += 1
            if number > _PAGES:
                detail = f"more than {_PAGES} pages of the wire"
                yield Gap(what="the older alerts", why=GapReason.BUDGET, detail=detail)
                return
            try:
                wire = self._wire(number)
            except ConnectorError as error:
                walk.faulty = True
                yield _gap("the older alerts", error)
                return
        yield from self._alerts(walk.due, walk)
        since = None if walk.whole else walk.window.since
        if not walk.faulty:
            yield Listed(whole=True, since=since, kinds=("post",))

    def _looked(self, wire: Wire, walk: _Walk) -> Iterator[Seen]:
        """Yield what is new: after the newest known alert, or sent since by the feed's word."""
        since, number = walk.window.since, 1
        while True:
            fresh = [alert for alert in wire.alerts if int(alert) > walk.newest]
            yield from self._alerts(fresh, walk)
            if walk.faulty or not wire.more or len(fresh) < len(wire.alerts):
                break
            number += 1
            try:
                wire = self._wire(number)
            except ConnectorError as error:
                walk.faulty = True
                yield _gap("the older alerts", error)
        yield from self._alerts(walk.due, walk)
        if not walk.faulty:
            yield Listed(whole=False, since=since, kinds=("post",))

    def _announced(self, wire: Wire, walk: _Walk) -> Iterator[Gap]:
        """Read the feed, if it is known where it lies; what it announces is asked for later."""
        feed = self._feed or (f"{FEEDS}/{wire.agency}/" if wire.agency else "")
        if not feed:
            return
        try:
            for each in filter(walk.wants, read_feed(self._fetcher.get(feed))):
                if alert := each.alert or self._number_at(each.address):
                    walk.sent[alert] = each.when
                    walk.due.append(alert)
        except ConnectorError as error:
            walk.faulty = True
            yield _gap("the agency's feed", error)

    def _number_at(self, address: str) -> str:
        """Follow a short link of the feed to the alert's own address, which has its number."""
        answer = self._fetcher.get(address, accept=(_FOUND, _NOT_FOUND, _GONE))
        return read_alert(answer).native_id if answer.status == _FOUND else ""

    # --- the mailbox ------------------------------------------------------------------------

    def _mailed(self, walk: _Walk) -> Iterator[Seen]:
        """Yield what came by mail since the last visit, up to the first that has to wait.

        A mailbox that cannot be read keeps nobody from the wire; its place stays where it was.
        """
        if self._postbox is None:
            return
        try:
            for count, (place, post) in enumerate(self._postbox.after(walk.mail), start=1):
                if isinstance(post, Content):
                    yield from self._as_mailed(post, walk)
                    if post.native_id not in walk.given:
                        return
                elif post is not None:
                    yield post
                walk.mail = place
                if count % _LETTERS == 0:
                    yield Cursor(_cursor(walk.newest, place))
        except ConnectorError as error:
            yield _gap("the mailbox", error)

    def _as_mailed(self, mailed: Content, walk: _Walk) -> Iterator[Seen]:
        """Yield an alert that was mailed, and its page's wording; neither, if it has to wait."""
        number, page = mailed.native_id, None
        try:
            answer = self._page(number)
            if answer.status == _FOUND:
                page = read_alert(answer, known=number, sent=mailed.published_at)
        except ConnectorError as error:
            walk.faulty = True
            yield _gap(f"alert {number}", error, number)
            if not isinstance(error, AnswerUnreadable):
                return
        walk.given[number] = mailed.published_at if page is None else page.published_at
        if page is None:
            yield Observation(content=mailed, restricted=True)
            return
        if not same_words(mailed, page):
            yield Observation(content=replace(mailed, permalink=page.permalink), current=False)
        yield Observation(content=page)

    # --- alerts -----------------------------------------------------------------------------

    def _alerts(self, alerts: Sequence[str], walk: _Walk) -> Iterator[Seen]:
        for alert in alerts:
            if alert in walk.given:
                continue
            walk.given[alert] = None
            try:
                answer = self._page(alert)
                if answer.status != _FOUND:
                    yield _absent(alert)
                    continue
                content = read_alert(answer, known=alert, sent=walk.sent.get(alert))
            except ConnectorError as error:
                walk.faulty = True
                yield _gap(f"alert {alert}", error, alert)
                if not isinstance(error, AnswerUnreadable):
                    return
                continue
            walk.given[alert] = content.published_at
            yield Observation(content=content)

    def _page(self, alert: str) -> Answer:
        address = urljoin(self._url, f"/alert/{alert}/")
        return self._fetcher.get(address, accept=(_FOUND, _NOT_FOUND, _GONE))

    def _again(self, item: Known) -> Seen | None:
        if item.native_id == PROFILE:
            return Observation(content=read_profile(self._first()))
        if not item.native_id.isdecimal():
            raise AnswerUnreadable("the id is not one that this connector gives")
        answer = self._page(item.native_id)
        if answer.status == _FOUND:
            content = read_alert(answer, known=item.native_id)
            if content.native_id != item.native_id:
                raise AnswerUnreadable(f"{answer.url} answered with another alert")
            return Observation(content=content)
        if not item.permalink:
            return None
        gone = answer.status == _GONE
        state = PlatformState.REPORTED_REMOVED if gone else PlatformState.NOT_VISIBLE
        return Sighting(native_id=item.native_id, state=state, source=f"nixle {answer.status}")


def _position(cursor: str | None) -> tuple[int, str]:
    """Read a cursor: the newest alert's number, and the place in the mailbox if there is one."""
    number, _, mail = (cursor or "").partition(" ")
    return int(number) if number.isdecimal() else 0, mail


def _cursor(newest: int, mail: str) -> str:
    return f"{newest} {mail}".rstrip()


def _absent(alert: str) -> Gap:
    detail = "it was announced, and its own page is not there"
    return Gap(what=f"alert {alert}", why=GapReason.GONE, detail=detail, native_id=alert)


def _gap(what: str, error: ConnectorError, native_id: str | None = None) -> Gap:
    return Gap(what=what, why=GapReason(error.gap), detail=str(error), native_id=native_id)
