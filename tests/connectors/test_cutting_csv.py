"""Cutting CSV: every row with the bytes it was written in, every fault told, the rest read on."""

import csv
import io
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.records.errors import AnswerUnreadable, DepositRefused
from connectors.cutting import BadRow, csv_stream, row_of
from connectors.cutting.csv_source import LONGEST_LINE

FIELD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=12)


def read(*pieces: bytes) -> list[tuple[object, bytes]]:
    return list(csv_stream(pieces))


def in_pieces(body: bytes, size: int) -> Iterable[bytes]:
    return (body[at : at + size] for at in range(0, len(body), size))


@settings(max_examples=40)
@given(st.lists(st.tuples(FIELD, FIELD), max_size=6), st.integers(1, 9), st.sampled_from("\r\n"))
def test_every_row_is_given_as_it_was_meant_however_it_arrives(
    rows: list[tuple[str, str]], size: int, end: str
) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n" if end == "\r" else "\n")
    writer.writerow(("id", "text"))
    writer.writerows(rows)
    body = written.getvalue().encode()

    found = list(csv_stream(in_pieces(body, size)))

    assert [tuple(row_of(row).values()) for row, _ in found] == rows
    header = body.splitlines(keepends=True)[0]
    assert header + b"".join(raw[len(header) :] for _, raw in found) == body


def test_a_row_is_kept_with_the_header_that_names_its_columns() -> None:
    body = b'\xef\xbb\xbfid, text \r\n1,"two\r\nlines"\r\n\r\n2,caf\xc3\xa9\r\n'
    found = read(body)
    assert [row for row, _ in found] == [
        {"id": "1", "text": "two\r\nlines"},
        {"id": "2", "text": "café"},
    ]
    assert [raw for _, raw in found] == [
        b'\xef\xbb\xbfid, text \r\n1,"two\r\nlines"\r\n',
        b"\xef\xbb\xbfid, text \r\n2,caf\xc3\xa9\r\n",
    ]


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    ((row, raw),) = read(b"id\n\xff\xfe\n")
    assert row == {"id": "\udcff\udcfe"}
    assert raw == b"id\n\xff\xfe\n"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"1,2,3", "3 columns"),
        (b"1", "1 columns"),
        (b'"1"x,2', "not CSV"),
        (b'1,"' + b"x" * 200_000 + b'"', "not CSV"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_and_the_next_are_read(line: bytes, why: str) -> None:
    found = read(b"id,text\n" + line + b"\n2,good\n")
    (bad, _), (good, _) = found
    assert isinstance(bad, BadRow)
    assert why in bad.why
    assert good == {"id": "2", "text": "good"}
    with pytest.raises(AnswerUnreadable):
        row_of(bad)


def test_a_quote_that_is_never_closed_is_told() -> None:
    (good, _), (bad, _) = read(b'id,text\n1,a\n2,"b\n3,c')
    assert good == {"id": "1", "text": "a"}
    assert isinstance(bad, BadRow)


def test_a_file_that_breaks_off_within_a_row_is_told_after_it() -> None:
    rows = csv_stream([b"id,text\n1,whole\n2,brok"], ended=True)
    assert [next(rows)[0], next(rows)[0]] == [
        {"id": "1", "text": "whole"},
        {"id": "2", "text": "brok"},
    ]
    with pytest.raises(AnswerUnreadable, match="breaks off"):
        next(rows)
    assert len(list(csv_stream([b"id\n1\n"], ended=True))) == 1


@pytest.mark.parametrize("body", [b"", b"\n1,2\n", b"id,id\n1,2\n", b'"id\n', b",\n"])
def test_a_file_without_a_header_is_not_read(body: bytes) -> None:
    with pytest.raises(AnswerUnreadable):
        read(body)


def test_a_header_that_swallowed_the_first_row_is_told_though_no_row_is_left() -> None:
    assert len(list(csv_stream([b"ID,Text\n1,a\n"], columns=("id", "text")))) == 1
    with pytest.raises(AnswerUnreadable, match="no column text"):
        list(csv_stream([b"ID,Text 1,a\n"], columns=("id", "text")))


def test_a_line_without_end_is_refused_before_it_fills_the_memory() -> None:
    def endless() -> Iterable[bytes]:
        yield b"id\n"
        for _ in range(10):
            yield b"x" * (LONGEST_LINE // 2)
        pytest.fail("it was read on")

    with pytest.raises(DepositRefused, match="longer than"):
        list(csv_stream(endless()))


def test_what_is_no_row_at_all_is_not_taken_for_one() -> None:
    with pytest.raises(AnswerUnreadable):
        row_of(["1"])
