"""What every shelf promises: named files beside the objects, asked of each store."""

from __future__ import annotations

import pytest

from archiver.ports import NewObject
from archiver.records.errors import NotPermitted
from archiver.records.identity import ObjectRef, Part, sha256

pytestmark = pytest.mark.enable_socket

POST = sha256(b"post")
AN_OBJECT = NewObject(ObjectRef(POST, Part.CONTENT, sha256(b"text")), b"text")


def test_what_was_placed_is_fetched(store):
    store.place({"archive.json": b"{}", "ledger/tile/0/x001/067": b"\x00\xff", "papers/a": b""})

    assert store.fetch("archive.json") == b"{}"
    assert store.fetch("ledger/tile/0/x001/067") == b"\x00\xff"
    assert store.fetch("papers/a") == b""


def test_placing_again_replaces_the_whole_file(store):
    store.place({"ledger/checkpoint": b"a long first checkpoint"})
    store.place({"ledger/checkpoint": b"second"})

    assert store.fetch("ledger/checkpoint") == b"second"


def test_placing_nothing_is_no_mistake(store):
    store.place({})

    assert list(store.names("")) == []


@pytest.mark.parametrize("name", ["archive.json", "ledger/tile/0/000", "archive.json/below"])
def test_what_was_never_placed_is_none(store, name):
    store.place({"archive.json": b"{}"})
    store.remove([])

    assert store.fetch(name) == (b"{}" if name == "archive.json" else None)


def test_many_files_are_fetched_in_the_order_in_which_they_were_asked_for(store):
    files = {f"papers/plan/{n:02}": b"%d" % n for n in range(20)}
    store.place(files)
    asked = [*reversed(files), "papers/plan/never", "papers/plan/07"]

    assert list(store.fetch_all(asked)) == [files.get(name) for name in asked]
    assert list(store.fetch_all([])) == []
    with pytest.raises(ValueError, match="cannot be the name"):
        list(store.fetch_all(["papers/a", "items/abc"]))


def test_another_opening_sees_what_was_placed(store, place):
    store.place({"papers/a": b"1"})

    assert place.open().fetch("papers/a") == b"1"


NAMES = [
    "archive.json",
    "items.json",
    "ledger/checkpoint",
    "ledger/tile/0/000",
    "ledger/tile/0/000.p/3",
    "ledger/tile/0/x001/000",
    "papers-index",
    "papers/adoption/ab.json",
    "papers/hold/ab.json",
    "zoo",
]


def test_names_are_listed_in_order_by_what_they_begin_with(store):
    store.keep([AN_OBJECT])
    store.place(dict.fromkeys(reversed(NAMES), b"?"))
    prefixes = "", "i", "it", "items", "ledger", "ledger/", "ledger/tile/0/000", "papers", "x"

    listed = {prefix: list(store.names(prefix)) for prefix in prefixes}

    assert listed == {
        prefix: [name for name in NAMES if name.startswith(prefix)] for prefix in prefixes
    }


def test_objects_are_not_on_the_shelf_and_files_are_not_among_the_objects(store):
    store.keep([AN_OBJECT])
    store.place({"papers/a": b"1"})

    assert list(store.names("")) == ["papers/a"]
    assert [one.ref for one in store.listing()] == [AN_OBJECT.ref]


@pytest.mark.parametrize(
    "name",
    ["", "/archive.json", "../archive.json", "papers/../../x", "papers//a", "papers/", ".",
     ".aside/x", "papers/.hidden", "items", "items/abc/x", "a b", "a\x00b", "papers/" + "x" * 201],
)  # fmt: skip
def test_no_name_leads_off_the_shelf(place, name):
    store = place.open(may_destroy=True)

    with pytest.raises(ValueError, match="cannot be the name of a file on the shelf"):
        store.place({"papers/a": b"1", name: b"2"})
    with pytest.raises(ValueError, match="cannot be the name"):
        store.fetch(name)
    with pytest.raises(ValueError, match="cannot be the name"):
        store.remove([name])

    assert place.everything() == set()


@pytest.mark.parametrize("prefix", ["../", "/", "items/", f"items/{POST[:3]}/", ".aside/"])
def test_no_listing_leads_off_the_shelf(store, prefix):
    with pytest.raises(ValueError, match="cannot be the name"):
        list(store.names(prefix))


def test_what_was_removed_is_gone_in_every_version(place):
    store = place.open(may_destroy=True)
    store.place({"papers/a": b"1", "papers/ab": b"stays", "archive.json": b"{}"})
    store.place({"papers/a": b"2"})

    store.remove(["papers/a", "papers/never-there", "archive.json"])

    assert store.fetch("papers/a") is None
    assert place.everything() == {"papers/ab"}


def test_a_store_opened_without_the_right_removes_nothing(store):
    store.place({"papers/a": b"1", "ledger/tile/0/000.p/3": b"2", "ledger/checkpoint": b"3"})

    with pytest.raises(NotPermitted):
        store.remove(["papers/a"])
    with pytest.raises(NotPermitted):
        store.remove(["ledger/tile/0/000.p/3", "ledger/checkpoint"])

    assert list(store.names("")) == ["ledger/checkpoint", "ledger/tile/0/000.p/3", "papers/a"]


def test_the_ledgers_superseded_tiles_may_be_removed_by_whoever_writes_it(store):
    store.place({"ledger/tile/0/000.p/3": b"1", "ledger/tile/0/000": b"2"})

    store.remove(["ledger/tile/0/000.p/3"])

    assert list(store.names("")) == ["ledger/tile/0/000"]


def test_what_a_store_keeps_and_places_is_nothing_foreign(store):
    store.place({"ledger/checkpoint": b"1", "papers/hold/a.json": b"2", "archive.json": b"3"})
    store.keep([AN_OBJECT])

    assert list(store.foreign_names()) == []
