"""A real network of the AT Protocol, as people use it: each through the server of their account."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

SETTINGS = (
    "ARCHIVER_TEST_BLUESKY_APPVIEW",
    "ARCHIVER_TEST_BLUESKY_PDS",
    "ARCHIVER_TEST_BLUESKY_DIRECTORY",
)
POST = "app.bsky.feed.post"
_POSTS = "app.bsky.feed.getPosts"
_PATIENCE = 3_000

Record = dict[str, object]


class Person:
    """One account on the network."""

    def __init__(self, server: str, name: str) -> None:
        self.handle = f"{name}{os.urandom(3).hex()}.test"
        self._client = httpx.Client(base_url=f"{server}/xrpc", timeout=60)
        asked = {"handle": self.handle, "email": f"{self.handle}@example.org"}
        told = self._call("com.atproto.server.createAccount", asked | {"password": "for-one-run"})
        self.did = str(told["did"])
        self._client.headers["authorization"] = f"Bearer {told['accessJwt']}"

    def write(self, collection: str, record: Record, *, key: str = "") -> Record:
        """Write a record into the account's repository; give what names it."""
        when = datetime.now(UTC).isoformat().replace("+00:00", "Z")  # noqa: TID251 - a real server has the wall's clock
        whole = {"$type": collection, "createdAt": when, **record}
        told = self._call(
            "com.atproto.repo.putRecord" if key else "com.atproto.repo.createRecord",
            {"repo": self.did, "collection": collection, "record": whole}
            | ({"rkey": key} if key else {}),
        )
        return {"uri": told["uri"], "cid": told["cid"]}

    def post(self, text: str, *, on: Record | None = None, root: Record | None = None) -> Record:
        """Post *text*, or answer *on* with it."""
        reply: Record = {"reply": {"root": root or on, "parent": on}} if on else {}
        return self.write(POST, {"text": text, **reply})

    def edit(self, post: Record, text: str) -> None:
        """Put another record into the place of *post*."""
        self.write(POST, {"text": text}, key=_key(post))

    def remove(self, post: Record) -> None:
        """Take *post* out of the account's repository."""
        asked = {"repo": self.did, "collection": POST, "rkey": _key(post)}
        self._call("com.atproto.repo.deleteRecord", asked)

    def upload(self, picture: bytes) -> Record:
        """Upload a picture; give what embeds it."""
        answer = self._client.post(
            "/com.atproto.repo.uploadBlob", content=picture, headers={"content-type": "image/png"}
        )
        image = {"image": answer.raise_for_status().json()["blob"], "alt": "A map"}
        return {"$type": "app.bsky.embed.images", "images": [image]}

    def leave(self) -> None:
        """Deactivate the account."""
        self._call("com.atproto.server.deactivateAccount", {})

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _call(self, method: str, asked: Record) -> Record:
        answer = self._client.post(f"/{method}", json=asked)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else {}


class Sky:
    """The network: where people have accounts, and what the public is shown."""

    def __init__(self) -> None:
        self.appview, self._server, self.directory = (os.environ[name] for name in SETTINGS)
        self._people: list[Person] = []

    def person(self, name: str) -> Person:
        """Give a new account, once the public may find it by its handle."""
        person = Person(self._server, name)
        self._people.append(person)
        asked = [("handle", person.handle)]
        self._await("com.atproto.identity.resolveHandle", asked, lambda told: "did" in told)
        return person

    def shows(self, *posts: Record) -> None:
        """Wait until the public is shown all of *posts*."""
        uris = [("uris", str(post["uri"])) for post in posts]
        wanted = {uri for _, uri in uris}
        self._await(_POSTS, uris, lambda told: {p["uri"] for p in told["posts"]} >= wanted)

    def hides(self, *posts: Record) -> None:
        """Wait until the public is shown none of *posts*."""
        uris = [("uris", str(post["uri"])) for post in posts]
        self._await(_POSTS, uris, lambda told: not told["posts"])

    def close(self) -> None:
        """Let go of connections."""
        for person in self._people:
            person.close()

    def _await(
        self, method: str, asked: list[tuple[str, str]], met: Callable[[dict[str, Any]], bool]
    ) -> None:
        for _ in range(_PATIENCE):
            answer = httpx.get(f"{self.appview}/xrpc/{method}", params=asked, timeout=60)
            if answer.is_success and met(answer.json()):
                return
        raise AssertionError(f"the AppView never came to answer {method} so")


def _key(post: Record) -> str:
    return str(post["uri"]).rpartition("/")[2]
