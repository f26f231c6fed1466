"""Leaving: a person is inactive from a day on, and what they have under way is handed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from archiver.catalogue import handing_over, items, roster
from archiver.procedures.account import Account
from archiver.procedures.authority import approvers, demand
from archiver.procedures.roster import demand_a_keeper, demand_not_gone, named
from archiver.records.canonical import Json
from archiver.records.errors import ConfigInvalid, NotPermitted
from archiver.records.events import EventKind
from archiver.records.pages import PageSettings
from archiver.records.people import Right, Role, SignedIn
from archiver.records.roster import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What somebody else must take over.

    *pages* are those the configuration names this person for, *tokens* the environment variables
    with those pages' credentials, which must be renewed; *reviews* counts the items that wait for
    a decision, where this was one of the people who decide.
    """

    pages: tuple[str, ...]
    tokens: tuple[str, ...]
    holds: tuple[str, ...]
    plans: tuple[str, ...]
    reviews: int

    def told(self) -> dict[str, Json]:
        """Give it as papers and scripts tell it."""
        return {
            "pages": list[Json](self.pages),
            "tokens": list[Json](self.tokens),
            "holds": list[Json](self.holds),
            "plans": list[Json](self.plans),
            "reviews": self.reviews,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Who left, what is to be handed over, and how many people can still approve that day."""

    member: Member
    handover: Handover
    approvers: int


def leave(
    account: Account, signed: SignedIn, name: str, *, on: date, pages: Sequence[PageSettings]
) -> Left:
    """Have the member called *name* be inactive from the day *on*, and say what they hand over.

    That fewer than two can approve afterwards is said and entered, and stops destruction; that
    nobody could keep the roster is refused, because nobody could ever be entered again.

    Raises:
        NotPermitted: who signed in does not keep the roster, nobody would, or it is the scheduler.
        NotFound: nobody is called that.
        ConfigInvalid: the day has gone by, or they have left before.
    """
    demand(account, signed.person, Right.KEEP_ROSTER)
    demand_not_gone(account, on)
    member = named(account, name)
    if Role.SERVICE in member.tenures:
        raise NotPermitted(f"{member.name} is the scheduler, and stays")
    found = handover(account, member, pages)
    told: dict[str, Json] = {"person": member.id, "on": on.isoformat(), "handover": found.told()}
    paper = account.paper("leaving", told)
    with account.catalogue.writing() as desk:
        before = roster.of_id(desk.connection, member.id)
        if before is None or before.left_on is not None:
            raise ConfigInvalid(f"{name} has left before")
        gone = before.leaving(on)
        demand_a_keeper(desk.connection, gone, on)
        roster.change(desk.connection, gone)
        left = len(approvers(desk.connection, on))
        counts: dict[str, Json] = {"on": on.isoformat(), "approvers": left}
        account.enter(
            desk,
            EventKind.PERSON_LEFT,
            by=signed.person.id,
            subject=gone.id,
            told=counts,
            paper=paper,
        )
    account.acknowledge()
    return Left(member=gone, handover=found, approvers=left)


def handover(account: Account, member: Member, pages: Sequence[PageSettings]) -> Handover:
    """Give what *member* would hand over today."""
    names = {name.casefold() for name in (member.name, member.account) if name}
    theirs = [
        page
        for page in pages
        if names & {page.owner.casefold(), page.second_administrator.casefold()}
    ]
    with account.catalogue.reading() as connection:
        decides = member.on(account.today()).may(Right.DECIDE)
        return Handover(
            pages=tuple(page.name for page in theirs),
            tokens=tuple(sorted({page.token_env for page in theirs if page.token_env})),
            holds=tuple(handing_over.holds_issued(connection, member.id)),
            plans=tuple(handing_over.plans_waiting(connection, member.id)),
            reviews=items.queued_count(connection) if decides else 0,
        )
