"""Connecting a page: a token is tried, kept where the page's own lies, and entered by whose right.

Tokens of the organisation are preferred: a person's own dies when they leave. Nothing is kept of
a token that the platform refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol, runtime_checkable

from archiver.credentials.consent import App, Asking, Grant, ask, granted, redeeming, renewing
from archiver.ports import Connector, Source
from archiver.procedures.access_checking import check_access
from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.records.canonical import Json
from archiver.records.errors import ConfigInvalid
from archiver.records.events import EventKind
from archiver.records.pages import AccessCheck, Consent, FetchSettings, PageSettings
from archiver.records.people import Person, Right

__all__ = ["App", "Connected", "Grant", "ask", "connect", "demand_connectable", "redeem", "renewed"]

RENEW_BEFORE = timedelta(minutes=10)
"""How long before a token of a consent dies a new one is asked for."""

Opener = Callable[[PageSettings], AbstractContextManager[Source]]
Keep = Callable[[str, str], None]
"""Puts a token, and the line below it, where the page's own lies."""


@runtime_checkable
class TokenGiver(Protocol):
    """A connector whose platform gives tokens for a person's consent."""

    def token_answer(
        self,
        fetching: FetchSettings,
        address: str,
        form: Mapping[str, str],
        headers: Mapping[str, str],
    ) -> bytes:
        """Hand *form* in at *address*, and give what is answered, a refusal too.

        Raises:
            ConnectorError: nothing was answered.
        """


@runtime_checkable
class OwnToken(Protocol):
    """A source that, opened with an organisation's token, finds the page's own by it."""

    def own_token(self) -> str | None:
        """Give the page's own token; None where the token is that already.

        Raises:
            ConnectorError: it could not be asked.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """What came of it: what was tried; where anything was refused, nothing was kept."""

    checks: tuple[AccessCheck, ...]

    @property
    def granted(self) -> bool:
        """Say whether the platform grants everything that a visit cannot do without."""
        return not any(check.refused for check in self.checks)


def demand_connectable(account: Account, person: Person, page: PageSettings) -> None:
    """Pass if *person* may connect *page*, and it says where its token lies and who answers for it.

    Raises:
        NotPermitted: they may not.
        ConfigInvalid: it does not say so.
    """
    demand(account, person, Right.MAINTAIN)
    wanted = {
        "token_file": page.token_file,
        "owner": page.owner,
        "second_administrator": page.second_administrator,
    }
    missing = [name for name, value in wanted.items() if not value]
    if missing:
        raise ConfigInvalid(
            [f"page {page.name}: {name} is missing" for name in missing],
            remedy="Say in [[pages]] in which file its token is to lie, who administers the page "
            "there, and who stands in for them.",
        )


def connect(
    account: Account,
    person: Person,
    page: PageSettings,
    token: str,
    *,
    opener: Opener,
    keep: Keep,
    organisation: bool,
    below: str = "",
) -> Connected:
    """Try *token* on *page*, and keep it, with the line *below* it, if everything is granted.

    Raises:
        NotPermitted, ConfigInvalid: as for `demand_connectable`.
        ConnectorError: the page could not be opened with it.
    """
    demand_connectable(account, person, page)
    trial = replace(page, secret=token, secret_missing=False, token_file=None)
    with opener(trial) as source:
        own = source.own_token() if isinstance(source, OwnToken) else None
    trial = replace(trial, secret=own or token)
    with opener(trial) as source:
        outcome = Connected(checks=tuple(check_access(source, now=account.now())))
    if outcome.granted:
        keep(own or token, below)
        _enter(account, person, page, organisation=organisation)
    return outcome


def _enter(account: Account, person: Person, page: PageSettings, *, organisation: bool) -> None:
    told: dict[str, Json] = {
        "page": account.key.page(page.platform, page.identity),
        "connector": page.connector,
        "owner": page.owner,
        "second_administrator": page.second_administrator,
        "organisation": organisation,
        "by": person.id,
    }
    paper, subject = account.paper("connection", told), str(told["page"])
    with account.catalogue.writing() as desk:
        which: dict[str, Json] = {"org": organisation}
        kind = EventKind.PAGE_CONNECTED
        account.enter(desk, kind, by=person.id, subject=subject, told=which, paper=paper)
    account.acknowledge()


def redeem(
    account: Account,
    connector: Connector,
    fetching: FetchSettings,
    consent: Consent,
    app: App,
    asking: Asking,
    answer: str,
) -> Grant:
    """Turn the *answer* to a request for consent into a grant.

    Raises:
        PermissionLost: consent was refused, or the platform gives no token.
        ConnectorError: nothing was answered.
    """
    form = redeeming(consent, app, asking, answer)
    told = _giver(connector).token_answer(fetching, consent.token, form, app.header(consent))
    return granted(app, told, now=account.now())


def renewed(
    account: Account, connector: Connector, fetching: FetchSettings, grant: Grant
) -> Grant | None:
    """Give a new grant in place of one whose token dies soon; None while it is good.

    Raises:
        PermissionLost: the platform gives none: somebody must consent anew.
        ConnectorError: nothing was answered.
    """
    consent = connector.capabilities.access.consent
    if consent is None or not grant.refresh_token:
        return None
    if grant.dies_at - account.now() > RENEW_BEFORE:
        return None
    form, headers = renewing(consent, grant), grant.app.header(consent)
    told = _giver(connector).token_answer(fetching, consent.token, form, headers)
    return granted(grant.app, told, now=account.now(), before=grant.refresh_token)


def _giver(connector: Connector) -> TokenGiver:
    if not isinstance(connector, TokenGiver):
        raise ConfigInvalid(f"{connector.name} is let in with a key, not by consent")
    return connector
