"""How a page looks: drawn by a browser out of what was fetched, from its top to its end.

The browser is given the page as it was fetched, and everything else it asks for (styles,
pictures, scripts) as our own client brings it: the same hosts are refused, the same pace kept,
and the site's robots.txt obeyed. Only GET is brought, and only so much for one page.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from time import monotonic
from typing import TypeAlias
from urllib.parse import urldefrag

from connectors.fetching import Answer
from connectors.website.browser import Browser, BrowserFailed, Told

Bring: TypeAlias = Callable[[str], Answer | None]
"""Brings what lies at an address; None where it is not to be had."""

WIDTH, HEIGHT, TALLEST = 1280, 900, 15_000
"""How wide the window is and how tall at first; below the last line a page is cut off."""

PATIENCE = 60.0
"""So many seconds a page may take; what it then lacks is not drawn."""

_LOADING = 30.0
_QUIET = 0.5
_REQUESTS = 300
_CHANGED = frozenset(
    {"content-encoding", "content-length", "transfer-encoding", "set-cookie", "connection"}
)


def draw(browser: Browser, answer: Answer, bring: Bring, *, patience: float = PATIENCE) -> bytes:
    """Give a picture (PNG) of the page that *answer* is, drawn by *browser*.

    Raises:
        BrowserFailed: it draws none in time.
    """
    drawing = _Drawing(browser, answer, bring, patience)
    try:
        return drawing.made()
    finally:
        drawing.end()


class _Drawing:
    def __init__(self, browser: Browser, answer: Answer, bring: Bring, patience: float) -> None:
        self._browser = browser
        self._answer = answer
        self._bring = bring
        self._until = monotonic() + patience
        self._asked = 0
        self._given = self._loaded = False
        self._session = self._context = ""

    def made(self) -> bytes:
        self._open()
        self._ask("Page.navigate", {"url": self._answer.url})
        loading = min(monotonic() + _LOADING, self._until)
        while not self._loaded and self._heard(loading):
            pass
        self._settle()
        if not self._given:
            raise BrowserFailed("the browser asked for another page")
        size = self._ask("Page.getLayoutMetrics").get("cssContentSize")
        tall = size.get("height") if isinstance(size, dict) else None
        height = int(tall) if isinstance(tall, int | float) else HEIGHT
        self._window(min(max(height, HEIGHT), TALLEST))
        self._settle()
        data = self._ask("Page.captureScreenshot", {"format": "png"}).get("data")
        return base64.b64decode(str(data))

    def end(self) -> None:
        """Forget the page with all that it kept."""
        if self._context:
            self._browser.say("Target.disposeBrowserContext", {"browserContextId": self._context})

    def _open(self) -> None:
        context = self._ask("Target.createBrowserContext", own=False)
        self._context = str(context["browserContextId"])
        where = {"url": "about:blank", "browserContextId": self._context}
        target = self._ask("Target.createTarget", where, own=False)
        attached = {"targetId": target["targetId"], "flatten": True}
        self._session = str(self._ask("Target.attachToTarget", attached, own=False)["sessionId"])
        self._hold(self._session)
        self._ask("Page.enable")
        self._ask("Browser.setDownloadBehavior", {"behavior": "deny"}, own=False)
        self._window(HEIGHT)

    def _hold(self, session: str) -> None:
        """Have every request of *session* wait for us, and of whatever it opens in turn."""
        self._browser.say("Fetch.enable", {"patterns": [{"urlPattern": "*"}]}, session=session)
        follow = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}
        self._browser.say("Target.setAutoAttach", follow, session=session)

    def _window(self, height: int) -> None:
        size = {"width": WIDTH, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._ask("Emulation.setDeviceMetricsOverride", size)

    def _ask(self, method: str, told: Told | None = None, *, own: bool = True) -> dict[str, object]:
        session = self._session if own else ""
        return self._browser.ask(
            method, told, session=session, until=self._until, event=self._event
        )

    def _settle(self) -> None:
        """Wait until nothing more is asked for."""
        while self._heard(min(monotonic() + _QUIET, self._until)):
            pass

    def _heard(self, until: float) -> bool:
        message = self._browser.next(until)
        if message is not None:
            self._event(message)
        return message is not None

    def _event(self, message: Told) -> None:
        told, session = message.get("params"), str(message.get("sessionId", ""))
        if not isinstance(told, dict):
            return
        match message.get("method"):
            case "Fetch.requestPaused":
                self._answered(told, session)
            case "Target.attachedToTarget":
                opened = str(told.get("sessionId", ""))
                self._hold(opened)
                self._browser.say("Runtime.runIfWaitingForDebugger", session=opened)
            case "Page.javascriptDialogOpening":
                refusal = {"accept": False}
                self._browser.say("Page.handleJavaScriptDialog", refusal, session=session)
            case "Page.loadEventFired":
                self._loaded = self._loaded or self._given

    def _answered(self, told: Told, session: str) -> None:
        """Give what a held request is for, or refuse it."""
        request, number = told.get("request"), told.get("requestId")
        asked = request if isinstance(request, dict) else {}
        answer = self._brought(urldefrag(str(asked.get("url")))[0], str(asked.get("method")))
        if answer is None:
            why = {"requestId": number, "errorReason": "BlockedByClient"}
            self._browser.say("Fetch.failRequest", why, session=session)
            return
        headers = [
            {"name": name, "value": value}
            for name, value in answer.headers.items()
            if name not in _CHANGED
        ]
        given = {
            "requestId": number,
            "responseCode": answer.status,
            "responseHeaders": headers,
            "body": base64.b64encode(answer.body).decode("ascii"),
        }
        self._browser.say("Fetch.fulfillRequest", given, session=session)

    def _brought(self, url: str, method: str) -> Answer | None:
        if not self._given and url == urldefrag(self._answer.url)[0]:
            self._given = True
            return self._answer
        self._asked += 1
        late = monotonic() > self._until or self._asked > _REQUESTS
        web = url.startswith(("http://", "https://"))
        return None if late or not web or method != "GET" else self._bring(url)
