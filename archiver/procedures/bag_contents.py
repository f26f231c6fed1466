"""What goes into a bag: each item's own objects, byte for byte, and an index of all of them.

The objects are those the ledger entered, so that whoever receives a bag can prove them against it.
What people here said about an item in papers of their own stays here.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from archiver.bagging import BagFolder, Entry, Proof
from archiver.catalogue import bags, contents, items, pages
from archiver.catalogue.bags import BagRow
from archiver.catalogue.items import LIVE, ItemRow
from archiver.catalogue.pages import PageRow
from archiver.catalogue.volumes import KeptFile, kept_files
from archiver.ports import ObjectReader
from archiver.printing import Cell, Grid, Sheet, as_pdf, csv_lines
from archiver.procedures.account import Account
from archiver.procedures.viewing import is_restricted
from archiver.records.canonical import Json
from archiver.records.errors import ObjectMissing
from archiver.records.identity import ObjectRef, Part
from archiver.records.items import Content
from archiver.records.moments import moment, written

SLICE = 200
"""How many items are read at once."""

ITEMS, INDEX, TABLE, FINDING_AID = "items", "index.json", "index.csv", "finding-aid.pdf"

COLUMNS = (
    "file", "sha256", "what", "item", "page", "platform", "kind", "published", "author",
    "permalink", "series", "restricted",
)  # fmt: skip
_WHAT_A_VERSION_IS = (
    "A version is the record as it was captured: canonical JSON (RFC 8785) with the platform's own "
    "bytes in it. Every listed digest stands in manifest-sha256.txt."
)
_TYPES = mimetypes.MimeTypes(filenames=())
_FILE_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Enclosed:
    """One item of a bag with everything that is told of it."""

    row: ItemRow
    page: PageRow
    content: Content | None
    files: Sequence[KeptFile]

    def ref(self, file: KeptFile) -> ObjectRef:
        """Give the name of one of its objects in the store."""
        part = Part.ATTACHMENT if file.slot else Part.CONTENT
        return ObjectRef(self.row.item, part, file.digest, file.slot)

    def path(self, file: KeptFile) -> str:
        """Give where one of its objects lies in the bag."""
        own = f"{ITEMS}/{self.row.item[:2]}/{self.row.item}"
        if not file.slot:
            return f"{own}/version-{file.number:03}.json"
        ending = _TYPES.guess_extension(file.media_type) or ""
        return f"{own}/files/{file.slot}-{file.digest[:_FILE_DIGITS]}{ending}"


def enclosed(account: Account, bag_n: int) -> Iterator[Enclosed]:
    """Give every item of a bag, thread by thread, in slices."""
    after = (0, 0)
    while True:
        with account.catalogue.reading() as connection:
            rows = bags.rows_in(connection, bag_n, after=after, limit=SLICE)
            said = contents.contents_of(connection, rows)
            files = kept_files(connection, [row.n for row in rows])
            on_pages = pages.by_numbers(connection, [row.page_n for row in rows])
        if not rows:
            return
        for row in rows:
            yield Enclosed(row, on_pages[row.page_n], said.get(row.n), files[row.n])
        after = (rows[-1].thread_n, rows[-1].n)


def put_objects(account: Account, objects: ObjectReader, folder: BagFolder, one: Enclosed) -> None:
    """Put the objects of one item into the bag's *folder*; those that are there are only proven.

    Raises:
        ObjectMissing: one is not in the store, and its item is still live.
        ObjectDamaged: one is not what was kept.
    """
    for file in one.files:
        entry = Entry(one.path(file), file.digest)
        if folder.holds(entry):
            continue
        try:
            folder.put(entry.path, objects.stream(one.ref(file)))
        except ObjectMissing:
            with account.catalogue.reading() as connection:
                now = items.by_numbers(connection, [one.row.n])[one.row.n]
            if now.life == LIVE:
                raise
            return  # destroyed by an order meanwhile; it leaves the set when it is asked again


@dataclass(slots=True)
class SeriesSum:
    """What of one series goes into a bag."""

    items: int = 0
    versions: int = 0
    files: int = 0
    first: str = ""
    last: str = ""

    def add(self, one: Enclosed, day: str) -> None:
        """Count one item, published on *day*."""
        self.items += 1
        self.versions += sum(not file.slot for file in one.files)
        self.files += sum(bool(file.slot) for file in one.files)
        self.first = min(filter(None, (self.first, day)))
        self.last = max(self.last, day)

    def told(self) -> dict[str, Json]:
        """Give it as papers tell it."""
        return {
            "items": self.items,
            "versions": self.versions,
            "attachments": self.files,
            "from": self.first,
            "to": self.last,
        }


@dataclass(slots=True)
class Listed:
    """What the index of a bag lists: sums by series, and the index' own files."""

    series: dict[str, SeriesSum] = field(default_factory=dict)
    indexes: list[Entry] = field(default_factory=list)

    @property
    def items(self) -> int:
        """Give how many items there are."""
        return sum(each.items for each in self.series.values())


def write_index(account: Account, folder: BagFolder, bag: BagRow, head: dict[str, str]) -> Listed:
    """Write what lies in the bag: for machines (JSON), as a table (CSV), and to be read (PDF).

    The table lists every single file. *head* says what bag it is.
    """
    listed = Listed()
    with ExitStack() as stack:
        index = stack.enter_context(folder.putting(INDEX))
        table = stack.enter_context(folder.putting(TABLE))
        index.write(f'{{"bag": {json.dumps(head)},\n"items": ['.encode())
        table.write("".join(csv_lines(COLUMNS, [])).encode())
        for count, one in enumerate(enclosed(account, bag.n)):
            index.write((",\n" if count else "\n").encode() + _told(account, one))
            table.write(_rows(one))
            day = account.day(one.row.published_at).isoformat()
            listed.series.setdefault(one.row.series, SeriesSum()).add(one, day)
        index.write(b"\n]}\n")
    aid = as_pdf(_finding_aid(head, listed))
    with folder.putting(FINDING_AID) as file:
        file.write(aid)
    proofs = ((INDEX, index.proof), (TABLE, table.proof), (FINDING_AID, file.proof))
    listed.indexes = [_entry(name, proof) for name, proof in proofs]
    return listed


def _entry(name: str, proof: Proof) -> Entry:
    return Entry(name, proof.digest)


def payload(account: Account, bag_n: int, indexes: Sequence[Entry]) -> Iterator[Entry]:
    """Give every file of the payload, in the order in which they are listed."""
    yield from indexes
    for one in enclosed(account, bag_n):
        yield from (Entry(one.path(file), file.digest) for file in one.files)


def _told(account: Account, one: Enclosed) -> bytes:
    """Give an item as the index tells it, in ASCII, so that any text can stand there."""
    row, said = one.row, one.content
    told: dict[str, Json] = {
        "id": row.item,
        "page": one.page.name,
        "platform": one.page.platform,
        "kind": row.kind,
        "native_id": said.native_id if said else "",
        "permalink": said.permalink if said else "",
        "title": said.title if said else "",
        "author": said.author.name if said and said.author else "",
        "published": written(moment(row.published_at)),
        "published_on": account.day(row.published_at).isoformat(),
        "captured": written(moment(row.captured_at)),
        "on_platform": row.state,
        "restricted": is_restricted(row),
        "tag": row.tag,
        "series": row.series,
        "classified_by": row.basis,
        "files": [
            {
                "file": f"data/{one.path(file)}",
                "sha256": file.digest,
                "version": file.number or None,
                "media_type": file.media_type or "application/json",
            }
            for file in one.files
        ],
    }
    return json.dumps(told).encode("ascii")


def _rows(one: Enclosed) -> bytes:
    """Give the lines of the table for one item: one for each of its files."""
    row, said = one.row, one.content
    cells: list[list[Cell]] = [
        [
            f"data/{one.path(file)}",
            file.digest,
            f"version {file.number}" if file.number else "attachment",
            row.item,
            one.page.name,
            one.page.platform,
            row.kind,
            written(moment(row.published_at)),
            said.author.name if said and said.author else "",
            said.permalink if said else "",
            row.series,
            "yes" if is_restricted(row) else "no",
        ]
        for file in one.files
    ]
    lines = csv_lines(COLUMNS, cells)
    next(lines)
    return "".join(lines).encode("utf-8", "replace")


def _finding_aid(head: dict[str, str], listed: Listed) -> Sheet:
    rows = [
        (number, one.items, one.versions, one.files, one.first, one.last)
        for number, one in sorted(listed.series.items())
    ]
    columns = ("series", "items", "versions", "attachments", "from", "to")
    return Sheet(
        title=f"Finding aid of bag {head['bag']}",
        subtitle=head["source"],
        fields=[(name.replace("_", " ").capitalize(), value) for name, value in head.items()],
        paragraphs=[
            f"{TABLE} lists every file with its SHA-256; {INDEX} tells the same for machines.",
            _WHAT_A_VERSION_IS,
        ],
        tables=[Grid(title="Series", columns=columns, rows=rows)],
        footer=head["bag"],
    )
