"""What a passphrase must be: long, and not what anybody would try first. Pure.

After NIST SP 800-63B-4, section 3.1.1.2: a least length and no rules of composition, no expiry,
every sign accepted and none cut off, and a list of what is refused: what is expected of this
person and place, what repeats or runs on, and what is used everywhere. The publication asks for
at least 8 signs where a passphrase is one of two factors; we ask for more.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

SHORTEST = 12
LONGEST = 256
"""Longer than anybody types; it bounds the work of hashing, and nothing is ever cut off."""

_ENOUGH_OF_ITS_OWN = 6
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
_EVERYWHERE = (
    "password", "passwort", "passphrase", "passw0rd", "letmein", "welcome", "changeme", "iloveyou",
    "secret", "monkey", "dragon", "football", "baseball", "sunshine", "princess", "superman",
    "trustno", "whatever", "starwars", "correcthorsebatterystaple", "correct", "horse", "battery",
    "staple", "administrator", "admin", "police", "department", "sheriff", "archive", "archiver",
    "records", "officer", "clerk", "demonstration",
)  # fmt: skip
_SHORTEST_WORD = 3
_SHORTEST_RUN = 4


def normal(passphrase: str) -> str:
    """Give the form in which a passphrase is compared (Unicode NFKC), however it was typed."""
    return unicodedata.normalize("NFKC", passphrase)


def fault(passphrase: str, *, expected: Iterable[str] = ()) -> str | None:
    """Say what is wrong with *passphrase*, or None; *expected* is what one would try of its owner.

    Expected are names: the person's, the account's, the agency's.
    """
    whole = normal(passphrase)
    if len(whole) < SHORTEST:
        return f"it has {len(whole)} signs; at least {SHORTEST} are needed"
    if len(whole) > LONGEST:
        return f"it has {len(whole)} signs; at most {LONGEST} can be used"
    if _repeats(whole.casefold()):
        return "it repeats itself"
    words = {word for name in expected for word in _words(name)}
    if len(_own(whole.casefold(), words)) < _ENOUGH_OF_ITS_OWN:
        return "it is made of what anybody would try first"
    return None


def _words(name: str) -> list[str]:
    parts = normal(name).casefold().replace(".", " ").replace("_", " ").replace("-", " ").split()
    return [part for part in parts if len(part) >= _SHORTEST_WORD]


def _repeats(text: str) -> bool:
    """Say whether *text* is a shorter one again and again, or of three signs or fewer."""
    return text in (text + text)[1:-1] or len(set(text)) <= _SHORTEST_WORD


def _own(text: str, expected: set[str]) -> set[str]:
    """Give the different signs of *text* that belong neither to a known word nor to a run."""
    for word in sorted(expected | set(_EVERYWHERE), key=len, reverse=True):
        text = text.replace(word, " ")
    for run in (*_RUNS, *(run[::-1] for run in _RUNS)):
        text = _without_run(text, run)
    return {sign for sign in text if sign.isalnum() or not sign.isascii()}


def _without_run(text: str, run: str) -> str:
    for length in range(len(run), _SHORTEST_RUN - 1, -1):
        for start in range(len(run) - length + 1):
            text = text.replace(run[start : start + length], " ")
    return text
