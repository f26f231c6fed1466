"""A server that speaks Mastodon's API, as people use it: each with an account of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import httpx

SETTING = "ARCHIVER_TEST_MASTODON_URL"

Told = dict[str, object]


class Member:
    """One account on the server."""

    def __init__(self, url: str, name: str) -> None:
        self.name = f"{name}{os.urandom(3).hex()}"
        self._client = httpx.Client(base_url=f"{url}/api", timeout=60)
        signup = {
            "username": self.name, "email": f"{self.name}@example.org", "password": "for-one-run",
            "agreement": "true", "locale": "en",
        }  # fmt: skip
        self.token = str(self._call("POST", "v1/accounts", signup)["access_token"])
        self._client.headers["authorization"] = f"Bearer {self.token}"
        self.id = str(self._call("GET", "v1/accounts/verify_credentials")["id"])
        self.page = f"{url}/@{self.name}"

    def post(self, text: str, *, on: str = "", seen_by: str = "public", file: str = "") -> str:
        """Post *text*, or answer the status *on* with it; give the status's id."""
        more = {"in_reply_to_id": on} if on else {}
        files = {"media_ids[]": [file]} if file else {}
        told = {"status": text, "visibility": seen_by, **more, **files}
        return str(self._call("POST", "v1/statuses", told)["id"])

    def edit(self, status: str, text: str) -> None:
        """Give a status of one's own another text."""
        self._call("PUT", f"v1/statuses/{status}", {"status": text})

    def remove(self, status: str) -> None:
        """Delete a status of one's own."""
        self._call("DELETE", f"v1/statuses/{status}")

    def boost(self, status: str) -> str:
        """Pass on somebody's status; give the id under which it stands here."""
        return str(self._call("POST", f"v1/statuses/{status}/reblog")["id"])

    def upload(self, name: str, data: bytes, media_type: str) -> str:
        """Upload a file; give the id by which a post shows it."""
        answer = self._client.post("/v2/media", files={"file": (name, data, media_type)})
        return str(answer.raise_for_status().json()["id"])

    def block(self, other: Member) -> None:
        """Block somebody."""
        self._call("POST", f"v1/accounts/{other.id}/block")

    def unblock(self, other: Member) -> None:
        """Let somebody back in."""
        self._call("POST", f"v1/accounts/{other.id}/unblock")

    def block_server(self, name: str) -> None:
        """Block a whole server."""
        self._call("POST", "v1/domain_blocks", {"domain": name})

    def shown(self) -> dict[str, Told]:
        """Give every status that the server shows in the threads of one's own, by id."""
        found: dict[str, Told] = {}
        for status in self._own():
            thread = self._call("GET", f"v1/statuses/{status['id']}/context")
            found |= {str(each["id"]): each for each in (status, *thread["descendants"])}
        return found

    def wordings(self, status: str) -> list[str]:
        """Give every wording that the server has of a status, oldest first."""
        return [str(edit["content"]) for edit in self._call("GET", f"v1/statuses/{status}/history")]

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _own(self) -> Iterator[Told]:
        asked = {"limit": "40"}
        while True:
            answer = self._client.get(f"/v1/accounts/{self.id}/statuses", params=asked)
            yield from answer.raise_for_status().json()
            onward = answer.links.get("next", {}).get("url", "")
            if not onward:
                return
            asked["max_id"] = parse_qs(urlsplit(onward).query)["max_id"][0]

    def _call(self, verb: str, path: str, told: dict[str, object] | None = None) -> Told:
        answer = self._client.request(verb, f"/{path}", data=told)
        assert answer.is_success, f"{verb} {path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()


class MastodonSite:
    """The server, and everybody who came to it in this test."""

    def __init__(self) -> None:
        self.url = os.environ[SETTING]
        self._members: list[Member] = []

    def member(self, name: str) -> Member:
        """Give a new account."""
        self._members.append(Member(self.url, name))
        return self._members[-1]

    @contextmanager
    def answering(self, status: int, *, path: str) -> Iterator[None]:
        """Have the server answer everything it is asked at *path* with *status* for a while."""
        faults = f"{self.url}/api/v1/_mock/faults"
        asked = {"match": {"path": path}, "effect": {"type": "status", "status": status}}
        httpx.post(faults, json=asked, timeout=60).raise_for_status()
        try:
            yield
        finally:
            httpx.delete(faults, timeout=60).raise_for_status()

    def close(self) -> None:
        """Let go of connections."""
        for member in self._members:
            member.close()
