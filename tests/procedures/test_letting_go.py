"""Matters, narrowing, lifting: in writing, shown first, and never by who destroys afterwards."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date, timedelta

import pytest

from archiver.catalogue import adoptions
from archiver.catalogue import holds as held_rows
from archiver.objects.memory import MemoryStore
from archiver.ports import NewObject
from archiver.procedures import (
    adopting,
    dispose,
    evaluating,
    foreseeing,
    hold,
    lifting,
    matters,
    surrounding,
)
from archiver.procedures.instruments import LARGEST, Instrument
from archiver.procedures.papers import paper_of
from archiver.records.errors import (
    ConfigInvalid,
    DestructionUnproven,
    NotFound,
    NotPermitted,
    UnderHold,
)
from archiver.records.events import EventKind
from archiver.records.holds import Neighbours, Scope
from archiver.records.identity import ObjectRef, Part, sha256
from archiver.records.matters import MatterKind, NewMatter
from archiver.records.moments import micros
from archiver.records.people import Means, Role, SignedIn
from archiver.records.sampling import Sampling, Share
from archiver.records.schedules import Schedule
from tests.archive import (
    FOUNDED_AT,
    LETTER,
    TRANSITORY,
    Archive,
    a_colleague,
    a_comment,
    an_observation,
)
from tests.procedures.test_approving import enrol
from tests.proofs import invariants
from tests.proofs.invariants import rows, told


def held(archive: Archive, natives: str) -> set[str]:
    return {n for n in natives if archive.held_by(n)}


# --- matters --------------------------------------------------------------------------------------


def test_a_text_opens_a_matter_and_the_same_text_finds_it_again(archive):
    first = archive.issue_hold(query="zebra", matter="Doe v. City")
    second = archive.issue_hold(query="lion", matter="Doe v. City")
    other = archive.issue_hold(query="lion", matter="Roe v. City")
    claim = archive.issue_hold(query="lion", matter="Doe v. City", kind=MatterKind.CLAIM)

    found = [one.matter for one in (first, second, other, claim)]
    assert found == ["M-0001", "M-0001", "M-0002", "M-0003"]
    assert [leaf["s"] for leaf in told(archive) if leaf["k"] == "matter.opened"] == [
        "M-0001", "M-0002", "M-0003"
    ]  # fmt: skip
    assert invariants.t2_the_ledger_tells_no_text(archive, "Doe", "Roe") == []


def test_a_matter_is_closed_only_when_none_of_its_holds_binds(archive):
    account, person = archive.office.account, archive.person
    archive.issue_hold(query="zebra")

    with pytest.raises(UnderHold, match="H-0001 of M-0001"):
        matters.close_matter(account, person, "M-0001", reason="settled")
    archive.lift_hold("H-0001")
    matters.close_matter(account, person, "M-0001", reason="settled")

    with pytest.raises(NotFound, match="closed before"):
        matters.close_matter(account, person, "M-0001", reason="again")
    with pytest.raises(ConfigInvalid, match="M-0001 is closed"):
        hold.issue(account, person, matter="M-0001", reason="r", scope=Scope())
    with pytest.raises(NotFound, match="no matter M-0009"):
        hold.issue(account, person, matter="M-0009", reason="r", scope=Scope())
    assert archive.issue_hold(query="zebra").matter == "M-0002"


def test_a_matter_opened_by_itself_is_named_by_its_id(archive):
    account = archive.office.account
    new = NewMatter(name="audit of 2026", kind=MatterKind.AUDIT, text="the state auditor")
    row = matters.open_matter(account, archive.person, new)

    issued = hold.issue(account, archive.person, matter=row.matter.id, reason="r", scope=Scope())

    ((known),) = matters.every(account)
    assert (known.row.matter.kind, known.holds) == (MatterKind.AUDIT, (issued.hold,))


# --- threads, and what lies around ----------------------------------------------------------------


def test_a_hold_on_a_thread_covers_it_whole_and_what_joins_it_later(archive):
    archive.capture(an_observation("1"), a_comment("2", on="1"), an_observation("3"))

    assert archive.issue_hold(threads="1").covered == 2
    archive.capture(a_comment("4", on="1"), a_comment("5", on="3"))

    assert held(archive, "12345") == {"1", "2", "4"}


def test_the_threads_and_authors_around_what_a_search_finds_are_taken_in(archive):
    archive.capture(
        an_observation("1", author="town"),
        a_comment("2", "a zebra", on="1", author="ann"),
        an_observation("3", author="town"),
        a_comment("4", "nothing", on="3", author="ann"),
        a_comment("5", "nothing", on="3", author="bob"),
    )
    account = archive.office.account
    issued = archive.issue_hold(query="zebra")

    def around(*kinds):
        return surrounding.take_in(
            account, archive.person, issued.hold, frozenset(kinds), review_days=9
        ).covered

    assert issued.covered == 1
    assert around(Neighbours.THREADS) == 2
    assert around(Neighbours.AUTHORS) == 2
    assert around(*Neighbours) == 3


# --- lifting --------------------------------------------------------------------------------------


def test_lifting_keeps_the_written_authority(archive):
    archive.issue_hold(query="zebra")
    archive.lift_hold("H-0001")

    (leaf,) = [leaf for leaf in told(archive) if leaf["k"] == "hold.lifted"]
    authority = paper_of(archive.office.account, "lift", leaf["p"])["authority"]
    assert (authority["name"], authority["sha256"]) == ("letter.txt", sha256(LETTER.data))
    kept = paper_of(archive.office.account, "document", authority["document"])
    assert base64.b64decode(kept["base64"]) == LETTER.data


@pytest.mark.parametrize("data", [b"", b"x" * (LARGEST + 1)], ids=["empty", "too large"])
def test_without_a_letter_nothing_is_lifted(archive, data):
    archive.issue_hold(query="zebra")

    with pytest.raises(ConfigInvalid, match="signed document"):
        _lift(archive, authority=Instrument("letter.txt", data))

    assert hold.named(archive.office.account, "H-0001").hold.binds


def _lift(archive: Archive, *, authority: Instrument = LETTER) -> None:
    account, signed = archive.office.account, archive.office.sign_in()
    try:
        lifting.lift(account, signed, "H-0001", reason="r", authority=authority, cool_down_days=0)
    except ConfigInvalid as error:
        raise ConfigInvalid(f"{error} {error.remedy}") from error


def adopt(archive: Archive, schedule: Schedule) -> None:
    """Have the adoption that *schedule* brings stand in the catalogue, as of a real one."""
    assert schedule.adoption is not None
    account, by = archive.office.account, archive.person.id
    made = {"name": schedule.name, "schedule": schedule.digest, "promises": {}, "accepted": {}}
    made |= {"adoption": schedule.adoption.to_json()}
    paper, at = account.paper("adoption", made), account.now()
    row = adopting.row_of("A-0001", made, at=micros(at), by=by, paper=paper).sealed(account.key)
    with account.catalogue.writing() as desk:
        adoptions.add(desk.connection, row, account.key)
        adopting.put_in_force(desk.connection, row, account.key, at=micros(at), by=by)
        for kind in (EventKind.ADOPTION_PROPOSED, EventKind.ADOPTION_CONFIRMED):
            account.enter(desk, kind, by=by, subject="A-0001", paper=paper, at=at)


@pytest.mark.parametrize("how", ["lift", "narrow"])
def test_who_lets_go_may_not_carry_out_a_plan_with_what_was_let_go(archive, how):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    archive.issue_hold("1", "2")
    counsel = a_colleague(archive, Role.COUNSEL, Role.RECORDS_OFFICER)
    signed = SignedIn(person=counsel, means=Means.OS_ACCOUNT)
    account = archive.office.account
    deed = {"reason": "r", "authority": LETTER, "cool_down_days": 0}
    if how == "lift":
        lifting.lift(account, signed, "H-0001", **deed)
    else:
        lifting.narrow(account, signed, "H-0001", scope=archive.scope("2"), **deed)
    archive.let_pass(days=90)
    plan = archive.plan()
    in_earnest = replace(archive.office.schedule, demonstration=False)
    adopt(archive, in_earnest)
    enrol(archive, archive.person, counsel)

    with archive.office.disposer() as disposer:
        with pytest.raises(NotPermitted, match="H-0001"):
            dispose.carry_out(disposer, counsel, plan, in_earnest, on=account.today())
        unsampled = replace(disposer, sampling=Sampling(share=Share.OFF))
        receipt = dispose.carry_out(unsampled, archive.person, plan, in_earnest, on=account.today())

    assert receipt.destroyed == (2 if how == "lift" else 1)
    assert [leaf["k"] for leaf in told(archive)].count("disposition.refused") == 1


# --- what would fall due --------------------------------------------------------------------------


def test_what_would_fall_due_is_said_by_series_with_its_first_day(archive):
    archive.capture(
        an_observation("1", TRANSITORY), an_observation("2", TRANSITORY), an_observation("3")
    )
    archive.issue_hold("1", "2", "3")
    archive.issue_hold("2")
    account = archive.office.account
    row = hold.named(account, "H-0001")

    young = foreseeing.foresee(account, archive.office.schedule, row, cool_down_days=30)
    archive.let_pass(days=90)
    old = foreseeing.foresee(account, archive.office.schedule, row, cool_down_days=30)

    assert (young.items, young.otherwise_held) == (2, 1)
    assert young.series["DEMO-100"] == (1, date(2026, 5, 2))
    assert young.first_day == date(2026, 5, 2)
    assert old.first_day == account.today() + timedelta(days=30)
    (later,) = [day for name, (_, day) in old.series.items() if name != "DEMO-100"]
    assert later == date(2031, 3, 3)  # what is no transitory item falls due as well, in its time


def test_what_a_narrowing_would_let_go_is_said_before(archive):
    archive.capture(*(an_observation(n, TRANSITORY) for n in "123"))
    archive.issue_hold("1", "2", "3")
    account = archive.office.account
    row = hold.named(account, "H-0001")

    seen = foreseeing.foresee_narrowing(
        account, archive.person, archive.office.schedule, row, archive.scope("1"), cool_down_days=0
    )

    assert seen.items == 2
    assert held(archive, "123") == {"1", "2", "3"}


# --- narrowing ------------------------------------------------------------------------------------


def test_what_leaves_a_narrowed_hold_cools_down_and_the_rest_stays(archive):
    archive.capture(*(an_observation(n, TRANSITORY) for n in "123"))
    archive.issue_hold("1", "2", "3")
    archive.let_pass(days=90)

    narrowed = archive.narrow_hold("H-0001", without="1", cool_down_days=30)

    assert (narrowed.left, narrowed.covered) == (1, 2)
    assert held(archive, "123") == {"2", "3"}
    assert archive.purge().destroyed == 0
    archive.let_pass(days=30)
    assert archive.purge().destroyed == 1
    assert archive.item("1").life == "destroyed"


def test_a_narrowed_hold_binds_later_captures_only_within_what_stayed(archive):
    archive.issue_hold(pages=[archive.office.keys.archive.page("scripted", archive.page.identity)])
    archive.capture(an_observation("1", "a zebra"), an_observation("2"))
    archive.narrow_hold("H-0001", query="zebra")

    archive.capture(an_observation("3", "a zebra"), an_observation("4"))
    archive.capture(an_observation("2", "now with a zebra"))

    assert held(archive, "1234") == {"1", "2", "3"}


def test_each_narrowing_narrows_what_the_last_one_left(archive):
    archive.capture(*(an_observation(n, at=FOUNDED_AT - timedelta(days=int(n))) for n in "1234"))
    archive.issue_hold(since=FOUNDED_AT - timedelta(days=9))

    archive.narrow_hold("H-0001", since=FOUNDED_AT - timedelta(days=3))
    archive.narrow_hold("H-0001", until=FOUNDED_AT - timedelta(days=1))

    assert held(archive, "1234") == {"2", "3"}
    scopes = hold.named(archive.office.account, "H-0001").hold.scopes
    assert len(scopes) == 3


def test_a_narrowing_that_names_nothing_is_refused(archive):
    archive.issue_hold(query="zebra")

    with pytest.raises(ConfigInvalid, match="what stays covered"):
        archive.narrow_hold("H-0001")
    archive.lift_hold("H-0001")
    with pytest.raises(NotFound, match="lifted before"):
        archive.narrow_hold("H-0001", query="zebra")


def test_a_clerk_may_not_narrow(archive):
    archive.issue_hold(query="zebra")
    clerk = SignedIn(person=a_colleague(archive, Role.CLERK), means=Means.OS_ACCOUNT)

    with pytest.raises(NotPermitted):
        lifting.narrow(
            archive.office.account,
            clerk,
            "H-0001",
            reason="r",
            authority=LETTER,
            scope=Scope(items=frozenset("x")),
            cool_down_days=0,
        )


def test_a_narrowing_that_was_cut_short_binds_everything_until_it_is_finished(archive):
    archive.capture(*(an_observation(n, TRANSITORY) for n in "123"))
    archive.issue_hold("1", "2", "3")
    archive.narrow_hold("H-0001", "3", cool_down_days=0)
    with archive.office.catalogue.writing() as desk:
        for statement in (
            "UPDATE narrowings SET swept_to = 0, done = false",
            "DELETE FROM departures",
            "DELETE FROM coverage",
            "INSERT INTO coverage (item_n, hold_n) SELECT n, 1 FROM items",
        ):
            desk.connection.exec_driver_sql(statement)
    archive.let_pass(days=90)
    assert archive.purge().destroyed == 0

    assert hold.finish(archive.office.account) == 1

    assert held(archive, "123") == {"3"}
    assert archive.purge().destroyed == 2


def test_a_narrowing_in_many_small_batches_lets_go_the_same(archive, monkeypatch):
    monkeypatch.setattr(lifting, "BATCH", 2)
    archive.capture(*(an_observation(n, "a zebra") for n in "1234567"))
    archive.issue_hold(query="zebra")

    assert archive.narrow_hold("H-0001", without="1357").left == 4
    assert held(archive, "1234567") == {"2", "4", "6"}


# --- reviews --------------------------------------------------------------------------------------


def test_a_review_sets_the_next_one_and_the_hold_stands(archive):
    archive.capture(an_observation("1"))
    account = archive.office.account
    archive.issue_hold("1")
    first = hold.named(account, "H-0001").review_on
    archive.clock.forward(days=180)

    on = hold.review(account, archive.person, "H-0001", reason="trial is set", days=90)

    assert date.fromordinal(first) == FOUNDED_AT.date() + timedelta(days=180)
    assert on == account.today() + timedelta(days=90)
    assert hold.named(account, "H-0001").review_on == on.toordinal()
    assert held(archive, "1") == {"1"}
    archive.lift_hold("H-0001")
    with pytest.raises(NotFound, match="lifted before"):
        hold.review(account, archive.person, "H-0001", reason="again", days=90)


# --- a store that flags objects -------------------------------------------------------------------


class Flagged(MemoryStore):
    """A store of objects of our own, that remembers what it was asked in which order."""

    def __init__(self, archive: Archive) -> None:
        super().__init__(may_destroy=True)
        self._archive = archive
        self.statuses: list[str] = []

    def hold(self, owners) -> None:
        super().hold(owners)
        self.statuses += [row["status"] for row in rows(self._archive, "SELECT status FROM holds")]
        assert "hold.bound" not in [leaf["k"] for leaf in told(self._archive)]


def a_store(archive: Archive, natives: str) -> tuple[Flagged, dict[str, str]]:
    store, owners = Flagged(archive), {n: archive.item_id(n) for n in natives}
    for n, owner in owners.items():
        ref = ObjectRef(owner=owner, part=Part.CONTENT, digest=sha256(n.encode()), slot="")
        store.keep([NewObject(ref, n.encode())])
    return store, owners


def can_go(store: MemoryStore, owner: str) -> bool:
    try:
        store.destroy([owner])
    except DestructionUnproven:
        return False
    return True


def test_the_store_has_flagged_what_a_hold_covers_before_it_is_acknowledged(archive, monkeypatch):
    monkeypatch.setattr(evaluating, "BATCH", 1)
    archive.capture(an_observation("1"), an_observation("2"), an_observation("3"))
    store, owners = a_store(archive, "123")

    issued = hold.issue(
        archive.office.account,
        archive.person,
        matter=NewMatter(name="m"),
        reason="r",
        scope=archive.scope("1", "2"),
        store=store,
    )

    assert issued.covered == 2
    assert store.statuses == ["evaluating"] * 2
    assert [can_go(store, owners[n]) for n in "123"] == [False, False, True]


def test_the_store_lets_go_of_what_no_hold_covers_any_more(archive):
    archive.capture(*(an_observation(n) for n in "123"))
    store, owners = a_store(archive, "123")
    account, signed = archive.office.account, archive.office.sign_in()
    store.hold(list(owners.values()))
    archive.issue_hold("1", "2")
    archive.issue_hold("2", "3")
    deed = {"reason": "r", "authority": LETTER, "cool_down_days": 0, "store": store}

    lifting.lift(account, signed, "H-0001", **deed)
    after_the_lift = [can_go(store, owners[n]) for n in "123"]
    lifting.narrow(account, signed, "H-0002", scope=archive.scope("2"), **deed)

    assert after_the_lift == [True, False, False]
    assert [can_go(store, owners[n]) for n in "23"] == [False, True]


def test_a_hold_tells_its_counts_in_the_entry_that_acknowledges_it(archive):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    archive.issue_hold("2")
    archive.let_pass(days=90)
    archive.purge()
    archive.issue_hold("1", "2")

    bound = [leaf for leaf in told(archive) if leaf["k"] == "hold.bound"]

    assert [(leaf["s"], leaf["d"]["n"], leaf["d"]["g"]) for leaf in bound] == [
        ("H-0001", 1, 0), ("H-0002", 1, 1)
    ]  # fmt: skip
    with archive.office.catalogue.reading() as connection:
        assert all(row.bound_at is not None for row in held_rows.every(connection))
