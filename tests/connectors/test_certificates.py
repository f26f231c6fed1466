"""Over TLS: a server is believed only if an authority that is trusted vouches for its name."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509

from archiver.records.captures import GapReason, Window
from archiver.records.errors import CertificateRefused, ConfigInvalid
from archiver.records.pages import PageSettings
from connectors.feed import CONNECTOR
from connectors.fetching import Fetcher
from tests.connectors.authority import HERE, Authority
from tests.connectors.platforms import PatientClock, fetching, patient_pace

FEED = b'<rss version="2.0"><channel><title>Police</title></channel></rss>'


@pytest.fixture(autouse=True)
def clock() -> Iterator[PatientClock]:
    with patient_pace() as patient:
        yield patient


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/rss+xml")
        self.send_header("content-length", str(len(FEED)))
        self.end_headers()
        self.wfile.write(FEED)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a handshake that the other side broke off."""


@contextmanager
def served(context: ssl.SSLContext) -> Iterator[str]:
    """Serve a feed over TLS, and give its address."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}/feed"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def authority(tmp_path) -> Authority:
    return Authority(tmp_path)


def test_a_server_that_the_agencys_own_authority_vouches_for_is_visited(authority, tmp_path):
    with served(authority.vouch_for(HERE)) as url:
        fetcher = Fetcher(fetching(tmp_path, ca_file=authority.file))

        answer = fetcher.get(url)
        fetcher.close()

    assert answer.body == FEED


def test_without_the_authority_the_server_is_refused_at_once_with_a_reason(
    authority, tmp_path, clock
):
    with served(authority.vouch_for(HERE)) as url:
        page = PageSettings(name="news", connector="feed", platform="feed", url=url)
        source = CONNECTOR.open(page, fetching(tmp_path))

        with pytest.raises(CertificateRefused, match="unable to get local issuer") as refused:
            next(source.visit(Window()))
        source.close()

    assert GapReason(refused.value.gap) is GapReason.UNTRUSTED
    assert "ca_file" in refused.value.remedy
    assert clock.slept == []


def test_a_certificate_for_another_host_is_refused_whoever_vouches_for_it(authority, tmp_path):
    with served(authority.vouch_for(x509.DNSName("elsewhere.example"))) as url:
        fetcher = Fetcher(fetching(tmp_path, ca_file=authority.file))

        with pytest.raises(CertificateRefused, match="mismatch"):
            fetcher.get(url)
        fetcher.close()


def test_a_file_without_certificates_is_a_fault_of_the_configuration(tmp_path):
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")

    with pytest.raises(ConfigInvalid, match=r"empty\.pem"):
        Fetcher(fetching(tmp_path, ca_file=empty))
