"""Notices: custodians are told of a hold, acknowledge it, and are reminded until they have.

Who administers a page is told how to preserve it there: what the archive cannot see, they can.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from archiver.catalogue import holds, matters, notices, pages
from archiver.catalogue.notices import NoticeRow
from archiver.procedures.account import Account
from archiver.procedures.alerting import Letter
from archiver.procedures.authority import demand
from archiver.procedures.hold import binding, named
from archiver.procedures.instruments import Instrument, keep_instrument
from archiver.records.canonical import Json
from archiver.records.errors import NotFound
from archiver.records.events import EventKind
from archiver.records.moments import micros
from archiver.records.people import Person, Right

REMIND_DAYS = 7
"""After how many days a notice that nobody acknowledged is said again."""

_DUTY = (
    (
        "You are asked to keep everything that may concern this matter, wherever it is: posts, "
        "comments, messages, drafts, pictures and files, on department and personal devices."
    ),
    (
        "Do not edit, hide, archive or remove anything, and switch off whatever does so by itself. "
        "This outranks every retention schedule, until you are told in writing that it has ended."
    ),
)
_PAGE = (
    (
        "You administer a page that is covered. Besides: do not remove, hide or merge the page, "
        "its posts, its comments or its messages; do not change its name or address; do not ban or "
        "block in a way that hides what was written; leave filters that remove comments off."
    ),
    "Tell the records officer before the platform closes the page or takes your access away.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who is told: a person of the roster by id, or anybody by name; where mail reaches them.

    *page* is the opaque id of the page they administer, where that is why they are told.
    """

    name: str
    person: str = ""
    mail: str = ""
    page: str = ""


def give(account: Account, person: Person, name: str, to: Recipient) -> NoticeRow:
    """Enter that *to* is told of the hold *name*; the letter is sent, or printed, by the desk.

    Raises:
        NotPermitted: the person may not hold.
        NotFound: there is no such hold.
        UnderHold: it was lifted, so there is nothing to tell.
    """
    demand(account, person, Right.HOLD)
    deed, remedy = EventKind.NOTICE_GIVEN, "Tell custodians of a hold that binds."
    row = binding(account, person, name, deed, remedy=remedy)
    paper = account.paper(
        "notice",
        {
            "hold": name,
            "name": to.name,
            "person": to.person,
            "mail": to.mail,
            "page": to.page,
            "by": person.id,
        },
    )
    with account.catalogue.writing() as desk:
        at = account.now()
        notice = notices.add(
            desk.connection,
            NoticeRow(
                n=0,
                notice="",
                hold_n=row.n,
                person=to.person,
                name=to.name,
                mail=to.mail,
                page=to.page,
                given_at=micros(at),
                by=person.id,
                paper=paper,
            ),
        )
        told: dict[str, Json] = {"h": name}
        subject = notice.notice
        kind = EventKind.NOTICE_GIVEN
        account.enter(desk, kind, by=person.id, subject=subject, told=told, paper=paper, at=at)
    account.acknowledge()
    return notice


def letter(account: Account, agency: str, notice: NoticeRow) -> Letter:
    """Write what a notice says; it names the matter, and no item."""
    with account.catalogue.reading() as connection:
        (row,) = holds.by_number(connection, notice.hold_n)
        matter = matters.by_id(connection, row.hold.matter)
        page = pages.by_id(connection, notice.page) if notice.page else None
    about = matter.matter.name if matter is not None else row.hold.matter
    lines = [f"{agency}: legal hold {row.hold.id} ({about})", "", f"To: {notice.name}", "", *_DUTY]
    if notice.page:
        lines += ["", f"Page: {page.name if page is not None else notice.page[:12]}", *_PAGE]
    lines += [
        "",
        (
            f"Please acknowledge with `archiver holds acknowledge {row.hold.id}`, or sign this "
            f"letter ({notice.notice}) and hand it to the records officer."
        ),
    ]
    return Letter(f"Legal hold {row.hold.id}: please acknowledge", "\n".join(lines))


def acknowledge(account: Account, person: Person, name: str) -> list[str]:
    """Enter that *person* has read the notices of the hold *name*; give which those are.

    Raises:
        NotFound: none of its notices waits for this person.
    """
    row = named(account, name)
    with account.catalogue.reading() as connection:
        waiting = [
            notice
            for notice in notices.of_hold(connection, row.n)
            if notice.person == person.id and notice.acknowledged_at is None
        ]
    if not waiting:
        raise NotFound(
            f"no notice of {name} waits for {person.name}",
            remedy="`archiver holds report` says who was told, and who has acknowledged.",
        )
    for notice in waiting:
        _acknowledge(account, person, notice, "")
    account.acknowledge()
    return [notice.notice for notice in waiting]


def acknowledge_on_paper(
    account: Account, person: Person, name: str, instrument: Instrument
) -> None:
    """Enter that the notice *name* came back signed: the signed letter is kept.

    Raises:
        NotPermitted: the person may not hold.
        NotFound: there is no such notice, or it was acknowledged before.
        ConfigInvalid: the file is empty, or too large.
    """
    demand(account, person, Right.HOLD)
    with account.catalogue.reading() as connection:
        notice = notices.by_name(connection, name)
    if notice is None or notice.acknowledged_at is not None:
        said = "there is no notice" if notice is None else "acknowledged before:"
        raise NotFound(f"{said} {name}")
    kept = keep_instrument(account, instrument).told()
    paper = account.paper("acknowledgement", {"notice": name, "letter": kept, "by": person.id})
    _acknowledge(account, person, notice, paper)
    account.acknowledge()


def _acknowledge(account: Account, person: Person, notice: NoticeRow, paper: str) -> None:
    with account.catalogue.writing() as desk:
        at = account.now()
        notices.acknowledge(desk.connection, notice.n, at=micros(at), by=person.id)
        kind, subject = EventKind.NOTICE_ACKNOWLEDGED, notice.notice
        account.enter(desk, kind, by=person.id, subject=subject, paper=paper, at=at)


def waiting(account: Account, *, days: int = REMIND_DAYS) -> list[NoticeRow]:
    """Give the notices of binding holds that nobody acknowledged or said for *days*.

    What the mail server did not take waits no longer than until the next job of the day.
    """
    before = micros(account.now() - timedelta(days=days))
    with account.catalogue.reading() as connection:
        return notices.unanswered(connection, before=before)


def returned(account: Account, by: str, notice: NoticeRow) -> None:
    """Enter that the mail server did not take a notice; it is sent again the next day."""
    with account.catalogue.writing() as desk:
        notices.give_back(desk.connection, notice.n)
        kind = EventKind.NOTICE_RETURNED
        account.enter(desk, kind, by=by, subject=notice.notice, at=account.now())
    account.acknowledge()


def reminded(account: Account, by: str, notice: NoticeRow) -> None:
    """Enter that a notice was said again."""
    with account.catalogue.writing() as desk:
        at = account.now()
        notices.remind(desk.connection, [notice.n], at=micros(at))
        kind = EventKind.NOTICE_REPEATED
        account.enter(desk, kind, by=by, subject=notice.notice, at=at)
    account.acknowledge()
