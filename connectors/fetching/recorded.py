"""Answers kept in files, so that tests replay what a real server said.

A folder holds one `NNN.json` per exchange, in the order they were made:

    {"method": "GET", "url": "https://example.org/feed", "status": 200,
     "headers": [["content-type", "application/rss+xml"]], "body": "001.body"}

`body` names a file in the same folder with the bytes as they were sent; it may be missing where
there were none. URLs are kept without secrets, and neither request headers nor cookies are kept.
"""

from __future__ import annotations

import json
from pathlib import Path

import httpx

from connectors.fetching.answers import spoken

_NOT_KEPT = frozenset({"set-cookie", "transfer-encoding", "connection"})


class RecordedTransport(httpx.BaseTransport):
    """Replays the exchanges of *folder*; with *live*, asks it instead and records its answers.

    The same address asked again gets its next recorded answer, and the last one from then on.
    """

    def __init__(self, folder: Path, *, live: httpx.BaseTransport | None = None) -> None:
        self._folder = folder
        self._live = live
        self._answers: dict[tuple[str, str], list[Path]] = {}
        for path in sorted(folder.glob("*.json")):
            exchange = json.loads(path.read_bytes())
            key = (exchange["method"], exchange["url"])
            self._answers.setdefault(key, []).append(path)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Give the recorded answer to *request*.

        Raises:
            LookupError: nothing was recorded for it.
        """
        if self._live is not None:
            return self._record(request, self._live)
        url = spoken(str(request.url))
        kept = self._answers.get((request.method, url))
        if not kept:
            raise LookupError(f"no recorded answer for {request.method} {url}")
        exchange = json.loads((kept.pop(0) if len(kept) > 1 else kept[0]).read_bytes())
        body = (self._folder / exchange["body"]).read_bytes() if exchange.get("body") else b""
        return httpx.Response(
            exchange["status"],
            headers=[(name, value) for name, value in exchange["headers"]],
            stream=httpx.ByteStream(body),
        )

    def addresses(self) -> list[tuple[str, str]]:
        """Give the method and address of everything that was recorded, in the order it was."""
        return list(self._answers)

    def close(self) -> None:
        """Close the live transport, if there is one."""
        if self._live is not None:
            self._live.close()

    def _record(self, request: httpx.Request, live: httpx.BaseTransport) -> httpx.Response:
        response = live.handle_request(request)
        body = b"".join(response.iter_raw())
        response.close()
        headers = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name.lower() not in _NOT_KEPT
        ]
        number = f"{len(list(self._folder.glob('*.json'))) + 1:03d}"
        exchange = {
            "method": request.method,
            "url": spoken(str(request.url)),
            "status": response.status_code,
            "headers": headers,
            "body": f"{number}.body",
        }
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{number}.body").write_bytes(body)
        (self._folder / f"{number}.json").write_text(json.dumps(exchange, indent=1) + "\n")
        return httpx.Response(response.status_code, headers=headers, stream=httpx.ByteStream(body))
