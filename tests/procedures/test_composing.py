"""Composing rows: reasons to restrict come and go each by itself, and doubt is never transitory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from archiver.procedures.composing import Moment, changed_row, new_row
from archiver.procedures.drafting import Draft, NewVersion, Rendered
from archiver.records.classification import Suggestion, Tag
from archiver.records.items import Content, ItemKind, RawFragment
from archiver.records.restrictions import (
    Restriction,
    restricted_by,
    unordered,
    unrestricted_by,
)

WHEN = Moment(at=1, today=date(2026, 3, 2), schedule="0" * 64, rechecks=False)
some = st.frozensets(st.sampled_from(Restriction))


def words(reasons) -> str:
    return restricted_by("", *reasons)


def a_version(mark: str, *, restricts: bool, tag: Tag = Tag.SUBSTANTIVE) -> NewVersion:
    content = Content(
        native_id="1",
        kind=ItemKind.COMMENT,
        text=mark,
        raw=RawFragment("text/plain", b""),
        published_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    version = NewVersion("item", content, mark, current=True)
    said = Suggestion(tag=tag, series="DEMO-100", rule="thanks", restricts=restricts)
    version.rendered = Rendered(b"", mark, "", "", said)
    return version


def a_row(*, marked: bool = False, restricts: bool = False, tag: Tag = Tag.SUBSTANTIVE):
    draft = Draft("item", None, [a_version("first", restricts=restricts, tag=tag)])
    draft.restricted = marked
    return new_row(draft, n=1, page_n=1, thread_n=1, when=WHEN)


@given(some, some)
def test_what_is_added_and_taken_away_is_that_and_nothing_else(before, more):
    stands = words(before)

    assert {*restricted_by(stands, *more).split()} == before | more
    assert {*unrestricted_by(stands, *more).split()} == before - more
    assert unordered(stands) == unrestricted_by(stands, Restriction.ORDER)
    assert bool(stands) == bool(before)
    assert restricted_by(stands) == stands


@given(some, st.booleans(), st.lists(st.booleans(), max_size=3))
def test_a_capture_adds_what_it_finds_in_any_version_and_takes_nothing_back(before, marked, said):
    row = replace(a_row(), restricted=words(before))
    draft = Draft("item", row, [a_version(str(n), restricts=one) for n, one in enumerate(said)])
    draft.restricted = marked

    after = changed_row(draft, row, highest=1, when=WHEN)

    added = {Restriction.PLATFORM} if marked else set()
    added |= {Restriction.SCHEDULE} if any(said) else set()
    assert {*after.restricted.split()} == before | added


@given(st.booleans(), st.booleans(), st.sampled_from(Tag))
def test_a_suggested_transitory_tag_is_doubted_where_the_item_is_restricted(marked, restricts, tag):
    row = a_row(marked=marked, restricts=restricts, tag=tag)

    restricted = marked or restricts
    assert bool(row.restricted) == restricted
    assert row.queued == (restricted or tag is Tag.UNDETERMINED)
    doubted = restricted and tag is Tag.TRANSITORY
    assert (row.tag, row.rule) == (
        ("undetermined", "O2/thanks") if doubted else (tag.value, "thanks")
    )
