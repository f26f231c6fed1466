"""Papers that were flipped or removed behind the archiver are named, whatever they tell."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.objects.memory import MemoryStore
from archiver.procedures.receiving import receive
from archiver.procedures.reconcile import Differences, reconcile
from archiver.procedures.verify import Verdict, verify
from archiver.procedures.verify_papers import papers_spoilt
from archiver.records.captures import Gap, GapReason
from archiver.records.events import EventKind
from archiver.records.identity import sha256
from archiver.records.orders import Effect
from archiver.records.people import Role
from tests.archive import TRANSITORY, Archive, a_colleague, a_copy_of, an_archive, an_observation
from tests.procedures.court import an_order_text, carried_out, confirmed
from tests.procedures.test_rebuild import lose_the_catalogue, rebuilt

TOLD_BY_THE_LEDGER = (
    "batch", "certificate", "coverage", "deposit", "gaps", "hold", "hold-bound", "lift", "matter",
    "page", "person", "plan", "reconciliation", "schedule",
)  # fmt: skip
NAMED_BY_PAPERS = ("document", "plan_part", "plan_stayed")
KINDS = (*TOLD_BY_THE_LEDGER, *NAMED_BY_PAPERS)

READ_BY_NO_REBUILD = (
    "certificate", "coverage", "deposit", "document", "lift", "plan_stayed", "reconciliation",
    "schedule",
)  # fmt: skip

NOTHING_CAME_BACK = Differences(
    backup_entries=0,
    entries=0,
    holds_issued=(),
    holds_lifted=(),
    destructions=(),
    returned=(),
    missing=0,
)


@pytest.fixture
def archive(tmp_path) -> Archive:
    """An archive of which something was destroyed, something is held, and much was said."""
    return a_copy_of(_lived, tmp_path)


def _lived(folder: Path) -> Archive:
    archive = an_archive(folder)
    archive.capture(
        an_observation("1", TRANSITORY),
        an_observation("2", TRANSITORY),
        an_observation("3", "Report of a stolen bicycle"),
        Gap(what="comments of post 9", why=GapReason.UNREACHABLE),
    )
    office = archive.office
    receive(office.account, archive.person, name="x", digests=[], entries=[], read_by={})
    with office.disposer() as disposer:
        reconcile(disposer, office.sign_in(), NOTHING_CAME_BACK)
    archive.lift_hold(archive.issue_hold("3").hold)
    archive.issue_hold("2", matter="Roe v. City")
    archive.let_pass(100)
    archive.purge()
    return archive


def proved(archive: Archive) -> Verdict:
    office = archive.office
    return verify(office.account, office.objects, office.index)


def papers(archive: Archive, kind: str) -> list[Path]:
    return sorted((archive.folder / "objects" / "papers" / kind).iterdir())


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


def digest_of(path: Path) -> str:
    return path.name.partition(".")[0]


def test_an_archive_has_a_paper_of_every_kind_and_is_whole(archive):
    found = {path.name for path in (archive.folder / "objects" / "papers").iterdir()}

    assert found == set(KINDS)
    assert proved(archive).ok


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_that_was_removed_is_missing_and_no_other(archive, kind):
    gone = papers(archive, kind)[0]
    gone.unlink()

    found = proved(archive)

    assert [fault.name for fault in found.missing] == [f"paper {digest_of(gone)}"]
    assert not found.damaged
    assert not found.ok


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_with_a_flipped_bit_is_damaged_and_no_other(archive, kind):
    changed = papers(archive, kind)[0]
    flip(changed)

    found = proved(archive)

    assert [fault.name for fault in found.damaged] == [f"papers/{kind}/{changed.name}"]
    assert not found.missing
    assert not found.ok


@pytest.mark.parametrize("kind", READ_BY_NO_REBUILD)
@pytest.mark.parametrize("spoil", [Path.unlink, flip])
def test_a_rebuild_says_that_a_paper_is_lost_that_no_row_needs(archive, kind, spoil):
    lost = papers(archive, kind)[0]
    spoil(lost)
    lose_the_catalogue(archive)

    result = rebuilt(archive)

    assert [digest_of(lost) in name for name in result.lost_objects] == [True]


@pytest.mark.parametrize("kind", ["order", "order_words"])
def test_what_an_order_left_of_a_paper_is_whole_until_it_is_flipped_or_removed(
    archive, tmp_path, kind
):
    chief = a_colleague(archive, Role.CHIEF)
    order = confirmed(archive, chief, an_order_text(tmp_path), Effect.DESTROY, "3")
    carried_out(archive, order)
    assert proved(archive).ok
    left = next(path for path in papers(archive, kind) if ".amended" in path.name)
    assert sha256(left.read_bytes()) != digest_of(left)

    kept = left.read_bytes()
    flip(left)
    assert [digest_of(left) in fault.name for fault in proved(archive).damaged] == [True]
    left.write_bytes(kept)
    assert proved(archive).ok
    left.unlink()
    assert [fault.name for fault in proved(archive).missing] == [f"paper {digest_of(left)}"]


def test_what_is_remembered_of_papers_does_not_grow_with_their_number(archive):
    """Half a megabyte does for thousands, where a megabyte held their digests."""
    store = MemoryStore(may_destroy=True)
    account = replace(archive.office.account, shelf=store)
    elsewhere = papers_spoilt(account).missing
    with account.catalogue.writing() as desk:
        for n in range(3_000):
            told = {"document": account.paper("document", {"n": n})} if n % 4 == 0 else {}
            paper = account.paper("deposit", {"n": n, **told})
            account.enter(desk, EventKind.DEPOSIT_RECEIVED, by=archive.person.id, paper=paper)
    *_, lost = store.names("papers/document/")
    store.remove([lost])

    tracemalloc.start()
    found = papers_spoilt(account)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    (missing,) = set(found.missing) - set(elsewhere)
    assert missing.name == f"paper {digest_of(Path(lost))}"
    assert not found.damaged
    assert peak < 500_000


NAMED_BY_ANOTHER = [
    ("adoption", "text", "schedule"),
    ("adoption", "papers", "document"),
    ("bag", "parts", "bag_part"),
    ("order_outcome", "annexes", "order_annex"),
    ("plan", "parts", "plan_part"),
    ("plan", "staying", "plan_stayed"),
    ("stayed", "staying", "plan_stayed"),
    ("receipt", "document", "document"),
]
"""A kind of paper, the word under which it names another, and that one's kind."""


def told_of(archive: Archive) -> dict[str, str]:
    """Enter a paper with every kind of entry about no item; give the digests, by what names them.

    Of what kind the paper is does not matter: those of kinds that nobody knows yet are named, too.
    """
    account, told = archive.office.account, {}
    with account.catalogue.writing() as desk:
        for kind in EventKind:
            if not kind.startswith(("item.", "attachment.")):
                paper = account.paper(f"of_{kind.replace('.', '_')}", {"n": 1})
                told[kind.value] = paper
                account.enter(desk, kind, by=archive.person.id, paper=paper)
        for kind, word, its_kind in NAMED_BY_ANOTHER:
            told[f"{kind} {word}"] = named = account.paper(its_kind, {"n": 1})
            paper = account.paper(kind, {word: [named] if word.endswith("s") else named})
            account.enter(desk, EventKind.STRAYS_DESTROYED, by=archive.person.id, paper=paper)
    return told


@pytest.mark.parametrize("spoil", [Path.unlink, flip])
def test_the_paper_of_every_kind_of_entry_and_what_papers_name_is_proven(archive, spoil):
    told = told_of(archive)
    assert not papers_spoilt(archive.office.account).faulty

    for digest in told.values():
        (path,) = (archive.folder / "objects" / "papers").glob(f"*/{digest}.json")
        spoil(path)
    found = papers_spoilt(archive.office.account)

    faults = [fault.name for fault in (*found.missing, *found.damaged)]
    named = {what for what, digest in told.items() if any(digest in name for name in faults)}
    assert named == set(told)
    assert len(faults) == len(told)
