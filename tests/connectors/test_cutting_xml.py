"""Cutting XML piece by piece: what is kept is what the platform sent, however it arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.errors import AnswerUnreadable, DepositRefused
from connectors.cutting import xml_apart, xml_elements, xml_stream

_ELEMENT = st.text(st.characters(codec="utf-8", exclude_characters="<&>", min_codepoint=32))


@given(
    st.lists(_ELEMENT | st.just("<item>within</item><!--x-->"), max_size=6),
    st.integers(1, 40),
    st.sampled_from(["", "<?xml version='1.0' encoding='UTF-8'?>"]),
)
def test_xml_read_in_pieces_gives_what_reading_it_at_once_gives(
    said: list[str], length: int, declared: str
) -> None:
    items = "".join(f"<a:item>{each}</a:item>\n" for each in said)
    body = f"{declared}<feed><x>{items}</x></feed>\n".encode()
    pieces = [body[at : at + length] for at in range(0, len(body), length)]
    found = [raw for _, raw in xml_stream(pieces, {"item"})]
    assert (
        found
        == xml_elements(body, {"item"})
        == [f"<a:item>{each}</a:item>".encode() for each in said]
    )
    rest, apart = xml_apart(body, {"item"}, encoding="utf-8")
    assert (rest, apart) == (body.replace(items.encode(), b"\n" * len(said)), found)


@pytest.mark.parametrize("end", [b"<item>", b"</y>", b"&a;", b"<item>\xff</item>", b""])
def test_xml_in_pieces_gives_what_stands_before_a_fault(end: bytes) -> None:
    cut = xml_stream([b"<x><item>1</it", b"em> ", end], {"item"})
    assert next(cut) == ("utf-8", b"<item>1</item>")
    with pytest.raises(AnswerUnreadable):
        next(cut)
    with pytest.raises(AnswerUnreadable):
        xml_apart(b"<x><item>1</item>" + end, {"item"}, encoding="utf-8")


def test_xml_in_pieces_of_an_encoding_of_many_bytes_is_refused() -> None:
    body = "<?xml version='1.0' encoding='shift_jis'?><x>\u3042</x>".encode("shift_jis")
    with pytest.raises(AnswerUnreadable, match="piece by piece"):
        list(xml_stream([body], {"item"}))


def test_an_element_larger_than_may_be_is_refused_in_pieces() -> None:
    pieces = [b"<x><item>", *[b"x" * 1024**2] * 17, b"</item></x>"]
    with pytest.raises(DepositRefused, match="16 MiB"):
        list(xml_stream(pieces, {"item"}))
