"""Consent: what the browser is asked, and that only its own answer becomes a token."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest

from archiver.credentials import consent
from archiver.credentials.consent import App, Grant, read_grant
from archiver.records.errors import PermissionLost
from tests.credentials.consent_server import CONSENT, ConsentServer

APP = App(client_id="app", secret="app-s3cr3t")
HERE = "http://127.0.0.1:8747/"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def redeemed(server, *, given=CONSENT, app=APP, asking=None, answer=None):
    asking = asking or consent.ask(given, app, HERE)
    form = consent.redeeming(given, app, asking, answer or server.browse(asking.address))
    return consent.granted(app, server.answer(form, app.header(given)), now=NOON)


def test_the_browser_is_asked_for_the_scopes_and_nothing_secret():
    asking = consent.ask(CONSENT, APP, HERE)

    told = parse_qs(urlsplit(asking.address).query)
    assert asking.address.startswith("https://social.example/authorize?")
    assert told["scope"] == ["read offline.access"]
    assert told["access_type"] == ["offline"]
    assert told["redirect_uri"] == [HERE]
    assert APP.secret not in asking.address
    assert asking.verifier not in asking.address


def test_what_the_browser_brings_back_becomes_a_token_and_what_renews_it():
    grant = redeemed(ConsentServer())

    assert (grant.token, grant.refresh_token) == ("access-2", "refresh-2")
    assert grant.dies_at == NOON + timedelta(hours=2)


def test_a_platform_that_wants_the_app_in_a_header_gets_it_there_alone():
    server, given = ConsentServer(basic=True), replace(CONSENT, basic=True)

    assert redeemed(server, given=given).token
    assert "client_secret" not in server.asked[0]


def test_a_platform_with_ways_of_its_own_is_asked_in_them():
    given = replace(CONSENT, app_named="client_key", scopes_joined=",", hex_proof=True)
    asking = consent.ask(given, APP, HERE)
    grant = Grant(token="t", refresh_token="r", app=APP, dies_at=NOON)

    told = parse_qs(urlsplit(asking.address).query)
    assert told["scope"] == ["read,offline.access"]
    assert told["client_key"] == ["app"]
    assert told["code_challenge"] == [sha256(asking.verifier.encode()).hexdigest()]
    for form in (consent.renewing(given, grant), APP.beside(given)):
        assert form["client_key"] == "app"
        assert form["client_secret"] == APP.secret
        assert "client_id" not in form


def test_an_answer_to_another_request_is_none():
    server = ConsentServer()
    other = server.browse(consent.ask(CONSENT, APP, HERE).address)

    with pytest.raises(PermissionLost, match="mismatching_state"):
        redeemed(server, answer=other)


def test_a_code_that_somebody_else_asked_for_is_no_good_without_their_proof():
    server = ConsentServer()
    asking = consent.ask(CONSENT, APP, HERE)
    answer = server.browse(asking.address)

    with pytest.raises(PermissionLost, match="invalid_grant"):
        redeemed(server, asking=replace(asking, verifier="x" * 64), answer=answer)


def test_a_person_who_says_no_is_told_of_as_such():
    with pytest.raises(PermissionLost, match="access_denied") as refusal:
        redeemed(ConsentServer(denies=True))

    assert "archiver connect" in refusal.value.remedy


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b'{"token_type": "bearer"}', b"\xff"])
def test_what_is_no_answer_as_documented_is_a_refusal(answer):
    with pytest.raises(PermissionLost):
        consent.granted(APP, answer, now=NOON)


@pytest.mark.parametrize("keeps", [False, True])
def test_a_token_is_renewed_again_and_again(keeps):
    server = ConsentServer(keeps=keeps)
    grant = redeemed(server)
    tokens = {grant.token}
    for _ in range(3):
        told = server.answer(consent.renewing(CONSENT, grant), {})
        grant = consent.granted(APP, told, now=NOON, before=grant.refresh_token)
        tokens.add(grant.token)

    assert len(tokens) == 4


def test_a_grant_is_read_as_it_was_written_and_shows_no_secret():
    grant = redeemed(ConsentServer())

    assert read_grant(grant.token, grant.written()) == grant
    for secret in (grant.token, grant.refresh_token, APP.secret):
        assert secret not in repr(grant)


@pytest.mark.parametrize(
    "line", ["", "noted by J. Doe", "[]", "{}", json.dumps({"format": "archiver-grant/1"})]
)
def test_a_line_that_is_no_grant_is_none(line):
    assert read_grant("token", line) is None


def test_a_grant_without_an_end_is_taken_to_live_an_hour():
    told = consent.granted(APP, b'{"access_token": "a", "token_type": "bearer"}', now=NOON)

    assert isinstance(told, Grant)
    assert told.dies_at == NOON + timedelta(hours=1)
