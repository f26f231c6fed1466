from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.ledger.keys import generate
from archiver.ledger.layout import CHECKPOINT
from archiver.ledger.notes import Signer, open_note
from archiver.ledger.tiles import LedgerCopy
from archiver.objects.folder import FolderStore
from archiver.records.errors import ArchiveBusy, LedgerDamaged, NotFound
from archiver.records.merkle import EMPTY_ROOT, verify_inclusion

from .conftest import ORIGIN, Book, PowerLoss, WatchedShelf

SIZES = [1, 2, 255, 256, 257, 511, 512, 600]
LARGE = 256 * 256 + 256 * 3 + 7


def naive_root(leaves):
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def test_an_archive_without_a_copy_has_an_empty_one(book):
    assert book.copy.size() == 0
    assert list(book.copy.entries()) == []
    assert book.copy.verify(0, EMPTY_ROOT).ok

    book.bring_up()
    assert book.shelf.files == {}


@pytest.mark.parametrize("size", SIZES)
def test_the_copy_holds_just_the_files_of_the_tiled_layout(book, size):
    book.write(size)

    book.bring_up()

    full, part = divmod(size, 256)
    expected = {CHECKPOINT}
    for kind in ("0", "entries"):
        expected |= {f"ledger/tile/{kind}/{number:03d}" for number in range(full)}
        expected |= {f"ledger/tile/{kind}/{full:03d}.p/{part}"} if part else set()
    expected |= {f"ledger/tile/1/000.p/{full}"} if full else set()
    assert set(book.shelf.files) == expected
    text = open_note(book.shelf.files[CHECKPOINT], book.signer.verifier_key)
    root = base64.b64encode(naive_root(book.entries)).decode()
    assert text == f"{ORIGIN}\n{size}\n{root}\n"


@settings(max_examples=25)
@given(steps=st.lists(st.integers(1, 300), min_size=1, max_size=5))
def test_a_copy_grown_in_any_steps_is_the_ledger_and_verifies(signer, steps):
    book = Book(WatchedShelf(), signer)

    for step in steps:
        book.write(step)
        book.bring_up()

    size = sum(steps)
    assert book.copy.size() == size
    assert book.copy.checkpoint().root == naive_root(book.entries)
    assert list(book.copy.entries()) == book.entries
    assert list(book.copy.entries(size // 2)) == book.entries[size // 2 :]
    report = book.copy.verify(size, book.root())
    assert report.ok, report
    assert report.size == size


def test_partial_tiles_are_removed_when_the_full_one_is_there_and_not_before(book):
    for size in (5, 9, 255):
        book.write(size - len(book.entries))
        book.bring_up()
    assert {"5", "9", "255"} == {
        name.rpartition("/")[2] for name in book.shelf.files if "tile/0/000.p/" in name
    }

    book.write(2)
    book.bring_up()

    assert sorted(book.shelf.files) == [
        CHECKPOINT,
        "ledger/tile/0/000",
        "ledger/tile/0/001.p/1",
        "ledger/tile/1/000.p/1",
        "ledger/tile/entries/000",
        "ledger/tile/entries/001.p/1",
    ]


def test_only_the_new_entries_are_asked_for_and_in_bounded_batches(book):
    book.write(10)
    book.bring_up()
    book.asked.clear()

    book.write(2500)
    book.bring_up()

    assert book.asked == [(10, 1034), (1034, 2058), (2058, 2510)]


def test_a_large_import_waits_in_memory_only_in_small_parts(book):
    book.entries = [bytes(1000) + b"%d" % number for number in range(20_000)]

    book.bring_up()

    total = sum(map(len, book.entries))
    assert total > 4 * 4 * 1024 * 1024
    assert book.shelf.heaviest < 5 * 1024 * 1024
    assert 5 < len(book.shelf.placed) < 20
    placed = [name for names in book.shelf.placed for name in names]
    assert len(placed) == len(set(placed))
    assert book.copy.verify(20_000, book.root()).ok


def test_bringing_up_to_date_twice_changes_nothing_and_asks_for_nothing(book):
    book.write(300)
    book.bring_up()
    book.asked.clear()
    book.shelf.placed.clear()

    book.bring_up()

    assert book.asked == []
    assert book.shelf.placed == []


@pytest.fixture(scope="module")
def large(signer):
    book = Book(WatchedShelf(), signer)
    for number in range(LARGE):
        book.entries.append(b'{"n":%d}' % number)
    book.bring_up()
    return book


def test_one_new_entry_in_a_large_ledger_touches_only_its_right_edge(large, signer):
    book = Book(WatchedShelf(), signer)
    book.shelf.files.update(large.shelf.files)
    book.entries = [*large.entries, b"one more"]

    book.bring_up()

    assert set(book.shelf.fetched) == {
        CHECKPOINT,
        "ledger/tile/0/259.p/7",
        "ledger/tile/1/001.p/3",
        "ledger/tile/2/000.p/1",
        "ledger/tile/entries/259.p/7",
    }
    assert book.shelf.placed == [
        ["ledger/tile/0/259.p/8", "ledger/tile/entries/259.p/8"],
        [CHECKPOINT],
    ]
    assert book.asked == [(LARGE, LARGE + 1)]


def test_a_large_copy_verifies_and_its_entries_are_the_ledgers(large):
    report = large.copy.verify(LARGE, large.root())

    assert report.ok, report
    assert list(large.copy.entries(LARGE - 600)) == large.entries[-600:]


@pytest.mark.parametrize(
    "name",
    [
        "ledger/tile/0/000",
        "ledger/tile/0/258",
        "ledger/tile/0/259.p/7",
        "ledger/tile/1/000",
        "ledger/tile/1/001.p/3",
        "ledger/tile/2/000.p/1",
        "ledger/tile/entries/100",
        "ledger/tile/entries/259.p/7",
    ],
)
def test_in_a_large_copy_the_one_damaged_tile_is_named_and_no_other(large, name):
    whole = large.shelf.files[name]
    try:
        large.shelf.files[name] = whole[:10] + bytes([whole[10] ^ 1]) + whole[11:]
        damaged = large.copy.verify()
        del large.shelf.files[name]
        missing = large.copy.verify()
    finally:
        large.shelf.files[name] = whole

    assert (damaged.damaged, damaged.missing) == ((name,), ())
    assert (missing.damaged, missing.missing) == ((), (name,))
    assert not damaged.ok
    assert not missing.ok


@pytest.mark.parametrize("size", [6, 256, 515])
def test_any_tampered_byte_of_any_file_is_named(book, size):
    for grown in (3, size):
        book.write(grown - len(book.entries))
        book.bring_up()
    assert book.copy.verify().ok

    for name, whole in sorted(book.shelf.files.items()):
        step = max(1, len(whole) // 40)
        for place in {*range(0, len(whole), step), len(whole) - 1}:
            book.shelf.files[name] = (
                whole[:place] + bytes([whole[place] ^ 0x01]) + whole[place + 1 :]
            )
            report = book.copy.verify(size, book.root())
            assert (report.damaged, report.missing, report.ok) == ((name,), (), False)
        for cut in (b"", whole[:-1], whole + b"\x00", whole + whole):
            book.shelf.files[name] = cut
            report = book.copy.verify(size, book.root())
            assert (report.damaged, report.missing, report.ok) == ((name,), (), False)
        book.shelf.files[name] = whole
    assert book.copy.verify().ok


def test_several_damaged_tiles_are_all_named(book):
    book.write(1000)
    book.bring_up()
    spoilt = ["ledger/tile/0/001", "ledger/tile/entries/001", "ledger/tile/entries/003.p/232"]
    for name in spoilt:
        book.shelf.files[name] = book.shelf.files[name][:-1] + b"~"
    del book.shelf.files["ledger/tile/0/002"]

    report = book.copy.verify()

    assert report.damaged == tuple(spoilt)
    assert report.missing == ("ledger/tile/0/002",)


def test_damage_above_and_below_one_another_is_named_on_both_levels(book):
    book.write(600)
    book.bring_up()
    for name in ("ledger/tile/1/000.p/2", "ledger/tile/entries/002.p/88"):
        book.shelf.files[name] = book.shelf.files[name][:-1] + b"~"

    assert book.copy.verify().damaged == ("ledger/tile/1/000.p/2", "ledger/tile/entries/002.p/88")


def test_entries_are_not_suspected_because_all_their_hashes_are_gone(book):
    book.write(600)
    book.bring_up()
    lost = ("ledger/tile/0/001", "ledger/tile/1/000.p/2")
    for name in lost:
        del book.shelf.files[name]

    report = book.copy.verify()

    assert (report.damaged, report.missing, report.faults) == ((), lost, ())


def test_where_entry_and_hash_differ_and_nothing_above_can_tell_both_are_named(book):
    book.write(600)
    book.bring_up()
    del book.shelf.files["ledger/tile/1/000.p/2"]
    book.shelf.files["ledger/tile/entries/001"] = book.shelf.files["ledger/tile/entries/000"]

    report = book.copy.verify()

    assert report.damaged == ("ledger/tile/0/001", "ledger/tile/entries/001")
    assert report.faults


def test_a_forged_branch_deep_in_a_large_copy_is_named_and_nothing_else(large, signer):
    forged = Book(WatchedShelf(), signer)
    forged.entries = [*large.entries[: 256 * 101]]
    forged.entries[256 * 100 + 3] = b"forged"
    forged.bring_up()
    names = ("ledger/tile/0/100", "ledger/tile/entries/100")
    whole = dict(large.shelf.files)
    try:
        large.shelf.files.update({name: forged.shelf.files[name] for name in names})
        report = large.copy.verify()
    finally:
        large.shelf.files.update(whole)

    assert report.damaged == names


def test_an_older_checkpoint_is_checked_by_the_tiles_that_have_since_grown_full(book):
    book.write(250)
    book.bring_up()
    note = book.shelf.files[CHECKPOINT]
    book.write(350)
    book.bring_up()
    book.shelf.files[CHECKPOINT] = note
    name = "ledger/tile/0/000"
    whole = book.shelf.files[name]

    assert book.copy.verify().ok
    assert list(book.copy.entries()) == book.entries[:250]
    book.shelf.files[name] = bytes([whole[0] ^ 1]) + whole[1:]
    assert book.copy.verify().damaged == (name,)
    book.shelf.files[name] = whole[:-1]
    assert book.copy.verify().damaged == (name,)


def test_a_copy_rewritten_from_the_ground_up_does_not_give_the_signed_root(book, signer):
    book.write(300)
    book.bring_up()
    forged = Book(WatchedShelf(), signer)
    forged.entries = [*book.entries]
    forged.entries[299] = b"forged"
    forged.bring_up()

    forged.shelf.files[CHECKPOINT] = book.shelf.files[CHECKPOINT]
    report = forged.copy.verify()

    assert not report.ok
    assert report.faults
    with pytest.raises(LedgerDamaged, match="signed root"):
        list(forged.copy.entries())


def test_a_forged_branch_below_an_honest_tile_is_named(book, signer):
    book.write(700)
    book.bring_up()
    forged = Book(WatchedShelf(), signer)
    forged.entries = [*book.entries]
    forged.entries[300] = b"forged"
    forged.bring_up()

    names = ("ledger/tile/0/001", "ledger/tile/entries/001")
    for name in names:
        book.shelf.files[name] = forged.shelf.files[name]

    assert book.copy.verify().damaged == names


def test_a_checkpoint_that_nobody_can_trust_is_named_and_the_tiles_held_against_the_catalogue(book):
    book.write(300)
    book.bring_up()
    other = Book(WatchedShelf(), Signer(ORIGIN, generate()))
    other.entries = book.entries
    other.bring_up()
    book.shelf.files[CHECKPOINT] = other.shelf.files[CHECKPOINT]

    with pytest.raises(LedgerDamaged):
        book.copy.size()
    with pytest.raises(LedgerDamaged):
        book.bring_up()
    assert book.copy.verify().damaged == (CHECKPOINT,)
    assert book.copy.verify(300, book.root()).damaged == (CHECKPOINT,)
    assert "signature" in book.copy.verify().faults[0]
    book.shelf.files["ledger/tile/0/000"] = b""
    assert book.copy.verify(300, book.root()).damaged == (CHECKPOINT, "ledger/tile/0/000")


def test_a_checkpoint_of_another_archive_is_refused(book):
    book.write(3)
    LedgerCopy(book.shelf, book.signer, "elsewhere.example").bring_up_to(
        3, book.root(), book.between
    )

    with pytest.raises(LedgerDamaged, match=r"elsewhere\.example"):
        book.copy.size()


def test_a_copy_that_is_behind_says_so_and_is_whole(book):
    book.write(300)
    book.bring_up()
    book.write(7)

    report = book.copy.verify(307, book.root())

    assert report.ok
    assert report.behind == 7
    assert book.copy.verify(300, book.root(300)).behind == 0
    assert book.copy.verify(299, book.root(299)).behind == 0
    assert list(book.copy.entries(300)) == []
    assert list(book.copy.entries(307)) == []


def test_a_catalogue_that_is_shorter_or_tells_another_history_is_said_to_be_so(book):
    book.write(300)
    book.bring_up()

    assert "299 entries" in book.copy.verify(299, book.root(299)).faults[0]
    assert "different histories" in book.copy.verify(300, book.root(299)).faults[0]
    assert book.copy.verify(300).ok
    with pytest.raises(LedgerDamaged, match="300 are signed"):
        book.bring_up(299)


@pytest.mark.parametrize("size", [6, 256, 300, 2000])
@pytest.mark.parametrize("more", [0, 1, 700])
def test_a_rewritten_history_is_refused_and_the_signed_one_stays(book, size, more):
    book.write(size)
    book.bring_up()
    note = book.shelf.files[CHECKPOINT]
    book.write(more)
    honest = book.entries[0]

    book.entries[0] = b"forged"
    with pytest.raises(LedgerDamaged, match="does not continue"):
        book.bring_up()

    assert book.shelf.files[CHECKPOINT] == note
    assert book.copy.verify().ok
    book.entries[0] = honest
    book.bring_up()
    assert book.copy.verify(size + more, book.root()).ok


def test_a_right_edge_that_was_tampered_with_is_not_built_upon(book):
    book.write(300)
    book.bring_up()
    book.write(1)
    for name in ("ledger/tile/0/001.p/44", "ledger/tile/entries/001.p/44", "ledger/tile/1/000.p/1"):
        whole = book.shelf.files[name]
        book.shelf.files[name] = whole[:-1] + bytes([whole[-1] ^ 1])
        with pytest.raises(LedgerDamaged, match="right edge"):
            book.bring_up()
        book.shelf.files[name] = whole[:-1]
        with pytest.raises(LedgerDamaged, match="unreadable"):
            book.bring_up()
        del book.shelf.files[name]
        with pytest.raises(LedgerDamaged, match="missing"):
            book.bring_up()
        book.shelf.files[name] = whole
    book.bring_up()


@pytest.mark.parametrize("given", [0, 4, 6])
def test_a_catalogue_that_gives_another_number_of_entries_than_it_counts_is_refused(book, given):
    book.write(6)

    with pytest.raises(LedgerDamaged, match="counts 5"):
        book.copy.bring_up_to(5, book.root(5), lambda _start, _stop: book.entries[:given])

    assert book.copy.size() == 0


def test_two_processes_cannot_set_the_copy_back(book):
    book.write(20)

    def slow(start, stop):
        book.bring_up(20)
        return book.between(start, stop)

    with pytest.raises(ArchiveBusy):
        book.copy.bring_up_to(10, book.root(10), slow)
    assert book.copy.size() == 20
    assert book.copy.verify().ok


@pytest.mark.parametrize(("old", "new"), [(0, 3), (5, 300), (256, 257), (250, 780), (511, 512)])
def test_a_power_loss_at_any_step_leaves_a_valid_copy_and_the_next_run_mends_it(signer, old, new):
    plain = Book(WatchedShelf(), signer)
    plain.write(new)
    plain.bring_up()
    steps = 0
    while True:
        book = Book(WatchedShelf(), signer)
        book.write(old)
        book.bring_up()
        before = set(book.shelf.files)
        book.write(new - old)
        book.shelf.changes_left = steps
        try:
            book.bring_up()
        except PowerLoss:
            crashed = True
        else:
            crashed = False
        book.shelf.changes_left = None

        assert book.copy.size() == (old if crashed else new)
        assert book.copy.verify().ok
        assert list(book.copy.entries()) == book.entries[: book.copy.size()]
        if not crashed:
            break
        book.bring_up()
        assert book.copy.verify(new, book.root()).ok
        leftover = set(book.shelf.files) - set(plain.shelf.files)
        assert leftover <= before
        assert not any(name.partition(".p/")[0] in book.shelf.files for name in leftover)
        steps += 1
    assert steps >= 3


def test_a_power_loss_in_a_first_run_to_a_farther_size_leaves_nothing_behind(book):
    book.write(250)
    book.bring_up()
    book.write(350)
    book.shelf.changes_left = 7
    with pytest.raises(PowerLoss):
        book.bring_up()
    book.shelf.changes_left = None
    assert any(".p/88" in name for name in book.shelf.files)

    book.write(400)
    book.bring_up()

    assert not any(".p/88" in name or ".p/250" in name for name in book.shelf.files)
    assert book.copy.verify(1000, book.root()).ok


@pytest.mark.parametrize("size", SIZES)
def test_every_entry_has_a_proof_that_anyone_can_check(book, size):
    book.write(size)
    book.bring_up()
    root = naive_root(book.entries)

    for index in {0, 1, size // 2, 254, 255, 256, size - 1} & set(range(size)):
        leaf = sha256(b"\x00" + book.entries[index]).digest()
        proof = book.copy.inclusion_proof(index)
        assert verify_inclusion(leaf, index, size, proof, root)


def test_a_receipt_can_be_checked_from_its_text_and_the_entry_alone(large):
    index = 65_900
    (receipt,) = large.copy.receipts([index])

    head, _, note = receipt.decode().partition("\n\n")
    first, place, *hashes = head.split("\n")
    assert first == "c2sp.org/tlog-proof@v1"
    assert place == f"index {index}"
    _, size, root = open_note(note.encode(), large.signer.verifier_key).splitlines()
    assert note.encode() == large.shelf.files[CHECKPOINT]
    assert verify_inclusion(
        sha256(b"\x00" + large.entries[index]).digest(),
        index,
        int(size),
        [base64.b64decode(line) for line in hashes],
        base64.b64decode(root),
    )


def test_the_receipt_of_the_only_entry_needs_no_hashes(book):
    book.write(1)
    book.bring_up()

    (receipt,) = book.copy.receipts([0])

    assert receipt == b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + book.shelf.files[CHECKPOINT]


def test_many_receipts_read_each_tile_once(large):
    large.shelf.fetched.clear()

    receipts = list(large.copy.receipts(range(256, 512)))

    assert len(receipts) == 256
    assert len(large.shelf.fetched) == len(set(large.shelf.fetched)) < 8


@pytest.mark.parametrize("index", [-1, 3, 4])
def test_an_entry_that_is_not_signed_has_no_receipt(book, index):
    book.write(3)
    book.bring_up()

    with pytest.raises(NotFound):
        book.copy.inclusion_proof(index)
    with pytest.raises(NotFound):
        list(book.copy.receipts([index]))


def test_a_copy_that_does_not_bear_a_proof_out_gives_none(book):
    book.write(300)
    book.bring_up()
    whole = book.shelf.files["ledger/tile/0/000"]
    book.shelf.files["ledger/tile/0/000"] = whole[:32] + bytes(32) + whole[64:]

    with pytest.raises(LedgerDamaged, match="does not bear out entry 0"):
        book.copy.inclusion_proof(0)


@pytest.mark.parametrize(("old", "new"), [(1, 1), (5, 300), (256, 700), (600, 601)])
def test_a_copy_continues_every_anchor_that_was_taken_of_it(book, old, new):
    book.write(old)
    book.bring_up()
    anchor = book.shelf.files[CHECKPOINT]
    book.write(new - old)
    book.bring_up()

    assert book.copy.continues(anchor).size == old


def test_an_anchor_of_another_history_a_later_state_or_another_key_is_refused(book, signer):
    book.write(300)
    book.bring_up()
    forged = Book(WatchedShelf(), signer)
    forged.entries = [b"forged", *book.entries[1:200]]
    forged.bring_up()

    with pytest.raises(LedgerDamaged, match="does not continue the 200"):
        book.copy.continues(forged.shelf.files[CHECKPOINT])
    with pytest.raises(LedgerDamaged, match="300 entries"):
        forged.copy.continues(book.shelf.files[CHECKPOINT])
    with pytest.raises(LedgerDamaged, match="no signature"):
        book.copy.continues(Signer(ORIGIN, generate()).sign("o\n"))


@pytest.mark.parametrize("kind", ["entries", "0"])
def test_damaged_entries_are_never_streamed(book, kind):
    book.write(600)
    book.bring_up()
    name = f"ledger/tile/{kind}/001"
    book.shelf.files[name] = book.shelf.files[name][:-1] + b"~"
    streamed = []

    with pytest.raises(LedgerDamaged, match="entries/001"):
        streamed.extend(iter(book.copy.entries()))

    del book.shelf.files[name]
    with pytest.raises(LedgerDamaged, match=f"{kind}/001 is missing"):
        list(book.copy.entries())


def test_in_a_folder_the_copy_grows_is_checked_and_gives_receipts_as_in_memory(
    book, signer, tmp_path
):
    store = FolderStore(tmp_path / "objects", create=True)
    copy = LedgerCopy(store, signer, ORIGIN)
    for size in (3, 250, 700):
        book.write(size - len(book.entries))
        book.bring_up()
        copy.bring_up_to(size, book.root(), book.between)

    assert {name: store.fetch(name) for name in store.names("ledger/")} == book.shelf.files
    assert copy.verify(700, book.root()).ok
    assert list(copy.entries()) == book.entries
    assert list(copy.receipts([5])) == list(book.copy.receipts([5]))
    store.close()
