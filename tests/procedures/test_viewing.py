"""Viewing: who may not see a restricted item is told that there is one; who may, is entered."""

from __future__ import annotations

import json

import pytest

from archiver.catalogue import ledger
from archiver.procedures import finding
from archiver.procedures.viewing import demand_reader, view, view_one
from archiver.records.errors import NotPermitted
from archiver.records.items import ItemKind
from archiver.records.people import Role
from tests.archive import a_colleague, an_archive, an_observation


@pytest.fixture
def archive(tmp_path):
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(
        an_observation("open", "the road is closed"),
        an_observation("draft", "the road is closed", restricted=True),
        an_observation("message", "the road is closed", kind=ItemKind.MESSAGE),
    )
    return archive


def found(archive, *native_ids: str) -> list[finding.Found]:
    return finding.by_ids(archive.office.catalogue, [archive.item_id(n) for n in native_ids])


def entered(archive, kind: str) -> list[dict]:
    with archive.office.catalogue.reading() as connection:
        size = ledger.head(connection).size
        leaves = [json.loads(data) for data in ledger.raw_entries(connection, 0, size)]
    return [leaf for leaf in leaves if leaf["k"] == kind]


def test_who_may_not_see_restricted_items_is_told_how_many_there_were(archive):
    clerk = a_colleague(archive, Role.CLERK)

    viewed = view(
        archive.office.account, clerk, found(archive, "open", "draft", "message"), where="search"
    )

    assert [one.row.item for one in viewed.items] == [archive.item_id("open")]
    assert viewed.not_shown == 2
    assert entered(archive, "item.viewed") == []


def test_each_restricted_item_somebody_sees_is_entered_and_no_other(archive):
    counsel = a_colleague(archive, Role.COUNSEL)

    viewed = view(
        archive.office.account, counsel, found(archive, "open", "draft", "message"), where="search"
    )

    entries = entered(archive, "item.viewed")
    assert (len(viewed.items), viewed.not_shown) == (3, 0)
    assert [(leaf["s"], leaf["by"], leaf["d"]) for leaf in entries] == [
        (archive.item_id(n), counsel.id, {"in": "search"}) for n in ("draft", "message")
    ]


def test_a_list_without_restricted_items_leaves_no_entry(archive):
    before = len(entered(archive, "item.viewed"))

    view(archive.office.account, archive.person, found(archive, "open"), where="thread")
    view_one(archive.office.account, archive.person, found(archive, "open")[0])

    assert len(entered(archive, "item.viewed")) == before


def test_one_restricted_item_is_refused_by_name_or_entered(archive):
    clerk = a_colleague(archive, Role.CLERK)
    account, (item,) = archive.office.account, found(archive, "draft")

    with pytest.raises(NotPermitted, match="may not read restricted"):
        view_one(account, clerk, item)
    view_one(account, archive.person, item)

    assert [leaf["d"]["r"] for leaf in entered(archive, "attempt.refused")] == ["read_restricted"]
    assert [leaf["s"] for leaf in entered(archive, "item.viewed")] == [item.row.item]


def test_an_administrator_sees_no_content(archive):
    keeper = a_colleague(archive, Role.ADMINISTRATOR)

    with pytest.raises(NotPermitted, match="may not read"):
        demand_reader(archive.office.account, keeper)
    assert [leaf["by"] for leaf in entered(archive, "attempt.refused")] == [keeper.id]


@pytest.mark.parametrize("role", [Role.CLERK, Role.AUDITOR, Role.DEPARTMENT_HEAD, Role.COUNSEL])
def test_who_may_read_reads(archive, role):
    demand_reader(archive.office.account, a_colleague(archive, role))
