"""How a page is moderated, as items: its standing lists, and entries of the platform's own log.

A list is read whole or not at all: half of one would tell that the other half was unblocked. All of
it is restricted, as nobody but the page's moderators is shown it, or as it names people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from archiver.records.captures import Gap, GapReason, Observation, Seen
from archiver.records.errors import AnswerUnreadable, BudgetSpent, ConnectorError, PermissionLost
from archiver.records.items import Author, Content, ItemKind, RawFragment
from archiver.records.pages import AccessCheck, SettingValue
from archiver.records.standing_lists import Entry, as_text, wanting
from connectors.cutting import mail_date

JSON = "application/json"
_NAME = re.compile(r"[a-z0-9_./-]+")
_REMEDY = "grant it, or set moderation = false"


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
        native_id=_id_of_list(name),
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


@dataclass(frozen=True, slots=True)
class Look:
    """One list, or one log, that may be looked at: *what* it is, and what *brings* it.

    *needs* names the right by which it is shown; without one everybody is shown it. *name* is that
    of the list, or of one that is shown to whoever is shown this; a log has none.
    """

    what: str
    brings: Callable[[], Iterator[Seen]]
    needs: str = ""
    name: str = ""


def as_far_as_shown(looks: Iterable[Look]) -> Iterator[Seen]:
    """Yield what each of *looks* brings, all of it or a gap for it; each ends before the next.

    That the token may not see it is no failure of the visit: a gap says so, and what right it
    needs. It never tells that a list is empty.

    Raises:
        BudgetSpent: nothing more may be asked now, this or anything else.
    """
    for look in looks:
        try:
            seen = list(look.brings())
        except BudgetSpent:
            raise
        except ConnectorError as error:
            yield _gap(look, error)
        else:
            yield from seen


def as_tried(looks: Iterable[Look]) -> Iterator[AccessCheck]:
    """Say of each of *looks* whether it is shown; of a log no more is asked for than its newest.

    Raises:
        BudgetSpent: nothing more may be asked now.
    """
    for look in looks:
        what = wanting(look.what, look.needs)
        try:
            next(look.brings(), None)
        except BudgetSpent:
            raise
        except ConnectorError as error:
            detail = f"{error}; {_REMEDY}" if look.needs else str(error)
            yield AccessCheck(what, granted=False, detail=detail, needed=False)
        else:
            yield AccessCheck(what, granted=True, needed=False)


def _gap(look: Look, error: ConnectorError) -> Gap:
    named = _id_of_list(look.name) if look.name else None
    if look.needs and isinstance(error, PermissionLost):
        what, why = wanting(look.what, look.needs), GapReason.NOT_GRANTED
        return Gap(what=what, why=why, detail=f"{error}; {_REMEDY}", native_id=named)
    return Gap(what=wanting(look.what), why=GapReason(error.gap), detail=str(error))


def _id_of_list(name: str) -> str:
    return f"moderation:{name}"


def answered_at(headers: Mapping[str, str]) -> datetime:
    """Give the moment at which a server answered, by its own clock.

    Raises:
        AnswerUnreadable: it did not say.
    """
    when = mail_date(headers.get("date", ""))
    if when is None:
        raise AnswerUnreadable("the answer has no date")
    return when
