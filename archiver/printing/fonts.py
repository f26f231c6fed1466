"""Fonts: what is printed in, and what is done with a character it does not have.

Open Sans ships in a wheel of its own and knows the Latin, Greek and Cyrillic scripts. What it
cannot show is written out as its code point, so that nobody takes an empty box for the text.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import ttf_opensans
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

PLAIN = "ArchiverPlain"
BOLD = "ArchiverBold"


@cache
def ready() -> frozenset[int]:
    """Make both fonts known to reportlab, once; give the code points that both can show."""
    found = []
    for name, face in (
        (PLAIN, ttf_opensans.OPENSANS_REGULAR),
        (BOLD, ttf_opensans.OPENSANS_BOLD),
    ):
        font = TTFont(name, str(face.path))
        pdfmetrics.registerFont(font)
        found.append(frozenset(font.face.charToGlyph))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    return found[0] & found[1]


def shown(text: str) -> str:
    """Give *text* as it can be printed: what the font has not is written as its code point.

    >>> shown("naïve → 中")
    'naïve [U+2192] [U+4E2D]'
    """
    has = ready()
    return "".join(
        one
        if one == "\n" or (ord(one) in has and unicodedata.category(one)[0] != "C")
        else " "
        if one == "\t"
        else f"[U+{ord(one):04X}]"
        for one in unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    )
