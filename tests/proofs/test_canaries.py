"""After a purge nothing that was purged can be read in any file of the archive.

Thirty thousand items, each with words of its own in every place where a text may go, thousands of
them edited; the lapsed transitory ones are purged, and every file of the folder is searched,
also what unpacks from it. That the words of what was kept are found says that the search can fail.
"""

from __future__ import annotations

import random
import re
import sqlite3
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.catalogue import contents, engine, items
from archiver.catalogue.items import ItemRow
from archiver.ports import NewObject
from archiver.records.canonical import canonical
from archiver.records.captures import Observation
from archiver.records.classification import Suggestion, Tag
from archiver.records.events import EventKind
from archiver.records.identity import ObjectRef, Part, sha256
from archiver.records.items import Content
from tests.archive import FOUNDED_AT, Archive, an_archive, an_observation
from tests.proofs import invariants

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the quickest disk there is
ITEMS = 30_000
CANARY = re.compile(rb"qz[a-p]{10}zq")
PACKED = {b"\x01", b"\x5e", b"\x9c", b"\xda"}


def canary(n: int, place: int) -> str:
    """Give a word that stands nowhere else: of letters alone, so that no cutting parts it."""
    digits = f"{n * 16 + place:010x}"
    return "qz" + "".join(chr(ord("a") + int(digit, 16)) for digit in digits) + "zq"


def of_item(word: bytes) -> int:
    """Give the number of the item that *word* belongs to."""
    return int("".join(f"{letter - ord('a'):x}" for letter in word[2:-2]), 16) // 16


def lapses(n: int) -> bool:
    """Say whether item *n* is transitory: one in five, and a run of neighbours."""
    return n % 5 == 1 or 9_000 <= n < 9_800


def shown(n: int, *, edited: bool = False) -> Observation:
    """Show item *n*, with its words in every place where a text may go."""
    text = canary(n, 1 + edited)
    if n % 50 in {0, 1}:  # longer than a page of the catalogue's file
        text += f" {'patrol ' * random.Random(n).randint(300, 2_000)} {canary(n, 3)}"
    return an_observation(
        str(n),
        text,
        at=FOUNDED_AT - timedelta(days=100, minutes=n),
        author=canary(n, 4) if n % 3 else "",
        title=canary(n, 5) if n % 4 == 0 else "",
        attachments=(canary(n, 6),) if n % 40 == 1 else (),
        likes=n % 3,
    )


class CanaryClassifier:
    """Suggests by an item's number, and keeps its words as the ones that made it."""

    version = "canaries"

    def suggest(self, content: Content, *, own: bool) -> Suggestion:
        del own
        n = int(content.native_id)
        matched = (canary(n, 7),)
        if lapses(n):
            return Suggestion(tag=Tag.TRANSITORY, series="DEMO-100", rule="x", matched=matched)
        return Suggestion(tag=Tag.SUBSTANTIVE, series="DEMO-200", rule="y", matched=matched)


@contextmanager
def planted(count: int) -> Iterator[Archive]:
    """Give an archive with *count* items, one in three of them edited, all of them indexed."""
    ground = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="canaries-", dir=ground) as folder:
        archive = an_archive(Path(folder), more="[purge]\nceiling_share = 100\n")
        archive.office.__dict__["classifier"] = CanaryClassifier()
        archive.capture(*(shown(n) for n in range(1, count + 1)))
        archive.capture(*(shown(n, edited=True) for n in range(1, count + 1, 3)))
        _confirm(archive)
        archive.clock.forward(days=100)
        archive.capture()
        yield archive
        archive.office.close()


def _confirm(archive: Archive, *, more: Callable[[int], bool] = lambda _n: False) -> None:
    """Have a person's word on thousands of items at once: on the edited ones, and on *more*.

    An edited item is doubtful, and no rule alone lets it go.
    """
    numbers = {archive.item_id(str(n)) for n in range(1, ITEMS + 1) if more(n)}
    office, by = archive.office, archive.person.id
    with office.catalogue.reading() as connection:
        wanted = [
            row
            for row in items.slice_of(connection, after=0, limit=ITEMS)
            if row.item in numbers or (row.series == "DEMO-100" and row.tag == "undetermined")
        ]
    papers = {row.item: canonical({"kind": "decision", "item": row.item}) for row in wanted}
    refs = {
        item: ObjectRef(item, Part.PAPER, sha256(paper), "decision")
        for item, paper in papers.items()
    }
    office.objects.keep([NewObject(ref, papers[item]) for item, ref in refs.items()])
    with office.catalogue.writing() as desk:
        confirmed = [_settled(archive, row).sealed(office.keys.archive) for row in wanted]
        items.change(desk.connection, confirmed)
        today = office.account.today().toordinal()
        items.look_again(desk.connection, [row.n for row in confirmed], today)
        for row in confirmed:
            paper, at = refs[row.item].digest, office.account.now_micros()
            contents.add_decision(desk.connection, row, at=at, by=by, paper=paper)
            told = {"k": [row.tag, row.series, row.basis], "s": row.schedule}
            kind = EventKind.ITEM_DECIDED
            office.account.enter(desk, kind, by=by, subject=row.item, told=told, paper=paper)
    office.account.acknowledge()


def _settled(archive: Archive, row: ItemRow) -> ItemRow:
    said = {"tag": "transitory", "series": "DEMO-100", "basis": "person", "confidence": 1000}
    schedule = archive.office.schedule.digest
    return replace(row, **said, rule="", schedule=schedule, queued=False)


def every_file(archive: Archive) -> Iterator[tuple[Path, bytes]]:
    """Give every file of the archive's folder, and what unpacks from those of the index."""
    for path in sorted(archive.config_file.parent.rglob("*")):
        if path.is_file():
            raw = path.read_bytes()
            yield path, raw
            if "index" in path.parts:
                yield from ((path, data) for data in _unpacked(raw))


def _unpacked(raw: bytes) -> Iterator[bytes]:
    at = raw.find(b"\x78")
    while at >= 0:
        if raw[at + 1 : at + 2] in PACKED:
            with suppress(zlib.error):  # not where packed data begins, then
                yield zlib.decompressobj().decompress(raw[at:])
        at = raw.find(b"\x78", at + 1)


def canaries(archive: Archive) -> dict[int, set[str]]:
    """Give every item whose words can be read anywhere, with the files they were read in."""
    found: dict[int, set[str]] = {}
    for path, data in every_file(archive):
        for word in set(CANARY.findall(data)):
            found.setdefault(of_item(word), set()).add(path.name)
    return found


@pytest.mark.proof
def test_after_a_purge_no_file_tells_a_word_of_what_was_purged():
    with planted(ITEMS) as archive:
        gone = {n for n in range(1, ITEMS + 1) if lapses(n)}
        before = canaries(archive)
        assert before.keys() == set(range(1, ITEMS + 1))

        receipt = archive.purge()

        assert receipt.destroyed == len(gone)
        after = canaries(archive)
        assert {n: after[n] for n in after.keys() & gone} == {}
        assert after.keys() == set(range(1, ITEMS + 1)) - gone
        assert all(any(name.startswith("catalogue") for name in after[n]) for n in after)
        for n in sorted(gone)[::500]:
            assert archive.search(canary(n, 1)).total == 0
        for n in sorted(after)[::2_000]:
            assert archive.search(canary(n, 2 if n % 3 == 1 else 1)).total == 1
        _confirm(archive, more=lambda n: n % 5 == 2)
        left = {n for n in after if n % 5 != 2}
        assert archive.purge().destroyed == len(after) - len(left)
        assert canaries(archive).keys() == left
        archive.office.close()
        assert canaries(archive).keys() == left
        size = sum(path.stat().st_size for path in archive.folder.rglob("*") if path.is_file())
    sys.stdout.write(f"{len(gone)} of {ITEMS} items purged, {size / 1e6:.0f} MB searched\n")


def without_truncating(archive: Archive) -> None:
    archive.office.catalogue.truncate = lambda _struck_by: None


def without_removing(archive: Archive) -> None:
    index = archive.office.index
    writing = index.writing

    @contextmanager
    def lazily() -> Iterator[object]:
        with writing() as writer:
            writer.remove = lambda _items: None
            yield writer

    index.writing = lazily


def without_secure_delete(archive: Archive) -> None:
    configure = engine._configure

    def carelessly(connection: sqlite3.Connection, entry: object) -> None:
        configure(connection, entry)
        connection.execute("PRAGMA secure_delete = OFF")

    engine._configure = carelessly
    try:
        archive.reopen()
        with archive.office.catalogue.writing(), archive.office.catalogue.reading():
            pass  # both connections are made while they are made carelessly
    finally:
        engine._configure = configure


@pytest.mark.proof
@pytest.mark.parametrize(
    ("careless", "where"),
    [
        (without_truncating, "catalogue.sqlite-wal"),
        (without_secure_delete, "catalogue.sqlite"),
        (without_removing, ""),
    ],
)
def test_the_search_would_find_what_a_careless_purge_leaves(
    careless: Callable[[Archive], None], where: str
):
    with planted(600) as archive:
        gone = {n for n in range(1, 601) if lapses(n)}
        careless(archive)

        assert archive.purge().destroyed == len(gone)

        left = canaries(archive)
        assert left.keys() & gone
        names = {name for n in left.keys() & gone for name in left[n]}
        assert where in names or (not where and not any("catalogue" in name for name in names))


@pytest.mark.proof
def test_a_careful_purge_of_a_few_leaves_nothing_either():
    with planted(600) as archive:
        archive.purge()

        assert canaries(archive).keys() == {n for n in range(1, 601) if not lapses(n)}
        assert invariants.faults_of(archive) == []
