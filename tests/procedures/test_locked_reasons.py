"""Reasons that an order amends, in a store that writes once: done whole, or said where not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from archiver.procedures.item_papers import DIGITS, HELD, LOCKED, PaperStriker
from archiver.procedures.locking import lock_objects
from archiver.records.canonical import Json, read_object
from archiver.records.identity import ObjectRef, Part
from archiver.records.locking import LockChange, LockMode, LockState
from tests.archive import SUBSTANTIVE, TRANSITORY, Archive, an_archive, an_observation
from tests.procedures.test_locking import Vault, drift, lock

NAME = "qzcanaryvisitorzq"


class Called:
    """Somebody who is named by one word."""

    def named_in(self, text: str) -> bool:
        return NAME in text

    def asked_for(self, query: Json) -> bool:
        return NAME in str(query)


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(an_observation("1", SUBSTANTIVE), an_observation("2", TRANSITORY))
    yield archive
    archive.office.close()


@pytest.fixture(params=[LockMode.GOVERNANCE, LockMode.COMPLIANCE])
def vault(request, archive) -> Vault:
    return Vault(archive, request.param)


def decide(archive: Archive, series: str) -> None:
    """Say of an item which series it is of, with a reason that says the name."""
    archive.decide("1", series, reason=f"{NAME} asked for it")


def struck(archive: Archive, vault: Vault) -> list[tuple[str, str]]:
    account = archive.office.account
    striker = PaperStriker(account=account, keeper=vault, destroyer=vault, locker=vault)
    return striker.strike(Called(), frozenset())


def papers(archive: Archive, vault: Vault) -> list[ObjectRef]:
    listed = vault.owned(archive.item_id("1"))
    return [one.ref for one in listed if one.ref.part is Part.PAPER]


def locks(archive: Archive, vault: Vault) -> list[LockState]:
    return vault.lock_states([archive.item_id("1")])


def test_a_reason_that_is_retained_stays_as_it_is_and_where_is_said(archive, vault):
    """Nothing is put beside it that an interrupted run, or a lock, could leave there."""
    decide(archive, "DEMO-200")
    lock(archive, vault)
    (ref,), before, kept = papers(archive, vault), locks(archive, vault), []
    vault.keep, keep = kept.extend, vault.keep

    stays = struck(archive, vault)

    vault.keep = keep
    assert stays == [(f"{ref.slot}/{ref.digest[:DIGITS]}", LOCKED)]
    assert (papers(archive, vault), locks(archive, vault), kept) == ([ref], before, [])
    assert drift(archive, vault) == []


def test_a_reason_that_is_retained_and_flagged_keeps_its_flag(archive, vault):
    decide(archive, "DEMO-200")
    lock(archive, vault)
    (ref,) = papers(archive, vault)
    vault.change_locks([LockChange(ref=ref, version=None, flag=True)])
    before = locks(archive, vault)

    assert struck(archive, vault) == [(f"{ref.slot}/{ref.digest[:DIGITS]}", LOCKED)]

    assert locks(archive, vault) == before
    assert papers(archive, vault) == [ref]


def test_a_reason_that_is_only_flagged_is_replaced_and_the_new_one_is_locked_like_it(
    archive, vault
):
    decide(archive, "DEMO-500")
    lock(archive, vault)
    (ref,) = papers(archive, vault)

    assert struck(archive, vault) == []

    (left,) = papers(archive, vault)
    assert left != ref
    assert NAME not in str(read_object(vault.read(left)))
    assert drift(archive, vault) == []
    lock_objects(archive.office.account, vault, archive.office.schedule)
    assert drift(archive, vault) == []
    assert all(one.flagged for one in locks(archive, vault))


def test_a_hold_that_comes_while_reasons_are_struck_keeps_them(archive, vault):
    decide(archive, "DEMO-500")
    lock(archive, vault)
    (ref,) = papers(archive, vault)
    read = vault.read

    def read_then_held(one: ObjectRef) -> bytes:
        if not archive.held_by("1"):
            archive.issue_hold("1")
        return read(one)

    vault.read = read_then_held
    stays = struck(archive, vault)

    assert stays == [(f"{ref.slot}/{ref.digest[:DIGITS]}", HELD)]
    assert papers(archive, vault) == [ref]
