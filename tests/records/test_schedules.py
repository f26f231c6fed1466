import hashlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.classification import Tag
from archiver.records.errors import ScheduleInvalid
from archiver.records.periods import Cutoff, Period
from archiver.records.schedule_reading import load_schedule
from archiver.records.schedules import Obstacle, StillOnPlatform
from archiver.records.series import SETTLE, RetentionRule, Trigger
from archiver.records.wordings import ScheduleText
from tests.records.a_schedule import (
    ADOPTION,
    CORRESPONDENCE,
    HEAD,
    PERMANENT,
    RULES,
    SMALL,
    adopted,
    changed,
    loaded,
)

POSTED = date(2026, 1, 2)
DECLARED = date(2026, 2, 1)
DETERMINED = {"transitory_determination": "Memorandum of 1 March 2026"}
ITS_OWN = SMALL.replace('title = "A small', 'demonstration = true\ntitle = "A small')
DAYS = {Trigger.CREATED: POSTED, Trigger.LAST_ACTIVITY: POSTED, Trigger.ADMIN_VALUE_ENDED: DECLARED}
WRITTEN = """period = "P3Y\""""


def faults(text):
    with pytest.raises(ScheduleInvalid) as refused:
        loaded(text)
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
    assert loaded().warnings == {
        "COR": "series COR: its value is not verified (confidence F, basis frame)"
    }


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
        ('title = "Transitory"', 'title = "T"\nrestricted = 1', "series TR: restricted: must be"),
        ('says = "Thanks."', 'says = "T."\nrestricted = 1', "rule thanks: restricted: must be"),
        ('says = "Thanks."', 'says = "T."\nrestricted = true', "restricted: what is restricted is"),
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
        (WRITTEN + "\n", "", "series COR: notes: is missing: a series without a period says why"),
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
        ('state = "CA"\n', "", "schedule: state: is missing: its two letters, unless reference"),
        ('state = "CA"', 'state = "Ca"', "schedule: state: must be two capital letters"),
        ('public_comments = "COR"\n', "", "schedule: public_comments: is missing: the series of"),
        ('public_comments = "COR"', 'public_comments = "NO"', "public_comments: 'NO' is not a ser"),
        # what a value rests on
        ('basis = "frame"\n', "", "series COR: basis: is missing"),
        ('basis = "frame"', 'basis = "rumour"', "series COR: basis: 'rumour' is not one of"),
        ('"S"\nbasis = "authority"', '"S"\nbasis = "proposal"', "a proposal was neither seen nor"),
        ('"F"\nbasis = "frame"', '"P"\nbasis = "frame"', "basis: confidence P is a proposal"),
        ('confidence = "F"', 'confidence = "M-l"', "series COR: period: confidence M-l is memory"),
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
            "series DIS: examples 1: a series that is kept has no",
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
        load_schedule("x.toml", ScheduleText(toml=data))


@pytest.mark.parametrize("text", ["", "schedule = 1\nseries = 2\nrules = 3\nguards = 4\nwords = 5"])
def test_what_is_toml_and_no_schedule_is_refused(text):
    found = faults(text)

    assert any("schedule" in each for each in found)
    assert any("series" in each for each in found)


@given(st.binary(max_size=200))
def test_no_bytes_are_a_schedule_by_accident(data):
    with pytest.raises(ScheduleInvalid):
        load_schedule("x.toml", ScheduleText(toml=data))


def test_an_adoption_typed_into_a_schedule_adopts_nothing():
    assert faults(SMALL + ADOPTION) == [
        (
            "small.toml: adoption: typed into a schedule it adopts nothing; "
            "`archiver schedule adopt` takes the signed instrument"
        )
    ]


def test_only_a_demonstration_carries_its_own_adoption():
    schedule = loaded(ITS_OWN + ADOPTION)

    assert schedule.demonstration
    assert schedule.adoption == adopted().adoption


def test_an_adoption_permits_nothing_it_does_not_say():
    adoption = loaded(ITS_OWN + ADOPTION).adoption

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
    assert any(fault in each for each in faults(ITS_OWN + ADOPTION.replace(old, new)))


IN_COR = 'title = "Correspondence"'
INCIDENT = 'tag = "substantive"\nseries = "COR"\nconfidence = 0.9'


@pytest.mark.parametrize(
    ("text", "series", "rules"),
    [
        (SMALL, set(), set()),
        (SMALL.replace(IN_COR, f"{IN_COR}\nrestricted = true"), {"COR"}, {"incident"}),
        (SMALL.replace(INCIDENT, f"{INCIDENT}\nrestricted = true"), set(), {"incident"}),
        (SMALL.replace(INCIDENT, "restricted = true"), set(), {"incident"}),
        (SMALL.replace(INCIDENT, "restricted = true\nqueue = true"), set(), {"incident"}),
    ],
)
def test_a_rule_is_restricted_where_it_says_so_or_its_series_does(text, series, rules):
    found = loaded(text)

    assert {number for number, each in found.series.items() if each.restricted} == series
    assert {rule.id for rule in found.rules if rule.restricted} == rules


def test_a_rule_that_decides_nothing_and_restricts_nothing_still_has_to_queue():
    undecided = 'tag = "undetermined"\nconfidence = 0.5\nrestricted = true'

    assert any("queue: must be" in each for each in faults(SMALL.replace(INCIDENT, undecided)))
    assert any("queue: must be" in each for each in faults(SMALL.replace(INCIDENT, "")))


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
    schedule = adopted()

    assert schedule.first_day("TR", DAYS) == date(2028, 1, 3)
    assert schedule.first_day("TR", {k: v for k, v in DAYS.items() if k != "last_activity"}) is None


def test_a_written_determination_frees_transitory_series_and_no_other():
    text = SMALL.replace(WRITTEN, 'period = "P1Y"').replace("= 2029-01-03", "= 2028-01-03")
    schedule = adopted(text, **DETERMINED)

    assert schedule.first_day("TR", DAYS) == date(2026, 3, 4)
    assert schedule.first_day("COR", DAYS) == date(2028, 1, 3)


def test_a_permanent_series_an_unknown_one_and_a_missing_trigger_have_no_day():
    schedule = loaded()

    assert schedule.first_day("DIS", DAYS) is None
    assert schedule.first_day("NO", DAYS) is None
    assert schedule.first_day("COR", {Trigger.CREATED: POSTED}) is None


def test_what_nobody_confirmed_keeps_the_longest_period():
    schedule = adopted(**DETERMINED)
    longest = date(2029, 1, 3)

    assert schedule.first_day("TR", DAYS) == date(2026, 3, 4)
    assert schedule.first_day_unconfirmed("TR", DAYS) == longest
    assert schedule.first_day_unconfirmed("", DAYS) == longest
    assert schedule.first_day_unconfirmed("", {Trigger.CREATED: POSTED}) is None
    assert schedule.first_day_unconfirmed("DIS", DAYS) is None
    far = DAYS | {Trigger.ADMIN_VALUE_ENDED: date(2040, 1, 1)}
    assert schedule.first_day_unconfirmed("TR", far) == date(2040, 1, 2)


def test_only_a_reference_may_cite_federal_authority():
    text = SMALL.replace('state = "CA"', "reference = true").replace(
        '["Ordinance 2"]', '["GRS 6.4 item 020"]'
    )

    assert loaded(text).series["COR"].citation == ("GRS 6.4 item 020",)


def test_a_reference_can_never_be_used_to_destroy_and_never_be_adopted():
    text = changed('state = "CA"', "reference = true")

    assert loaded(text).obstacles("TR", on=date.max) == (
        Obstacle.NOT_ADOPTED, Obstacle.REFERENCE,
    )  # fmt: skip
    refusal = "small.toml: schedule: reference: a reference is of no state, no demonstration"
    assert any(refusal in each for each in faults(text + ADOPTION))
    with_state = changed('state = "CA"', 'state = "CA"\nreference = true')
    assert any(refusal in each for each in faults(with_state))


@pytest.mark.parametrize(
    ("state", "period", "long_enough"),
    [
        ("TX", "P23M", False), ("TX", "P730D", False), ("TX", "P2Y", True), ("TX", "P3Y", True),
        ("MD", "P35M", False), ("MD", "P3Y", True), ("MO", "P2Y", False), ("MO", "P3Y", True),
        ("VT", "P1D", True),
    ],
)  # fmt: skip
def test_comments_without_action_are_kept_as_long_as_the_states_correspondence(
    state, period, long_enough
):
    text = SMALL.replace('state = "CA"', f'state = "{state}"')
    text = text.replace('minimum_after_activity = "P2Y"\n', "").replace(
        "= 2028-01-03", "= 2026-03-04"
    )
    text = text.replace(WRITTEN, f'period = "{period}"')
    first = Period.parse(period).first_day(POSTED)
    text = text.replace("= 2029-01-03", f"= {first}")

    if long_enough:
        assert loaded(text).state == state
    else:
        assert any("public_comments: series COR is kept for less" in each for each in faults(text))


def test_a_series_that_is_kept_is_long_enough_for_comments():
    text = changed(WRITTEN + "\n", 'notes = "Unread; three years are proposed."\n')
    text = text.replace("first_day_of_disposition = 2029-01-03\n", "")

    assert loaded(text).first_day("COR", dict.fromkeys(Trigger, POSTED)) is None


ALSO = '[[series.also]]\ntrigger = "audit_complete"\nperiod = "P0D"\n'
STAGES = """[[series.stages]]
then = "transfer"
after = "P1Y"
[[series.stages]]
then = "destroy"
after = "P0D"
"""
EXAMPLE = '[[series.examples]]\ntext = "We sent'


def test_terms_stages_and_the_longest_time_are_read_and_worked():
    text = changed(EXAMPLE, ALSO + STAGES + EXAMPLE)
    text = text.replace(WRITTEN, WRITTEN + '\nat_most = "P9Y"')
    text = text.replace(
        "{ last_activity = 2026-01-02 }\nfirst_day_of_disposition = 2029-01-03",
        "{ last_activity = 2026-01-02, audit_complete = 2030-01-02 }\n"
        "stages = [2031-01-03, 2031-01-03]\nreview_from = 2035-01-03\n"
        "first_day_of_disposition = 2031-01-03",
    )
    schedule = loaded(text)
    days = {Trigger.LAST_ACTIVITY: POSTED, Trigger.AUDIT_COMPLETE: date(2030, 1, 2)}

    assert [day for _, day in schedule.stage_days("COR", days)] == [date(2031, 1, 3)] * 2
    assert schedule.stage_days("COR", {Trigger.LAST_ACTIVITY: POSTED}) == ()
    assert schedule.stage_days("NO", days) == ()
    wrong = text.replace("[2031-01-03, ", "[2031-01-04, ").replace("2035-01-03", "2035-01-04")
    assert faults(wrong) == [
        "small.toml: series COR: examples 1: stages: they come out as 2031-01-03, 2031-01-03",
        "small.toml: series COR: examples 1: review_from: it comes out as 2035-01-03",
    ]


def test_no_stage_that_destroys_comes_before_the_schedules_least_time():
    text = changed(EXAMPLE, STAGES.replace('"P1Y"', '"P0D"') + EXAMPLE)
    text = text.replace(WRITTEN, 'period = "P1Y"').replace("= 2029-01-03", "= 2028-01-03")
    text = text.replace(
        '= 2028-01-03\n\n[[series]]\nnumber = "DIS"',
        '= 2028-01-03\nstages = [2027-01-03, 2028-01-03]\n\n[[series]]\nnumber = "DIS"',
    )

    days = [day for _, day in loaded(text).stage_days("COR", {Trigger.LAST_ACTIVITY: POSTED})]

    assert days == [date(2027, 1, 3), date(2028, 1, 3)]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (EXAMPLE, ALSO.replace("audit_complete", "last_activity") + EXAMPLE, "also: a trigger sta"),
        (EXAMPLE, ALSO.replace('period = "P0D"', "") + EXAMPLE, "also 1: period: is missing"),
        (EXAMPLE, ALSO + "requird = true\n" + EXAMPLE, "also 1: requird: unknown key"),
        (EXAMPLE, STAGES + EXAMPLE, "series COR: examples: none of them works stages"),
        (EXAMPLE, STAGES.replace("destroy", "hold") + EXAMPLE, "stages: the last is hold"),
        (EXAMPLE, STAGES.replace("transfer", "destroy") + EXAMPLE, "nothing follows destruction"),
        (EXAMPLE, STAGES.replace("destroy", "transfer") + EXAMPLE, "stages: one receipt ends a tr"),
        (EXAMPLE, STAGES.replace("transfer", "burn") + EXAMPLE, "stages 1: then: 'burn' is not"),
        (WRITTEN, WRITTEN + '\nat_most = "P2Y"', "at_most: P2Y may be over before P3Y is"),
        (WRITTEN, WRITTEN + '\nat_most = "P9Y"', "examples: none of them works review_from"),
        ("= 2029-01-03", "= 2029-01-03\nstages = [1]", "stages: must be a list of days"),
        (WRITTEN, 'notes = "?"\nat_most = "P9Y"', "series COR: at_most: needs a period to stand"),
        ('rule = "permanent"', 'rule = "permanent"\nat_most = "P1Y"', "at_most: needs a period"),
    ],
)  # fmt: skip
def test_terms_and_stages_that_do_not_fit_are_named(old, new, fault):
    assert any(fault in each for each in faults(changed(old, new))), faults(changed(old, new))


def test_a_period_without_a_length_needs_a_trigger_that_somebody_causes():
    text = changed(WRITTEN, 'period = "P0D"').replace(
        'trigger = "last_activity"', 'trigger = "superseded"'
    )
    text = text.replace(
        "{ last_activity = 2026-01-02 }", "{ superseded = 2028-01-01, last_activity = 2026-01-01 }"
    )
    text = text.replace("= 2029-01-03", "= 2028-01-02")

    assert loaded(text).series["COR"].period == Period()


def test_the_longest_period_is_found_wherever_it_stands():
    longer = CORRESPONDENCE.replace("COR", "OLD").replace(WRITTEN, 'period = "P9Y"')

    assert loaded(SMALL + longer.replace("2029-01-03", "2035-01-03")).longest == Period(years=9)


def test_a_series_settles_from_capture_on():
    at_once = loaded(changed('floor = "P60D"', 'settle = "P0D"\nfloor = "P60D"'))

    assert loaded().settled("TR", POSTED) == date(2026, 2, 2)
    assert at_once.settled("TR", POSTED) == POSTED


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
        ("COR", date(2026, 3, 1), ()),
        ("DIS", date(2026, 3, 1), (Obstacle.PERMANENT,)),
        ("NO", date(2026, 3, 1), (Obstacle.UNKNOWN_SERIES,)),
    ],
)
def test_an_adoption_in_force_is_needed_to_destroy_and_no_verified_value(number, on, found):
    assert adopted().obstacles(number, on=on) == found


def test_without_an_adoption_or_for_another_disposition_nothing_may_be_destroyed():
    reviewed = changed('disposition = "destroy"', 'disposition = "review"')

    assert loaded().obstacles("TR", on=POSTED) == (Obstacle.NOT_ADOPTED,)
    assert adopted(reviewed).obstacles("TR", on=date.max) == (Obstacle.NOT_FOR_DESTRUCTION,)


def test_a_schedule_without_rules_suggests_nothing_and_is_whole():
    assert loaded(SMALL.removesuffix(RULES)).rules == ()
