"""`connect`: a page is let in at the command line, by a token or by a browser's answer."""

from __future__ import annotations

import io
import stat
import sys
import threading
from contextlib import closing
from socket import socket

import httpx
import pytest

from archiver.cli.signing_on import _signed_in, brought_to
from archiver.records.errors import ConfigInvalid
from tests.archive import an_archive
from tests.credentials.consent_server import CONSENT
from tests.procedures.test_page_connecting import AskingPlatform

PAGE = """
[[pages]]
name = "Videos"
connector = "youtube"
url = "https://www.youtube.com/@ExamplePD"
api = "https://127.0.0.1:9/youtube/v3"
token_file = "videos.token"
owner = "J. Doe"
second_administrator = "R. Roe"
"""


@pytest.fixture
def port() -> int:
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def typed(clerk, monkeypatch, *words, answers=""):
    typing = io.StringIO(answers)
    monkeypatch.setattr(sys, "stdin", typing)
    return clerk("connect", *words)


@pytest.fixture
def archive(tmp_path):
    archive = an_archive(tmp_path, index="memory:")
    archive.platform = AskingPlatform()
    yield archive
    archive.office.close()


@pytest.fixture
def videos(clerk):
    config = clerk.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + PAGE, "utf-8")
    return clerk


def test_a_page_may_be_configured_before_its_token_file_is_there(videos):
    told = videos("status", "--json").told

    assert [p["token_missing"] for p in told["pages"]] == [False, False, True]


def test_a_key_that_cannot_be_tried_is_kept_nowhere_and_shown_nowhere(videos, monkeypatch):
    said = typed(videos, monkeypatch, "Videos", "--key", answers="AIza-s3cr3t\n")

    assert said.code == 1
    assert "REFUSED" in said.out
    assert "J. Doe administers the page, R. Roe stands in." in said.err
    assert "s3cr3t" not in said.out + said.err
    assert not (videos.folder / "videos.token").exists()


def test_signing_in_asks_for_the_agencys_own_app(videos, monkeypatch):
    said = typed(videos, monkeypatch, "Videos")

    assert said.code == 2
    assert "http://127.0.0.1:8747/" in said.err


def test_a_browsers_answer_that_is_none_is_refused(videos, monkeypatch):
    said = typed(
        videos, monkeypatch, "Videos", "--client-id", "app", "--paste",
        answers="s3cr3t\nhttp://127.0.0.1:8747/?code=c&state=another\n",
    )  # fmt: skip

    assert "https://accounts.google.com/o/oauth2/v2/auth?" in said.out
    assert "mismatching_state" in said.err
    assert "s3cr3t" not in said.out + said.err


def test_a_browsers_own_answer_becomes_a_token(archive, monkeypatch, capsys):
    server = archive.platform.server

    class Typist:
        """Types the app's secret, then the address to which the browser was sent."""

        answers = iter(
            [lambda: "app-s3cr3t", lambda: server.browse(capsys.readouterr().out.strip())]
        )

        def isatty(self) -> bool:
            return False

        def readline(self) -> str:
            return next(self.answers)() + "\n"

    typist = Typist()
    monkeypatch.setattr(sys, "stdin", typist)

    grant = _signed_in(archive.office, archive.platform, CONSENT, "app", 8747, paste=True)

    assert (grant.token, grant.refresh_token) == ("access-2", "refresh-2")
    assert server.asked[0]["redirect_uri"] == "http://127.0.0.1:8747/"


def test_a_page_that_is_imported_or_names_no_token_file_is_not_connected(clerk, monkeypatch):
    imported = typed(clerk, monkeypatch, "export")
    nowhere = typed(clerk, monkeypatch, "nowhere")

    assert (imported.code, nowhere.code) == (2, 2)
    assert "token_file is missing" in nowhere.err


def test_the_browser_brings_its_answer_to_this_machine_and_to_nobody_else(port, capsys):
    came = []
    waiting = threading.Thread(target=lambda: came.append(brought_to(port, patience=20)))
    waiting.start()
    for path in ("favicon.ico", "?code=s3cr3t&state=abc"):
        _browse(f"http://127.0.0.1:{port}/{path}")
    waiting.join(20)

    assert came == [f"http://127.0.0.1:{port}/?code=s3cr3t&state=abc"]
    assert "s3cr3t" not in capsys.readouterr().err


def test_where_nobody_answers_the_waiting_ends(port):
    with pytest.raises(ConfigInvalid, match="nobody answered"):
        brought_to(port, patience=0.05)


def _browse(address: str) -> None:
    for _ in range(200):
        try:
            httpx.get(address, timeout=5, trust_env=False)
        except httpx.ConnectError:
            threading.Event().wait(0.02)
        else:
            return


def test_a_token_file_is_for_its_owner_alone(videos):
    token = videos.folder / "videos.token"
    token.write_text("t\n", "utf-8")
    token.chmod(0o644)

    said = videos("status")

    assert said.code == 2
    assert "chmod 600" in said.err
    assert stat.S_IMODE(token.stat().st_mode) == 0o644
