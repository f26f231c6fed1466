"""A visit to an agency on Nixle: its feed of twenty, its wire page by page, each alert's own page.

Alerts are known by their number. The wire tells no moments, only the alerts' own pages do; so a
visit reads on until a whole page of the wire is older than what it was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin

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
from archiver.records.errors import AnswerUnreadable, ConnectorError
from connectors.fetching import Answer, Fetcher, Visited
from connectors.nixle.reading import Announced, Wire, read_alert, read_feed, read_wire

FEEDS = "https://rss.nixle.com/pubs/feeds/latest"
"""Where the agencies' feeds lie, each under the agency's number."""

_FOUND, _NOT_FOUND, _GONE = 200, 404, 410
_PAGES = 2000


@dataclass(slots=True)
class _Walk:
    """What one visit has read so far; *faulty* once something could not be had."""

    window: Window
    newest: int
    sent: dict[str, datetime | None] = field(default_factory=dict)
    due: list[str] = field(default_factory=list)
    given: dict[str, datetime | None] = field(default_factory=dict)
    faulty: bool = False

    @property
    def whole(self) -> bool:
        """Say whether everything is asked for, because so it was said or nothing was had yet."""
        return self.window.full or self.window.cursor is None or self.window.since is None

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

    def __init__(self, fetcher: Fetcher, url: str, feed: str) -> None:
        super().__init__(fetcher)
        self._url = f"{url.rstrip('/')}/"
        self._feed = feed

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield the alerts of *window*, newest first.

        A light visit reads the first page of the wire and the feed, and asks for those alerts
        alone that are new.
        """
        walk = _Walk(window, _number(window.cursor))
        wire = self._wire(1)
        yield from self._announced(wire, walk)
        light = window.light and not walk.whole
        yield from self._looked(wire, walk) if light else self._walked(wire, walk)
        if not walk.faulty:
            newest = max([walk.newest, *map(int, walk.given)])
            yield Cursor(str(newest))

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask for each alert's own page; what is not there any more is not visible, and no more."""
        for item in known:
            try:
                yield self._again(item)
            except ConnectorError as error:
                yield _gap(f"alert {item.native_id}", error, item.native_id)

    # --- the wire ---------------------------------------------------------------------------

    def _wire(self, page: int) -> Wire:
        """Give page *page* of the wire; Nixle answers 404 for the one after the last."""
        params = {"page": str(page)} if page > 1 else None
        accept = (_FOUND,) if page == 1 else (_FOUND, _NOT_FOUND)
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

    def _again(self, item: Known) -> Seen:
        if not item.native_id.isdecimal():
            raise AnswerUnreadable("the id is not one that this connector gives")
        answer = self._page(item.native_id)
        if answer.status == _FOUND:
            content = read_alert(answer, known=item.native_id)
            if content.native_id != item.native_id:
                raise AnswerUnreadable(f"{answer.url} answered with another alert")
            return Observation(content=content)
        gone = answer.status == _GONE
        state = PlatformState.REPORTED_REMOVED if gone else PlatformState.NOT_VISIBLE
        return Sighting(native_id=item.native_id, state=state, source=f"nixle {answer.status}")


def _number(cursor: str | None) -> int:
    return int(cursor) if cursor and cursor.isdecimal() else 0


def _absent(alert: str) -> Gap:
    detail = "it was announced, and its own page is not there"
    return Gap(what=f"alert {alert}", why=GapReason.GONE, detail=detail, native_id=alert)


def _gap(what: str, error: ConnectorError, native_id: str | None = None) -> Gap:
    return Gap(what=what, why=GapReason(error.gap), detail=str(error), native_id=native_id)
