"""Synthetic exports of the size and kind the benchmarks need."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

POSTS = "this_profile's_activity_across_facebook/posts/profile_posts_{}.json"
A_FILE = 50_000
DAY = 86_400

GREETINGS = (
    "Happy Friday everyone!",
    "Good morning and happy Monday!",
    "Happy holidays!",
    "Happy New Year everyone!",
)
"""Posts that the demonstration's rules call transitory."""


def words(dice: random.Random, vocabulary: list[str]) -> str:
    """Make a post of about thirty words; a few words are common, most are rare."""
    count = max(5, int(dice.gauss(30, 8)))
    return " ".join(vocabulary[int(len(vocabulary) * dice.random() ** 3)] for _ in range(count))


def vocabulary(size: int = 20_000) -> list[str]:
    """Make words of three to five syllables, the same every time."""
    dice = random.Random(1)
    parts = [a + b for a in "bdfghklmnprstvw" for b in "aeiou"]
    return ["".join(dice.choices(parts, k=dice.randint(2, 4))) for _ in range(size)]


def texts(count: int, *, seed: int) -> Iterator[str]:
    """Make *count* posts."""
    dice = random.Random(seed)
    known = vocabulary()
    for _ in range(count):
        yield words(dice, known)


def write_export(path: Path, posts: Iterator[tuple[int, str]]) -> None:
    """Write an export of *posts* (seconds since 1970, text), a file for every 50,000."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as export:
        number, waiting = 1, []
        for moment, text in posts:
            waiting.append({"timestamp": moment, "title": "", "data": [{"post": text}]})
            if len(waiting) >= A_FILE:
                export.writestr(POSTS.format(number), json.dumps(waiting))
                number, waiting = number + 1, []
        export.writestr(POSTS.format(number), json.dumps(waiting))
