"""Attended disposition: planned by one, approved by others, carried out no further than that."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import delete

from archiver.catalogue import credentials, disposals, items, plans, tables
from archiver.catalogue.credentials import CredentialsRow
from archiver.printing import as_pdf
from archiver.procedures import (
    amending,
    approving,
    authority,
    certifying,
    dispose,
    lifting,
    planning,
    purging,
    requests,
)
from archiver.procedures.approving import Chain, Document
from archiver.procedures.carrying import carry_out_approved, saved
from archiver.procedures.certificate_sheets import certificate_sheet
from archiver.procedures.errands import Receipt
from archiver.procedures.ledger_proof import prove_entry
from archiver.procedures.papers import paper_of
from archiver.procedures.plan_sheets import COLUMNS, plan_rows, plan_sheet
from archiver.procedures.planning import Plan, Wanted
from archiver.procedures.purging import Purged
from archiver.procedures.requests import NewRequest
from archiver.procedures.reviews_waiting import reviews_waiting
from archiver.records import ceiling
from archiver.records.approval import Standing, Terms
from archiver.records.captures import ThreadListed
from archiver.records.disposition import Action
from archiver.records.errors import (
    CeilingReached,
    ClockDoubted,
    DestructionUnproven,
    NotApproved,
    NotFound,
    NotPermitted,
    QuorumMissing,
)
from archiver.records.holds import Scope
from archiver.records.people import Means, Person, Role, SignedIn
from archiver.records.requests import RequestKind
from archiver.records.schedules import Schedule
from tests.archive import (
    FOUNDED_AT,
    LETTER,
    SUBSTANTIVE,
    TRANSITORY,
    Archive,
    a_colleague,
    a_comment,
    a_copy_of,
    an_archive,
    an_observation,
)
from tests.procedures.test_rebuild import (
    DyingStore,
    Interrupted,
    check_the_same,
    dumped,
    lose_the_catalogue,
    rebuilt,
)
from tests.proofs import invariants
from tests.proofs.invariants import told

TERMS = Terms(grace_days=7)
TWO_YEARS = 365 * 2 + 2


@pytest.fixture
def lapsed(tmp_path) -> Iterator[Archive]:
    """An archive with a person's word on two substantive posts that lapsed long ago."""
    archive = a_copy_of(_long_lapsed, tmp_path)
    yield archive
    archive.office.close()


def _long_lapsed(folder: Path) -> Archive:
    archive = an_archive(folder, index="memory:")
    archive.capture(
        an_observation("1", SUBSTANTIVE),
        a_comment("2", SUBSTANTIVE, on="1"),
        an_observation("3", SUBSTANTIVE),
        an_observation("4", TRANSITORY),
    )
    decided_long_ago(archive, "1", "2", "3")
    return archive


@pytest.fixture
def archive(lapsed) -> Iterator[Archive]:
    """The same, of which every invariant holds at the end, too."""
    yield lapsed
    assert invariants.faults_of(lapsed) == []


def decided_long_ago(archive: Archive, *native_ids: str) -> None:
    """Have a person put items into DEMO-200, and let its two years pass."""
    for native_id in native_ids:
        archive.decide(native_id, reason="an answer to the public")
    archive.clock.forward(days=TWO_YEARS)
    archive.capture()


@pytest.fixture
def chief(archive) -> Person:
    found = a_colleague(archive, Role.CHIEF, name="chief")
    enrol(archive, archive.person, found)
    return found


def enrol(archive: Archive, *people: Person) -> None:
    """Give *people* credentials, so that they count among those who can approve."""
    for person in people:
        row = CredentialsRow(
            person=person.id, passphrase="", secret=b"", enrolled_at=0, last_step=0
        )
        with archive.office.catalogue.writing() as desk:
            credentials.put(desk.connection, row)


def signed(person: Person) -> SignedIn:
    return SignedIn(person=person, means=Means.OS_ACCOUNT)


def planned(archive: Archive, *series: str, by: Person | None = None) -> Plan:
    account = archive.office.account
    return planning.plan(
        account,
        by or archive.person,
        archive.office.schedule,
        on=account.today(),
        wanted=Wanted(series=series),
    )


def approve(
    archive: Archive,
    plan: Plan,
    step: str,
    by: Person,
    *,
    file: Path | None = None,
    schedule: Schedule | None = None,
    terms: Terms = TERMS,
) -> Chain:
    return approving.approve(
        archive.office.account,
        signed(by),
        plan.name,
        step,
        schedule=schedule or archive.office.schedule,
        terms=terms,
        document=Document(file=file),
    )


def approved(archive: Archive, plan: Plan, chief: Person) -> Chain:
    """Have the two steps of the demonstration's chain taken, and the grace period pass."""
    approve(archive, plan, "records_custodian", archive.person)
    found = approve(archive, plan, "department_head", chief)
    archive.clock.forward(days=TERMS.grace_days)
    return found


def carried_out(
    archive: Archive,
    plan: Plan,
    *,
    by: Person | None = None,
    schedule: Schedule | None = None,
    terms: Terms = TERMS,
    confirmed: int | None = None,
) -> Receipt:
    account = archive.office.account
    with archive.office.disposer() as disposer:
        return carry_out_approved(
            disposer,
            signed(by or archive.person),
            plan.name,
            schedule or archive.office.schedule,
            terms=terms,
            on=account.today(),
            confirmed=confirmed,
        )


def lives(archive: Archive) -> list[str]:
    return [archive.item(n).life for n in "1234"]


def kinds(archive: Archive) -> list[str]:
    return [leaf["k"] for leaf in told(archive) if leaf["k"].startswith("disposition.")]


# --- the way --------------------------------------------------------------------------------------


def test_what_is_planned_approved_by_two_and_rested_is_destroyed_and_certified(archive, chief):
    plan = planned(archive)
    assert (plan.due, plan.chain) == (
        4,
        ("records_custodian", "department_head", "adopted_schedule"),
    )

    assert approved(archive, plan, chief).standing is Standing.RESTING
    receipt = carried_out(archive, plan)

    assert receipt.destroyed == 4
    assert lives(archive) == ["destroyed"] * 4
    with archive.office.catalogue.reading() as connection:
        assert disposals.usual_night(connection, since=0) == 4
    assert kinds(archive) == [
        "disposition.planned",
        "disposition.approved",
        "disposition.approved",
        "disposition.begun",
        "disposition.done",
        "disposition.ended",
    ]
    (certificate,) = certifying.certificates(archive.office.account, plan.name)
    assert [a["step"] for a in certificate["approvals"]] == ["records_custodian", "department_head"]
    assert [a["name"] for a in certificate["approvals"]] == [archive.person.name, "Chief"]
    assert {one["number"]: one["items"] for one in certificate["series"]}["DEMO-100"] == 1
    assert sum(one["bytes"] for one in certificate["series"]) > 0
    assert certificate["authority"]["instrument"]
    assert "patrol" not in json.dumps(certificate)


def test_without_adoption_nothing_is_even_proposed(archive):
    account = archive.office.account
    bare = replace(archive.office.schedule, adoption=None)

    found = planning.plan(account, archive.person, bare, on=account.today(), wanted=Wanted())

    assert (found.due, len(found.stayed)) == (0, 0)


def test_a_plan_can_be_of_one_series_or_one_page(archive):
    account = archive.office.account
    assert planned(archive, "DEMO-100").due == 1
    assert planned(archive, "DEMO-100").chain == ("second_person", "adopted_schedule")
    page = archive.item("1").page_n
    for pages, due in ((frozenset({page}), 4), (frozenset({page + 1}), 0)):
        wanted = Wanted(pages=pages)
        made = planning.plan(
            account, archive.person, archive.office.schedule, on=account.today(), wanted=wanted
        )
        assert made.due == due


def test_the_purge_looks_at_its_own_days_whatever_people_plan(archive):
    planned(archive)

    assert archive.purge().destroyed == 1
    assert planned(archive).due == 3


# --- who ------------------------------------------------------------------------------------------


def test_a_plan_tells_only_of_what_it_would_do_itself_that_it_is_due_and_stays(archive):
    archive.issue_hold("3")
    account, schedule = archive.office.account, archive.office.schedule

    told = {
        action: [
            item
            for item, _ in planning.plan(
                *(account, archive.person, schedule),
                on=account.today(),
                wanted=Wanted(action=action),
            ).stayed
        ]
        for action in (Action.DESTROY, Action.TRANSFER, Action.REVIEW)
    }

    held = [archive.item_id("3")]
    assert told == {Action.DESTROY: held, Action.TRANSFER: [], Action.REVIEW: []}


def test_who_proposed_cannot_approve_for_another_and_every_refusal_is_entered(archive, chief):
    plan = planned(archive)
    approve(archive, plan, "records_custodian", archive.person)

    with pytest.raises(NotPermitted, match="proposed the plan"):
        approve(archive, plan, "department_head", archive.person)

    assert kinds(archive)[-1] == "disposition.refused"
    assert approve(archive, plan, "department_head", chief).waits_for is None


@pytest.mark.usefixtures("chief")
def test_the_scheduler_takes_no_step(archive):
    plan = planned(archive)

    with pytest.raises(NotPermitted):
        approve(archive, plan, "records_custodian", archive.office.service)


def test_who_may_not_dispose_does_not_carry_out_what_others_approved(archive, chief):
    plan = planned(archive)
    approved(archive, plan, chief)

    with pytest.raises(NotPermitted):
        carried_out(archive, plan, by=chief)


def test_one_person_alone_destroys_nothing_but_in_a_demonstration(lapsed):
    archive = lapsed
    plan = planned(archive)

    with pytest.raises(QuorumMissing):
        approve(archive, plan, "records_custodian", archive.person)

    demo = Terms(demonstration=True, grace_days=0)
    for step in ("records_custodian", "department_head"):
        approve(archive, plan, step, archive.person, terms=demo)
    with pytest.raises(QuorumMissing):
        carried_out(archive, plan, terms=replace(demo, demonstration=False))
    assert carried_out(archive, plan, terms=demo).destroyed == 4
    (fault,) = invariants.faults_of(archive)  # anywhere else it would be one
    assert fault.endswith(f"{plan.name} was approved by nobody but who proposed it")


def test_a_step_that_rests_on_a_document_keeps_it_whole(archive, chief, tmp_path):
    schedule = archive.office.schedule
    chains = {**schedule.approval_chains, "clerk": ("department_head", "council_resolution")}
    schedule = replace(schedule, approval_chains=chains)
    account = archive.office.account
    plan = planning.plan(account, archive.person, schedule, on=account.today(), wanted=Wanted())
    approve(archive, plan, "department_head", chief, schedule=schedule)

    with pytest.raises(NotApproved, match="rests on a document"):
        approve(archive, plan, "council_resolution", archive.person, schedule=schedule)
    resolution = tmp_path / "2026-60.pdf"
    resolution.write_bytes(b"%PDF resolved")
    found = approve(
        archive, plan, "council_resolution", archive.person, schedule=schedule, file=resolution
    )

    assert found.waits_for is None
    kept = paper_of(account, "document", found.taken[-1].document)
    assert (kept["name"], base64.b64decode(kept["base64"])) == ("2026-60.pdf", b"%PDF resolved")


# --- when -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "destroyed"), [(6, None), (7, 4), (8, 4), (180, 4), (181, None)])
def test_an_approved_plan_is_carried_out_between_its_grace_and_its_end(
    archive, chief, days, destroyed
):
    plan = planned(archive)
    approve(archive, plan, "records_custodian", archive.person)
    approve(archive, plan, "department_head", chief)
    archive.clock.forward(days=days)
    archive.capture()

    if destroyed is None:
        with pytest.raises(NotApproved, match=r"grace period|expired"):
            carried_out(archive, plan)
        assert kinds(archive)[-1] == "disposition.refused"
        assert lives(archive) == ["live"] * 4
    else:
        assert carried_out(archive, plan).destroyed == destroyed


@pytest.mark.usefixtures("chief")
def test_a_plan_is_not_carried_out_before_its_last_step(archive):
    plan = planned(archive)
    approve(archive, plan, "records_custodian", archive.person)
    archive.clock.forward(days=30)

    with pytest.raises(NotApproved, match="department_head"):
        carried_out(archive, plan)
    with pytest.raises(NotApproved, match="never goes unattended"):
        archive.carry_out(plan)


# --- what leaves the set, and what voids it -------------------------------------------------------


def touched_by_a_hold(archive: Archive) -> None:
    archive.issue_hold("3")


def touched_by_a_hold_that_came_and_went(archive: Archive) -> None:
    archive.issue_hold("3")
    lifting.lift(
        archive.office.account,
        signed(a_colleague(archive, Role.COUNSEL, name="counsel")),
        "H-0001",
        reason="the matter is closed",
        authority=LETTER,
        cool_down_days=0,
        store=archive.office.legal_holder,
    )


def touched_by_an_edit(archive: Archive) -> None:
    archive.capture(an_observation("3", "We sent two patrols."))


def touched_by_a_new_comment(archive: Archive) -> None:
    long_ago = archive.clock.now - timedelta(days=900)
    archive.capture(a_comment("5", SUBSTANTIVE, on="3", at=long_ago))


def touched_by_a_relabel(archive: Archive) -> None:
    amending.relabel(
        archive.office.account,
        archive.office.objects,
        signed(archive.person),
        "P-000001",
        archive.item_id("3"),
        series="DEMO-210",
        schedule=archive.office.schedule,
        reason="an event",
    )


def touched_by_an_extension(archive: Archive) -> None:
    kept = amending.extend(
        archive.office.account,
        signed(archive.person),
        "P-000001",
        days=1,
        reason="one more look",
        only=[archive.item_id("3")],
    )
    assert kept == 1


def touched_by_a_request(archive: Archive) -> None:
    account, three = archive.office.account, archive.item("3")
    with account.catalogue.reading() as connection:
        [thread] = items.thread_ids(connection, [three.thread_n]).values()
    new = NewRequest(number="2028-7", kind=RequestKind.FOIA, received_on=account.today())
    scope = Scope(threads=frozenset({thread}))
    opened = requests.open_request(account, archive.person, new, scope, review_days=365)
    assert opened.request == "R-0001"


def stands_now(archive: Archive, plan: Plan) -> dict[str, str]:
    """Say of each item of *plan* how it stands, as the table in a file does."""
    account, schedule = archive.office.account, archive.office.schedule
    at = COLUMNS.index("stands")
    return {str(row[0]): str(row[at]) for row in plan_rows(account, plan.name, schedule)}


@pytest.mark.parametrize(
    ("touch", "why"),
    [
        (touched_by_a_hold, "held by H-0001"),
        (touched_by_a_request, "request R-0001"),
        (touched_by_a_hold_that_came_and_went, "let go by H-0001, until 2028-03-03"),
        (touched_by_an_edit, "edited on 2028-03-03"),
        (touched_by_a_new_comment, "thread: came to the thread on 2028-03-03"),
        (touched_by_a_relabel, "relabelled on 2028-03-03 by {by}"),
        (touched_by_an_extension, "extended until 2028-03-04"),
    ],
)
def test_what_is_touched_leaves_the_approved_set_and_the_rest_stands(archive, chief, touch, why):
    plan = planned(archive)
    approve(archive, plan, "records_custodian", archive.person)
    approve(archive, plan, "department_head", chief)
    why = why.format(by=archive.person.name)
    three, rest = archive.item_id("3"), [archive.item_id(n) for n in ("1", "2", "4")]
    assert set(stands_now(archive, plan).values()) == {"yes"}

    touch(archive)
    shown = stands_now(archive, plan)
    archive.clock.forward(days=TERMS.grace_days)
    archive.capture()
    shown_later = stands_now(archive, plan)
    receipt = carried_out(archive, plan)

    assert shown == dict.fromkeys(rest, "yes") | {three: f"out: {why}"}
    assert shown_later == shown
    assert dict(receipt.stayed)[three] == (why,), "in the same words as what was shown"
    assert lives(archive) == ["destroyed", "destroyed", "live", "destroyed"]
    assert "disposition.stayed" in kinds(archive)
    (certificate,) = certifying.certificates(archive.office.account, plan.name)
    assert [three, [why]] in certificate["exceptions"]
    with pytest.raises(NotApproved, match="carried out"):
        carried_out(archive, plan)


def test_the_printed_plan_says_what_is_out_and_so_does_one_that_is_over(archive, chief):
    plan = planned(archive)
    account, schedule = archive.office.account, archive.office.schedule
    archive.issue_hold("3")

    printed = read_back(as_pdf(plan_sheet(account, plan.name, TERMS, schedule)))
    newer = replace(schedule, digest="9" * 64)
    at = COLUMNS.index("stands")
    under_another = {str(row[at]) for row in plan_rows(account, plan.name, newer)}
    amending.decline(account, signed(chief), plan.name, reason="another look")

    assert "out: held by H-0001" in " ".join(printed.split())
    assert under_another == {"out: the plan was made under another version of the schedule"}
    assert set(stands_now(archive, plan).values()) == {"out: the plan is declined"}


def test_a_printed_plan_names_the_authority_of_each_series_that_it_was_made_under(archive):
    plan = planned(archive, "DEMO-200")
    account, schedule = archive.office.account, archive.office.schedule
    series = schedule.series["DEMO-200"]
    titles = {one.title for one in schedule.series.values()}

    def printed(under: Schedule) -> str:
        return " ".join(read_back(as_pdf(plan_sheet(account, plan.name, TERMS, under))).split())

    told = printed(schedule)
    assert all(words in told for words in (*series.citation, series.title, schedule.agency))
    assert [title for title in titles if title in told] == [series.title]
    assert series.title not in printed(replace(schedule, digest="9" * 64))


def test_a_new_version_of_the_schedule_voids_a_plan_for_good(archive, chief):
    plan = planned(archive)
    approved(archive, plan, chief)

    with pytest.raises(NotApproved, match="another version"):
        carried_out(archive, plan, schedule=replace(archive.office.schedule, digest="0" * 64))

    assert kinds(archive)[-1] == "disposition.voided"
    with pytest.raises(NotApproved, match="void"):
        carried_out(archive, plan)


def test_a_plan_to_which_something_was_added_is_void(archive, chief):
    plan = planned(archive, "DEMO-100")
    approve(archive, plan, "second_person", chief)
    archive.clock.forward(days=TERMS.grace_days)
    other = archive.item("3")
    with archive.office.catalogue.writing() as desk:
        added = plans.PlanLine(
            item_n=other.n, thread_n=other.thread_n, seal=other.seal, reasons="[]"
        )
        plans.plan_lines(desk.connection, plan.n, [added])

    with pytest.raises(NotApproved, match="another set"):
        carried_out(archive, plan)

    assert lives(archive) == ["live"] * 4


def test_a_declined_plan_is_over_and_its_items_stay_due(archive, chief):
    plan = planned(archive)
    amending.decline(archive.office.account, signed(chief), plan.name, reason="another look")

    with pytest.raises(NotApproved, match="declined"):
        approve(archive, plan, "records_custodian", archive.person)
    declined = approving.chain(archive.office.account, plan.name, TERMS)
    assert (declined.standing, declined.waits_for) == (Standing.DECLINED, None)
    assert planned(archive).due == 4


def test_a_plan_that_lists_nothing_waits_for_nobody(archive):
    amending.extend(
        archive.office.account, signed(archive.person), planned(archive).name, days=9, reason="-"
    )

    found = approving.chain(archive.office.account, planned(archive).name, TERMS)

    assert (found.standing, found.waits_for) == (Standing.EMPTY, None)


def test_a_plan_that_was_extended_whole_falls_due_again_on_its_day(archive):
    plan = planned(archive)
    kept = amending.extend(
        archive.office.account, signed(archive.person), plan.name, days=30, reason="exhibit"
    )
    assert (kept, planned(archive).due) == (4, 0)

    archive.clock.forward(days=29)
    archive.capture()
    assert planned(archive).due == 0
    archive.clock.forward(days=1)
    archive.capture()
    assert planned(archive).due == 4


def test_nothing_is_extended_or_relabelled_that_the_plan_does_not_list(archive):
    plan = planned(archive, "DEMO-100")
    account = archive.office.account

    with pytest.raises(NotFound, match="does not list"):
        amending.extend(
            account,
            signed(archive.person),
            plan.name,
            days=1,
            reason="-",
            only=[archive.item_id("3")],
        )


def test_a_plan_names_the_series_whose_value_nobody_verified(archive):
    schedule = archive.office.schedule
    doubtful = replace(schedule.series["DEMO-200"], verified=False)
    schedule = replace(schedule, series={**schedule.series, "DEMO-200": doubtful})
    account = archive.office.account

    plan = planning.plan(account, archive.person, schedule, on=account.today(), wanted=Wanted())

    assert [warning.split(":")[0] for warning in plan.warnings] == ["series DEMO-200"]
    printed = read_back(as_pdf(plan_sheet(account, plan.name, TERMS, archive.office.schedule)))
    assert "Warning: series DEMO-200: its value is not verified" in " ".join(printed.split())


def test_a_clock_that_was_put_back_carries_nothing_out(archive, chief):
    plan = planned(archive)
    approved(archive, plan, chief)
    archive.capture()
    archive.clock.forward(minutes=-1)

    with pytest.raises(ClockDoubted, match="clock"):
        carried_out(archive, plan)


# --- papers ---------------------------------------------------------------------------------------


def test_a_rebuild_in_the_middle_of_an_approval_brings_it_back_whole(archive, chief):
    plan = planned(archive)
    approve(archive, plan, "records_custodian", archive.person)
    touched_by_an_extension(archive)
    before = dumped(archive)

    lose_the_catalogue(archive)
    rebuilt(archive)

    check_the_same(before, dumped(archive))
    enrol(archive, archive.person, chief)
    found = approve(archive, plan, "department_head", chief)
    assert [a.step for a in found.taken] == ["records_custodian", "department_head"]
    archive.clock.forward(days=TERMS.grace_days)
    archive.capture()
    assert carried_out(archive, plan).destroyed == 3


def test_a_plan_whose_carrying_out_was_cut_short_can_be_gone_on_with_after_a_rebuild(
    archive, chief
):
    plan = planned(archive)
    approved(archive, plan, chief)
    with archive.office.disposer() as true, pytest.raises(Interrupted):
        carry_out_approved(
            replace(true, objects=DyingStore()),
            signed(archive.person),
            plan.name,
            archive.office.schedule,
            terms=TERMS,
            on=archive.office.account.today(),
        )
    before = dumped(archive)
    lose_the_catalogue(archive)

    rebuilt(archive)

    check_the_same(before, dumped(archive))
    assert status_of(archive, plan) == "proposed"
    enrol(archive, archive.person, chief)
    with archive.office.disposer() as disposer:
        assert dispose.finish_begun(disposer, archive.person).destroyed == 4
    assert carried_out(archive, plan).destroyed == 0
    assert status_of(archive, plan) == "carried_out"
    lose_the_catalogue(archive)
    rebuilt(archive)
    assert status_of(archive, plan) == "carried_out"


def status_of(archive: Archive, plan: Plan) -> str:
    return planning.named(archive.office.account, plan.name).status


def test_declined_and_void_plans_are_so_after_a_rebuild(archive, chief):
    declined, void = planned(archive), planned(archive)
    amending.decline(archive.office.account, signed(chief), declined.name, reason="no")
    other = replace(archive.office.schedule, digest="0" * 64)
    with pytest.raises(NotApproved):
        approve(archive, void, "records_custodian", chief, schedule=other)

    lose_the_catalogue(archive)
    rebuilt(archive)

    listed = planning.listed(archive.office.account, limit=5)
    assert [p.status for p in listed] == ["void", "declined"]


def read_back(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_a_plan_and_its_certificate_can_be_printed_and_say_no_word_of_what_was_said(archive, chief):
    plan = planned(archive)
    account = archive.office.account

    paper = read_back(as_pdf(plan_sheet(account, plan.name, TERMS, archive.office.schedule)))
    assert "department head" in paper
    assert len(list(plan_rows(account, plan.name, archive.office.schedule))) == 4

    approved(archive, plan, chief)
    carried_out(archive, plan)
    certificates = certifying.certificates(account, plan.name)
    printed = read_back(as_pdf(certificate_sheet(plan.name, certificates)))

    for said in ("Certificate of destruction", "D-000001", "Chief", "DEMO-100", "none"):
        assert said in printed
    assert archive.item_id("1")[:20] in printed.replace(" ", "").replace("\n", "")
    for text in (paper, printed):
        assert "patrol" not in text
        assert "Happy Friday" not in text


def test_a_certificate_says_which_entries_and_which_checkpoint_prove_it(archive, chief):
    plan = planned(archive)
    approved(archive, plan, chief)
    carried_out(archive, plan)
    account = archive.office.account

    (certificate,) = certifying.certificates(account, plan.name)

    place = certificate["ledger"]
    begun, done = place["entries"]
    assert (begun["entry"], done["entry"]) == ("disposition.begun", "disposition.done")
    receipt = prove_entry(account, done["index"])
    assert json.loads(receipt.leaf)["p"] == certificate["paper"]
    signed = account.copy.checkpoint()
    assert place["checkpoint"]["size"] == signed.size > done["index"]
    assert base64.b64decode(place["checkpoint"]["root"]) == signed.root
    printed = read_back(as_pdf(certificate_sheet(plan.name, [certificate])))
    assert f"D-000001 {done['index']} disposition.done" in " ".join(printed.split())


def test_a_certificate_names_the_backups_that_still_hold_what_was_destroyed(archive, chief):
    from archiver.catalogue import backups  # noqa: PLC0415 - only this case enters one

    plan = planned(archive)
    approved(archive, plan, chief)
    for days_ago, keep in ((40, 35), (10, 35), (1, 35)):
        at = archive.office.account.now_micros() - days_ago * 86_400_000_000
        with archive.office.catalogue.writing() as desk:
            backups.add(desk.connection, at=at, digest="d" * 64, keep_days=keep)

    carried_out(archive, plan)

    (certificate,) = certifying.certificates(archive.office.account, plan.name)
    ends = archive.office.account.now() + timedelta(days=34)
    assert certificate["backups"]["count"] == 2
    assert certificate["backups"]["last_expires"] == ends.date().isoformat()


def test_a_look_that_was_asked_for_is_asked_for_of_both_kinds_of_plan(archive):
    planned(archive)
    with archive.office.catalogue.writing() as desk:
        items.look_again(desk.connection, [archive.item("1").n], 7)
        row = items.threads_by_ids(
            desk.connection, [items.thread_of(desk.connection, archive.item("1").n)]
        )
    assert {(r.look_on, r.ripe_on) for r in row.values()} == {(7, 7)}


# --- guards -----------------------------------------------------------------------------------


@pytest.fixture
def low_ceiling(monkeypatch) -> None:
    """Nothing at all goes without a word where it is more than two items."""
    monkeypatch.setattr(ceiling, "NEVER_BELOW", 2)
    monkeypatch.setattr(authority, "NEVER_BELOW", 2)


@pytest.mark.usefixtures("low_ceiling")
@pytest.mark.parametrize("confirmed", [None, 3, 5])
def test_above_the_ceiling_nothing_goes_but_the_exact_number_that_was_confirmed(
    archive, chief, confirmed
):
    plan = planned(archive)
    approved(archive, plan, chief)

    with pytest.raises(CeilingReached):
        carried_out(archive, plan, confirmed=confirmed)

    assert kinds(archive)[-1] == "disposition.refused"
    assert carried_out(archive, plan, confirmed=4).destroyed == 4


@pytest.mark.usefixtures("low_ceiling", "chief")
def test_the_purge_stops_above_the_ceiling_and_its_plan_waits_for_people(archive):
    for n in range(10, 13):
        archive.capture(an_observation(str(n), TRANSITORY, at=FOUNDED_AT))
    archive.clock.forward(days=100)
    archive.capture()
    plan = archive.plan()
    assert plan.due == 4

    with pytest.raises(CeilingReached, match="would destroy 4 items at once; here 2"):
        archive.carry_out(plan)

    assert archive.item("4").life == "live"
    assert planning.named(archive.office.account, plan.name).status == "proposed"


def above_the_ceiling(archive: Archive) -> None:
    """Have four transitory items be due, where two may go at once."""
    for n in range(10, 13):
        archive.capture(an_observation(str(n), TRANSITORY, at=FOUNDED_AT))
    archive.clock.forward(days=100)
    archive.capture()


def a_night_of_purge(archive: Archive) -> Purged:
    found = Purged()
    office = archive.office
    with office.disposer() as disposer, pytest.raises(CeilingReached):
        purging.purge(disposer, archive.person, office.schedule, carry_out_too=True, result=found)
    archive.clock.forward(days=1)
    archive.capture()
    return found


def all_plans(archive: Archive) -> dict[str, str]:
    every = planning.listed(archive.office.account, limit=100)
    return {row.plan: row.status for row in every if row.status != "empty"}


@pytest.mark.usefixtures("low_ceiling", "chief")
def test_what_waits_above_the_ceiling_is_one_proposal_however_many_nights_pass(archive):
    above_the_ceiling(archive)

    nights = [a_night_of_purge(archive) for _ in range(3)]

    assert [(night.plan, night.due) for night in nights] == [("P-000001", 4)] * 3
    assert all_plans(archive) == {"P-000001": "proposed"}
    assert kinds(archive).count("disposition.planned") == 1


@pytest.mark.usefixtures("low_ceiling", "chief")
def test_a_night_that_comes_to_another_set_takes_the_place_of_the_one_that_waits(archive):
    above_the_ceiling(archive)
    first = a_night_of_purge(archive)
    archive.issue_hold("10")

    second, third = a_night_of_purge(archive), a_night_of_purge(archive)

    assert (first.superseded, second.superseded, third.superseded) == ((), ("P-000001",), ())
    assert (second.plan, third.plan) == ("P-000002", "P-000002")
    assert (second.due, second.destroyed) == (4, 0)
    assert all_plans(archive) == {"P-000001": "void", "P-000002": "proposed"}
    before = dumped(archive)
    lose_the_catalogue(archive)
    rebuilt(archive)
    check_the_same(before, dumped(archive))


@pytest.mark.usefixtures("low_ceiling")
def test_a_proposal_of_the_purge_of_which_a_step_was_taken_is_not_superseded(archive, chief):
    above_the_ceiling(archive)
    first = a_night_of_purge(archive)
    row = planning.named(archive.office.account, first.plan)
    step, *_ = json.loads(row.chain)
    approve(archive, saved(row), step, chief)
    again = a_night_of_purge(archive)
    archive.issue_hold("10")

    second, third = a_night_of_purge(archive), a_night_of_purge(archive)

    assert again.plan == "P-000001", "where a night comes to it, it is still the one"
    assert (second.superseded, third.superseded) == ((), ())
    assert all_plans(archive) == {"P-000001": "proposed", "P-000002": "proposed"}


@pytest.mark.usefixtures("low_ceiling", "chief")
def test_a_night_that_broke_off_before_it_took_the_place_is_made_good_by_the_next(
    archive, monkeypatch
):
    above_the_ceiling(archive)
    a_night_of_purge(archive)
    archive.issue_hold("10")
    with monkeypatch.context() as broken:
        broken.setattr(planning, "supersede", lambda _account, _standing: ())
        a_night_of_purge(archive)
    assert set(all_plans(archive).values()) == {"proposed"}

    assert a_night_of_purge(archive).superseded == ("P-000001",)
    assert all_plans(archive) == {"P-000001": "void", "P-000002": "proposed"}


@pytest.mark.usefixtures("low_ceiling", "chief")
def test_a_proposal_whose_lines_were_edited_is_not_taken_for_what_the_night_came_to(archive):
    above_the_ceiling(archive)
    a_night_of_purge(archive)
    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(delete(tables.plan_items).where(tables.plan_items.c.item_n == 4))

    second = a_night_of_purge(archive)

    assert (second.plan, second.superseded) == ("P-000002", ("P-000001",))


def test_a_refusal_of_the_store_after_begun_leaves_that_batch_begun_and_finishes_the_others(
    archive, chief, monkeypatch
):
    monkeypatch.setattr(dispose, "BATCH", 1)
    plan = planned(archive)
    approved(archive, plan, chief)
    with archive.office.disposer() as disposer:
        destroy = disposer.objects.destroy

        def refuse(owners):
            if archive.item_id("3") in owners:
                raise DestructionUnproven("AccessDenied: object is locked")
            return destroy(owners)

        disposer.objects.destroy = refuse
        receipt = carry_out_approved(
            disposer,
            signed(archive.person),
            plan.name,
            archive.office.schedule,
            terms=TERMS,
            on=archive.office.account.today(),
        )
    assert isinstance(receipt.refusal, DestructionUnproven)
    assert receipt.destroyed == 3
    assert lives(archive) == ["destroyed", "destroyed", "begun", "destroyed"]
    assert archive.objects("3")

    with archive.office.disposer() as disposer:
        assert dispose.finish_begun(disposer, archive.person).destroyed == 1
    assert lives(archive) == ["destroyed"] * 4


def test_what_was_disposed_of_is_not_captured_again_and_the_visit_says_under_which_certificate(
    archive, chief
):
    plan = planned(archive)
    approved(archive, plan, chief)
    carried_out(archive, plan)

    coverage = archive.capture(
        an_observation("3", SUBSTANTIVE),
        an_observation("9", SUBSTANTIVE),
        ThreadListed(native_id="3", counted=2, shown=1),
    )

    assert coverage.differences == []
    assert (coverage.destroyed_before, coverage.new) == (1, 1)
    assert coverage.certificates == {"D-000001"}


def test_what_its_series_has_reviewed_is_asked_for_until_a_person_has(archive, chief):
    office, account = archive.office, archive.office.account
    for native_id in "123":
        archive.decide(native_id, "DEMO-230", reason="a warning while it was in progress")
    wanted = Wanted(action=Action.REVIEW)
    plan = planning.plan(
        account, archive.person, office.schedule, on=account.today(), wanted=wanted
    )
    assert (plan.due, plan.chain) == (3, ())
    assert approving.chain(account, plan.name, TERMS).waits_for is None
    with pytest.raises(NotFound, match="has no step records_custodian; it has none"):
        approve(archive, plan, "records_custodian", archive.person)
    with pytest.raises(NotApproved, match="is a plan to review, not to destroy"):
        carried_out(archive, plan)
    archive.clock.forward(days=20)
    (asked,) = reviews_waiting(account)
    assert (plan.name in asked.problem.what, asked.days, asked.is_late) == (True, 20, True)

    first_thread = [archive.item_id(native_id) for native_id in "12"]
    amending.extend(
        account, signed(chief), plan.name, days=365, reason="still read", only=first_thread
    )
    assert len(reviews_waiting(account)) == 1
    amending.relabel(
        account,
        office.objects,
        signed(archive.person),
        plan.name,
        archive.item_id("3"),
        series="DEMO-200",
        schedule=office.schedule,
        reason="an answer after all",
    )

    assert reviews_waiting(account) == []


def test_what_went_unattended_is_carried_out_and_nobody_approves_it_after_the_deed(archive, chief):
    plan = archive.plan()
    assert archive.carry_out(plan).destroyed == 1

    found = approving.chain(archive.office.account, plan.name, TERMS)
    carried_out = "is carried out; the step second_person comes before"
    with pytest.raises(NotApproved, match=carried_out) as refused:
        approve(archive, plan, "second_person", chief)

    assert "second_person" in found.steps
    assert f"`archiver dispositions show {plan.name}` tells what went" in refused.value.remedy
    assert (found.standing, found.waits_for) == (Standing.CARRIED_OUT, None)
    assert "disposition.approved" not in kinds(archive)


def test_an_approved_plan_that_was_carried_out_is_shown_so(archive, chief):
    plan = planned(archive)
    approved(archive, plan, chief)
    carried_out(archive, plan)

    found = approving.chain(archive.office.account, plan.name, TERMS)

    assert (found.standing, found.waits_for) == (Standing.CARRIED_OUT, None)
