"""How a page is moderated, as items: its standing lists, and entries of the platform's own log.

A list is read whole or not at all: half of one would tell that the other half was unblocked. All of
it is restricted, as nobody but the page's moderators is shown it, or as it names people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from archiver.records.captures import Gap, GapReason, Observation, Seen
from archiver.records.errors import AnswerUnreadable, BudgetSpent, ConnectorError, PermissionLost
from archiver.records.items import Author, Content, ItemKind, RawFragment
from archiver.records.pages import SettingValue
from archiver.records.standing_lists import WANTING, Entry, as_text
from connectors.cutting import mail_date

JSON = "application/json"
_NAME = re.compile(r"[a-z0-9_./-]+")


def wanted(options: Mapping[str, SettingValue], *, unless_said: bool = True) -> bool:
    """Say whether the setting `moderation` of a page asks for all this; *unless_said* without."""
    said = options.get("moderation")
    return said if isinstance(said, bool) else unless_said


def standing_list(
    name: str, title: str, rows: Sequence[tuple[Entry, bytes]], *, at: datetime, url: str = ""
) -> Observation:
    """Give the list *name* as it stood *at* that moment: each entry, with the platform's bytes.

    *name* is ours and never changes; *title* is what a reader calls the list. An empty list is an
    item as well: that nobody was blocked is worth knowing.
    """
    raw = b"[" + b",".join(raw for _, raw in rows) + b"]"
    return standing_whole(name, title, [entry for entry, _ in rows], raw, at=at, url=url)


def standing_whole(
    name: str, title: str, entries: Sequence[Entry], raw: bytes, *, at: datetime, url: str = ""
) -> Observation:
    """Give the same of a list whose entries stand in one answer, *raw*, and not each by itself."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a list")
    content = Content(
        native_id=f"moderation:{name}",
        kind=ItemKind.MODERATION,
        title=title,
        text=as_text(entries),
        raw=RawFragment(JSON, raw),
        published_at=at,
        permalink=url,
    )
    return Observation(content=content, restricted=True)


def log_entry(
    native_id: str, words: str, raw: bytes, *, at: datetime, by: Author | None, url: str = ""
) -> Observation:
    """Give one entry of the platform's own log of moderation: what was done, when, and by whom."""
    content = Content(
        native_id=f"log:{native_id}",
        kind=ItemKind.LOG,
        text=words,
        raw=RawFragment(JSON, raw),
        published_at=at,
        author=by,
        permalink=url,
    )
    return Observation(content=content, restricted=True)


def as_far_as_shown(
    what: str, look: Callable[[], Iterator[Seen]], *, needs: str = ""
) -> Iterator[Seen]:
    """Yield what *look* brings, all of it or a gap for *what*.

    That the token may not see it is no failure of the visit: a gap says so, and what right it
    *needs*. It never tells that a list is empty.

    Raises:
        BudgetSpent: nothing more may be asked now, this or anything else.
    """
    try:
        seen = list(look())
    except BudgetSpent:
        raise
    except PermissionLost as error:
        ask = f"; it needs {needs}, or set moderation = false" if needs else ""
        yield Gap(what=WANTING + what, why=GapReason.OUT_OF_REACH, detail=f"{error}{ask}")
    except ConnectorError as error:
        yield Gap(what=WANTING + what, why=GapReason(error.gap), detail=str(error))
    else:
        yield from seen


def answered_at(headers: Mapping[str, str]) -> datetime:
    """Give the moment at which a server answered, by its own clock.

    Raises:
        AnswerUnreadable: it did not say.
    """
    when = mail_date(headers.get("date", ""))
    if when is None:
        raise AnswerUnreadable("the answer has no date")
    return when
