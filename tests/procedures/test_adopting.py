"""No adoption, no destruction: who adopts, what is adopted, and what a later version may not do."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from archiver.catalogue import credentials, tables
from archiver.procedures import adopting, dispose, planning, promising, triggering
from archiver.procedures.errands import Errand
from archiver.procedures.instruments import Instrument
from archiver.procedures.law_problems import law_problems
from archiver.procedures.papers import paper_of
from archiver.procedures.rebuild import rebuild
from archiver.procedures.reconcile import differences, reconcile
from archiver.records.adoption import Adoption, StillOnPlatform
from archiver.records.errors import (
    ConfigInvalid,
    NotAdopted,
    NotFound,
    NotPermitted,
    QuorumMissing,
    RegisterUnreadable,
)
from archiver.records.people import Means, Role, SignedIn
from archiver.records.periods import Period
from archiver.records.sampling import Sampling, Share
from archiver.records.schedules import Obstacle
from archiver.records.series import Trigger
from tests.archive import FOUNDED_AT, Archive, a_colleague, an_archive, an_observation
from tests.procedures.test_approving import enrol
from tests.procedures.test_backup import backed_up, lose, restored
from tests.procedures.test_rebuild import lose_the_catalogue, rebuilder_of
from tests.procedures.test_verify import proved
from tests.records.a_schedule import CORRESPONDENCE, HEAD, PERMANENT, TRANSITORY

OWN_RULE = """
[[rules]]
id = "thanks"
says = "Thanks."
cites = ["(l)"]
tag = "transitory"
series = "TR"
confidence = 0.8
[rules.when]
own = true
max_other_words = 0
phrases = ["thanks"]
"""
DUE_SOON = (
    TRANSITORY.replace(
        'rule = "when_no_longer_required"\ntrigger = "admin_value_ended"\nfloor = "P60D"\n'
        'floor_from = "created"',
        'rule = "period"\nperiod = "P60D"\ntrigger = "last_activity"',
    )
    .replace(", admin_value_ended = 2026-02-01", "")
    .replace("2028-01-03", "2026-03-04")
)
SCHEDULE = (
    HEAD.replace('state = "CA"', 'state = "TX"').replace('minimum_after_activity = "P2Y"\n', "")
    + DUE_SOON
    + CORRESPONDENCE
    + PERMANENT
    + OWN_RULE
)
INSTRUMENT = Instrument("slr508.pdf", b"%PDF-signed")
RECORD = Adoption(
    instrument="slr508.pdf",
    number="508-1",
    date=date(2026, 1, 1),
    signed_by=("A. Clerk",),
    unattended_purge=True,
    automatic=frozenset({"rules"}),
    demands={"slr_508": "2026-01-01"},
)
UNSAMPLED = Sampling(share=Share.OFF)


def use(archive: Archive, text: str) -> None:
    """Put *text* in place as the configured schedule, as a later process finds it."""
    file = archive.config_file
    (file.parent / "city.toml").write_text(text, "utf-8")
    config = file.read_text("utf-8").replace('schedule = "demo"', 'schedule = "city.toml"')
    file.write_text(config, "utf-8")
    archive.reopen()
    archive.office.open_schedule(archive.person)


@pytest.fixture
def archive(tmp_path) -> Archive:
    """An archive whose city has a schedule of its own, adopted by nobody yet."""
    archive = an_archive(tmp_path, index="memory:")
    use(archive, SCHEDULE)
    archive.colleague = a_colleague(archive, Role.RECORDS_OFFICER)
    enrol(archive, archive.person, archive.colleague)
    return archive


def first(archive: Archive) -> SignedIn:
    return SignedIn(person=archive.person, means=Means.OS_ACCOUNT)


def second(archive: Archive) -> SignedIn:
    return SignedIn(person=archive.colleague, means=Means.OS_ACCOUNT)


def proposed(archive: Archive, record: Adoption = RECORD, *documents: Instrument, by=None):
    config = archive.office.config
    return adopting.propose(
        archive.office.account,
        by or first(archive),
        config.schedule,
        config.schedule_text,
        record,
        documents or (INSTRUMENT,),
    )


def adopted(archive: Archive, record: Adoption = RECORD):
    made = proposed(archive, record)
    return adopting.confirm(archive.office.account, second(archive), made.row.adoption)


def kinds(archive: Archive) -> list[str]:
    entries = select(tables.ledger_entries.c.kind).order_by(tables.ledger_entries.c.seq)
    with archive.office.catalogue.reading() as connection:
        return list(connection.scalars(entries))


def test_an_adoption_counts_from_the_second_persons_word_on_and_not_before(archive):
    made = proposed(archive)
    assert archive.office.schedule.adoption is None

    adopting.confirm(archive.office.account, second(archive), made.row.adoption)

    record = archive.office.schedule.adoption
    assert record is not None
    assert (record.number, record.unattended_purge) == ("508-1", True)
    assert kinds(archive)[-2:] == ["adoption.proposed", "adoption.confirmed"]


def test_who_entered_an_adoption_cannot_confirm_it(archive):
    made = proposed(archive)

    with pytest.raises(NotPermitted, match=r"was entered by"):
        adopting.confirm(archive.office.account, first(archive), made.row.adoption)

    assert archive.office.schedule.adoption is None


def test_who_may_not_adopt_can_neither_enter_nor_confirm(archive):
    clerk = SignedIn(person=a_colleague(archive, Role.CLERK, name="clerk"), means=Means.OS_ACCOUNT)
    made = proposed(archive)

    with pytest.raises(NotPermitted):
        proposed(archive, by=clerk)
    with pytest.raises(NotPermitted):
        adopting.confirm(archive.office.account, clerk, made.row.adoption)

    assert kinds(archive)[-2:] == ["attempt.refused"] * 2


def test_an_adoption_is_confirmed_once_and_by_its_name(archive):
    made = adopted(archive)

    with pytest.raises(ConfigInvalid, match="is confirmed already"):
        adopting.confirm(archive.office.account, second(archive), made.row.adoption)
    with pytest.raises(NotFound):
        adopting.confirm(archive.office.account, second(archive), "A-0099")


def test_the_signed_instrument_is_hashed_and_kept_word_for_word(archive):
    made = proposed(archive)
    told = paper_of(archive.office.account, "adoption", made.row.paper)
    kept = paper_of(archive.office.account, "document", told["papers"]["slr508.pdf"])

    assert base64.b64decode(kept["base64"]) == INSTRUMENT.data
    assert made.record.documents == {"slr508.pdf": kept["sha256"]}
    text = paper_of(archive.office.account, "schedule", told["text"])
    assert text["toml"] == SCHEDULE


@pytest.mark.parametrize(
    ("record", "documents", "fault"),
    [
        (replace(RECORD, demands={}), (), "--demand slr_508: is missing: the day of the decl"),
        (replace(RECORD, demands={"slr_508": " "}), (), "--demand slr_508: is missing"),
        (
            replace(RECORD, demands={"slr_508": "1", "council_resolution": "2"}),
            (),
            "--demand council_resolution: TX demands no such thing, but slr_508",
        ),
        (replace(RECORD, signed_by=()), (), "--signed-by: is missing"),
        (RECORD, (Instrument("x.pdf", b""),), "x.pdf: has 0 bytes"),
        (RECORD, (INSTRUMENT, INSTRUMENT), "slr508.pdf: is handed in twice"),
    ],
)
def test_what_the_state_demands_is_answered_or_nothing_is_entered(
    archive, record, documents, fault
):
    before = kinds(archive)

    with pytest.raises(ConfigInvalid) as refused:
        proposed(archive, record, *documents)

    assert any(fault in each for each in refused.value.faults)
    assert kinds(archive) == before


@pytest.mark.parametrize("kind", ["demonstration", "reference"])
def test_a_demonstration_and_a_reference_cannot_be_adopted(archive, kind):
    config = archive.office.config
    other = replace(config.schedule, **{kind: True})

    with pytest.raises(ConfigInvalid, match=f"is a {kind}, and cannot be adopted"):
        adopting.propose(
            archive.office.account,
            first(archive),
            other,
            config.schedule_text,
            RECORD,
            (INSTRUMENT,),
        )


def test_an_adoption_binds_one_version_and_one_changed_letter_is_another(archive):
    adopted(archive)
    use(archive, SCHEDULE.replace("A small schedule", "A small schedule."))

    assert archive.office.schedule.adoption is None


def test_a_later_adoption_of_the_same_version_takes_the_place_of_the_first(archive):
    adopted(archive)

    adopted(archive, replace(RECORD, number="508-2", unattended_purge=False))

    record = archive.office.schedule.adoption
    assert record is not None
    assert (record.number, record.unattended_purge) == ("508-2", False)
    stands = [made.stands for made in adopting.listed(archive.office.account)]
    assert stands == ["superseded", "in_force"]


def standings(archive: Archive) -> list[str]:
    return [made.stands for made in adopting.listed(archive.office.account)]


def law_is_red(archive: Archive) -> bool:
    return bool(law_problems(archive.office.account, archive.office.schedule))


ANOTHER = SCHEDULE.replace("A small schedule", "A small schedule.")
DESTROYING = replace(RECORD, still_on_platform=StillOnPlatform.DESTROY)


def test_the_adoption_confirmed_last_is_the_one_in_force_and_going_back_takes_two_people(archive):
    archive.capture(an_observation("1", "Thanks!"))
    adopted(archive, DESTROYING)
    use(archive, ANOTHER)
    assert law_is_red(archive)
    adopted(archive, replace(DESTROYING, unattended_purge=False))
    assert (standings(archive), law_is_red(archive)) == (["superseded", "in_force"], False)
    archive.clock.forward(days=100)
    archive.capture()

    use(archive, SCHEDULE)

    assert archive.office.schedule.adoption is None
    assert law_is_red(archive)
    assert archive.purge(UNSAMPLED).destroyed == 0
    adopted(archive, DESTROYING)
    archive.capture()
    assert standings(archive) == ["superseded", "superseded", "in_force"]
    assert archive.purge(UNSAMPLED).destroyed == 1
    assert proved(archive).ok


def test_an_adoption_takes_the_place_of_the_one_before_on_its_day_and_not_before(archive):
    adopted(archive)
    day = archive.office.account.today() + timedelta(days=2)
    use(archive, ANOTHER)
    adopted(archive, replace(RECORD, date=day))
    use(archive, SCHEDULE)

    found = []
    for _ in range(3):
        found.append((standings(archive), archive.office.schedule.until, law_is_red(archive)))
        archive.clock.forward(days=1)

    before = ["in_force", "confirmed"], day, False
    assert found == [before, before, (["superseded", "in_force"], None, True)]
    assert archive.office.schedule.adoption is None
    use(archive, ANOTHER)
    assert archive.office.schedule.adoption is not None


def test_what_waits_for_a_later_adoption_of_the_same_version_is_asked_about_on_its_day(archive):
    archive.capture(an_observation("1", "Thanks!"))
    archive.clock.forward(days=100)
    archive.capture()
    alone = replace(DESTROYING, unattended_purge=False)
    adopted(archive, alone)
    day = archive.office.account.today() + timedelta(days=2)
    adopted(archive, replace(DESTROYING, date=day))
    archive.capture()

    gone = []
    for _ in range(3):
        gone.append(archive.purge(UNSAMPLED).destroyed)
        archive.clock.forward(days=1)

    assert gone == [0, 0, 1]


def test_a_withdrawal_brings_no_earlier_adoption_back_but_one_that_never_came_into_force(archive):
    adopted(archive)
    use(archive, ANOTHER)
    day = archive.office.account.today() + timedelta(days=2)
    adopted(archive, replace(RECORD, date=day))
    withdrawn(archive, "A-0002")
    archive.clock.forward(days=9)
    assert standings(archive) == ["in_force", "withdrawn"]

    adopted(archive)
    withdrawn(archive, "A-0003")

    assert standings(archive) == ["superseded", "withdrawn", "withdrawn"]
    use(archive, SCHEDULE)
    assert archive.office.schedule.adoption is None
    with pytest.raises(ConfigInvalid, match="A-0001 is superseded already"):
        withdrawn(archive)


def test_which_adoption_is_in_force_follows_the_order_of_confirming_and_comes_back(archive):
    entered = proposed(archive)
    use(archive, ANOTHER)
    adopted(archive)
    adopting.confirm(archive.office.account, second(archive), entered.row.adoption)
    assert standings(archive) == ["in_force", "superseded"]
    before = rows_of_law(archive)

    lose_the_catalogue(archive)
    rebuild(rebuilder_of(archive))

    assert (rows_of_law(archive), standings(archive)) == (before, ["in_force", "superseded"])
    assert proved(archive).ok


def test_nothing_is_destroyed_until_the_schedule_is_adopted(archive):
    archive.capture(an_observation("1", "Thanks!"))
    archive.clock.forward(days=100)
    archive.capture()
    assert archive.purge().destroyed == 0  # nothing is even due

    adopted(archive)
    archive.capture()

    assert archive.plan().due == 0  # still on a page the department controls
    adopted(archive, replace(RECORD, still_on_platform=StillOnPlatform.DESTROY))
    assert archive.purge(UNSAMPLED).destroyed == 1


def test_what_an_adoption_newer_than_a_backup_has_fall_due_does_so_after_its_restore(
    archive, tmp_path
):
    archive.capture(an_observation("1", "Thanks!"))
    archive.let_pass(days=100)
    assert archive.purge().destroyed == 0
    backed_up(archive, tmp_path / "backup.age")
    adopted(archive, replace(RECORD, still_on_platform=StillOnPlatform.DESTROY))
    lose(archive, objects=False)

    restored(archive, tmp_path / "backup.age")

    found = differences(archive.office.account, archive.office.objects)
    with archive.office.disposer() as disposer:
        reconcile(disposer, first(archive), found)
    assert archive.purge(UNSAMPLED).destroyed == 1
    assert proved(archive).ok


def test_under_a_real_schedule_nothing_goes_unattended_unless_two_people_could_approve(archive):
    archive.capture(an_observation("1", "Thanks!"))
    archive.clock.forward(days=100)
    archive.capture()
    adopted(archive, replace(RECORD, still_on_platform=StillOnPlatform.DESTROY))
    archive.capture()
    with archive.office.catalogue.writing() as desk:
        credentials.strike(desk.connection, archive.colleague.id)

    with pytest.raises(QuorumMissing, match="1 of the 2 people"):
        archive.purge(UNSAMPLED)

    assert archive.item("1").life == "live"
    enrol(archive, archive.colleague)
    assert archive.purge(UNSAMPLED).destroyed == 1


# --- a new version shortens nothing --------------------------------------------------------------

SHORTER = SCHEDULE.replace('period = "P3Y"', 'period = "P2Y"').replace("2029-01-03", "2028-01-03")
POSTED = {Trigger.LAST_ACTIVITY: date(2026, 1, 2)}


def test_what_was_promised_binds_a_shorter_version_until_a_person_accepts_it(archive):
    adopted(archive)
    use(archive, SHORTER)
    made = adopted(archive)
    assert archive.office.schedule.first_day("COR", POSTED) == date(2029, 1, 3)

    released = promising.accept_shorter(
        archive.office.account, first(archive), archive.office.schedule, "COR", reason="law"
    )

    assert (made.stands, released) == ("in_force", 1)
    assert archive.office.schedule.first_day("COR", POSTED) == date(2028, 1, 3)
    assert kinds(archive)[-1] == "promise.released"


def test_whoever_enters_a_shorter_version_is_told_which_series_it_shortens(archive):
    adopted(archive)
    use(archive, SHORTER)

    made = proposed(archive)

    assert made.shorter == ("COR", "unconfirmed")
    confirmed = adopting.confirm(archive.office.account, second(archive), made.row.adoption)
    assert confirmed.shorter == ("COR", "unconfirmed")


DROPPING = SHORTER.replace('"COR"', '"COX"')
"""A version without the series COR, whose longest period is a year shorter besides."""


def test_a_dropped_series_shortens_nothing_for_what_nobody_confirmed(archive):
    adopted(archive)
    use(archive, DROPPING)
    made = adopted(archive)
    assert made.shorter == ("unconfirmed", "COR")
    schedule = archive.office.schedule
    assert schedule.first_day("COR", POSTED) is None
    assert schedule.first_day_unconfirmed("", POSTED) == date(2029, 1, 3)

    account, accept = archive.office.account, promising.accept_shorter
    assert accept(account, first(archive), schedule, "unconfirmed", reason="law") == 1

    schedule = archive.office.schedule
    assert schedule.first_day_unconfirmed("", POSTED) == date(2028, 1, 3)
    assert schedule.first_day_unconfirmed("COR", POSTED) == date(2029, 1, 3)
    assert schedule.first_day_unconfirmed("COR", {}) is None
    assert accept(account, first(archive), schedule, "COR", reason="law") == 1
    assert archive.office.schedule.first_day_unconfirmed("COR", POSTED) == date(2028, 1, 3)
    before = rows_of_law(archive)
    lose_the_catalogue(archive)
    rebuild(rebuilder_of(archive))
    assert rows_of_law(archive) == before
    assert proved(archive).ok


def test_what_nobody_confirmed_may_go_earlier_by_a_word_with_the_adoption_itself(archive):
    adopted(archive)
    use(archive, DROPPING)
    words = {"unconfirmed": "Resolution 2027-3", "COR": "Resolution 2027-3"}

    made = adopted(archive, replace(RECORD, shorter=words))

    assert made.shorter == ()
    assert archive.office.schedule.first_day_unconfirmed("COR", POSTED) == date(2028, 1, 3)


def test_a_version_that_nobody_adopted_promises_nothing(archive):
    proposed(archive)
    use(archive, SHORTER)

    assert archive.office.schedule.first_day("COR", POSTED) == date(2028, 1, 3)


def test_a_longer_version_needs_nobody_and_going_back_is_a_shortening(archive):
    use(archive, SHORTER)
    adopted(archive)
    use(archive, SCHEDULE)
    adopted(archive)
    assert archive.office.schedule.first_day("COR", POSTED) == date(2029, 1, 3)

    use(archive, SHORTER)

    assert archive.office.schedule.first_day("COR", POSTED) == date(2029, 1, 3)


def test_what_was_to_be_kept_is_kept_until_a_person_accepts_a_period(archive):
    kept = SCHEDULE.replace('period = "P3Y"', 'notes = "Unread; three years are proposed."')
    use(archive, kept.replace("first_day_of_disposition = 2029-01-03\n", ""))
    adopted(archive)
    use(archive, SCHEDULE)
    adopted(archive)
    assert archive.office.schedule.first_day("COR", POSTED) is None

    promising.accept_shorter(
        archive.office.account, first(archive), archive.office.schedule, "COR", reason="read"
    )

    assert archive.office.schedule.first_day("COR", POSTED) == date(2029, 1, 3)


def test_a_shortening_is_accepted_by_who_may_adopt_for_an_adopted_version_and_only_then(archive):
    account, clerk = archive.office.account, a_colleague(archive, Role.CLERK, name="clerk")
    adopted(archive)
    schedule = archive.office.schedule
    with pytest.raises(ConfigInvalid, match="is not shorter than was promised"):
        promising.accept_shorter(account, first(archive), schedule, "COR", reason="?")
    use(archive, SHORTER)
    schedule, account = archive.office.schedule, archive.office.account

    with pytest.raises(ConfigInvalid, match="is not of an adopted version"):
        promising.accept_shorter(account, first(archive), schedule, "COR", reason="?")
    signed = SignedIn(person=clerk, means=Means.OS_ACCOUNT)
    with pytest.raises(NotPermitted):
        promising.accept_shorter(account, signed, schedule, "COR", reason="?")


def test_a_new_version_voids_the_plans_that_stand(archive):
    adopted(archive, replace(RECORD, still_on_platform=StillOnPlatform.DESTROY))
    archive.capture(an_observation("1", "Thanks!"))
    archive.clock.forward(days=100)
    archive.capture()
    plan = archive.plan(UNSAMPLED)
    assert plan.due == 1

    use(archive, SHORTER)

    with archive.office.catalogue.reading() as connection:
        status = connection.scalar(select(tables.plans.c.status))
    assert status == "void"
    with pytest.raises(NotAdopted):
        archive.carry_out(plan)


REVIEWED = SCHEDULE.replace(
    CORRESPONDENCE,
    CORRESPONDENCE.replace('disposition = "destroy"', 'disposition = "review"'),
)
NEVER_RESTING = SCHEDULE.replace('number = "TR"', 'number = "TR"\nsettle = "P0D"')


def test_a_version_takes_review_and_rest_away_only_by_a_word_for_each_series(archive):
    assert SCHEDULE not in {REVIEWED, NEVER_RESTING}
    use(archive, REVIEWED)
    adopted(archive)
    use(archive, NEVER_RESTING)
    made = adopted(archive)
    assert made.shorter == ("COR", "TR", "unconfirmed")
    schedule, day = archive.office.schedule, date(2026, 3, 1)
    assert Obstacle.PROMISED_MORE in schedule.obstacles("COR", on=day)
    assert schedule.settled("TR", day) == date(2026, 4, 1)

    adopted(archive, replace(RECORD, shorter=dict.fromkeys(made.shorter, "Resolution 2027-3")))

    schedule = archive.office.schedule
    assert schedule.obstacles("COR", on=day) == ()
    assert schedule.settled("TR", day) == day
    before = rows_of_law(archive)
    lose_the_catalogue(archive)
    rebuild(rebuilder_of(archive))
    assert rows_of_law(archive) == before


# --- accepted while adopting --------------------------------------------------------------------


def test_a_shorter_series_may_be_accepted_by_name_with_the_adoption_itself(archive):
    adopted(archive)
    use(archive, SHORTER)
    made = proposed(archive, replace(RECORD, shorter={"COR": "Resolution 2027-3"}))
    assert made.shorter == ("unconfirmed",)

    adopting.confirm(archive.office.account, second(archive), made.row.adoption)

    assert archive.office.schedule.first_day("COR", POSTED) == date(2028, 1, 3)
    assert kinds(archive)[-2:] == ["adoption.confirmed", "promise.released"]
    before = rows_of_law(archive)
    lose_the_catalogue(archive)
    rebuild(rebuilder_of(archive))
    assert rows_of_law(archive) == before


@pytest.mark.parametrize(
    ("shorter", "fault"),
    [
        ({"TR": "?"}, "--accept-shorter TR: is not shorter than was promised"),
        ({"XX": "?"}, "--accept-shorter XX: is not shorter than was promised"),
    ],
)
def test_nothing_is_accepted_that_the_version_does_not_shorten(archive, shorter, fault):
    adopted(archive)
    use(archive, SHORTER)

    with pytest.raises(ConfigInvalid, match=fault):
        proposed(archive, replace(RECORD, shorter=shorter))


def test_what_was_promised_since_a_shortening_was_entered_is_not_released_with_it(archive):
    longer = SCHEDULE.replace('period = "P3Y"', 'period = "P9Y"').replace(
        "2029-01-03", "2035-01-03"
    )
    adopted(archive)
    use(archive, SHORTER)
    entered = proposed(archive, replace(RECORD, shorter={"COR": "Resolution 2027-3"}))
    use(archive, longer)
    adopted(archive)
    use(archive, SHORTER)

    with pytest.raises(ConfigInvalid, match=r"A-0002 shortens series COR, and A-0003 promised"):
        adopting.confirm(archive.office.account, second(archive), entered.row.adoption)

    assert archive.office.schedule.first_day("COR", POSTED) == date(2035, 1, 3)
    adopted(archive, replace(RECORD, shorter={"COR": "Resolution 2027-3"}))
    assert archive.office.schedule.first_day("COR", POSTED) == date(2028, 1, 3)
    assert proved(archive).ok


def test_the_same_promise_made_again_since_is_a_newer_one(archive):
    adopted(archive)
    use(archive, SHORTER)
    entered = proposed(archive, replace(RECORD, shorter={"COR": "Resolution 2027-3"}))
    use(archive, SCHEDULE)
    adopted(archive)

    with pytest.raises(ConfigInvalid, match="A-0003 promised it since"):
        adopting.confirm(archive.office.account, second(archive), entered.row.adoption)


# --- withdrawn ----------------------------------------------------------------------------------


def withdrawn(archive: Archive, name: str = "A-0001", *, by: SignedIn | None = None):
    return adopting.withdraw(
        archive.office.account,
        by or first(archive),
        name,
        reason="the council took it back",
        instrument=Instrument("2027-9.pdf", b"%PDF-withdrawn"),
    )


def due_under_an_adoption(archive: Archive, posts: int = 1):
    adopted(archive, replace(RECORD, still_on_platform=StillOnPlatform.DESTROY))
    archive.capture(*(an_observation(str(n), "Thanks!") for n in range(posts)))
    archive.clock.forward(days=100)
    archive.capture()
    plan = archive.plan(UNSAMPLED)
    assert plan.due == posts
    return plan


def test_a_withdrawn_adoption_destroys_nothing_and_voids_what_stands(archive):
    plan = due_under_an_adoption(archive)

    made = withdrawn(archive)

    assert made.row.status == "withdrawn"
    assert kinds(archive)[-2:] == ["adoption.withdrawn", "disposition.voided"]
    assert archive.office.schedule.adoption is None
    with pytest.raises(NotAdopted):
        archive.carry_out(plan, UNSAMPLED)
    assert planning.named(archive.office.account, plan.name).status == "void"
    with pytest.raises(ConfigInvalid, match="is withdrawn already"):
        withdrawn(archive)
    adopted(archive, replace(RECORD, still_on_platform=StillOnPlatform.DESTROY))
    assert archive.purge(UNSAMPLED).destroyed == 1


def test_a_withdrawal_stops_a_destruction_that_is_under_way(archive):
    plan = due_under_an_adoption(archive, posts=2)
    office = archive.office
    schedule = office.schedule

    withdrawn(archive)

    with office.disposer() as disposer:
        errand = Errand(
            account=office.account,
            person=archive.person,
            plan=plan,
            schedule=schedule,
            on=office.account.today(),
            objects=office.objects,
            sampling=UNSAMPLED,
        )
        receipt = dispose.work_off(disposer, errand)
    assert (receipt.destroyed, {why for _, reasons in receipt.stayed for why in reasons}) == (
        0,
        {"not_adopted"},
    )


def test_a_withdrawn_adoption_that_was_put_back_with_its_seal_destroys_nothing(archive):
    due_under_an_adoption(archive)
    table = tables.adoptions
    with archive.office.catalogue.reading() as connection:
        was = dict(connection.execute(select(table)).mappings().one())
    withdrawn(archive)
    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(update(table).values(was))

    with pytest.raises(RegisterUnreadable, match="A-0001"):
        archive.purge(UNSAMPLED)

    assert archive.objects("0")


def test_a_withdrawal_keeps_its_document_and_its_promises_and_comes_back(archive):
    due_under_an_adoption(archive)
    made = withdrawn(archive)
    account = archive.office.account
    with account.catalogue.reading() as connection:
        assert set(promising.promises(connection)) == {"TR", "COR", "DIS", "unconfirmed"}
    (paper,) = (archive.folder / "objects" / "papers" / "withdrawal").iterdir()
    told = paper_of(account, "withdrawal", paper.stem)
    kept = paper_of(account, "document", told["document"]["document"])
    assert base64.b64decode(kept["base64"]) == b"%PDF-withdrawn"
    before = rows_of_law(archive)

    lose_the_catalogue(archive)
    rebuild(rebuilder_of(archive))

    assert rows_of_law(archive) == before
    assert made.row.withdrawn_by == archive.person.id


def test_who_may_not_adopt_withdraws_nothing(archive):
    adopted(archive)
    clerk = SignedIn(person=a_colleague(archive, Role.CLERK, name="clerk"), means=Means.OS_ACCOUNT)

    with pytest.raises(NotPermitted):
        withdrawn(archive, by=clerk)
    assert archive.office.schedule.adoption is not None


@pytest.mark.parametrize(
    "forged",
    [
        update(tables.adoptions).values(
            particulars=func.replace(
                tables.adoptions.c.particulars, '"automatic":["rules"]', '"automatic":[]'
            )
        ),
        update(tables.adoptions).values(schedule=tables.adoptions.c.schedule, status="confirmed"),
        update(tables.promises).values(released_at=1),
    ],
    ids=["particulars", "status", "promise"],
)
def test_on_law_that_was_edited_behind_us_nothing_is_destroyed(archive, forged):
    due_under_an_adoption(archive)
    plan = archive.plan(UNSAMPLED)
    assert plan.due == 1
    if "status" in str(forged):
        withdrawn(archive)
    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(forged)

    assert archive.office.schedule.adoption is None
    with pytest.raises(NotAdopted):
        archive.carry_out(plan, UNSAMPLED)
    assert archive.purge(UNSAMPLED).destroyed == 0


# --- what only a person knows --------------------------------------------------------------------


def entered(archive, *native_ids, trigger=Trigger.CASE_CLOSED, day=date(2026, 3, 1)):
    return triggering.enter_trigger(
        archive.office.account,
        archive.office.objects,
        first(archive),
        [archive.item_id(n) for n in native_ids],
        trigger,
        day,
        reason="case closed",
    )


def test_what_a_person_enters_starts_the_period_and_a_later_word_replaces_it(archive):
    earlier = FOUNDED_AT - timedelta(days=20)
    archive.capture(an_observation("1", at=earlier), an_observation("2", at=earlier))

    entered(archive, "1", "2", trigger=Trigger.EVENT_OVER)
    entered(archive, "1", day=date(2026, 2, 27))
    entered(archive, "1", day=date(2026, 2, 28))

    ordinal = date(2026, 2, 28).toordinal()
    event = date(2026, 3, 1).toordinal()
    assert archive.item("1").triggers == f"case_closed:{ordinal} event_over:{event}"
    assert archive.item("2").triggers == f"event_over:{event}"
    assert kinds(archive)[-4:] == ["item.triggered"] * 4
    assert proved(archive).ok


@pytest.mark.parametrize(
    ("trigger", "day", "refusal"),
    [
        (Trigger.POSTED, date(2026, 3, 1), "captures find it"),
        (Trigger.LAST_ACTIVITY, date(2026, 3, 1), "captures find it"),
        (Trigger.ADMIN_VALUE_ENDED, date(2026, 3, 1), "on the day somebody declares it"),
        (Trigger.CASE_CLOSED, date(2026, 3, 3), "has not come yet"),
    ],
)
def test_nobody_enters_what_captures_find_or_what_has_not_come(archive, trigger, day, refusal):
    archive.capture(an_observation("1"))

    with pytest.raises(ConfigInvalid, match=refusal) as raised:
        entered(archive, "1", trigger=trigger, day=day)

    assert raised.value.remedy != ConfigInvalid.remedy, "that one is of the configuration"

    assert archive.item("1").triggers == ""


@pytest.mark.parametrize(
    ("published", "captured"),
    [(date(2026, 2, 10), date(2026, 3, 2)), (date(2026, 3, 9), date(2026, 3, 2))],
    ids=["published first", "captured first"],
)
def test_nothing_happens_to_an_item_before_it_was_there(archive, published, captured):
    at = FOUNDED_AT + (published - captured)
    archive.capture(
        an_observation("1", at=at), an_observation("2", at=FOUNDED_AT.replace(year=2024))
    )
    begins, day = min(published, captured), timedelta(days=1)
    archive.clock.forward(days=9)

    with pytest.raises(ConfigInvalid, match=f"not there before {begins}") as refusal:
        entered(archive, "2", "1", day=begins - day)

    assert f"Give {begins} or a later day" in refusal.value.remedy
    assert (archive.item("1").triggers, archive.item("2").triggers) == ("", "")
    for on in (begins, begins + day):
        entered(archive, "1", day=on)
        assert archive.item("1").triggers == f"case_closed:{on.toordinal()}"


def test_of_a_list_with_an_unknown_item_nothing_is_entered(archive):
    archive.capture(an_observation("1"))

    with pytest.raises(NotFound):
        entered(archive, "1", "9")

    assert archive.item("1").triggers == ""
    assert archive.objects("1") == [r for r in archive.objects("1") if r.slot != "trigger"]


# --- from the object store alone -----------------------------------------------------------------


def rows_of_law(archive: Archive) -> dict[str, list[dict[str, object]]]:
    with archive.office.catalogue.reading() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(select(table).order_by(table.c.n)).mappings()
            ]
            for table in (tables.adoptions, tables.promises)
        }


def test_a_rebuild_in_the_middle_of_an_adoption_brings_all_of_it_back(archive):
    adopted(archive)
    use(archive, SHORTER)
    adopted(archive)
    promising.accept_shorter(
        archive.office.account, first(archive), archive.office.schedule, "COR", reason="law"
    )
    archive.capture(an_observation("1"))
    entered(archive, "1", day=archive.office.account.today())
    waiting = proposed(archive, replace(RECORD, number="508-3")).row.adoption
    before, row = rows_of_law(archive), archive.item("1")

    lose_the_catalogue(archive)
    rebuild(rebuilder_of(archive))
    archive.reopen()

    assert rows_of_law(archive) == before
    assert archive.item("1").triggers == row.triggers
    adopting.confirm(archive.office.account, second(archive), waiting)
    record = archive.office.schedule.adoption
    assert record is not None
    assert record.number == "508-3"
    assert archive.office.schedule.first_day("COR", POSTED) == Period(years=2).first_day(
        date(2026, 1, 2)
    )
