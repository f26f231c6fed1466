from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from archiver.printing import Grid, Sheet, as_pdf, shown


def read_back(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def a_long_sheet() -> Sheet:
    rows = [(f"item-{n}", n, "EX-200 period over") for n in range(900)]
    return Sheet(
        title="Certificate of destruction",
        subtitle="An invented city",
        fields=[("Batch", "batch-1"), ("Items", 900), ("Ordered by", None)],
        paragraphs=["What is listed here was destroyed."],
        tables=[Grid(title="Items", columns=("Item", "Bytes", "Why"), rows=rows)],
        footer="Ledger entry 17",
    )


@pytest.fixture(scope="module")
def printed() -> bytes:
    """The long sheet, printed once."""
    return as_pdf(a_long_sheet())


@pytest.fixture(scope="module")
def pages(printed) -> list[str]:
    return read_back(printed)


def test_the_same_sheet_gives_the_same_bytes(printed):
    assert as_pdf(a_long_sheet()) == printed


def test_what_a_sheet_says_can_be_read_on_its_paper(pages):
    for said in ("Certificate of destruction", "An invented city", "batch-1", "900", "item-0"):
        assert said in pages[0]
    assert "What is listed here was destroyed." in pages[0]


def test_the_title_of_a_table_stands_on_the_page_on_which_the_table_begins():
    for count in range(20, 50):
        filled = Grid(columns=("Item",), rows=[(f"item-{n}",) for n in range(count)])
        signed = Grid(title="Signatures", columns=("as",), rows=[("witness",)])
        sheet = Sheet(title="Certificate", fields=[], tables=[filled, signed], footer="foot")

        (page,) = (page for page in read_back(as_pdf(sheet)) if "Signatures" in page)

        assert "witness" in page, count


def test_every_page_says_which_it_is_of_how_many_and_repeats_the_heading_and_the_foot(pages):
    assert len(pages) > 10
    for number, text in enumerate(pages, start=1):
        assert f"page {number} of {len(pages)}" in text
        assert "Bytes" in text
        assert "Ledger entry 17" in text


def test_no_row_of_a_long_table_is_left_out(pages):
    words = set(" ".join(pages).split())

    assert [n for n in range(900) if f"item-{n}" not in words] == []


def test_a_character_the_font_has_not_is_written_as_its_code_point():
    sheet = Sheet(title="Größe señal łódź Ω Я", paragraphs=["ok 😀 中 <b>&amp;\a"])

    text = "".join(read_back(as_pdf(sheet)))

    assert "Größe señal łódź Ω Я" in text
    assert "ok [U+1F600] [U+4E2D] <b>&amp;[U+0007]" in text


@settings(max_examples=60)
@given(text=st.text(st.characters(codec=None), max_size=60))
def test_any_text_at_all_can_be_printed(text):
    grid = Grid(columns=(text,), rows=[(text,), ()])
    sheet = Sheet(title=text, fields=[(text, text)], tables=[grid], footer=text)

    assert len(read_back(as_pdf(sheet))) >= 1


@given(text=st.text(max_size=60))
def test_text_made_ready_for_paper_is_left_alone_when_made_ready_again(text):
    assert shown(shown(text)) == shown(text)
