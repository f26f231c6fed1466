"""Transfers: a bag that others can prove, a copy that stays, and nothing before the receipt."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from pypdf import PdfReader

from archiver.catalogue import bags, tables
from archiver.ports import ListedObject
from archiver.printing import as_pdf
from archiver.procedures import approving, planning, requests, transferring
from archiver.procedures.approving import Document
from archiver.procedures.bag_papers import Handed, asked_of_registers
from archiver.procedures.carrying import carry_out_approved
from archiver.procedures.planning import Plan, Wanted
from archiver.procedures.receipts import Stated, accept, receive
from archiver.procedures.requests import NewRequest
from archiver.procedures.transfer_certificates import transfer_certificate, transfer_sheet
from archiver.procedures.transfer_problems import late, notes, waiting
from archiver.procedures.transferring import Carrier, transfer
from archiver.procedures.verify import verify
from archiver.records.approval import DECLINES, Terms
from archiver.records.disposition import Action
from archiver.records.errors import (
    ConfigInvalid,
    NotApproved,
    NotPermitted,
    ObjectDamaged,
    QuorumMissing,
)
from archiver.records.identity import ObjectRef
from archiver.records.orders import Effect
from archiver.records.people import Person, Role
from archiver.records.periods import Period
from archiver.records.requests import RequestKind
from archiver.records.schedules import Schedule
from archiver.records.series import Disposition, Stage, Then
from tests.archive import (
    SUBSTANTIVE,
    Archive,
    a_colleague,
    a_comment,
    a_copy_of,
    an_archive,
    an_observation,
)
from tests.procedures.court import entered
from tests.procedures.test_approving import TERMS, TWO_YEARS, decided_long_ago, enrol, signed
from tests.procedures.test_rebuild import check_the_same, dumped, lose_the_catalogue, rebuilt
from tests.proofs import invariants
from tests.proofs.invariants import told

RECIPIENT = "Invented State Archives"
STAGES = (
    Stage(then=Then.TRANSFER, after=Period()),
    Stage(then=Then.DESTROY, after=Period(days=30)),
)


def changed(schedule: Schedule, **changes: object) -> Schedule:
    """Give the demonstration's schedule with DEMO-200 changed; its digest is the same."""
    series = replace(schedule.series["DEMO-200"], **changes)
    return replace(schedule, series={**schedule.series, "DEMO-200": series})


@dataclass
class Desk:
    """Who transfers what of which archive, where to."""

    archive: Archive
    chief: Person
    to: Path
    schedule: Schedule
    terms: Terms = TERMS
    letter: Path = field(init=False)

    def __post_init__(self) -> None:
        self.letter = self.to.parent / "receipt.pdf"
        self.letter.write_bytes(b"%PDF received with thanks")

    def planned(self, action: Action = Action.TRANSFER) -> Plan:
        account = self.archive.office.account
        return planning.plan(
            account,
            self.archive.person,
            self.schedule,
            on=account.today(),
            wanted=Wanted(action=action),
        )

    def approve(self, plan: Plan, step: str, by: Person, file: Path | None = None) -> None:
        approving.approve(
            self.archive.office.account,
            signed(by),
            plan.name,
            step,
            schedule=self.schedule,
            terms=self.terms,
            document=Document(file=file),
        )

    def approved(self, action: Action = Action.TRANSFER) -> Plan:
        plan = self.planned(action)
        self.approve(plan, "records_custodian", self.archive.person)
        self.approve(plan, "department_head", self.chief)
        self.archive.clock.forward(days=self.terms.grace_days)
        return plan

    def transferred(
        self, plan: Plan, *, by: Person | None = None, recipient: str = RECIPIENT, **rest: object
    ) -> Handed:
        office = self.archive.office
        carrier = Carrier(
            account=office.account,
            objects=rest.pop("objects", office.objects),
            schedule=self.schedule,
            terms=self.terms,
        )
        return transfer(
            carrier,
            signed(by or self.archive.person),
            plan.name,
            self.to,
            recipient=recipient,
            on=office.account.today(),
            **rest,
        )

    def received(self, plan: Plan, **stated: str) -> bags.BagRow:
        return receive(
            self.archive.office.account,
            signed(self.archive.person),
            plan.name,
            Document(file=self.letter, signed_by="An archivist"),
            Stated(**stated),
        )

    def destroyed(self, plan: Plan) -> int:
        with self.archive.office.disposer() as disposer:
            return carry_out_approved(
                disposer,
                signed(self.archive.person),
                plan.name,
                self.schedule,
                terms=self.terms,
                on=self.archive.office.account.today(),
            ).destroyed

    def verdict(self):
        office = self.archive.office
        return verify(office.account, office.objects, office.index)

    def forward(self, days: int) -> None:
        """Let days pass, and the page be looked at."""
        self.archive.clock.forward(days=days)
        self.archive.capture()


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    """An archive with a thread and a post of a series that is transferred, lapsed long ago."""
    archive = a_copy_of(_long_lapsed, tmp_path)
    yield archive
    assert invariants.faults_of(archive) == []
    archive.office.close()


def _long_lapsed(folder: Path) -> Archive:
    archive = an_archive(folder, index="memory:")
    archive.capture(
        an_observation("1", SUBSTANTIVE, author="city", attachments=["photo"]),
        a_comment("2", 'He said "no", twice', on="1", author="bob"),
        an_observation("3", "=cmd() is how this title begins", title="=1+1 \U0001f6b2"),
    )
    archive.capture(an_observation("3", "=cmd() it began; it was edited", title="Second"))
    decided_long_ago(archive, "1", "2", "3")
    return archive


@pytest.fixture
def desk(archive, tmp_path) -> Desk:
    return a_desk_for(archive, tmp_path)


def a_desk_for(archive: Archive, tmp_path: Path) -> Desk:
    """Give who transfers what of *archive*, with a second person who approves."""
    chief = a_colleague(archive, Role.CHIEF, name="chief")
    enrol(archive, archive.person, chief)
    to = tmp_path / "handed over"
    to.mkdir()
    return Desk(archive, chief, to, changed(archive.office.schedule, stages=STAGES))


def bag_is_valid(path: Path) -> bool:
    """Ask two that are not ours: the Library of Congress's bagit, and sha256sum."""
    said = [
        subprocess.run(
            ["sha256sum", "--check", "--strict", "--quiet", name],
            cwd=path, capture_output=True, text=True, timeout=60, check=False,
        )
        for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt")
    ]  # fmt: skip
    try:
        whole = _bagit().Bag(str(path)).validate()
    except _bagit().BagError:
        whole = False
    return [one.returncode for one in said] == [0, 0] and whole


@cache
def _bagit() -> ModuleType:
    """Load bagit, which asks for what setuptools says it should not, and takes its time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import bagit  # noqa: PLC0415 - only with its warnings set aside
    return bagit


def bagged(handed: Handed) -> set[str]:
    """Give the ids of what lies in a bag, by its folders."""
    return {each.name for each in (handed.path / "data" / "items").glob("*/*")}


def ids(archive: Archive, natives: str) -> set[str]:
    return {archive.item_id(native_id) for native_id in natives}


def kinds(archive: Archive) -> list[str]:
    of = ("disposition.", "transfer.")
    return [leaf["k"] for leaf in told(archive) if leaf["k"].startswith(of)]


def reasons(plan: Plan, archive: Archive, native_id: str) -> tuple[str, ...]:
    return dict(plan.stayed).get(archive.item_id(native_id), ())


# --- the bag --------------------------------------------------------------------------------------


def test_what_is_approved_goes_into_a_bag_that_other_programs_find_valid(desk, archive):
    plan = desk.approved()

    handed = desk.transferred(plan)

    assert handed.path == desk.to / "B-000001"
    assert bag_is_valid(handed.path)
    assert [each.name for each in desk.to.iterdir()] == ["B-000001"]
    assert (handed.bag.items, handed.bag.status, handed.stayed) == (3, "bagged", {})
    assert bagged(handed) == ids(archive, "123")
    assert {archive.item(n).life for n in "123"} == {"live"}
    assert desk.verdict().ok
    assert kinds(archive)[-2:] == ["transfer.begun", "transfer.bagged"]


def test_a_bag_holds_every_version_and_file_byte_for_byte_and_no_paper_of_ours(desk, archive):
    handed = desk.transferred(desk.approved())
    kept = [ref for n in "123" for ref in archive.objects(n)]

    found = {
        hashlib.sha256(each.read_bytes()).hexdigest()
        for each in (handed.path / "data" / "items").rglob("*")
        if each.is_file()
    }

    assert found == {ref.digest for ref in kept if ref.part.value in "ca"}
    assert {ref.part.value for ref in kept} == {"c", "a", "p"}
    (photo,) = (handed.path / "data" / "items").rglob("files/*")
    assert photo.suffix == ".png"


def test_the_index_lists_every_file_for_machines_and_for_people(desk, archive):
    handed = desk.transferred(desk.approved())
    data = handed.path / "data"
    there = {
        f"data/{each.relative_to(data)}" for each in (data / "items").rglob("*") if each.is_file()
    }

    index = json.loads((data / "index.json").read_text("utf-8"))
    rows = list(csv.DictReader(io.StringIO((data / "index.csv").read_text("utf-8"))))

    assert {one["file"] for item in index["items"] for one in item["files"]} == there
    assert {row["file"] for row in rows} == there
    assert all(
        hashlib.sha256((handed.path / row["file"]).read_bytes()).hexdigest() == row["sha256"]
        for row in rows
    )
    assert {item["id"] for item in index["items"]} == ids(archive, "123")
    assert index["bag"]["recipient"] == RECIPIENT
    said = "".join(page.extract_text() for page in PdfReader(data / "finding-aid.pdf").pages)
    assert "DEMO-200" in said
    assert RECIPIENT in said


def test_a_bag_says_whose_it_is_and_for_whom(desk, archive):
    handed = desk.transferred(desk.approved())
    text = (handed.path / "bag-info.txt").read_text("utf-8")

    assert max(map(len, text.splitlines())) <= 78
    info = dict(line.split(": ", 1) for line in text.replace("\n  ", " ").splitlines())
    assert info["Source-Organization"] == archive.office.schedule.agency
    assert info["Bagging-Date"] == archive.office.account.today().isoformat()
    assert info["External-Identifier"].startswith("B-000001-")
    assert info["Internal-Sender-Identifier"] == "P-000001 B-000001"
    assert info["Payload-Oxum"] == f"{handed.bag.octets}.{handed.bag.files}"
    assert (handed.path / "bagit.txt").read_text("utf-8").startswith("BagIt-Version: 1.0\n")
    tags = (handed.path / "tagmanifest-sha256.txt").read_bytes()
    assert hashlib.sha256(tags).hexdigest() == handed.bag.manifest


# --- who, and when --------------------------------------------------------------------------------


def test_nothing_is_bagged_before_it_is_approved_and_has_rested(desk):
    plan = desk.planned()
    with pytest.raises(NotApproved, match="waits for the step"):
        desk.transferred(plan)
    desk.approve(plan, "records_custodian", desk.archive.person)
    desk.approve(plan, "department_head", desk.chief)

    with pytest.raises(NotApproved, match="grace period"):
        desk.transferred(plan)

    assert list(desk.to.iterdir()) == []


def test_who_may_not_dispose_transfers_nothing_and_receives_nothing(desk):
    plan = desk.approved()

    with pytest.raises(NotPermitted):
        desk.transferred(plan, by=desk.chief)
    with pytest.raises(NotPermitted):
        receive(
            desk.archive.office.account, signed(desk.chief), plan.name,
            Document(file=desk.letter), Stated(),
        )  # fmt: skip


def test_a_plan_to_destroy_writes_no_bag_and_a_plan_to_transfer_destroys_nothing(desk, archive):
    plan = desk.approved()
    with pytest.raises(NotApproved, match="to transfer, not to destroy"):
        desk.destroyed(plan)
    desk.schedule = archive.office.schedule
    other = desk.approved(Action.DESTROY)

    with pytest.raises(NotApproved, match="to destroy, not to transfer"):
        desk.transferred(other)


def test_one_person_alone_transfers_nothing(desk, archive):
    plan = desk.approved()
    with archive.office.catalogue.writing() as writing:
        writing.connection.execute(tables.credentials.delete())

    with pytest.raises(QuorumMissing):
        desk.transferred(plan)


def test_a_plan_is_transferred_once(desk):
    plan = desk.approved()
    desk.transferred(plan)

    with pytest.raises(NotApproved, match="carried out"):
        desk.transferred(plan)


def test_a_bag_is_never_written_over_what_is_not_ours(desk):
    plan = desk.approved()
    (desk.to / "B-000001").mkdir()
    (desk.to / "B-000001" / "bag-info.txt").write_text("External-Identifier: another\n", "utf-8")

    with pytest.raises(ConfigInvalid, match="not ours"):
        desk.transferred(plan)

    assert (desk.to / "B-000001" / "bag-info.txt").exists()
    with pytest.raises(ConfigInvalid, match="no folder"):
        replace(desk, to=desk.to / "nowhere").transferred(plan)


# --- holds ----------------------------------------------------------------------------------------


def test_a_hold_between_approval_and_bagging_keeps_its_thread_out_and_says_so(desk, archive):
    plan = desk.approved()
    archive.issue_hold("2")

    handed = desk.transferred(plan)

    assert bagged(handed) == ids(archive, "3")
    assert handed.stayed[archive.item_id("2")] == ("held by H-0001",)
    assert archive.item_id("1") in handed.stayed
    assert bag_is_valid(handed.path)
    assert kinds(archive)[-2:] == ["disposition.stayed", "transfer.bagged"]
    certificate = transfer_certificate(archive.office.account, plan.name)
    assert [item for item, _ in certificate["stayed"]] == sorted(ids(archive, "12"))


def test_a_hold_that_comes_while_the_bag_is_written_still_wins(desk, archive):
    plan = desk.approved()
    come = iter([None])

    def hold(_count: int) -> None:
        for _ in come:
            archive.issue_hold("1")

    handed = desk.transferred(plan, progress=hold)

    assert bagged(handed) == ids(archive, "3")
    assert bag_is_valid(handed.path)
    assert handed.stayed[archive.item_id("1")] == ("held by H-0001",)


def test_an_edit_while_the_bag_is_written_takes_the_thread_out(desk, archive):
    plan = desk.approved()
    come = iter([None])

    def edit(_count: int) -> None:
        for _ in come:
            archive.capture(an_observation("3", "Edited at the very last moment"))

    handed = desk.transferred(plan, progress=edit)

    assert bagged(handed) == ids(archive, "12")
    assert bag_is_valid(handed.path)
    assert archive.item_id("3") in handed.stayed


def test_where_everything_is_held_no_bag_is_written_and_the_plan_is_void(desk, archive):
    plan = desk.approved()
    archive.issue_hold("1", "3")

    handed = desk.transferred(plan)

    assert (handed.bag.status, handed.bag.paper) == ("dropped", "")
    assert list(desk.to.iterdir()) == []
    assert planning.named(archive.office.account, plan.name).status == "void"
    with pytest.raises(NotApproved, match="nothing of"):
        desk.received(plan)
    assert desk.verdict().ok


def test_a_hold_between_bagging_and_receipt_keeps_our_copy_whatever_is_received(desk, archive):
    plan = desk.approved()
    desk.transferred(plan)
    archive.issue_hold("3")

    desk.received(plan)
    desk.forward(days=40)

    again = desk.planned(Action.DESTROY)
    assert again.due == 2
    assert reasons(again, archive, "3") == ("held H-0001",)


# --- the receipt ----------------------------------------------------------------------------------


def test_until_the_receipt_nothing_is_planned_of_what_was_transferred(desk, archive):
    plan = desk.approved()
    desk.transferred(plan)
    desk.forward(days=400)

    for action in (Action.TRANSFER, Action.DESTROY):
        assert desk.planned(action).due == 0
    assert archive.purge().destroyed == 0


def test_after_the_receipt_the_stage_that_follows_comes_due_under_approvals_of_its_own(
    desk, archive
):
    plan = desk.approved()
    bag = desk.transferred(plan).bag
    desk.forward(days=10)

    received = desk.received(plan, number="T-17", manifest=bag.manifest)

    assert received.status == "received"
    desk.forward(days=30)
    assert desk.planned(Action.DESTROY).due == 0
    desk.forward(days=1)
    ours = desk.approved(Action.DESTROY)
    assert ours.due == 3
    archive.capture()
    assert desk.destroyed(ours) == 3
    assert desk.verdict().ok


def test_what_the_schedule_only_transfers_is_kept_here_after_the_receipt(desk, archive):
    desk.schedule = changed(archive.office.schedule, disposition=Disposition.TRANSFER)
    plan = desk.approved()
    desk.transferred(plan)
    desk.received(plan)
    desk.forward(days=4_000)

    assert [desk.planned(action).due for action in Action] == [0, 0, 0, 0]


def test_a_receipt_is_entered_once(desk, archive):
    plan = desk.approved()
    desk.transferred(plan)
    desk.received(plan)

    with pytest.raises(NotApproved, match="entered already"):
        desk.received(plan)

    assert kinds(archive)[-2:] == ["transfer.received", "disposition.refused"]


def test_a_receipt_of_the_wrong_plan_or_of_another_bag_is_refused(desk):
    wrong = desk.planned()
    with pytest.raises(NotApproved, match="nothing of"):
        desk.received(wrong)
    plan = desk.approved()
    desk.transferred(plan)

    with pytest.raises(NotApproved, match="another bag"):
        desk.received(plan, manifest="0" * 64)

    assert desk.received(plan).status == "received"


@pytest.mark.parametrize(("days", "passes"), [(-1, False), (0, True), (3, True), (4, False)])
def test_a_receipt_is_of_a_day_since_the_bag_was_written(desk, days, passes):
    plan = desk.approved()
    desk.transferred(plan)
    account = desk.archive.office.account
    on = account.today() + timedelta(days=days)
    desk.archive.clock.forward(days=3)
    document = Document(file=desk.letter, dated=on)

    if passes:
        assert receive(account, signed(desk.archive.person), plan.name, document, Stated())
    else:
        with pytest.raises(ConfigInvalid) as refusal:
            receive(account, signed(desk.archive.person), plan.name, document, Stated())
        assert "the day the document itself bears" in refusal.value.remedy


def test_without_its_document_there_is_no_receipt(desk):
    plan = desk.approved()
    desk.transferred(plan)
    account = desk.archive.office.account

    with pytest.raises(NotApproved, match="rests on a document"):
        receive(account, signed(desk.archive.person), plan.name, Document(), Stated())


def test_what_was_edited_after_its_bag_is_transferred_again(desk, archive):
    plan = desk.approved()
    desk.transferred(plan)
    archive.capture(an_observation("3", "Edited after the bag had left"))
    desk.received(plan)
    desk.forward(days=TWO_YEARS)

    assert desk.planned(Action.TRANSFER).due == 1
    assert desk.planned(Action.DESTROY).due == 2


def test_the_certificate_says_what_went_to_whom_and_what_came_back(desk, archive):
    plan = desk.approved()
    bag = desk.transferred(plan).bag
    awaited = transfer_certificate(archive.office.account, bag.bag)
    desk.received(plan, number="T-17")

    told_of = transfer_certificate(archive.office.account, plan.name)

    assert awaited["receipt"] == {"status": "receipt awaited"}
    assert told_of["receipt"]["sha256"] == hashlib.sha256(desk.letter.read_bytes()).hexdigest()
    assert (told_of["recipient"], told_of["items"]) == (RECIPIENT, 3)
    assert [step["step"] for step in told_of["approvals"]] == [
        "records_custodian",
        "department_head",
    ]
    assert [one["items"] for one in told_of["series"]] == [3]
    pages = PdfReader(io.BytesIO(as_pdf(transfer_sheet(told_of)))).pages
    said = "".join(page.extract_text() for page in pages)
    assert all(word in said for word in (RECIPIENT, bag.bag, "T-17", "An archivist"))
    assert "patrol" not in json.dumps(told_of) + said
    assert transfer_certificate(archive.office.account, "P-000099") is None


def test_the_certificate_says_what_each_register_answered(desk, archive):
    plan = desk.approved()
    archive.capture(an_observation("9", "Asked for, held and ordered, and not planned"))
    asked_for(desk, archive, "9")

    bag = desk.transferred(plan).bag

    certificate = transfer_certificate(archive.office.account, bag.bag)
    assert certificate["holds_asked"]["binding"] == ["H-0001", "H-0002"]
    assert certificate["requests_asked"]["open"] == ["R-0001"]
    assert certificate["orders_asked"]["in_force"] == ["O-0001"]
    assert [certificate[f"{one}_asked"]["covering"] for one in REGISTERS] == [[], [], []]
    pages = PdfReader(io.BytesIO(as_pdf(transfer_sheet(certificate)))).pages
    said = " ".join("".join(page.extract_text() for page in pages).split())
    assert "holds in force: H-0001; H-0002; none of them covers an item here" in said
    assert "requests open: R-0001; none of them covers an item here" in said
    assert "orders in force: O-0001; none of them covers an item here" in said


def test_what_came_to_cover_an_item_of_a_bag_is_told_register_by_register(desk, archive):
    bag = desk.transferred(desk.approved()).bag
    asked_for(desk, archive, "3")

    account = archive.office.account
    with account.catalogue.reading() as connection:
        told_of = asked_of_registers(account, connection, bag)

    covering = [told_of[f"{one}_asked"]["covering"] for one in REGISTERS]
    assert covering == [["H-0001", "H-0002"], ["R-0001"], ["O-0001"]]


REGISTERS = ("holds", "requests", "orders")


def asked_for(desk: Desk, archive: Archive, native_id: str) -> None:
    """Hold an item, have a request freeze it, and an order of a court that is not carried out."""
    account, today = archive.office.account, archive.office.account.today()
    archive.issue_hold(native_id)
    asked = NewRequest(number="2028-7", kind=RequestKind.PIA, received_on=today)
    requests.open_request(account, archive.person, asked, archive.scope(native_id), review_days=30)
    entered(archive, desk.letter, Effect.RESTRICT, native_id)


# --- what waits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "is_late"), [(0, False), (13, False), (14, True), (15, True)])
def test_a_bag_without_a_receipt_is_named_until_it_has_one(desk, archive, days, is_late):
    plan = desk.approved()
    desk.transferred(plan)
    archive.clock.forward(days=days)

    found = waiting(archive.office.account)

    assert [one.days for one in found] == [days]
    assert bool(late(found)) is is_late
    assert bool(notes(found)) is not is_late
    desk.received(plan)
    assert waiting(archive.office.account) == []


# --- crashes --------------------------------------------------------------------------------------


class Broken(Exception):
    """The process ends here."""


class BreakingStore:
    """A store of which reading breaks off the process, after so many pieces."""

    def __init__(self, store, pieces: int) -> None:
        self._store, self._left = store, pieces

    def owned(self, owner: str) -> list[ListedObject]:
        return self._store.owned(owner)

    def stream(self, ref: ObjectRef) -> Iterator[bytes]:
        for piece in self._store.stream(ref):
            if not self._left:
                yield piece[: len(piece) // 2]
                raise Broken
            self._left -= 1
            yield piece


@pytest.mark.parametrize("pieces", range(5))
def test_a_bag_that_was_broken_off_is_gone_on_with_and_never_half_there(desk, archive, pieces):
    plan = desk.approved()
    with pytest.raises(Broken):
        desk.transferred(plan, objects=BreakingStore(archive.office.objects, pieces))
    assert not (desk.to / "B-000001").exists()
    assert [one.problem.subject for one in waiting(archive.office.account)] == ["bag B-000001"]

    handed = desk.transferred(plan)

    assert bag_is_valid(handed.path)
    assert bagged(handed) == ids(archive, "123")
    assert [each.name for each in desk.to.iterdir()] == ["B-000001"]
    assert kinds(archive).count("transfer.begun") == 1


def test_what_leaves_the_set_after_a_break_leaves_the_bag(desk, archive):
    plan = desk.approved()
    with pytest.raises(Broken):
        desk.transferred(plan, objects=BreakingStore(archive.office.objects, 4))
    archive.issue_hold("1")

    handed = desk.transferred(plan)

    assert bagged(handed) == ids(archive, "3")
    assert bag_is_valid(handed.path)


def test_a_file_that_a_break_spoiled_is_written_anew(desk):
    plan = desk.approved()
    with pytest.raises(Broken):
        desk.transferred(plan, objects=BreakingStore(desk.archive.office.objects, 4))
    for each in desk.to.rglob("version-*.json"):
        each.write_bytes(bytes(each.stat().st_size))

    assert bag_is_valid(desk.transferred(plan).path)


def test_a_bag_that_was_named_and_not_entered_is_asked_for_again(desk, archive, monkeypatch):
    plan = desk.approved()

    def breaks(*_: object) -> bool:
        raise Broken

    with monkeypatch.context() as patch:
        patch.setattr(transferring, "enter_bagged", breaks)
        with pytest.raises(Broken):
            desk.transferred(plan)
    assert bag_is_valid(desk.to / "B-000001")
    archive.issue_hold("3")

    handed = desk.transferred(plan)

    assert bagged(handed) == ids(archive, "12")
    assert bag_is_valid(handed.path)


def test_a_bag_goes_on_for_the_recipient_it_was_begun_for(desk):
    plan = desk.approved()
    with pytest.raises(Broken):
        desk.transferred(plan, objects=BreakingStore(desk.archive.office.objects, 1))

    with pytest.raises(ConfigInvalid, match="begun for"):
        desk.transferred(plan, recipient="Somebody else")


def test_damaged_bytes_are_never_handed_over(desk, archive):
    plan = desk.approved()
    (ref, *_) = archive.objects("3")
    for each in archive.objects("3"):
        if each.part.value == "c":
            ref = each
    path = archive.path_of(ref)
    path.chmod(0o600)
    good = path.read_bytes()
    path.write_bytes(good[:-1] + b"?")

    with pytest.raises(ObjectDamaged):
        desk.transferred(plan)

    assert not (desk.to / "B-000001").exists()
    path.write_bytes(good)


# --- rebuild and verify ---------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["begun", "bagged", "received"])
def test_a_rebuild_brings_a_transfer_back_in_the_middle(desk, archive, at):
    plan = desk.approved()
    if at == "begun":
        with pytest.raises(Broken):
            desk.transferred(plan, objects=BreakingStore(archive.office.objects, 2))
        with archive.office.catalogue.writing() as writing:
            bags.emptied(writing.connection, 1)  # what was chosen is chosen anew
    else:
        archive.issue_hold("3")
        desk.transferred(plan)
    if at == "received":
        desk.received(plan)
    archive.office.index.close()
    before = dumped(archive)

    lose_the_catalogue(archive)
    rebuilt(archive)

    check_the_same(before, dumped(archive))
    enrol(archive, archive.person, desk.chief)
    if at == "begun":
        assert bag_is_valid(desk.transferred(plan).path)
    elif at == "bagged":
        assert desk.received(plan).status == "received"
    assert desk.verdict().edited == []


def test_verify_names_a_receipt_that_nobody_entered(desk, archive):
    plan = desk.approved()
    desk.transferred(plan)
    with archive.office.catalogue.writing() as writing:
        values = {"status": "received", "received_at": archive.office.account.now_micros()}
        writing.connection.execute(tables.bags.update().values(values))
    desk.forward(days=100)

    assert "B-000001" in {fault.name for fault in desk.verdict().edited}
    assert desk.planned(Action.DESTROY).due == 0
    with archive.office.catalogue.writing() as writing:  # as it was, for what is asked at the end
        values = {"status": "bagged", "received_at": None}
        writing.connection.execute(tables.bags.update().values(values))


def test_a_bag_edited_behind_us_stays_named_whatever_is_entered_of_it(desk, archive):
    plan = desk.approved()
    desk.transferred(plan)
    with archive.office.catalogue.writing() as writing:
        writing.connection.execute(tables.bags.update().values(manifest="0" * 64))

    desk.received(plan)

    desk.forward(days=100)
    assert "B-000001" in {fault.name for fault in desk.verdict().edited}
    assert desk.planned(Action.DESTROY).due == 0


def test_verify_names_what_was_taken_out_of_a_bag_or_put_in_behind_us(desk, archive):
    desk.transferred(desk.approved())
    first, last = archive.item("1"), archive.item("3")
    with archive.office.catalogue.writing() as writing:
        of = tables.bag_items.c.item_n
        writing.connection.execute(tables.bag_items.delete().where(of == last.n))
        writing.connection.execute(tables.bag_items.update().where(of == first.n).values(version=9))

    assert {first.item, last.item} <= {fault.name for fault in desk.verdict().edited}


def test_verify_names_a_receipt_whose_document_is_lost(desk, archive):
    plan = desk.approved()
    desk.transferred(plan)
    desk.received(plan)
    for each in (archive.folder / "objects").rglob("papers/document/*"):
        each.unlink()

    assert "B-000001" in {fault.name for fault in desk.verdict().edited}


# --- offers ---------------------------------------------------------------------------------------


OFFER = (
    "records_officer",
    "offer_to_archives",
    "archives_decline",
    "state_archivist_approval",
    "certificate_to_archives",
)
"""Maryland's way."""


@pytest.fixture
def offering(desk, archive) -> tuple[Desk, Plan, Person]:
    """A plan to destroy whose offer to the State Archives was sent."""
    clerk = a_colleague(archive, Role.CLERK, name="clerk")
    enrol(archive, clerk)
    bare = archive.office.schedule
    desk.schedule = replace(bare, approval_chains={**bare.approval_chains, "clerk": OFFER})
    plan = desk.planned(Action.DESTROY)
    desk.approve(plan, "records_officer", archive.person)
    desk.approve(plan, "offer_to_archives", archive.person, desk.letter)
    return desk, plan, clerk


def accepted(desk: Desk, plan: Plan, by: Person, file: Path | None) -> None:
    accept(
        desk.archive.office.account,
        signed(by),
        plan.name,
        schedule=desk.schedule,
        terms=desk.terms,
        document=Document(file=file, signed_by="State Archivist"),
    )


def test_what_the_archives_decline_and_approve_is_destroyed_and_its_certificate_sent(
    offering, archive
):
    desk, plan, _ = offering
    archive.clock.forward(days=20)
    (asked,) = waiting(archive.office.account)
    assert (asked.problem.subject, asked.is_late) == (f"offer of {plan.name}", True)
    desk.approve(plan, "archives_decline", archive.person, desk.letter)
    with pytest.raises(NotApproved, match="does not wait"):
        accepted(desk, plan, desk.chief, desk.letter)
    desk.approve(plan, "state_archivist_approval", archive.person, desk.letter)
    desk.approve(plan, "second_person", desk.chief)
    desk.forward(days=7)

    assert desk.destroyed(plan) == 3

    (asked,) = waiting(archive.office.account)
    assert asked.problem.subject == f"certificate_to_archives of {plan.name}"
    desk.approve(plan, "certificate_to_archives", archive.person, desk.letter)
    assert waiting(archive.office.account) == []
    steps = [leaf["d"]["st"] for leaf in told(archive) if leaf["k"] == "disposition.approved"]
    assert steps == [*OFFER[:4], "second_person", OFFER[4]]


def test_what_the_archives_accept_is_transferred_and_not_destroyed(offering, archive):
    desk, plan, clerk = offering

    accepted(desk, plan, clerk, desk.letter)

    with pytest.raises(NotApproved, match="accepted"):
        desk.destroyed(plan)
    handed = desk.transferred(plan)
    assert (handed.bag.items, bag_is_valid(handed.path)) == (3, True)
    desk.forward(days=100)
    assert desk.planned(Action.DESTROY).due == 0
    desk.received(plan)
    assert desk.planned(Action.DESTROY).due == 3
    certificate = transfer_certificate(archive.office.account, plan.name)
    assert [one["step"] for one in certificate["approvals"]][-1] == "archives_accept"


def test_an_acceptance_takes_another_person_a_document_and_an_offer(offering, archive):
    desk, plan, clerk = offering

    with pytest.raises(NotPermitted, match="proposed the plan"):
        accepted(desk, plan, archive.person, desk.letter)
    with pytest.raises(NotPermitted, match="it takes"):
        accepted(desk, plan, desk.chief, desk.letter)
    with pytest.raises(NotApproved, match="rests on a document"):
        accepted(desk, plan, clerk, None)
    with pytest.raises(NotApproved, match="does not wait"):
        accepted(desk, desk.planned(Action.DESTROY), clerk, desk.letter)

    assert kinds(archive)[-4:] == [
        "disposition.refused",
        "disposition.refused",
        "disposition.planned",
        "disposition.refused",
    ]


@pytest.mark.parametrize(("days", "passes"), [(180, True), (181, False)])
def test_an_acceptance_stands_as_long_as_an_approval(offering, archive, days, passes):
    desk, plan, clerk = offering
    accepted(desk, plan, clerk, desk.letter)
    archive.clock.forward(days=days)
    archive.capture()

    if passes:
        assert desk.transferred(plan).bag.items == 3
    else:
        with pytest.raises(NotApproved, match="older than"):
            desk.transferred(plan)


def test_a_rebuild_brings_an_acceptance_back(offering, archive):
    desk, plan, clerk = offering
    accepted(desk, plan, clerk, desk.letter)
    before = dumped(archive)

    lose_the_catalogue(archive)
    rebuilt(archive)

    check_the_same(before, dumped(archive))
    enrol(archive, archive.person, desk.chief)
    assert desk.transferred(plan).bag.items == 3


def test_another_schedule_voids_what_was_accepted(offering, archive):
    desk, plan, clerk = offering
    accepted(desk, plan, clerk, desk.letter)
    desk.schedule = replace(desk.schedule, digest="f" * 64)

    with pytest.raises(NotApproved, match="another version"):
        desk.transferred(plan)

    assert planning.named(archive.office.account, plan.name).status == "void"


assert DECLINES in OFFER
