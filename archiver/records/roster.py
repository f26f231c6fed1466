"""The roster: who had which role on which day. Pure; days are the agency's own.

Roles are given and taken from a day on, until a day or for good; both days count. Whoever
leaves is inactive from the day they leave on, whatever roles were given beyond it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TypeAlias

from archiver.records.errors import ConfigInvalid
from archiver.records.people import ONLY_READ, Person, Role

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """The days from *since* to *until*, both of them included; without *until*, for good."""

    since: date
    until: date | None = None

    def __post_init__(self) -> None:
        """Refuse a span that ends before it begins.

        Raises:
            ConfigInvalid: it does.
        """
        if self.until is not None and self.until < self.since:
            raise ConfigInvalid(
                f"from {self.since} until {self.until} is no day at all",
                remedy="Give the earlier day with --from and the later one with --until.",
            )

    def covers(self, day: date) -> bool:
        """Say whether *day* is one of these days."""
        return self.since <= day and (self.until is None or day <= self.until)


Spans: TypeAlias = tuple[Span, ...]
"""Spans in order, with at least a day between any two."""


def given(spans: Iterable[Span], more: Span) -> Spans:
    """Give *spans* and the days of *more*."""
    found: list[Span] = []
    for span in sorted((*spans, more), key=lambda one: one.since):
        last = found[-1] if found else None
        if last is not None and (last.until is None or span.since - last.until <= _DAY):
            found[-1] = Span(last.since, _later(last.until, span.until))
        else:
            found.append(span)
    return tuple(found)


def taken(spans: Iterable[Span], less: Span) -> Spans:
    """Give *spans* without the days of *less*."""
    found: list[Span] = []
    for span in spans:
        if span.since < less.since:
            day_before = less.since - _DAY
            ends = day_before if span.until is None else min(span.until, day_before)
            found.append(Span(span.since, ends))
        if less.until is not None and (span.until is None or span.until > less.until):
            found.append(Span(max(span.since, less.until + _DAY), span.until))
    return tuple(found)


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One line of the roster: a person, or a *shared* account, and its roles through time."""

    id: str
    name: str
    account: str
    shared: bool = False
    tenures: Mapping[Role, Spans] = field(default_factory=dict)
    left_on: date | None = None

    def on(self, day: date) -> Person:
        """Give the person with the roles in force on *day*."""
        return Person(
            id=self.id,
            name=self.name,
            account=self.account,
            roles=frozenset(
                role for role, spans in self.tenures.items() if any(s.covers(day) for s in spans)
            ),
            active=self.left_on is None or day < self.left_on,
            shared=self.shared,
        )

    def with_role(self, role: Role, span: Span) -> Member:
        """Give this member with *role* on the days of *span* too."""
        return self._having(role, given(self.tenures.get(role, ()), span))

    def without_role(self, role: Role, span: Span) -> Member:
        """Give this member without *role* on the days of *span*."""
        return self._having(role, taken(self.tenures.get(role, ()), span))

    def _having(self, role: Role, spans: Spans) -> Member:
        tenures = {**self.tenures, role: spans}
        return replace(self, tenures={r: tenures[r] for r in sorted(tenures) if tenures[r]})

    def reads_as_administrator(self, since: date) -> date | None:
        """Give the first day, from *since* on, as administrator with a role that only reads."""
        spans = (span for spans in self.tenures.values() for span in spans)
        for day in sorted({max(span.since, since) for span in spans}):
            roles = self.on(day).roles
            if Role.ADMINISTRATOR in roles and roles & ONLY_READ:
                return day
        return None

    def leaving(self, day: date) -> Member:
        """Give this member inactive from *day* on."""
        return replace(self, left_on=day)


def newcomer(
    *, person: str, name: str, account: str, shared: bool, roles: Iterable[Role], span: Span
) -> Member:
    """Give a new member with *roles* on the days of *span*."""
    member = Member(id=person, name=name, account=account, shared=shared)
    for role in roles:
        member = member.with_role(role, span)
    return member
