"""What every full-text index must do; run on each of them."""

import contextlib
import dataclasses
import itertools
import os
import re
import shutil
import subprocess
import sys
import textwrap
import threading
import tracemalloc
import zlib
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import index as whoosh_index
from whoosh import query as wq

from archiver.index import building, postings, queries
from archiver.index import whoosh_index as ours
from archiver.index.building import CAP, TOGETHER
from archiver.index.memory import MemoryIndex
from archiver.index.opening import open_index
from archiver.index.pieces import OpenFile
from archiver.index.segments import NAME
from archiver.index.whoosh_index import WhooshIndex
from archiver.language.documents import IndexDocument
from archiver.language.evaluate import matches
from archiver.language.grammar import parse
from archiver.language.tokens import cut, stem, stems, tokens
from archiver.language.tree import (
    And,
    Between,
    Everything,
    Field,
    Is,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
)
from archiver.records.errors import ArchiveBusy, ConfigInvalid, IndexUnavailable

INDIO = ZoneInfo("America/Los_Angeles")
CANARY = "zanzibarcanary"


def an_item(item, text, **changes):
    exact = tokens(text)
    plain = {
        "title": (),
        "author": ("indio", "police"),
        "page": "city pd",
        "platform": "facebook",
        "kind": "post",
        "published": 1_767_600_000_000_000,
        **changes,
    }
    return IndexDocument(item=item, exact=exact, stems=stems(exact), **plain)


POSTS = (
    an_item("a", "Shots fired, avoid the area", published=3, title=cut("Evacuation update")),
    an_item("b", "No shots were fired; all clear. #StaySafe", published=1, kind="comment"),
    an_item(
        "c",
        "Evacuated: \u8b66\u5bdf\u304c\u6765\u305f \U0001f693",
        published=2,
        page="fire",
        has_attachment=True,
    ),
    an_item("d", "the the the shots shots", published=2, author=cut("Jane O'Neill")),
    an_item("e", "", published=5, platform="mastodon"),
)


@pytest.fixture(params=["memory", "whoosh"])
def index(request, tmp_path):
    if request.param == "memory":
        opened = open_index("memory:")
    else:
        opened = open_index(f"whoosh:{tmp_path / 'index'}", create=True)
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "index"


@pytest.fixture
def kept(folder):
    opened = WhooshIndex(folder, create=True, patience=0.2)
    yield opened
    opened.close()


def add(index, *documents):
    with index.writing() as writer:
        return writer.add(documents)


def remove(index, *items):
    with index.writing() as writer:
        writer.remove(items)


def found(index, text):
    query = parse(text, zone=INDIO)
    hits = index.search(query, limit=1000, sort="oldest")
    assert sorted(hits.items) == sorted(index.matching(query))
    assert hits.total == len(hits.items)
    return "".join(sorted(hits.items))


def every_byte(folder):
    """Give all bytes under *folder*, and what unpacks from any place where zlib data begins."""
    everything = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            raw = path.read_bytes()
            everything.append(raw)
            at = raw.find(b"\x78")
            while at >= 0:
                if raw[at + 1 : at + 2] in {b"\x01", b"\x5e", b"\x9c", b"\xda"}:
                    with contextlib.suppress(zlib.error):  # not where zlib data begins, then
                        everything.append(zlib.decompressobj().decompress(raw[at:]))
                at = raw.find(b"\x78", at + 1)
    return b"\0".join(everything)


# --- answers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("shot", "abd"),
        ("evacuation", "c"),
        ('"shots fired"', "a"),
        ('"shots were fired"', "b"),
        ('"the the"', "d"),
        ('"the the the the"', ""),
        ("shots NOT fired", "d"),
        ("NOT shots", "ce"),
        ("NOT (NOT shots)", "abd"),
        ("fire OR evacuated", "abc"),
        ("(fired OR evacuated) NOT clear", "ac"),
        ("sho*", "abd"),
        ("#stay*", "b"),
        ("#staysafe", "b"),
        ("staysafe", "b"),
        ("\u8b66\u5bdf", "c"),
        ("\U0001f693", "c"),
        ("title:evacuation", "a"),
        ("title:shots", ""),
        ('author:"jane o\'neill"', "d"),
        ("page:fire", "c"),
        ('page:"City PD" platform:facebook', "abd"),
        ("kind:comment", "b"),
        ("is:comment", "b"),
        ("is:attachment", "c"),
        ("nothing", ""),
        ("from:1970-01-01", ""),
        ("to:1970-01-01", "abcde"),
    ],
)
def test_every_index_finds_the_same(index, text, items):
    add(index, *POSTS)

    assert found(index, text) == items


WORDS = st.sampled_from(
    ["fire", "fires", "fired", "shots", "the", "\u8b66", "#fire", "caf\u00e9", "cafe"]
)
DOCUMENTS = st.lists(
    st.builds(
        an_item,
        st.sampled_from("abcdefgh"),
        st.lists(WORDS, max_size=6).map(" ".join),
        title=st.lists(WORDS, max_size=2).map(" ".join).map(cut),
        author=st.lists(WORDS, max_size=2).map(" ".join).map(cut),
        page=st.sampled_from(["one", "two", ""]),
        kind=st.sampled_from(["post", "comment"]),
        published=st.integers(-3, 3),
        has_attachment=st.booleans(),
    ),
    max_size=12,
)
RUNS = st.lists(WORDS.map(cut), min_size=1, max_size=3).map(lambda runs: sum(runs, ()))
QUERIES = st.recursive(
    st.one_of(
        WORDS.map(lambda word: Word(stems(cut(word))[0])),
        RUNS.map(Phrase),
        st.sampled_from(["fi", "fire", "#", "sho", "x"]).map(Prefix),
        st.builds(Field, st.sampled_from(["author", "title"]), RUNS),
        st.builds(
            lambda page: Field("page", (page,)), st.sampled_from(["one", "two", "three", ""])
        ),
        st.builds(Between, st.none() | st.integers(-3, 3), st.none() | st.integers(-3, 3)),
        st.sampled_from([Is("post"), Is("comment"), Is("attachment"), Everything()]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, max_size=3).map(lambda parts: Or(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=6,
)


@settings(max_examples=80)
@given(
    batches=st.lists(
        st.tuples(DOCUMENTS, st.sets(st.sampled_from("abcdefgh"))), min_size=1, max_size=4
    ),
    queries=st.lists(QUERIES, min_size=1, max_size=6),
)
def test_whatever_is_added_and_removed_answers_are_those_of_the_evaluator(
    tmp_path_factory, batches, queries
):
    folder = tmp_path_factory.mktemp("index") / "whoosh"
    index = open_index(f"whoosh:{folder}", create=True)
    truth = {}
    for documents, gone in batches:
        add(index, *documents)
        truth.update({document.item: document for document in documents})
        remove(index, *gone)
        truth = {item: document for item, document in truth.items() if item not in gone}

    for query in queries:
        expected = {item for item, document in truth.items() if matches(query, document)}
        assert set(index.matching(query)) == expected
        assert set(index.search(query, limit=100).items) == expected
        assert index.search(query, limit=0).total == len(expected)
    assert index.count() == len(truth)
    shutil.rmtree(folder)


def test_newest_and_oldest_first_with_equal_times_in_order_of_id(index):
    add(index, *POSTS)

    assert index.search(Everything(), limit=9, sort="oldest").items == tuple("bcdae")
    assert index.search(Everything(), limit=9, sort="newest").items == tuple("eacdb")


def test_a_slice_says_how_many_there_are_in_all(index):
    add(index, *POSTS)

    hits = index.search(Everything(), limit=2, offset=1, sort="oldest")

    assert hits.items == ("c", "d")
    assert (hits.total, hits.searched) == (5, 5)
    assert index.search(Everything(), limit=2, offset=9).items == ()


def test_slices_laid_together_are_the_whole_list(index):
    add(index, *(an_item(f"{n:03}", "same time") for n in range(50)))

    slices = [
        index.search(Everything(), limit=7, offset=at, sort="newest").items
        for at in range(0, 50, 7)
    ]

    assert sum(slices, ()) == tuple(f"{n:03}" for n in range(50))


def test_the_item_that_says_it_more_often_and_shorter_comes_first(kept):
    long = "shots " + "and other words " * 20
    add(kept, an_item("long", long), an_item("short", "shots shots"), an_item("none", "words"))

    assert kept.search(Word("shot"), limit=5).items == ("short", "long")


# --- changes --------------------------------------------------------------------------------


def test_an_edited_item_is_found_by_its_new_words_alone(index):
    add(index, *POSTS)

    assert add(index, an_item("a", "all quiet")) == 1

    assert found(index, "avoid") == ""
    assert found(index, "quiet") == "a"
    assert index.count() == 5


def test_an_item_given_twice_at_once_counts_as_last_given(index):
    add(index, an_item("a", "first"), an_item("a", "second"))

    assert (found(index, "first"), found(index, "second")) == ("", "a")
    assert index.count() == 1


def test_removed_items_are_gone_and_may_be_removed_again(index):
    add(index, *POSTS)

    remove(index, "a", "never-indexed")
    remove(index, "a")

    assert found(index, "shots") == "bd"
    assert index.count() == 4


def test_everything_may_be_removed(index):
    add(index, *POSTS)

    remove(index, *"abcde")

    assert index.count() == 0
    assert index.search(Everything(), limit=5).total == 0


def test_a_renewed_index_holds_only_what_was_added_anew(index):
    add(index, *POSTS)

    with index.renewing() as writer:
        writer.add([an_item("z", "shots anew")])
        assert found(index, "shots") == "abd"

    assert found(index, "shots") == "z"


def test_a_failed_renewal_leaves_the_index_as_it_was(index):
    add(index, *POSTS)

    def half():
        yield an_item("z", "shots anew")
        raise RuntimeError

    with pytest.raises(RuntimeError), index.renewing() as writer:
        writer.add(half())

    assert found(index, "shots") == "abd"
    add(index, an_item("f", "shots"))
    assert found(index, "shots") == "abdf"


def test_who_may_write_may_ask_again(index):
    with index.writing() as outer:
        outer.add(POSTS[:1])
        with index.writing() as inner:
            inner.add(POSTS[1:])
        outer.remove(["a"])

    assert found(index, "shots") == "bd"


def test_a_closed_index_is_unavailable(index):
    add(index, *POSTS)
    index.close()

    for ask in (index.count, lambda: list(index.matching(Everything()))):
        with pytest.raises(IndexUnavailable, match="closed"):
            ask()
    with pytest.raises(IndexUnavailable, match="closed"), index.writing():
        pass


# --- what stays on disk -------------------------------------------------------------------------


def a_filled(index, *, canaries):
    plain = {n: f"plain words number n{n} and the fire" for n in range(600)}
    marked = {n: f"the {CANARY}{n} fire and {CANARY} again {CANARY}" for n in canaries}
    add(index, *(an_item(f"{n:04}", text) for n, text in {**plain, **marked}.items()))


def test_a_removed_items_words_are_in_no_file_of_the_index(kept, folder):
    a_filled(kept, canaries=[5, 300])
    assert CANARY.encode() in every_byte(folder)

    remove(kept, "0005", "0300")

    assert CANARY.encode() not in every_byte(folder)
    assert found(kept, "fire")[:8] == "00000001"
    assert kept.search(Word("fire"), limit=0).total == 598


def test_the_words_of_an_edited_and_then_removed_item_are_in_no_file(kept, folder):
    a_filled(kept, canaries=[5])
    add(kept, an_item("0005", "harmless now"))

    remove(kept, "0005")

    assert CANARY.encode() not in every_byte(folder)


def test_where_a_removed_items_words_stood_is_forgotten_too(kept):
    a_filled(kept, canaries=[])
    remove(kept, "0007")

    leaves = kept._look()

    assert [leaf.documents("exact", "fire") for leaf in leaves] == [
        [n for n in range(600) if n != 7]
    ]
    assert b"0007" not in {leaf.item_bytes(7) for leaf in leaves}


def test_nothing_of_a_removed_item_is_left_wherever_its_words_stand_in_the_lexicon(kept, folder):
    first = [f"\x01{CANARY}{n}" for n in range(3)]
    last = [f"\uffff{CANARY}{n}" for n in range(3)]
    common = {n: f"plain n{n} and the fire" for n in range(300)}
    odd = {f"odditem{n}": (first[n], f"{CANARY}{n}", last[n]) for n in range(3)}
    add(
        kept,
        *(an_item(f"{n:04}", text, author=()) for n, text in common.items()),
        *(
            dataclasses.replace(an_item(item, "", author=()), exact=words, stems=words)
            for item, words in odd.items()
        ),
    )

    for item, words in odd.items():
        remove(kept, item)
        assert [kept.search(Word(word), limit=0).total for word in words] == [0, 0, 0]

    assert CANARY.encode() not in every_byte(folder)
    assert b"odditem" not in every_byte(folder)
    assert all(kept.search(Word(f"n{n}"), limit=0).total == 1 for n in range(300))
    assert kept.search(Prefix("n"), limit=0).total == 300
    assert kept.search(Prefix(first[0][:1]), limit=0).total == 0


def test_which_words_a_removed_item_had_is_forgotten_too(kept):
    a_filled(kept, canaries=[5])
    (leaf,) = kept._look()
    assert len(leaf.forward.terms(5)) > 10

    remove(kept, "0005")

    (leaf,) = kept._look()
    assert not any(leaf.forward.terms(5))
    assert leaf.lengths[5] == leaf.published[5] == 0
    assert len(leaf.forward.terms(6)) > 10


def test_nothing_is_left_in_the_places_that_posting_lists_have_given_up(kept):
    a_filled(kept, canaries=[5, 300])
    (leaf,) = kept._look()
    before = leaf.lists.size

    for item in ("0005", "0077", "0300", "0301"):
        remove(kept, item)

    (leaf,) = kept._look()
    assert leaf.lists.size > before  # one had to move
    given_up = bytearray(leaf.lists.read(0, leaf.lists.size))
    for _, packed in leaf.terms:
        begins, _ = postings.extent(packed)
        used = 4 + sum(map(len, postings._frames(leaf.list_of(packed))))
        given_up[begins : begins + used] = bytes(used)
    assert not any(given_up)


def test_an_item_knows_the_same_words_after_its_neighbours_were_removed_one_by_one(kept):
    def words_of_a():
        return [
            (document, sorted(leaf.terms.at(at)[0] for at in leaf.forward.terms(document)))
            for leaf in kept._look()
            for document in leaf.standing_for(["0007"])
        ]

    a_filled(kept, canaries=[5, 7])
    before = words_of_a()
    assert len(before) == 1

    for n in (*range(7), *range(8, 60)):
        remove(kept, f"{n:04}")

    assert words_of_a() == before


def test_a_segment_does_not_grow_with_the_nights_it_was_purged(kept, folder):
    add(kept, *(an_item(f"{n:04}", f"word n{n} " + "again " * (n % 7)) for n in range(1000)))
    before = sum(path.stat().st_size for path in folder.glob("1/*.seg"))

    for n in range(0, 480, 16):
        remove(kept, *(f"{n + k * 37 % 1000:04}" for k in range(16)))

    assert sum(path.stat().st_size for path in folder.glob("1/*.seg")) < 1.1 * before


def test_the_figures_of_a_thinned_word_are_those_of_a_word_that_was_always_so_rare(kept, folder):
    texts = {f"{n:04}": "fire " * (1 + n % 5) + "and so on " * (n % 11) for n in range(400)}
    texts["0170"] = "fire " * 60 + "and so on " * 40
    gone = [f"{n:04}" for n in (*range(150), 170, 333, 399)]
    add(kept, *(an_item(item, text) for item, text in texts.items()))
    remove(kept, *gone)
    renewed = WhooshIndex(folder.parent / "other", create=True)
    add(renewed, *(an_item(item, text) for item, text in texts.items() if item not in gone))

    def figures(index):
        (leaf,) = index._look()
        for term, packed in leaf.terms:
            told = postings.TermFigures.unpacked(packed)
            ids = [leaf.item(n) for n in postings.documents_of(leaf.list_of(packed))]
            ends = (leaf.item(told.first), leaf.item(told.last))
            yield term, told[:5], ids, ends

    assert list(figures(kept)) == list(figures(renewed))
    assert kept.search(Word("fire"), limit=999) == renewed.search(Word("fire"), limit=999)


def test_a_word_that_others_use_is_still_found_after_one_of_them_is_removed(kept):
    a_filled(kept, canaries=[1, 2, 3])

    remove(kept, "0002")

    assert found(kept, f"{CANARY} fire") == "00010003"
    assert found(kept, f'"fire and {CANARY}"') == "00010003"


def test_the_old_generation_leaves_no_file_behind(kept, folder):
    a_filled(kept, canaries=[5])

    with kept.renewing() as writer:
        writer.add(POSTS)

    assert CANARY.encode() not in every_byte(folder)
    assert {path.name for path in folder.iterdir()} == {"lock", "current.json", "2"}


def test_what_a_crash_left_lying_is_swept_by_the_next_writer(kept, folder):
    add(kept, *POSTS)
    (folder / "1" / "archive_leftover.seg").write_bytes(CANARY.encode())
    (folder / "7").mkdir()
    (folder / "7" / "half").write_bytes(CANARY.encode())

    remove(kept)

    assert CANARY.encode() not in every_byte(folder)


def test_only_segments_that_held_the_removed_are_written_again(kept, folder):
    add(kept, *(an_item(f"a{n}", f"early n{n}") for n in range(20)))
    add(kept, *(an_item(f"b{n}", f"late n{n}") for n in range(20)))
    before = {path.name for path in folder.glob("1/*.seg")}

    remove(kept, "a3")

    assert len(before & {path.name for path in folder.glob("1/*.seg")}) == 1


def test_many_small_additions_do_not_leave_many_segments(kept, folder):
    for n in range(TOGETHER * TOGETHER + 3):
        add(kept, an_item(f"{n:04}", f"word n{n}"))

    assert len(list(folder.glob("1/*.seg"))) < 2 * TOGETHER
    assert kept.search(Word("word"), limit=0).total == TOGETHER * TOGETHER + 3


def test_no_segment_grows_beyond_the_cap(kept, monkeypatch):
    monkeypatch.setattr(building, "CAP", 20)
    for start in range(0, 90, 9):
        add(kept, *(an_item(f"{n:04}", f"word n{n}") for n in range(start, start + 9)))
    add(kept, *(an_item(f"x{n:04}", f"word n{n}") for n in range(90)))

    assert max(leaf.size for leaf in kept._look()) <= 20
    assert kept.count() == 180
    assert CAP >= 5_000


def test_long_items_make_a_segment_end_sooner(kept, monkeypatch):
    monkeypatch.setattr(building, "WORDS", 100)

    add(kept, *(an_item(f"{n:04}", "ten words " * 5) for n in range(50)))
    for n in range(50, 100):
        add(kept, an_item(f"{n:04}", "fourteen words " * 7))

    leaves = kept._look()
    assert max(leaf.total_length for leaf in leaves) <= 100
    assert len(leaves) < 30
    assert kept.count() == 100


def test_a_segment_with_more_gone_than_left_is_made_smaller(kept):
    add(kept, *(an_item(f"{n:03}", f"word n{n}") for n in range(100)))

    remove(kept, *(f"{n:03}" for n in range(60)))

    assert [leaf.size for leaf in kept._look()] == [40]


# --- never a false "nothing found" ---------------------------------------------------------------


def test_an_index_that_was_never_made_is_unavailable_and_not_made(folder):
    index = open_index(f"whoosh:{folder}")

    for ask in (index.count, lambda: index.search(Everything(), limit=1)):
        with pytest.raises(IndexUnavailable):
            ask()
    with pytest.raises(IndexUnavailable), index.writing():
        pass
    assert not folder.exists()


def test_an_index_is_not_created_over_what_is_left_of_one(kept, folder):
    add(kept, *POSTS)
    (folder / "current.json").unlink()

    index = open_index(f"whoosh:{folder}", create=True)

    with pytest.raises(IndexUnavailable):
        index.count()


def test_opening_for_creation_keeps_what_is_there(kept, folder):
    add(kept, *POSTS)

    assert open_index(f"whoosh:{folder}", create=True).count() == 5


def test_an_index_deleted_under_a_search_is_unavailable(kept, folder):
    add(kept, *POSTS)
    hits = kept.matching(Word("shot"))
    next(hits)

    shutil.rmtree(folder)

    with pytest.raises(IndexUnavailable):
        list(hits)
    with pytest.raises(IndexUnavailable):
        kept.search(Word("shot"), limit=5)


SPOILS = {
    "emptied": lambda path: path.write_bytes(b""),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-7]),
    "filled with rubbish": lambda path: path.write_bytes(b"\x80rubbish" * 200),
    "of its old length but zeroed": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "changed in one byte": lambda path: path.write_bytes(
        bytes([*path.read_bytes()[:40], path.read_bytes()[40] ^ 1, *path.read_bytes()[41:]])
    ),
    "lost": Path.unlink,
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
@pytest.mark.parametrize("which", ["1/*.seg", "1/*.toc", "current.json"])
def test_a_damaged_index_is_unavailable_and_can_be_renewed(kept, folder, which, spoil):
    add(kept, *POSTS)
    (path,) = folder.glob(which)
    spoil(path)
    index = open_index(f"whoosh:{folder}")

    with pytest.raises(IndexUnavailable):
        index.search(Word("nothing"), limit=1)
    with pytest.raises(IndexUnavailable):
        index.count()
    with pytest.raises(IndexUnavailable), index.writing():
        pass
    with index.renewing() as writer:
        writer.add(POSTS)
    assert found(index, "shots") == "abd"


@pytest.mark.parametrize("spoil", ["emptied", "cut short", "lost"])
def test_an_index_damaged_while_open_is_unavailable(kept, folder, spoil):
    add(kept, *POSTS)
    (path,) = folder.glob("1/*.seg")
    assert kept.count() == 5
    SPOILS[spoil](path)

    with pytest.raises(IndexUnavailable):
        kept.search(Word("shot"), limit=1)


def test_a_read_that_comes_short_is_an_error(folder):
    folder.write_bytes(b"ten bytes.")
    file = OpenFile(folder)

    assert file.read(4, 6) == b"bytes."
    with pytest.raises(EOFError):
        file.read(5, 6)
    with pytest.raises(EOFError):
        file.copy(11, bytearray())


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9])
def test_an_index_cut_short_in_the_middle_of_an_answer_is_unavailable(kept, folder, share):
    a_filled(kept, canaries=[])
    (path,) = folder.glob("1/*.seg")
    hits = kept.matching(Everything())
    next(hits)

    os.truncate(path, int(share * path.stat().st_size))

    with pytest.raises(IndexUnavailable):
        list(hits)


# --- other threads and processes -----------------------------------------------------------------


def test_a_reader_sees_what_another_process_committed(kept, folder):
    add(kept, *POSTS)
    other = open_index(f"whoosh:{folder}")
    assert other.count() == 5

    add(kept, an_item("f", "shots"))
    remove(kept, "a")

    assert found(other, "shots") == "bdf"


def test_a_second_writer_is_told_that_the_index_is_busy(kept, folder):
    other = WhooshIndex(folder, patience=0.05)

    with kept.writing(), pytest.raises(ArchiveBusy), other.writing():
        pass

    with other.writing() as writer:
        writer.add(POSTS)


def test_another_thread_is_told_that_the_index_is_busy(kept):
    told = []

    def ask():
        with pytest.raises(ArchiveBusy) as caught, kept.writing():
            pass
        told.append(caught.value)

    with kept.writing():
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()

    assert len(told) == 1


PROGRAM = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from archiver.index.whoosh_index import WhooshIndex
    from archiver.language.documents import IndexDocument

    folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    index = WhooshIndex(folder)
    for n in range(count):
        with index.writing() as writer:
            writer.add([
                IndexDocument(
                    item=f"{name}{n}-{k}", exact=("shots", f"n{n}"), stems=("shot", f"n{n}"),
                    title=(), author=(), page="p", platform="f", kind="post", published=n)
                for k in range(3)
            ])
        print(n, flush=True)
    """
)


def a_writer(folder, name, count):
    command = [sys.executable, "-c", PROGRAM, str(folder), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_writing_at_once_lose_nothing(kept, folder):
    writers = [a_writer(folder, name, 12) for name in "xy"]
    while any(writer.poll() is None for writer in writers):
        hits = kept.search(Word("shot"), limit=0)
        assert hits.total == hits.searched
    for writer in writers:
        writer.stdout.close()

    assert [writer.returncode for writer in writers] == [0, 0]
    assert kept.search(Word("shot"), limit=0).total == 72


PURGER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from archiver.index.whoosh_index import WhooshIndex

    index = WhooshIndex(Path(sys.argv[1]))
    for n in range(0, 600, 2):
        with index.writing() as writer:
            writer.remove([f"{n:04}"])
        print(n, flush=True)
    """
)


def test_a_purge_killed_at_any_point_leaves_a_whole_index_and_nothing_of_what_it_acknowledged(
    kept, folder
):
    a_filled(kept, canaries=range(0, 600, 2))
    acknowledged = -2
    for lines in (1, 2, 7):
        command = [sys.executable, "-c", PURGER, str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as purger:
            told = [int(purger.stdout.readline()) for _ in range(lines + acknowledged // 2 + 1)]
            purger.kill()
            told += map(int, purger.stdout.read().split())
        acknowledged = max(told)

        there = set(kept.matching(Word("fire")))

        assert there == {f"{n:04}" for n in range(600)} - {
            f"{n:04}" for n in range(0, acknowledged + 1, 2)
        } - ({f"{acknowledged + 2:04}"} - there)
        remove(kept, "0000")
        left = {int(n) for n in re.findall(rb"zanzibarcanary(\d+)", every_byte(folder))}
        assert left == {int(item) for item in there if not int(item) % 2}


def test_what_was_acknowledged_before_a_kill_is_there_and_whole(kept, folder):
    for round_ in range(4):
        writer = a_writer(folder, f"r{round_}-", 1000)
        acknowledged = [int(writer.stdout.readline()) for _ in range(3 + round_)][-1]
        writer.kill()
        writer.wait()
        acknowledged = max([acknowledged, *map(int, writer.stdout.read().split())])
        writer.stdout.close()

        there = {item for item in kept.matching(Word("shot")) if item.startswith(f"r{round_}-")}

        wanted = {f"r{round_}-{n}-{k}" for n in range(acknowledged + 1) for k in range(3)}
        assert wanted <= there
        assert len(there) % 3 == 0
        assert len(there) <= len(wanted) + 3
    add(kept, *POSTS)
    assert found(kept, "avoid") == "a"


# --- it is Whoosh's -----------------------------------------------------------------------------


def test_whoosh_itself_opens_the_index_and_finds_the_same(kept, folder):
    a_filled(kept, canaries=[1, 2, 3])
    add(kept, *POSTS)
    remove(kept, "0002", "d")
    opened = whoosh_index.open_dir(str(folder / "1"), indexname=NAME, readonly=True)

    with opened.searcher() as searcher:
        for ours, theirs in (
            (Word("fire"), wq.Term("stems", "fire")),
            (Phrase(("fire", "and")), wq.Phrase("exact", ["fire", "and"])),
            (Prefix("n1"), wq.Prefix("exact", "n1")),
            (Is("comment"), wq.Term("kind", "comment")),
            (Field("author", ("indio", "police")), wq.Phrase("author", ["indio", "police"])),
        ):
            column = searcher.reader().column_reader("item")
            hits = {column[document] for document in searcher.docs_for_query(theirs)}
            assert hits == set(kept.matching(ours))
            assert hits
        best = searcher.search(wq.Term("stems", stem(CANARY)), limit=1)
        assert len(best) == 2


@pytest.mark.parametrize("location", ["", "whoosh:", "memory:x", "tantivy:folder", "folder"])
def test_an_unknown_index_is_refused_with_an_example(location):
    with pytest.raises(ConfigInvalid) as caught:
        open_index(location)

    assert "whoosh:" in caught.value.remedy


def test_every_index_has_the_same_methods():
    for name in ("writing", "renewing", "search", "matching", "count", "close"):
        assert callable(getattr(MemoryIndex, name))
        assert callable(getattr(WhooshIndex, name))
    assert dataclasses.is_dataclass(IndexDocument)


# --- what is closed to who asks ---------------------------------------------------------------


ASKED = ("shot", "evac*", "sho*", '"shots fired"', "NOT shots", "author:o'neill", "shots OR avoid")


@pytest.mark.parametrize("without", ["", "a", "bd", "abcde", "never"])
@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_what_is_left_out_of_a_search_is_as_if_it_were_not_indexed(index, tmp_path, without, sort):
    add(index, *POSTS)
    add(index, an_item("n", "shots shots shots avoid", published=4))
    other = open_index(
        "memory:" if index.engine == "memory" else f"whoosh:{tmp_path / 'other'}", create=True
    )
    add(other, *(post for post in POSTS if post.item not in without))
    add(other, *(() if "n" in without else [an_item("n", "shots shots shots avoid", published=4)]))

    for text in ASKED:
        query = parse(text, zone=INDIO)
        for limit, offset in ((10, 0), (1, 0), (1, 1)):
            asked = {"limit": limit, "offset": offset, "sort": sort}
            hits, wanted = (
                index.search(query, without=list(without), **asked),
                other.search(query, **asked),
            )
            assert (hits.total, hits.items) == (wanted.total, wanted.items)
            assert hits.searched == index.count()
    other.close()


@pytest.mark.parametrize("without", ["d", "b", "bd", "dx"])
def test_what_was_removed_or_edited_before_and_is_left_out_besides_counts_once(
    index, tmp_path, without
):
    more = an_item("n", "shots shots shots avoid", published=4)
    add(index, *POSTS, more, an_item("x", "shots shots fired"))
    add(index, an_item("b", "No shots, and no fire"))
    remove(index, "d", "x")
    other = open_index(
        "memory:" if index.engine == "memory" else f"whoosh:{tmp_path / 'other'}", create=True
    )
    add(other, *(post for post in POSTS if post.item not in {"b", "d"}), more)
    if "b" not in without:
        add(other, an_item("b", "No shots, and no fire"))

    for text in ASKED:
        query = parse(text, zone=INDIO)
        hits, wanted = (
            index.search(query, limit=9, without=list(without)),
            other.search(query, limit=9),
        )
        assert (hits.total, hits.items) == (wanted.total, wanted.items)
    if index.engine == "whoosh":
        leaves, fresh = index._look(), other._look()
        hidden = ours._hidden(leaves, without)
        assert queries.average_length(leaves, hidden) == pytest.approx(
            queries.average_length(fresh, [b"" for _ in fresh])
        )
        assert queries.weigh(Word("shot"), leaves, hidden) == pytest.approx(
            queries.weigh(Word("shot"), fresh, [b"" for _ in fresh])
        )
    other.close()


def test_of_what_is_left_out_of_a_search_only_so_much_is_held_at_a_time(index):
    add(index, *POSTS)
    many = 200_000
    closed = itertools.chain(
        (f"{n:064x}" for n in range(many)), "bd", (f"{n:064x}" for n in range(many, 2 * many))
    )

    tracemalloc.start()
    try:
        hits = index.search(parse("shots", zone=INDIO), limit=5, without=closed)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert (hits.total, hits.items, hits.searched) == (1, ("a",), 5)
    assert peak < 2 * many * 64
