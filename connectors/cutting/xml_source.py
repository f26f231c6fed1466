"""XML, cut into the exact source bytes of each element, in whatever encoding it came."""

from __future__ import annotations

from collections.abc import Collection
from xml.parsers import expat

from archiver.records.errors import AnswerUnreadable


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
