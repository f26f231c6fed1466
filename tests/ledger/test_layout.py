from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.ledger.layout import ENTRIES, Tile, edge, tile_at


@pytest.mark.parametrize(
    ("tile", "name"),
    [
        (Tile(0, 0), "ledger/tile/0/000"),
        (Tile(0, 999), "ledger/tile/0/999"),
        (Tile(0, 1000), "ledger/tile/0/x001/000"),
        (Tile(2, 1_234_067), "ledger/tile/2/x001/x234/067"),
        (Tile(0, 1_000_000), "ledger/tile/0/x001/x000/000"),
        (Tile(1, 273, 17), "ledger/tile/1/273.p/17"),
        (Tile(ENTRIES, 0), "ledger/tile/entries/000"),
        (Tile(ENTRIES, 1_234_067, 5), "ledger/tile/entries/x001/x234/067.p/5"),
    ],
)
def test_a_tile_lies_where_c2sp_says(tile, name):
    assert tile.name == name


def test_a_tree_of_70000_has_the_partial_tiles_that_c2sp_counts():
    assert list(edge(70_000)) == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(edge(256)) == [Tile(1, 0, 1)]
    assert list(edge(0)) == []
    assert [tile_at(0, number, 70_000).width for number in (0, 272, 273)] == [256, 256, 112]
    assert [tile_at(1, number, 70_000).width for number in (0, 1)] == [256, 17]
    assert tile_at(ENTRIES, 273, 70_000) == Tile(ENTRIES, 273, 112)


@given(st.integers(1, 2**40))
def test_every_partial_tile_is_the_floor_of_its_level_modulo_256(size):
    for tile in edge(size):
        assert tile.width == size // 256**tile.level % 256
        assert tile.number == size // 256 ** (tile.level + 1)
        assert tile == tile_at(tile.level, tile.number, size)


@given(st.lists(st.binary(max_size=700), min_size=1, max_size=256))
def test_entries_come_back_from_their_bundle(entries):
    bundle = Tile(ENTRIES, 0, len(entries))

    assert bundle.unpack(bundle.pack(entries)) == entries


def test_an_entry_stands_after_its_length_in_two_bytes():
    assert Tile(ENTRIES, 0, 2).pack([b"abc", b""]) == b"\x00\x03abc\x00\x00"
    assert Tile(ENTRIES, 0, 1).pack([b"a" * 65_535])[:3] == b"\xff\xffa"


def test_an_entry_too_long_for_two_bytes_is_refused():
    with pytest.raises(ValueError, match="65536"):
        Tile(ENTRIES, 0, 1).pack([b"a" * 65_536])


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\x00\x02a", b"\x00\x01a\x00", b"\x00\x01a\x00\x01b"]
)
def test_a_bundle_that_is_cut_or_holds_another_number_is_refused(data):
    with pytest.raises(ValueError, match=r"middle|pieces"):
        Tile(ENTRIES, 0, 1).unpack(data)


def test_a_tile_of_hashes_is_as_wide_as_its_name_says():
    assert Tile(0, 0, 2).unpack(b"a" * 64) == [b"a" * 32] * 2
    for length in (0, 32, 63, 96):
        with pytest.raises(ValueError, match=r"row|pieces"):
            Tile(0, 0, 2).unpack(b"a" * length)
