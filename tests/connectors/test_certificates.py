"""Over TLS: a server is believed only if an authority that is trusted vouches for its name."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from archiver.records.captures import GapReason, Window
from archiver.records.errors import CertificateRefused, ConfigInvalid
from archiver.records.pages import PageSettings
from connectors.feed import CONNECTOR
from connectors.fetching import Fetcher
from tests.connectors.platforms import PatientClock, fetching, patient_pace

FEED = b'<rss version="2.0"><channel><title>Police</title></channel></rss>'
NOW = datetime.now(UTC)  # noqa: TID251 - the handshake compares with the real clock


@pytest.fixture(autouse=True)
def clock() -> Iterator[PatientClock]:
    with patient_pace() as patient:
        yield patient


def certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signed_by: tuple[x509.Name, ec.EllipticCurvePrivateKey],
    *extensions: x509.ExtensionType,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(signed_by[0])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(signed_by[1], hashes.SHA256())


class Authority:
    """An authority of the agency's own, as an inspecting proxy has one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Agency CA")])
        own = certificate(
            "Agency CA",
            self._key,
            (self._name, self._key),
            x509.BasicConstraints(ca=True, path_length=None),
            x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()),
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
        )
        self.file = folder / "agency-ca.pem"
        self.file.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def vouch_for(self, name: x509.GeneralName) -> ssl.SSLContext:
        """Give a server's context, with a certificate for *name*."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = certificate(
            "server",
            key,
            (self._name, self._key),
            x509.SubjectAlternativeName([name]),
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
        )
        file = self._folder / "server.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


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


HERE = x509.IPAddress(ip_address("127.0.0.1"))


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
