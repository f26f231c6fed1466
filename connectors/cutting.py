"""Cutting a platform's answer into the exact source bytes of each item.

What is kept of an item is what the platform sent, never our rendering of it: numbers keep their
digits, escapes their spelling, encodings their bytes. No message here carries text of an answer.
"""

from __future__ import annotations

import codecs
import html as entities
import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import NoReturn
from xml.parsers import expat

from archiver.records.errors import AnswerUnreadable, DepositRefused

LARGEST_ELEMENT = 16 * 1024**2
"""The most characters one element of a streamed file may have."""

_STEP = 256 * 1024
_EDGE = 16
_SPACE = re.compile(r"[ \t\r\n]*")
_AFTER_VALUE = frozenset(" \t\r\n,:]}")
_BYTE_ORDER_MARK = "\ufeff"


def json_list(body: bytes) -> list[tuple[object, bytes]]:
    """Give every element of the JSON array *body*, with its exact source bytes.

    Raises:
        AnswerUnreadable: not UTF-8, not JSON, not an array, or something follows it.
    """
    return [(value, raw.encode()) for value, raw in _whole(body).array()]


def json_member(body: bytes, name: str) -> list[tuple[object, bytes]]:
    """Give every element of the array under the key *name* of the object *body*, with its bytes.

    Raises:
        AnswerUnreadable: not UTF-8, not JSON, not an object with that array exactly once.
    """
    return [(value, raw.encode()) for value, raw in _whole(body).member(name)]


def json_stream(
    chunks: Iterable[bytes], *, member: str | None = None
) -> Iterator[tuple[object, bytes]]:
    """Give the same, piece by piece, of a file of any size: never more than one element in memory.

    Without *member* the file is an array; with it, an object that has the array under that key.
    Bytes that are not UTF-8 stand in values as surrogates U+DC80 to U+DCFF, and unchanged in the
    source bytes.

    Raises:
        AnswerUnreadable: not JSON, not of that shape, or something follows it; what came before
            the fault has been given by then.
        DepositRefused: one element is larger than `LARGEST_ELEMENT`.
    """
    text = _Text(codecs.iterdecode(chunks, "utf-8", errors="surrogateescape"))
    found = text.array() if member is None else text.member(member)
    for value, raw in found:
        yield value, raw.encode("utf-8", "surrogateescape")


def _whole(body: bytes) -> _Text:
    try:
        return _Text(iter((body.decode("utf-8"),)))
    except UnicodeDecodeError as error:
        raise AnswerUnreadable(f"byte {error.start} of the answer is not UTF-8") from None


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


_decode = json.JSONDecoder(parse_constant=_no_constant).raw_decode


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
        self._end()

    def member(self, name: str) -> Iterator[tuple[object, str]]:
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
            else:
                for _skipped in self._elements():
                    pass
        if name not in names:
            raise AnswerUnreadable(f"the answer has no {name!r}")
        self._end()

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
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr] # matches anything
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _take(self, mark: str) -> None:
        if self._peek() != mark:
            self._refuse(f"is no {mark!r}")
        self._at += 1

    def _end(self) -> None:
        if self._peek():
            self._refuse("should be the end")

    def _more(self) -> bool:
        """Read on, at least as much again as is waiting, so that a long value costs no square."""
        waiting = self._text[self._at :]
        if len(waiting) > LARGEST_ELEMENT:
            place = self._passed + self._at
            raise DepositRefused(f"the element at character {place} is larger than 16 MiB")
        wanted = max(len(waiting), _STEP)
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


def xml_elements(
    body: bytes, names: Collection[str], *, encoding: str | None = None
) -> list[bytes]:
    """Give the source bytes of each element whose local name is one of *names*, in order.

    Where such elements lie in one another, only the outermost is given. *encoding* outranks the
    declared one, as a charset in an HTTP header does.

    Raises:
        AnswerUnreadable: not well-formed, in an unknown encoding, or with a document type (and so
            with entities of its own), which no platform needs and an attacker does.
    """
    try:
        return _XmlCut(names).cut(body, encoding)
    except _ManyBytes as found:
        return _cut_recoded(body, names, found.encoding)


def _cut_recoded(body: bytes, names: Collection[str], encoding: str) -> list[bytes]:
    """Cut a document that expat cannot read by its UTF-8 form, where that loses nothing."""
    try:
        text = body.decode(encoding)
        exact = text.encode(encoding) == body
    except (LookupError, ValueError):
        exact = False
    if not exact:
        raise AnswerUnreadable(f"the answer is not {encoding}, as it says")
    cut = _XmlCut(names).cut(text.encode(), "utf-8")
    return [piece.decode().encode(encoding) for piece in cut]


class _ManyBytes(Exception):
    """The encoding has characters of several bytes, and expat cannot read it."""

    def __init__(self, encoding: str) -> None:
        super().__init__(encoding)
        self.encoding = encoding


class _XmlCut:
    """One pass over a document, noting at which bytes the wanted elements begin and end."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._depth = 0
        self._begin = -1
        self._ending = False
        self._spans: list[tuple[int, int]] = []

    def cut(self, body: bytes, encoding: str | None) -> list[bytes]:
        """Give the source bytes of the wanted elements of *body*."""
        parser = self._parser = expat.ParserCreate(encoding)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._close
        parser.DefaultHandler = self._other
        parser.StartDoctypeDeclHandler = self._doctype
        declared = ["utf-8" if encoding is None else encoding]
        parser.XmlDeclHandler = lambda _version, name, _alone: declared.append(name or "utf-8")
        try:
            parser.Parse(body, True)  # noqa: FBT003 # the C function takes it by position only
        except ValueError:
            raise _ManyBytes(declared[-1] if encoding is None else encoding) from None
        except (expat.ExpatError, LookupError) as fault:
            raise AnswerUnreadable(f"the answer is not XML that can be read: {fault}") from None
        self._settle(len(body))
        return [body[begin:end] for begin, end in self._spans]

    def _settle(self, place: int) -> None:
        """End the element that was closed last: it reaches to where the next thing begins."""
        if self._ending:
            self._spans.append((self._begin, place))
            self._begin, self._ending = -1, False

    def _start(self, name: str, _attributes: object) -> None:
        place = self._parser.CurrentByteIndex
        self._settle(place)
        if self._begin >= 0:
            self._depth += 1
        elif name.rpartition(":")[2] in self._names:
            self._begin, self._depth = place, 1

    def _close(self, _name: str) -> None:
        self._settle(self._parser.CurrentByteIndex)
        if self._begin >= 0:
            self._depth -= 1
            self._ending = self._depth == 0

    def _other(self, _data: str) -> None:
        if self._ending:
            self._settle(self._parser.CurrentByteIndex)

    def _doctype(self, *_parts: object) -> None:
        raise AnswerUnreadable("the answer declares a document type; such XML is not read")


_BREAKING = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote br caption center dd details dialog div dl dt fieldset "
        "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol optgroup "
        "option p pre section summary table tbody tfoot thead tr ul",
    )
)
_SPACING = frozenset({"td", "th"})
_CLOSING = {
    name: re.compile(rf"</{name}[^>]*>", re.IGNORECASE)
    for name in ("script", "style", "template", "title")
}
_MARKUP = re.compile(r"<(?:(?P<comment>!--)|[!?]|/?(?P<tag>[A-Za-z][^\s/>]*))")
_TAG_END = re.compile(r"""(?:[^>"'=]++|=\s*+"[^"]*+"|=\s*+'[^']*+'|[="'])*+>""")
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
_BREAK = "\u2028"


def visible_text(html: str) -> str:
    """Give the text a reader sees of *html*: one line to a block, white space folded.

    Scripts, style sheets, titles, comments and descriptions of pictures are left out; where one
    is never closed, what follows is given as text. Never raises, takes time in proportion to the
    length, and gives the same under every Python, so that no upgrade makes a new version.
    """
    seen = "".join(_seen(html))
    lines = (line.strip() for line in _BLANKS.sub(" ", seen).split(_BREAK))
    return "\n".join(line for line in lines if line)


def _seen(html: str) -> Iterator[str]:
    """Give the pieces of text between the tags, and a break or a space where a tag makes one."""
    reading = _Markup(html)
    at = 0
    while found := _MARKUP.search(html, at):
        yield _resolved(html[at : found.start()])
        end = reading.end(found)
        if end < 0:
            at = found.end()
            yield found[0]
            continue
        at = end
        tag = (found["tag"] or "").lower()
        if tag in _BREAKING:
            yield _BREAK
        elif tag in _SPACING:
            yield " "
    yield _resolved(html[at:])


def _resolved(text: str) -> str:
    try:
        return entities.unescape(text) if "&" in text else text
    except ValueError:  # a numeric reference of thousands of digits
        return text


class _Markup:
    """Finds where a piece of markup ends; never looks twice for an end that is not there."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._absent: set[str] = set()

    def end(self, found: re.Match[str]) -> int:
        """Give where the markup that *found* begins is over, or -1 where it never is."""
        if found["comment"]:
            return self._after("-->", found.end() - 2)
        if not found["tag"]:
            return self._after(">", found.end())
        end = self._tag_end(found.end())
        closing = _CLOSING.get(found["tag"].lower())
        if end < 0 or closing is None or found[0].startswith("</"):
            return end
        if closing.pattern not in self._absent:
            if last := closing.search(self._html, end):
                return last.end()
            self._absent.add(closing.pattern)
        return end

    def _tag_end(self, at: int) -> int:
        if "quotes" not in self._absent:
            if whole := _TAG_END.match(self._html, at):
                return whole.end()
            self._absent.add("quotes")
        return self._after(">", at)

    def _after(self, mark: str, at: int) -> int:
        if mark in self._absent:
            return -1
        place = self._html.find(mark, at)
        if place < 0:
            self._absent.add(mark)
            return -1
        return place + len(mark)
