"""Wordings that schedules share: topics instead of series, and all of them mapped."""

import hashlib

import pytest

from archiver.records.classification import Tag
from archiver.records.errors import ScheduleInvalid
from tests.records.a_schedule import CORRESPONDENCE, HEAD, PERMANENT, RULES, TRANSITORY, loaded

WORDINGS = """
[wordings]
name = "small-words"
title = "Small words"

[topics]
incident = "An incident."
courtesy = "A courtesy."

[words]
fillers = ["so"]

[guards.claim]
phrases = ["never"]

[[rules]]
id = "force"
says = "Force."
cites = ["O4"]
tag = "substantive"
topic = "incident"
confidence = 0.9
[rules.when]
phrases = ["pursuit*"]

[[rules]]
id = "greeting"
says = "A greeting."
cites = ["(c)"]
guards = ["claim"]
tag = "transitory"
topic = "courtesy"
confidence = 0.8
[rules.when]
max_other_words = 0
phrases = ["happy friday"]

[[rules]]
id = "rest"
says = "The rest."
cites = ["O5"]
tag = "undetermined"
queue = true
confidence = 0.5
[rules.when]
min_words = 1
"""

TOPICS = """
[topics]
incident = { series = "COR", cites = ["Ordinance 9"] }
courtesy = "TR"
"""

NAMED = HEAD.replace('state = "CA"', 'state = "CA"\nwordings = "small-words"')
WHOLE = NAMED + TRANSITORY + CORRESPONDENCE + PERMANENT + RULES + TOPICS


def faults(text=WHOLE, wordings=WORDINGS):
    with pytest.raises(ScheduleInvalid) as refused:
        loaded(text, wordings=wordings)
    return refused.value.faults


def test_a_topic_becomes_the_series_and_cites_the_authority_that_the_schedule_names():
    schedule = loaded(WHOLE, wordings=WORDINGS)
    rules = {rule.id: rule for rule in schedule.rules}

    assert (rules["force"].series, rules["force"].topic) == ("COR", "incident")
    assert rules["force"].cites == ("O4", "Ordinance 9")
    assert (rules["greeting"].series, rules["greeting"].tag) == ("TR", Tag.TRANSITORY)
    assert schedule.fillers == {"all", "you", "so"}
    assert set(schedule.guards) == {"claim", "doubt"}


def test_own_rules_that_keep_come_first_and_those_that_let_go_after_all_that_forbid():
    order = [rule.id for rule in loaded(WHOLE, wordings=WORDINGS).rules]

    assert order == ["incident", "force", "thanks", "greeting", "rest"]


def test_the_version_of_a_schedule_covers_its_wordings():
    schedule = loaded(WHOLE, wordings=WORDINGS)
    other = loaded(WHOLE, wordings=WORDINGS + "# a remark\n")

    both = WHOLE.encode() + b"\0" + WORDINGS.encode()
    assert schedule.digest == hashlib.sha256(both).hexdigest()
    assert other.digest != schedule.digest


def test_a_courtesy_that_the_schedule_keeps_is_never_called_transitory():
    kept = WHOLE.replace('courtesy = "TR"', 'courtesy = "COR"')
    rules = {rule.id: rule for rule in loaded(kept, wordings=WORDINGS).rules}

    assert (rules["greeting"].tag, rules["greeting"].series) == (Tag.SUBSTANTIVE, "COR")


def test_what_the_wordings_call_substantive_no_schedule_makes_transitory():
    assert faults(WHOLE.replace('series = "COR", cites', 'series = "TR", cites')) == [
        "small-words: rule force: tag: series TR is transitory"
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('courtesy = "TR"\n', "", "small.toml: topics: courtesy is missing: small-words has rules"),
        ('courtesy = "TR"', 'curtsy = "TR"', "small.toml: topics: curtsy is no topic of small"),
        ('courtesy = "TR"', 'courtesy = "NO"', "topics: courtesy: 'NO' is not a series of this"),
        ('courtesy = "TR"', 'courtesy = { serie = "TR" }', "topics: courtesy: serie: unknown key"),
        ('wordings = "small-words"\n', "", "topics: are those of shared wordings, and [schedule]"),
        ('id = "thanks"', 'id = "force"', "rule force: id: stands here twice"),
        ("[guards.doubt]", "[guards.claim]", "guards: claim: stands in the shared wordings"),
    ],
)  # fmt: skip
def test_every_topic_is_mapped_and_nothing_stands_twice(old, new, fault):
    assert WHOLE.count(old) >= 1
    assert any(fault in each for each in faults(WHOLE.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('topic = "incident"', 'topic = "incidents"', "rule force: topic: 'incidents' is not"),
        ('topic = "incident"', 'series = "COR"', "rule force: series: unknown key"),
        ('topic = "incident"\n', "", 'rule force: series: is missing: tag = "substantive"'),
        ('courtesy = "A courtesy."', "courtesy = 1", "small-words: topics: courtesy: must be"),
        ('"A courtesy."', '"A courtesy."\nmore = "m"', "topics: more: no rule is about"),
        ('name = "small-words"\n', "", "small-words: wordings: name: is missing"),
        ("max_other_words = 0\n", "", "a transitory rule needs max_other_words"),
        ("[wordings]", "[wording]", "small-words: wording: unknown key"),
        ("[words]", "[words", "small-words: is not TOML in UTF-8"),
    ],
)  # fmt: skip
def test_a_fault_in_the_wordings_names_their_file(old, new, fault):
    found = faults(wordings=WORDINGS.replace(old, new, 1))

    assert any(fault in each for each in found), found


def test_all_topics_that_are_not_mapped_are_named_at_once():
    found = faults(WHOLE.replace(TOPICS, ""))

    assert [each for each in found if "is missing" in each] == [
        "small.toml: topics: courtesy is missing: small-words has rules for it",
        "small.toml: topics: incident is missing: small-words has rules for it",
    ]


def test_wordings_that_are_nowhere_are_a_fault():
    assert "small.toml: schedule: wordings: there are none called 'small-words'" in faults(
        wordings=None
    )
