"""What an order strikes under other items and of pages, and where a person must look by hand."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace

import pytest

from archiver.catalogue import jobs, pages
from archiver.procedures import order_outcomes, ordering, review
from archiver.procedures.expunging import carry_out_order
from archiver.procedures.order_by_hand import by_hand, documents_to
from archiver.procedures.order_names import preview
from archiver.procedures.order_outcomes import amended_by, outcomes
from archiver.procedures.order_problems import order_problems
from archiver.records.captures import PlatformState, Sighting
from archiver.records.errors import NotFound, NotPermitted, OrderRefused
from archiver.records.identity import Part
from archiver.records.orders import Answer, Effect
from archiver.records.people import Role
from tests.archive import (
    PAGE,
    SUBSTANTIVE,
    Archive,
    a_colleague,
    a_comment,
    an_archive,
    an_observation,
)
from tests.procedures.court import (
    answered,
    carried_out,
    confirmed,
    everything_under,
    order_words,
    signed,
    whole,
)
from tests.procedures.test_backup import backed_up, confirm, lose, restored
from tests.procedures.test_order_names import files_saying
from tests.procedures.test_rebuild import check_the_same, dumped, lose_the_catalogue, rebuilt

COMMENT, VISITOR = "qzcanarycommentzq", "qzcanaryvisitorzq"


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = an_archive(tmp_path)
    archive.capture(
        an_observation("1", SUBSTANTIVE),
        an_observation("2", SUBSTANTIVE),
        a_comment(COMMENT, "said it", on="1", author=VISITOR),
    )
    yield archive
    archive.office.close()


def slots(archive: Archive, native_id: str) -> list[str]:
    return sorted(ref.slot for ref in archive.objects(native_id) if ref.part is Part.PAPER)


def places(archive: Archive, name: str) -> dict[str, str]:
    office = archive.office
    found = by_hand(office.account, office.objects, ordering.called(office.account, name))
    return {one.why: one.place for one in found}


def status(archive: Archive, name: str) -> str:
    return ordering.called(archive.office.account, name).status


# --- reasons under other items --------------------------------------------------------------------


def say_the_name_everywhere(archive: Archive) -> None:
    """Have every kind of paper that lies under another item say the name."""
    account, by = archive.office.account, signed(archive.person)
    archive.decide("1", reason=f"{VISITOR} asked for it")
    archive.decide("2", reason="nobody asked for it")
    review.declare(
        account, archive.office.objects, by, archive.item_id("2"), reason=f"as {VISITOR} said"
    )
    archive.capture(
        Sighting(native_id="1", state=PlatformState.REPORTED_REMOVED, remark=f"by {VISITOR}")
    )


def test_no_reason_and_no_remark_under_another_item_says_the_name_any_more(archive, chief, text):
    say_the_name_everywhere(archive)
    name = confirmed(archive, chief, text, Effect.DESTROY, COMMENT)
    account = archive.office.account
    shown = preview(account, archive.office.objects, signed(archive.person), name).places
    assert {one.place.split("/")[0] for one in shown} == {"decision", "declaration", "sighting"}

    assert carried_out(archive, name).row.status == "carried_out"

    assert files_saying(archive, VISITOR, COMMENT) == []
    assert (slots(archive, "1"), slots(archive, "2")) == (
        ["decision", "sighting"],
        ["decision", "declaration"],
    )
    assert whole(archive)
    before = dumped(archive)
    lose_the_catalogue(archive)
    rebuilt(archive)
    check_the_same(before, dumped(archive))
    assert whole(archive)


def test_what_was_struck_once_may_be_struck_again_for_another(archive, chief, text):
    other = "qzcanaryotherzq"
    archive.capture(a_comment("9", "said it too", on="1", author=other))
    archive.decide("1", reason=f"{VISITOR} asked for it")
    archive.decide("2", reason=f"{other} asked, and {VISITOR}")
    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, COMMENT))
    archive.decide("1", reason=f"{other} asked for it")

    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, "9"))

    assert files_saying(archive, VISITOR, other) == []
    before = dumped(archive)
    lose_the_catalogue(archive)
    rebuilt(archive)
    check_the_same(before, dumped(archive))


def test_a_reason_that_counsel_keeps_stays(archive, chief, text):
    archive.decide("1", reason=f"{VISITOR} asked for it")
    name = confirmed(archive, chief, text, Effect.DESTROY, COMMENT)
    account, by = archive.office.account, signed(archive.person)
    (place,) = [one.place for one in preview(account, archive.office.objects, by, name).places]

    with archive.office.disposer() as disposer:
        carry_out_order(disposer, by, name, [place])

    assert status(archive, name) == "carried_out"
    assert [path.name.split(".")[1] for path in files_saying(archive, VISITOR)] == ["pdecision"]


def test_a_reason_on_a_held_item_waits_until_the_hold_is_lifted(archive, chief, text):
    archive.decide("2", reason=f"{VISITOR} asked for it")
    archive.issue_hold("2")
    name = confirmed(archive, chief, text, Effect.DESTROY, COMMENT)

    carried_out(archive, name)

    assert status(archive, name) == "by_hand"
    assert list(places(archive, name)) == ["held"]
    assert "by-hand" in order_problems(archive.office.account)[0].remedy
    with pytest.raises(OrderRefused, match="done is no answer"):
        answered(archive, name, Answer.DONE, *places(archive, name).values())
    archive.lift_hold("H-0001")
    assert carried_out(archive, name).row.status == "carried_out"
    assert files_saying(archive, VISITOR) == []
    assert whole(archive)


class Stopped(Exception):
    """The process ends here."""


@pytest.mark.parametrize("step", ["keep", "destroy_objects"])
def test_a_crash_while_reasons_are_struck_leaves_the_next_run_to_finish(archive, chief, text, step):
    archive.decide("1", reason=f"{VISITOR} asked for it")
    name = confirmed(archive, chief, text, Effect.DESTROY, COMMENT)

    class Dying:
        """Passes everything on, and dies once it has done the step."""

        def __init__(self, store: object) -> None:
            self.store = store

        def __getattr__(self, called: str) -> object:
            def does(*given: object) -> object:
                done = getattr(self.store, called)(*given)
                if called == step:
                    raise Stopped
                return done

            return does

    with archive.office.disposer() as disposer:
        dying = replace(disposer, objects=Dying(disposer.objects), keeper=Dying(disposer.keeper))
        with pytest.raises(Stopped):
            carry_out_order(dying, signed(archive.person), name)

    carried_out(archive, name)

    assert files_saying(archive, VISITOR) == []
    assert slots(archive, "1") == ["decision"]
    assert whole(archive)


def test_a_reason_that_an_older_store_brought_back_goes_again(archive, chief, text, tmp_path):
    archive.decide("1", reason=f"{VISITOR} asked for it")
    backed_up(archive, tmp_path / "backup.age")
    before = dict(everything_under(archive.folder / "objects" / "items"))
    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, COMMENT))
    for path, data in before.items():
        if ".pdecision." in path.name:
            path.write_bytes(data)
    lose(archive, objects=False)

    restored(archive, tmp_path / "backup.age")
    confirm(archive)

    assert files_saying(archive, VISITOR) == []
    assert whole(archive)


# --- scans ----------------------------------------------------------------------------------------


@pytest.fixture
def scanned(archive, chief, tmp_path) -> Archive:
    """The same, with another order whose text is a scan."""
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF \xff " + VISITOR.encode("utf-16"))
    confirmed(archive, chief, scan, Effect.RESTRICT, "2")
    return archive


def test_an_order_has_no_end_before_somebody_has_read_every_scan(scanned, chief, text, tmp_path):
    name = confirmed(scanned, chief, text, Effect.DESTROY, COMMENT)
    carried_out(scanned, name)
    account, objects = scanned.office.account, scanned.office.objects
    asked = by_hand(account, objects, ordering.called(account, name))
    assert [(one.why, one.answer) for one in asked] == [("no_text", None)]
    (read,) = documents_to(account, asked, tmp_path)
    assert VISITOR.encode("utf-16") in read.read_bytes()
    assert carried_out(scanned, name).row.status == "by_hand"

    answered(scanned, name, Answer.STRIKE, asked[0].place)
    assert status(scanned, name) == "by_hand"
    row = carried_out(scanned, name).row

    assert (row.status, row.destroyed, row.court) == ("carried_out", 1, "")
    assert files_saying(scanned, VISITOR) == []
    left = [
        data for _, data in everything_under(scanned.folder / "objects" / "papers" / "document")
    ]
    assert not any(b"%PDF" in b64decode(json.loads(data)["paper"]["base64"]) for data in left)
    assert order_words(scanned).count("order.answered") == 1
    assert order_problems(scanned.office.account) == ()
    assert whole(scanned)


def test_of_a_scan_that_names_nobody_a_person_says_so(scanned, chief, text):
    name = confirmed(scanned, chief, text, Effect.DESTROY, COMMENT)
    carried_out(scanned, name)

    answered(scanned, name, Answer.NOTHING, places(scanned, name)["no_text"])

    assert carried_out(scanned, name).row.status == "carried_out"
    last = outcomes(scanned.office.account, name)[-1]["unreached"]
    assert [(one["why"], one["answer"]) for one in last["places"]] == [("no_text", "nothing")]
    papers = scanned.folder / "objects" / "papers" / "document"
    assert [path for path, _ in everything_under(papers) if "amended" not in path.name]


def test_who_is_not_counsel_neither_strikes_a_document_nor_keeps_a_name(scanned, chief, text):
    officer = a_colleague(scanned, Role.RECORDS_OFFICER)
    name = confirmed(scanned, chief, text, Effect.DESTROY, COMMENT)
    carried_out(scanned, name)
    place = places(scanned, name)["no_text"]

    for said in (Answer.STRIKE, Answer.KEEP):
        with pytest.raises(NotPermitted):
            answered(scanned, name, said, place, by=officer)
    with pytest.raises(NotPermitted):
        answered(scanned, name, Answer.NOTHING, place, by=a_colleague(scanned, name="clerk"))
    with pytest.raises(NotFound, match="document/none"):
        answered(scanned, name, Answer.NOTHING, place, "document/none")

    assert carried_out(scanned, name).row.status == "by_hand"


def test_nobody_answers_where_nothing_was_asked(scanned, chief, text):
    name = confirmed(scanned, chief, text, Effect.DESTROY, COMMENT)

    with pytest.raises(OrderRefused, match="no answer"):
        answered(scanned, name, Answer.NOTHING, "document/none")


def test_an_order_that_waits_for_answers_comes_back_with_them_in_a_rebuild(scanned, chief, text):
    name = confirmed(scanned, chief, text, Effect.DESTROY, COMMENT)
    carried_out(scanned, name)
    answered(scanned, name, Answer.NOTHING, places(scanned, name)["no_text"])
    before = dumped(scanned)
    lose_the_catalogue(scanned)

    rebuilt(scanned)

    check_the_same(before, dumped(scanned))
    assert status(scanned, name) == "by_hand"
    assert carried_out(scanned, name).row.status == "carried_out"
    assert whole(scanned)


# --- pages and the roster -------------------------------------------------------------------------


@pytest.fixture
def on_their_page(tmp_path) -> Iterator[Archive]:
    """An archive whose page is called after whom an order is for."""
    page = replace(PAGE, name=f"{VISITOR} speaks")
    archive = an_archive(tmp_path, page=page)
    archive.capture(
        an_observation("1", SUBSTANTIVE), a_comment(COMMENT, "so", on="1", author=VISITOR)
    )
    with archive.office.catalogue.writing() as desk:
        jobs.say(desk.connection, [f"page {page.name}"], at=1)
    yield archive
    archive.office.close()


def test_a_page_called_after_them_is_called_otherwise_everywhere(on_their_page, text):
    archive = on_their_page
    chief = a_colleague(archive, Role.CHIEF, name="chief")
    assert archive.found(f'page:"{VISITOR} speaks"') == ["1", COMMENT]
    name = confirmed(archive, chief, text, Effect.DESTROY, COMMENT)

    carried_out(archive, name)
    assert list(places(archive, name)) == ["configured"], "config.toml is a person's to change"
    answered(archive, name, Answer.DONE, *places(archive, name).values())
    carried_out(archive, name)

    assert status(archive, name) == "carried_out"
    assert files_saying(archive, VISITOR) == []
    with archive.office.catalogue.reading() as connection:
        (page,) = pages.every(connection)
    assert page.name == f"page {page.page[:8]}"
    assert archive.found(f'page:"{page.name}"') == ["1"]
    assert whole(archive)
    before = dumped(archive)
    lose_the_catalogue(archive)
    rebuilt(archive)
    check_the_same(before, dumped(archive))
    assert whole(archive)


def test_a_page_that_a_hold_asks_for_by_its_name_keeps_it_and_counsel_is_asked(on_their_page, text):
    archive = on_their_page
    chief = a_colleague(archive, Role.CHIEF, name="chief")
    archive.issue_hold(query=f'page:"{VISITOR} speaks" AND nothingelsehassuchaword')
    name = confirmed(archive, chief, text, Effect.DESTROY, COMMENT)
    account, by = archive.office.account, signed(archive.person)
    with pytest.raises(OrderRefused, match="H-0001 binds"):
        carried_out(archive, name)
    (kept,) = [
        one.place for one in preview(account, archive.office.objects, by, name).places if one.binds
    ]

    with archive.office.disposer() as disposer:
        carry_out_order(disposer, by, name, [kept])

    assert list(places(archive, name)) == ["bound"]
    answered(archive, name, Answer.KEEP, *places(archive, name).values())
    assert carried_out(archive, name).row.status == "carried_out"
    with archive.office.catalogue.reading() as connection:
        assert [page.name for page in pages.every(connection)] == [archive.page.name]


def test_of_an_address_that_says_the_name_a_person_is_asked(tmp_path):
    archive = an_archive(tmp_path, page=replace(PAGE, url=f"https://social.example/{VISITOR}"))
    archive.capture(an_observation("1", SUBSTANTIVE), a_comment(COMMENT, on="1", author=VISITOR))
    chief, text = a_colleague(archive, Role.CHIEF, name="chief"), tmp_path / "order.txt"
    text.write_bytes(b"It is ordered.")
    name = confirmed(archive, chief, text, Effect.DESTROY, COMMENT)

    carried_out(archive, name)

    assert list(places(archive, name)) == ["address"]
    answered(archive, name, Answer.KEEP, *places(archive, name).values())
    assert carried_out(archive, name).row.status == "carried_out"
    assert whole(archive)
    archive.office.close()


def test_one_of_the_roster_who_bears_the_name_keeps_it(archive, chief, text):
    a_colleague(archive, Role.CLERK, name=VISITOR)
    name = confirmed(archive, chief, text, Effect.DESTROY, COMMENT)
    carried_out(archive, name)
    assert list(places(archive, name)) == ["said_by_us"]

    answered(archive, name, Answer.KEEP, *places(archive, name).values())

    assert carried_out(archive, name).row.status == "carried_out"
    assert whole(archive)
    before = dumped(archive)
    lose_the_catalogue(archive)
    rebuilt(archive)
    check_the_same(before, dumped(archive))


# --- the outcome ----------------------------------------------------------------------------------


def test_an_outcome_counts_amended_papers_and_lists_them_in_annexes(
    archive, chief, text, monkeypatch
):
    for number in range(4):
        archive.issue_hold("2", reason=f"{number}: {VISITOR} asked")
        archive.lift_hold(f"H-000{number + 1}")
    monkeypatch.setattr(order_outcomes, "ANNEX", 3)
    name = confirmed(archive, chief, text, Effect.DESTROY, COMMENT)

    carried_out(archive, name)

    account = archive.office.account
    (told,) = outcomes(account, name)
    listed = list(amended_by(account, told["paper"]))
    assert (len(listed), len(told["annexes"])) == (told["papers"], -(-len(listed) // 3))
    assert [kind for kind, _ in listed].count("hold") == 4
