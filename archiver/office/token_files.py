"""Token files: a page's token as it stands there now, and a new one put in its place.

The token is the first line; below it may stand what a new one is had for. A process that runs for
weeks uses what is there, not what was there when it began.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from archiver.config.pages import read_secret
from archiver.config.reading import Reader
from archiver.credentials.consent import Grant, read_grant
from archiver.records.pages import PageSettings

OWNER_ALONE = 0o600


def as_it_stands(page: PageSettings) -> PageSettings:
    """Give *page* with the token that its file holds now; unchanged where there is none to read."""
    if page.token_file is None:
        return page
    path = Path(page.token_file)
    found = read_secret(Reader({}, "", []), "token_file", path) if path.exists() else None
    return replace(page, secret=found, secret_missing=False) if found else page


def grant_of(page: PageSettings) -> Grant | None:
    """Give the consent that stands below the token of *page*; None where none does."""
    if page.token_file is None or not page.secret:
        return None
    with suppress(OSError, UnicodeDecodeError):
        lines = Path(page.token_file).read_text("utf-8").splitlines()
        return read_grant(page.secret, lines[1]) if len(lines) > 1 else None
    return None


def keeper_of(page: PageSettings) -> Callable[[str, str], None] | None:
    """Give what puts a new token where *page* keeps its own; None where that is no file."""
    if page.token_file is None:
        return None
    path = Path(page.token_file)
    return lambda token, below: put_token(path, token, below)


def put_token(path: Path, token: str, below: str = "") -> None:
    """Put *token* on the first line of the file at *path*, durable, and *below* it what is given.

    Without it the other lines stay. Nobody but the owner can read the file at any moment, and a
    crash leaves the old one or the new.

    Raises:
        OSError: it cannot be written.
    """
    rest = [below] if below else []
    if not below:
        with suppress(FileNotFoundError):
            rest = path.read_text("utf-8").splitlines()[1:]
    aside = path.with_name(f".{path.name}.new")
    aside.unlink(missing_ok=True)
    aside.touch(OWNER_ALONE, exist_ok=False)
    with aside.open("w", encoding="utf-8") as file:
        file.write("\n".join([token, *rest]) + "\n")
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
