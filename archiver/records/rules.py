"""Rules: what a schedule's own words say about the content of an item.

A rule looks at content: phrases, patterns and what the item is like. What it is *on its
platform* (a message, a comment) can narrow a rule and can never make an item transitory.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from archiver.records.classification import Tag
from archiver.records.items import ItemKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Words to look for: whole words and phrases, casefolded, and regular expressions.

    A word of a phrase that ends in `*` stands for every word with that beginning.
    """

    phrases: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Say whether there is anything to look for."""
        return bool(self.phrases or self.patterns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What an item must be like, beside its words; None asks nothing.

    *own* says the department wrote it; *unseen_media* that it carries a file nobody described;
    *wordless* that it says nothing in words; *blank* that it has no text at all.
    *max_other_words* bounds the words that neither the rule's own phrases nor the fillers
    account for.
    """

    kinds: frozenset[ItemKind] = frozenset()
    own: bool | None = None
    has_attachment: bool | None = None
    has_link: bool | None = None
    has_parent: bool | None = None
    unseen_media: bool | None = None
    wordless: bool | None = None
    blank: bool | None = None
    min_words: int | None = None
    max_words: int | None = None
    max_other_words: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a schedule, in its order; the first that decides, decides.

    A rule without a *tag* only puts the item in the queue, or restricts it. What a *restricted*
    rule finds is restricted, whichever rule decides; so is each rule of a restricted series.
    *guards* name wordings of the schedule that stop the rule; *fillers* are words this rule lets
    pass beside the schedule's. *topic* is what a rule of shared wordings is about; the schedule
    says which series that is.
    """

    id: str
    says: str
    cites: tuple[str, ...] = ()
    words: Wording = field(default_factory=Wording)
    conditions: Conditions = field(default_factory=Conditions)
    guards: tuple[str, ...] = ()
    fillers: tuple[str, ...] = ()
    tag: Tag | None = None
    series: str = ""
    topic: str = ""
    queue: bool = False
    restricted: bool = False
    confidence: float = 0.0
