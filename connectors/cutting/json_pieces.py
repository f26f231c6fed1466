"""JSON, cut apart: the objects of lists that lie within an element, and what stands around them."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.records.errors import AnswerUnreadable
from archiver.records.exchanges import cut_from
from connectors.cutting.json_source import DEEPEST, json_members, past_space, value_at


def json_apart(body: bytes, name: str) -> tuple[list[bytes], list[tuple[object, bytes]]]:
    """Give the objects in every array under the key *name* in *body*, and what stands around them.

    Of arrays under that key within one another the outermost counts. What stands around is one
    piece more than there are objects; piece, object, piece, … together are *body*. It must have
    been read as JSON before.

    Raises:
        AnswerUnreadable: it is nested too deep to be cut.
    """
    text = body.decode("utf-8", "surrogateescape")
    around, found, at = list[str](), list[tuple[object, str]](), 0
    for begin, end in _listed_under(name, text, 0, 0):
        around.append(text[at:begin])
        found.append((value_at(text, begin)[0], text[begin:end]))
        at = end
    around.append(text[at:])
    return [_encoded(body, piece) for piece in around], [
        (value, _encoded(body, raw)) for value, raw in found
    ]


def _encoded(body: bytes, piece: str) -> bytes:
    return cut_from(body, piece.encode("utf-8", "surrogateescape"))


def _listed_under(name: str, text: str, at: int, depth: int) -> Iterator[tuple[int, int]]:
    """Give where the objects begin and end that `json_apart` looks for in the value at *at*."""
    at = past_space(text, at)
    if depth > DEEPEST:
        raise AnswerUnreadable("it is nested too deep")
    if text[at] == "{":
        for key, begin, _ in json_members(text, at):
            if key == name and text[begin] == "[":
                yield from ((b, e) for b, e in _spans(text, begin) if text[b] == "{")
            else:
                yield from _listed_under(name, text, begin, depth + 1)
    elif text[at] == "[":
        for begin, _ in _spans(text, at):
            yield from _listed_under(name, text, begin, depth + 1)


def _spans(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Give where each element of the array at *at* begins and ends."""
    at = past_space(text, at + 1)
    while text[at] != "]":
        end = value_at(text, at)[1]
        yield at, end
        at = past_space(text, end)
        if text[at] == ",":
            at = past_space(text, at + 1)
