"""Sampling: what nobody has tried goes only after a person found no record in a sample of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from archiver.catalogue import items, plans, samples
from archiver.catalogue.plans import PlanRow
from archiver.procedures import (
    adopting,
    approving,
    gathering,
    judging,
    planning,
    purging,
    restricting,
    sample_endings,
)
from archiver.procedures.approving import Document
from archiver.procedures.carrying import carry_out_approved
from archiver.procedures.judging import Sample
from archiver.procedures.papers import paper_of
from archiver.procedures.planning import Wanted
from archiver.procedures.purging import Purged
from archiver.procedures.sample_problems import sample_problems
from archiver.records.adoption import StillOnPlatform
from archiver.records.approval import Terms
from archiver.records.errors import NotApproved, NotFound, NotPermitted
from archiver.records.people import Means, Person, Role, SignedIn
from archiver.records.sampling import Judgement, Sampling, Share, rank
from tests.archive import Archive, a_colleague, an_archive, an_observation
from tests.procedures.test_adopting import OWN_RULE, RECORD, SCHEDULE, adopted, use
from tests.procedures.test_approving import enrol
from tests.procedures.test_rebuild import check_the_same, dumped, lose_the_catalogue, rebuilt
from tests.procedures.test_verify import proved
from tests.proofs import invariants
from tests.proofs.invariants import told

OTHER_RULE = OWN_RULE.replace('id = "thanks"', 'id = "greeting"').replace('"thanks"]', '"hello"]')
BY_RULES = replace(RECORD, still_on_platform=StillOnPlatform.DESTROY)
BY_BOTH = replace(BY_RULES, automatic=frozenset({"rules", "model"}))
ON = Sampling()


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    """An archive that has adopted a schedule of its own, by whose rules items may go."""
    archive = an_archive(tmp_path, index="memory:")
    use(archive, SCHEDULE + OTHER_RULE)
    archive.colleague = a_colleague(archive, Role.RECORDS_OFFICER)
    enrol(archive, archive.person, archive.colleague)
    adopted(archive, BY_RULES)
    yield archive
    assert invariants.faults_of(archive) == []
    archive.office.close()


def signed(person: Person) -> SignedIn:
    return SignedIn(person=person, means=Means.OS_ACCOUNT)


def after(archive: Archive, days: int) -> None:
    archive.clock.forward(days=days)
    archive.capture()


def thanked(archive: Archive, count: int, *, text: str = "Thanks!", begin: int = 1) -> None:
    """Capture *count* items that a rule takes for transitory, and let them lapse."""
    at = archive.clock.now
    archive.capture(*(an_observation(str(n), text, at=at) for n in range(begin, begin + count)))
    after(archive, 100)


def purged(archive: Archive, sampling: Sampling = ON, *, carry_out: bool = True) -> Purged:
    office = archive.office
    with office.disposer() as disposer:
        return purging.purge(
            replace(disposer, sampling=sampling),
            office.service,
            office.schedule,
            carry_out_too=carry_out,
        )


def sample_of(archive: Archive, name: str = "") -> Sample:
    account = archive.office.account
    return judging.sample_of(account, name or judging.newest(account, limit=1)[0].plan.plan)


def judge(archive: Archive, *some: str, record: bool = False, by: Person | None = None) -> Sample:
    judgement = Judgement.RECORD if record else Judgement.TRANSITORY
    name = sample_of(archive).plan.plan
    account, person = archive.office.account, by or archive.person
    return judging.judge(account, signed(person), name, some, judgement, reason="read")


def confirm(archive: Archive, counted: int | None = None, *, by: Person | None = None) -> Sample:
    account, person = archive.office.account, by or archive.person
    name = sample_of(archive).plan.plan
    return judging.confirm(account, signed(person), name, counted=counted)


def drawn(archive: Archive) -> list[str]:
    return [item.item for item in sample_of(archive).drawn.items]


def lives(archive: Archive, *native_ids: str) -> list[str]:
    return [archive.item(n).life for n in native_ids]


def kinds(archive: Archive) -> list[str]:
    return [leaf["k"] for leaf in told(archive) if leaf["k"].startswith("sample.")]


def plan_row(archive: Archive, name: str) -> PlanRow:
    return planning.named(archive.office.account, name)


# --- a rule's first items -------------------------------------------------------------------------


def test_what_a_rule_takes_first_waits_for_a_person_and_goes_once_the_list_is_confirmed(archive):
    thanked(archive, 3)

    night = purged(archive)

    assert (night.due, night.destroyed) == (3, 0)
    assert night.sample == sample_of(archive).plan.plan
    assert len(drawn(archive)) == 3

    confirm(archive, 3)
    assert purged(archive).destroyed == 3
    assert lives(archive, "1", "2", "3") == ["destroyed"] * 3
    assert kinds(archive) == ["sample.drawn", "sample.confirmed"]
    assert plan_row(archive, night.sample).status == "carried_out"


def test_once_a_rule_is_tried_its_items_go_the_night_they_lapse(archive):
    thanked(archive, 2)
    purged(archive)
    confirm(archive, 2)
    purged(archive)
    thanked(archive, 2, begin=10)

    night = purged(archive)

    assert (night.destroyed, night.sample) == (2, "")


def test_a_rule_of_which_nothing_was_looked_at_is_tried_by_itself(archive):
    thanked(archive, 2)
    purged(archive)
    confirm(archive, 2)
    purged(archive)
    thanked(archive, 1, text="Hello", begin=10)

    night = purged(archive)

    assert (night.destroyed, len(drawn(archive))) == (0, 1)


def test_under_a_new_adoption_every_rule_is_tried_anew(archive):
    thanked(archive, 2)
    purged(archive)
    confirm(archive, 2)
    purged(archive)
    adopted(archive, replace(BY_RULES, number="508-2"))
    thanked(archive, 1, begin=10)

    night = purged(archive)

    assert (night.destroyed, night.due) == (0, 1)
    assert night.sample == sample_of(archive).plan.plan


def test_a_sample_confirmed_under_an_earlier_adoption_lets_nothing_go(archive):
    thanked(archive, 2)
    plan = purged(archive).sample
    confirm(archive, 2)
    adopted(archive, replace(BY_RULES, number="508-2"))

    assert purged(archive).destroyed == 0
    assert sample_of(archive).plan.plan != plan
    assert plan_row(archive, plan).status == "void"
    assert lives(archive, "1", "2") == ["live"] * 2


@pytest.mark.parametrize(("days", "gathered"), [(29, False), (30, True), (31, True)])
def test_what_a_model_took_is_gathered_every_month_and_never_tried_for_good(
    archive, days, gathered
):
    adopted(archive, BY_BOTH)
    archive.capture(an_observation("1", "Thanks!"))
    after(archive, 60)
    archive.capture(an_observation("2", "Thanks!", at=archive.clock.now))
    by_a_model(archive, "1", "2")
    after(archive, 40)
    first = purged(archive).sample
    confirm(archive, 1)
    assert purged(archive).destroyed == 1

    for _ in range(days):
        after(archive, 1)
        last = purged(archive).sample

    assert (sample_of(archive).plan.plan != first) is gathered
    assert bool(last) is (days == 30)
    assert archive.item("2").life == "live"


def by_a_model(archive: Archive, *native_ids: str) -> None:
    """Have a model's word stand for items, as a later classifier enters it."""
    rows = [replace(archive.item(n), basis="model", rule="") for n in native_ids]
    with archive.office.catalogue.writing() as desk:
        items.change(desk.connection, [r.sealed(archive.office.keys.archive) for r in rows])


def test_while_a_sample_waits_nothing_else_is_gathered(archive):
    thanked(archive, 1)
    first = purged(archive).sample
    thanked(archive, 1, begin=10)

    assert purged(archive).sample == ""
    assert sample_of(archive).plan.plan == first
    assert [problem.subject for problem in sample_problems(archive.office.account)] == [
        f"sample of {first}"
    ]


def test_where_sampling_is_off_nobody_is_asked(archive):
    thanked(archive, 2)

    night = purged(archive, Sampling(share=Share.OFF))

    assert (night.destroyed, kinds(archive)) == (2, [])


def test_where_the_configuration_says_propose_a_sample_is_drawn_and_nothing_goes(archive):
    thanked(archive, 2)
    plan = purged(archive, carry_out=False).sample
    confirm(archive, 2)

    assert purged(archive, carry_out=False).destroyed == 0
    assert plan_row(archive, plan).status == "proposed"


# --- a sample of many -----------------------------------------------------------------------------


def test_of_many_items_so_many_are_drawn_at_random_and_anybody_can_draw_them_again(archive):
    thanked(archive, 310)

    name = purged(archive, Sampling(share=Share.FIVE)).sample

    sample = sample_of(archive)
    row = sample.drawn.row
    assert (row.population, row.size, len(drawn(archive))) == (310, 59, 59)
    paper = paper_of(archive.office.account, "sample", row.paper)
    assert paper["bound"] == plan_row(archive, name).bound
    every = [archive.item_id(str(n)) for n in range(1, 311)]
    again = sorted(every, key=lambda item: rank(paper["bound"], paper["seed"], item))
    assert drawn(archive) == again[:59] == paper["items"]


def test_a_sample_is_confirmed_only_when_a_person_has_judged_all_of_it(archive):
    thanked(archive, 310)
    purged(archive, Sampling(share=Share.FIVE))
    some = drawn(archive)
    judge(archive, *some[:58])
    with pytest.raises(NotApproved, match="1 of 59 items drawn"):
        confirm(archive)

    judge(archive, *some)
    confirm(archive)

    assert purged(archive, Sampling(share=Share.FIVE)).destroyed == 310
    assert kinds(archive) == ["sample.drawn", *["sample.judged"] * 2, "sample.confirmed"]


def test_what_is_held_or_touched_leaves_the_sample_and_the_next_is_drawn_in_its_place(archive):
    thanked(archive, 310)
    purged(archive, Sampling(share=Share.FIVE))
    held, edited, *rest = before = drawn(archive)
    by_id = {archive.item_id(str(n)): str(n) for n in range(1, 311)}
    archive.issue_hold(by_id[held])
    archive.capture(an_observation(by_id[edited], "Thanks! Hello"))

    now = drawn(archive)

    assert now[:57] == rest
    assert (len(now), {held, edited} & set(now)) == (59, set())
    assert not set(now[57:]) & set(before)
    judge(archive, *now)
    confirm(archive)
    assert purged(archive, Sampling(share=Share.FIVE)).destroyed == 308
    assert lives(archive, by_id[held], by_id[edited]) == ["live"] * 2


# --- a record among them --------------------------------------------------------------------------


def test_one_record_stops_the_plan_and_sends_all_of_it_back_to_review(archive):
    thanked(archive, 3)
    name = purged(archive).sample

    sample = judge(archive, drawn(archive)[0], record=True)

    assert sample.drawn.row.status == "returned"
    assert plan_row(archive, name).status == "void"
    rows = [archive.item(n) for n in "123"]
    assert {(r.tag, r.basis, r.queued, r.rule) for r in rows} == {
        ("undetermined", "none", True, "thanks")
    }
    assert kinds(archive) == [
        "sample.drawn", "sample.judged", "sample.stopped", "sample.returned",
    ]  # fmt: skip
    (problem,) = sample_problems(archive.office.account)
    assert (problem.subject, "3 of its items wait in review" in problem.what) == (
        f"stopped {name}",
        True,
    )
    night = purged(archive)
    assert (night.due, night.destroyed, night.sample) == (0, 0, "")
    with pytest.raises(NotApproved, match="is returned"):
        confirm(archive, 3)
    assert proved(archive).ok


def test_a_record_that_was_not_drawn_stops_the_plan_as_well(archive):
    thanked(archive, 310)
    purged(archive, Sampling(share=Share.FIVE))
    every = {archive.item_id(str(n)) for n in range(1, 311)}
    (other, *_) = sorted(every - set(drawn(archive)))
    with pytest.raises(NotFound, match="was not drawn"):
        judge(archive, other)

    assert judge(archive, other, record=True).drawn.row.status == "returned"
    assert {archive.item(str(n)).tag for n in range(1, 311)} == {"undetermined"}


def test_a_stop_that_was_cut_short_is_finished_by_the_next_purge(archive):
    thanked(archive, 2)
    name = purged(archive).sample
    with archive.office.catalogue.writing() as desk:
        row = samples.of_plan(desk.connection, plan_row(archive, name).n)
        sample_endings.stopped(
            archive.office.account, desk.connection, row, at=1, by=archive.person.id
        )
    assert archive.item("1").tag == "transitory"

    assert purged(archive).destroyed == 0

    assert [archive.item(n).tag for n in "12"] == ["undetermined"] * 2
    assert sample_of(archive).drawn.row.status == "returned"


# --- who, and what else is refused ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.CLERK, True),
        (Role.RECORDS_OFFICER, True),
        (Role.COUNSEL, True),
        (Role.CHIEF, False),
        (Role.AUDITOR, False),
        (Role.ADMINISTRATOR, False),
    ],
)
def test_a_sample_is_judged_by_who_decides_what_items_are(archive, role, may):
    thanked(archive, 1)
    purged(archive)
    person = a_colleague(archive, role, name="judge")

    if may:
        assert confirm(archive, 1, by=person).drawn.row.by == person.id
    else:
        for deed in (
            lambda: confirm(archive, 1, by=person),
            lambda: judge(archive, *drawn(archive), by=person),
        ):
            with pytest.raises(NotPermitted):
                deed()
        assert sample_of(archive).drawn.row.status == "open"


def test_the_scheduler_confirms_no_sample(archive):
    thanked(archive, 1)
    purged(archive)

    with pytest.raises(NotPermitted):
        confirm(archive, 1, by=archive.office.service)


@pytest.mark.parametrize("counted", [None, 0, 1, 3])
def test_who_confirms_a_list_says_how_many_items_they_read(archive, counted):
    thanked(archive, 2)
    purged(archive)

    with pytest.raises(NotApproved, match="has 2 items"):
        confirm(archive, counted)

    assert purged(archive).destroyed == 0


def test_nobody_confirms_a_list_of_which_they_may_not_see_an_item(archive):
    thanked(archive, 3)
    close(archive, "2")
    proposed(archive)
    clerk = a_colleague(archive, Role.CLERK, name="judge")

    for counted in (None, 2, 3):
        with pytest.raises(NotPermitted, match="read restricted"):
            confirm(archive, counted, by=clerk)

    assert sample_of(archive).drawn.row.status == "open"
    assert confirm(archive, 3).drawn.row.status == "confirmed"


def test_who_may_not_see_what_was_drawn_confirms_what_others_judged(archive):
    thanked(archive, 300)
    close(archive, *map(str, range(1, 301)))
    proposed(archive, Sampling(share=Share.FIVE))
    judge(archive, *drawn(archive))
    clerk = a_colleague(archive, Role.CLERK, name="judge")

    assert confirm(archive, by=clerk).drawn.row.by == clerk.id


def close(archive: Archive, *native_ids: str) -> None:
    """Have a person restrict items; these are on no plan but one that people approve."""
    office, ids = archive.office, [archive.item_id(n) for n in native_ids]
    restricting.restrict(office.account, office.objects, archive.person, ids, reason="a minor")


def proposed(archive: Archive, sampling: Sampling = ON) -> planning.Plan:
    """Make a plan for people to approve, of all that is due."""
    account, law = archive.office.account, archive.office.schedule
    on = account.today()
    return planning.plan(account, archive.person, law, on=on, wanted=Wanted(), sampling=sampling)


def test_a_sample_edited_behind_us_confirms_nothing(archive):
    thanked(archive, 1)
    name = purged(archive).sample
    with archive.office.catalogue.writing() as desk:
        row = samples.of_plan(desk.connection, plan_row(archive, name).n)
        samples.change(desk.connection, replace(row, status="confirmed", passed='["thanks"]'))

    assert purged(archive).destroyed == 0
    assert archive.item("1").life == "live"


def test_a_new_version_of_the_schedule_closes_the_sample(archive):
    thanked(archive, 1)
    purged(archive)
    use(archive, SCHEDULE.replace("A small schedule", "A small schedule."))

    with pytest.raises(NotApproved, match="is void"):
        confirm(archive, 1)
    assert sample_problems(archive.office.account) == ()


# --- plans that people approve --------------------------------------------------------------------


def test_a_plan_that_people_approve_waits_for_its_sample_too(archive):
    thanked(archive, 2)
    account, schedule = archive.office.account, archive.office.schedule
    made = proposed(archive)
    terms = Terms(grace_days=0)
    for step, by in zip(made.chain, (archive.person, archive.colleague), strict=True):
        approving.approve(
            account,
            signed(by),
            made.name,
            step,
            schedule=schedule,
            terms=terms,
            document=Document(),
        )

    def carried_out() -> int:
        with archive.office.disposer() as disposer:
            return carry_out_approved(
                disposer,
                signed(archive.person),
                made.name,
                schedule,
                terms=terms,
                on=account.today(),
            ).destroyed

    with pytest.raises(NotApproved, match="sample of P-000001 is not confirmed"):
        carried_out()
    confirm(archive, 2)

    assert carried_out() == 2


# --- from the object store alone ------------------------------------------------------------------


def test_a_rebuild_brings_samples_back_open_confirmed_and_stopped(archive):
    thanked(archive, 2)
    purged(archive)
    confirm(archive, 2)
    purged(archive)
    thanked(archive, 310, text="Hello", begin=1000)
    purged(archive, Sampling(share=Share.FIVE))
    judge(archive, *drawn(archive)[:5])
    before = dumped(archive)
    lose_the_catalogue(archive)

    rebuilt(archive)

    before["plans"] = [row for row in before["plans"] if row["status"] != "empty"]
    check_the_same(before, dumped(archive))
    judge(archive, drawn(archive)[7], record=True)
    before = dumped(archive)
    lose_the_catalogue(archive)
    rebuilt(archive)
    after = dumped(archive)
    for table in ("samples", "judgements", "items"):
        assert after[table] == before[table]
    assert json.loads(after["samples"][0]["passed"]) == ["thanks"]


def test_the_modules_of_samples_read_plans_by_their_own_rows(archive):
    thanked(archive, 1)
    name = purged(archive).sample
    confirm(archive, 1)

    (ready,) = gathering.ready(archive.office.account, archive.office.schedule, ON)

    with archive.office.catalogue.reading() as connection:
        row = plans.plan_called(connection, name)
    assert (ready.n, ready.bound, ready.attended) == (row.n, row.bound, False)
    assert (
        adopting.listed(archive.office.account)[-1].row.adoption
        == sample_of(archive).drawn.row.adoption
    )


def test_a_sample_confirmed_behind_us_is_named_by_verify(archive):
    thanked(archive, 1)
    name = purged(archive).sample
    assert proved(archive).ok
    with archive.office.catalogue.writing() as desk:
        row = samples.of_plan(desk.connection, plan_row(archive, name).n)
        samples.change(desk.connection, replace(row, status="confirmed"))

    assert [fault.name for fault in proved(archive).edited] == [f"sample of {name}"]
