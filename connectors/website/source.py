"""A visit to a website: its rules, its sitemaps, then every page that changed since the last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin

from archiver.ports import Downloaded
from archiver.records.captures import (
    Cursor,
    Gap,
    GapReason,
    Known,
    Observation,
    PlatformState,
    Seen,
    Sighting,
    Window,
)
from archiver.records.captures import Listed as Walked
from archiver.records.errors import AddressRefused, AttachmentGone, ConnectorError
from archiver.records.items import Attachment, ItemKind
from connectors.cutting import is_document
from connectors.fetching import (
    NOT_MODIFIED,
    Answer,
    Fetcher,
    Visited,
    conditions,
    spoken,
)
from connectors.website.listing import (
    Listed,
    Rules,
    identity,
    kept_to,
    read_rules,
    read_sitemap,
    same_site,
)
from connectors.website.pictures import Looks, Pictures, is_picture
from connectors.website.reading import (
    SITE,
    answered_at,
    file_to_content,
    is_page,
    page_to_content,
    site_to_profile,
)
from connectors.website.remembering import kept_of, mark_of, remembered, told_by, written
from connectors.website.snapshot import snapshot

_FOUND, _NOT_FOUND, _GONE = 200, 404, 410
_NO_RULES = (200, 400, 401, 403, 404, 405, 410, 451)
_SITEMAPS, _PAGES, _REMEMBERED = 500, 50_000, 5_000
_IN_A_ROW = 5
"""After so many pages that could not be had, one after the other, the rest is not asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a site is archived: its sitemap, pages named one by one, and paths to keep to.

    *alone*: only the named ones are, and nothing is asked of the site itself; the first must be
    there for a visit to begin.
    """

    home: str
    sitemap: str = ""
    addresses: tuple[str, ...] = ()
    under: tuple[str, ...] = ()
    alone: bool = False


@dataclass(slots=True)
class _Walk:
    """What one visit has seen so far; *now* are the validators of the pages it had."""

    window: Window
    before: Mapping[str, str]
    now: dict[str, str] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    faulty: bool = False

    @property
    def light(self) -> bool:
        """Say whether only what is new is to be asked for."""
        return self.window.light and bool(self.before)

    def wants(self, page: Listed) -> bool:
        """Say whether a light visit asks for *page*: it is new, or its sitemap says it changed."""
        since, several = self.window.since, len(self.before) < _REMEMBERED
        new = several and mark_of(page.url) not in self.before
        if not self.light or since is None or new:
            return True
        return page.changed is not None and page.changed >= since


class SiteSource(Visited):
    """One website, opened for one visit."""

    def __init__(
        self, fetcher: Fetcher, wanted: Wanted, *, agent: str, looks: Looks | None = None
    ) -> None:
        super().__init__(fetcher)
        self._pictures = Pictures(looks, self._obeyed) if looks else None
        self._wanted = wanted
        self._agent = agent
        self._kept_rules: Rules | None = None
        self._further: tuple[str, ...] = ()

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield every page that is listed and changed, in the order of the sitemaps.

        A page that has not changed is seen to be present. A light visit asks for those pages that
        are new, or that their sitemap says have changed.

        Raises:
            PermissionLost, PlatformUnreachable, AnswerUnreadable: the site lists, or its first
                named page says, nothing to us.
        """
        walk = _Walk(window, {} if window.full else remembered(window.cursor))
        itself = [] if walk.light or self._wanted.alone else self._itself()
        pages: dict[str, Listed] = {}
        for found in self._listed():
            if isinstance(found, Gap):
                walk.faulty = True
                yield found
            else:
                pages.setdefault(identity(found.url), found)
        yield from itself
        yield from self._left_alone(pages)
        if self._pictures is not None and not self._pictures.possible:
            detail = "no browser is found here: install Chromium, or name one in `browser`"
            yield Gap(what="pictures of pages", why=GapReason.OUT_OF_REACH, detail=detail)
        yield from self._pages([p for p in pages.values() if self._rules.allow(p.url)], walk)
        if walk.faulty:
            return
        count = None if self._wanted.alone else len(pages)
        yield Walked(whole=not walk.light, platform_count=count, kinds=("page",))
        kept = {**walk.before, **walk.now} if walk.light else walk.now
        yield Cursor(written(kept, most=_REMEMBERED))

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask for each page by its address; what the server says of it is what is told."""
        for item in known:
            try:
                if item.kind == ItemKind.PROFILE:
                    yield from self._itself()
                else:
                    yield self._again(item)
            except ConnectorError as error:
                yield _gap(item.native_id, error, item.native_id)

    def download(self, attachment: Attachment) -> Downloaded:
        """Bring the file of *attachment* into the spool.

        Raises:
            AddressRefused: the site's rules ask us to leave it alone.
        """
        if not is_picture(attachment):
            self._obeyed(attachment.url)
            return super().download(attachment)
        if self._pictures is None:
            raise AttachmentGone("pictures of pages are not asked for any more")
        return self._pictures.take(attachment)

    def close(self) -> None:
        """Let go of connections and spool files, and of the browser."""
        super().close()
        if self._pictures is not None:
            self._pictures.close()

    # --- what the site lists ----------------------------------------------------------------

    @property
    def _rules(self) -> Rules:
        if self._kept_rules is None:
            address = urljoin(self._wanted.home, "/robots.txt")
            rules = read_rules(self._fetcher.get(address, accept=_NO_RULES), self._agent)
            if rules.per_second:
                self._fetcher.keep_to(rules.per_second)
                if self._pictures is not None:
                    self._pictures.keep_to(rules.per_second)
            self._kept_rules = rules
        return self._kept_rules

    def _listed(self) -> Iterator[Listed | Gap]:
        """Give every page the sitemaps list on this site, and those named one by one."""
        rules, wanted = self._rules, self._wanted
        yield from (Listed(urljoin(wanted.home, each), None) for each in wanted.addresses)
        if wanted.alone:
            return
        told = (wanted.sitemap,) if wanted.sitemap else rules.sitemaps
        waiting = [urljoin(wanted.home, each) for each in told or ("/sitemap.xml",)]
        asked: set[str] = set()
        while waiting:
            address = waiting.pop(0)
            if address in asked:
                continue
            if len(asked) >= _SITEMAPS:
                detail = f"more than {_SITEMAPS} sitemaps"
                yield Gap(what="further sitemaps", why=GapReason.BUDGET, detail=detail)
                return
            first = not asked
            asked.add(address)
            try:
                sitemap = self._sitemap(address, optional=bool(wanted.addresses) and not told)
            except ConnectorError as error:
                if first:
                    raise
                yield _gap("a sitemap", error)
                continue
            here = (page for page in sitemap if same_site(page.url, wanted.home))
            yield from kept_to(here, wanted.under)
            waiting += self._further

    def _sitemap(self, address: str, *, optional: bool) -> tuple[Listed, ...]:
        """Read one sitemap; where none was named and pages were, there need not be any."""
        accept = (_FOUND, _NOT_FOUND) if optional else (_FOUND,)
        answer = self._fetcher.get(address, accept=accept)
        sitemap = read_sitemap(answer) if answer.status == _FOUND else None
        self._further = sitemap.further if sitemap else ()
        return sitemap.pages if sitemap else ()

    def _left_alone(self, pages: Mapping[str, Listed]) -> Iterator[Gap]:
        count = sum(not self._rules.allow(page.url) for page in pages.values())
        if count:
            detail = f"the site's robots.txt asks us to leave {count} listed pages alone"
            yield Gap(what="pages it lists", why=GapReason.OUT_OF_REACH, detail=detail)
        if len(pages) > _PAGES:
            detail = f"only the first {_PAGES} of {len(pages)} listed pages are asked for"
            yield Gap(what="pages it lists", why=GapReason.BUDGET, detail=detail)

    def _itself(self) -> list[Seen]:
        """Give what the site says of itself on its home page; nothing where it has none."""
        home = self._wanted.home
        try:
            answer = self._get(self._obeyed(home), {})
            here = answer.status == _FOUND and same_site(answer.url, home)
            if not here or not is_page(answer):
                return []
            raw = snapshot(answer, answered_at(answer), self._sent({}))
            return [Observation(content=site_to_profile(answer, raw))]
        except AddressRefused:
            return []
        except ConnectorError as error:
            return [_gap("the site itself", error, SITE)]

    # --- pages ------------------------------------------------------------------------------

    def _pages(self, pages: Sequence[Listed], walk: _Walk) -> Iterator[Seen]:
        in_a_row = 0
        for page in filter(walk.wants, pages[:_PAGES]):
            try:
                seen = self._page(page, walk)
                in_a_row = 0
            except ConnectorError as error:
                if self._wanted.alone and not walk.given:
                    raise
                walk.faulty, in_a_row = True, in_a_row + 1
                yield _gap(spoken(page.url), error, identity(page.url))
                if in_a_row >= _IN_A_ROW:
                    yield _gap("the rest of the site", error)
                    return
                continue
            name = seen.content.native_id if isinstance(seen, Observation) else seen.native_id
            if name not in walk.given:
                walk.given.add(name)
                yield seen

    def _page(self, page: Listed, walk: _Walk) -> Observation | Sighting:
        mark = mark_of(page.url)
        if is_document(page.url) and page.raw and page.changed:
            walk.now[mark] = ""
            return Observation(content=file_to_content(page, page.changed))
        asked = conditions(*told_by(walk.before.get(mark, "")))
        answer = self._get(page.url, asked)
        walk.now[mark] = walk.before.get(mark, "")
        if answer.status == NOT_MODIFIED:
            source = f"website {answer.status}"
            native_id = identity(answer.url)
            return Sighting(native_id=native_id, state=PlatformState.PRESENT, source=source)
        seen = self._shown(answer, page, asked)
        walk.now[mark] = kept_of(answer)
        return seen

    def _get(self, url: str, asked: Mapping[str, str]) -> Answer:
        accept = (_FOUND, _NOT_FOUND, _GONE, *((NOT_MODIFIED,) if asked else ()))
        return self._fetcher.get(url, headers=asked, accept=accept)

    def _shown(
        self, answer: Answer, page: Listed, asked: Mapping[str, str]
    ) -> Observation | Sighting:
        """Say what an answer shows: the page, or that there is none any more at its address."""
        if answer.status != _FOUND:
            gone = answer.status == _GONE
            state = PlatformState.REPORTED_REMOVED if gone else PlatformState.NOT_VISIBLE
            source = f"website {answer.status}"
            return Sighting(native_id=identity(page.url), state=state, source=source)
        if not same_site(answer.url, self._wanted.home):
            return _elsewhere(identity(page.url), answer)
        raw = snapshot(answer, answered_at(answer), self._sent(asked))
        content = page_to_content(answer, page, raw)
        if self._pictures is not None and is_page(answer):
            content = self._pictures.beside(content, answer)
        return Observation(content=content)

    def _sent(self, asked: Mapping[str, str]) -> dict[str, str]:
        """Give the headers that were sent with a question, of which *asked* are its own."""
        return {"User-Agent": self._agent, "Accept": "*/*", **asked, "Accept-Encoding": "identity"}

    def _again(self, item: Known) -> Seen:
        url = item.permalink or f"https://{item.native_id}"
        if not self._rules.allow(url):
            detail = "the site's robots.txt asks us to leave this page alone"
            why = GapReason.OUT_OF_REACH
            return Gap(what=item.native_id, why=why, detail=detail, native_id=item.native_id)
        answer = self._get(url, {})
        if answer.status == _FOUND and identity(answer.url) != item.native_id:
            return _elsewhere(item.native_id, answer)
        if answer.status == _FOUND and is_document(url):
            source = f"website {answer.status}"
            return Sighting(native_id=item.native_id, state=PlatformState.PRESENT, source=source)
        return self._shown(answer, Listed(url, None), {})

    def _obeyed(self, url: str) -> str:
        """Give *url* again, unless the site's rules ask us to leave it alone."""
        if same_site(url, self._wanted.home) and not self._rules.allow(url):
            raise AddressRefused(f"{spoken(url)}: the site's robots.txt asks us to leave it alone")
        return url


def _elsewhere(native_id: str, answer: Answer) -> Sighting:
    """Say that a page's address leads to another page now; which one, stands in the remark."""
    return Sighting(
        native_id=native_id,
        state=PlatformState.NOT_VISIBLE,
        source="website redirect",
        remark=f"its address leads to {answer.url}",
    )


def _gap(what: str, error: ConnectorError, native_id: str | None = None) -> Gap:
    return Gap(what=what, why=GapReason(error.gap), detail=str(error), native_id=native_id)
