"""Asking one server, with the token that is meant for it alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from archiver.records.errors import AnswerUnreadable, PermissionLost
from connectors.cutting import id_of, object_of
from connectors.fetching import Answer, Fetcher

FOUND, NOT_FOUND, GONE = 200, 404, 410


@dataclass(frozen=True, slots=True)
class Server:
    """The server of an account, and the headers that hold the account's token, if it has one."""

    fetcher: Fetcher
    address: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def ask(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        accept: tuple[int, ...] = (FOUND,),
    ) -> Answer:
        """Ask for *path*, which begins with the version of the API.

        Raises:
            ConnectorError: as for `Fetcher.get`.
        """
        url = f"{self.address}/api/{path}"
        return self.fetcher.get(url, params=params, headers=self.headers, accept=accept)

    def shows(self, path: str, params: Mapping[str, str]) -> Answer | None:
        """Ask for what a server may not offer at all; None where it says there is no such place.

        Raises:
            ConnectorError: as for `Fetcher.get`.
        """
        answer = self.ask(path, params, accept=(FOUND, NOT_FOUND))
        return answer if answer.status == FOUND else None

    def belongs_to(self, owner: str, what: str) -> None:
        """Pass if the token is that of the account *owner*: *what* it is asked for is its own.

        Raises:
            PermissionLost: it is another account's.
            AnswerUnreadable: the server does not say whose it is.
        """
        answer = self.shows("v1/accounts/verify_credentials", {})
        if answer is None:
            raise AnswerUnreadable("the server does not say whose the token is")
        whose = id_of(object_of(answer.json(), "an account").get("id"), "an account")
        if whose != owner:
            raise PermissionLost(f"the token is another account's, whose {what} are its own")


def onward(answer: Answer) -> str:
    """Give from where the next slice of a list goes on, by the server's own link; else nothing."""
    return parse_qs(urlsplit(answer.link("next") or "").query).get("max_id", [""])[0]
