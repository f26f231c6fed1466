"""After an expunction no paper, no hold and no request says the name of whom it was for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.catalogue import holds, plans
from archiver.procedures import called, matters, ordering, planning
from archiver.procedures.expunging import carry_out_order
from archiver.procedures.order_names import preview
from archiver.procedures.planning import Wanted
from archiver.procedures.surrounding import take_in
from archiver.records.errors import NotFound, NotPermitted, OrderRefused
from archiver.records.holds import Neighbours
from archiver.records.matters import NewMatter
from archiver.records.orders import CourtOrder, Effect
from archiver.records.people import Person
from tests.archive import Archive, a_comment
from tests.procedures.court import (
    carried_out,
    confirmed,
    everything_under,
    planted,
    signed,
    whole,
)
from tests.procedures.test_backup import backed_up, confirm, lose, restored
from tests.procedures.test_orders import begun_only
from tests.procedures.test_rebuild import check_the_same, dumped, lose_the_catalogue, rebuilt

COMMENT = "qzcanarycommentzq"
VISITOR = "qzcanaryvisitorzq"
CALLED = "Qzcanarycalledzq Smith"


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = planted(tmp_path)
    archive.capture(a_comment(COMMENT, "qzcanarysaidzq it", on="1", author=VISITOR))
    yield archive
    archive.office.close()


def plant_names(archive: Archive) -> None:
    """Have a hold, its matter, a search and a reason say the name, and let the hold go."""
    author = archive.office.keys.archive.author(archive.page.platform, VISITOR)
    archive.issue_hold(
        reason=f"asked for by {VISITOR}",
        matter=f"{VISITOR} v. City",
        authors=[author],
        query=f"author:{VISITOR} OR {VISITOR}",
    )
    archive.lift_hold("H-0001")


def files_saying(archive: Archive, *words: str) -> list[Path]:
    archive.office.close()
    found = [
        path
        for path, data in everything_under(archive.folder)
        if any(word.casefold().encode() in data.lower() for word in words)
    ]
    archive.reopen()
    return found


def test_no_hold_matter_search_or_reason_says_the_name_any_more(archive, chief, text):
    plant_names(archive)
    author = archive.office.keys.archive.author(archive.page.platform, VISITOR)
    name = confirmed(archive, chief, text, Effect.DESTROY, COMMENT)
    assert files_saying(archive, VISITOR)

    assert carried_out(archive, name).row.status == "carried_out"

    assert files_saying(archive, VISITOR, COMMENT, author) == []
    with archive.office.catalogue.reading() as connection:
        (hold,) = holds.every(connection)
    assert (hold.hold.reason, hold.hold.scope.authors) == ("", frozenset({"0" * 64}))
    assert whole(archive)


def test_what_is_left_of_the_words_comes_back_in_a_rebuild(archive, chief, text):
    plant_names(archive)
    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, COMMENT))
    before = dumped(archive)
    lose_the_catalogue(archive)

    rebuilt(archive)

    check_the_same(before, dumped(archive))
    assert files_saying(archive, VISITOR) == []


@pytest.mark.parametrize("said", ["qzcanarysaidzq it", "qzcanarysaidzq it again"])
def test_whoever_else_the_item_was_shown_as_by_is_struck_from_holds_too(archive, chief, text, said):
    archive.clock.forward(days=1)
    archive.capture(a_comment(COMMENT, said, on="1", author="miller"))
    author = archive.office.keys.archive.author(archive.page.platform, "miller")
    archive.issue_hold(authors=[author])
    assert archive.held_by(COMMENT)
    archive.lift_hold("H-0001")

    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, COMMENT))

    assert files_saying(archive, author) == []
    assert whole(archive)


def with_names(archive: Archive, chief: Person, text: Path, *names: str) -> str:
    account = archive.office.account
    ordered = CourtOrder(
        court="Court",
        number="1",
        dated=account.today(),
        effect=Effect.DESTROY,
        names=names or (CALLED,),
    )
    scope = archive.scope(COMMENT)
    known = ordering.enter(account, signed(archive.person), ordered, scope, text, state="TX")
    ordering.confirm(account, signed(chief), known.row.order)
    return known.row.order


def reasons_on_plans(archive: Archive) -> list[str]:
    with archive.office.catalogue.reading() as connection:
        return [
            line.reasons
            for plan in plans.every(connection)
            for line in plans.lines_of(connection, plan.n)
        ]


def test_what_is_struck_from_the_papers_of_a_plan_is_struck_from_its_lines(archive, chief, text):
    archive.clock.forward(days=200)
    archive.capture()
    (told,) = {reason.split()[0] for line in reasons_of_a_plan(archive) for reason in line}
    name = with_names(archive, chief, text, told)

    carried_out(archive, name)

    assert reasons_on_plans(archive)
    assert {line for line in reasons_on_plans(archive) if told in line} == set()
    assert whole(archive)
    before = dumped(archive)
    lose_the_catalogue(archive)
    rebuilt(archive)
    check_the_same(before, dumped(archive))


def reasons_of_a_plan(archive: Archive) -> list[list[str]]:
    """Make a plan for people, and give the reasons of each of its lines."""
    account, schedule = archive.office.account, archive.office.schedule
    planning.plan(account, archive.person, schedule, on=account.today(), wanted=Wanted())
    return [json.loads(line) for line in reasons_on_plans(archive)]


def test_a_name_that_counsel_adds_is_struck_too_and_forgotten_with_the_order(archive, chief, text):
    matters.open_matter(
        archive.office.account, archive.person, NewMatter(name=f"{CALLED} v. City", text="x")
    )
    name = with_names(archive, chief, text)
    assert files_saying(archive, CALLED)

    carried_out(archive, name)

    assert files_saying(archive, CALLED) == []
    assert whole(archive)


def test_what_others_are_called_stays(archive, chief, text):
    archive.issue_hold("1", reason="asked for by Jones", matter="Jones v. City")
    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, COMMENT))

    with archive.office.catalogue.reading() as connection:
        (hold,) = holds.every(connection)
    assert hold.hold.reason == "asked for by Jones"


def test_a_preview_names_every_place_to_counsel_alone(archive, chief, text):
    plant_names(archive)
    name = confirmed(archive, chief, text, Effect.DESTROY, COMMENT)
    account = archive.office.account

    found = preview(account, archive.office.objects, signed(archive.person), name)

    assert VISITOR in found.names
    assert (found.going, found.held) == (1, 0)
    assert {"H-0001", "M-0001"} <= {place.about for place in found.places}
    assert not any(place.binds for place in found.places)
    with pytest.raises(NotPermitted):
        preview(account, archive.office.objects, signed(chief), name)


def test_what_counsel_keeps_stays_and_the_rest_goes(archive, chief, text):
    plant_names(archive)
    name = confirmed(archive, chief, text, Effect.DESTROY, COMMENT)
    account = archive.office.account
    (kept,) = [
        p.place
        for p in preview(account, archive.office.objects, signed(archive.person), name).places
        if p.about == "M-0001"
    ]

    with archive.office.disposer() as disposer:
        with pytest.raises(NotPermitted):
            carry_out_order(disposer, signed(chief), name, [kept])
        with pytest.raises(NotFound, match="hold/none"):
            carry_out_order(disposer, signed(archive.person), name, ["hold/none"])
        carry_out_order(disposer, signed(archive.person), name, [kept])

    saying = {path.parent.name for path in files_saying(archive, VISITOR)} - {archive.folder.name}
    assert saying == {"matter"}
    assert whole(archive)


def test_a_hold_in_force_that_asks_for_them_stops_the_order_until_counsel_decides(
    archive, chief, text
):
    archive.issue_hold(query=f"{VISITOR} AND nothingelsehassuchaword")
    name = confirmed(archive, chief, text, Effect.DESTROY, COMMENT)

    with pytest.raises(OrderRefused, match="H-0001 binds"):
        carried_out(archive, name)
    assert archive.objects(COMMENT)
    archive.lift_hold("H-0001")

    assert carried_out(archive, name).row.status == "carried_out"


def test_a_hold_in_force_that_has_grown_by_them_stops_the_order_too(archive, chief, text):
    archive.issue_hold(query="okapi")
    authors = frozenset({Neighbours.AUTHORS})
    take_in(archive.office.account, archive.person, "H-0001", authors, review_days=9)
    archive.capture(a_comment("77", "an okapi", on="1", author=VISITOR))
    assert archive.held_by(COMMENT) == ["H-0002"]
    archive.narrow_hold("H-0002", query="okapi")
    name = confirmed(archive, chief, text, Effect.DESTROY, COMMENT)

    with pytest.raises(OrderRefused, match="H-0002 binds"):
        carried_out(archive, name)
    assert archive.objects(COMMENT)
    archive.lift_hold("H-0001")
    archive.lift_hold("H-0002")

    assert carried_out(archive, name).row.status == "carried_out"
    with archive.office.catalogue.reading() as connection:
        assert holds.every(connection)[1].hold.scope.authors == {"0" * 64}
    assert whole(archive)


def test_a_hold_that_asks_for_their_name_alone_stops_the_order_and_keeps_no_word_of_it(
    archive, chief, text
):
    archive.capture(a_comment("77", "hello", on="1", author="jones"))
    archive.issue_hold(called=["jones", VISITOR])
    archive.narrow_hold("H-0001", called=["jones"])
    name = confirmed(archive, chief, text, Effect.DESTROY, COMMENT)

    with pytest.raises(OrderRefused, match="H-0001 binds"):
        carried_out(archive, name)
    archive.lift_hold("H-0001")

    assert carried_out(archive, name).row.status == "carried_out"
    with archive.office.catalogue.reading() as connection:
        (row,) = holds.every(connection)
    theirs = {called.word_for(archive.office.keys.archive, n) for n in ("jones", VISITOR)}
    assert len(row.hold.scope.called & theirs) == 1
    assert whole(archive)


def test_names_are_not_forgotten_by_a_crash_after_the_words_are_gone(archive, chief, text):
    plant_names(archive)
    name = confirmed(archive, chief, text, Effect.DESTROY, COMMENT)
    begun_only(archive, name)
    with archive.office.disposer() as disposer:
        disposer.objects.destroy([archive.item_id(COMMENT)])
    lose_the_catalogue(archive)
    rebuilt(archive)

    carried_out(archive, name)

    assert files_saying(archive, VISITOR) == []
    assert whole(archive)


def test_a_document_in_plain_words_goes_where_it_says_the_name(archive, chief, text, tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_bytes(f"Released, says {CALLED}".encode())
    archive.issue_hold("1")
    other = confirmed(archive, chief, letter, Effect.RESTRICT, "3")

    carried_out(archive, with_names(archive, chief, text))

    papers = archive.folder / "objects" / "papers" / "document"
    left = [json.loads(data) for path, data in everything_under(papers) if "amended" in path.name]
    assert [one["paper"]["base64"] for one in left] == ["", ""], "the order's own, and the letter"
    assert ordering.called(archive.office.account, other).status == "in_force"


def test_a_restore_brings_back_no_name_and_no_reference(archive, chief, text, tmp_path):
    plant_names(archive)
    backed_up(archive, tmp_path / "backup.age")
    papers = archive.folder / "objects" / "papers"
    before = dict(everything_under(papers))
    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, COMMENT))
    for path, data in before.items():
        path.write_bytes(data)  # an older state of the store was put back
    lose(archive, objects=False)

    restored(archive, tmp_path / "backup.age")
    confirm(archive)

    assert files_saying(archive, VISITOR, COMMENT) == []
    row = archive.item(COMMENT)
    assert (row.life, row.page_n, row.author) == ("destroyed", 0, "")
    assert whole(archive)
