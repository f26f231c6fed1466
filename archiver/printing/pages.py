"""Pages: a sheet as a PDF, the same bytes for the same sheet."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from reportlab.lib.colors import grey, lightgrey
from reportlab.lib.pagesizes import landscape, letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    LongTable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)

from archiver.printing.fonts import BOLD, PLAIN, ready, shown
from archiver.printing.sheets import Cell, Grid, Sheet

_MARGIN = 0.8 * inch
_FOOT = 0.45 * inch
_SMALL = 8
_NARROWEST, _WIDEST = 6, 44
_WITH_TITLE = 0.9 * inch
"""How much of a page must be left for the title of a table, its heading and a row of it."""

_ROWS_AT_ONCE = 400
"""reportlab lays out a table of many rows in quadratic time; in slices it stays linear."""

_STYLES = {
    "title": ParagraphStyle("title", fontName=BOLD, fontSize=16, leading=20),
    "subtitle": ParagraphStyle("subtitle", fontName=PLAIN, fontSize=11, leading=14),
    "heading": ParagraphStyle("heading", fontName=BOLD, fontSize=11, leading=14, spaceBefore=8),
    "text": ParagraphStyle("text", fontName=PLAIN, fontSize=10, leading=13, spaceAfter=6),
    "cell": ParagraphStyle("cell", fontName=PLAIN, fontSize=_SMALL, leading=10),
    "head": ParagraphStyle("head", fontName=BOLD, fontSize=_SMALL, leading=10),
}


def as_pdf(sheet: Sheet) -> bytes:
    """Print *sheet*: paged, every page numbered "page x of y", a long table's heading repeated.

    The same sheet gives the same bytes. Any text can be printed: a character the font has not
    stands there as its code point, such as [U+1F600].
    """
    ready()
    paper = landscape(letter) if sheet.wide else letter
    written = io.BytesIO()
    document = SimpleDocTemplate(
        written,
        pagesize=paper,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=shown(sheet.title),
        subject=shown(sheet.subtitle),
        author="archiver",
        creator="archiver",
        lang="en-US",
        invariant=1,
    )
    document.build(list(_parts(sheet, document.width)), canvasmaker=_numbered(sheet.footer))
    return written.getvalue()


def _parts(sheet: Sheet, width: float) -> Iterator[Paragraph | Spacer | CondPageBreak | LongTable]:
    yield _says(sheet.title, "title")
    if sheet.subtitle:
        yield _says(sheet.subtitle, "subtitle")
    yield Spacer(1, 8)
    if sheet.fields:
        rows = [(_says(name, "head"), _says(value, "cell")) for name, value in sheet.fields]
        widths = [width * 0.28, width * 0.72]
        yield LongTable(rows, colWidths=widths, style=_ruled(heads=0))
        yield Spacer(1, 8)
    for paragraph in sheet.paragraphs:
        yield _says(paragraph, "text")
    for table in sheet.tables:
        if table.title:
            yield CondPageBreak(_WITH_TITLE)
            yield _says(table.title, "heading")
        yield from _tables(table, width)
        yield Spacer(1, 8)


def _says(text: Cell, style: str) -> Paragraph:
    plain = escape(shown("" if text is None else str(text))).replace("\n", "<br/>")
    return Paragraph(plain, _STYLES[style])


def _tables(table: Grid, width: float) -> Iterator[LongTable]:
    heads = [_says(name, "head") for name in table.columns]
    widths = _widths(table, width)
    for start in range(0, max(len(table.rows), 1), _ROWS_AT_ONCE):
        rows = [
            [_says(cell, "cell") for cell in _filled(row, len(heads))]
            for row in table.rows[start : start + _ROWS_AT_ONCE]
        ]
        yield LongTable([heads, *rows], colWidths=widths, repeatRows=1, style=_ruled(heads=1))


def _filled(row: Sequence[Cell], columns: int) -> list[Cell]:
    return [*row, *[None] * (columns - len(row))]


def _widths(table: Grid, width: float) -> list[float]:
    """Share *width* by each column's longest cell, within bounds."""
    longest = [
        min(max(len(name), *(len(str(row[n])) for row in table.rows if n < len(row)), 0), _WIDEST)
        for n, name in enumerate(table.columns)
    ]
    shares = [max(each, _NARROWEST) for each in longest]
    return [width * share / sum(shares) for share in shares]


def _ruled(*, heads: int) -> TableStyle:
    commands: list[tuple[object, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, grey),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    if heads:
        commands.append(("BACKGROUND", (0, 0), (-1, heads - 1), lightgrey))
    return TableStyle(commands)


def _numbered(footer: str) -> type[Canvas]:
    """Give a canvas that knows, when it writes a page's foot, how many pages there are."""

    class Numbered(Canvas):  # type: ignore[misc]  # reportlab ships no types
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, **kwargs)
            self.turned: list[dict[str, object]] = []

        def showPage(self) -> None:  # noqa: N802 - reportlab's own name
            self.turned.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self.turned, start=1):
                self.__dict__.update(page)
                _foot(self, footer, f"page {number} of {len(self.turned)}")
                super().showPage()
            super().save()

    return Numbered


def _foot(canvas: Canvas, footer: str, number: str) -> None:
    width, _ = canvas._pagesize  # noqa: SLF001 - reportlab tells it nowhere else
    canvas.setFont(PLAIN, _SMALL)
    canvas.drawRightString(width - _MARGIN, _FOOT, number)
    lines = simpleSplit(shown(footer), PLAIN, _SMALL, width - 2 * _MARGIN - inch)
    for line, text in enumerate(lines[:2]):
        canvas.drawString(_MARGIN, _FOOT - line * (_SMALL + 2), text)
