"""One element of an export → its fields, and the comments cut out of it.

WordPress writes its names with fixed prefixes, and so they are taken as they stand. A document
type, and with it every entity of an author's own, was refused when the element was cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.parsers import expat

from archiver.records.errors import AnswerUnreadable
from connectors.cutting import xml_apart


def apart(raw: bytes, encoding: str) -> tuple[bytes, list[bytes]]:
    """Give *raw* without the comments in it, and each of the comments.

    A comment is a record of its own: what becomes of it must not hang on that of its post.

    Raises:
        AnswerUnreadable: it is not XML that can be read.
    """
    return xml_apart(raw, {"comment"}, encoding=encoding)


def fields_of(raw: bytes, encoding: str) -> tuple[str, Mapping[str, str]]:
    """Give the name of the element *raw*, and the text of each element right within it.

    Of several of one name the first is taken.

    Raises:
        AnswerUnreadable: it is not XML that can be read.
    """
    reading = _Reading()
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.say
    try:
        parser.Parse(raw, True)  # noqa: FBT003 # the C function takes it by position only
    except (expat.ExpatError, LookupError, ValueError) as fault:
        raise AnswerUnreadable(f"it is not XML that can be read: {fault}") from None
    return reading.name, reading.fields


class _Reading:
    """One pass over an element."""

    def __init__(self) -> None:
        self.name = ""
        self.fields: dict[str, str] = {}
        self._depth = 0
        self._said: list[str] = []

    def start(self, name: str, _attributes: object) -> None:
        """Enter an element."""
        self._depth += 1
        if self._depth == 1:
            self.name = name
        self._said = []

    def end(self, name: str) -> None:
        """Leave an element, and keep its text where it lies right within the outermost."""
        if self._depth == 2:  # noqa: PLR2004 # right within the outermost
            self.fields.setdefault(name, "".join(self._said))
        self._depth -= 1
        self._said = []

    def say(self, text: str) -> None:
        """Take a piece of text."""
        self._said.append(text)
