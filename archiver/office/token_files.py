"""Token files: a page's token as it stands there now, and a new one put in its place.

A process that runs for weeks uses what is there, not what was there when it began.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from archiver.config.pages import read_secret
from archiver.config.reading import Reader
from archiver.records.pages import PageSettings

OWNER_ALONE = 0o600


def as_it_stands(page: PageSettings) -> PageSettings:
    """Give *page* with the token that its file holds now; unchanged where there is none to read."""
    if page.token_file is None:
        return page
    found = read_secret(Reader({}, "", []), "token_file", Path(page.token_file))
    return replace(page, secret=found) if found else page


def keeper_of(page: PageSettings) -> Callable[[str], None] | None:
    """Give what puts a new token where *page* keeps its own; None where that is no file."""
    return partial(put_token, Path(page.token_file)) if page.token_file is not None else None


def put_token(path: Path, token: str) -> None:
    """Put *token* on the first line of the file at *path*, durable; its other lines stay.

    Nobody but the owner can read it at any moment, and a crash leaves the old one or the new.

    Raises:
        OSError: it cannot be written.
    """
    rest = []
    with suppress(FileNotFoundError):
        rest = path.read_text("utf-8").splitlines()[1:]
    aside = path.with_name(f".{path.name}.new")
    with suppress(FileNotFoundError):
        aside.unlink()
    aside.touch(OWNER_ALONE, exist_ok=False)
    with aside.open("w", encoding="utf-8") as file:
        file.write("\n".join([token, *rest]) + "\n")
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
