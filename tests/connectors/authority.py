"""An authority of the agency's own, whose certificates the tests' servers show."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC)  # noqa: TID251 - the handshake compares with the real clock
HERE = x509.IPAddress(ip_address("127.0.0.1"))


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
