"""What is closed to who asks: asked of the catalogue, however much it is, and never held."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, select

from archiver.catalogue import contents, tables
from archiver.catalogue.unasked import Unasked, stands
from archiver.index.memory import MemoryIndex
from archiver.language.documents import Hits, document
from archiver.language.tree import Everything, Query
from archiver.procedures import finding
from archiver.procedures.viewing import closed_to
from archiver.records.orders import Effect
from archiver.records.people import Role
from tests.archive import Archive, a_colleague, an_archive, an_observation
from tests.procedures.court import an_order_text, confirmed

MANY = 40_000


@pytest.fixture
def archive(tmp_path):
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(
        an_observation("open", "the road is closed"),
        an_observation("draft", "the road is closed", restricted=True),
        an_observation("sealed", "the road is closed"),
    )
    chief = a_colleague(archive, Role.CHIEF, name="chief")
    confirmed(archive, chief, an_order_text(tmp_path), Effect.SEAL, "sealed")
    yield archive
    archive.office.close()


def ids(archive: Archive, *names: str) -> set[str]:
    return {archive.item_id(name) for name in names}


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.CLERK, {"draft", "sealed"}),
        (Role.RECORDS_OFFICER, {"sealed"}),
    ],
)
@pytest.mark.parametrize("waiting", [0, 1, 3])
def test_all_that_is_closed_is_told_once_and_counted_and_found_among_rows(
    archive, role, names, waiting
):
    with archive.office.catalogue.writing() as desk:
        stands(desk.connection, Unasked(upto=waiting))
    if role is Role.CLERK and waiting:
        names = names | {"open"}
    rows = [archive.item(name) for name in ("open", "draft", "sealed")]

    closed = closed_to(archive.office.account, a_colleague(archive, role))

    assert closed is not None
    assert sorted(closed) == sorted(ids(archive, *names))
    assert len(closed) == len(names)
    with archive.office.catalogue.reading() as connection:
        seen = {row.item for row in closed.open_ones(connection, rows)}
    assert seen == ids(archive, "open", "draft", "sealed") - ids(archive, *names)


def test_nothing_is_closed_to_counsel(archive):
    assert closed_to(archive.office.account, a_colleague(archive, Role.COUNSEL)) is None


class Overtaken(MemoryIndex):
    """An index that is overtaken by a deed between its answer and the reading of it."""

    def __init__(self, deed: Callable[[], object]) -> None:
        super().__init__()
        self.deed = deed

    def search(self, query: Query, **how: Any) -> Hits:
        hits = super().search(query, **how)
        self.deed()
        return hits


def test_what_is_closed_while_the_index_answers_is_neither_shown_nor_counted(archive):
    office, clerk = archive.office, a_colleague(archive, Role.CLERK)
    closing = an_observation("open", "the road is closed", restricted=True)
    index = Overtaken(lambda: archive.capture(closing))
    with archive.office.catalogue.reading() as connection:
        rows = [archive.item(name) for name in ("open", "draft")]
        texts = contents.contents_of(connection, rows)
    with index.writing() as writer:
        writer.add([document(texts[r.n], item=r.item, page="", platform="") for r in rows])

    answer = finding.search(
        office.catalogue,
        index,
        Everything(),
        limit=9,
        without=closed_to(office.account, clerk),
        now=archive.clock(),
    )

    assert (answer.total, answer.items) == (0, ())


def test_of_many_that_are_closed_none_stays_in_memory(archive):
    catalogue, clerk = archive.office.catalogue, a_colleague(archive, Role.CLERK)
    with catalogue.writing_raw() as connection:
        like = select(tables.items).where(tables.items.c.n == archive.item("draft").n)
        draft = dict(connection.execute(like).one()._mapping)
        for start in range(0, MANY, 10_000):
            more = range(start, start + 10_000)
            rows = [draft | {"n": 1_000 + n, "item": f"{n:064x}"} for n in more]
            connection.execute(insert(tables.items), rows)

    tracemalloc.start()
    try:
        closed = closed_to(archive.office.account, clerk) or ()
        assert len(closed) == sum(1 for _ in closed) == MANY + 2
        assert archive.office.index.search(Everything(), limit=9, without=closed).total == 1
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < MANY * 64
