"""Certificates of destruction: every field the states' lists ask for, in JSON and on paper."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from archiver.catalogue import backups, tables
from archiver.ledger.stamping import Stamp
from archiver.objects import opening
from archiver.objects.folder import FolderStore
from archiver.objects.locking_memory import LockingMemory
from archiver.objects.memory import MemoryStore
from archiver.office.lookup import find_schedule
from archiver.printing import as_pdf
from archiver.procedures import (
    approving,
    certificate_sheets,
    certifying,
    dispose,
    planning,
    purging,
    requests,
    stamping,
)
from archiver.procedures.approving import Document
from archiver.procedures.carrying import carry_out_approved
from archiver.procedures.certificate_sheets import certificate_sheet
from archiver.procedures.planning import Plan, Wanted
from archiver.procedures.requests import NewRequest
from archiver.records.canonical import Json
from archiver.records.errors import ConfigInvalid, DestructionUnproven, NotFound, StampRefused
from archiver.records.identity import Part
from archiver.records.locking import LockMode
from archiver.records.people import Person, Role
from archiver.records.periods import Period
from archiver.records.requests import RequestKind
from archiver.records.schedules import Schedule
from tests.archive import (
    SUBSTANTIVE,
    TRANSITORY,
    Archive,
    a_colleague,
    a_comment,
    a_copy_of,
    an_archive,
    an_observation,
)
from tests.procedures.test_approving import TERMS, decided_long_ago, enrol, signed
from tests.procedures.test_rebuild import lose_the_catalogue, rebuilt

SHIPPED = {"CA": "indio-ca", "MD": "takoma-park-md", "TX": "palacios-tx"}
CHAINS = {"CA": "CA-A", "MD": "MD-A", "TX": "TX-A"}
SAID = ("Bob", "bob", "patrol", "unrepeatable", "photo")
"""What items said, and who said it: no certificate repeats any of it."""


@dataclass
class Case:
    """A batch that was destroyed in one state, with who approved it."""

    archive: Archive
    state: str
    schedule: Schedule
    letter: Path
    people: dict[str, Person] = field(default_factory=dict)

    def approve(
        self, plan: str, step: str, *, none_under: tuple[str, ...] = (), on: date | None = None
    ) -> None:
        by = {
            "department_head": "chief",
            "second_person": "chief",
            "hold_check": "counsel",
            "city_clerk": "clerk",
            "city_attorney_written_consent": "counsel",
        }.get(step, "officer")
        approving.approve(
            self.archive.office.account,
            signed(self.people[by]),
            plan,
            step,
            schedule=self.schedule,
            terms=TERMS,
            document=Document(
                file=self.letter,
                dated=on,
                signed_by="Somebody outside",
                none_under=none_under,
            ),
        )

    def planned(self) -> Plan:
        account = self.archive.office.account
        wanted = Wanted(series=("DEMO-200",))
        return planning.plan(
            account, self.archive.person, self.schedule, on=account.today(), wanted=wanted
        )

    def approved(self, plan: Plan, **stated: tuple[str, ...]) -> None:
        after = {"certificate_to_archives", "adopted_schedule"}
        for step in plan.chain:
            if step not in after:
                self.approve(plan.name, step, none_under=stated.get(step, ()))
        self.archive.clock.forward(days=TERMS.grace_days)
        self.archive.capture()

    def carried_out(self, plan: Plan, **changed: object) -> None:
        office = self.archive.office
        with office.disposer() as disposer:
            receipt = carry_out_approved(
                replace(disposer, **changed),
                signed(self.archive.person),
                plan.name,
                self.schedule,
                terms=TERMS,
                on=office.account.today(),
            )
        if receipt.refusal is not None:
            raise receipt.refusal

    def certificate(self, name: str, authorities=()) -> dict[str, Json]:
        (told,) = certifying.certificates(self.archive.office.account, name, authorities)
        return told

    def printed(self, name: str, authorities=()) -> str:
        told = certifying.certificates(self.archive.office.account, name, authorities)
        return in_one_line(as_pdf(certificate_sheet(name, told)))


def in_one_line(pdf: bytes) -> str:
    """Give the words of a PDF without the breaks that a narrow cell makes in them."""
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return "".join(text.split())


class InventedAuthority:
    """A time-stamp authority that signs nothing: its word is kept, and not looked into here."""

    url = "https://time.example/tsr"
    id = "a" * 12

    def __init__(self, *, refuses: bool = False) -> None:
        self.refuses = refuses

    def stamp(self, data: bytes) -> Stamp:
        if self.refuses:
            raise StampRefused(f"{self.url}: does not answer")
        return Stamp(b"asked", b"answered " + data, datetime(2028, 4, 1, 6, 0, tzinfo=UTC))


def _lapsed(folder: Path) -> Archive:
    archive = an_archive(folder, index="memory:")
    archive.capture(
        an_observation("1", SUBSTANTIVE, author="city", attachments=["photo"]),
        a_comment("2", "an unrepeatable remark", on="1", author="bob"),
        an_observation("3", SUBSTANTIVE),
        an_observation("8", SUBSTANTIVE),
    )
    archive.issue_hold("8")
    decided_long_ago(archive, "1", "2", "3")
    return archive


@pytest.fixture
def case(request, tmp_path) -> Iterator[Case]:
    archive = a_copy_of(_lapsed, tmp_path)
    state = request.param
    theirs, _ = find_schedule(SHIPPED[state], Path("schedules"))
    ours = archive.office.schedule
    schedule = replace(
        ours,
        state=state,
        agency=theirs.agency,
        division="Records Unit",
        exclusions=theirs.exclusions,
        approval_chains={**ours.approval_chains, "clerk": theirs.approval_chains[CHAINS[state]]},
    )
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"%PDF a letter")
    made = Case(archive, state, schedule, letter)
    made.people = {
        "officer": archive.person,
        "chief": a_colleague(archive, Role.CHIEF, name="chief"),
        "clerk": a_colleague(archive, Role.CLERK, name="clerk"),
        "counsel": a_colleague(archive, Role.COUNSEL, name="counsel"),
    }
    enrol(archive, *made.people.values())
    yield made
    archive.office.close()


def in_each(*states: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", states, indirect=True)


@dataclass(frozen=True)
class Asked:
    """One field that the facts ask for: where it stands in the JSON, and its words on paper."""

    name: str
    path: str
    on_paper: Callable[[Json], str] | str


def as_it_is(value: Json) -> str:
    return str(value)


def yes_or_no(value: Json) -> str:
    return "yes" if value else "no"


EVERYWHERE = (
    Asked("certificate number", "certificate", as_it_is),
    Asked("agency", "authority.agency", as_it_is),
    Asked("division", "authority.division", as_it_is),
    Asked("jurisdiction", "authority.state", lambda state: f"Jurisdiction {state}"),
    Asked("schedule", "authority.schedule", as_it_is),
    Asked("schedule version", "schedule", as_it_is),
    Asked("adoption instrument", "authority.instrument", as_it_is),
    Asked("adoption number", "authority.number", as_it_is),
    Asked("adoption state", "authority.adoption_state", as_it_is),
    Asked("adoption date", "authority.date", as_it_is),
    Asked("series number", "series.0.number", as_it_is),
    Asked("series title as on the schedule", "series.0.title", as_it_is),
    Asked("series description", "series.0.falls_in", as_it_is),
    Asked("category", "series.0.category", as_it_is),
    Asked("citation", "series.0.citation.0", as_it_is),
    Asked("retention rule", "series.0.retention", as_it_is),
    Asked("trigger event", "series.0.trigger", as_it_is),
    Asked("verified", "series.0.verified", yes_or_no),
    Asked("confidence", "series.0.confidence", as_it_is),
    Asked("basis", "series.0.basis", as_it_is),
    Asked("earliest trigger date", "series.0.triggered_from", as_it_is),
    Asked("latest trigger date", "series.0.triggered_to", as_it_is),
    Asked("earliest publication", "series.0.published_from", as_it_is),
    Asked("latest publication", "series.0.published_to", as_it_is),
    Asked("eligible from", "series.0.due_from", as_it_is),
    Asked("item count", "series.0.items", as_it_is),
    Asked("volume in versions", "series.0.versions", as_it_is),
    Asked("attachment count", "series.0.attachments", as_it_is),
    Asked("total bytes", "series.0.bytes", as_it_is),
    Asked("kinds", "series.0.kinds.post", "post"),
    Asked("format", "formats.image/png", "image/png(1)"),
    Asked("each item's id", "items.0.0", as_it_is),
    Asked("each item's series", "items.0.1", as_it_is),
    Asked("each item's eligible date", "items.0.2", as_it_is),
    Asked("each item's trigger event", "items.0.3.0.0", as_it_is),
    Asked("each item's trigger date", "items.0.3.0.1", as_it_is),
    Asked("each item's versions in the store", "items.0.4", "thestore'sversions"),
    Asked("commitments", "commitments", as_it_is),
    Asked("eligibility computed at", "eligibility.computed_at", as_it_is),
    Asked("eligibility computed for", "eligibility.on", as_it_is),
    Asked("planned at", "eligibility.planned_at", as_it_is),
    Asked("holds asked at", "holds_asked.at", as_it_is),
    Asked("holds evaluated", "holds_asked.binding.0", as_it_is),
    Asked("holds covering", "holds_asked.covering", "noneofthemcovers"),
    Asked("requests asked at", "requests_asked.at", as_it_is),
    Asked("open requests", "requests_asked.open.0", as_it_is),
    Asked("requests covering", "requests_asked.covering", "noneofthemcovers"),
    Asked("orders asked at", "orders_asked.at", as_it_is),
    Asked("orders in force", "orders_asked.in_force", "ordersinforce:none"),
    Asked("exclusion", "exclusions.0.citation", as_it_is),
    Asked("what it excludes", "exclusions.0.excludes", as_it_is),
    Asked("exclusion verified", "exclusions.0.verified", yes_or_no),
    Asked("how it was asked", "exclusions.0.found", as_it_is),
    Asked("proposer", "proposed_by.name", as_it_is),
    Asked("proposed at", "proposed_by.at", as_it_is),
    Asked("approval step", "approvals.0.step", as_it_is),
    Asked("approver's name", "approvals.0.name", as_it_is),
    Asked("approver's role", "approvals.0.role", as_it_is),
    Asked("approved on", "approvals.0.on", as_it_is),
    Asked("approved at", "approvals.0.entered", as_it_is),
    Asked("signed by", "approvals.0.signed_by", as_it_is),
    Asked("document", "approvals.0.document", as_it_is),
    Asked("document's digest", "approvals.0.sha256", as_it_is),
    Asked("begun by", "begun_by.name", as_it_is),
    Asked("start", "begun", as_it_is),
    Asked("end", "completed", as_it_is),
    Asked("executed by", "name", as_it_is),
    Asked("manner in the store", "manner.0.manner", as_it_is),
    Asked("manner in the catalogue", "manner.1.manner", as_it_is),
    Asked("manner in its log", "manner.2.manner", as_it_is),
    Asked("manner in the index", "manner.3.manner", as_it_is),
    Asked("key destroyed", "manner.4.manner", as_it_is),
    Asked("verification", "manner.0.proof", as_it_is),
    Asked("places purged", "destroyed_in.0", as_it_is),
    Asked("exceptions", "exceptions", "Exceptions:planned,andkept"),
    Asked("last backup's expiry", "backups.last_expires", as_it_is),
    Asked("platform copies", "outside.0", as_it_is),
    Asked("software", "software", as_it_is),
    Asked("date audited", "audited", as_it_is),
    Asked("plan", "plan", as_it_is),
    Asked("log leaf index", "ledger.entries.1.index", as_it_is),
    Asked("checkpoint", "ledger.checkpoint.root", as_it_is),
    Asked("RFC 3161 token", "time_stamps.tokens.0.sha256", as_it_is),
    Asked("the token itself", "time_stamps.tokens.0.token", "Time-stamps(RFC3161)"),
    Asked("paper", "paper", as_it_is),
    Asked("signature", "certificate", "datesigned"),
)
"""What formats.md (5) and retention.md (3.2) ask of every state."""

OF_STATE = {
    "CA": (
        Asked("no offer", "offer.asked", "asksfornooffer"),
        Asked("nobody was sent it", "sent", "asksfornonetobesent"),
        Asked("(a) stated by", "exclusions.0.stated.0.name", as_it_is),
        Asked("(a) stated at", "exclusions.0.stated.0.entered", as_it_is),
        Asked("(b) not asked", "exclusions.1.found", as_it_is),
        Asked("(d) computed", "exclusions.3.found", as_it_is),
        Asked("(e)", "exclusions.4.citation", as_it_is),
        Asked("attorney's consent", "approvals.3.sha256", as_it_is),
        Asked("council's resolution", "approvals.4.step", as_it_is),
    ),
    "MD": (
        Asked("offered on", "offer.sent.on", as_it_is),
        Asked("offered to", "offer.to", as_it_is),
        Asked("declined on", "offer.declined.on", as_it_is),
        Asked("declined by document", "offer.declined.sha256", as_it_is),
        Asked("archivist's approval", "approvals.3.step", as_it_is),
        Asked("sent to", "sent.0.to", as_it_is),
        Asked("sent on", "sent.0.sent.on", as_it_is),
        Asked("sent with", "sent.0.sent.sha256", as_it_is),
        Asked("10-615", "exclusions.1.found", as_it_is),
    ),
    "TX": (
        Asked("no offer", "offer.asked", "asksfornooffer"),
        Asked("202.002(a)", "exclusions.0.found", as_it_is),
        Asked("202.002(b)", "exclusions.1.found", as_it_is),
        Asked("hold check", "approvals.1.step", as_it_is),
    ),
}


def at(told: Json, path: str) -> Json:
    for part in path.split("."):
        told = told[int(part)] if isinstance(told, list) else told[part]
    return told


def missing(told: dict[str, Json], printed: str, fields: tuple[Asked, ...]) -> list[str]:
    """Name every field that the JSON has not, or that is not on the paper."""
    found = []
    for one in fields:
        try:
            value = at(told, one.path)
        except (KeyError, IndexError, TypeError):
            found.append(f"{one.name}: no {one.path}")
            continue
        words = one.on_paper if isinstance(one.on_paper, str) else one.on_paper(value)
        if value is None or not words or "".join(words.split()) not in printed:
            found.append(f"{one.name}: {words!r} is not on the paper")
    return found


def destroyed(case: Case) -> tuple[str, InventedAuthority]:
    """Have a plan approved, carried out, stamped and, in Maryland, its certificate sent."""
    archive = case.archive
    office, account = archive.office, archive.office.account
    with office.catalogue.writing() as desk:
        at_ = account.now_micros()
        backups.add(desk.connection, at=at_, digest="d" * 64, keep_days=35)
    _open_request(case)
    plan = case.planned()
    case.approved(plan, city_clerk=("CA-34090-a",))
    case.carried_out(plan)
    authority = InventedAuthority()
    assert stamping.stamp(account, archive.person, [authority]) == []
    if case.state == "MD":
        archive.clock.forward(days=1)
        case.approve(plan.name, "certificate_to_archives")
    return plan.name, authority


def _open_request(case: Case) -> None:
    """Open a request about something that does not go."""
    office = case.archive.office
    requests.open_request(
        office.account,
        case.archive.person,
        NewRequest(number="2028-7", kind=RequestKind.PIA, received_on=office.account.today()),
        case.archive.scope("8"),
        review_days=30,
    )


@in_each("CA", "MD", "TX")
def test_a_certificate_has_every_field_the_facts_ask_for_in_json_and_on_paper(case):
    name, authority = destroyed(case)

    told, printed = case.certificate(name, [authority]), case.printed(name, [authority])

    assert missing(told, printed, (*EVERYWHERE, *OF_STATE[case.state])) == []
    assert told["requests_asked"]["open"] == ["R-0001"]
    assert told["holds_asked"]["binding"] == ["H-0001", "H-0002"]
    assert [told[f"{register}_asked"]["covering"] for register in ("holds", "requests")] == [[], []]


@in_each("CA", "MD", "TX")
def test_no_certificate_says_what_an_item_said_or_who_said_it(case):
    name, authority = destroyed(case)

    told, printed = case.certificate(name, [authority]), case.printed(name, [authority])

    for words in SAID:
        assert words not in json.dumps(told)
        assert words not in printed


@in_each("MD")
def test_a_rebuild_gives_the_same_certificate(case):
    name, authority = destroyed(case)
    before = case.certificate(name, [authority])
    lose_the_catalogue(case.archive)

    rebuilt(case.archive)

    after = case.certificate(name, [authority])
    assert after.pop("ledger")["entries"] == before.pop("ledger")["entries"]
    assert after == before


@in_each("TX")
def test_each_item_has_the_day_of_its_trigger_and_the_day_on_which_that_was_over(case):
    name, _ = destroyed(case)

    told = case.certificate(name)

    day = "2026-03-02"
    assert {json.dumps(line[3]) for line in told["items"]} == {json.dumps([["last_activity", day]])}
    (series,) = told["series"]
    assert (series["triggered_from"], series["triggered_to"]) == (day, day)
    assert {line[2] for line in told["items"]} == {series["due_from"]}


@in_each("CA")
def test_what_was_offered_and_sent_is_told_only_once_it_was(case):
    case.schedule = replace(
        case.schedule,
        approval_chains={
            **case.schedule.approval_chains,
            "clerk": find_schedule("takoma-park-md", Path("schedules"))[0].approval_chains["MD-A"],
        },
    )
    plan = case.planned()
    case.approved(plan)
    case.carried_out(plan)

    assert case.certificate(plan.name)["sent"] == [
        {"step": "certificate_to_archives", "to": "State Archives", "sent": None}
    ]
    assert "StateArchives:notyet" in case.printed(plan.name)
    case.schedule = replace(case.schedule, digest="9" * 64)  # adopted in the meantime
    case.approve(plan.name, "certificate_to_archives")
    assert case.certificate(plan.name)["sent"][0]["sent"]["name"] == case.archive.person.name


@in_each("MD")
def test_no_certificate_was_sent_before_what_it_certifies_was_done(case):
    plan = case.planned()
    case.approved(plan)
    case.carried_out(plan)
    done = case.archive.office.account.today()
    case.archive.clock.forward(days=3)

    with pytest.raises(ConfigInvalid, match=f"was carried out on {done}"):
        case.approve(plan.name, "certificate_to_archives", on=done - timedelta(days=1))
    assert case.certificate(plan.name)["sent"][0]["sent"] is None
    case.approve(plan.name, "certificate_to_archives", on=done)
    assert case.certificate(plan.name)["sent"][0]["sent"]["on"] == done.isoformat()


class Versioned(FolderStore):
    """A folder that gives what it keeps ids of its own, as a bucket does."""

    given: ClassVar = {Part.CONTENT: "v-content", Part.ATTACHMENT: "v-file"}

    def looked_at(self, refs):
        found = super().looked_at(refs)
        return [one._replace(version=self.given.get(one.ref.part)) for one in found]


@in_each("TX")
def test_the_ids_that_a_store_gave_are_listed_with_each_item(case, monkeypatch):
    monkeypatch.setattr(opening, "FolderStore", Versioned)
    with case.archive.office.catalogue.writing_raw() as connection:
        for table, given in ((tables.versions, "v-content"), (tables.attachments, "v-file")):
            connection.execute(update(table).values(store_version=given))
    plan = case.planned()
    case.approved(plan)
    case.carried_out(plan)

    told = case.certificate(plan.name)

    given = {line[0]: line[4] for line in told["items"]}
    assert given[case.archive.item_id("1")] == ["v-content", "v-file"]
    assert given[case.archive.item_id("2")] == ["v-content"]
    assert "v-content;v-file" in case.printed(plan.name)


@in_each("CA")
def test_where_nobody_has_looked_the_certificate_says_that_nobody_has(case):
    plan = case.planned()
    case.approved(plan)
    case.carried_out(plan)

    told = case.certificate(plan.name)

    found = {one["code"]: (one["found"], one["stated"]) for one in told["exclusions"]}
    nobody = ("not checked by the archiver; the approvers answer for it", [])
    assert [found[f"CA-34090-{letter}"] for letter in "abce"] == [nobody] * 4
    assert found["CA-34090-d"][0].startswith("computed: the newest was published on 2026-03-02")


@in_each("CA")
def test_nobody_says_that_they_looked_for_an_exclusion_the_schedule_does_not_name(case):
    plan = case.planned()

    with pytest.raises(ConfigInvalid, match="TX-202"):
        case.approve(plan.name, "records_custodian", none_under=("TX-202-002-a",))


@in_each("CA")
def test_items_younger_than_an_exclusion_allows_are_counted_with_the_determination(case):
    young = replace(case.schedule.exclusions[3], least_age=Period(years=50))
    case.schedule = replace(case.schedule, exclusions=(young,))
    plan = case.planned()
    case.approved(plan)
    case.carried_out(plan)

    (told,) = case.certificate(plan.name)["exclusions"]

    assert told["found"].startswith("computed: 3 of 3 are younger than P50Y")
    assert "An invented determination" in told["found"]


@in_each("MD")
def test_that_the_certificate_of_a_purge_was_sent_can_be_entered_too(case):
    archive, account = case.archive, case.archive.office.account
    archive.capture(an_observation("9", TRANSITORY))
    chains = {**case.schedule.approval_chains, "nightly": case.schedule.approval_chains["clerk"]}
    case.schedule = replace(case.schedule, approval_chains=chains)
    archive.let_pass(days=100)
    with archive.office.disposer() as disposer:
        done = purging.purge(disposer, archive.person, case.schedule, carry_out_too=True)
    assert (done.destroyed, case.certificate(done.plan)["sent"][0]["sent"]) == (1, None)

    case.approve(done.plan, "certificate_to_archives")

    told = case.certificate(done.plan)
    assert told["sent"][0]["sent"]["on"] == account.today().isoformat()
    assert told["exclusions"][1]["found"].endswith("whoever adopted the schedule answers for it")
    assert (told["attended"], told["approvals"]) == (False, [])


# --- time-stamps ----------------------------------------------------------------------------------


@in_each("TX")
def test_without_an_authority_the_certificate_says_that_none_is_configured(case):
    plan = case.planned()
    case.approved(plan)
    case.carried_out(plan)

    assert case.certificate(plan.name)["time_stamps"] == {
        "tokens": [],
        "none": ["no time-stamp authority is configured"],
    }


@in_each("TX")
def test_a_time_stamp_counts_once_it_covers_the_certificate_and_is_whole(case):
    account, person = case.archive.office.account, case.archive.person
    plan, authority = case.planned(), InventedAuthority()
    case.approved(plan)
    stamping.stamp(account, person, [authority])
    case.carried_out(plan)

    assert case.certificate(plan.name, [authority])["time_stamps"] == {
        "tokens": [],
        "none": [f"{authority.url}: no checkpoint that covers it is stamped yet"],
    }

    stamping.stamp(account, person, [InventedAuthority(refuses=True)])
    (why,) = case.certificate(plan.name, [authority])["time_stamps"]["none"]
    assert why.startswith(f"{authority.url}: stamping failed: ")

    stamping.stamp(account, person, [authority])
    stamping.stamp(account, person, [authority])
    told = case.certificate(plan.name, [authority])
    (token,) = told["time_stamps"]["tokens"]
    assert told["time_stamps"]["none"] == []
    assert token["entries"] > told["ledger"]["entries"][-1]["index"]
    assert token["authority"] == authority.url
    assert base64.b64decode(token["token"]).startswith(b"answered ")

    case.archive.office.objects.place({f"{token['lies_in']}/answer.tsr": b"another"})
    (token,) = case.certificate(plan.name, [authority])["time_stamps"]["tokens"]
    assert token["token"] is None
    assert "(missing,ornotwhole)" in case.printed(plan.name, [authority])


# --- manner ---------------------------------------------------------------------------------------


class Sparing:
    """A store that says it has destroyed, and has not."""

    def destroy(self, owners):
        return len(owners)

    def destroy_objects(self, refs):
        return len(refs)


@in_each("TX")
def test_what_still_answers_when_it_is_asked_for_again_is_not_certified(case):
    plan = case.planned()
    case.approved(plan)

    with pytest.raises(DestructionUnproven, match="still answers"):
        case.carried_out(plan, objects=Sparing())

    with pytest.raises(NotFound, match="no certificate"):
        case.certificate(plan.name)
    assert case.archive.item("1").life == "begun"
    with case.archive.office.disposer() as disposer:
        assert dispose.finish_begun(disposer, case.archive.person).destroyed == 3
    proof = case.certificate(plan.name)["manner"][0]["proof"]
    assert "asked again for 4 objects of 3 items, none answered" in proof


@pytest.mark.parametrize("mode", LockMode)
def test_each_store_says_in_its_own_words_how_it_destroys(mode, tmp_path):
    (tmp_path / "store").mkdir()
    folder = FolderStore(tmp_path / "store", create=True)
    locking = LockingMemory(mode=mode)

    assert folder.manner != MemoryStore().manner
    assert f"Object Lock in the mode {mode.value}" in locking.manner
    folder.close()


@in_each("TX")
def test_a_manner_that_nobody_said_is_not_known(case):
    plan = case.planned()
    case.approved(plan)

    case.carried_out(plan, manner="")

    assert case.certificate(plan.name)["manner"][0]["manner"].startswith("not known")


# --- many -----------------------------------------------------------------------------------------


@in_each("TX")
def test_certificates_of_one_plan_are_summed_up_on_paper_and_read_one_by_one(case, monkeypatch):
    monkeypatch.setattr(dispose, "BATCH", 1)
    monkeypatch.setattr(certificate_sheets, "PRINTED", 2)
    plan = case.planned()
    case.approved(plan)
    case.carried_out(plan)

    told = list(certifying.certificates(case.archive.office.account, plan.name))
    printed = case.printed(plan.name)

    assert [len(one["items"]) for one in told] == [2, 1]
    assert "D-000001,D-000002" in printed
    assert "1moreitemsstandinthepapersofthecertificatesalone" in printed
    (total,) = {sum(one["series"][0]["bytes"] for one in told)}
    assert f"Bytes{total}" in printed
