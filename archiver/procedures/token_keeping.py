"""Tokens: until when each page's is good, as its platform says, and said before it dies.

The platform is asked once a day, at a visit or when access is checked. Where it gives a new token
in place of one that grows old, and the page's token lies in a file, the new one is put there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Protocol, runtime_checkable

from archiver.catalogue import token_terms
from archiver.catalogue.token_terms import TermRow
from archiver.ports import Source
from archiver.procedures.account import Account
from archiver.records.errors import ConnectorError
from archiver.records.identity import sha256
from archiver.records.moments import micros, moment
from archiver.records.pages import PageSettings, TokenTerm

ASK_AGAIN = timedelta(hours=20)
"""How long what a platform said of a token counts, before it is asked again."""

RENEW_BEFORE = timedelta(days=45)
"""How long before it dies a token is renewed, where its platform allows it."""


@runtime_checkable
class TokenTeller(Protocol):
    """A source whose platform says until when its token is good."""

    def token_term(self) -> TokenTerm | None:
        """Give until when; None where it will not say.

        Raises:
            ConnectorError: it could not be asked.
        """


@runtime_checkable
class TokenRenewer(Protocol):
    """A source whose platform gives a new token in place of one that is still good."""

    def renewed_token(self) -> TokenTerm | None:
        """Give the new token, and until when it is good; None where it gives none.

        Raises:
            ConnectorError: it could not be asked.
        """


def look_after(
    account: Account,
    settings: PageSettings,
    source: Source,
    keep: Callable[[str, str], None] | None,
    *,
    anew: bool = False,
) -> None:
    """Ask the platform of a page about its token, and *keep* the new one where it gives one.

    Asked *anew*, or once a day. What cannot be asked leaves what was known before.
    """
    page, now = account.key.page(settings.platform, settings.identity), account.now()
    with account.catalogue.reading() as connection:
        known = token_terms.every(connection).get(page)
    if known is not None and known.token != digest_of(account, settings):
        known = None
    if not anew and known is not None and now - moment(known.asked_at) < ASK_AGAIN:
        return
    if not isinstance(source, TokenTeller | TokenRenewer):
        return
    try:
        term = _asked(account, source, known, keep)
    except ConnectorError:
        term = None
    if term is not None and term.token and keep is not None:
        keep(term.token, "")
    row = TermRow(
        page=page,
        token=_digest(account, term.token if term and term.token else settings.secret or ""),
        asked_at=micros(now),
        dies_at=_death(account, term) if term is not None else known.dies_at if known else None,
    )
    with account.catalogue.writing() as desk:
        token_terms.put(desk.connection, row)


def _death(account: Account, term: TokenTerm) -> int | None:
    dies_at = account.now() + term.lives if term.lives is not None else term.dies_at
    return micros(dies_at) if dies_at is not None else None


def _asked(
    account: Account, source: Source, known: TermRow | None, keep: Callable[[str, str], None] | None
) -> TokenTerm | None:
    """Give what the platform says, and a new token where one may be had and kept."""
    dies_at = known.dies_at if known is not None else None
    young = dies_at is not None and moment(dies_at) - account.now() > RENEW_BEFORE
    if keep is not None and isinstance(source, TokenRenewer) and not young:
        renewed = source.renewed_token()
        if renewed is not None:
            return renewed
    return source.token_term() if isinstance(source, TokenTeller) else None


def digest_of(account: Account, settings: PageSettings) -> str:
    """Give the salted digest by which the token of a page is told from another."""
    return _digest(account, settings.secret or "")


def _digest(account: Account, token: str) -> str:
    return account.key.commit("token", sha256(token.strip().encode()))


def deaths(account: Account, pages: Iterable[PageSettings]) -> dict[str, int]:
    """Give when the tokens in use die (µs UTC), by the name of their pages, where that is known.

    What was said of a token that was replaced since counts no more.
    """
    with account.catalogue.reading() as connection:
        known = token_terms.every(connection)
    found = {}
    for page in pages:
        row = known.get(account.key.page(page.platform, page.identity))
        if row is not None and row.dies_at is not None and row.token == digest_of(account, page):
            found[page.name] = row.dies_at
    return found
