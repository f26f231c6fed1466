"""Restricting: what rules, series, people and courts restrict, each for itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from archiver.catalogue import items
from archiver.procedures import amending, ordering, review
from archiver.procedures.finding import review_list
from archiver.procedures.item_papers import every_item_paper
from archiver.procedures.restricting import restrict, unrestrict
from archiver.procedures.verify import verify
from archiver.procedures.viewing import is_restricted, view, view_one
from archiver.records.errors import NotFound, NotPermitted
from archiver.records.identity import Part
from archiver.records.items import ItemKind
from archiver.records.orders import Effect
from archiver.records.people import Role
from tests.archive import (
    TRANSITORY,
    Archive,
    a_colleague,
    a_comment,
    an_archive,
    an_observation,
)
from tests.procedures.court import an_order_text, confirmed, signed, whole
from tests.procedures.test_kept_by_order import attended
from tests.procedures.test_rebuild import check_the_same, dumped, lose_the_catalogue, rebuilt
from tests.proofs.invariants import told

TIP = "I saw who broke into the shop on 5th street, call me"
JUVENILE = "A juvenile was arrested for the fire at the school."
OPEN = "The meeting about the new bus line is at seven."


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = an_archive(tmp_path)
    archive.capture(
        an_observation("post", OPEN),
        a_comment("tip", TIP, on="post"),
        a_comment("open", "Will the 14 bus stop at the library?", on="post"),
        an_observation("young", JUVENILE),
        an_observation("message", "hello", kind=ItemKind.MESSAGE),
        an_observation("draft", "Soon", restricted=True),
    )
    yield archive
    archive.office.close()


def reasons(archive: Archive, *native_ids: str) -> list[str]:
    return [archive.item(n).restricted for n in native_ids]


def restricts(archive: Archive, *native_ids: str, by=None, reason="names a child") -> None:
    office = archive.office
    wanted = [archive.item_id(n) for n in native_ids]
    restrict(office.account, office.objects, by or archive.person, wanted, reason=reason)


def opens(archive: Archive, *native_ids: str, by=None, reason="no tip at all") -> None:
    office, who = archive.office, signed(by or archive.person)
    wanted = [archive.item_id(n) for n in native_ids]
    unrestrict(office.account, office.objects, who, wanted, reason=reason)


def deeds(archive: Archive, word: str) -> list[dict]:
    return [leaf for leaf in told(archive) if leaf["k"] == word]


def comes_back(archive: Archive) -> None:
    """Say that verify finds nothing, and that a rebuild gives the very same rows."""
    assert whole(archive)
    before = dumped(archive)
    lose_the_catalogue(archive)
    rebuilt(archive)
    check_the_same(before, dumped(archive))
    assert whole(archive)


# --- by a rule or a series ----------------------------------------------------------


def test_a_tip_and_a_juvenile_are_restricted_from_their_capture_on_and_after_a_rebuild(archive):
    assert reasons(archive, "tip", "young", "post", "open") == ["schedule", "schedule", "", ""]
    assert archive.item("tip").queued

    comes_back(archive)

    assert reasons(archive, "tip", "young", "draft") == ["schedule", "schedule", "platform"]


def test_who_may_not_see_restricted_items_reads_no_tip_and_each_view_of_it_is_entered(archive):
    auditor = a_colleague(archive, Role.AUDITOR)
    account, found = archive.office.account, archive.search("broke OR arrested").items

    assert view(account, auditor, found, where="search") == replace(
        view(account, auditor, [], where="search"), not_shown=2
    )
    with pytest.raises(NotPermitted, match="may not read restricted"):
        view_one(account, auditor, found[0])
    assert deeds(archive, "item.viewed") == []
    assert len(view(account, archive.person, found, where="search").items) == 2
    assert {leaf["s"] for leaf in deeds(archive, "item.viewed")} == {
        archive.item_id("tip"),
        archive.item_id("young"),
    }


def test_an_edit_that_says_more_restricts_and_none_that_says_less_opens(archive):
    archive.capture(a_comment("open", TIP, on="post"))
    assert reasons(archive, "open") == ["schedule"]

    archive.capture(a_comment("open", "Never mind.", on="post"))

    assert reasons(archive, "open") == ["schedule"]
    comes_back(archive)
    assert reasons(archive, "open") == ["schedule"]


def test_an_older_version_that_comes_to_light_restricts_the_item(archive):
    archive.capture(
        a_comment("edited", TIP, on="post", current=False),
        a_comment("edited", "Never mind.", on="post"),
    )
    archive.capture(a_comment("open", TIP, on="post", current=False))

    assert reasons(archive, "edited", "open") == ["schedule", "schedule"]
    comes_back(archive)


def test_what_a_person_places_in_a_restricted_series_is_restricted_and_stays_so(archive):
    archive.decide("post", "DEMO-340")
    assert reasons(archive, "post") == ["schedule"]

    archive.decide("post", "DEMO-200")

    assert reasons(archive, "post") == ["schedule"]
    comes_back(archive)


def test_relabelling_what_a_plan_lists_restricts_it(archive):
    archive.decide("young", "DEMO-200")
    opens(archive, "young")
    archive.let_pass(days=4000)
    plan = attended(archive).name

    office = archive.office
    amending.relabel(
        office.account,
        office.objects,
        signed(archive.person),
        plan,
        archive.item_id("young"),
        series="DEMO-340",
        schedule=office.schedule,
        reason="a booking photo after all",
    )

    assert reasons(archive, "young") == ["schedule"]


# --- by a person ----------------------------------------------------------


def test_a_person_restricts_and_takes_it_back_with_a_reason_each(archive):
    restricts(archive, "open", reason="her son's name")
    assert reasons(archive, "open") == ["person"]
    opens(archive, "open", "tip", reason="a joke")

    assert reasons(archive, "open", "tip") == ["", ""]
    assert [leaf.get("d") for leaf in deeds(archive, "item.restricted")] == [{"r": "person"}]
    assert [leaf.get("d") for leaf in deeds(archive, "item.unrestricted")] == [None, None]
    said = {
        (one.row.item, one.told["deed"]): one.told["reason"]
        for one in every_item_paper(archive.office.account, archive.office.objects)
        if one.ref.slot == "restriction"
    }
    assert said == {
        (archive.item_id("open"), "item.restricted"): "her son's name",
        (archive.item_id("open"), "item.unrestricted"): "a joke",
        (archive.item_id("tip"), "item.unrestricted"): "a joke",
    }
    comes_back(archive)
    assert reasons(archive, "open", "tip", "young") == ["", "", "schedule"]


def test_what_was_opened_is_restricted_again_by_a_later_version_alone(archive):
    opens(archive, "tip")
    archive.capture(a_comment("tip", TIP, on="post"))
    assert reasons(archive, "tip") == [""]

    archive.capture(a_comment("tip", f"{TIP} tonight", on="post"))

    assert reasons(archive, "tip") == ["schedule"]
    comes_back(archive)


def test_a_clerk_restricts_and_does_not_open(archive):
    clerk = a_colleague(archive, Role.CLERK)

    restricts(archive, "open", by=clerk)
    with pytest.raises(NotPermitted, match="may not read restricted"):
        opens(archive, "open", by=clerk)
    with pytest.raises(NotPermitted, match="may not decide"):
        opens(archive, "open", by=a_colleague(archive, Role.CHIEF, name="chief"))
    with pytest.raises(NotPermitted, match="may not decide"):
        restricts(archive, "post", by=a_colleague(archive, Role.AUDITOR, name="auditor"))

    assert reasons(archive, "open", "post") == ["person", ""]
    assert len(deeds(archive, "attempt.refused")) == 3


@pytest.mark.parametrize("native_id", ["draft", "message"])
def test_what_a_platform_marks_nobody_opens_and_nothing_of_its_batch_is_entered(archive, native_id):
    with pytest.raises(NotPermitted, match="restricted by platform"):
        opens(archive, "tip", native_id)

    assert is_restricted(archive.item(native_id))
    assert reasons(archive, "tip") == ["schedule"]
    assert deeds(archive, "item.unrestricted") == []
    assert len(deeds(archive, "attempt.refused")) == 1


def test_what_is_open_or_not_here_is_not_opened(archive):
    for native_id in ("open", "never seen"):
        with pytest.raises(NotFound):
            opens(archive, native_id)
    with pytest.raises(NotFound):
        restricts(archive, "open", "never seen")

    assert reasons(archive, "open") == [""]


# --- and a court ----------------------------------------------------------


@pytest.fixture
def chief(archive):
    return a_colleague(archive, Role.CHIEF, name="chief")


@pytest.fixture
def text(tmp_path):
    return an_order_text(tmp_path)


def test_an_order_in_force_wins_and_its_lift_gives_back_what_was_before(archive, chief, text):
    name = confirmed(archive, chief, text, Effect.RESTRICT, "tip", "open", "post")
    with pytest.raises(NotPermitted, match="restricted by order"):
        opens(archive, "tip")
    restricts(archive, "open")
    archive.capture(an_observation("post", f"{OPEN} {JUVENILE}"))
    assert reasons(archive, "tip", "open", "post") == [
        "order schedule",
        "order person",
        "order schedule",
    ]

    ordering.lift(archive.office.account, signed(archive.person), name, text)

    assert reasons(archive, "tip", "open", "post") == ["schedule", "person", "schedule"]
    comes_back(archive)


def test_a_decision_under_an_order_leaves_the_order_as_it_is(archive, chief, text):
    name = confirmed(archive, chief, text, Effect.RESTRICT, "open")
    archive.decide("open", "DEMO-340")
    assert reasons(archive, "open") == ["order schedule"]
    comes_back(archive)

    ordering.lift(archive.office.account, signed(archive.person), name, text)

    assert reasons(archive, "open") == ["schedule"]
    assert whole(archive)


# --- behind us ----------------------------------------------------------


def test_a_row_put_back_to_where_it_was_open_is_named(archive):
    before = archive.item("open")
    restricts(archive, "open")

    with archive.office.catalogue.writing() as desk:
        items.change(desk.connection, [before])

    office = archive.office
    found = verify(office.account, office.objects, office.index, share_read=1.0)
    assert archive.item_id("open") in {fault.name for fault in found.edited}


def test_a_lost_paper_of_a_restriction_is_named(archive):
    restricts(archive, "open")
    item = archive.item_id("open")
    (paper,) = [r for r in archive.objects("open") if r.part is Part.PAPER]

    with archive.office.disposer() as disposer:
        disposer.objects.destroy_objects([paper])

    office = archive.office
    found = verify(office.account, office.objects, office.index, share_read=1.0)
    assert [fault.name.startswith(item) for fault in found.missing] == [True]


def test_a_tip_is_never_purged_and_a_suggested_transitory_tag_is_doubted(archive):
    archive.capture(an_observation("thanks", TRANSITORY), an_observation("kept", TRANSITORY))
    restricts(archive, "thanks")
    archive.let_pass(days=400)

    archive.purge()

    assert (archive.item("thanks").life, archive.item("kept").life) == ("live", "destroyed")


def test_no_text_of_a_tip_stands_in_the_ledger(archive):
    restricts(archive, "open", reason="qzsecretqz")

    assert "qzsecretqz" not in json.dumps(told(archive))
    assert "broke" not in json.dumps(told(archive))


# --- deciding -----------------------------------------------------------------------


@pytest.mark.parametrize("native_id", ["tip", "message", "draft"])
def test_who_may_not_see_an_item_decides_nothing_about_it(archive, native_id):
    clerk, before = a_colleague(archive), archive.item(native_id)

    with pytest.raises(NotPermitted, match="may not read restricted") as refused:
        archive.decide(native_id, by=clerk)
    with pytest.raises(NotPermitted, match="may not read restricted"):
        review.declare(
            archive.office.account,
            archive.office.objects,
            signed(clerk),
            before.item,
            reason="superseded",
        )

    assert "records officer or counsel" in refused.value.remedy
    assert archive.item(native_id) == before
    assert len(deeds(archive, "attempt.refused")) == 2
    assert deeds(archive, "item.decided") == deeds(archive, "item.viewed") == []
    archive.decide("open", by=clerk)
    archive.decide(native_id)


def test_what_a_court_sealed_counsel_alone_decides_about(archive, tmp_path):
    chief, officer = (
        a_colleague(archive, Role.CHIEF),
        a_colleague(archive, Role.RECORDS_OFFICER, name="officer"),
    )
    confirmed(
        archive,
        chief,
        an_order_text(tmp_path),
        Effect.SEAL_THEN_DESTROY,
        "open",
        destroy_on=date(2030, 1, 1),
    )

    with pytest.raises(NotPermitted, match="sealed by order"):
        archive.decide("open", by=officer)

    archive.decide("open")


def test_a_review_list_shows_no_word_of_what_its_reader_may_not_see(archive):
    office, clerk = archive.office, a_colleague(archive)
    _, found = review_list(office.catalogue, after=0, limit=50)

    viewed = view(office.account, clerk, found, where="review")

    assert archive.item_id("tip") in {one.row.item for one in found}
    assert all(not is_restricted(one.row) for one in viewed.items)
    assert viewed.not_shown == sum(is_restricted(one.row) for one in found) >= 2
