from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.identity import ArchiveKey, ObjectRef, Part, sha256

KEY = ArchiveKey(bytes(range(32)))
OTHER = ArchiveKey(bytes(range(1, 33)))
NAMES = st.text(st.characters(exclude_characters="\x1f", exclude_categories=()))


def test_the_id_of_an_item_is_the_hmac_of_platform_page_and_native_id():
    parts = (b"item", b"mastodon", b"https://a.example", b"17")
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    expected = hmac.new(bytes(range(32)), message, hashlib.sha256).hexdigest()

    assert KEY.item("mastodon", "https://a.example", "17") == expected


@given(st.tuples(NAMES, NAMES, NAMES), st.tuples(NAMES, NAMES, NAMES))
def test_two_items_have_the_same_id_only_if_they_are_the_same(first, second):
    assert (KEY.item(*first) == KEY.item(*second)) == (first == second)


@given(NAMES, NAMES, NAMES, st.text())
def test_no_native_id_however_odd_takes_the_id_of_an_item_on_another_page(
    platform, page, native_id, odd
):
    assert KEY.item(platform, page, native_id) != KEY.item(platform, page + "!", odd)


@given(NAMES, NAMES, NAMES)
def test_another_archive_gives_the_same_item_another_id(platform, page, native_id):
    ours = KEY.item(platform, page, native_id)

    assert ours != OTHER.item(platform, page, native_id)
    assert len(ours) == 64
    assert set(ours) <= set("0123456789abcdef")


def test_a_thread_is_named_by_its_root_item():
    assert KEY.thread("feed", "p", "root") == KEY.item("feed", "p", "root")


def test_names_for_different_purposes_never_meet():
    names = [
        KEY.item("a", "b", "c"),
        KEY.page("a", "b"),
        KEY.author("a", "b"),
        KEY.commit("a", "b"),
        KEY.name("slot", "a", "b"),
        KEY.name("salt", "a", "b"),
        KEY.name("seal", "a", "b"),
    ]

    assert len(set(names)) == len(names)


@given(st.text(st.characters(exclude_categories=())))
def test_what_a_platform_calls_an_item_may_be_any_text_even_a_broken_one(native_id):
    assert KEY.item("feed", "p", native_id) == KEY.item("feed", "p", native_id)


def test_short_names_are_the_beginning_of_long_ones():
    assert KEY.slot("i", "a") == KEY.name("slot", "i", "a")[:16]
    assert KEY.salt("i", "f") == KEY.name("salt", "i", "f")[:32]
    assert KEY.seal("[1]") == KEY.name("seal", "[1]")[:32]
    assert KEY.commit("paper", "d") == KEY.name("commit", "paper", "d")


@given(st.binary(min_size=32, max_size=200), NAMES)
def test_names_and_seals_are_the_hmac_of_rfc_2104_under_any_key(secret, text):
    def framed(part: bytes) -> bytes:
        return len(part).to_bytes(4, "big") + part

    message = framed(b"seal") + framed(text.encode("utf-8", "surrogatepass"))
    expected = hmac.new(secret, message, hashlib.sha256).hexdigest()

    assert ArchiveKey(secret).name("seal", text) == expected
    assert ArchiveKey(secret).seal(text) == expected[:32]


@given(NAMES, NAMES)
def test_a_seal_breaks_when_any_column_changes(before, after):
    assert (KEY.seal(before) == KEY.seal(after)) == (before == after)


@pytest.mark.parametrize("length", [0, 16, 31])
def test_a_key_shorter_than_256_bits_is_refused(length):
    with pytest.raises(ValueError, match="at least 32 bytes"):
        ArchiveKey(bytes(length))
    ArchiveKey(bytes(32))


def test_the_secret_is_never_shown():
    assert "\\x01" not in repr(KEY)
    assert "secret" not in repr(KEY)


def test_an_object_is_shown_by_short_hashes_alone():
    ref = ObjectRef("a" * 64, Part.ATTACHMENT, "b" * 64, "0123456789abcdef")

    assert str(ref) == "aaaaaaaaaaaa.a0123456789abcdef.bbbbbbbbbbbb"
    assert str(ObjectRef("a" * 64, Part.CONTENT, "b" * 64)) == "aaaaaaaaaaaa.c.bbbbbbbbbbbb"


def test_objects_are_the_same_only_with_owner_part_digest_and_slot():
    ref = ObjectRef("a", Part.CONTENT, "d", "s")

    assert ref == ObjectRef("a", Part.CONTENT, "d", "s")
    for other in (
        ObjectRef("b", Part.CONTENT, "d", "s"),
        ObjectRef("a", Part.PAPER, "d", "s"),
        ObjectRef("a", Part.CONTENT, "e", "s"),
        ObjectRef("a", Part.CONTENT, "d", "t"),
    ):
        assert ref != other


def test_bytes_are_proven_by_sha_256():
    assert sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
