"""What a pattern needs: texts without any of it need not be searched.

A schedule's patterns are mostly of case numbers, statutes and plates. The engine tries such a one
at every character of every text, and most texts have no digit at all.
"""

from __future__ import annotations

import re
from typing import Final

DIGIT: Final = re.compile("[0-9]")
"""The digits that `needs_a_digit` speaks of."""

_ATOM: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_GROUP: Final = re.compile(r"\([^()]*\)")
_MARK: Final = "\0"
_REPEATED: Final = re.compile(r"\{[1-9][0-9]*(?:,[0-9]*)?\}")
_MARKED: Final = re.compile(r"\0(?![?*{])")


def needs_a_digit(pattern: str) -> bool:
    """Say whether *pattern* finds nothing in a text without one of the digits 0 to 9.

    It is said of patterns in which `[0-9]` stands for itself or is repeated at least once, in no
    group and among no alternatives. Of others it may be true, and is not said.
    """
    if _MARK in pattern:
        return False
    plain = _ATOM.sub(lambda atom: _MARK if atom[0] == "[0-9]" else "", pattern)
    while (without := _GROUP.sub("", plain)) != plain:
        plain = without
    return "|" not in plain and _MARKED.search(_REPEATED.sub("", plain)) is not None
