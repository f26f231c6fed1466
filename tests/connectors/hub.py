"""A WebSub hub on this machine: takes subscriptions as the W3C recommendation says, and remembers.

A subscription is a form; 202 says that it is taken, anything from 400 on that it is not. The
delivery that YouTube makes of it is an Atom feed, or one with tombstones (RFC 6721), signed with
SHA-1 as version 0.4 says.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl

FEED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom"\
><link rel="hub" href="https://pubsubhubbub.appspot.com"/><title>YouTube video feed</title>
 <entry>
  <id>yt:video:{video}</id>
  <yt:videoId>{video}</yt:videoId>
  <yt:channelId>{channel}</yt:channelId>
  <title>{title}</title>
  <link rel="alternate" href="https://www.youtube.com/watch?v={video}"/>
  <author><name>Police</name><uri>https://www.youtube.com/channel/{channel}</uri></author>
  <published>2026-03-02T09:01:00+00:00</published>
  <updated>2026-03-02T09:01:30.123456789+00:00</updated>
 </entry>
</feed>
"""
TOMBSTONE = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:at="http://purl.org/atompub/tombstones/1.0" xmlns="http://www.w3.org/2005/Atom">
 <at:deleted-entry ref="yt:video:{video}" when="2026-03-02T12:00:00+00:00">
  <link href="https://www.youtube.com/watch?v={video}"/>
  <at:by><name>Police</name><uri>https://www.youtube.com/channel/{channel}</uri></at:by>
 </at:deleted-entry>
</feed>
"""


def signed_by(secret: str, body: bytes, method: str = "sha1") -> dict[str, str]:
    """Give the headers with which a hub delivers *body*."""
    signature = hmac.new(secret.encode(), body, method).hexdigest()
    return {"content-type": "application/atom+xml", "x-hub-signature": f"{method}={signature}"}


def digest_of(body: bytes) -> str:
    """Give what anybody could put into the header without the secret."""
    return hashlib.sha1(body, usedforsecurity=False).hexdigest()


@contextmanager
def a_hub(status: int = 202) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Serve a hub that answers *status*; give its address, and the forms it was handed."""
    forms: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["content-length"])).decode()
            forms.append(dict(parse_qsl(form, keep_blank_values=True)))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/subscribe", forms
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
