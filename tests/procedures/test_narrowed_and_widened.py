"""A hold narrowed, then widened: nothing falls out that a scope in force names."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.catalogue import holds as rows
from archiver.procedures import evaluating, hold, lifting
from archiver.records.holds import Scope
from archiver.records.matters import MatterKind, NewMatter
from archiver.records.moments import micros
from tests.archive import FOUNDED_AT, LETTER, Archive, an_archive, an_observation

AUTHORS = ("ann", "bob", "cem")
DAYS = (0, 1, 2)
ITEMS = {f"{author}{day}": (author, day) for author in AUTHORS for day in DAYS}
"""Nine posts: each of three authors on each of three days."""

authors = st.frozensets(st.sampled_from(AUTHORS))
named = st.frozensets(st.sampled_from(sorted(ITEMS)), max_size=3)
ends = st.sampled_from([None, *DAYS])
wanted = st.tuples(named, authors, ends, ends).filter(any)


def scope_of(archive: Archive, said) -> Scope:
    items, by, first, last = said
    key, platform = archive.office.keys.archive, archive.page.platform
    return Scope(
        items=frozenset(archive.item_id(name) for name in items),
        authors=frozenset(key.author(platform, author) for author in by),
        published_from=None if first is None else micros(FOUNDED_AT + timedelta(days=first)),
        published_to=None if last is None else micros(FOUNDED_AT + timedelta(days=last, hours=1)),
    )


def names(said) -> set[str]:
    """Say which posts a scope names, in the words of a person; nothing here is asked of ours."""
    items, by, first, last = said
    return {
        name
        for name, (author, day) in ITEMS.items()
        if name in items
        or (
            any((by, first is not None, last is not None))
            and (not by or author in by)
            and (first is None or first <= day)
            and (last is None or day <= last)
        )
    }


def covered(archive: Archive, hold_id: str) -> set[str]:
    return {name for name in ITEMS if hold_id in archive.held_by(name)}


@given(first=wanted, narrower=wanted, wider=wanted)
@settings(max_examples=12, suppress_health_check=[*HealthCheck])
def test_whatever_the_wider_scope_names_is_held_and_evaluating_again_only_adds(
    first, narrower, wider
):
    with tempfile.TemporaryDirectory() as folder:
        archive = an_archive(Path(folder), index="memory:")
        account = archive.office.account
        archive.capture(
            *(
                an_observation(name, author=author, at=FOUNDED_AT + timedelta(days=day))
                for name, (author, day) in ITEMS.items()
            )
        )
        hold.issue(
            account,
            archive.person,
            matter=NewMatter(name="Doe", kind=MatterKind.CLAIM),
            reason="claim",
            scope=scope_of(archive, first),
        )
        assert covered(archive, "H-0001") == names(first)
        _narrow(archive, scope_of(archive, narrower))
        assert covered(archive, "H-0001") == names(first) & names(narrower)

        hold.widen(account, archive.person, "H-0001", reason="more", scope=scope_of(archive, wider))

        before = {name: set(archive.held_by(name)) for name in ITEMS}
        assert {name for name, held in before.items() if held} == (
            names(first) & names(narrower)
        ) | names(wider)
        with account.catalogue.reading() as connection:
            every = rows.binding(connection)
        for row in every:
            evaluating.evaluate(account, row, None)
        assert all(before[name] <= set(archive.held_by(name)) for name in ITEMS)
        archive.office.close()


def _narrow(archive: Archive, scope: Scope) -> None:
    lifting.narrow(
        archive.office.account,
        archive.office.sign_in(),
        "H-0001",
        reason="only this",
        authority=LETTER,
        scope=scope,
        cool_down_days=0,
    )
