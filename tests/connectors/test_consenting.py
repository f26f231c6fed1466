"""Handing in a form for a token: once, whole, to who was asked, and whatever is answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from archiver.procedures.page_connecting import TokenGiver
from archiver.records.errors import AddressRefused, PlatformUnreachable
from connectors import linkedin, nextdoor, reddit, tiktok, x, youtube
from tests.connectors.platforms import fetching, patient_pace

PLATFORMS = (linkedin, nextdoor, reddit, tiktok, x, youtube)
BY_CONSENT = [platform.CONNECTOR for platform in PLATFORMS]
FORM = {"grant_type": "refresh_token", "refresh_token": "s3cr3t&more"}


@contextmanager
def a_desk(*statuses: int) -> Iterator[tuple[str, list[tuple[str, bytes, str]]]]:
    """Serve at an address; give it, and what is handed in there: path, form, authorization."""
    came: list[tuple[str, bytes, str]] = []

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            told = self.headers.get("authorization", "")
            came.append((self.path, self.rfile.read(length), told))
            self.send_response(statuses[len(came) - 1])
            self.send_header("location", "/elsewhere")
            self.end_headers()
            self.wfile.write(b'{"error": "told"}')

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Desk) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/token", came
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("connector", BY_CONSENT, ids=lambda one: one.name)
def test_a_connector_that_is_let_in_by_consent_hands_the_form_in_once(connector, tmp_path):
    assert isinstance(connector, TokenGiver)
    assert connector.capabilities.access.consent is not None
    with a_desk(200) as (address, came):
        headers = {"authorization": "Basic YTpi"}
        answer = connector.token_answer(fetching(tmp_path), address, FORM, headers)

    assert answer == b'{"error": "told"}'
    assert came == [
        ("/token", b"grant_type=refresh_token&refresh_token=s3cr3t%26more", "Basic YTpi")
    ]


@pytest.mark.parametrize("status", [400, 401, 302, 500])
def test_a_refusal_is_given_back_and_neither_repeated_nor_carried_elsewhere(status, tmp_path):
    with a_desk(status) as (address, came):
        answer = x.CONNECTOR.token_answer(fetching(tmp_path), address, FORM, {})

    assert (answer, len(came)) == (b'{"error": "told"}', 1)


def test_a_form_goes_to_no_address_that_is_not_for_us(tmp_path):
    strict = fetching(tmp_path, allow_private_hosts=frozenset())

    with a_desk(200) as (address, came), pytest.raises(AddressRefused):
        x.CONNECTOR.token_answer(strict, address, FORM, {})

    assert came == []


def test_where_nobody_answers_that_is_said_and_the_form_is_not(tmp_path):
    with a_desk() as (address, _):
        pass

    with patient_pace(), pytest.raises(PlatformUnreachable) as refusal:
        x.CONNECTOR.token_answer(fetching(tmp_path), address, FORM, {})

    assert "s3cr3t" not in str(refusal.value)
