"""XML, cut into the exact source bytes of each element: whole, or as a stream of any size."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from xml.parsers import expat

from archiver.records.errors import AnswerUnreadable, DepositRefused
from archiver.records.exchanges import cut_from
from connectors.cutting.json_source import LARGEST_ELEMENT


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
        pieces = _XmlCut(names, encoding).cut(body)
    except _ManyBytes as found:
        pieces = _cut_recoded(body, names, found.encoding)
    return [cut_from(body, piece) for piece in pieces]


def xml_stream(chunks: Iterable[bytes], names: Collection[str]) -> Iterator[tuple[object, bytes]]:
    """Give the same, piece by piece, of a file of any size: never more than one element in memory.

    Before each element comes the encoding that the file declares.

    Raises:
        AnswerUnreadable: as above; what came before the fault has been given by then.
        DepositRefused: one element is larger than `LARGEST_ELEMENT`.
    """
    cut = _XmlCut(names)
    waiting, passed = bytearray(), 0
    for chunk in chain(chunks, (None,)):
        waiting += chunk or b""
        fault = cut.fault_in(chunk)
        for begin, end in cut.taken():
            yield cut.encoding, bytes(waiting[begin - passed : end - passed])
        if fault:
            raise AnswerUnreadable(fault)
        del waiting[: cut.needed - passed]
        passed = cut.needed
        if len(waiting) > LARGEST_ELEMENT:
            raise DepositRefused(f"the element at byte {passed} is larger than 16 MiB")


def xml_apart(body: bytes, names: Collection[str], *, encoding: str) -> tuple[bytes, list[bytes]]:
    """Give *body* without each element whose local name is one of *names*, and those elements.

    Raises:
        AnswerUnreadable: as above.
    """
    cut = _XmlCut(names, encoding)
    if fault := cut.fault_in(body) or cut.fault_in(None):
        raise AnswerUnreadable(fault)
    rest, at = [], 0
    spans = cut.taken()
    for begin, end in spans:
        rest.append(body[at:begin])
        at = end
    apart = [cut_from(body, body[begin:end]) for begin, end in spans]
    return cut_from(body, b"".join((*rest, body[at:]))), apart


def _cut_recoded(body: bytes, names: Collection[str], encoding: str) -> list[bytes]:
    """Cut a document that expat cannot read by its UTF-8 form, where that loses nothing."""
    try:
        text = body.decode(encoding)
        exact = text.encode(encoding) == body
    except (LookupError, ValueError):
        exact = False
    if not exact:
        raise AnswerUnreadable(f"the answer is not {encoding}, as it says")
    cut = _XmlCut(names, "utf-8").cut(text.encode())
    return [piece.decode().encode(encoding) for piece in cut]


class _ManyBytes(Exception):
    """The encoding has characters of several bytes, and expat cannot read it."""

    def __init__(self, encoding: str) -> None:
        super().__init__(encoding)
        self.encoding = encoding


class _XmlCut:
    """One pass over a document, noting at which bytes the wanted elements begin and end."""

    def __init__(self, names: Collection[str], encoding: str | None = None) -> None:
        self._names = names
        self._depth = 0
        self._begin = -1
        self._at = 0
        self._passed = 0
        self._ending = False
        self._spans: list[tuple[int, int]] = []
        self.encoding = encoding or "utf-8"
        parser = self._parser = expat.ParserCreate(encoding)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._close
        parser.DefaultHandler = self._other
        parser.StartDoctypeDeclHandler = self._doctype
        if encoding is None:
            parser.XmlDeclHandler = self._declared

    @property
    def needed(self) -> int:
        """The first byte that an element not yet taken may begin with."""
        return self._begin if self._begin >= 0 else self._at

    def cut(self, body: bytes) -> list[bytes]:
        """Give the source bytes of the wanted elements of *body*."""
        for piece in (body, None):
            self._feed(piece)
        return [body[begin:end] for begin, end in self.taken()]

    def fault_in(self, chunk: bytes | None) -> str:
        """Read on, to the end where there is no *chunk*; say why that is impossible, if it is."""
        try:
            self._feed(chunk)
        except _ManyBytes as found:
            return f"{found.encoding} is not read piece by piece"
        except AnswerUnreadable as fault:
            return str(fault)
        return ""

    def taken(self) -> list[tuple[int, int]]:
        """Give where the wanted elements since the last time began and ended."""
        spans, self._spans = self._spans, []
        return spans

    def _feed(self, chunk: bytes | None) -> None:
        done = True
        try:
            self._parser.Parse(chunk or b"", chunk is None)
            done = chunk is None
        except ValueError:
            raise _ManyBytes(self.encoding) from None
        except (expat.ExpatError, LookupError) as fault:
            raise AnswerUnreadable(f"the answer is not XML that can be read: {fault}") from None
        finally:
            if done:
                self._let_go()
        self._passed += len(chunk or b"")
        if chunk is None:
            self._settle(self._passed)

    def _let_go(self) -> None:
        """Part from the parser, that the memory of both is free at once."""
        parser = self._parser
        parser.StartElementHandler = parser.EndElementHandler = None
        parser.DefaultHandler = parser.StartDoctypeDeclHandler = None
        parser.XmlDeclHandler = None

    def _declared(self, _version: str, name: str | None, _alone: int) -> None:
        self.encoding = name or "utf-8"

    def _settle(self, place: int) -> None:
        """End the element that was closed last: it reaches to where the next thing begins."""
        if self._ending:
            self._spans.append((self._begin, place))
            self._begin, self._ending = -1, False

    def _start(self, name: str, _attributes: object) -> None:
        place = self._at = self._parser.CurrentByteIndex
        self._settle(place)
        if self._begin >= 0:
            self._depth += 1
        elif name.rpartition(":")[2] in self._names:
            self._begin, self._depth = place, 1

    def _close(self, _name: str) -> None:
        self._at = self._parser.CurrentByteIndex
        self._settle(self._at)
        if self._begin >= 0:
            self._depth -= 1
            self._ending = self._depth == 0

    def _other(self, _data: str) -> None:
        self._at = self._parser.CurrentByteIndex
        self._settle(self._at)

    def _doctype(self, *_parts: object) -> None:
        raise AnswerUnreadable("the answer declares a document type; such XML is not read")
