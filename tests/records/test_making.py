"""What is made quickly cannot be told from what is made by calling its class."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field
from datetime import UTC, datetime

import pytest

from archiver.records.captures import Observation
from archiver.records.items import Content, ItemKind, RawFragment
from archiver.records.making import made_of, quickly

CONTENT = Content(
    native_id="1",
    kind=ItemKind.POST,
    text="Road closed",
    raw=RawFragment("text/plain", b"Road closed"),
    published_at=datetime(2026, 3, 2, tzinfo=UTC),
)


@dataclass(frozen=True, slots=True)
class Closure:
    street: str
    until: int = 6
    lanes: list[str] = field(default_factory=list, kw_only=True)


def test_it_is_equal_of_the_same_class_and_prints_alike():
    for made in (quickly(Closure)("Main", lanes=["left"]), made_of(Closure)(["Main", 6, ["left"]])):
        assert made == Closure("Main", lanes=["left"])
        assert type(made) is Closure
        assert repr(made) == repr(Closure("Main", lanes=["left"]))


def test_it_is_frozen():
    made = quickly(Closure)("Main")

    with pytest.raises(FrozenInstanceError):
        made.street = "Elm"


def test_what_is_not_told_is_filled_anew_each_time():
    closed = quickly(Closure)
    first = closed("Main")
    first.lanes.append("left")

    assert closed("Main") == Closure("Main")


def test_arguments_are_told_as_to_the_class():
    with pytest.raises(TypeError, match="positional"):
        quickly(Closure)("Main", 7, ["left"])
    with pytest.raises(TypeError, match="native_id"):
        quickly(Content)(kind=ItemKind.POST)


def test_what_the_class_checks_is_checked():
    with pytest.raises(ValueError, match="zone"):
        quickly(Content)(
            native_id="1",
            kind=ItemKind.POST,
            text="",
            raw=CONTENT.raw,
            published_at=datetime(2026, 3, 2),  # noqa: DTZ001 - what is refused
        )


def test_a_made_record_has_every_word_of_its_class():
    made = quickly(Content)(
        native_id="1",
        kind=ItemKind.POST,
        text="Road closed",
        raw=CONTENT.raw,
        published_at=CONTENT.published_at,
    )

    assert made.fingerprint() == CONTENT.fingerprint()
    assert quickly(Observation)(content=made) == Observation(content=CONTENT)
    assert {made, CONTENT} == {CONTENT}
