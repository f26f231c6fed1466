"""Pages: a department's presence on a platform, and the settings a connector gets for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import PurePath
from typing import TypeAlias

SettingValue: TypeAlias = str | int | float | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of its own that a connector declares; the config layer checks it.

    *kind* is `text`, `integer`, `number`, `boolean`, `list` (of texts), or `file`: the path of a
    file, from the folder of the configuration. A setting called `platform` names the platform of
    a page whose connector reads exports of any.
    """

    name: str
    kind: str
    help: str
    required: bool = False
    default: SettingValue | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """How a person lets the archive in with their browser (OAuth 2).

    They say yes at *authorize*; their answer becomes a token at *token*. *scopes* are what is
    asked for, *more* what else; *basic* says that the app names itself in a header.
    """

    authorize: str
    token: str
    scopes: tuple[str, ...]
    more: Mapping[str, str] = field(default_factory=dict)
    basic: bool = False
    app_named: str = "client_id"
    scopes_joined: str = " "
    hex_proof: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """How a page is opened to a connector, in the words of the platform's own desks.

    *permissions* are what it must be granted, each with what it is for; *steps* lead to them, in
    order; *terms* is what the platform's terms say of deletion: counsel reads it before the page
    is captured. *consent* is how a browser does it, where the platform has such a way.
    """

    permissions: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    terms: str = ""
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class AccessCheck:
    """One right that was tried on a page: whether the platform grants it, and what it says.

    *needed* is false of a right that a visit can do without: what it would show stays a gap.
    """

    what: str
    granted: bool
    detail: str = ""
    needed: bool = True

    @property
    def refused(self) -> bool:
        """Say whether a visit cannot do without it, and has to."""
        return self.needed and not self.granted

    @property
    def answer(self) -> str:
        """Give the answer in a word or two."""
        if self.granted:
            return "granted"
        return "REFUSED" if self.needed else "not granted"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a connector can and cannot see, in words an attorney can use.

    *edits* is `events`, `history`, `timestamps` or `diff`; *removals* is `events`, `recheck` or
    `none`; *backfill* says how far back the platform lets anyone look; *access* how to let it in.
    *moderation* names what it keeps of how the page is moderated. *made_ids* says that an export
    tells no ids, so that those of its items are made here, and no visit finds them again.
    """

    posts: bool
    comments: bool
    media: bool
    hidden: bool
    edits: str
    removals: str
    backfill: str
    blind_to: tuple[str, ...] = ()
    moderation: tuple[str, ...] = ()
    made_ids: bool = False
    access: Access = field(default_factory=Access)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSettings:
    """One `[[pages]]` entry, checked. *secret* comes from the environment or a 0600 file.

    *identity* is the page's URL, or its name where it has none: with the platform, it is what
    item ids are made from, so it must not change. *every* is in minutes. *secret_missing* says
    that an environment variable is named for the secret, and is not set here. *credential* names
    whose budget its token spends, where that stays the same while tokens change. With
    *signing_secret* the platform signs what it delivers by itself. *owner* and
    *second_administrator* name the people who administer the page on its platform.
    """

    name: str
    connector: str
    platform: str
    url: str
    look_back_days: int = 14
    every: int | None = None
    controlled: bool = True
    secret: str | None = field(default=None, repr=False)
    secret_missing: bool = False
    token_env: str = ""
    token_file: PurePath | None = None
    signing_secret: str | None = field(default=None, repr=False)
    signing_missing: bool = False
    credential: str = ""
    owner: str = ""
    second_administrator: str = ""
    options: Mapping[str, SettingValue] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """Give what names this page on its platform: its URL (no slash at its end), or its name."""
        return self.url.rstrip("/") or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What a visit spent of a daily budget: *units* more, of an *account*, on the platform's *day*.

    *account* tells credentials apart without naming them; *limit* is what a day allows, None
    where nobody set one.
    """

    account: str
    day: date
    units: int
    limit: int | None
    unit: str


WriteSpending = Callable[[Spending], int]
"""Writes down what was spent, and gives what the account's whole day comes to with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTerm:
    """Until when a token is good, as its platform says: a moment, or how long from now on.

    Without either it does not expire. *token* is a new one that the platform gave in place of the
    one it was asked with.
    """

    dies_at: datetime | None = None
    lives: timedelta | None = None
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """How connectors may use the network; the same for all of them.

    *max_bytes* bounds one answer or file; *timeout_seconds* each wait for the other side;
    *spool* is a folder for files under way, emptied by the visit. *ca_file* names certificates of
    authorities (PEM) that are trusted beside the usual ones. *write_spending* keeps the
    account of what is spent of a platform's budgets from one run to the next.
    """

    user_agent: str
    spool: PurePath
    allow_private_hosts: frozenset[str] = frozenset()
    max_bytes: int = 2 * 1024**3
    timeout_seconds: float = 30.0
    requests_per_second: float | None = None
    ca_file: PurePath | None = None
    write_spending: WriteSpending | None = None
