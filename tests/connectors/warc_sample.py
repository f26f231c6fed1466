"""A sample of web pages as crawlers deposit them: one WARC file, one compressed, and a WACZ."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import uuid
from collections.abc import Callable, Mapping

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from connectors.warc_deposit import CONNECTOR
from tests.connectors.sample import Sample

SITE = "https://www.example.gov/police"
PICTURE = b"JPEG"
WARC_LAYOUTS = ("plain", "compressed", "wacz")


class Warc:
    """A WARC file in the making, each record as warcio writes it."""

    def __init__(self, *, compressed: bool = False) -> None:
        self._file = io.BytesIO()
        self._count = 0
        self._writer = WARCWriter(self._file, gzip=compressed, warc_version="1.1")

    def add(
        self,
        url: str,
        body: bytes,
        *,
        when: str = "2026-03-03T09:00:00Z",
        kind: str = "text/html",
        status: str = "200 OK",
        sort: str = "response",
        headers: Mapping[str, str] | None = None,
        told: Mapping[str, str] | None = None,
        asked: str = "",
    ) -> Warc:
        """Add the answer *body* to a request for *url*; *asked* is the request's own method."""
        lines = list({"Content-Type": kind, **(headers or {})}.items())
        http = StatusAndHeaders(status, lines, "HTTP/1.1") if sort != "resource" else None
        record = self._writer.create_warc_record(
            url,
            sort,
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=http,
            warc_content_type=kind if sort == "resource" else "",
            warc_headers_dict={**self._named(when), **(told or {})},
        )
        self._writer.write_record(record)
        if asked:
            self._asked(url, asked, when, str(record.rec_headers.get_header("WARC-Record-ID")))
        return self

    def _named(self, when: str) -> dict[str, str]:
        self._count += 1
        number = uuid.uuid5(uuid.NAMESPACE_URL, str(self._count))
        return {"WARC-Date": when, "WARC-Record-ID": f"<urn:uuid:{number}>"}

    def _asked(self, url: str, asked: str, when: str, answer: str) -> None:
        lines = [("Host", "www.example.gov"), ("Cookie", "session=hush")]
        record = self._writer.create_warc_record(
            url,
            "request",
            payload=io.BytesIO(),
            length=0,
            http_headers=StatusAndHeaders(f"{asked} /police HTTP/1.1", lines, is_http_request=True),
            warc_headers_dict={**self._named(when), "WARC-Concurrent-To": answer},
        )
        self._writer.write_record(record)

    def written(self) -> bytes:
        """Give the bytes of the file."""
        return self._file.getvalue()


def a_page(title: str, said: str, more: str = "") -> bytes:
    """Give a page that marks its main part."""
    return (
        f"<html><head><title>{title}</title></head><body><nav>Menu</nav>"
        f"<main><p>{said}</p>{more}</main></body></html>"
    ).encode()


def crawled(*, compressed: bool = False) -> bytes:
    """Give a crawl of two pages with a picture and a document, and what comes with them."""
    shown = f'<img src="{SITE}/1.jpg" alt="A closed road"><img src="{SITE}/lost.jpg">'
    file = Warc(compressed=compressed)
    file.add(f"{SITE}/news", a_page("News", "Road closed 🚧", shown), asked="GET")
    file.add(f"{SITE}/1.jpg", PICTURE, kind="image/jpeg")
    file.add(f"{SITE}/style.css", b"p {}", kind="text/css")
    file.add(f"{SITE}/gone", b"nothing", status="404 Not Found")
    file.add(f"{SITE}/about", a_page("About us", "Not monitored"))
    return file.written()


def packaged(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Give the files of a WACZ that holds *files*."""
    listed = [
        {
            "name": name.rpartition("/")[2],
            "path": name,
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "bytes": len(content),
        }
        for name, content in files.items()
    ]
    package = {"profile": "data-package", "wacz_version": "1.1.1", "resources": listed}
    package_written = json.dumps(package).encode()
    digest = f"sha256:{hashlib.sha256(package_written).hexdigest()}"
    seal = json.dumps({"path": "datapackage.json", "hash": digest}).encode()
    return {**files, "datapackage.json": package_written, "datapackage-digest.json": seal}


def page_list(*urls: str) -> bytes:
    """Give the list of the pages at *urls*."""
    head = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}
    lines = [head, *({"url": url, "ts": "2026-03-03T09:00:00Z"} for url in urls)]
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


def warc(layout: str) -> Callable[[], Sample]:
    """Give the maker of a deposit in *layout*."""

    def sample() -> Sample:
        name = {"plain": "site.warc", "compressed": "site.warc.gz"}.get(
            layout, "archive/data.warc.gz"
        )
        content = crawled(compressed=layout != "plain")
        files = {name: content}
        if layout == "wacz":
            listed = page_list(f"{SITE}/news", f"{SITE}/about")
            files = packaged({**files, "pages/pages.jsonl": listed})
        return Sample(
            connector=CONNECTOR,
            files=files,
            holding=(name,),
            texts=("Road closed 🚧", "Not monitored"),
            picture=PICTURE,
            inside=gzip.decompress(content) if layout != "plain" else b"",
        )

    return sample
