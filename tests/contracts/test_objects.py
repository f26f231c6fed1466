"""What every object store promises, asked of each of them."""

from __future__ import annotations

import hashlib
import inspect
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from archiver.objects import keys
from archiver.objects.bucket import BucketStore
from archiver.objects.folder import FolderStore
from archiver.objects.memory import MemoryStore
from archiver.ports import NewObject, ObjectDestroyer, ObjectKeeper, ObjectReader, Shelf
from archiver.records.errors import NotPermitted, ObjectDamaged, ObjectMissing
from archiver.records.identity import ObjectRef, Part, sha256

pytestmark = pytest.mark.enable_socket

POST, COMMENT, REPLY = (sha256(name) for name in (b"post", b"comment", b"reply"))
MEBIBYTE = 1 << 20
VIDEO = 40 * MEBIBYTE
"""More than may ever be in memory at once, whatever the store."""


def a_ref(owner=POST, data=b"Happy Friday!", part=Part.CONTENT, slot=""):
    return ObjectRef(owner=owner, part=part, digest=sha256(data), slot=slot)


def an_object(owner=POST, data=b"Happy Friday!", **more):
    return NewObject(a_ref(owner, data, **more), data)


def a_file(folder, size, name="video.mp4"):
    """A file of *size* random bytes that was never whole in memory; with its digest."""
    digest, path = hashlib.sha256(), folder / name
    with path.open("wb") as file:
        for start in range(0, size, MEBIBYTE):
            piece = os.urandom(min(MEBIBYTE, size - start))
            digest.update(piece)
            file.write(piece)
    return path, digest.hexdigest()


# --- keeping and reading --------------------------------------------------------------------


def test_what_was_kept_is_read_back(store):
    [kept] = store.keep([an_object()])

    assert (kept.ref, kept.size) == (a_ref(), 13)
    assert store.read(a_ref()) == b"Happy Friday!"
    assert b"".join(store.stream(a_ref())) == b"Happy Friday!"


def test_an_empty_file_is_a_file(store):
    store.keep([an_object(data=b"")])

    assert store.read(a_ref(data=b"")) == b""
    assert list(store.stream(a_ref(data=b""))) == []


def test_keeping_nothing_is_no_mistake(store):
    assert store.keep([]) == []


def test_a_batch_is_kept_whole_and_told_in_order(store):
    batch = [an_object(sha256(bytes([n])), bytes([n])) for n in range(40)]

    kept = store.keep(iter(batch))

    assert [one.ref for one in kept] == [one.ref for one in batch]
    assert all(store.read(one.ref) == one.payload for one in batch)


def test_two_items_never_share_an_object(place):
    store = place.open(may_destroy=True)
    store.keep([an_object(POST), an_object(COMMENT)])

    store.destroy([POST])

    assert store.read(a_ref(COMMENT)) == b"Happy Friday!"
    with pytest.raises(ObjectMissing):
        store.read(a_ref(POST))


def test_keeping_the_same_bytes_of_an_item_twice_is_one_object(store):
    store.keep([an_object()])
    store.keep([an_object(), an_object()])

    assert {one.ref for one in store.owned(POST)} == {a_ref()}
    assert store.read(a_ref()) == b"Happy Friday!"


def test_content_attachments_and_papers_of_one_item_stand_side_by_side(store):
    parts = [
        an_object(),
        an_object(part=Part.ATTACHMENT, slot="00ff00ff00ff00ff"),
        an_object(part=Part.ATTACHMENT, slot="11ff00ff00ff00ff"),
        an_object(part=Part.PAPER, slot="decision"),
    ]

    store.keep(parts)

    assert {one.ref for one in store.owned(POST)} == {one.ref for one in parts}


def test_a_payload_that_is_not_what_its_name_says_makes_nothing_of_the_batch_visible(store, place):
    wrong = NewObject(a_ref(COMMENT), b"Happy Fridax!")

    with pytest.raises(ObjectDamaged):
        store.keep([an_object(POST), wrong])

    assert place.everything() == set()


def test_a_file_that_is_not_what_its_name_says_is_refused_and_left_alone(store, tmp_path, place):
    path, _ = a_file(tmp_path, 100)

    with pytest.raises(ObjectDamaged):
        store.keep([an_object(POST), NewObject(a_ref(COMMENT), path)])

    assert place.everything() == set()
    assert path.exists()


@pytest.mark.parametrize("size", [0, 1, MEBIBYTE, MEBIBYTE + 1, 20 * MEBIBYTE + 5])
def test_a_file_is_taken_over_and_its_path_is_gone(store, tmp_path, size):
    path, digest = a_file(tmp_path, size)
    ref = ObjectRef(POST, Part.ATTACHMENT, digest, "00ff00ff00ff00ff")

    [kept] = store.keep([NewObject(ref, path)])

    assert kept.size == size
    assert not path.exists()
    assert sum(map(len, store.stream(ref))) == size
    assert [(one.ref, one.size) for one in store.owned(POST)] == [(ref, size)]


def test_a_file_kept_before_is_consumed_all_the_same(store, tmp_path):
    path, digest = a_file(tmp_path, 5)
    ref = ObjectRef(POST, Part.ATTACHMENT, digest, "00ff00ff00ff00ff")
    data = path.read_bytes()
    store.keep([NewObject(ref, path)])
    path.write_bytes(data)

    store.keep([NewObject(ref, path)])

    assert not path.exists()
    assert store.read(ref) == data


def test_one_file_named_twice_in_a_batch_is_kept_for_both(store, tmp_path):
    path, digest = a_file(tmp_path, 5)
    refs = [ObjectRef(owner, Part.ATTACHMENT, digest, "aa") for owner in (POST, COMMENT, POST)]

    store.keep([NewObject(ref, path) for ref in refs])

    assert {one.ref for one in store.listing()} == set(refs)
    assert not path.exists()


def test_pieces_are_of_at_most_a_mebibyte_and_in_order(store):
    data = os.urandom(3 * MEBIBYTE + 7)
    store.keep([an_object(data=data)])

    pieces = list(store.stream(a_ref(data=data)))

    assert max(map(len, pieces)) <= MEBIBYTE
    assert b"".join(pieces) == data


# --- spoiled behind its back ----------------------------------------------------------------


def test_what_was_never_kept_is_missing_not_damaged(store):
    with pytest.raises(ObjectMissing):
        store.read(a_ref())
    with pytest.raises(ObjectMissing):
        list(store.stream(a_ref()))


def test_what_was_lost_is_missing_not_damaged(store, place):
    store.keep([an_object(), an_object(COMMENT)])
    place.lose(a_ref())

    with pytest.raises(ObjectMissing):
        store.read(a_ref())
    with pytest.raises(ObjectMissing):
        list(store.stream(a_ref()))
    assert store.read(a_ref(COMMENT)) == b"Happy Friday!"


@pytest.mark.parametrize("size", [4_096, 65_535, 65_536, 65_537, 1 << 20])
def test_bytes_added_to_an_object_of_any_size_are_never_given_out(store, place, size):
    large = an_object(data=b"x" * size)
    store.keep([large])
    place.overwrite(large.ref, b"x" * size + b"y")

    with pytest.raises(ObjectDamaged):
        store.read(large.ref)


@pytest.mark.parametrize(
    "spoiled",
    [b"Happy Fridax!", b"Happy Frida", b"", b"Happy Friday! "],
    ids=["flipped", "truncated", "emptied", "lengthened"],
)
def test_spoiled_bytes_are_never_given_out(store, place, spoiled):
    store.keep([an_object()])
    place.overwrite(a_ref(), spoiled)

    with pytest.raises(ObjectDamaged):
        store.read(a_ref())
    with pytest.raises(ObjectDamaged):
        list(store.stream(a_ref()))


def test_the_last_piece_of_a_spoiled_stream_is_held_back(store, place):
    data = os.urandom(2 * MEBIBYTE)
    store.keep([an_object(data=data)])
    place.overwrite(a_ref(data=data), data[:-1] + bytes([data[-1] ^ 1]))
    given = []

    with pytest.raises(ObjectDamaged):
        given.extend(store.stream(a_ref(data=data)))

    assert sum(map(len, given)) < len(data)


def test_a_truncated_object_is_mended_by_keeping_it_again(store, place):
    store.keep([an_object()])
    place.overwrite(a_ref(), b"Happy")

    store.keep([an_object()])

    assert store.read(a_ref()) == b"Happy Friday!"


# --- listing --------------------------------------------------------------------------------


def test_a_listing_names_every_object_once_in_order_of_owner(store):
    owners = [sha256(bytes([n])) for n in range(60)]
    store.keep([an_object(owner) for owner in owners])

    listed = [one.ref.owner for one in store.listing()]

    assert listed == sorted(owners)


def test_a_listing_of_a_shard_names_what_begins_with_it_and_nothing_else(store):
    owners = [sha256(bytes([n])) for n in range(60)] + [POST[:-1] + "0", POST[:3] + "0" * 61]
    store.keep([an_object(owner) for owner in [*owners, POST]])
    shards = [POST[:digits] for digits in (0, 1, 2, 3, 4, 10, 64)]

    listed = {shard: [one.ref.owner for one in store.listing(shard=shard)] for shard in shards}

    assert listed == {
        shard: sorted(owner for owner in {*owners, POST} if owner.startswith(shard))
        for shard in shards
    }


def test_a_listing_tells_size_and_when_the_store_took_it(store):
    store.keep([an_object()])

    [listed] = store.listing()

    assert listed.size == 13
    assert listed.stored_at.utcoffset() == timedelta(0)
    age = datetime.fromtimestamp(time.time(), UTC) - listed.stored_at
    assert abs(age) < timedelta(hours=1)


def test_an_old_file_counts_from_when_it_was_kept(store, tmp_path):
    path, digest = a_file(tmp_path, 5)
    os.utime(path, (0, 0))

    store.keep([NewObject(ObjectRef(POST, Part.ATTACHMENT, digest, "aa"), path)])

    assert next(store.listing()).stored_at.year > 2020


def test_what_is_not_ours_is_not_listed(store, place):
    store.keep([an_object()])
    place.put_foreign(f"items/{POST[:3]}/.DS_Store")
    place.put_foreign(f"items/{POST[:3]}/{COMMENT}.c.{sha256(b'x')}")
    place.put_foreign("papers/a.json")

    assert [one.ref for one in store.listing()] == [a_ref()]
    assert [one.ref for one in store.owned(POST)] == [a_ref()]


def test_an_owner_without_objects_owns_nothing(store):
    assert store.owned(POST) == []


# --- examining ------------------------------------------------------------------------------


def yes():
    return True


def test_an_examination_names_what_a_listing_does_in_its_order(store, place):
    owners = [sha256(bytes([n])) for n in range(30)] + [POST]
    store.keep([an_object(owner) for owner in owners])
    store.keep([an_object(POST, b"!", part=Part.ATTACHMENT, slot="aa"), an_object(POST, b"")])
    place.put_foreign(f"items/{POST[:3]}/.DS_Store")
    shards = [POST[:digits] for digits in (0, 1, 2, 3, 4, 10, 64)]

    for shard in shards:
        examined = list(store.examined(shard=shard, reads=yes))
        assert [(one.ref, one.size, one.version, one.shows) for one in examined] == [
            (one.ref, one.size, one.version, one.shows) for one in store.listing(shard=shard)
        ]
        assert all(one.proven is True for one in examined)


def test_an_examination_asks_once_for_each_owner_whether_to_read(store, place):
    store.keep([an_object(), an_object(POST, b"!"), an_object(COMMENT), an_object(REPLY)])
    place.overwrite(a_ref(REPLY), b"Happy Fridax!")
    answers = {POST: True, COMMENT: False, REPLY: False}
    asked = iter(sorted(answers))

    examined = list(store.examined(reads=lambda: answers[next(asked)]))

    assert {one.ref.owner: one.proven for one in examined} == {
        POST: True,
        COMMENT: None,
        REPLY: None,
    }
    assert {one.size for one in examined if one.ref.owner == REPLY} == {13}


@pytest.mark.parametrize(
    "spoiled",
    [b"Happy Fridax!", b"Happy Frida", b"", b"Happy Friday! "],
    ids=["flipped", "truncated", "emptied", "lengthened"],
)
def test_an_examination_proves_no_spoiled_bytes(store, place, spoiled):
    store.keep([an_object(), an_object(COMMENT)])
    place.overwrite(a_ref(), spoiled)

    found = {one.ref.owner: one for one in store.examined(reads=yes) if one.shows}

    assert (found[POST].proven, found[POST].size) == (False, len(spoiled))
    assert (found[COMMENT].proven, found[COMMENT].size) == (True, 13)


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 3 * MEBIBYTE])
@pytest.mark.parametrize("part", [Part.CONTENT, Part.ATTACHMENT])
def test_an_examination_reads_a_large_object_to_its_end(store, place, size, part):
    slot = "aa" if part is Part.ATTACHMENT else ""
    large = an_object(data=b"x" * size, part=part, slot=slot)
    store.keep([large])
    [whole] = store.examined(reads=yes)
    place.overwrite(large.ref, b"x" * (size - 1) + b"y")
    spoiled = [one for one in store.examined(reads=yes) if one.shows]

    assert (whole.proven, whole.size) == (True, size)
    assert [(one.proven, one.size) for one in spoiled] == [(False, size)]


def test_a_look_gives_just_what_was_asked_for_and_is_there(store, place):
    store.keep([an_object(), an_object(POST, b"!"), an_object(COMMENT), an_object(REPLY)])
    place.lose(a_ref(REPLY))
    wanted = [a_ref(), a_ref(COMMENT), a_ref(COMMENT, b"?"), a_ref(REPLY), a_ref(sha256(b"none"))]

    found = [one for one in store.looked_at(wanted) if one.shows]

    assert {one.ref for one in found} == {a_ref(), a_ref(COMMENT)}
    listed = {(one.ref, one.size, one.version) for one in store.listing()}
    assert {(one.ref, one.size, one.version) for one in found} <= listed
    assert all(one.proven is None for one in found)
    assert store.looked_at([]) == []


@pytest.mark.parametrize(
    "spoiled", [b"Happy Frida", b"", b"Happy Friday! "], ids=["truncated", "emptied", "lengthened"]
)
def test_a_look_sees_another_size(store, place, spoiled):
    store.keep([an_object()])
    place.overwrite(a_ref(), spoiled)

    [found] = [one for one in store.looked_at([a_ref()]) if one.shows]

    assert found.size == len(spoiled)
    assert found.proven is not True


# --- destroying -----------------------------------------------------------------------------


def test_a_store_opened_without_the_right_destroys_nothing(store):
    store.keep([an_object()])

    with pytest.raises(NotPermitted):
        store.destroy([POST])
    with pytest.raises(NotPermitted):
        store.destroy_objects([a_ref()])
    with pytest.raises(NotPermitted):
        store.destroy([])

    assert store.read(a_ref()) == b"Happy Friday!"


def test_destroying_an_owner_leaves_nothing_of_it_in_the_store(place):
    store = place.open(may_destroy=True)
    parts = [an_object(), an_object(part=Part.ATTACHMENT, slot="aa"), an_object(data=b"edited")]
    store.keep([*parts, an_object(COMMENT), an_object(REPLY)])

    count = store.destroy([POST, REPLY])

    assert count == 4
    assert store.owned(POST) == []
    assert place.everything() == {keys.object_key(a_ref(COMMENT))}


def test_destroying_takes_older_versions_and_markers_with_it(place):
    store = place.open(may_destroy=True)
    for _ in range(3):
        store.keep([an_object()])
    place.lose(a_ref())

    store.destroy([POST])

    assert place.everything() == set()


def test_destroying_twice_is_no_mistake(place):
    store = place.open(may_destroy=True)
    store.keep([an_object()])

    assert [store.destroy([POST]), store.destroy([POST]), store.destroy([])] == [1, 0, 0]


def test_destroying_a_stray_leaves_the_rest_of_its_item(place):
    store = place.open(may_destroy=True)
    store.keep([an_object(), an_object(data=b"stray"), an_object(part=Part.PAPER, slot="x")])

    count = store.destroy_objects([a_ref(data=b"stray")])

    assert count == 1
    assert {one.ref for one in store.owned(POST)} == {a_ref(), a_ref(part=Part.PAPER, slot="x")}


def test_an_owner_whose_id_begins_like_anothers_is_another(place):
    store = place.open(may_destroy=True)
    near = POST[:-1] + ("0" if POST[-1] != "0" else "1")
    store.keep([an_object(), an_object(near)])

    store.destroy([POST])

    assert [one.ref.owner for one in store.listing()] == [near]


@pytest.mark.parametrize("owner", ["", "ab", POST[:63], POST.upper(), "../" + POST, f"{POST}."])
def test_what_is_not_the_id_of_an_item_is_never_destroyed(place, owner):
    store = place.open(may_destroy=True)
    store.keep([an_object()])

    with pytest.raises(ValueError, match="is not the id of an item"):
        store.destroy([owner])

    assert store.read(a_ref()) == b"Happy Friday!"


def test_what_was_destroyed_may_be_kept_again(place):
    store = place.open(may_destroy=True)
    store.keep([an_object()])
    store.destroy([POST])

    store.keep([an_object()])

    assert store.read(a_ref()) == b"Happy Friday!"


# --- what they have in common ---------------------------------------------------------------


@pytest.mark.parametrize("kind", [MemoryStore, FolderStore, BucketStore])
@pytest.mark.parametrize("port", [ObjectReader, ObjectKeeper, ObjectDestroyer, Shelf])
def test_every_verb_has_the_signature_its_port_promises(kind, port):
    verbs = {name: verb for name, verb in vars(port).items() if not name.startswith("_")}

    assert verbs
    for name, verb in verbs.items():
        assert inspect.signature(getattr(kind, name)) == inspect.signature(verb), name


TAKES_A_VIDEO_IN = """
import sys, tracemalloc
from pathlib import Path
from archiver.objects.opening import open_store
from archiver.ports import NewObject
from archiver.records.identity import ObjectRef, Part

location, endpoint, path, owner, digest = sys.argv[1:]
store = open_store(location, endpoint_url=endpoint or None, region="us-east-1")
ref = ObjectRef(owner, Part.ATTACHMENT, digest, "00ff00ff00ff00ff")
store.owned(owner)
tracemalloc.start()
store.keep([NewObject(ref, Path(path))])
print(sum(len(piece) for piece in store.stream(ref)), tracemalloc.get_traced_memory()[1])
"""


def test_a_large_video_never_enters_memory(place, tmp_path):
    if place.location() == "memory:":
        pytest.skip("a store in memory has everything in memory")
    path, digest = a_file(tmp_path, VIDEO)
    endpoint = getattr(place, "endpoint_url", "")

    ran = subprocess.run(  # a process of its own: the imitation of S3 keeps everything in this one
        [sys.executable, "-c", TAKES_A_VIDEO_IN, place.location(), endpoint, path, POST, digest],
        capture_output=True,
        text=True,
        check=True,
    )

    size, peak = map(int, ran.stdout.split())
    assert size == VIDEO
    assert peak < (30 if endpoint else 5) * MEBIBYTE


def test_names_are_ordered_as_owners_are(store):
    owners = [f"{n:064x}" for n in (0, 1, 16**61, 16**61 + 1, 15 * 16**63)]
    store.keep([an_object(owner) for owner in reversed(owners)])

    listed = [one.ref.owner for one in store.listing()]

    assert all(before < after for before, after in pairwise(listed))
