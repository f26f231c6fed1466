"""What the ledger proves is checked by others' tools: OpenSSL, and the Go project's own log."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from archiver.ledger.reading import CopyReader
from archiver.ledger.stamping import Authority
from archiver.procedures import stamping
from archiver.procedures.ledger_proof import prove
from archiver.records.errors import StampRefused
from archiver.records.merkle import consistency_proof
from tests.archive import Archive, an_archive, an_observation

pytestmark = pytest.mark.service("ARCHIVER_TEST_VERIFIER")

AUTHORITY = """
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[signer]
extendedKeyUsage = critical, timeStamping
keyUsage = critical, digitalSignature
[tsa]
default_tsa = authority
[authority]
serial = serial
crypto_device = builtin
signer_cert = signer.pem
signer_key = signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""
"""OpenSSL's own authority."""

_ED25519_DER = bytes.fromhex("302a300506032b6570032100")
"""What stands before an Ed25519 public key in DER (RFC 8410)."""


def openssl(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["openssl", *words], cwd=folder, capture_output=True, text=True, check=False
    )


def verifier(*words: str | Path) -> str:
    ran = subprocess.run(
        [os.environ["ARCHIVER_TEST_VERIFIER"], *map(str, words)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ran.stdout.strip()


@pytest.fixture(scope="module")
def authority_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority")
    (folder / "tsa.cnf").write_text(AUTHORITY)
    (folder / "serial").write_text("01\n")
    new = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-config", "tsa.cnf")
    (folder / "tsa.cnf").write_text("[req]\ndistinguished_name = dn\n[dn]\n" + AUTHORITY)
    openssl(folder, *new, "-extensions", "ca", "-subj", "/CN=root", "-keyout", "root.key",
            "-out", "root.pem")  # fmt: skip
    openssl(folder, "req", "-new", "-newkey", "rsa:2048", "-nodes", "-config", "tsa.cnf",
            "-subj", "/CN=authority", "-keyout", "signer.key", "-out", "signer.csr")  # fmt: skip
    made = openssl(folder, "x509", "-req", "-in", "signer.csr", "-CA", "root.pem", "-CAkey",
                   "root.key", "-days", "2", "-extfile", "tsa.cnf", "-extensions", "signer",
                   "-set_serial", "7", "-out", "signer.pem")  # fmt: skip
    assert made.returncode == 0, made.stderr
    return folder


@contextmanager
def an_authority(folder: Path) -> Iterator[str]:
    """An authority on loopback that answers with OpenSSL's own word; gives its address."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            (folder / "q.tsq").write_bytes(query)
            openssl(folder, "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq",
                    "-out", "r.tsr")  # fmt: skip
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write((folder / "r.tsr").read_bytes())

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsr"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = an_archive(tmp_path, index="memory:")
    made.capture(*(an_observation(str(n)) for n in range(20)))
    yield made
    made.office.close()


def test_openssl_verifies_the_time_stamp_that_is_kept(archive, authority_files, tmp_path):
    account = archive.office.account
    with an_authority(authority_files) as url:
        problems = stamping.stamp(
            account, archive.person, [Authority(url, authority_files / "root.pem")]
        )

    assert problems == []
    kept = {
        name.rpartition("/")[2]: account.shelf.fetch(name)
        for name in account.shelf.names("ledger/stamps/")
    }
    for name, data in kept.items():
        (tmp_path / name).write_bytes(data)
    ask = ("ts", "-verify", "-in", "answer.tsr", "-CAfile", str(authority_files / "root.pem"),
           "-untrusted", str(authority_files / "signer.pem"), "-data", "checkpoint")  # fmt: skip
    assert "Verification: OK" in openssl(tmp_path, *ask).stdout
    (tmp_path / "checkpoint").write_bytes(kept["checkpoint"] + b"\n")
    assert openssl(tmp_path, *ask).returncode != 0


def test_a_time_stamp_of_an_authority_we_do_not_know_is_refused(authority_files, tmp_path):
    stranger = openssl(tmp_path, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                       "-subj", "/CN=stranger", "-keyout", "k", "-out", "stranger.pem")  # fmt: skip
    assert stranger.returncode == 0, stranger.stderr

    with an_authority(authority_files) as url, pytest.raises(StampRefused, match="does not hold"):
        Authority(url, tmp_path / "stranger.pem").stamp(b"data")


def test_openssl_verifies_the_checkpoints_signature(archive, tmp_path):
    note = archive.office.account.copy.note().decode("utf-8")
    text, _, line = note.rpartition("\n\n")
    signature = base64.b64decode(line.split(" ")[2])[4:]
    public = base64.b64decode(archive.office.public_key.split("+", 2)[2])[1:]
    (tmp_path / "key.der").write_bytes(_ED25519_DER + public)
    (tmp_path / "signature").write_bytes(signature)
    ask = ("pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der", "-rawin",
           "-in", "text", "-sigfile", "signature")  # fmt: skip

    (tmp_path / "text").write_text(text + "\n", "utf-8")
    assert openssl(tmp_path, *ask).returncode == 0
    (tmp_path / "text").write_text(text.replace("\n2", "\n3", 1) + " \n", "utf-8")
    assert openssl(tmp_path, *ask).returncode != 0


@pytest.mark.parametrize("native_id", ["0", "7", "19"])
def test_another_programme_verifies_the_receipt_of_an_item(archive, tmp_path, native_id):
    receipt = prove(archive.office.account, archive.item_id(native_id))
    proof, leaf = tmp_path / "e.tlog-proof", tmp_path / "e.leaf"
    proof.write_bytes(receipt.proof)
    leaf.write_bytes(receipt.leaf)
    key = archive.office.public_key

    assert verifier("receipt", key, proof, leaf) == "verified"
    leaf.write_bytes(receipt.leaf.replace(b'"by"', b'"bY"'))
    assert verifier("receipt", key, proof, leaf) != "verified"


def test_another_programme_verifies_that_the_ledger_continues_an_anchor(archive, tmp_path):
    account = archive.office.account
    before, then = account.copy.note(), account.copy.size()
    archive.capture(*(an_observation(str(n)) for n in range(20, 60)))
    now = account.copy.size()
    steps = consistency_proof(then, now, CopyReader(account.shelf, now).node)
    for name, data in {
        "old": before,
        "new": account.copy.note(),
        "proof": b"\n".join(base64.b64encode(step) for step in steps),
    }.items():
        (tmp_path / name).write_bytes(data)
    ask = ("continues", archive.office.public_key, tmp_path / "old", tmp_path / "new")

    assert verifier(*ask, tmp_path / "proof") == "verified"
    (tmp_path / "proof").write_bytes(b"\n".join(base64.b64encode(step[::-1]) for step in steps))
    assert verifier(*ask, tmp_path / "proof") != "verified"
