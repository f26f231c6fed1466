"""Wordings: classifier rules that several schedules share, and what a schedule makes of them.

A rule of shared wordings names a topic (a complaint, a booking photo) where a rule of a schedule
names a series; a schedule says which of its series each topic is. So the same words are read
and corrected once, and mean each department's own series.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from archiver.records.classification import Tag
from archiver.records.identity import sha256
from archiver.records.rule_reading import Topic, read_rule, read_wording
from archiver.records.rules import Rule, Wording
from archiver.records.schedule_tables import Table
from archiver.records.series import Series


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleText:
    """The texts a schedule was read from: its own, and that of the wordings it names.

    Every decision names the digest of both: a change of either is another version.
    """

    toml: bytes
    wordings: bytes | None = None

    @property
    def digest(self) -> str:
        """Give the SHA-256 of the schedule's text and, after a NUL, that of the wordings."""
        if self.wordings is None:
            return sha256(self.toml)
        return sha256(self.toml + b"\0" + self.wordings)


_UNMAPPED = Topic(series="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a schedule knows of words: its rules in order, its guards, and what says nothing."""

    rules: tuple[Rule, ...] = ()
    guards: Mapping[str, Wording] = field(default_factory=dict)
    fillers: frozenset[str] = frozenset()


def read_words(
    top: Table,
    series: Mapping[str, Series],
    *,
    named: str,
    text: bytes | None,
) -> Words:
    """Read what a schedule says of words, with the wordings called *named* in *text*.

    Rules of the schedule's own that keep come before all others. Those that make items
    transitory come after every shared rule that could forbid it.
    """
    topics = _topics(top, series)
    shared = _shared(top, series, topics, named=named, text=text)
    guards = {**shared.guards, **_guards(top, taken=shared.guards)}
    own = _rules(top.tables("rules"), series, guards, taken=shared.rules)
    fillers = top.table("words")
    found = frozenset(fillers.texts("fillers")) if fillers else frozenset()
    if fillers is not None:
        fillers.finish()
    return Words(rules=_in_order(own, shared.rules), guards=guards, fillers=found | shared.fillers)


def _topics(top: Table, series: Mapping[str, Series]) -> dict[str, Topic]:
    """Read `[topics]`: a series number each, or a table of series and cites."""
    written = top.table("topics")
    topics: dict[str, Topic] = {}
    for name in written.written() if written else ():
        if written is None:
            break
        inner = written.table(name) if written.is_table(name) else None
        number = inner.text("series") if inner else written.text(name)
        topics[name] = Topic(series=number, cites=inner.texts("cites") if inner else ())
        if inner is not None:
            inner.finish()
        if number and number not in series:
            written.fault(name, f"{number!r} is not a series of this schedule")
    return topics


def _shared(
    top: Table,
    series: Mapping[str, Series],
    topics: Mapping[str, Topic],
    *,
    named: str,
    text: bytes | None,
) -> Words:
    """Read the shared wordings, and report every topic that is not mapped, or not there."""
    if not named:
        if topics:
            top.fault("topics", "are those of shared wordings, and [schedule] wordings names none")
        return Words()
    if text is None:
        top.fault("schedule", f"wordings: there are none called {named!r}")
    file = top.another(named, text) if text is not None else None
    if file is None:
        return Words()
    known = _described(file)
    _compare(top, topics, known, named)
    words = _words(file, series, {name: topics.get(name, _UNMAPPED) for name in known})
    for topic in sorted(known - {rule.topic for rule in words.rules}):
        file.fault("topics", f"{topic}: no rule is about it")
    return words


def _described(file: Table) -> frozenset[str]:
    """Read the `[topics]` of the wordings themselves: what each topic is, in words."""
    described = file.table("topics", required=True)
    names = described.written() if described is not None else ()
    for name in names:
        if described is not None:
            described.text(name)
    return frozenset(names)


def _compare(top: Table, topics: Mapping[str, Topic], known: frozenset[str], named: str) -> None:
    for topic in sorted(known - topics.keys()):
        top.fault("topics", f"{topic} is missing: {named} has rules for it")
    for topic in sorted(topics.keys() - known):
        top.fault("topics", f"{topic} is no topic of {named}")


def _words(file: Table, series: Mapping[str, Series], topics: Mapping[str, Topic]) -> Words:
    head = file.table("wordings", required=True)
    if head is not None:
        head.text("name")
        head.text("title")
        head.finish()
    guards = _guards(file, taken={})
    rules = _rules(file.tables("rules"), series, guards, taken=(), topics=topics)
    fillers = file.table("words")
    found = frozenset(fillers.texts("fillers")) if fillers else frozenset()
    if fillers is not None:
        fillers.finish()
    file.finish()
    return Words(rules=rules, guards=guards, fillers=found)


def _guards(top: Table, *, taken: Mapping[str, Wording]) -> dict[str, Wording]:
    guards: dict[str, Wording] = {}
    written = top.table("guards")
    for key in written.written() if written else ():
        table = written.table(key) if written else None
        if table is None:
            continue
        guards[key] = read_wording(table)
        if not guards[key]:
            table.fault("phrases", "is missing: a guard needs phrases or patterns")
        if key in taken:
            table.fault("", "stands in the shared wordings already")
        table.finish()
    return guards


def _rules(
    tables: Sequence[Table],
    series: Mapping[str, Series],
    guards: Mapping[str, Wording],
    *,
    taken: Sequence[Rule],
    topics: Mapping[str, Topic] | None = None,
) -> tuple[Rule, ...]:
    seen = {rule.id for rule in taken}
    rules = []
    for table in tables:
        rule = read_rule(table, series=series, guards=guards, topics=topics)
        if rule.id in seen:
            table.fault("id", "stands here twice")
        seen.add(rule.id)
        rules.append(rule)
    return tuple(rules)


def _in_order(own: Sequence[Rule], shared: Sequence[Rule]) -> tuple[Rule, ...]:
    """Put what keeps first; what makes transitory after all that could forbid it."""
    if not shared:
        return tuple(own)
    keeping = [rule for rule in own if rule.tag is not Tag.TRANSITORY]
    letting_go = [rule for rule in own if rule.tag is Tag.TRANSITORY]
    first = next((n for n, rule in enumerate(shared) if rule.tag is Tag.TRANSITORY), len(shared))
    return (*keeping, *shared[:first], *letting_go, *shared[first:])


def wordings_named(toml: bytes) -> str:
    """Give the name of the wordings that the schedule *toml* uses, or nothing; never raises."""
    try:
        values = tomllib.loads(toml.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ""
    head = values.get("schedule")
    named = head.get("wordings") if isinstance(head, dict) else None
    return named if isinstance(named, str) else ""
