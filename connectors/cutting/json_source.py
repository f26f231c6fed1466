"""JSON, cut into the exact source bytes of each element: whole, or as a stream of any size."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NoReturn, TypeAlias

from archiver.records.errors import AnswerUnreadable, DepositRefused
from archiver.records.exchanges import cut_from

LARGEST_ELEMENT = 16 * 1024**2
"""The most characters one element of a streamed file may have."""

_EDGE = 16
DEEPEST = 32
"""How deep values are cut apart that lie in one another."""

_SPACE = re.compile(r"[ \t\r\n]*")
_AFTER_VALUE = frozenset(" \t\r\n,:]}")
_BYTE_ORDER_MARK = "\ufeff"


def json_list(body: bytes) -> list[tuple[object, bytes]]:
    """Give every element of the JSON array *body*, with its exact source bytes.

    Raises:
        AnswerUnreadable: not UTF-8, not JSON, not an array, or something follows it.
    """
    return [(value, cut_from(body, raw.encode())) for value, raw in _whole(body).array()]


def json_one(body: bytes) -> tuple[object, bytes]:
    """Give the one value that *body* is, and its exact source bytes, without space around them.

    Raises:
        AnswerUnreadable: not UTF-8, not JSON, or something follows it.
    """
    ((value, raw),) = json_list(cut_from(body, b"[" + body + b"]"))
    return value, raw


def json_member(body: bytes, name: str) -> list[tuple[object, bytes]]:
    """Give every element of the array under the key *name* of the object *body*, with its bytes.

    Raises:
        AnswerUnreadable: not UTF-8, not JSON, not an object with that array exactly once.
    """
    return [(value, cut_from(body, raw.encode())) for value, raw in _whole(body).member(name)]


def json_stream(
    chunks: Iterable[bytes], *, member: str | None = None, passed: list[str] | None = None
) -> Iterator[tuple[object, bytes]]:
    """Give the same, piece by piece, of a file of any size: never more than one element in memory.

    Without *member* the file is an array; with it, an object that has the array under that key.
    To *passed* is added the key of every other array in it that holds anything.
    Bytes that are not UTF-8 stand in values as surrogates U+DC80 to U+DCFF, and unchanged in the
    source bytes.

    Raises:
        AnswerUnreadable: not JSON, not of that shape, or something follows it; what came before
            the fault has been given by then.
        DepositRefused: one element is larger than `LARGEST_ELEMENT`.
    """
    text = _Text(codecs.iterdecode(chunks, "utf-8", errors="surrogateescape"))
    found = text.array() if member is None else text.member(member, passed)
    for value, raw in found:
        yield value, raw.encode("utf-8", "surrogateescape")


Keys: TypeAlias = tuple[str, ...]
"""The keys that lead to a value, from the outermost object on."""


def json_walk(
    chunks: Iterable[bytes], whole: Callable[[Keys], bool]
) -> Iterator[tuple[Keys, object, bytes]]:
    """Give every element of every array in the objects of a file, and the keys that lead to it.

    *whole* is asked of every value by its keys, as it begins; one for which it says so is given
    itself, as one. Memory holds one element.

    Raises:
        AnswerUnreadable, DepositRefused: as `json_stream`.
    """
    text = _Text(codecs.iterdecode(chunks, "utf-8", errors="surrogateescape"))
    for keys, value, raw in text.walk((), whole):
        yield keys, value, raw.encode("utf-8", "surrogateescape")
    text.end()


def json_whole(chunks: Iterable[bytes]) -> tuple[object, bytes]:
    """Give the one value that a file holds, and its exact source bytes.

    Raises:
        AnswerUnreadable: it is not one value of JSON.
        DepositRefused: it is larger than `LARGEST_ELEMENT`.
    """
    ((_, value, raw),) = json_walk(chunks, lambda _: True)
    return value, raw


def json_members(text: str, at: int = 0) -> Iterator[tuple[str, int, int]]:
    """Give the key of each member of the object at *at*, and where its value begins and ends.

    The text must have been read as JSON before: here nothing is refused.
    """
    at = past_space(text, past_space(text, at) + 1)
    while text[at] != "}":
        key, at = value_at(text, at)
        begin = past_space(text, past_space(text, at) + 1)
        at = value_at(text, begin)[1]
        yield key, begin, at
        at = past_space(text, at)
        if text[at] == ",":
            at = past_space(text, at + 1)


def json_parts(body: bytes) -> dict[str, bytes]:
    """Give the bytes of each member of the object *body*; none where it is no object.

    It must have been read as JSON before: here nothing is refused.
    """
    text = body.decode()
    if not text.lstrip().startswith("{"):
        return {}
    return {key: cut_from(body, text[begin:end].encode()) for key, begin, end in json_members(text)}


def past_space(text: str, at: int) -> int:
    """Give where the space at *at* ends."""
    return _SPACE.match(text, at).end()  # type: ignore[union-attr] # it matches anything


def _whole(body: bytes) -> _Text:
    try:
        return _Text(iter((body.decode("utf-8"),)))
    except UnicodeDecodeError as error:
        raise AnswerUnreadable(f"byte {error.start} of the answer is not UTF-8") from None


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


_decode = json.JSONDecoder(parse_constant=_no_constant).raw_decode
value_at = json.JSONDecoder().raw_decode


class _Text:
    """JSON text that arrives in pieces, read value by value; knows where it stands in it."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = ""
        self._at = 0
        self._passed = 0
        self._ended = False
        if self._peek() == _BYTE_ORDER_MARK:
            self._at += 1

    def array(self) -> Iterator[tuple[object, str]]:
        """Give each element of the array that is the whole text."""
        self._take("[")
        yield from self._elements()
        self.end()

    def member(self, name: str, passed: list[str] | None = None) -> Iterator[tuple[object, str]]:
        """Give each element of the array under *name* of the object that is the whole text."""
        self._take("{")
        names: set[object] = set()
        for key in self._keys():
            if key in names:
                self._refuse("has a key twice")
            names.add(key)
            if self._peek() != "[":
                if key == name:
                    self._refuse("is no array")
                self._value()
                continue
            self._at += 1
            if key == name:
                yield from self._elements()
            elif sum(1 for _skipped in self._elements()) and passed is not None:
                passed.append(str(key))
        if name not in names:
            raise AnswerUnreadable(f"the answer has no {name!r}")
        self.end()

    def walk(self, keys: Keys, whole: Callable[[Keys], bool]) -> Iterator[tuple[Keys, object, str]]:
        """Give the elements of the arrays within the value that begins here."""
        if len(keys) > DEEPEST:
            self._refuse("is nested too deep")
        as_one, mark = whole(keys), self._peek()
        if as_one or mark not in {"{", "["}:
            value, raw = self._value()
            if as_one:
                yield keys, value, raw
            return
        self._at += 1
        if mark == "[":
            for value, raw in self._elements():
                yield keys, value, raw
            return
        names: set[object] = set()
        for key in self._keys():
            if key in names:
                self._refuse("has a key twice")
            names.add(key)
            yield from self.walk((*keys, str(key)), whole)

    def _keys(self) -> Iterator[object]:
        """Give each key of an object, its brace and each value being passed by the caller."""
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            if self._peek() != '"':
                self._refuse("is no key")
            key = self._value()[0]
            self._take(":")
            yield key
            if self._peek() == "}":
                self._at += 1
                return
            self._take(",")

    def _elements(self) -> Iterator[tuple[object, str]]:
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            yield self._value()
            if self._peek() == "]":
                self._at += 1
                return
            self._take(",")
            self._peek()

    def _value(self) -> tuple[object, str]:
        """Read the value that begins here; reads on while it may only be cut off."""
        while True:
            try:
                value, end = _decode(self._text, self._at)
            except json.JSONDecodeError as fault:
                cut_off = fault.pos >= len(self._text) - _EDGE
                if not (cut_off or fault.msg.startswith("Unterminated")) or not self._more():
                    self._refuse("is not JSON", at=fault.pos)
                continue
            except (RecursionError, ValueError):
                self._refuse("is nested too deep, or is no number that can be read")
            if end < len(self._text) and self._text[end] in _AFTER_VALUE:
                raw = self._text[self._at : end]
                self._at = end
                return value, raw
            if not self._more():
                raw = self._text[self._at : end]
                self._at = end
                return value, raw

    def _peek(self) -> str:
        """Pass white space, and give the character that follows; nothing at the end."""
        while True:
            self._at = past_space(self._text, self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _take(self, mark: str) -> None:
        if self._peek() != mark:
            self._refuse(f"is no {mark!r}")
        self._at += 1

    def end(self) -> None:
        """Refuse the text where anything follows."""
        if self._peek():
            self._refuse("should be the end")

    def _more(self) -> bool:
        """Read on, at least as much again as is waiting, so that a long value costs no square."""
        waiting = self._text[self._at :]
        if len(waiting) > LARGEST_ELEMENT:
            place = self._passed + self._at
            raise DepositRefused(f"the element at character {place} is larger than 16 MiB")
        wanted = max(len(waiting), 1)
        arrived: list[str] = []
        while wanted > 0 and not self._ended:
            piece = next(self._pieces, None)
            if piece is None:
                self._ended = True
            else:
                arrived.append(piece)
                wanted -= len(piece)
        if not arrived:
            return False
        self._passed += self._at
        self._text = "".join((waiting, *arrived))
        self._at = 0
        return True

    def _refuse(self, what: str, *, at: int | None = None) -> NoReturn:
        place = self._passed + (self._at if at is None else at)
        raise AnswerUnreadable(f"character {place} of the answer {what}")
