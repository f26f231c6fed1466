"""Pictures of pages: one to each wording of a page, drawn when it is asked for.

A picture is of the page as it was fetched. Where that is not at hand any more, or the browser
draws nothing, there is none, and no later visit can make it up: the page may be another by then.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from urllib.parse import urlsplit

from archiver.ports import Downloaded
from archiver.records.errors import AttachmentGone, ConnectorError, PlatformUnreachable
from archiver.records.items import Attachment, Content
from connectors.deposits import spooled
from connectors.fetching import Answer, Fetcher
from connectors.website.browser import Browser, BrowserFailed
from connectors.website.drawing import draw

_PLACE = "picture:"
_WHATEVER = (*range(200, 300), *range(400, 600))
_AT_HAND = 64 * 1024 * 1024
"""So many bytes of pages wait for their picture, and so many of what pages share are kept."""


@dataclass(frozen=True, slots=True)
class Looks:
    """How pictures are made: by which *browser* (none is here where it is empty).

    *parts* brings what pages ask for; it visits no private host but the site's own.
    """

    browser: str
    parts: Fetcher
    spool: PurePath


def is_picture(attachment: Attachment) -> bool:
    """Say whether *attachment* is a picture that is drawn here."""
    return attachment.url.startswith(_PLACE)


class Pictures:
    """The pictures of one visit, by one browser, which is started when it is first needed.

    *obeyed* gives an address again, or raises where the site's rules ask us to leave it alone.
    """

    def __init__(self, looks: Looks, obeyed: Callable[[str], str]) -> None:
        self._looks = looks
        self._obeyed = obeyed
        self._browser: Browser | None = None
        self._waiting = _Kept()
        self._shared = _Kept()
        self._silent: set[str] = set()
        self._drawn: list[Path] = []
        self._refused = ""

    @property
    def possible(self) -> bool:
        """Say whether there is a browser to draw with."""
        return bool(self._looks.browser)

    def keep_to(self, per_second: float) -> None:
        """Bring what pages ask for no more often than *per_second*."""
        self._looks.parts.keep_to(per_second)

    def beside(self, content: Content, answer: Answer) -> Content:
        """Give *content*, which the page *answer* reads, with its picture; it is not drawn yet.

        Where there is no browser it stays without one. One wording has one picture.
        """
        if not self.possible:
            return content
        key = f"picture/{content.fingerprint()[:20]}"
        self._waiting.keep(key, answer)
        picture = Attachment(key, f"{_PLACE}{key}", "image/png", "page.png")
        return replace(content, attachments=(*content.attachments, picture))

    def take(self, attachment: Attachment) -> Downloaded:
        """Draw the picture that *attachment* is.

        Raises:
            AttachmentGone: the page is not at hand any more, or the browser draws none.
        """
        answer = self._waiting.at(attachment.url.removeprefix(_PLACE))
        if answer is None:
            raise AttachmentGone("the page that was to be drawn is not at hand any more")
        browser = self._started()
        try:
            picture = draw(browser, answer, self._bring)
        except BrowserFailed as error:
            self._end()
            raise AttachmentGone(f"no picture of the page could be drawn: {error}") from None
        taken = spooled([picture], self._looks.spool)
        self._drawn.append(Path(taken.path))
        return taken

    def close(self) -> None:
        """End the browser, and remove what is left in the spool."""
        self._end()
        self._looks.parts.close()
        for path in self._drawn:
            path.unlink(missing_ok=True)
        self._drawn.clear()

    def _started(self) -> Browser:
        """Give the browser; one that could not be started is not tried again in this visit."""
        if self._browser is None and not self._refused:
            try:
                self._browser = Browser(self._looks.browser)
            except BrowserFailed as error:
                self._refused = f"no picture of the page could be drawn: {error}"
        if self._browser is None:
            raise AttachmentGone(self._refused)
        return self._browser

    def _end(self) -> None:
        if self._browser is not None:
            self._browser.close()
            self._browser = None

    def _bring(self, url: str) -> Answer | None:
        """Bring what a page asks for, once for all of them; a host that is silent is let be."""
        host = urlsplit(url).netloc
        if (kept := self._shared.at(url)) is not None or host in self._silent:
            return kept
        try:
            answer = self._looks.parts.get(self._obeyed(url), accept=_WHATEVER)
        except ConnectorError as error:
            if isinstance(error, PlatformUnreachable):
                self._silent.add(host)
            return None
        self._shared.keep(url, answer)
        return answer


class _Kept:
    """Answers by name; the oldest go where they come to too many bytes."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._bytes = 0

    def keep(self, name: str, answer: Answer) -> None:
        before = self._answers.pop(name, None)
        self._bytes += len(answer.body) - (len(before.body) if before else 0)
        self._answers[name] = answer
        while self._bytes > _AT_HAND:
            self._bytes -= len(self._answers.popitem(last=False)[1].body)

    def at(self, name: str) -> Answer | None:
        return self._answers.get(name)
