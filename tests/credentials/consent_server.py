"""A server that gives tokens for consent, as RFC 6749 and RFC 7636 say.

A code is good once, for the redirect and the proof it was asked with, and for the app that asked.
A refresh token is good once, too: each answer brings the next, as X does, unless *keeps* says that
it is not repeated, as with Google.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from archiver.records.pages import Consent

CONSENT = Consent(
    authorize="https://social.example/authorize",
    token="https://social.example/token",
    scopes=("read", "offline.access"),
    more={"access_type": "offline"},
)


@dataclass
class ConsentServer:
    """*clients* are the apps it knows, with their secrets; *denies* is a person who says no."""

    clients: dict[str, str] = field(default_factory=lambda: {"app": "app-s3cr3t"})
    basic: bool = False
    keeps: bool = False
    denies: bool = False
    asked: list[Mapping[str, str]] = field(default_factory=list)
    _codes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _refreshing: set[str] = field(default_factory=set)
    _numbers: count = field(default_factory=lambda: count(1))

    def browse(self, address: str) -> str:
        """Open *address* in a browser, say yes, and give the address it is sent back to."""
        query = {name: each[0] for name, each in parse_qs(urlsplit(address).query).items()}
        assert query["response_type"] == "code"
        assert query["client_id"] in self.clients
        if self.denies:
            told = {"error": "access_denied", "state": query["state"]}
        else:
            code = f"code/{next(self._numbers)}"
            self._codes[code] = query
            told = {"code": code, "state": query["state"]}
        return f"{query['redirect_uri']}?{urlencode(told)}"

    def answer(self, form: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
        """Answer a form handed in at the token's address."""
        self.asked.append(form)
        client = self._client(form, headers)
        if client is None:
            return b'{"error": "invalid_client"}'
        if form["grant_type"] == "refresh_token":
            good = form["refresh_token"] in self._refreshing
            if not self.keeps:
                self._refreshing.discard(form["refresh_token"])
        else:
            good = self._redeems(client, form)
        if not good:
            return b'{"error": "invalid_grant"}'
        number = next(self._numbers)
        told = {"access_token": f"access-{number}", "token_type": "bearer", "expires_in": 7200}
        if form["grant_type"] != "refresh_token" or not self.keeps:
            told["refresh_token"] = f"refresh-{number}"
            self._refreshing.add(told["refresh_token"])
        return json.dumps(told).encode()

    def withdraw(self) -> None:
        """Have the person withdraw their consent."""
        self._refreshing.clear()

    def _client(self, form: Mapping[str, str], headers: Mapping[str, str]) -> str | None:
        if self.basic:
            for name, secret in self.clients.items():
                told = f"{quote(name, safe='')}:{quote(secret, safe='')}".encode()
                if headers.get("authorization") == f"Basic {base64.b64encode(told).decode()}":
                    return name
            return None
        known = self.clients.get(form.get("client_id", ""))
        return form["client_id"] if known == form.get("client_secret", "") else None

    def _redeems(self, client: str, form: Mapping[str, str]) -> bool:
        asked = self._codes.pop(form["code"], None)
        if asked is None:
            return False
        proof = base64.urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest())
        return (
            asked["client_id"] == client
            and asked["redirect_uri"] == form["redirect_uri"]
            and asked["code_challenge_method"] == "S256"
            and asked["code_challenge"] == proof.decode().rstrip("=")
        )
