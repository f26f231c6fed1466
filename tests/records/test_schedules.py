import hashlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.classification import Tag
from archiver.records.errors import ScheduleInvalid
from archiver.records.periods import Cutoff, Period
from archiver.records.schedules import Obstacle, StillOnPlatform, load_schedule
from archiver.records.series import SETTLE, RetentionRule, Trigger
from tests.records.a_schedule import (
    ADOPTION,
    CORRESPONDENCE,
    HEAD,
    PERMANENT,
    RULES,
    SMALL,
    changed,
    loaded,
)

POSTED = date(2026, 1, 2)
DECLARED = date(2026, 2, 1)
DETERMINED = ADOPTION + 'transitory_determination = "Memorandum of 1 March 2026"\n'
DAYS = {Trigger.CREATED: POSTED, Trigger.LAST_ACTIVITY: POSTED, Trigger.ADMIN_VALUE_ENDED: DECLARED}
WRITTEN = """period = "P3Y\""""


def faults(text, *, shipped=False):
    with pytest.raises(ScheduleInvalid) as refused:
        loaded(text, shipped=shipped)
    return refused.value.faults


def test_a_schedule_is_read_whole():
    schedule = loaded()
    transitory = schedule.series["TR"]

    assert (schedule.name, schedule.state, schedule.agency) == ("small", "CA", "Smallville Police")
    assert list(schedule.series) == ["TR", "COR", "DIS"]
    assert schedule.digest == hashlib.sha256(SMALL.encode()).hexdigest()
    assert schedule.adoption is None
    assert (transitory.category, transitory.period) == (Tag.TRANSITORY, None)
    assert transitory.rule is RetentionRule.WHEN_NO_LONGER_REQUIRED
    assert transitory.floor == Period(days=60)
    assert transitory.settle == SETTLE == Period(days=30)
    assert schedule.longest == Period(years=3)
    assert schedule.approval_chains == {"clerk": ("records_custodian",), "none": ()}
    assert [rule.id for rule in schedule.rules] == ["incident", "thanks"]


def test_a_value_that_was_not_verified_is_a_warning_and_no_fault():
    assert loaded().warnings == ("series COR: its value is not verified (confidence F)",)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        # keys nobody knows, at every depth
        ('name = "small"', 'nmae = "x"\nname = "small"', "small.toml: schedule: nmae: unknown key"),
        ("[words]", "[wordz]", "small.toml: wordz: unknown key"),
        ("fillers = [", 'filers = ["a"]\nfillers = [', "small.toml: words: filers: unknown key"),
        ('floor = "P60D"', 'flor = "P60D"', "small.toml: series TR: flor: unknown key"),
        ('text = "Thanks!"', 'text = "Thanks!"\nonn = 1', "series TR: examples 1: onn: unknown"),
        ("own = true", "ownn = true", "small.toml: rule thanks: when: ownn: unknown key"),
        ('says = "Thanks."', 'says = "T."\nsay = 1', "small.toml: rule thanks: say: unknown key"),
        ("patterns = ['[?]']", "pattern = ['[?]']", "guards: doubt: pattern: unknown key"),
        # wrong types, and what is missing
        ('title = "Transitory"', "title = 3", "series TR: title: must be text"),
        ('title = "Transitory"', 'title = " "', "series TR: title: must be text"),
        ('title = "Transitory"\n', "", "series TR: title: is missing"),
        ('citation = ["Ordinance 1"]', 'citation = "Ordinance 1"', "series TR: citation: must be"),
        ('citation = ["Ordinance 1"]', "citation = [1]", "series TR: citation: must be a list"),
        ("number_official = true", "number_official = 1", "series TR: number_official: must be"),
        ("number_official = true\n", "", "series TR: number_official: is missing"),
        ("max_words = 10", "max_words = true", "when: max_words: must be a whole number"),
        ("max_words = 10", "max_words = -1", "when: max_words: must be a whole number"),
        ("confidence = 0.9", "confidence = 1.5", "rule incident: confidence: must be a number"),
        ("confidence = 0.9", "confidence = 0", "rule incident: confidence: must be a number"),
        ("confidence = 0.9", "confidence = true", "rule incident: confidence: must be a number"),
        ("confidence = 0.9\n", "", "rule incident: confidence: is missing"),
        ('rule = "period"', 'rule = "perriod"', "series COR: rule: 'perriod' is not one of"),
        ('trigger = "last_activity"', 'trigger = "x"', "series COR: trigger: 'x' is not one of"),
        ('confidence = "S"', 'confidence = "sure"', "series TR: confidence: 'sure' is not one of"),
        ("created = 2026-01-02, last", 'created = "x", last', "days: created: must be a day"),
        ("created = 2026-01-02, last", "born = 2026-01-02, last", "days.born: is not one of"),
        ("= 2028-01-03", "= 2028-01-03T00:00:00Z", "first_day_of_disposition: must be a day"),
        ("days = { last_activity = 2026-01-02 }", "", "series COR: examples 1: days: is missing"),
        ("[schedule]", "[[schedule]]", "small.toml: schedule: must be a table"),
        ("[[rules]]", "[rulez]\n[[rules]]", "small.toml: rulez: unknown key"),
        # periods
        (WRITTEN, 'period = "3 years"', "series COR: period: '3 years' is no period"),
        (WRITTEN, "period = 3", "series COR: period: must be text"),
        (WRITTEN, 'period = "P0D"', "series COR: period: has no length"),
        (WRITTEN + "\n", "", "series COR: period: is missing"),
        (WRITTEN, 'period = { length = "P3Y" }', "series COR: period: cutoff: is missing"),
        (WRITTEN, 'period = { cutoff = "month" }', "series COR: period: length: is missing"),
        (
            WRITTEN,
            'period = { length = "P3Y", cutoff = "fiscal_year" }',
            "series COR: period: fiscal_year_start: is missing",
        ),
        (
            'rule = "permanent"',
            'rule = "permanent"\nperiod = "P1Y"',
            'series DIS: period: rule = "permanent" has no period',
        ),
        (WRITTEN, WRITTEN + '\nfloor = "P1Y"', "series COR: floor: only rule ="),
        (
            'trigger = "admin_value_ended"',
            'trigger = "created"',
            'series TR: trigger: rule = "when_no_longer_required" starts no timer',
        ),
        ('disposition = "permanent"', 'disposition = "destroy"', 'series DIS: disposition: "perma'),
        # authority
        ('citation = ["Ordinance 1"]\n', "", "series TR: citation: is missing"),
        ('citation = ["Ordinance 1"]', "citation = []", "series TR: citation: must be a list"),
        ('["Ordinance 2"]', '["GRS 6.4 item 020"]', "series COR: citation: a federal schedule"),
        ('["Ordinance 2"]', '["NARA Bulletin 2014-02"]', "series COR: citation: a federal"),
        ('approval = "none"', 'approval = "mayor"', "series DIS: approval: 'mayor' is not among"),
        ('minimum_after_activity = "P2Y"\n', "", "schedule: minimum_after_activity: must be P2Y"),
        ('activity = "P2Y"', 'activity = "P23M"', "schedule: minimum_after_activity: must be P2Y"),
        ('activity = "P2Y"', 'activity = "P730D"', "schedule: minimum_after_activity: must be P2Y"),
        ('default_series = "COR"', 'default_series = "NO"', "schedule: default_series: must be a"),
        ('default_series = "COR"', 'default_series = "TR"', "schedule: default_series: must be a"),
        ('number = "COR"', 'number = "TR"', "series TR: number: stands here twice"),
        ('category = "transitory"', 'category = "undetermined"', "series TR: category: a series"),
        # worked examples
        ("= 2028-01-03", "= 2028-01-02", "written 2028-01-02, but it comes out as 2028-01-03"),
        (", admin_value_ended = 2026-02-01", "", "written 2028-01-03, but it comes out as no day"),
        ("first_day_of_disposition = 2029-01-03", "", "first_day_of_disposition is missing"),
        (
            "days = { created = 2026-01-02 }",
            "days = { created = 2026-01-02 }\nfirst_day_of_disposition = 2030-01-01",
            "series DIS: examples 1: a permanent series has no",
        ),
        # rules
        ('series = "COR"\ncon', 'series = "NO"\ncon', "rule incident: series: 'NO' is not"),
        ('series = "COR"\ncon', "con", 'rule incident: series: is missing: tag = "substantive"'),
        ('series = "COR"\ncon', 'series = "TR"\ncon', "rule incident: tag: series TR is transi"),
        ('id = "thanks"', 'id = "incident"', "rule incident: id: stands here twice"),
        ('id = "thanks"', 'id = "Thanks!"', "rule Thanks!: id: must be small letters"),
        ('cites = ["O4"]\n', "", "rule incident: cites: is missing"),
        ('guards = ["doubt"]', 'guards = ["dout"]', "rule thanks: guards: 'dout' is not among"),
        ("own = true", 'kinds = ["tweet"]', "rule thanks: when: kinds: 'tweet' is not one of"),
        ("'[0-9]{2}-[0-9]{4}'", "'[0-9'", "when: patterns: '[0-9' is no regular expression"),
        ("'[0-9]{2}-[0-9]{4}'", "'(a+)+b'", "may take very long"),
        ("'[0-9]{2}-[0-9]{4}'", "'(?:a{1,9}){1,9}'", "may take very long"),
        ("'[0-9]{2}-[0-9]{4}'", "'x.*y'", "may take very long"),
        ("'[0-9]{2}-[0-9]{4}'", "'x[a-z]+y'", "may take very long"),
        ("'[0-9]{2}-[0-9]{4}'", r"'\w+y'", "may take very long"),
        ("'[0-9]{2}-[0-9]{4}'", r"'(a)\1'", "may not use back references"),
        ("'[0-9]{2}-[0-9]{4}'", "'(?P<a>b)'", "may not use back references"),
        ("'[0-9]{2}-[0-9]{4}'", "'a{0,3}'", "matches the empty text"),
        ("'[0-9]{2}-[0-9]{4}'", "'Case'", "'Case' must be in small letters"),
        ('["arrest*"]', '["Arrest"]', "'Arrest' must be in small letters"),
        ('["arrest*"]', '["ar*"]', "'ar*' needs at least 4 letters before *"),
        ('["arrest*"]', '["ar*est"]', "'ar*est' must be words with one space"),
        ('["arrest*"]', '["two  spaces"]', "must be words with one space"),
        ('["arrest*"]', '["why ?"]', "'why ?' has a part without a letter"),
        ("phrases = [\"but\"]\npatterns = ['[?]']", "", "guards: doubt: phrases: is missing"),
        # what a transitory rule may never do
        ("max_other_words = 0\n", "", "rule thanks: when: a transitory rule needs max_other_words"),
        ("max_other_words = 0", "max_other_words = 2", "a transitory rule needs max_other_words"),
        ('phrases = ["thanks"]', 'kinds = ["message"]', "content decides, format never"),
        ('["thanks"]', '["e-mail"]', "'e-mail' names a format"),
        ('["thanks"]', '["web page"]', "'web page' names a format"),
        ('fillers = ["much"]', "queue = true", "rule thanks: queue: what a person must look at"),
        # a rule that gives nothing
        ("phrases = [\"arrest*\"]\npatterns = ['[0-9]{2}-[0-9]{4}']", "", "asks for nothing"),
        ('tag = "substantive"\nseries = "COR"\ncon', "con", "rule incident: queue: must be true"),
        ('tag = "substantive"\nseries', "queue = true\nseries", "only a rule that is sure of its"),
    ],
)  # fmt: skip
def test_one_misspelling_or_contradiction_stops_the_program_and_is_named(old, new, fault):
    found = faults(changed(old, new))

    assert any(fault in each for each in found), found
    assert all(each.startswith("small.toml: ") for each in found)


def test_a_series_without_a_worked_example_is_refused():
    cut = CORRESPONDENCE[: CORRESPONDENCE.index("[[series.examples]]")]

    assert faults(HEAD + cut + PERMANENT) == [
        "small.toml: series COR: examples: is missing: a series needs at least one worked example"
    ]


def test_all_faults_are_reported_together():
    text = SMALL.replace("Ordinance", "GRS").replace("phrases =", "phrasez =")

    found = faults(text)

    assert len(found) >= 6
    assert {each.split(": ")[1] for each in found} >= {
        "series TR", "series COR", "series DIS", "rule incident", "rule thanks", "guards",
    }  # fmt: skip


@pytest.mark.parametrize("data", [b"= 1", b"\xff", b"[a]\n[a]\n"])
def test_what_is_not_toml_is_refused(data):
    with pytest.raises(ScheduleInvalid, match=r"x\.toml: is not TOML in UTF-8"):
        load_schedule("x.toml", data)


@pytest.mark.parametrize("text", ["", "schedule = 1\nseries = 2\nrules = 3\nguards = 4\nwords = 5"])
def test_what_is_toml_and_no_schedule_is_refused(text):
    found = faults(text)

    assert any("schedule" in each for each in found)
    assert any("series" in each for each in found)


@given(st.binary(max_size=200))
def test_no_bytes_are_a_schedule_by_accident(data):
    with pytest.raises(ScheduleInvalid):
        load_schedule("x.toml", data)


def test_an_adoption_is_the_agencys_own_and_never_shipped():
    assert loaded(SMALL + ADOPTION).adoption is not None
    assert faults(SMALL + ADOPTION, shipped=True) == [
        (
            "small.toml: adoption: a shipped schedule is not adopted; copy the file, "
            "and write the adoption there"
        )
    ]


def test_only_a_demonstration_may_be_shipped_adopted():
    text = SMALL.replace('title = "A small', 'demonstration = true\ntitle = "A small') + ADOPTION

    assert loaded(text, shipped=True).demonstration


def test_an_adoption_permits_nothing_it_does_not_say():
    adoption = loaded(SMALL + ADOPTION).adoption

    assert adoption is not None
    assert adoption.unattended_purge is False
    assert adoption.automatic == frozenset()
    assert adoption.still_on_platform is StillOnPlatform.KEEP
    assert adoption.transitory_determination is None


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('instrument = "Resolution"\n', "", "adoption: instrument: is missing"),
        ('number = "12"\n', "", "adoption: number: is missing"),
        ("date = 2026-03-01\n", "", "adoption: date: is missing"),
        ("2026-03-01", '"2026-03-01"', "adoption: date: must be a day"),
        ('["A. Clerk"]', "[]", "adoption: signed_by: must be a list"),
        (
            '["A. Clerk"]',
            '["A"]\nautomatic = ["chance"]',
            "adoption: automatic: chance: only model",
        ),
        ('["A. Clerk"]', '["A"]\nunattended_purge = "yes"', "adoption: unattended_purge: must be"),
        ('["A. Clerk"]', '["A"]\nstill_on_platform = "x"', "still_on_platform: 'x' is not one of"),
        ('["A. Clerk"]', '["A"]\nunatended_purge = true', "adoption: unatended_purge: unknown key"),
    ],
)
def test_an_adoption_that_is_not_whole_is_refused(old, new, fault):
    assert any(fault in each for each in faults(SMALL + ADOPTION.replace(old, new)))


def test_when_no_longer_required_starts_no_timer_until_somebody_declares_it():
    undeclared = {k: v for k, v in DAYS.items() if k is not Trigger.ADMIN_VALUE_ENDED}
    series = loaded().series["TR"]

    assert series.first_day(undeclared) is None
    assert series.first_day(DAYS) == date(2026, 3, 4)
    late = DAYS | {Trigger.ADMIN_VALUE_ENDED: date(2026, 3, 3)}
    assert series.first_day(late) == date(2026, 3, 4)
    later = DAYS | {Trigger.ADMIN_VALUE_ENDED: date(2026, 3, 4)}
    assert series.first_day(later) == date(2026, 3, 5)
    assert series.first_day({Trigger.ADMIN_VALUE_ENDED: DECLARED}) is None


def test_nothing_is_due_in_california_before_two_years_after_the_last_activity():
    schedule = loaded(SMALL + ADOPTION)

    assert schedule.first_day("TR", DAYS) == date(2028, 1, 3)
    assert schedule.first_day("TR", {k: v for k, v in DAYS.items() if k != "last_activity"}) is None


def test_a_written_determination_frees_transitory_series_and_no_other():
    text = SMALL.replace(WRITTEN, 'period = "P1Y"').replace("= 2029-01-03", "= 2028-01-03")
    schedule = loaded(text + DETERMINED)

    assert schedule.first_day("TR", DAYS) == date(2026, 3, 4)
    assert schedule.first_day("COR", DAYS) == date(2028, 1, 3)


def test_a_permanent_series_an_unknown_one_and_a_missing_trigger_have_no_day():
    schedule = loaded()

    assert schedule.first_day("DIS", DAYS) is None
    assert schedule.first_day("NO", DAYS) is None
    assert schedule.first_day("COR", {Trigger.CREATED: POSTED}) is None


def test_what_nobody_confirmed_keeps_the_longest_period():
    schedule = loaded(SMALL + DETERMINED)
    longest = date(2029, 1, 3)

    assert schedule.first_day("TR", DAYS) == date(2026, 3, 4)
    assert schedule.first_day_unconfirmed("TR", DAYS) == longest
    assert schedule.first_day_unconfirmed("", DAYS) == longest
    assert schedule.first_day_unconfirmed("", {Trigger.CREATED: POSTED}) is None
    assert schedule.first_day_unconfirmed("DIS", DAYS) is None
    far = DAYS | {Trigger.ADMIN_VALUE_ENDED: date(2040, 1, 1)}
    assert schedule.first_day_unconfirmed("TR", far) == date(2040, 1, 2)


def test_a_schedule_of_no_state_may_cite_federal_authority():
    text = SMALL.replace('state = "CA"\n', "").replace('["Ordinance 2"]', '["GRS 6.4 item 020"]')

    assert loaded(text).series["COR"].citation == ("GRS 6.4 item 020",)


def test_the_longest_period_is_found_wherever_it_stands():
    longer = CORRESPONDENCE.replace("COR", "OLD").replace(WRITTEN, 'period = "P9Y"')

    assert loaded(SMALL + longer.replace("2029-01-03", "2035-01-03")).longest == Period(years=9)


def test_a_series_settles_from_capture_on():
    series = loaded().series["TR"]
    at_once = loaded(changed('floor = "P60D"', 'settle = "P0D"\nfloor = "P60D"')).series["TR"]

    assert series.settled(POSTED) == date(2026, 2, 2)
    assert at_once.settled(POSTED) == POSTED


def test_a_period_may_begin_at_the_end_of_the_fiscal_year():
    table = 'period = { length = "P3Y", cutoff = "fiscal_year", fiscal_year_start = 7 }'
    series = loaded(changed(WRITTEN, table).replace("= 2029-01-03", "= 2029-07-01")).series["COR"]

    assert series.period == Period(years=3, cutoff=Cutoff.FISCAL_YEAR, fiscal_year_start=7)


@pytest.mark.parametrize(
    ("number", "on", "found"),
    [
        ("TR", date(2026, 2, 28), (Obstacle.NOT_YET_IN_FORCE,)),
        ("TR", date(2026, 3, 1), ()),
        ("TR", date(2026, 3, 2), ()),
        ("COR", date(2026, 3, 1), (Obstacle.NOT_VERIFIED,)),
        ("DIS", date(2026, 3, 1), (Obstacle.PERMANENT,)),
        ("NO", date(2026, 3, 1), (Obstacle.UNKNOWN_SERIES,)),
    ],
)
def test_an_adoption_in_force_and_a_verified_value_are_needed_to_destroy(number, on, found):
    assert loaded(SMALL + ADOPTION).obstacles(number, on=on) == found


def test_without_an_adoption_or_for_another_disposition_nothing_may_be_destroyed():
    reviewed = changed('disposition = "destroy"', 'disposition = "review"', more=ADOPTION)

    assert loaded().obstacles("TR", on=POSTED) == (Obstacle.NOT_ADOPTED,)
    assert loaded(reviewed).obstacles("TR", on=date.max) == (Obstacle.NOT_FOR_DESTRUCTION,)


def test_a_schedule_without_rules_suggests_nothing_and_is_whole():
    assert loaded(SMALL.removesuffix(RULES)).rules == ()
