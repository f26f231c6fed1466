"""Reading the rules of a schedule file, and what a rule may never do.

Three refusals keep a rule from destroying a record by its format or by a careless word: a rule
that makes items transitory must account for (nearly) every word of them, must look at words at
all, and may not rest on the bare name of a format.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

from archiver.records.classification import Tag
from archiver.records.items import ItemKind
from archiver.records.rules import Conditions, Rule, Wording
from archiver.records.schedule_tables import Table
from archiver.records.series import Series

MOST_OTHER_WORDS = 1
"""The most words a transitory rule may leave unaccounted for."""

FORMAT_WORDS = frozenset(
    {"calendar", "checklist", "comment", "dm", "e-mail", "email", "instant", "log", "logs"}
    | {"mail", "mailing", "message", "messages", "page", "post", "posts", "reply", "story"}
    | {"voice", "voicemail", "web", "webpage", "webpages", "website", "invitation", "invitations"}
)
"""Words that name a format. Alone, or only with each other, they say nothing of content."""

_NESTED = re.compile(r"[+*}]\)*[+*{]|[+*}]\??\)+\??[+*{]")
_UNBOUNDED = re.compile(r"(?<!\\)(?:\\\\)*(?:\.|\\S|\\w|\\W|\\D|\])[+*]")
_FORBIDDEN = re.compile(r"\\[1-9]|\(\?(?!:|!|=)")
_CAPITAL = re.compile(r"(?<!\\)[A-Z]")
_PHRASE = re.compile(r"[^\s*]{1,64}\*?(?: [^\s*]{1,64}\*?){0,15}")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_SHORTEST_STEM = 4
_SIGNS = 0x25FF
_KEYS_OF_WHEN = (
    "own",
    "has_attachment",
    "has_link",
    "has_parent",
    "unseen_media",
    "wordless",
    "blank",
)


def read_wording(table: Table) -> Wording:
    """Read `phrases` and `patterns` of *table*, and report those that cannot be used."""
    phrases, patterns = table.texts("phrases"), table.texts("patterns")
    for phrase in phrases:
        if problem := phrase_problem(phrase):
            table.fault("phrases", f"{phrase!r} {problem}")
    for pattern in patterns:
        if problem := pattern_problem(pattern):
            table.fault("patterns", f"{pattern!r} {problem}")
    return Wording(phrases=phrases, patterns=patterns)


def phrase_problem(phrase: str) -> str:
    """Say what is wrong with *phrase*, or nothing."""
    if phrase != phrase.casefold():
        return "must be in small letters: texts are casefolded before they are compared"
    if not _PHRASE.fullmatch(phrase):
        return "must be words with one space between them; only the end of a word may be *"
    if not all(any(_says_something(c) for c in word) for word in phrase.split(" ")):
        return "has a part without a letter, digit or emoji; write a pattern instead"
    if any(w.endswith("*") and len(w) <= _SHORTEST_STEM for w in phrase.split(" ")):
        return f"needs at least {_SHORTEST_STEM} letters before *"
    return ""


def _says_something(character: str) -> bool:
    return character.isalnum() or (
        ord(character) > _SIGNS and unicodedata.category(character) == "So"
    )


def pattern_problem(pattern: str) -> str:
    """Say what is wrong with *pattern*, or nothing.

    Refused is whatever could take more than linear time on a hostile text.
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        return f"is no regular expression: {error}"
    if compiled.search(""):
        return "matches the empty text"
    if _FORBIDDEN.search(pattern):
        return "may not use back references, flags or named groups"
    if _CAPITAL.search(pattern):
        return "must be in small letters: texts are casefolded before they are compared"
    if _NESTED.search(pattern) or _UNBOUNDED.search(pattern):
        return "may take very long on a hostile text: bound every repetition, as in {1,40}"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a schedule says of one topic of its wordings: the series, and on what that rests."""

    series: str
    cites: tuple[str, ...] = ()


def read_rule(
    table: Table,
    *,
    series: Mapping[str, Series],
    guards: Mapping[str, Wording],
    topics: Mapping[str, Topic] | None = None,
) -> Rule:
    """Read one `[[rules]]`, and report where it breaks the rules for rules.

    A rule of shared wordings names one of *topics* instead of a series; a schedule that keeps
    the topic as substantive makes a transitory rule substantive, and never the other way.
    """
    number = table.text("id")
    table.where = f"{table.where.rpartition(': ')[0]}: rule {number or '?'}"
    when = table.table("when", required=True)
    tag = table.word("tag", Tag) if table.has("tag") else None
    name = table.text("topic", default="") if topics is not None else ""
    topic = topics.get(name, Topic(series="")) if topics else Topic(series="")
    rule = Rule(
        id=number,
        says=table.text("says"),
        cites=(*table.texts("cites", required=True), *topic.cites),
        words=read_wording(when) if when else Wording(),
        conditions=_conditions(when) if when else Conditions(),
        guards=table.texts("guards"),
        fillers=table.texts("fillers"),
        tag=tag,
        series=table.text("series", default="") if topics is None else topic.series,
        topic=name,
        queue=table.flag("queue", default=False),
        restricted=table.flag("restricted", default=False),
        confidence=table.share("confidence", required=tag is not None),
    )
    if when:
        when.finish()
    table.finish()
    if number and not _ID.fullmatch(number):
        table.fault("id", "must be small letters, digits and hyphens")
    _check_guards(table, rule, guards)
    if topics is not None:
        rule = _placed(table, rule, series, topics)
    _check_outcome(table, rule, series)
    of = series.get(rule.series)
    return replace(rule, restricted=True) if of is not None and of.restricted else rule


def _check_guards(table: Table, rule: Rule, guards: Mapping[str, Wording]) -> None:
    for guard in rule.guards:
        if guard not in guards:
            table.fault("guards", f"{guard!r} is not among [guards]")
    if rule.tag is Tag.TRANSITORY:
        _check_transitory(table, rule)


def _placed(
    table: Table, rule: Rule, series: Mapping[str, Series], topics: Mapping[str, Topic]
) -> Rule:
    """Report a topic nobody mapped; keep as substantive what the schedule keeps so."""
    if rule.topic and rule.topic not in topics:
        table.fault("topic", f"{rule.topic!r} is not among [topics]")
    kept = rule.series in series and series[rule.series].category is Tag.SUBSTANTIVE
    return replace(rule, tag=Tag.SUBSTANTIVE) if rule.tag is Tag.TRANSITORY and kept else rule


def _conditions(table: Table) -> Conditions:
    kinds = set()
    for written in table.texts("kinds"):
        try:
            kinds.add(ItemKind(written))
        except ValueError:
            table.fault("kinds", f"{written!r} is not one of {', '.join(ItemKind)}")
    flags = {key: table.maybe_flag(key) for key in _KEYS_OF_WHEN}
    return Conditions(
        kinds=frozenset(kinds),
        own=flags["own"],
        has_attachment=flags["has_attachment"],
        has_link=flags["has_link"],
        has_parent=flags["has_parent"],
        unseen_media=flags["unseen_media"],
        wordless=flags["wordless"],
        blank=flags["blank"],
        min_words=table.whole("min_words", least=1, most=100_000),
        max_words=table.whole("max_words", least=0, most=100_000),
        max_other_words=table.whole("max_other_words", least=0, most=100_000),
    )


def _check_outcome(table: Table, rule: Rule, series: Mapping[str, Series]) -> None:
    """Report a rule that gives nothing, or gives what its series is not."""
    if not rule.words and rule.conditions == Conditions():
        table.fault("when", "asks for nothing, so the rule would fire on every item")
    if rule.tag in {None, Tag.UNDETERMINED}:
        if rule.series:
            table.fault("series", "only a rule that is sure of its tag names a series")
        if not rule.queue and (rule.tag or not rule.restricted):
            table.fault("queue", "must be true where the rule does not decide")
    elif not rule.series and not rule.topic:
        table.fault("series", f'is missing: tag = "{rule.tag}" needs one')
    elif rule.series not in series and not rule.topic:
        table.fault("series", f"{rule.series!r} is not a series of this schedule")
    elif rule.series in series and series[rule.series].category is not rule.tag:
        table.fault("tag", f"series {rule.series} is {series[rule.series].category}")


def _check_transitory(table: Table, rule: Rule) -> None:
    """Report a transitory rule that could rest on a format, or on a part of what is said."""
    if not rule.words:
        table.fault("when", "content decides, format never: a transitory rule needs words")
    if rule.queue:
        table.fault("queue", "what a person must look at is not decided, so it is not transitory")
    if rule.restricted:
        table.fault("restricted", "what is restricted is doubtful, so no rule makes it transitory")
    other = rule.conditions.max_other_words
    if other is None or other > MOST_OTHER_WORDS:
        table.fault(
            "when", f"a transitory rule needs max_other_words, of at most {MOST_OTHER_WORDS}"
        )
    for phrase in rule.words.phrases:
        if set(phrase.split(" ")) <= FORMAT_WORDS:
            table.fault("when", f"{phrase!r} names a format, and says nothing of the content")
