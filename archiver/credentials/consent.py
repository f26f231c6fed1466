"""Consent: a person lets the archive in with their browser (OAuth 2), and it stays let in.

oauthlib writes what is asked and reads what is answered; it asks nobody itself. Every request is
bound to its answer by a state and a proof (RFC 7636), so that no other page can hand in its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from oauthlib.oauth2 import OAuth2Error, WebApplicationClient

from archiver.records.errors import PermissionLost
from archiver.records.moments import from_text, written
from archiver.records.pages import Consent

_FORMAT = "archiver-grant/1"
_HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The agency's own app at a platform; some platforms give it a secret."""

    client_id: str
    secret: str = field(default="", repr=False)

    def header(self, consent: Consent) -> dict[str, str]:
        """Give the header by which the app says who it is, where the platform wants one."""
        if not consent.basic:
            return {}
        told = f"{quote(self.client_id, safe='')}:{quote(self.secret, safe='')}"
        return {"authorization": f"Basic {base64.b64encode(told.encode()).decode('ascii')}"}

    def beside(self, consent: Consent) -> dict[str, str]:
        """Give what the form says of the app; with a header it says nothing."""
        if consent.basic:
            return {}
        secret = {"client_secret": self.secret} if self.secret else {}
        return {consent.app_named: self.client_id} | secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One request for consent: what the browser is to open, and what its answer must match."""

    address: str
    redirect: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a consent came to: a token that dies soon, and what a new one is had for."""

    token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    app: App
    dies_at: datetime

    def written(self) -> str:
        """Give the line that is kept below the token."""
        told = {"format": _FORMAT, "refresh_token": self.refresh_token, **asdict(self.app)}
        return json.dumps(told | {"dies_at": written(self.dies_at)})


def read_grant(token: str, line: str) -> Grant | None:
    """Read what `written` gave for *token*; None where the line is something else."""
    try:
        told = json.loads(line)
        if not isinstance(told, dict) or told.get("format") != _FORMAT:
            return None
        return Grant(
            token=token,
            refresh_token=str(told["refresh_token"]),
            app=App(client_id=str(told["client_id"]), secret=str(told["secret"])),
            dies_at=from_text(str(told["dies_at"])),
        )
    except (ValueError, KeyError):
        return None


def ask(consent: Consent, app: App, redirect: str) -> Asking:
    """Write a request for consent, whose answer is sent to *redirect*."""
    client, state = WebApplicationClient(app.client_id), secrets.token_urlsafe(32)
    verifier = client.create_code_verifier(64)
    proof = client.create_code_challenge(verifier, "S256")
    if consent.hex_proof:
        proof = hashlib.sha256(verifier.encode("ascii")).hexdigest()
    named = {} if consent.app_named == "client_id" else {consent.app_named: app.client_id}
    address = client.prepare_request_uri(
        consent.authorize,
        redirect_uri=redirect,
        scope=consent.scopes_joined.join(consent.scopes),
        state=state,
        code_challenge=proof,
        code_challenge_method="S256",
        **named,
        **dict(consent.more),
    )
    return Asking(address=address, redirect=redirect, state=state, verifier=verifier)


def redeeming(consent: Consent, app: App, asking: Asking, answer: str) -> dict[str, str]:
    """Give the form that turns the *answer*, the address the browser was sent to, into a token.

    Raises:
        PermissionLost: consent was refused, or this is no answer to what was asked.
    """
    client = WebApplicationClient(app.client_id)
    secure = answer.strip().replace("http://", "https://", 1)  # the way to ourselves is no network
    try:
        told = client.parse_request_uri_response(secure, state=asking.state)
    except OAuth2Error as error:
        raise PermissionLost(
            f"no consent came back ({error.error})",
            remedy="Say `archiver connect PAGE` again, and answer in the browser it names.",
        ) from None
    return {
        "grant_type": "authorization_code",
        "code": str(told["code"]),
        "redirect_uri": asking.redirect,
        "code_verifier": asking.verifier,
        **app.beside(consent),
    }


def renewing(consent: Consent, grant: Grant) -> dict[str, str]:
    """Give the form that asks for a new token in place of that of *grant*."""
    return {
        "grant_type": "refresh_token",
        "refresh_token": grant.refresh_token,
        **grant.app.beside(consent),
    }


def granted(app: App, answer: bytes, *, now: datetime, before: str = "") -> Grant:
    """Read the *answer* to a form; a refresh token it does not repeat is the one from *before*.

    Raises:
        PermissionLost: it is a refusal.
    """
    client = WebApplicationClient(app.client_id)
    try:
        told: Mapping[str, object] = client.parse_request_body_response(
            answer.decode("utf-8", "replace")
        )
    except (OAuth2Error, ValueError, AttributeError) as error:
        code = error.error if isinstance(error, OAuth2Error) else "no answer as documented"
        raise PermissionLost(
            f"the platform gives no token ({code})",
            remedy="Say `archiver connect PAGE` to be let in anew; nothing was marked removed.",
        ) from None
    lives = told.get("expires_in")
    seconds = lives if isinstance(lives, int) and lives > 0 else _HOUR
    return Grant(
        token=str(told["access_token"]),
        refresh_token=str(told.get("refresh_token") or before),
        app=app,
        dies_at=now + timedelta(seconds=seconds),
    )
