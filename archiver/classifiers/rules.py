"""What the schedule's own rules say of an item.

Rules only suggest. They are tried in the schedule's order and the first that decides, decides;
what none decides is undetermined and waits for a person. Whichever decides, each restricted rule
that finds something restricts the item. Doubt is never transitory: a rule that
a guard stopped, an item that some rule wants looked at, and a text too long to be read whole
all stay undetermined.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from archiver.classifiers.lexicon import Places, lexicon_of
from archiver.classifiers.needing import DIGIT, needs_a_digit
from archiver.language.tokens import cut, fold
from archiver.records.classification import Suggestion, Tag
from archiver.records.items import Content
from archiver.records.making import quickly
from archiver.records.rules import Rule, Wording
from archiver.records.schedules import Schedule

MOST_READ: Final = 20_000
"""How many characters of a text are read; what is longer is never transitory."""
MOST_MATCHED: Final = 12
"""How many matched words a suggestion names, at most."""
_LONGEST_MATCHED: Final = 80
_FACTS: Final = ("has_attachment", "has_link", "has_parent", "unseen_media", "wordless", "blank")

_LINK: Final = re.compile(r"(?:https?://|www\.)\S{1,2000}")
_ADDRESSED: Final = re.compile(r"\A(?:\s{0,8}@[\w.]{1,64})+")
"""The @names a reply begins with, by the custom of its platform."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """An item, read once for every rule; *matches* are the patterns already looked for."""

    content: Content
    own: bool
    text: str
    words: tuple[str, ...]
    found: Mapping[int, Places]
    facts: Mapping[str, bool]
    whole: bool
    has_digit: bool
    matches: dict[int, tuple[str, ...]] = field(default_factory=dict)


_a_reading = quickly(_Reading)
_a_suggestion = quickly(Suggestion)


@dataclass(frozen=True, slots=True)
class _Sought:
    """A wording: its number in the lexicon, and its patterns as one alternation.

    *of_digits* says that they find nothing where no digit stands.
    """

    name: str
    number: int
    pattern: re.Pattern[str] | None
    asks: bool
    of_digits: bool

    @property
    def phrases_only(self) -> bool:
        """Say whether there are words to look for, and no pattern among them."""
        return self.asks and self.pattern is None

    def stands_in(self, reading: _Reading) -> bool:
        """Say whether a phrase or a pattern of this wording is in the item, if it has any."""
        return not self.asks or self.number in reading.found or bool(self.matches(reading))

    def matches(self, reading: _Reading) -> tuple[str, ...]:
        """Give what the patterns find first, at most one piece; each item is searched once."""
        if self.pattern is None or (self.of_digits and not reading.has_digit):
            return ()
        known = reading.matches.get(self.number)
        if known is None:
            match = self.pattern.search(reading.text)
            known = (match[0][:_LONGEST_MATCHED],) if match else ()
            reading.matches[self.number] = known
        return known

    def matched(self, reading: _Reading) -> tuple[str, ...]:
        """Give the words that matched, as the item has them, each once."""
        words = reading.words
        places = reading.found.get(self.number, ())[:MOST_MATCHED]
        phrases = (" ".join(words[place : place + length]) for place, length in places)
        return tuple(dict.fromkeys((*phrases, *self.matches(reading))))[:MOST_MATCHED]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A rule with its wordings, ready to be tried."""

    rule: Rule
    sought: _Sought
    asked: tuple[tuple[str, bool], ...]
    guards: tuple[_Sought, ...]
    fillers: frozenset[str]


class RulesClassifier:
    """Suggests by the rules of one schedule; *version* is the digest of its file."""

    def __init__(self, schedule: Schedule) -> None:
        self.version = schedule.digest
        wordings = {rule.id: rule.words for rule in schedule.rules} | {
            f"/{name}": wording for name, wording in schedule.guards.items()
        }
        sought = {
            name: _sought(name, number, wording)
            for number, (name, wording) in enumerate(wordings.items())
        }
        everywhere = frozenset(word for filler in schedule.fillers for word in cut(filler))
        rules = [_compiled(rule, sought, everywhere) for rule in schedule.rules]
        mine = {
            own: {
                n: each for n, each in enumerate(rules) if each.rule.conditions.own in {None, own}
            }
            for own in (True, False)
        }
        self._rules = mine
        self._always = {
            own: tuple(n for n, each in mine[own].items() if not each.sought.phrases_only)
            for own in (True, False)
        }
        self._lexicon = lexicon_of(
            tuple(
                (sought[name].number, phrase)
                for name, wording in wordings.items()
                for phrase in wording.phrases
            )
        )

    def suggest(self, content: Content, *, own: bool) -> Suggestion:
        """Suggest for *content*; *own* says that the department itself wrote it."""
        reading = self._read(content, own=own)
        looked_at: tuple[str, tuple[str, ...]] | None = None
        stopped: tuple[str, tuple[str, ...]] | None = None
        decided: Suggestion | None = None
        restricts = False
        for compiled in self._worth_trying(reading):
            rule, sought = compiled.rule, compiled.sought
            if decided is not None and (restricts or not rule.restricted):
                continue
            if not _is_like(compiled, reading) or not sought.stands_in(reading):
                continue
            if not _accounts_for(compiled, reading):
                continue
            if guard := next((g for g in compiled.guards if g.stands_in(reading)), None):
                stopped = stopped or (rule.id + guard.name, guard.matched(reading))
                continue
            restricts = restricts or rule.restricted
            if rule.tag is None and rule.queue:
                looked_at = looked_at or (rule.id, sought.matched(reading))
            elif rule.tag is not None and decided is None:
                words = sought.matched(reading)
                decided = _outcome(rule, words, looked_at, whole=reading.whole)
        if decided is None:
            name, words = looked_at or stopped or ("", ())
            decided = _a_suggestion(tag=Tag.UNDETERMINED, rule=name, matched=words, queue=True)
        return replace(decided, restricts=True) if restricts else decided

    def _worth_trying(self, reading: _Reading) -> Iterator[_Compiled]:
        """Give, in order, the rules that may say something: all but those whose words lack."""
        rules = self._rules[reading.own]
        said = {n for n in reading.found if n in rules and rules[n].sought.phrases_only}
        return (rules[n] for n in sorted(said.union(self._always[reading.own])))

    def _read(self, content: Content, *, own: bool) -> _Reading:
        full = content.searchable()
        text = fold(full[:MOST_READ])
        bare, links = text, 0
        if "://" in text or "www." in text:
            bare, links = _LINK.subn(" ", text)
        if "@" in bare:
            bare = _ADDRESSED.sub(" ", bare)
        words = cut(bare)
        return _a_reading(
            content=content,
            own=own,
            text=text,
            words=words,
            found=self._lexicon.find(words),
            facts=_facts(content, text, words, has_link=bool(links or content.links)),
            whole=len(full) <= MOST_READ,
            has_digit=DIGIT.search(text) is not None,
        )


def _sought(name: str, number: int, wording: Wording) -> _Sought:
    together = "|".join(f"(?:{pattern})" for pattern in wording.patterns)
    return _Sought(
        name,
        number,
        re.compile(together) if together else None,
        asks=bool(wording),
        of_digits=all(map(needs_a_digit, wording.patterns)),
    )


def _compiled(rule: Rule, sought: Mapping[str, _Sought], everywhere: frozenset[str]) -> _Compiled:
    mine = (word for filler in rule.fillers for word in cut(filler))
    return _Compiled(
        rule=rule,
        sought=sought[rule.id],
        asked=tuple(
            (name, wanted)
            for name in _FACTS
            if (wanted := getattr(rule.conditions, name)) is not None
        ),
        guards=tuple(sought[f"/{name}"] for name in rule.guards),
        fillers=everywhere.union(mine),
    )


def _facts(
    content: Content, text: str, words: tuple[str, ...], *, has_link: bool
) -> dict[str, bool]:
    """Give what an item is like, under the names a schedule asks for it."""
    return {
        "has_attachment": bool(content.attachments),
        "has_link": has_link,
        "has_parent": content.parent is not None,
        "unseen_media": any(not each.description.strip() for each in content.attachments),
        "wordless": not any(word[0].isalnum() for word in words),
        "blank": not text.strip(),
    }


def _is_like(compiled: _Compiled, reading: _Reading) -> bool:
    """Say whether the item is what the rule asks for, its words apart."""
    asked, count = compiled.rule.conditions, len(reading.words)
    for name, wanted in compiled.asked:
        if reading.facts[name] is not wanted:
            return False
    return (
        (asked.min_words is None or asked.min_words <= count)
        and (asked.max_words is None or count <= asked.max_words)
        and (not asked.kinds or reading.content.kind in asked.kinds)
    )


def _accounts_for(compiled: _Compiled, reading: _Reading) -> bool:
    """Say whether the rule's own words and the fillers are enough of what the item says."""
    asked = compiled.rule.conditions
    if asked.max_other_words is None:
        return True
    told: set[int] = set()
    for place, length in reading.found.get(compiled.sought.number, ()):
        told.update(range(place, place + length))
    fillers = compiled.fillers
    other = sum(n not in told and word not in fillers for n, word in enumerate(reading.words))
    return other <= asked.max_other_words


def _outcome(
    rule: Rule,
    matched: tuple[str, ...],
    looked_at: tuple[str, tuple[str, ...]] | None,
    *,
    whole: bool,
) -> Suggestion:
    """Give what *rule* decides, unless it is transitory and there is any doubt."""
    tag = rule.tag or Tag.UNDETERMINED
    queue = rule.queue or looked_at is not None
    if tag is Tag.TRANSITORY and (queue or not whole):
        doubted, words = looked_at or (rule.id, matched)
        return Suggestion(tag=Tag.UNDETERMINED, rule=doubted, matched=words, queue=True)
    return Suggestion(
        tag=tag,
        series=rule.series,
        rule=rule.id,
        matched=matched,
        confidence=rule.confidence,
        queue=queue,
    )
