"""Every shipped schedule: it loads, it is honest about itself, and its worked examples hold."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from archiver.classifiers.rules import RulesClassifier
from archiver.office.lookup import find_schedule
from archiver.records.adoption import Adoption, StillOnPlatform
from archiver.records.classification import Tag
from archiver.records.items import Content, ItemKind, RawFragment
from archiver.records.periods import Cutoff, Period
from archiver.records.rules import Conditions, Rule, Wording
from archiver.records.schedules import Obstacle
from archiver.records.series import (
    Confidence,
    Disposition,
    Example,
    RetentionRule,
    Series,
    Trigger,
)

HOME = Path(__file__).parent.parent / "schedules"
README = (HOME / "README.md").read_text("utf-8")
SHIPPED = {path.stem: find_schedule(path.stem, HOME)[0] for path in sorted(HOME.glob("*.toml"))}
INDIO, DEMO = SHIPPED["indio-ca"], SHIPPED["demo"]
EXAMPLES = [
    pytest.param(schedule, series, example, id=f"{schedule.name} {series.number} {n}")
    for schedule in SHIPPED.values()
    for series in schedule.series.values()
    for n, example in enumerate(series.examples, start=1)
]
every = pytest.mark.parametrize("schedule", SHIPPED.values(), ids=list(SHIPPED))
every_example = pytest.mark.parametrize(("schedule", "series", "example"), EXAMPLES)


def test_a_schedule_whose_file_was_edited_is_read_anew(tmp_path):
    file, text = tmp_path / "own.toml", (HOME / "demo.toml").read_text("utf-8")
    file.write_text(text, "utf-8")
    before, _ = find_schedule(file.name, tmp_path)
    file.write_text(f"{text}\n# another word\n", "utf-8")

    after, read = find_schedule(file.name, tmp_path)

    assert after.digest == read.digest != before.digest
    assert find_schedule(file.name, tmp_path)[0].digest == after.digest


def suggested(schedule, example):
    item = Content(
        native_id="1",
        kind=ItemKind.POST if example.own else ItemKind.COMMENT,
        text=example.text,
        raw=RawFragment("text/plain", b""),
        published_at=datetime(2026, 1, 2, tzinfo=UTC),
        parent=None if example.own else "0",
    )
    return RulesClassifier(schedule).suggest(item, own=example.own)


@every_example
def test_every_worked_example_comes_out_on_the_day_it_says(schedule, series, example):
    assert schedule.first_day(series.number, example.days) == example.first_day_of_disposition


@every_example
def test_the_rules_never_call_the_example_of_a_substantive_series_transitory(
    schedule, series, example
):
    found = suggested(schedule, example)

    assert found.tag in {series.category, Tag.UNDETERMINED, Tag.SUBSTANTIVE}
    suggested_by_rules = {r.series for r in schedule.rules if r.tag is Tag.TRANSITORY}
    if series.category is Tag.TRANSITORY and series.number in suggested_by_rules:
        assert (found.tag, found.series) == (Tag.TRANSITORY, series.number)


@every
def test_a_schedule_carries_the_name_of_its_file_and_a_digest(schedule):
    assert SHIPPED[schedule.name] is schedule
    assert len(schedule.digest) == 64


@every
def test_what_is_marked_as_memory_frame_or_proposal_is_not_called_verified(schedule):
    for series in schedule.series.values():
        if not schedule.demonstration and series.confidence is not Confidence.SEEN:
            assert not series.verified


def test_indios_only_official_number_is_the_one_its_policy_names():
    official = [s.number for s in INDIO.series.values() if s.number_official]

    assert official == ["CW-026"]


DEPARTMENTS = {
    "stockton-ca": """
        STK-SM-01 substantive P2Y last_activity review CA-A F
        STK-SM-02 substantive P2Y event_over destroy CA-A F
        STK-SM-03 transitory P60D admin_value_ended destroy CA-0 F
        STK-SM-04 substantive P2Y posted destroy CA-A F
        STK-SM-05 substantive P2Y posted review CA-A F
        STK-SM-06 substantive P2Y last_activity destroy CA-A F
        STK-SM-07 substantive P2Y last_activity destroy CA-A F
        STK-SM-08 substantive - removed review CA-A P
        STK-SM-09 substantive - unblocked destroy CA-A P
        STK-SM-09-C substantive - account_closed destroy CA-A P
        STK-SM-10 substantive - case_closed transfer CA-A P
        STK-SM-11 substantive P2Y posted destroy CA-A F
        STK-SM-12 substantive P15Y complaint_closed destroy CA-A S
        STK-SM-12-N substantive P5Y complaint_closed destroy CA-A S
        STK-SM-13 substantive P2Y request_closed destroy CA-A F
        STK-SM-14 substantive - hold_released review CA-A P
        STK-SM-15 substantive P2Y superseded destroy CA-A F
        STK-SM-16 substantive P2Y superseded destroy CA-A F
        STK-SM-17 substantive P2Y case_closed review CA-A F
        STK-SM-18 substantive P2Y event_over destroy CA-A F
        STK-SM-19 substantive permanent created permanent none F
        STK-SM-20 substantive - superseded destroy CA-A P
    """,
    "west-plains-mo": """
        WP-SM-01 substantive - posted review MO-A P
        WP-SM-02 substantive - posted destroy MO-A P
        WP-SM-03 transitory P60D admin_value_ended destroy MO-A M-l
        WP-SM-04 transitory P0D admin_value_ended destroy none S
        WP-SM-05 substantive - posted review MO-A P
        WP-SM-06 substantive - event_over destroy MO-A P
        WP-SM-07 substantive - last_activity destroy MO-A P
        WP-SM-08 substantive - last_activity destroy MO-A P
        WP-SM-09 substantive - removed review MO-A P
        WP-SM-10 substantive - case_closed review MO-A F
        WP-SM-11 substantive - case_closed transfer MO-A F
        WP-SM-12 substantive - posted review MO-A P
        WP-SM-13 substantive - complaint_closed review MO-A P
        WP-SM-14 substantive - decided destroy MO-A M-h
        WP-SM-15 substantive - request_closed destroy MO-A P
        WP-SM-16 substantive - superseded destroy MO-A P
        WP-SM-17 substantive - superseded destroy MO-A P
        WP-SM-18 substantive - superseded review MO-A P
        WP-SM-19 substantive permanent created permanent none S
    """,
    "takoma-park-md": """
        TP-SM-01 substantive P3Y last_activity destroy MD-A F
        TP-SM-02 substantive permanent posted permanent MD-T S
        TP-SM-03 substantive P3Y event_over destroy MD-A F
        TP-SM-04 transitory P60D admin_value_ended destroy MD-A P
        TP-SM-05 substantive P3Y last_activity destroy MD-A F
        TP-SM-06 substantive P3Y last_activity destroy MD-A F
        TP-SM-07 substantive - removed destroy MD-A P
        TP-SM-08 substantive - removed destroy MD-A P
        TP-SM-09 substantive - removed destroy MD-A P
        TP-SM-10 substantive - superseded destroy MD-A P
        TP-SM-11 substantive - posted destroy MD-A P
        TP-SM-12 substantive - case_closed transfer MD-A F
        TP-SM-13 substantive - complaint_closed review MD-A P
        TP-SM-14 substantive P3Y request_closed destroy MD-A F
        TP-SM-15 substantive - case_closed destroy MD-A P
        TP-SM-16 substantive permanent created permanent none S
        TP-SM-17 transitory - superseded destroy MD-A F
    """,
    "palacios-tx": """
        GR1000-24 substantive - complaint_closed destroy TX-A M-m
        GR1000-26a substantive P4Y last_activity review TX-A S
        GR1000-26b substantive P2Y last_activity destroy TX-A S
        GR1000-29 substantive - matter_closed review TX-A M-l
        GR1000-34 substantive - request_closed destroy TX-A M-m
        GR1000-38 substantive - superseded review TX-A M-m
        GR1000-40 substantive permanent created permanent none P
        GR1000-41a substantive - posted review TX-A M-l
        GR1000-41b substantive P1Y posted destroy TX-A S
        GR1000-50 transitory P60D admin_value_ended destroy TX-0 M-h
        PAL-GR-PRESS substantive - posted review TX-A M-l
        PS4050-06 substantive - created destroy TX-A M-l
        PS4100-05 substantive P2Y event_over review TX-A S
        PS4125-01 substantive - created review TX-A S
        PS4125-04 substantive P90D event_over destroy TX-A S
        PS4125-05 substantive - case_closed transfer TX-A M-m
        PAL-SM-00 transitory P0D admin_value_ended destroy none F
        PAL-SM-01 substantive - removed review TX-A P
        PAL-SM-02 substantive - superseded destroy TX-A P
        PAL-SM-03 substantive - case_closed review TX-A P
        PAL-SM-04 substantive - decided destroy TX-A M-m
        PAL-SM-05 substantive - order_received review court S
    """,
    "indio-ca": """
        CW-026 transitory P60D admin_value_ended destroy CA-0 M-h
        IND-CW-COR substantive P2Y last_activity destroy CA-A F
        IND-SM-01 substantive P2Y event_over destroy CA-A F
        IND-SM-02 substantive P2Y posted destroy CA-A F
        IND-SM-03 substantive P2Y case_closed review CA-A F
        IND-SM-03-S substantive P2Y event_over review CA-A F
        IND-SM-04 substantive P2Y event_over destroy CA-A F
        IND-SM-05 substantive P2Y posted review CA-A F
        IND-SM-06 substantive P2Y event_over destroy CA-A F
        IND-SM-07 substantive P2Y case_closed review CA-A F
        IND-SM-08 substantive P2Y case_closed review CA-A F
        IND-SM-09 substantive - removed review CA-A P
        IND-SM-10 substantive P2Y case_closed transfer CA-A F
        IND-SM-11 substantive P2Y posted destroy CA-A F
        IND-SM-12 substantive P15Y complaint_closed destroy CA-A S
        IND-SM-12-N substantive P5Y complaint_closed destroy CA-A S
        IND-SM-13 substantive P2Y superseded destroy CA-A F
        IND-SM-14 substantive P2Y created review CA-A F
        IND-SM-15 substantive - event_over review CA-A P
        IND-SM-16 substantive - decided destroy CA-A M-m
        IND-SM-17 substantive P2Y request_closed destroy CA-A F
        IND-SM-18 substantive P2Y superseded review CA-A F
        IND-SM-19 substantive permanent created permanent none F
        IND-SM-20 substantive P1Y recorded destroy CA-A S
        IND-SM-20-R substantive P100D recorded destroy CA-A S
    """,
}
"""The five departments, and every row that the facts of the field have for each: number, category,
period, trigger, disposition, approval and confidence. A *-* is kept: what is memory or a proposal
has no period, nor has what follows a case that no row names. Where the facts tell no longer
required, the period is the floor."""


def row_of(series):
    if series.rule is RetentionRule.PERMANENT:
        period = "permanent"
    elif series.rule is RetentionRule.WHEN_NO_LONGER_REQUIRED:
        period = series.floor or "P0D"
    else:
        period = series.period or "-"
    told = (series.trigger, series.disposition, series.approval, series.confidence)
    return f"{series.number} {series.category} {period} {' '.join(told)}"


@pytest.mark.parametrize("name", DEPARTMENTS)
def test_every_department_has_its_schedule_with_every_row_of_the_facts(name):
    shipped = {row_of(series) for series in SHIPPED[name].series.values()}

    assert {row.strip() for row in DEPARTMENTS[name].strip().splitlines()} - shipped == set()


RESTRICTED = {
    "stockton-ca": {"STK-SM-10", "STK-SM-11", "STK-SM-17"},
    "west-plains-mo": {"WP-SM-11", "WP-SM-14"},
    "takoma-park-md": {"TP-SM-08", "TP-SM-12", "TP-SM-17"},
    "palacios-tx": {"PS4125-05", "PAL-SM-03", "PAL-SM-04", "PAL-SM-05"},
    "indio-ca": {"IND-SM-11", "IND-SM-16"},
}
"""Tips, booking photos, evidence, background checks, lists of people, covert sites."""


@pytest.mark.parametrize("name", DEPARTMENTS)
def test_what_the_facts_call_restricted_is_so_in_every_department(name):
    schedule = SHIPPED[name]
    always = {"o8-tip", "o11-booking-photo", "o11-juvenile", "o11-juvenile-age", "o11-minor"}

    assert {n for n, each in schedule.series.items() if each.restricted} == RESTRICTED[name]
    assert {*always, "o11-victim", "g-list"} <= {
        rule.id for rule in schedule.rules if rule.restricted
    }


@pytest.mark.parametrize("name", DEPARTMENTS)
def test_a_departments_schedule_is_not_adopted_and_lets_nothing_be_destroyed(name):
    schedule = SHIPPED[name]

    assert schedule.adoption is None
    for number in schedule.series:
        assert Obstacle.NOT_ADOPTED in schedule.obstacles(number, on=date.max)


@pytest.mark.parametrize("name", DEPARTMENTS)
def test_a_departments_public_comments_are_kept_as_its_states_correspondence_is(name):
    schedule = SHIPPED[name]
    comments = schedule.series[schedule.public_comments]

    assert comments.category is Tag.SUBSTANTIVE
    assert comments.trigger is Trigger.LAST_ACTIVITY
    correspondence = {"MO": None, "MD": Period(years=3)}.get(schedule.state, Period(years=2))
    assert comments.period == correspondence


def test_what_is_not_seen_in_missouri_lets_nothing_fall_due():
    schedule = SHIPPED["west-plains-mo"]
    days = dict.fromkeys(set(Trigger) - {Trigger.ADMIN_VALUE_ENDED}, date(1990, 1, 1))

    assert {n for n in schedule.series if schedule.first_day(n, days) is not None} == set()


def test_maryland_asks_the_state_archivist_before_anything_is_destroyed():
    schedule = SHIPPED["takoma-park-md"]

    for series in schedule.series.values():
        if series.disposition is Disposition.DESTROY:
            assert "state_archivist_approval" in schedule.approval_chains[series.approval]


def test_the_federal_schedules_can_only_be_read():
    schedule = SHIPPED["reference-us-federal"]

    assert schedule.reference
    for number in schedule.series:
        assert schedule.obstacles(number, on=date.max)


def test_cw_026_has_no_timer_and_waits_for_a_named_person():
    series = INDIO.series["CW-026"]

    assert (series.rule, series.period) == (RetentionRule.WHEN_NO_LONGER_REQUIRED, None)
    assert (series.trigger, series.floor) == (Trigger.ADMIN_VALUE_ENDED, Period(days=60))
    assert series.first_day({Trigger.CREATED: date(1990, 1, 1)}) is None


@pytest.mark.parametrize(
    ("declared", "first"),
    [
        (date(2028, 1, 1), date(2028, 1, 3)),
        (date(2028, 1, 2), date(2028, 1, 3)),
        (date(2028, 1, 3), date(2028, 1, 4)),
    ],
)
def test_no_indio_series_is_due_before_two_years_after_the_last_activity(declared, first):
    days = {
        Trigger.CREATED: date(2026, 1, 2),
        Trigger.LAST_ACTIVITY: date(2026, 1, 2),
        Trigger.ADMIN_VALUE_ENDED: declared,
    }

    assert INDIO.first_day("CW-026", days) == first


@pytest.mark.parametrize("number", list(INDIO.series))
def test_the_two_years_bind_every_indio_series_without_exception(number):
    days = dict.fromkeys(Trigger, date(2026, 1, 2))

    first = INDIO.first_day(number, days)

    assert first is None or first >= date(2028, 1, 3)


def test_a_value_that_nobody_verified_warns_and_does_not_forbid_what_was_adopted():
    record = Adoption(instrument="Resolution", number="1", date=date(2026, 1, 1), signed_by=("A",))
    adopted = replace(INDIO, adoption=record)

    assert adopted.obstacles("CW-026", on=date(2026, 1, 1)) == ()
    assert "CW-026" in adopted.warnings
    assert "IND-SM-12" not in adopted.warnings


@pytest.mark.parametrize("words", [Trigger, Cutoff, Disposition, Confidence, ItemKind])
def test_the_readme_names_every_word_a_schedule_may_use(words):
    assert [word for word in words if f"`{word}`" not in README] == []


@pytest.mark.parametrize("kind", [Adoption, Series, Rule, Conditions, Wording, Example])
def test_the_readme_names_every_key(kind):
    hidden = {"tag", "series", "words", "conditions", "examples", "notes"}
    names = {field.name for field in fields(kind)} - hidden

    assert [name for name in names if name not in README] == []


def test_the_demonstration_is_permissive_and_says_what_it_is():
    assert DEMO.demonstration
    assert DEMO.state == ""
    adoption = DEMO.adoption
    assert adoption is not None
    assert adoption.unattended_purge
    assert adoption.automatic == frozenset({"rules"})
    assert adoption.still_on_platform is StillOnPlatform.DESTROY
    assert DEMO.minimum_after_activity is None


@pytest.mark.parametrize(
    ("last_activity", "first"),
    [
        (date(2025, 12, 31), date(2026, 3, 2)),
        (date(2026, 1, 1), date(2026, 3, 3)),
        (date(2026, 1, 2), date(2026, 3, 4)),
    ],
)
def test_the_demonstrations_transitory_series_lapses_after_sixty_days_and_settles_at_once(
    last_activity, first
):
    assert DEMO.first_day("DEMO-100", {Trigger.LAST_ACTIVITY: last_activity}) == first
    assert DEMO.settled("DEMO-100", last_activity) == last_activity
    assert DEMO.obstacles("DEMO-100", on=first) == ()


def test_both_schedules_have_the_same_rules_for_different_series():
    def shape(schedule):
        return [(r.id, r.words, r.conditions, r.guards, r.tag, r.queue) for r in schedule.rules]

    assert shape(INDIO) == shape(DEMO)
    assert INDIO.fillers == DEMO.fillers


@every
def test_every_department_names_what_is_kept_from_destruction_whatever_a_series_says(schedule):
    """So that each certificate says how it was asked; a demonstration and a reference need not."""
    assert bool(schedule.exclusions) is not (schedule.demonstration or schedule.reference)
