"""Whether a file that was brought is the one that was asked for, and no page in its place.

A platform that wants somebody to log in, or whose door is shut for the day, may answer with a page
in HTML and the status 200. Kept as the picture it stands for, it would be missed by nobody.
"""

from __future__ import annotations

from mimetypes import guess_type
from pathlib import Path
from urllib.parse import urlsplit

from archiver.ports import Downloaded
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment

_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_MARKS = (b"<!doctype html", b"<html", b"<?xml")
_BEGINNING = 256


def demand_the_file(attachment: Attachment, file: Downloaded) -> None:
    """Pass unless *file* is a page in HTML where *attachment* is to be something else.

    What the platform calls the attachment tells, or else how its address ends; where neither
    does, whatever came is the file.

    Raises:
        AnswerUnreadable: a page came instead.
    """
    wanted = attachment.media_type or guess_type(urlsplit(attachment.url).path)[0] or ""
    if not wanted or wanted in _PAGES or file.media_type not in _PAGES:
        return
    with Path(file.path).open("rb") as opened:
        beginning = opened.read(_BEGINNING)
    if beginning.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKS):
        raise AnswerUnreadable(f"a page in HTML came where the file is to be {wanted}")
