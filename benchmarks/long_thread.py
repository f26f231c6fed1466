"""One post with very many comments: a page on loopback, and what visiting it takes.

    python -m benchmarks.long_thread serve COMMENTS LOG   prints its address, ends with its input
    python -m benchmarks.long_thread visit ADDRESS        through the connector
    python -m benchmarks.long_thread fetch LOG ADDRESS    the same addresses, by httpx alone

The page is the tests' own imitation of the Graph API; only the list of comments is made as it is
asked for, so that the server takes no more for the last of them than for the first.
"""

from __future__ import annotations

import base64
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from archiver.records.captures import Gap, Observation, Window
from archiver.records.pages import FetchSettings, PageSettings
from benchmarks.ground import peak_mb
from connectors.facebook import CONNECTOR
from tests.connectors.facebook_platform import PAGE, Comment, FacebookServer, Post
from tests.connectors.graph_platform import Entity, Query, Wanted
from tests.connectors.platforms import SECRET

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
POST = f"{PAGE}_1"


@dataclass(kw_only=True)
class LongThread(FacebookServer):
    """A page with one post, under which stand *long* comments."""

    long: int = 0

    def _summary(self, post: Post, one: Wanted) -> Entity:  # noqa: ARG002 - there is one post
        return self._counted(self.long, one)

    def _comments(self, path: str, node: str, query: Query, fields: tuple[Wanted, ...]) -> Entity:
        if node != POST:
            return {"data": []}
        start = int(base64.urlsafe_b64decode(query["after"])) if "after" in query else 0
        ends = min(start + int(query.get("limit", "25")), self.long)
        made = [self._made(number) for number in range(start, ends)]
        data = [self.project(self._comment(one), fields, node="Comment") for one in made]
        after = base64.urlsafe_b64encode(str(ends).encode()).decode()
        paging: Entity = {"cursors": {"before": "QQ", "after": after}}
        if ends < self.long:
            asked = {"access_token": self.token, "pretty": "0"} | dict(query) | {"after": after}
            paging["next"] = f"{self.host}/{self.version}/{path}?{urlencode(asked)}"
        answer: Entity = {"data": data, "paging": paging}
        if query.get("summary"):
            answer["summary"] = {"order": "chronological", "total_count": self.long}
        return answer

    def _made(self, number: int) -> Comment:
        text = f"Comment number {number}: when will the road at the old mill be open again?"
        at = BEGAN + timedelta(seconds=number)
        return Comment(id=f"1_{number}", post=POST, text=text, at=at, author=f"{number % 5000}")


def serve(comments: str, log: str) -> None:
    page = LongThread(token=SECRET, long=int(comments))
    page.posts[POST] = Post(id=POST, text="The bridge is closed.", at=BEGAN)
    with Path(log).open("w", encoding="utf-8", buffering=1) as asked:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(page, asked.write))
        page.host = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(page.host, flush=True)
        sys.stdin.read()
        server.shutdown()


def _handler(page: LongThread, write: Callable[[str], object]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            write(f"{self.path}\n")
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = page.respond(parts.path, dict(parse_qsl(parts.query)), headers)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
            """Say nothing."""

    return Handler


def visit(address: str) -> None:
    page = PageSettings(
        name="page",
        connector="facebook",
        platform="facebook",
        url="https://www.facebook.com/ExamplePD",
        secret=SECRET,
        options={"graph_url": address},
    )
    with tempfile.TemporaryDirectory() as spool:
        fetching = FetchSettings(
            user_agent="archiver-bench",
            spool=Path(spool),
            allow_private_hosts=frozenset({"127.0.0.1"}),
        )
        source = CONNECTOR.open(page, fetching)
        began, worked, items = time.perf_counter(), time.process_time(), 0
        for seen in source.visit(Window()):
            if isinstance(seen, Gap):
                raise SystemExit(f"a gap: {seen.what}: {seen.detail}")
            items += isinstance(seen, Observation)
        tell(items, began, worked)
        source.close()


def fetch(log: str, address: str) -> None:
    asked = Path(log).read_text("utf-8").splitlines()
    given = {"authorization": f"Bearer {SECRET}"}
    with httpx.Client(headers=given, trust_env=False) as client:
        began, worked = time.perf_counter(), time.process_time()
        for path in asked:
            client.get(f"{address}{path}").raise_for_status()
        tell(len(asked), began, worked)


def tell(count: int, began: float, worked: float) -> None:
    figures = {
        "count": count,
        "seconds": time.perf_counter() - began,
        "processor": time.process_time() - worked,
        "peak_mb": peak_mb(),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    {"serve": serve, "visit": visit, "fetch": fetch}[sys.argv[1]](*sys.argv[2:])
