from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from archiver.catalogue import holds, tables
from archiver.procedures import dispose, hold, hold_report, lifting, matters
from archiver.procedures.account import Account
from archiver.procedures.rebuild import Rebuilder, Rebuilt, rebuild
from archiver.procedures.verify import verify
from archiver.procedures.verify_registers import registers_edited
from archiver.records.captures import Actor, Cursor, Gap, GapReason, Listed, PlatformState, Seen
from archiver.records.errors import (
    CatalogueUnavailable,
    LedgerDamaged,
    NotFound,
    ObjectMissing,
)
from archiver.records.identity import Part
from archiver.records.matters import MatterKind
from archiver.records.moments import micros
from archiver.records.people import Role
from tests.archive import (
    LETTER,
    TRANSITORY,
    Archive,
    a_colleague,
    a_comment,
    an_archive,
    an_observation,
    gone,
    lay_out_empty_tables,
)
from tests.procedures.test_capture import visit
from tests.procedures.test_enabling import enable

CAN_DIFFER = {
    "items": {"recheck_on"},  # climbs the ladder again from the day of capture
    "threads": {"look_on", "ripe_on", "stirred"},  # everything is looked at again
    "holds": {"evaluated_to", "evaluate_to"},  # evaluated over every item there is now
    "narrowings": {"swept_to"},  # how far a sweep had come, which begins anew where it was not done
    "gaps": {"tries", "retry_on"},
    "sightings": {"n"},
    "matches": {"n"},
    "attachments": {"n"},
    "versions": {"n"},  # what was destroyed leaves no number
    "decisions": {"n"},
}
COMPARED = (
    "people", "pages", "threads", "items", "versions", "bylines", "matches", "attachments",
    "sightings", "decisions", "captures", "gaps", "holds", "coverage", "plans", "plan_items",
    "batches", "approvals", "backups", "matters", "growths", "narrowings", "departures", "requests",
    "notices",
    "orders", "order_items",
    "samples", "judgements",
    "bags", "bag_items",
    "enablings",
)  # fmt: skip


def dumped(archive: Archive) -> dict[str, list[dict[str, object]]]:
    """Give every table's rows, without the columns that can differ."""
    found = {}
    with archive.office.catalogue.reading() as connection:
        for name in COMPARED:
            table = getattr(tables, name)
            keep = [c for c in table.columns if c.name not in CAN_DIFFER.get(name, ())]
            rows = connection.execute(select(*keep)).mappings()
            found[name] = sorted((_as_told(dict(row)) for row in rows), key=repr)
        texts = select(tables.versions.c.item_n, tables.versions.c.number, tables.contents.c.body)
        joined = texts.join(tables.contents, tables.contents.c.n == tables.versions.c.n)
        found["matches"] = [row for row in found["matches"] if row["item_n"]]  # not the struck
        found["contents"] = sorted(tuple(row) for row in connection.execute(joined))
        found["ledger"] = list(
            connection.scalars(
                select(tables.ledger_entries.c.leaf).order_by(tables.ledger_entries.c.seq)
            )
        )
    return found


def _as_told(row: dict[str, object]) -> dict[str, object]:
    """A scope is JSON: the order of its keys says nothing."""
    return row | {"scope": sorted(json.loads(row["scope"]).items())} if "scope" in row else row


def lose_the_catalogue(archive: Archive) -> None:
    """Leave empty tables of it, as `rebuild` itself makes them where there is no file at all.

    Making them takes longer than most rebuilds; the desk's tests rebuild from no file.
    """
    catalogue = archive.office.catalogue
    if catalogue.file is None:
        with catalogue.writing_raw() as connection:
            tables.METADATA.drop_all(connection)
            connection.execute(text("DROP TABLE alembic_version"))
    archive.office.close()
    for path in archive.folder.glob("catalogue.sqlite*"):
        if path.is_file():
            path.unlink()
    if catalogue.file is not None:
        lay_out_empty_tables(archive.folder)


def rebuilder_of(archive: Archive) -> Rebuilder:
    office = archive.reopen(founding=True)
    return Rebuilder(
        account=office.account,
        objects=office.objects,
        classifier=office.classifier,
        index=office.index,
        os_account=archive.os_account,
    )


def rebuilt(archive: Archive) -> Rebuilt:
    result = rebuild(rebuilder_of(archive))
    archive.reopen()
    return result


def check_the_same(before, after) -> None:
    entries = after.pop("ledger")
    assert entries[: len(before["ledger"])] == before.pop("ledger")
    assert len([e for e in entries if b'"archive.rebuilt"' in e]) == 1
    for name in ("contents", *COMPARED):
        assert after[name] == before[name], name


@pytest.fixture
def archive(tmp_path) -> Archive:
    """An archive in which most things happened that can."""
    archive = an_archive(tmp_path)
    a_colleague(archive, Role.CLERK)
    archive.platform.absent = {"lost-photo"}
    archive.capture(
        an_observation("1", TRANSITORY, author="city"),
        an_observation("2", "Report of a stolen bicycle", attachments=["photo", "lost-photo"]),
        a_comment("3", "It was red \U0001f6b2", on="2", author="bob"),
        an_observation("4", "An old post", state=PlatformState.HIDDEN),
        Listed(whole=True, platform_count=4),
    )
    archive.clock.forward(days=1)
    archive.capture(
        an_observation("2", "Report of two stolen bicycles", attachments=["photo", "lost-photo"]),
        replace(gone("3"), actor=Actor.UNKNOWN, source="at:deleted-entry", remark="Jay Doe"),
        Gap(what="comments of post 9", why=GapReason.UNREACHABLE),
    )
    archive.clock.forward(days=1)
    archive.capture(
        an_observation("5", "A first draft", current=False),
        an_observation("5", "What was published of it"),
        an_observation("2", "Report of a bicycle", current=False, attachments=["photo"]),
        an_observation("1", TRANSITORY, restricted=True, author="city"),
        an_observation("6", "Happy Friday to all of you!"),
        Gap(what="edits of status 6", why=GapReason.UNREACHABLE, native_id="6"),
        Gap(what="status 99", why=GapReason.UNREADABLE, native_id="99"),
        an_observation("7", "Happy Monday from all of us!"),
    )
    return archive


def test_what_a_visit_that_was_broken_off_could_not_have_comes_back_in_words(tmp_path):
    archive = an_archive(tmp_path)

    def killed() -> Iterator[Seen]:
        yield an_observation("1")
        yield Gap(what="comments of post 1", why=GapReason.UNREACHABLE)
        yield Gap(what="edits of post 1", why=GapReason.UNREACHABLE, native_id="1")
        yield Cursor("2")
        raise SystemExit

    with pytest.raises(SystemExit):
        visit(archive, killed)
    archive.office.account.acknowledge()  # as whatever comes next does
    before = dumped(archive)
    assert {gap["what"] for gap in before["gaps"]} == {"comments of post 1", "edits of post 1"}
    lose_the_catalogue(archive)

    rebuilt(archive)

    check_the_same(before, dumped(archive))


def a_hundred_days_on(archive: Archive) -> None:
    """Let periods lapse; the page is seen whole, and the photo can be had at last."""
    archive.clock.forward(days=100)
    archive.platform.absent.clear()
    archive.capture()


def office_account(archive: Archive) -> Account:
    return archive.office.account


def test_a_rebuild_gives_back_the_same_archive(archive):
    archive.decide("2")
    enable(archive)
    archive.issue_hold("7", matter="Roe v. City")
    words = archive.issue_hold(query="bicycles")
    archive.lift_hold(archive.issue_hold("4").hold, cool_down_days=30)
    wide = archive.issue_hold(threads="2", kind=MatterKind.COMPLAINT).hold
    archive.narrow_hold(wide, "1", "2", cool_down_days=20)
    archive.narrow_hold(wide, query="bicycles", cool_down_days=40)
    hold.review(office_account(archive), archive.person, words.hold, reason="stands", days=9)
    lifted = archive.issue_hold("2", matter="Moe v. City")
    archive.lift_hold(lifted.hold)
    matters.close_matter(office_account(archive), archive.person, lifted.matter, reason="settled")
    a_hundred_days_on(archive)
    assert archive.purge().destroyed == 1
    archive.clock.forward(days=1)
    archive.capture(an_observation("8", "After the purge"))
    before = dumped(archive)
    lose_the_catalogue(archive)

    result = rebuilt(archive)

    assert (result.items, result.tombstones, result.unfinished) == (7, 1, 0)
    assert not result.lost_items
    assert not result.lost_objects
    check_the_same(before, dumped(archive))
    office = archive.office
    assert verify(office.account, office.objects, office.index, share_read=1).whole
    assert archive.found("bicycles") == ["2"]
    assert archive.held_by("2") == [words.hold, wide]
    assert archive.capture(an_observation("6", "Happy Friday to all of you!")).new == 0


def test_what_was_destroyed_is_not_archived_again_after_a_rebuild(archive):
    a_hundred_days_on(archive)
    assert archive.purge().destroyed == 2
    lose_the_catalogue(archive)
    rebuilt(archive)

    coverage = archive.capture(an_observation("6", "Happy Friday to all of you!"))

    assert (coverage.new, coverage.destroyed_before) == (0, 1)


def test_two_files_of_an_item_with_the_same_bytes_are_two_after_a_rebuild(archive):
    archive.platform.files = dict.fromkeys(("left", "right"), b"the same")
    archive.capture(an_observation("9", "Twice", attachments=("left", "right")))
    before = dumped(archive)
    lose_the_catalogue(archive)

    rebuilt(archive)

    check_the_same(before, dumped(archive))


def test_wordings_that_came_together_were_judged_once_after_a_rebuild_too(archive):
    words = "Report of a stolen bicycle"
    earlier = an_observation("9", words, current=False)
    archive.capture(earlier, an_observation("9", f"{words}, corrected"))
    before = dumped(archive)
    lose_the_catalogue(archive)

    rebuilt(archive)

    check_the_same(before, dumped(archive))


def test_an_earlier_wording_that_was_told_of_later_is_judged_by_no_rebuild(archive):
    words = "Report of a stolen bicycle"
    now = an_observation("9", f"{words}, corrected")
    archive.capture(now)
    archive.clock.forward(days=1)
    archive.capture(an_observation("9", words, current=False), now)
    before = dumped(archive)
    lose_the_catalogue(archive)

    rebuilt(archive)

    check_the_same(before, dumped(archive))


class Interrupted(Exception):
    """A process that died."""


class DyingStore:
    """Dies before (or after) the bytes go."""

    def __init__(self, destroy: Callable[..., int] | None = None) -> None:
        self._destroy = destroy

    def destroy(self, owners):
        if self._destroy is not None:
            self._destroy(owners)
        raise Interrupted

    def destroy_objects(self, refs):
        raise Interrupted(refs)


@pytest.mark.parametrize("bytes_gone", [False, True])
def test_a_destruction_that_was_begun_can_be_finished_after_a_rebuild(archive, bytes_gone):
    a_hundred_days_on(archive)
    plan, office = archive.plan(), archive.office
    today = office.account.today()
    with office.disposer() as true:
        store = DyingStore(true.objects.destroy if bytes_gone else None)
        dying = dispose.Disposer(
            account=office.account, objects=store, keeper=office.objects, index=office.index
        )
        with pytest.raises(Interrupted):
            dispose.carry_out(dying, archive.person, plan, office.schedule, on=today)
    lose_the_catalogue(archive)

    result = rebuilt(archive)

    assert result.unfinished == 2
    office = archive.office
    account = office.account
    (one,) = verify(account, office.objects, office.index).unfinished
    assert one.name == "D-000001"
    with office.disposer() as disposer:
        assert dispose.finish_begun(disposer, archive.person).destroyed == 2
    assert verify(account, office.objects, office.index, share_read=1).whole


class DyingHolder:
    """Flags objects, and dies when it is to take a flag away."""

    def hold(self, owners):
        assert owners

    def release(self, owners):
        raise Interrupted(owners)


@pytest.mark.parametrize("swept", [1, 9])
def test_a_narrowing_that_was_cut_short_is_gone_on_with_after_a_rebuild(
    archive, monkeypatch, swept
):
    wide = archive.issue_hold("1", "2", "3", "4", "7").hold
    monkeypatch.setattr(lifting, "BATCH", swept)
    office, signed = archive.office, archive.office.sign_in()
    narrower = archive.scope("7")
    with pytest.raises(Interrupted):
        lifting.narrow(
            office.account, signed, wide, reason="only this", authority=LETTER, scope=narrower,
            cool_down_days=9, store=DyingHolder(),
        )  # fmt: skip
    archive.capture(an_observation("9", "Captured after it was narrowed"))
    narrowed_on = archive.clock.now
    lose_the_catalogue(archive)

    rebuilt(archive)

    account = archive.office.account
    assert registers_edited(account) == []
    assert [archive.held_by(n) for n in "12347"] == [[], [], [], [], [wide]]
    cools = {archive.item(n).cooling_until for n in "1234"}
    assert cools == {account.day(micros(narrowed_on)).toordinal() + 9}
    assert len(dumped(archive)["departures"]) == 4
    assert lifting.sweep_unfinished(account, None) == 0


def test_the_scope_of_a_hold_is_told_in_the_same_order_after_a_rebuild(archive):
    archive.issue_hold(query='words NOT (crash OR "3rd street")')
    archive.capture()

    def told() -> str:
        with archive.office.catalogue.reading() as connection:
            (row,) = holds.every(connection)
        return json.dumps(row.hold.scope.to_json())

    before, rows = told(), dumped(archive)["holds"]
    lose_the_catalogue(archive)
    rebuilt(archive)

    assert told() == before
    assert dumped(archive)["holds"] == rows


def test_a_rebuild_into_a_catalogue_that_has_something_is_refused(archive):
    with pytest.raises(CatalogueUnavailable, match="not empty"):
        rebuild(rebuilder_of(archive))


@pytest.mark.sqlite("looks for the file")
def test_a_rebuild_without_a_copy_of_the_ledger_is_refused_and_makes_nothing(archive):
    lose_the_catalogue(archive)
    (archive.folder / "catalogue.sqlite").unlink(missing_ok=True)
    rebuilder = rebuilder_of(archive)
    (archive.folder / "objects" / "ledger" / "checkpoint").unlink()

    with pytest.raises(NotFound, match="no copy"):
        rebuild(rebuilder)

    assert not (archive.folder / "catalogue.sqlite").exists()


class FailingReader:
    """Dies at the n-th object that is read."""

    def __init__(self, inner, after: int) -> None:
        self._inner, self._left = inner, after

    def listing(self, *, shard=""):
        return self._inner.listing(shard=shard)

    def read(self, ref, *, version=None):
        self._left -= 1
        if self._left < 0:
            raise Interrupted
        return self._inner.read(ref, version=version)


@pytest.mark.parametrize("after", [0, 2, 5, 9])
def test_a_rebuild_that_was_cut_short_goes_on_where_it_stopped(archive, after):
    archive.issue_hold(query="bicycles")
    before = dumped(archive)
    lose_the_catalogue(archive)
    rebuilder = rebuilder_of(archive)
    dying = replace(rebuilder, objects=FailingReader(rebuilder.objects, after))
    with pytest.raises(Interrupted):
        rebuild(dying)

    with pytest.raises(CatalogueUnavailable, match="being rebuilt"):
        archive.reopen()
    rebuilt(archive)

    check_the_same(before, dumped(archive))


def test_an_item_whose_object_is_gone_is_named_and_not_passed_over(archive):
    lost = next(ref for ref in archive.objects("7") if ref.part is Part.CONTENT)
    archive.path_of(lost).unlink()
    lose_the_catalogue(archive)

    result = rebuilt(archive)

    assert result.lost_items == (archive.item_id("7"),)
    office = archive.office
    found = verify(office.account, office.objects, office.index)
    assert archive.item_id("7") in {fault.name for fault in found.missing}


def test_a_version_whose_object_is_gone_is_missing_after_the_rebuild_too(archive):
    refs = {ref.digest for ref in archive.objects("2") if ref.part is Part.CONTENT}
    n = archive.item("2").n
    with archive.office.catalogue.reading() as connection:
        second = connection.scalar(
            select(tables.versions.c.digest).where(
                tables.versions.c.item_n == n, tables.versions.c.number == 2
            )
        )
    assert second in refs
    lost = next(ref for ref in archive.objects("2") if ref.digest == second)
    archive.path_of(lost).unlink()
    lose_the_catalogue(archive)

    result = rebuilt(archive)

    assert [name.endswith(second) for name in result.lost_objects] == [True]
    office = archive.office
    found = verify(office.account, office.objects, office.index)
    assert any(fault.name.endswith(second) for fault in found.missing)
    with pytest.raises(ObjectMissing):
        office.objects.read(lost)


def test_a_paper_that_is_gone_stops_the_rebuild_by_name(archive):
    archive.issue_hold("1")
    paper = next((archive.folder / "objects" / "papers" / "hold").iterdir())
    paper.unlink()
    lose_the_catalogue(archive)

    with pytest.raises(LedgerDamaged, match=paper.name):
        rebuilt(archive)


def test_a_tile_that_was_tampered_with_stops_the_rebuild(archive):
    tiles = archive.folder / "objects" / "ledger" / "tile" / "entries" / "000.p"
    tile = max(tiles.iterdir(), key=lambda path: int(path.name))
    tile.chmod(0o644)
    tile.write_bytes(tile.read_bytes().replace(b"transitory", b"transitorY"))
    lose_the_catalogue(archive)

    with pytest.raises(LedgerDamaged):
        rebuilt(archive)


def test_a_rebuild_says_how_many_a_lifted_hold_covered_though_they_are_destroyed(archive):
    archive.capture(an_observation("thanks", TRANSITORY))
    name = archive.issue_hold("thanks", "2", matter="Poe v. City").hold
    archive.lift_hold(name)
    archive.clock.forward(days=400)
    archive.capture()
    assert archive.purge().destroyed >= 1
    assert archive.item("thanks").life == "destroyed"

    def covered(account: Account) -> dict[str, int]:
        return {one.row.hold.id: one.covered for one in hold.every(account)}

    before = covered(office_account(archive))
    lose_the_catalogue(archive)
    rebuilt(archive)

    assert before[name] == 2
    assert covered(office_account(archive)) == before
    assert hold_report.report(office_account(archive), name).covered == 2
