"""Who can write the database, and has neither key nor shelf, gets nothing destroyed by it.

Each forger writes what looks like a deed, straight into the tables; then the night comes, or a
person carries out what stands there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Executable, delete, insert, update

from archiver.catalogue import credentials, facts, holds, ledger, plans, tables
from archiver.catalogue.plans import ApprovalRow
from archiver.procedures import (
    amending,
    ordering,
    plan_sheets,
    purging,
    requests,
    roster,
)
from archiver.procedures.planning import Wanted, named, plan
from archiver.procedures.signing_in import sign_in
from archiver.procedures.strays import dispose_strays
from archiver.records.errors import (
    ArchiverError,
    CatalogueUnavailable,
    LedgerDamaged,
    RegisterUnreadable,
)
from archiver.records.events import EventKind, Leaf
from archiver.records.identity import Part
from archiver.records.orders import CourtOrder, Effect
from archiver.records.people import Role
from archiver.records.requests import RequestKind
from archiver.records.roster import Span
from tests.archive import (
    SUBSTANTIVE,
    TRANSITORY,
    Archive,
    a_colleague,
    a_copy_of,
    an_archive,
    an_observation,
)
from tests.authenticators import enrolled
from tests.procedures.court import carried_out as order_carried_out
from tests.procedures.test_approving import carried_out, decided_long_ago, enrol, planned, signed
from tests.procedures.test_edits_behind_us import rows_of
from tests.procedures.test_orders import begun_only

pytestmark = pytest.mark.sqlite("is about what is believed, not about where it lies")

HELD, FROZEN, DUE, OWED = "1", "2", "3", "4"
NOBODYS = json.dumps({"items": ["0" * 64]})


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    """An archive with a held post, one that a request froze, one that is due, and a record."""
    archive = a_copy_of(_held_frozen_and_due, tmp_path)
    yield archive
    archive.office.close()


def _held_frozen_and_due(folder: Path) -> Archive:
    archive = an_archive(folder, index="memory:")
    archive.capture(
        an_observation(HELD, TRANSITORY),
        an_observation(FROZEN, TRANSITORY),
        an_observation(DUE, TRANSITORY),
        an_observation(OWED, SUBSTANTIVE),
    )
    archive.issue_hold(HELD)
    new = requests.NewRequest(
        number="PRA-1", kind=RequestKind.CPRA, received_on=date(2026, 3, 1), about="a street"
    )
    account = archive.office.account
    requests.open_request(account, archive.person, new, archive.scope(FROZEN), review_days=9)
    decided_long_ago(archive, OWED)
    return archive


def forge(archive: Archive, *statements: Executable) -> None:
    """Write as somebody does whom no foreign key hinders."""
    with archive.office.catalogue.writing_raw() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        cursor = connection.connection.cursor()
        cursor.execute("COMMIT")
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("BEGIN IMMEDIATE")
        for statement in statements:
            connection.execute(statement)
        cursor.execute("COMMIT")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("BEGIN IMMEDIATE")


def night(archive: Archive) -> None:
    office = archive.office
    with office.disposer() as disposer:
        purging.purge(disposer, archive.person, office.schedule, carry_out_too=True)


def refused(
    archive: Archive, deed: Callable[[], object], *expected: type[ArchiverError]
) -> ArchiverError:
    """Assert that *deed* is refused, and that nothing of anything is gone."""
    before = archive.objects()
    with pytest.raises(expected or RegisterUnreadable) as refusal:
        deed()
    assert archive.objects() == before
    return refusal.value


def test_by_an_honest_night_what_is_due_goes_and_what_is_held_and_owed_stays(archive):
    night(archive)

    assert [n for n in (HELD, FROZEN, DUE, OWED) if archive.objects(n)] == [HELD, FROZEN, OWED]


UNBOUND = {
    "a hold that was lifted": [update(tables.holds).values(status="lifted", lifted_at=1)],
    "no hold at all": [delete(tables.requests), delete(tables.holds)],
    "a hold of nothing": [update(tables.holds).values(scope=NOBODYS)],
    "a hold of no matter": [update(tables.holds).values(matter_n=99)],
    "a request that never was": [
        delete(tables.requests),
        delete(tables.holds).where(tables.holds.c.n == 2),
    ],
    "a request that is closed": [update(tables.requests).values(closed_on=1, closing_entered_on=1)],
    "a hold that was narrowed": [
        insert(tables.narrowings).values(
            n=1, hold_n=1, scope=NOBODYS, at=1, by="x", until=0, paper="x", swept_to=9, done=True
        )
    ],
}


@pytest.mark.parametrize("forged", UNBOUND.values(), ids=UNBOUND)
def test_by_a_forged_end_of_a_hold_or_request_nothing_goes(archive, forged):
    forge(archive, delete(tables.coverage), *forged)

    refused(archive, lambda: night(archive))


def test_a_plan_made_by_a_register_that_was_edited_says_so(archive):
    forge(archive, delete(tables.coverage), *UNBOUND["a hold that was lifted"])
    account, schedule = archive.office.account, archive.office.schedule

    made = plan(account, archive.person, schedule, on=account.today(), wanted=Wanted())

    assert made.due
    assert [warning for warning in made.warnings if warning.startswith("H-0001: ")]
    assert plan_sheets.warnings_of(account, named(account, made.name)) == list(made.warnings)


_TOLD = tables.ledger_entries.c.kind.in_(
    ["hold.issued", "hold.bound", "matter.opened", "request.opened"]
)
UNTOLD = {
    "taken away": delete(tables.ledger_entries).where(_TOLD),
    "called something else": update(tables.ledger_entries)
    .where(_TOLD)
    .values(kind="item.captured"),
}


@pytest.mark.parametrize("untold", UNTOLD.values(), ids=UNTOLD)
def test_by_holds_of_which_the_entries_were_hidden_too_nothing_goes(archive, untold):
    gone = [delete(t) for t in (tables.coverage, tables.requests, tables.holds, tables.matters)]
    forge(archive, *gone, untold)

    assert "that decide" in str(refused(archive, lambda: night(archive)))


def test_by_an_item_put_back_of_which_the_last_word_was_hidden_too_nothing_goes(archive):
    entered = tables.ledger_entries.c.kind == "item.decided"
    forge(archive, update(tables.ledger_entries).where(entered).values(kind="item.viewed"))

    assert "that decide" in str(refused(archive, lambda: night(archive)))


def test_a_head_that_was_edited_to_fit_lets_nothing_go(archive):
    forge(archive, update(tables.ledger_head).values(registers="", changes=""))

    refused(archive, lambda: night(archive), RegisterUnreadable, LedgerDamaged)


def test_by_a_role_nobody_gave_nothing_goes(archive):
    clerk = a_colleague(archive, Role.CLERK)
    mine = next(r for r in rows_of(archive, tables.people) if r["person"] == archive.person.id)
    taken = {"tenures": mine["tenures"]}
    forge(archive, update(tables.people).where(tables.people.c.person == clerk.id).values(taken))

    assert clerk.id in str(refused(archive, lambda: night(archive)))


def test_no_role_that_nobody_gave_signs_in_to_decide(archive):
    clerk = a_colleague(archive, Role.CLERK)
    someone = enrolled(archive, clerk, by=signed(archive.person))
    mine = next(r for r in rows_of(archive, tables.people) if r["person"] == archive.person.id)
    taken = {"tenures": mine["tenures"]}
    forge(archive, update(tables.people).where(tables.people.c.person == clerk.id).values(taken))
    questions = someone.questions(archive.clock)

    with pytest.raises(RegisterUnreadable):
        sign_in(archive.office.account, archive.person, questions, name="colleague")


def test_no_role_of_which_it_was_hidden_that_it_was_taken_away_signs_in_to_decide(archive):
    chief = a_colleague(archive, Role.CHIEF)
    someone = enrolled(archive, chief, by=signed(archive.person))
    table = tables.people
    before = next(r for r in rows_of(archive, table) if r["person"] == chief.id)
    since = len(rows_of(archive, tables.ledger_entries))
    account = archive.office.account
    today = Span(since=account.today())
    roster.take(account, signed(archive.person), "colleague", Role.CHIEF, today)
    entries = tables.ledger_entries
    forge(
        archive,
        update(table).where(table.c.person == chief.id).values(tenures=before["tenures"]),
        update(entries).where(entries.c.seq >= since).values(kind="item.viewed"),
    )
    questions = someone.questions(archive.clock)

    with pytest.raises(RegisterUnreadable, match="that decide"):
        sign_in(account, archive.person, questions, name="colleague")


def test_with_the_credentials_of_another_nobody_signs_in(archive):
    chief = a_colleague(archive, Role.CHIEF, name="chief")
    clerk = a_colleague(archive, Role.CLERK)
    someone = enrolled(archive, clerk, by=signed(archive.person))
    enrol(archive, chief)
    with archive.office.catalogue.reading() as connection:
        theirs = credentials.of(connection, clerk.id)
    assert theirs is not None
    copied = {"passphrase": theirs.passphrase, "secret": theirs.secret}
    table = tables.credentials
    forge(archive, update(table).where(table.c.person == chief.id).values(copied))
    questions = someone.questions(archive.clock)

    with pytest.raises(CatalogueUnavailable, match="keys"):
        sign_in(archive.office.account, archive.person, questions, name="chief")


# --- plans and approvals --------------------------------------------------------------------------


@pytest.fixture
def rested(archive) -> Archive:
    """The same, with a plan of what is owed that nobody has approved."""
    archive.chief = a_colleague(archive, Role.CHIEF, name="chief")
    enrol(archive, archive.person, archive.chief)
    archive.plan_made = planned(archive)
    return archive


def _approve(archive: Archive) -> None:
    today, now = archive.office.account.today(), archive.office.account.now_micros()
    with archive.office.catalogue.writing_raw() as connection:
        row = plans.numbered(connection, archive.plan_made.n)
        for step in json.loads(row.chain):
            taken = ApprovalRow(
                plan_n=row.n,
                step=step,
                by=archive.chief.id,
                role="chief",
                at=now,
                on_day=today.toordinal(),
                signed_by="",
                document="d" * 64,
                paper="e" * 64,
            )
            plans.approve(connection, taken)
    archive.clock.forward(days=8)


def test_a_forged_approval_carries_nothing_out(rested):
    _approve(rested)

    error = refused(rested, lambda: carried_out(rested, rested.plan_made))

    assert "the approvals, and the ledger does not know it" in str(error)


def test_a_plan_whose_chain_was_shortened_is_not_carried_out(rested):
    forge(rested, update(tables.plans).values(chain='["adopted_schedule"]'))
    rested.clock.forward(days=8)

    refused(rested, lambda: carried_out(rested, rested.plan_made), ArchiverError)


def test_what_was_declined_and_forged_to_stand_is_not_carried_out(rested):
    account = rested.office.account
    amending.decline(account, signed(rested.person), rested.plan_made.name, reason="no")
    forge(rested, update(tables.plans).values(status="proposed"))
    _approve(rested)

    refused(rested, lambda: carried_out(rested, rested.plan_made))


# --- batches and orders ---------------------------------------------------------------------------


def test_an_item_written_into_the_next_batch_does_not_go_with_it(archive):
    row = archive.item(HELD)
    forge(archive, update(tables.items).where(tables.items.c.n == row.n).values(batch_n=1))

    assert "D-000001" in str(refused(archive, lambda: night(archive)))


def test_a_destruction_that_nobody_began_is_not_finished(archive):
    plan, row = planned(archive), archive.item(OWED)
    begun = {"batch_n": 1, "life": "begun"}
    batch = {
        "n": 1,
        "batch": "D-000001",
        "plan_n": plan.n,
        "begun_at": 1,
        "items": 1,
        "struck": False,
        "listing": "d" * 64,
        "paper": "",
    }
    forge(
        archive,
        update(tables.items).where(tables.items.c.n == row.n).values(begun),
        insert(tables.batches).values(batch),
    )

    refused(archive, lambda: night(archive))


@pytest.fixture
def ordered(archive, text) -> Archive:
    """The same, with a court order for what is due, which nobody confirmed."""
    account = archive.office.account
    order = CourtOrder(court="C", number="1", dated=account.today(), effect=Effect.DESTROY)
    known = ordering.enter(
        account, signed(archive.person), order, archive.scope(DUE), text, state="TX"
    )
    assert known.row.order == "O-0001"
    return archive


def test_an_order_forged_to_have_begun_destroys_nothing(ordered):
    forge(
        ordered,
        update(tables.orders).values(status="begun"),
        update(tables.order_items).values(standing="going", item_n=ordered.item(OWED).n),
    )

    refused(ordered, lambda: night(ordered))


def test_an_order_forged_to_be_confirmed_is_not_carried_out(ordered):
    confirmed = {"status": "confirmed", "confirmed_at": 1, "confirmed_by": "x"}
    forge(ordered, update(tables.orders).values(confirmed))

    refused(ordered, lambda: order_carried_out(ordered, "O-0001"))


def test_an_order_forged_to_name_more_is_not_carried_out(ordered, chief):
    ordering.confirm(ordered.office.account, signed(chief), "O-0001")
    forge(
        ordered,
        insert(tables.order_items).values(
            order_n=1, item_n=ordered.item(OWED).n, standing="waiting"
        ),
    )

    refused(ordered, lambda: order_carried_out(ordered, "O-0001"))


def test_what_was_slipped_under_an_order_that_has_begun_does_not_go_with_it(ordered, chief):
    ordering.confirm(ordered.office.account, signed(chief), "O-0001")
    begun_only(ordered, "O-0001")
    forge(
        ordered,
        insert(tables.order_items).values(order_n=1, item_n=ordered.item(OWED).n, standing="going"),
    )

    assert "was never begun for" in str(refused(ordered, lambda: night(ordered)))


# --- what else decides ----------------------------------------------------------------------------


def test_a_page_forged_to_have_been_looked_at_lets_nothing_go(archive):
    archive.capture(an_observation("5", TRANSITORY, at=archive.clock.now))
    archive.clock.forward(days=70)
    forge(archive, update(tables.pages).values(whole_at=archive.office.account.now_micros()))

    night(archive)

    assert archive.objects("5")
    assert archive.objects(DUE)


def test_a_restore_that_somebody_took_the_mark_of_away_lets_nothing_go(archive):
    account = archive.office.account
    with account.catalogue.writing() as desk:
        facts.put(desk.connection, facts.UNRECONCILED, "1")
        account.enter(desk, EventKind.ARCHIVE_RESTORED, by=archive.person.id, subject="1")
    forge(archive, delete(tables.facts).where(tables.facts.c.name == facts.UNRECONCILED))

    assert facts.UNRECONCILED in str(refused(archive, lambda: night(archive)))


def test_an_item_whose_rows_were_taken_away_is_no_stray(archive):
    row = archive.item(HELD)
    for table in (tables.versions, tables.coverage):
        forge(archive, delete(table).where(table.c.item_n == row.n))
    forge(archive, delete(tables.items).where(tables.items.c.n == row.n))

    with archive.office.disposer() as disposer:
        dispose_strays(disposer, archive.office.objects, archive.person)

    assert [ref.part for ref in archive.objects(HELD)] == [Part.CONTENT]


# --- the ledger itself ----------------------------------------------------------------------------


def _lifted(archive: Archive) -> Leaf:
    account = archive.office.account
    return Leaf(
        kind=EventKind.HOLD_LIFTED,
        at=account.now(),
        by=archive.person.id,
        subject="H-0001",
        particulars={"n": 1, "until": 0},
        paper="d" * 64,
    )


def test_what_somebody_appended_to_the_ledger_stops_every_deed(archive):
    account = archive.office.account
    with archive.office.catalogue.writing_raw() as connection:
        holds.lift(connection, 1, at=account.now_micros(), by=archive.person.id)
        ledger.append(connection, [_lifted(archive)], None)

    assert "edited behind us" in str(refused(archive, lambda: night(archive), LedgerDamaged))


def test_a_ledger_put_back_to_before_a_hold_is_caught_by_its_copy(archive):
    with archive.office.catalogue.reading() as connection:
        size = ledger.head(connection).size
        was = dict(connection.execute(tables.ledger_head.select()).mappings().one())
    archive.issue_hold(DUE, matter="Poe v. City")
    forge(
        archive,
        delete(tables.coverage).where(tables.coverage.c.hold_n == 3),
        delete(tables.holds).where(tables.holds.c.n == 3),
        delete(tables.matters).where(tables.matters.c.matter == "M-0003"),
        delete(tables.ledger_entries).where(tables.ledger_entries.c.seq >= size),
        update(tables.ledger_head).values(was),
    )

    refused(archive, lambda: night(archive), LedgerDamaged)
