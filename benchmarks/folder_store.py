"""How fast the folder store keeps, against the disk itself, in one run.

Prints objects per second of `FolderStore.keep`, of the bare batch loop it is built on (write
aside, sync, rename, sync; nothing proven, one folder), and of one fsync per file.

    python benchmarks/folder_store.py [--objects 10000] [--batch 500] [--size 400] [--folder PATH]
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from archiver.objects.durable import syncfs
from archiver.objects.folder import FolderStore
from archiver.ports import NewObject
from archiver.records.identity import ObjectRef, Part, sha256

FSYNC_SAMPLE = 1_000
"""One fsync per file is slow, and its rate is steady: a sample of it is enough."""


def invented(count: int, size: int) -> list[NewObject]:
    """Make *count* objects of as many items, the same in every run."""
    dice = random.Random(7)
    return [
        NewObject(ObjectRef(sha256(payload), Part.CONTENT, sha256(payload)), payload)
        for payload in (dice.randbytes(size) for _ in range(count))
    ]


def batches(objects: list[NewObject], batch: int) -> Iterator[list[NewObject]]:
    for start in range(0, len(objects), batch):
        yield objects[start : start + batch]


def by_the_store(folder: Path, objects: list[NewObject], batch: int) -> None:
    store = FolderStore(folder / "store", create=True)
    for some in batches(objects, batch):
        store.keep(some)
    store.close()


def written(path: str, payload: bytes, folder: int) -> int:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444, dir_fd=folder)
    os.write(descriptor, payload)
    return descriptor


def by_a_bare_loop(folder: Path, objects: list[NewObject], batch: int) -> None:
    for name in ("aside", "kept"):
        (folder / name).mkdir()
    aside, kept = (os.open(folder / name, os.O_RDONLY) for name in ("aside", "kept"))
    for some in batches(objects, batch):
        names = [new.ref.owner for new in some]
        for name, new in zip(names, some, strict=True):
            os.close(written(name, new.payload, aside))
        syncfs(aside)
        for name in names:
            os.rename(name, name, src_dir_fd=aside, dst_dir_fd=kept)
        syncfs(aside)
    os.close(aside)
    os.close(kept)


def by_one_sync_each(folder: Path, objects: list[NewObject], batch: int) -> None:
    del batch
    (folder / "each").mkdir()
    each = os.open(folder / "each", os.O_RDONLY)
    for new in objects:
        descriptor = written(".aside", new.payload, each)
        os.fsync(descriptor)
        os.close(descriptor)
        os.rename(".aside", new.ref.owner, src_dir_fd=each, dst_dir_fd=each)
        os.fsync(each)
    os.close(each)


def rate(
    deed: Callable[[Path, list[NewObject], int], None],
    objects: list[NewObject],
    batch: int,
    folder: Path,
) -> float:
    """Give how many objects a second *deed* keeps in a new folder inside *folder*.

    What it kept stays there until all is measured: for minutes after many files were removed, ext4
    makes new ones at half the rate (it passes over every inode that was freed a moment ago).
    """
    place = Path(tempfile.mkdtemp(dir=folder, prefix="rate-"))
    os.sync()
    begun = time.perf_counter()
    deed(place, objects, batch)
    return len(objects) / (time.perf_counter() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--size", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", help="where to write; by default the system's temporary folder")
    asked = parser.parse_args()
    objects = invented(asked.objects, asked.size)
    with tempfile.TemporaryDirectory(dir=asked.folder, prefix="bench-") as made:
        place = Path(made)
        rounds = [
            (
                rate(by_the_store, objects, asked.batch, place),
                rate(by_a_bare_loop, objects, asked.batch, place),
            )
            for _ in range(asked.rounds)
        ]
        each = rate(by_one_sync_each, objects[:FSYNC_SAMPLE], asked.batch, place)
    store, bare = (sorted(column)[asked.rounds // 2] for column in zip(*rounds, strict=True))
    print(f"folder store, batches of {asked.batch}: {store:10,.0f} objects/s")
    print(f"bare batch loop:               {bare:10,.0f} objects/s")
    print(f"one fsync per file and folder: {each:10,.0f} objects/s")
    print(f"store against bare loop: {store / bare:.2f}    store against fsync: {store / each:.1f}")


if __name__ == "__main__":
    main()
