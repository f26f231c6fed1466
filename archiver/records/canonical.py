"""Canonical JSON (RFC 8785): one text for one value, so that a digest means something.

Values here are objects, lists, strings, booleans, null and integers of at most 2^53 - 1. Floats
never occur in our papers and leaves; larger numbers are carried as strings, as RFC 8785 (I-JSON,
RFC 7493 §2.2) demands. Keys are ASCII, so code-point order equals the UTF-16 order of the RFC.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypeAlias

import orjson

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

LARGEST_INTEGER = 2**53 - 1
"""The largest integer RFC 8785 lets stand as a number."""

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER


def canonical(value: Json) -> bytes:
    """Give the one RFC 8785 text of *value*, in UTF-8.

    Raises:
        UnicodeEncodeError: a string holds an unpaired surrogate (mend it with `mended`).
        ValueError: a number is larger than may stand as one (carry it with `number`), or the
            value is nested too deep (more than 250 times) to be written.
    """
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except orjson.JSONEncodeError as error:
        for part in _parts(value):
            if isinstance(part, str):
                part.encode("utf-8")  # which says where the surrogate is
            elif isinstance(part, int) and not -LARGEST_INTEGER <= part <= LARGEST_INTEGER:
                message = f"a number beyond {LARGEST_INTEGER} is carried as a string"
                raise ValueError(message) from None
        raise ValueError(str(error)) from error


def compact(value: Json) -> str:
    """Give *value* as JSON without white space: keys stay in their order, numbers may be large.

    Unpaired surrogates survive as escapes, and everything else beside them is ASCII then, too.
    """
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        return _ascii(value)


_ascii = json.JSONEncoder(separators=(",", ":")).encode


def read_object(data: bytes) -> dict[str, Json]:
    """Read back an object that `canonical` wrote: a version, a leaf, a paper.

    Raises:
        ValueError: it is no JSON, or no object.
    """
    value = orjson.loads(data)
    if not isinstance(value, dict):
        raise ValueError("this is no JSON object")  # noqa: TRY004 - to callers: bytes not understood
    return value


def number(value: int) -> int | str:
    """Give *value* as JSON may carry it: as a string where it is larger than 2^53 - 1."""
    return value if -LARGEST_INTEGER <= value <= LARGEST_INTEGER else str(value)


def mended(text: str) -> tuple[str, bool]:
    """Give *text* without unpaired surrogates, and whether any had to be replaced by U+FFFD.

    Surrogates that stand as a pair become the character they mean.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return whole, "�" in whole and whole.count("�") > text.count("�")
    return text, False


def _parts(value: Json) -> Iterator[Json]:
    waiting = [value]
    for part in waiting:  # which grows meanwhile
        if isinstance(part, dict):
            waiting += part.keys()
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
        yield part
