"""Standing lists: whom a page blocks, what it filters, who moderates it, as the platform tells.

Such a list is an item of its own, of the kind *moderation*; its text is one line for each entry,
in an order of ours, so that an order changed by the platform is no new version. A line ends with
the key by which the platform tells the entry from others: a person who renamed themselves, or a
filter whose words were changed, is one entry that reads otherwise, and not one gone and one new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

WANTING = "moderation: "
"""How the name of a gap begins that stands for a list which could not be had."""

_NEEDS = "; needs "

_BEGINS, _ENDS = " [", "]"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One entry of a list: *key* tells it from others, *words* say what it is to a reader.

    >>> Entry("id 7", "@troll").line(), Entry("spam.example").line()
    ('@troll [id 7]', 'spam.example')
    """

    key: str
    words: str = ""

    def line(self) -> str:
        """Give it as the line of the list's text."""
        words, key = _on_one_line(self.words), _key(self.key)
        return f"{words}{_BEGINS}{key}{_ENDS}" if words else key


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one version of a list has that the one before had not, and the reverse.

    *altered* holds the entries of either that read otherwise: as they were, as they are.
    """

    added: tuple[Entry, ...] = ()
    dropped: tuple[Entry, ...] = ()
    altered: tuple[tuple[Entry, Entry], ...] = ()
    emptied: bool = False


def wanting(what: str, needs: str = "") -> str:
    """Give the name of the gap for *what* of how a page is moderated, and the right it *needs*.

    >>> wanting("log", "the scope modlog")
    'moderation: log; needs the scope modlog'
    """
    return f"{WANTING}{what}{_NEEDS}{needs}" if needs else f"{WANTING}{what}"


def without_right(name: str) -> str:
    """Give what `wanting` named, without the right.

    >>> without_right(wanting("log", "the scope modlog")) == wanting("log")
    True
    """
    return name.partition(_NEEDS)[0]


def as_text(entries: Iterable[Entry]) -> str:
    """Give the text of a list: a line for each entry, each key once, in the order of the keys.

    >>> print(as_text([Entry("2", "b"), Entry("1", "a"), Entry("2", "b")]))
    a [1]
    b [2]
    """
    by_key = {_key(entry.key): entry for entry in entries}
    return "\n".join(by_key[key].line() for key in sorted(by_key))


def entries_of(text: str) -> tuple[Entry, ...]:
    """Read what `as_text` gave; a line without a key in brackets is the key itself."""
    return tuple(_entry(line) for line in text.split("\n") if line)


def change(before: str, after: str) -> Change:
    """Say how the text of a list changed from *before* to *after*.

    *emptied* says that there were entries, and none is left: that may be a right that was lost as
    well as a list that was cleared, and a reader is told so.

    >>> change("a [1]", "b [1]").altered
    ((Entry(key='1', words='a'), Entry(key='1', words='b')),)
    """
    old, new = _by_key(before), _by_key(after)
    return Change(
        added=tuple(entry for key, entry in new.items() if key not in old),
        dropped=tuple(entry for key, entry in old.items() if key not in new),
        altered=tuple(
            (old[key], entry) for key, entry in new.items() if old.get(key, entry) != entry
        ),
        emptied=bool(old) and not new,
    )


def _by_key(text: str) -> Mapping[str, Entry]:
    return {entry.key: entry for entry in entries_of(text)}


def _entry(line: str) -> Entry:
    words, _, key = line.rpartition(_BEGINS)
    return Entry(key.removesuffix(_ENDS), words)


def _on_one_line(words: str) -> str:
    return " ".join(words.split())


def _key(key: str) -> str:
    """Give *key* so that its brackets cannot be taken for the ones around it."""
    return _on_one_line(key).replace("[", "(").replace("]", ")")
