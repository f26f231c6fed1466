"""A real MediaWiki, as its editors use it: through its own API; its public reads its feeds."""

from __future__ import annotations

import os

import httpx

SETTINGS = (
    "ARCHIVER_TEST_MEDIAWIKI_URL",
    "ARCHIVER_TEST_MEDIAWIKI_USER",
    "ARCHIVER_TEST_MEDIAWIKI_PASSWORD",
)


class WikiSite:
    """One MediaWiki, driven as its administrator."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=60)
        asked = {"action": "login", "lgname": user, "lgpassword": password}
        told = self._call({**asked, "lgtoken": self._token("login")})
        assert told["login"]["result"] == "Success", told

    @classmethod
    def of_this_run(cls) -> WikiSite:
        """Open the wiki that `make services` started."""
        return cls(*(os.environ[name] for name in SETTINGS))

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def changes_feed(self) -> str:
        """Give the address of the Atom feed of every change of the wiki."""
        return f"{self.url}/api.php?action=feedrecentchanges&feedformat=atom&limit=500&days=1"

    def history_feed(self, title: str) -> str:
        """Give the address of the Atom feed of the revisions of one page."""
        return f"{self.url}/index.php?title={title}&action=history&feed=atom"

    def write(self, title: str, text: str, *, summary: str = "") -> int:
        """Write a page anew, or over; give the number of the revision."""
        asked = {"action": "edit", "title": title, "text": text, "summary": summary}
        return int(self._call({**asked, "token": self._token("csrf")})["edit"]["newrevid"])

    def write_as_the_public(self, title: str, text: str) -> int:
        """Write over a page without an account; give the number of the revision."""
        asked = {"action": "edit", "title": title, "text": text, "format": "json"}
        answer = httpx.post(f"{self.url}/api.php", data={**asked, "token": "+\\"}, timeout=60)
        return int(answer.raise_for_status().json()["edit"]["newrevid"])

    def erase(self, title: str) -> None:
        """Delete a page, as only administrators may."""
        self._call({"action": "delete", "title": title, "token": self._token("csrf")})

    def block(self, user: str, *, why: str) -> None:
        """Block a name or an address for three days, as only administrators may."""
        asked = {"action": "block", "user": user, "expiry": "3 days", "reason": why}
        self._call({**asked, "token": self._token("csrf")})

    def unblock(self, user: str) -> None:
        """Lift a block."""
        self._call({"action": "unblock", "user": user, "token": self._token("csrf")})

    def protect(self, title: str) -> None:
        """Let only administrators edit a page."""
        asked = {"action": "protect", "title": title, "protections": "edit=sysop"}
        self._call({**asked, "token": self._token("csrf")})

    def _token(self, kind: str) -> str:
        asked = {"action": "query", "meta": "tokens", "type": kind, "format": "json"}
        told = self._client.get("/api.php", params=asked).raise_for_status().json()
        return str(told["query"]["tokens"][f"{kind}token"])

    def _call(self, fields: dict[str, str]) -> dict:
        answer = self._client.post("/api.php", data={**fields, "format": "json"}).raise_for_status()
        told = answer.json()
        assert "error" not in told, told
        return told
