import dataclasses
import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.classifiers import lexicon as lexicon_module
from archiver.classifiers.lexicon import Lexicon
from archiver.classifiers.rules import MOST_READ, RulesClassifier
from archiver.office.lookup import find_schedule
from archiver.records.classification import Suggestion, Tag
from archiver.records.items import OF_MODERATION, Attachment, Content, ItemKind, RawFragment
from archiver.records.schedule_reading import load_schedule
from tests.classifiers.sentences import OPEN, QUEUED, RESTRICTED, SUBSTANTIVE, TRANSITORY
from tests.records.a_schedule import CORRESPONDENCE, HEAD, PERMANENT, RULES, loaded
from tests.records.a_schedule import TRANSITORY as TRANSITORY_SERIES

SCHEDULES = Path(__file__).parents[2] / "schedules"


def classifier(name="indio-ca", kind=RulesClassifier):
    schedule, _ = find_schedule(name, SCHEDULES)
    return kind(schedule)


SERIES = TRANSITORY_SERIES + CORRESPONDENCE + PERMANENT
INDIO, DEMO = classifier(), classifier("demo")
either = pytest.mark.parametrize("rules", [INDIO, DEMO], ids=["indio-ca", "demo"])


def an_item(text, *, kind=ItemKind.POST, parent=None, attachments=(), title=""):
    return Content(
        native_id="1",
        kind=kind,
        text=text,
        title=title,
        raw=RawFragment("text/plain", b""),
        published_at=datetime(2026, 1, 2, tzinfo=UTC),
        parent=parent,
        attachments=attachments,
    )


def said(text, *, own, rules=INDIO):
    """What the rules say of a post of the department, or of a comment of the public."""
    item = an_item(text) if own else an_item(text, kind=ItemKind.COMMENT, parent="0")
    return rules.suggest(item, own=own)


def a_photo(description=""):
    return Attachment("a", "https://example.org/a.jpg", "image/jpeg", "a.jpg", description)


@either
@pytest.mark.parametrize(("own", "text"), TRANSITORY)
def test_courtesies_that_say_nothing_else_are_transitory(rules, own, text):
    found = said(text, own=own, rules=rules)

    assert (found.tag, found.queue) == (Tag.TRANSITORY, False)
    assert found.series in {"CW-026", "DEMO-100"}
    assert found.matched


@either
@pytest.mark.parametrize(("own", "text"), RESTRICTED)
def test_what_concerns_tips_juveniles_and_victims_restricts_whichever_rule_decides(
    rules, own, text
):
    found = said(text, own=own, rules=rules)

    assert (found.restricts, found.queue) == (True, True)
    assert found.tag is not Tag.TRANSITORY


@either
@pytest.mark.parametrize(("own", "text"), OPEN + TRANSITORY)
def test_a_word_of_children_or_of_small_things_restricts_nothing(rules, own, text):
    assert not said(text, own=own, rules=rules).restricts


@pytest.mark.parametrize(
    ("name", "own", "text"),
    [
        ("stockton-ca", False, "I will kill every last one of you"),
        ("stockton-ca", True, "Everybody knows this thug is guilty."),
        ("west-plains-mo", False, "There is a bomb at the mall."),
    ],
)
def test_what_a_rule_places_in_a_restricted_series_is_restricted(name, own, text):
    rules = classifier(name)

    assert said(text, own=own, rules=rules).restricts
    assert not said(text, own=own, rules=INDIO).restricts


@pytest.mark.parametrize(("own", "series", "text"), SUBSTANTIVE)
def test_what_concerns_the_publics_business_is_substantive_and_has_its_series(own, series, text):
    found = said(text, own=own)

    assert (found.tag, found.series) == (Tag.SUBSTANTIVE, series)
    assert found.matched


@either
@pytest.mark.parametrize(("own", "text"), [(own, text) for own, _, text in SUBSTANTIVE] + QUEUED)
def test_no_record_is_ever_called_transitory(rules, own, text):
    for as_own in (own, not own):
        assert said(text, own=as_own, rules=rules).tag is not Tag.TRANSITORY


@pytest.mark.parametrize(("own", "text"), QUEUED)
def test_what_no_rule_decides_waits_for_a_person(own, text):
    found = said(text, own=own)

    assert (found.tag, found.series, found.queue) == (Tag.UNDETERMINED, "", True)


@pytest.mark.parametrize(("_own", "text"), TRANSITORY)
@pytest.mark.parametrize(
    "record",
    [
        "We sent a patrol.",
        "Officer Ramirez lied to me.",
        "I know who did it.",
        "Your case is 26-004417.",
        "Lobby hours change.",
        "Why was the road closed?",
    ],
)
def test_thanks_wrapped_around_a_record_leave_it_a_record(_own, text, record):
    for own in (True, False):
        for whole in (f"{text} {record}", f"{record} {text}", f"{text}\n{record}\n{text}"):
            assert said(whole, own=own).tag is not Tag.TRANSITORY


@pytest.mark.parametrize(
    "text",
    [
        "e-mail", "email", "webpage", "web page", "log", "calendar", "checklist", "invitation",
        "voice mail", "message", "This is an e-mail.", "Log of the day", "See our webpage",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", list(ItemKind))
def test_a_format_alone_never_makes_an_item_transitory(kind, text):
    for own in (True, False):
        assert INDIO.suggest(an_item(text, kind=kind), own=own).tag is not Tag.TRANSITORY


@pytest.mark.parametrize("kind", sorted(set(ItemKind) - OF_MODERATION))
def test_no_kind_of_item_is_transitory_for_what_it_is(kind):
    texts = "A quiet sentence about gardens.", ""
    for text in texts:
        assert INDIO.suggest(an_item(text, kind=kind), own=True).tag is Tag.UNDETERMINED


@pytest.mark.parametrize("kind", sorted(OF_MODERATION))
@pytest.mark.parametrize(
    "text", ["", "removecomment u/troll t1_9: channel 5, a threat", "x" * 30_000]
)
def test_how_a_page_is_moderated_is_a_record_and_nobody_is_asked(kind, text):
    said_of_it = INDIO.suggest(an_item(text, kind=kind), own=True)

    assert (said_of_it.tag, said_of_it.series) == (Tag.SUBSTANTIVE, "IND-SM-09")
    assert not said_of_it.queue


def test_friendly_signs_alone_are_transitory_only_without_media_and_parent():
    alone = INDIO.suggest(an_item("❤️👏"), own=False)
    answering = INDIO.suggest(an_item("❤️👏", parent="0"), own=False)
    with_photo = INDIO.suggest(an_item("❤️👏", attachments=(a_photo(),)), own=False)
    hostile = INDIO.suggest(an_item("🔫"), own=False)

    assert alone.tag is Tag.TRANSITORY
    assert [s.tag for s in (answering, with_photo, hostile)] == [Tag.UNDETERMINED] * 3
    assert all(s.queue for s in (answering, with_photo, hostile))


def test_an_empty_text_is_for_a_person_whatever_goes_with_it():
    for item in (
        an_item(""),
        an_item("", parent="0"),
        an_item("", attachments=(a_photo(),)),
        an_item(" \n "),
    ):
        found = INDIO.suggest(item, own=False)

        assert (found.tag, found.queue) == (Tag.UNDETERMINED, True)


def test_a_photo_nobody_described_keeps_a_greeting_from_being_transitory():
    undescribed = an_item("Happy Friday!", attachments=(a_photo(),))
    described = an_item("Happy Friday!", attachments=(a_photo("happy holidays"),))
    revealing = an_item("Happy Friday!", attachments=(a_photo("a man in handcuffs"),))

    tags = [INDIO.suggest(item, own=True).tag for item in (undescribed, described, revealing)]

    assert tags == [Tag.UNDETERMINED, Tag.TRANSITORY, Tag.UNDETERMINED]


def test_the_title_of_an_item_is_content_too():
    item = an_item("Happy Friday!", title="Two suspects arrested")

    assert INDIO.suggest(item, own=True).tag is Tag.SUBSTANTIVE


def test_the_names_a_reply_begins_with_are_not_content_but_others_are():
    assert said("@IndioPD thank you so much!", own=False).tag is Tag.TRANSITORY
    assert said("Thank you so much @JaneDoe!", own=False).tag is Tag.UNDETERMINED
    assert said("@OfficerDiaz thank you so much!", own=False).rule == "o7-member"


def test_words_are_found_whole_whatever_their_case_and_their_apostrophe():
    assert said("THANK YOU!!!", own=False).tag is Tag.TRANSITORY
    assert said("Happy Mother\u2019s Day", own=False).tag is Tag.TRANSITORY
    assert said("The copse behind the robbin nest", own=False).tag is Tag.UNDETERMINED


def test_a_beginning_with_a_star_finds_every_word_that_begins_so():
    matched = [said(text, own=True).matched for text in ("Arrested.", "Arrests made", "arrest")]

    assert matched == [("arrested",), ("arrests",), ("arrest",)]


def test_a_guard_that_stopped_a_rule_is_named_with_its_words():
    found = said("Thank you?", own=False)

    assert (found.tag, found.rule) == (Tag.UNDETERMINED, "l-thanks-and-more")
    stopped = said("Happy New Year again?", own=False)
    assert (stopped.rule, stopped.matched) == ("c-greeting-public/any-claim", ("?",))


def test_a_rule_that_only_queues_decides_nothing_and_makes_transitory_undetermined():
    press = said("Two suspects were arrested. Channel 3 is asking.", own=True)
    greeting = said("Happy Friday, newsroom!", own=True)

    assert (press.tag, press.rule, press.queue) == (Tag.SUBSTANTIVE, "o4-incident", True)
    assert (greeting.tag, greeting.rule, greeting.queue) == (Tag.UNDETERMINED, "o13-press", True)


def test_a_text_too_long_to_be_read_whole_is_never_transitory():
    short = "Happy Friday!" + " " * (MOST_READ - 13)
    longer = short + "!"

    assert said(short, own=True).tag is Tag.TRANSITORY
    assert said(longer, own=True).tag is Tag.UNDETERMINED


def test_the_version_of_the_rules_is_the_digest_of_the_schedule():
    _, text = find_schedule("indio-ca", SCHEDULES)
    remarked = replace(text, toml=text.toml + b"\n# a remark\n")
    other = load_schedule("indio-ca", remarked)

    assert re.fullmatch("[0-9a-f]{64}", INDIO.version)
    assert RulesClassifier(other).version != INDIO.version


LOOK = """
[[rules]]
id = "look"
says = "A person looks."
cites = ["O13"]
queue = true
[rules.when]
"""


@pytest.mark.parametrize(
    ("when", "text", "looked_at"),
    [
        ('phrases = ["much"]', "thanks much", True),
        ('phrases = ["much"]', "thanks", False),
        ("min_words = 2", "thanks", False),
        ("min_words = 2", "thanks all", True),
        ("min_words = 2", "thanks all you", True),
        ("max_words = 2", "thanks all", True),
        ("max_words = 2", "thanks all you", False),
        ("has_link = true", "thanks https://example.org/a?b=1", True),
        ("has_link = true", "thanks www.example.org", True),
        ("has_link = true", "thanks example", False),
        ("max_words = 1", "thanks https://example.org/not/words", True),
        ("blank = true", " \n", True),
        ("blank = true", ".", False),
    ],
)
def test_a_rule_looks_only_at_what_it_asks_for_and_what_it_looks_at_is_not_transitory(
    when, text, looked_at
):
    rules = RulesClassifier(loaded(HEAD + SERIES + LOOK + when + RULES))

    found = rules.suggest(an_item(text), own=True)

    assert (found.rule == "look") is looked_at
    assert not looked_at or (found.tag, found.queue) == (Tag.UNDETERMINED, True)


def test_a_link_the_platform_keeps_beside_the_text_is_a_link_too():
    rules = RulesClassifier(loaded(HEAD + SERIES + LOOK + "has_link = true" + RULES))
    item = dataclasses.replace(an_item("thanks"), links=("https://example.org",))

    assert rules.suggest(item, own=True).rule == "look"


def test_what_lies_beyond_the_part_that_is_read_decides_nothing():
    text = "a " * (MOST_READ // 2) + "suspect arrested"

    assert said(text, own=True).tag is Tag.UNDETERMINED


def test_a_lexicon_remembers_a_bounded_number_of_words():
    lexicon = Lexicon([(0, "arrest*")])
    for n in range(lexicon_module._MOST_REMEMBERED + 10):
        lexicon.find([f"word{n}"])

    assert len(lexicon._remembered) <= lexicon_module._MOST_REMEMBERED
    assert lexicon.find(["arrested"]) == {0: [(0, 1)]}


@given(st.text(max_size=400), st.booleans(), st.booleans())
def test_no_text_makes_the_rules_stumble(text, own, answers):
    found = INDIO.suggest(an_item(text, parent="0" if answers else None), own=own)

    assert isinstance(found, Suggestion)
    assert found.queue or found.tag is not Tag.UNDETERMINED


@given(st.text(st.characters(exclude_categories=()), max_size=60), st.booleans())
def test_not_even_unpaired_surrogates_do(text, own):
    INDIO.suggest(an_item(text), own=own)


@given(st.lists(st.sampled_from([text for _, text in TRANSITORY]), min_size=1, max_size=3))
def test_a_named_record_in_the_middle_always_wins(courtesies):
    text = " ".join([*courtesies, "The suspect was arrested, case 26-004417.", *courtesies])

    assert said(text, own=True).tag is Tag.SUBSTANTIVE


@pytest.mark.parametrize(
    "piece",
    ["a", "1", "@a ", "@a,", "a@b.c ", "thank you ", "1(a)", "12-", "pc §", "https://", "?", "٣",
     "( ", "\t", "officer ", "❤", "ß", "İ", "\u0301", "a_", "x" * 70 + " "],
)  # fmt: skip
def test_hostile_texts_take_no_longer_than_their_length_allows(piece):
    text = piece * (200_000 // len(piece))

    began = time.process_time()
    for own in (True, False):
        said(text, own=own)

    assert time.process_time() - began < 2


class TriesEveryRule(RulesClassifier):
    """The rules as they read: each is tried in turn, whatever the item says."""

    def _worth_trying(self, reading):
        return iter(self._rules[reading.own].values())


PATIENT = {INDIO: classifier(kind=TriesEveryRule), DEMO: classifier("demo", TriesEveryRule)}
SENTENCES = st.sampled_from([known[-1] for known in (*TRANSITORY, *SUBSTANTIVE, *QUEUED)])


@either
@given(st.lists(SENTENCES | st.text(max_size=20), min_size=1, max_size=3), st.booleans())
def test_a_rule_that_is_not_tried_had_nothing_to_say(rules, texts, own):
    item = an_item(" ".join(texts))

    assert rules.suggest(item, own=own) == PATIENT[rules].suggest(item, own=own)
