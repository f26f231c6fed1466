"""Meta's mojibake: an export writes each byte of UTF-8 text as if it were one character."""

from __future__ import annotations

import re

MENDED = "mojibake-mended"
UNMENDED = "mojibake-unmended"

_TELLTALE = re.compile("[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def mend(text: str, marks: set[str]) -> str:
    """Give *text* as it was meant, adding to *marks* what was done or could not be done.

    Text that is no mojibake is given as it is, without a mark: later exports may be right.
    """
    if text.isascii():
        return text
    try:
        meant = text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        if _TELLTALE.search(text):
            marks.add(UNMENDED)
        return text
    marks.add(MENDED)
    return meant
