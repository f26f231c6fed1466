"""Time-stamps of OpenSSL's own authority, whatever certificates it brings, and in which order."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from archiver.ledger.stamping import Authority
from archiver.records.errors import StampRefused

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl is not installed here"
)

DATA = b"example.com/behind-the-sofa\n20852163\n"
AUTHORITY = """
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical, CA:TRUE
[signer]
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = authority
[authority]
serial = serial
crypto_device = builtin
signer_cert = signer.pem
signer_key = signer.key
certs = chain.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


def openssl(folder: Path, *words: str) -> bytes:
    return subprocess.run(["openssl", *words], cwd=folder, capture_output=True, check=True).stdout


class Answering(Authority):
    """OpenSSL's authority, asked without a network; *spoilt* changes what it answers."""

    def __init__(self, folder: Path, spoilt=lambda answer: answer) -> None:
        super().__init__("https://authority.example.gov/tsr", folder / "root.pem")
        self._folder, self._spoilt = folder, spoilt

    def _ask(self, request: bytes) -> bytes:
        (self._folder / "q.tsq").write_bytes(request)
        ask = ("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq")
        openssl(self._folder, *ask, "-out", "r.tsr")
        return self._spoilt((self._folder / "r.tsr").read_bytes())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority")
    (folder / "tsa.cnf").write_text(AUTHORITY)
    (folder / "serial").write_text("01\n")
    new = ("req", "-newkey", "rsa:2048", "-nodes", "-config", "tsa.cnf")
    for name in ("root", "other"):
        openssl(folder, *new, "-x509", "-days", "2", "-extensions", "ca", "-subj", f"/CN={name}",
                "-keyout", f"{name}.key", "-out", f"{name}.pem")  # fmt: skip
    openssl(folder, *new, "-subj", "/CN=authority", "-keyout", "signer.key", "-out", "signer.csr")
    openssl(folder, "x509", "-req", "-in", "signer.csr", "-CA", "root.pem", "-CAkey", "root.key",
            "-days", "2", "-extfile", "tsa.cnf", "-extensions", "signer", "-set_serial", "7",
            "-out", "signer.pem")  # fmt: skip
    return folder


@pytest.mark.parametrize("chain", [("root", "other"), ("other", "root"), ("root",), ("other",)])
def test_a_time_stamp_holds_in_whatever_order_its_certificates_come(made, chain):
    (made / "chain.pem").write_bytes(b"".join((made / f"{n}.pem").read_bytes() for n in chain))

    given = Answering(made).stamp(DATA)

    assert given.answer == (made / "r.tsr").read_bytes()
    (made / "data").write_bytes(DATA)
    told = openssl(made, "ts", "-verify", "-data", "data", "-in", "r.tsr", "-CAfile", "root.pem")
    assert b"Verification: OK" in told


def test_an_answer_that_is_cut_short_anywhere_holds_nothing(made):
    shutil.copy(made / "root.pem", made / "chain.pem")
    whole = Answering(made).stamp(DATA).answer

    for length in range(0, len(whole), 97):
        with pytest.raises(StampRefused, match="does not hold"):
            Answering(made, lambda answer, length=length: answer[:length]).stamp(DATA)


def test_the_answer_to_another_question_holds_nothing(made):
    shutil.copy(made / "root.pem", made / "chain.pem")
    earlier = Answering(made).stamp(DATA).answer

    with pytest.raises(StampRefused, match="does not hold"):
        Answering(made, lambda _answer: earlier).stamp(DATA)
