"""Court orders: entered by counsel, confirmed by another, and carried out to the last trace."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from archiver.catalogue import backups, items, matters, orders, plans
from archiver.printing import as_pdf
from archiver.procedures import (
    certifying,
    expunging,
    finding,
    order_striking,
    ordering,
    purging,
    simulating,
)
from archiver.procedures.amended_papers import every_paper
from archiver.procedures.certificate_sheets import certificate_sheet
from archiver.procedures.expunging import carry_out_order, resume_orders
from archiver.procedures.founding import open_schedule
from archiver.procedures.ledger_proof import prove_entry
from archiver.procedures.order_outcomes import outcomes
from archiver.procedures.order_problems import order_problems
from archiver.procedures.order_sheets import outcome_sheet
from archiver.procedures.simulating import Simulated
from archiver.procedures.verify import verify
from archiver.procedures.viewing import view, view_one
from archiver.records.errors import (
    ArchiveBusy,
    DestructionBegun,
    DestructionUnproven,
    NotFound,
    NotPermitted,
    OrderRefused,
    UnderHold,
)
from archiver.records.identity import ObjectRef
from archiver.records.orders import Answer, CourtOrder, Effect
from archiver.records.people import Role
from tests.archive import (
    SUBSTANTIVE,
    TRANSITORY,
    Archive,
    a_colleague,
    a_comment,
    an_observation,
    gone,
)
from tests.procedures.court import (
    AUTHOR,
    NATIVE,
    TEXT,
    answered,
    carried_out,
    confirmed,
    entered,
    everything_under,
    order_words,
    planted,
    signed,
    whole,
)
from tests.procedures.test_approving import read_back
from tests.procedures.test_rebuild import check_the_same, dumped, lose_the_catalogue, rebuilt
from tests.proofs import invariants
from tests.proofs.invariants import told

PAGES = "SELECT page FROM pages"


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = planted(tmp_path)
    yield archive
    archive.office.close()


# --- two signers ------------------------------------------------------------------------------


def test_an_order_has_no_effect_before_a_second_person_confirms_it(archive, text):
    name = entered(archive, text, Effect.DESTROY, NATIVE).row.order

    with pytest.raises(OrderRefused, match="second signer"):
        carried_out(archive, name)

    assert archive.item(NATIVE).life == "live"
    assert order_words(archive) == ["order.entered", "order.refused"]


def test_who_entered_an_order_does_not_confirm_it(archive, text):
    name = entered(archive, text, Effect.RESTRICT, NATIVE).row.order

    with pytest.raises(NotPermitted):
        ordering.confirm(archive.office.account, signed(archive.person), name)

    assert not archive.item(NATIVE).restricted
    assert order_words(archive) == ["order.entered", "order.refused"]


def test_an_order_is_confirmed_once(archive, chief, text):
    name = confirmed(archive, chief, text, Effect.DESTROY, NATIVE)

    with pytest.raises(OrderRefused, match="before"):
        ordering.confirm(archive.office.account, signed(chief), name)


def test_only_counsel_decides_what_an_order_covers(archive, chief, text):
    with pytest.raises(NotPermitted, match="counsel"):
        entered(archive, text, Effect.RESTRICT, NATIVE, by=chief)

    assert order_words(archive) == ["order.refused"]


def test_a_clerk_cannot_enter_an_order(archive, text):
    clerk = a_colleague(archive, Role.CLERK)

    with pytest.raises(NotPermitted):
        entered(archive, text, Effect.RESTRICT, NATIVE, by=clerk)

    assert told(archive)[-1]["k"] == "attempt.refused"


def test_missouri_does_not_destroy_closed_records(archive, text):
    with pytest.raises(OrderRefused, match="Missouri"):
        entered(archive, text, Effect.DESTROY, NATIVE, state="MO")

    assert order_words(archive) == ["order.refused"]


def test_an_order_for_nothing_we_have_is_refused(archive, text):
    with pytest.raises(NotFound):
        entered(archive, text, Effect.RESTRICT, "never seen")

    assert order_words(archive) == ["order.refused"]


# --- restrict and seal --------------------------------------------------------------------------


def test_what_is_restricted_is_shown_to_who_has_the_right_and_leaves_an_entry(archive, chief, text):
    confirmed(archive, chief, text, Effect.RESTRICT, NATIVE)
    clerk = a_colleague(archive, Role.CLERK)
    found = archive.search("qzcanarytextzq").items
    account = archive.office.account

    assert view(account, clerk, found, where="search").not_shown == 1
    assert view(account, chief, found, where="search").not_shown == 0
    assert told(archive)[-1]["k"] == "item.viewed"


def test_what_is_sealed_is_shown_to_counsel_alone(archive, chief, text):
    confirmed(archive, chief, text, Effect.SEAL, NATIVE)
    found = archive.search("qzcanarytextzq").items
    account = archive.office.account

    seen = view(account, chief, found, where="search")

    assert (seen.items, seen.not_shown) == ((), 1)
    with pytest.raises(NotPermitted, match="sealed"):
        view_one(account, chief, found[0])
    assert order_words(archive)[-1] == "order.refused"
    assert view(account, archive.person, found, where="search").not_shown == 0


def test_what_a_later_order_lifts_is_open_again(archive, chief, text):
    name = confirmed(archive, chief, text, Effect.SEAL, NATIVE)

    ordering.lift(archive.office.account, signed(archive.person), name, text)

    assert not archive.item(NATIVE).restricted
    assert ordering.called(archive.office.account, name).status == "lifted"


def test_what_two_orders_close_is_open_when_both_are_lifted_and_no_sooner(archive, chief, text):
    first = confirmed(archive, chief, text, Effect.RESTRICT, NATIVE)
    second = confirmed(archive, chief, text, Effect.RESTRICT, NATIVE)
    account = archive.office.account

    ordering.lift(account, signed(archive.person), first, text)
    assert archive.item(NATIVE).restricted
    ordering.lift(account, signed(archive.person), second, text)

    assert not archive.item(NATIVE).restricted


def test_an_order_to_seal_destroys_nothing(archive, chief, text):
    name = confirmed(archive, chief, text, Effect.SEAL, NATIVE)

    with pytest.raises(OrderRefused, match="order to seal"):
        carried_out(archive, name)

    assert archive.objects(NATIVE)


@pytest.mark.parametrize(("days", "goes"), [(8, False), (9, True), (10, True)])
def test_what_is_sealed_until_a_day_goes_on_that_day(archive, chief, text, days, goes):
    on = archive.office.account.today() + timedelta(days=9)
    name = confirmed(archive, chief, text, Effect.SEAL_THEN_DESTROY, NATIVE, destroy_on=on)
    assert archive.item(NATIVE).restricted
    archive.clock.forward(days=days)

    if goes:
        carried_out(archive, name)
    else:
        with pytest.raises(OrderRefused, match="on 2026"):
            carried_out(archive, name)

    assert bool(archive.objects(NATIVE)) is not goes


# --- destroy ------------------------------------------------------------------------------------


def test_after_an_expunction_nothing_tells_of_the_item_anywhere(archive, chief, text):
    archive.issue_hold(NATIVE, "1", reason="claim")
    archive.issue_hold("1", NATIVE)
    archive.narrow_hold("H-0002", "1")
    archive.lift_hold("H-0001")
    item = archive.item_id(NATIVE)
    text.write_bytes(b"It is ordered. " + AUTHOR.encode())
    name = confirmed(archive, chief, text, Effect.DESTROY, NATIVE)

    row = carried_out(archive, name).row

    assert (row.status, row.destroyed, row.court, row.number) == ("carried_out", 1, "", "")
    assert order_words(archive) == [
        "order.entered",
        "order.confirmed",
        "order.begun",
        "order.carried_out",
    ]
    archive.office.close()
    words = [TEXT, AUTHOR, AUTHOR.title(), NATIVE]
    for path, data in everything_under(archive.folder):
        assert not any(word.encode() in data for word in words), path
        if "ledger" not in path.parts and path.name != "catalogue.sqlite":
            assert item[:12].encode() not in data, path
            assert item not in str(path)
    archive.reopen()
    assert invariants.d7_nothing_of_an_expunged_item_is_left(archive) == []
    assert whole(archive)


def test_what_stays_in_the_catalogue_is_a_number_and_the_ledgers_own_id(archive, chief, text):
    name = confirmed(archive, chief, text, Effect.DESTROY, NATIVE)

    carried_out(archive, name)

    row = archive.item(NATIVE)
    assert (row.page_n, row.thread_n, row.kind, row.author, row.published_at) == (0, 0, "", "", 0)
    assert (row.captured_at, row.series, row.tag, row.state, row.life) == (
        0,
        "",
        "",
        "",
        "destroyed",
    )


def test_what_was_expunged_is_not_captured_again_and_not_named(archive, chief, text):
    name = confirmed(archive, chief, text, Effect.DESTROY, NATIVE)
    carried_out(archive, name)

    coverage = archive.capture(an_observation(NATIVE, TEXT, author=AUTHOR))

    assert (coverage.new, coverage.destroyed_before, coverage.expunged_before) == (0, 1, 1)
    assert coverage.certificates == set()
    assert archive.objects(NATIVE) == []
    assert archive.found("qzcanarytextzq") == []
    assert whole(archive)


def test_of_what_was_expunged_nothing_is_shown_but_that_an_order_covers_it(archive, chief, text):
    archive.issue_hold("1")
    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, NATIVE))
    catalogue, item = archive.office.catalogue, archive.item_id(NATIVE)

    for asked in (finding.show, finding.thread):
        with pytest.raises(NotFound, match="an order of a court covers it"):
            asked(catalogue, item)

    assert finding.by_ids(catalogue, [item, archive.item_id("1")])[0].held == ("H-0001",)


def test_what_a_disposition_destroyed_is_named_by_its_certificate_when_it_is_seen_again(archive):
    archive.clock.forward(days=100)
    archive.capture()
    archive.purge()

    coverage = archive.capture(an_observation("4", TRANSITORY))

    assert (coverage.destroyed_before, coverage.expunged_before) == (1, 0)
    assert coverage.certificates == {"D-000001"}
    shown = finding.show(archive.office.catalogue, archive.item_id("4"))
    assert shown.found.certificate == "D-000001"


def test_a_certificate_loses_the_line_and_the_ledger_still_verifies(archive, chief, text):
    archive.capture(an_observation("5", TRANSITORY))
    archive.clock.forward(days=100)
    archive.capture()
    archive.purge()
    name = confirmed(archive, chief, text, Effect.DESTROY, "4")

    carried_out(archive, name)

    papers = archive.folder / "objects" / "papers"
    start = archive.item_id("4")[:12].encode()
    assert not [path for path, data in everything_under(papers) if start in data]
    left = [path for path, _ in everything_under(papers / "certificate")]
    assert [path.name.endswith(".amended.json") for path in left] == [True]
    certificate = json.loads(left[0].read_bytes())["paper"]
    assert [line[0] for line in certificate["items"]] == [archive.item_id("5")]
    shown = certifying.certificates(archive.office.account, "D-000001")
    assert certificate_sheet("D-000001", shown).tables[-1].rows[0][0] == archive.item_id("5")
    assert whole(archive)


def test_a_paper_amended_by_another_hand_is_damaged(archive, chief, text):
    archive.clock.forward(days=100)
    archive.capture()
    archive.purge()
    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, "4"))
    lose_the_catalogue(archive)
    [path] = (archive.folder / "objects" / "papers" / "batch").glob("*.json")
    path.write_bytes(path.read_bytes().replace(b'"stayed":[]', b'"stayed":[1]'))

    with pytest.raises(Exception, match="missing or damaged"):
        rebuilt(archive)


def test_an_item_that_a_plan_is_destroying_is_left_to_the_plan(archive, text):
    row = replace(archive.item(NATIVE), life=items.BEGUN).sealed(archive.office.account.key)
    with archive.office.catalogue.writing() as desk:
        items.change(desk.connection, [row])

    with pytest.raises(DestructionBegun):
        entered(archive, text, Effect.DESTROY, NATIVE)


# --- holds --------------------------------------------------------------------------------------


def test_on_a_held_item_the_order_stops_and_the_rest_goes(archive, chief, text):
    archive.issue_hold(NATIVE)
    name = confirmed(archive, chief, text, Effect.DESTROY, NATIVE, "3")

    row = carried_out(archive, name).row

    assert row.status == "stopped"
    assert whole(archive)
    assert archive.objects(NATIVE)
    assert archive.objects("3") == []
    assert order_words(archive)[2:] == ["order.refused", "order.begun", "order.carried_out"]


def test_the_outcome_of_an_order_that_stopped_says_so_and_not_that_it_is_completed(
    archive, chief, text
):
    archive.issue_hold(NATIVE)
    name = confirmed(archive, chief, text, Effect.DESTROY, NATIVE, "3")
    carried_out(archive, name)

    def told():
        return dict(outcome_sheet(name, outcomes(archive.office.account, name)).fields)

    assert told()["Not completed"].startswith("1 item under a legal hold, not destroyed")
    assert "Completed" not in told()
    archive.lift_hold("H-0001")
    carried_out(archive, name)

    assert told()["Items destroyed"] == 2
    assert "Completed" in told()
    assert "Not completed" not in told()


def test_when_the_hold_is_lifted_the_order_finishes(archive, chief, text):
    archive.issue_hold(NATIVE)
    name = confirmed(archive, chief, text, Effect.DESTROY, NATIVE, "3")
    carried_out(archive, name)
    with pytest.raises(UnderHold, match="covers 1 item;"):
        carried_out(archive, name)
    archive.lift_hold("H-0001")

    row = carried_out(archive, name).row

    assert (row.status, row.destroyed) == ("carried_out", 2)
    assert archive.objects(NATIVE) == []
    assert whole(archive)


def test_what_comes_late_to_a_thread_of_which_nothing_is_left_is_due_in_its_time(
    archive, chief, text
):
    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, NATIVE))
    archive.capture(a_comment("5", TRANSITORY, on=NATIVE))
    assert whole(archive)
    archive.clock.forward(days=100)
    archive.capture()

    assert archive.purge().destroyed == 2

    assert archive.item("5").life == "destroyed"
    assert whole(archive)


def test_what_is_left_of_a_thread_is_due_in_its_time_once_an_order_took_what_kept_it(
    archive, chief, text
):
    archive.capture(an_observation("6", TRANSITORY), a_comment("7", SUBSTANTIVE, on="6"))
    archive.clock.forward(days=100)
    archive.capture()
    archive.purge()
    assert archive.item("6").life == "live"

    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, "7"))
    archive.purge()

    assert archive.item("6").life == "destroyed"
    assert whole(archive)


def test_a_new_schedule_passes_over_the_thread_of_which_nothing_is_left(archive, chief, text):
    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, NATIVE))
    office = archive.office
    newer, found = replace(office.config.schedule, digest="0" * 64), Simulated()
    foreseen = simulating.changes(office.account, office.schedule, newer, found, on=date.max)
    open_schedule(office.account, archive.person, newer, office.config.schedule_text)
    archive.clock.forward(days=100)
    archive.capture()

    with office.disposer() as disposer:
        purged = purging.purge(disposer, archive.person, newer, carry_out_too=True)

    assert list(foreseen) == []
    assert purged.destroyed == 1
    assert archive.item("4").life == "destroyed"


def test_an_order_that_stopped_is_ended_by_a_later_one_and_the_rest_stays(archive, chief, text):
    archive.issue_hold(NATIVE)
    name = confirmed(archive, chief, text, Effect.DESTROY, NATIVE, "3")
    carried_out(archive, name)
    account = archive.office.account

    known = ordering.lift(account, signed(archive.person), name, text)

    assert (known.row.status, known.row.destroyed) == ("lifted", 1)
    assert order_problems(account) == ()
    archive.lift_hold("H-0001")
    with pytest.raises(OrderRefused, match="is lifted"):
        carried_out(archive, name)
    assert archive.objects(NATIVE)
    assert whole(archive)


def test_the_names_that_an_order_was_settled_by_go_once_it_is_lifted(archive, chief, text):
    archive.issue_hold("3")
    name = confirmed(archive, chief, text, Effect.DESTROY, NATIVE, "3")
    carried_out(archive, name)
    account = archive.office.account
    assert NATIVE in settled_names(archive)
    with archive.office.disposer() as disposer:
        resume_orders(disposer, archive.office.service)
    assert NATIVE in settled_names(archive)

    ordering.lift(account, signed(archive.person), name, text)
    for _night in range(2):
        with archive.office.disposer() as disposer:
            assert resume_orders(disposer, archive.office.service) == 0

    assert settled_names(archive) == set()
    assert whole(archive)
    before = dumped(archive)
    lose_the_catalogue(archive)
    rebuilt(archive)
    check_the_same(before, dumped(archive))


def settled_names(archive: Archive) -> set[str]:
    """Give every name in the papers by which orders are carried out."""
    papers = every_paper(archive.office.account)
    return {name for kind, _, paper in papers if kind == "order_words" for name in paper["names"]}


def test_what_was_sealed_and_stopped_is_open_again_when_a_later_order_ends_it(archive, chief, text):
    archive.issue_hold(NATIVE)
    on = archive.office.account.today() + timedelta(days=9)
    name = confirmed(archive, chief, text, Effect.SEAL_THEN_DESTROY, NATIVE, destroy_on=on)
    archive.clock.forward(days=9)
    with pytest.raises(UnderHold):
        carried_out(archive, name)
    assert archive.item(NATIVE).restricted

    ordering.lift(archive.office.account, signed(archive.person), name, text)

    assert not archive.item(NATIVE).restricted
    before = dumped(archive)
    lose_the_catalogue(archive)
    rebuilt(archive)
    check_the_same(before, dumped(archive))


def test_lifting_an_order_to_destroy_opens_nothing_that_was_closed_for_another_reason(
    archive, chief, text
):
    name = confirmed(archive, chief, text, Effect.DESTROY, NATIVE)
    archive.capture(an_observation(NATIVE, TEXT, author=AUTHOR, restricted=True))
    assert archive.item(NATIVE).restricted

    ordering.lift(archive.office.account, signed(archive.person), name, text)

    assert archive.item(NATIVE).restricted


def test_an_order_is_not_lifted_while_it_is_carried_out(archive, chief, text):
    name = confirmed(archive, chief, text, Effect.DESTROY, NATIVE)

    with archive.office.catalogue.exclusive("disposition"), pytest.raises(ArchiveBusy):
        ordering.lift(archive.office.account, signed(archive.person), name, text)


@pytest.mark.parametrize("names", [(), ("Jane Q. Canary",)])
def test_an_order_of_which_another_took_everything_comes_to_its_end(archive, chief, text, names):
    account, scope = archive.office.account, archive.scope(NATIVE)
    ordered = CourtOrder(
        court="Court", number="2", dated=account.today(), effect=Effect.DESTROY, names=names
    )
    known = ordering.enter(account, signed(archive.person), ordered, scope, text, state="TX")
    ordering.confirm(account, signed(chief), known.row.order)
    archive.issue_hold("1", matter="In the matter of Jane Q. Canary")
    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, NATIVE))
    assert "not carried out" in order_problems(account)[0].what

    row = carried_out(archive, known.row.order).row

    assert (row.status, row.destroyed, row.court, row.number) == ("carried_out", 0, "", "")
    assert order_problems(account) == ()
    with archive.office.catalogue.reading() as connection:
        called = [each.matter.name for each in matters.every(connection)]
    assert called == ([""] if names else ["In the matter of Jane Q. Canary"])
    assert whole(archive)
    before = dumped(archive)
    lose_the_catalogue(archive)
    rebuilt(archive)
    check_the_same(before, dumped(archive))


def test_an_order_whose_item_the_schedule_destroyed_takes_the_tombstone_and_ends(
    archive, chief, text
):
    name = confirmed(archive, chief, text, Effect.DESTROY, "4")
    archive.let_pass(100)
    assert archive.purge().destroyed == 1

    row = carried_out(archive, name).row

    assert (row.status, row.destroyed) == ("carried_out", 1)
    assert order_problems(archive.office.account) == ()


def test_the_outcome_says_what_was_not_struck_where_to_look_and_what_proves_it(
    archive, chief, text
):
    account, scope = archive.office.account, archive.scope("3")
    text.write_bytes(b"%PDF \xff a scan")
    ordered = CourtOrder(
        court="Court",
        number="2",
        dated=account.today(),
        effect=Effect.DESTROY,
        names=("Jo", "Town Page"),
    )
    known = ordering.enter(account, signed(archive.person), ordered, scope, text, state="TX")
    ordering.confirm(account, signed(chief), known.row.order)
    other = confirmed(archive, chief, text, Effect.RESTRICT, "1")
    with archive.office.catalogue.writing() as desk:
        backups.add(desk.connection, at=account.now_micros(), digest="d" * 64, keep_days=9)

    carried_out(archive, known.row.order)

    (told_of,) = outcomes(account, known.row.order)
    left = told_of["unreached"]
    document = ordering.called(account, other).document
    (page,) = [row["page"] for row in invariants.rows(archive, PAGES)]
    assert left["by_hand"] == {"configured": 1, "no_text": 1, "short": 1}
    assert [one["place"] for one in left["places"]] == [
        "names/short",
        f"document/{document[:12]}",
        f"page/{page[:12]}",
    ]
    assert told_of["backups"]["count"] == 1
    in_store, *_, in_log, _, _ = told_of["manner"]
    assert "asked again for 1 object of 1 item, none answered" in in_store["proof"]
    with archive.office.disposer() as disposer:
        assert in_store["manner"] == disposer.manner != ""
    emptied = account.catalogue.sqlite
    assert ("catalogue log" in told_of["destroyed_in"], bool(in_log["proof"])) == (emptied, emptied)
    deed = told_of["ledger"]["entries"][-1]
    assert json.loads(prove_entry(account, deed["index"]).leaf)["k"] == "order.carried_out"
    printed = read_back(as_pdf(outcome_sheet(known.row.order, [told_of])))
    for said in ("1 x a name of one or two letters", "1 x the page lost", "d" * 12):
        assert said in printed
    assert "Town Page" not in json.dumps(told_of)
    with pytest.raises(NotFound, match="no outcome"):
        outcomes(account, other)


def test_what_was_left_is_not_forgotten_with_the_names_by_a_crash(
    archive, chief, text, monkeypatch
):
    account = archive.office.account
    ordered = CourtOrder(
        court="C", number="2", dated=account.today(), effect=Effect.DESTROY, names=("Jo",)
    )
    scope = archive.scope("3")
    known = ordering.enter(account, signed(archive.person), ordered, scope, text, state="TX")
    ordering.confirm(account, signed(chief), known.row.order)
    carried_out(archive, known.row.order)
    answered(archive, known.row.order, Answer.NOTHING, "names/short")
    with monkeypatch.context() as patch:
        patch.setattr(expunging, "compact", breaks)
        with pytest.raises(Broken):
            carried_out(archive, known.row.order)

    carried_out(archive, known.row.order)

    assert ordering.called(account, known.row.order).status == "carried_out"
    told_of = outcomes(account, known.row.order)[-1]["unreached"]
    assert told_of["by_hand"] == {"short": 1}
    assert [one["answer"] for one in told_of["places"]] == ["nothing"]


# --- rebuild ------------------------------------------------------------------------------------


@pytest.mark.parametrize("effect", [Effect.RESTRICT, Effect.SEAL, Effect.DESTROY])
@pytest.mark.parametrize("stage", ["entered", "confirmed", "ended"])
def test_an_order_comes_back_wherever_it_stands(archive, chief, text, effect, stage):
    name = entered(archive, text, effect, NATIVE, "3").row.order
    account = archive.office.account
    if stage != "entered":
        ordering.confirm(account, signed(chief), name)
    if stage == "ended" and effect.destroys:
        carried_out(archive, name)
    elif stage == "ended":
        ordering.lift(account, signed(archive.person), name, text)
    archive.feed()
    before = dumped(archive)
    lose_the_catalogue(archive)

    rebuilt(archive)

    check_the_same(before, dumped(archive))
    assert whole(archive)


def test_an_order_that_stopped_comes_back_as_it_stood(archive, chief, text):
    archive.issue_hold(NATIVE)
    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, NATIVE, "3"))
    before = dumped(archive)
    lose_the_catalogue(archive)

    rebuilt(archive)

    check_the_same(before, dumped(archive))
    with archive.office.catalogue.reading() as connection:
        assert [row.status for row in orders.every(connection)] == ["stopped"]


LATER = {
    "edited": lambda: an_observation(NATIVE, f"{TEXT} again", author=AUTHOR),
    "bylined": lambda: an_observation(NATIVE, TEXT, author="qzcanaryanotherzq"),
    "removed": lambda: gone(NATIVE),
}


@pytest.mark.parametrize("later", LATER.values(), ids=LATER)
def test_what_happened_to_an_item_later_breaks_no_rebuild_after_its_order(
    archive, chief, text, later
):
    archive.clock.forward(days=1)
    archive.issue_hold("1")
    archive.capture(later())
    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, NATIVE))
    before = dumped(archive)
    lose_the_catalogue(archive)

    rebuilt(archive)

    check_the_same(before, dumped(archive))
    assert whole(archive)


def test_a_plan_with_an_expunged_item_binds_nothing_any_more(archive, chief, text):
    archive.clock.forward(days=100)
    archive.capture()
    plan = archive.plan()
    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, "4"))

    with archive.office.catalogue.reading() as connection:
        assert list(plans.lines_of(connection, plan.n)) == []


def test_a_line_that_gives_more_reasons_than_an_order_left_in_its_paper_is_named(
    archive, chief, text
):
    archive.capture(an_observation("5", TRANSITORY))
    archive.clock.forward(days=100)
    archive.capture()
    plan = archive.plan()
    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, "4"))
    assert whole(archive)

    with archive.office.catalogue.writing() as desk:
        (line,) = plans.lines_of(desk.connection, plan.n)
        more = json.dumps([*json.loads(line.reasons), "forged"])
        plans.reword(desk.connection, plan.n, {line.item_n: more})

    office = archive.office
    (fault,) = verify(office.account, office.objects, office.index).edited
    assert (fault.name, "not as its papers list" in fault.why) == (plan.name, True)


# --- cut short ----------------------------------------------------------------------------------


class StubbornStore:
    """A store that lets nothing go."""

    def destroy(self, owners: Sequence[str]) -> int:
        raise DestructionUnproven(f"{len(owners)} items are still listed")

    def destroy_objects(self, refs: Sequence[ObjectRef]) -> int:
        raise DestructionUnproven(f"{len(refs)} objects are still listed")


def begun_only(archive: Archive, name: str) -> None:
    """Begin to carry out an order, and come no further: the store refuses."""
    with archive.office.disposer() as disposer:
        stubborn = replace(disposer, objects=StubbornStore())
        with pytest.raises(DestructionUnproven):
            carry_out_order(stubborn, signed(archive.person), name)


def test_an_order_that_was_cut_short_is_named_and_finished_by_the_next_night(archive, chief, text):
    name = confirmed(archive, chief, text, Effect.DESTROY, NATIVE)
    begun_only(archive, name)
    office = archive.office
    assert not whole(archive)
    assert "begun" in order_problems(office.account)[0].what

    with office.disposer() as disposer:
        purged = purging.purge(disposer, office.service, office.schedule, carry_out_too=False)

    assert purged.resumed == 1
    assert archive.objects(NATIVE) == []
    assert order_problems(office.account) == ()
    assert whole(archive)


def test_no_hold_is_issued_on_what_an_order_is_destroying(archive, chief, text):
    begun_only(archive, confirmed(archive, chief, text, Effect.DESTROY, NATIVE))

    with pytest.raises(DestructionBegun):
        archive.issue_hold(NATIVE)


class Broken(Exception):
    """The process ends here."""


def breaks(*_: object, **__: object) -> None:
    raise Broken


def test_what_papers_say_no_more_no_row_says_either_wherever_it_was_cut_short(
    archive, chief, text, monkeypatch
):
    archive.issue_hold(NATIVE, "1", matter=f"In the matter of {NATIVE}")
    archive.lift_hold("H-0001")
    name = confirmed(archive, chief, text, Effect.DESTROY, NATIVE)
    with monkeypatch.context() as patch:
        patch.setattr(order_striking, "reword_by", breaks)
        with pytest.raises(Broken):
            carried_out(archive, name)

    carried_out(archive, name)

    with archive.office.catalogue.reading() as connection:
        assert [each.matter.name for each in matters.every(connection)] == [""]
    assert whole(archive)


def test_of_an_entering_that_broke_off_nothing_is_left_once_the_order_is_carried_out(
    archive, chief, text, monkeypatch
):
    text.write_bytes(b"%PDF a scan")
    with monkeypatch.context() as patch:
        patch.setattr(orders, "add", breaks)
        with pytest.raises(Broken):
            entered(archive, text, Effect.DESTROY, NATIVE)
    other = entered(archive, text, Effect.RESTRICT, "1").row

    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, NATIVE))

    papers = archive.folder / "objects" / "papers"
    said = [path for path, data in everything_under(papers / "order") if b"26-CV-1" in data]
    assert [path.stem for path in said] == [other.paper]
    scan = b64encode(b"%PDF a scan")
    kept = [path for path, data in everything_under(papers / "document") if scan in data]
    assert [path.stem for path in kept] == [other.document]
    assert whole(archive)


@pytest.mark.parametrize("bytes_are_gone", [False, True])
def test_an_order_cut_short_is_rebuilt_and_then_finished(archive, chief, text, bytes_are_gone):
    name = confirmed(archive, chief, text, Effect.DESTROY, NATIVE, "3")
    begun_only(archive, name)
    if bytes_are_gone:
        with archive.office.disposer() as disposer:
            disposer.objects.destroy([archive.item_id(NATIVE)])
    lose_the_catalogue(archive)

    result = rebuilt(archive)
    carried_out(archive, name)

    assert (result.unfinished, result.lost_items) == (2, ())
    assert [archive.objects(n) for n in (NATIVE, "3")] == [[], []]
    assert archive.item("3").page_n == 0
    assert whole(archive)


def test_status_asks_until_counsel_has_decided(archive, chief, text):
    account = archive.office.account
    archive.issue_hold(NATIVE)
    name = entered(archive, text, Effect.DESTROY, NATIVE).row.order
    assert "second signer" in order_problems(account)[0].what
    ordering.confirm(account, signed(chief), name)
    assert "not carried out" in order_problems(account)[0].what

    with pytest.raises(UnderHold):
        carried_out(archive, name)

    assert "stopped at a hold" in order_problems(account)[0].what
    assert archive.item(NATIVE).life == "live"
