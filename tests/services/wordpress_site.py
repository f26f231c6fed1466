"""A real WordPress, as its editors and its public use it: through its own REST API."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial

import httpx

SETTINGS = (
    "ARCHIVER_TEST_WORDPRESS_URL",
    "ARCHIVER_TEST_WORDPRESS_USER",
    "ARCHIVER_TEST_WORDPRESS_PASSWORD",
)
WORKERS = 4  # as many as services/wordpress.sh lets answer at once
EVERY_STATE = {
    "posts": ("any,trash",),
    "pages": ("any,trash",),
    "comments": ("approve", "hold", "spam", "trash"),
    "media": ("inherit",),
}


@dataclass(frozen=True)
class Upload:
    """A file in the site's media library."""

    number: int
    url: str


class WordPressSite:
    """One WordPress, driven as its administrator."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url
        self.secret = f"{user}:{password}"
        self._client = httpx.Client(
            base_url=f"{url}/wp-json/wp/v2", auth=(user, password), timeout=60
        )

    @classmethod
    def of_this_run(cls) -> WordPressSite:
        """Open the site that `make services` started."""
        return cls(*(os.environ[name] for name in SETTINGS))

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    # --- the whole site ---------------------------------------------------------------------

    def now(self) -> datetime:
        """Give the moment by the site's own clock."""
        answer = self._client.head("/types")
        return parsedate_to_datetime(answer.headers["date"]).astimezone(UTC)

    def clear(self) -> None:
        """Erase every post, page, comment and file, so that a test begins with an empty site."""
        for kind, states in EVERY_STATE.items():
            for state in states:
                while listed := self._listed(kind, state):
                    with ThreadPoolExecutor(WORKERS) as workers:
                        list(workers.map(partial(self._erase, kind), listed))

    def anonymous(self, path: str) -> int:
        """Give the status with which the site answers the public for *path* of its API."""
        return httpx.get(f"{self.url}/wp-json/wp/v2/{path}", timeout=60).status_code

    @contextmanager
    def emptied(self) -> Iterator[None]:
        """Have every list come back empty for a while, though nothing was removed."""
        self._call("POST", "/settings", {"archiver_emptied": True})
        try:
            yield
        finally:
            self._call("POST", "/settings", {"archiver_emptied": False})

    # --- posts and pages --------------------------------------------------------------------

    def post(
        self, title: str, text: str, *, on: datetime | None = None, kind: str = "posts"
    ) -> int:
        """Publish a post (or, of kind `pages`, a page), dated *on* where that is given."""
        fields = {"title": title, "content": text, "status": "publish"}
        return self._made(kind, fields, on)

    def post_many(self, posts: Iterable[tuple[str, str, datetime]]) -> None:
        """Publish many posts (title, text, date), in no order."""
        with ThreadPoolExecutor(WORKERS) as workers:
            list(workers.map(lambda post: self.post(post[0], post[1], on=post[2]), posts))

    def edit_post(self, number: int, text: str, *, kind: str = "posts") -> None:
        """Give a post another text."""
        self._call("POST", f"/{kind}/{number}", {"content": text})

    def trash_post(self, number: int, *, kind: str = "posts") -> None:
        """Put a post into the trash, where only editors see it."""
        self._call("DELETE", f"/{kind}/{number}")

    def restore_post(self, number: int, *, kind: str = "posts") -> None:
        """Publish a post again that was trashed or drafted."""
        self._call("POST", f"/{kind}/{number}", {"status": "publish"})

    def withdraw_post(self, number: int, *, kind: str = "posts") -> None:
        """Make a published post a draft again."""
        self._call("POST", f"/{kind}/{number}", {"status": "draft"})

    def erase_post(self, number: int, *, kind: str = "posts") -> None:
        """Delete a post for good, with its comments."""
        self._erase(kind, number)

    # --- comments ---------------------------------------------------------------------------

    def comment(
        self, post: int, text: str, *, by: str = "Pat Public", parent: int = 0,
        on: datetime | None = None,
    ) -> int:  # fmt: skip
        """Comment on *post* as a member of the public, or reply to the comment *parent*."""
        handle = by.lower().replace(" ", ".")
        fields = {
            "post": post, "parent": parent, "content": text, "status": "approve",
            "author_name": by, "author_email": f"{handle}@example.org",
        }  # fmt: skip
        return self._made("comments", fields, on)

    def edit_comment(self, number: int, text: str) -> None:
        """Give a comment another text."""
        self._call("POST", f"/comments/{number}", {"content": text})

    def mark_comment(self, number: int, status: str) -> None:
        """Moderate a comment: `approve`, `hold`, `spam` or `trash`."""
        self._call("POST", f"/comments/{number}", {"status": status})

    def erase_comment(self, number: int) -> None:
        """Delete a comment for good."""
        self._erase("comments", number)

    # --- files ------------------------------------------------------------------------------

    def upload(self, name: str, data: bytes, media_type: str) -> Upload:
        """Put a file into the media library."""
        headers = {
            "Content-Type": media_type,
            "Content-Disposition": f'attachment; filename="{name}"',
        }
        answer = self._client.post("/media", content=data, headers=headers).raise_for_status()
        told = answer.json()
        return Upload(told["id"], told["source_url"])

    # --- the API ----------------------------------------------------------------------------

    def _made(self, kind: str, fields: dict[str, object], on: datetime | None) -> int:
        if on is not None:
            fields["date_gmt"] = on.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return int(self._call("POST", f"/{kind}", fields)["id"])

    def _erase(self, kind: str, number: int) -> None:
        self._call("DELETE", f"/{kind}/{number}", {"force": True})

    def _listed(self, kind: str, status: str) -> list[int]:
        asked = {"per_page": "100", "status": status, "_fields": "id"}
        answer = self._client.get(f"/{kind}", params=asked).raise_for_status()
        return [entry["id"] for entry in answer.json()]

    def _call(self, verb: str, path: str, fields: dict[str, object] | None = None) -> dict:
        answer = self._client.request(verb, path, json=fields)
        assert answer.is_success, f"{verb} {path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()
