"""Composing the row of an item from what a batch says of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from archiver.catalogue.items import LIVE, ItemRow
from archiver.procedures.drafting import GONE, OWN_KINDS, Draft, NewVersion, classified
from archiver.procedures.ladder import next_rung
from archiver.records.canonical import Json
from archiver.records.captures import PlatformState
from archiver.records.classification import RANK, Basis, Suggestion, Tag
from archiver.records.making import quickly
from archiver.records.moments import micros
from archiver.records.restrictions import restricted_by, unordered

_a_row = quickly(ItemRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When and under which schedule rows are composed: µs UTC, and the agency's day."""

    at: int
    today: date
    schedule: str
    rechecks: bool


def new_row(
    draft: Draft,
    *,
    n: int,
    page_n: int,
    thread_n: int,
    when: Moment,
) -> ItemRow:
    """Give the row of an item not seen before (not sealed yet)."""
    current, state = _shown(draft), draft.state or PlatformState.PRESENT
    restricted = restricted_by("", *draft.restrictions)
    doubtful = state in GONE or bool(restricted) or len(draft.versions) > 1
    kind, said = current.content.kind.value, current.rendered.suggestion
    verdict = classified(said, None, kind=kind, schedule=when.schedule, doubtful=doubtful)
    rung = next_rung(when.today, when.today) if when.rechecks else None
    return _a_row(
        n=n,
        item=draft.item,
        page_n=page_n,
        thread_n=thread_n,
        kind=kind,
        author=current.rendered.author,
        own=current.content.kind in OWN_KINDS,
        restricted=restricted,
        published_at=micros(current.content.published_at),
        captured_at=when.at,
        version=_place(draft),
        fingerprint=current.fingerprint,
        state=state.value,
        state_at=when.at,
        actor=draft.actor.value,
        removed_at=when.at if state in GONE else None,
        value_ended_at=None,
        **verdict._asdict(),
        cooling_until=None,
        recheck_on=rung.toordinal() if rung else None,
        life=LIVE,
        batch_n=None,
    )


def _shown(draft: Draft) -> NewVersion:
    """Give the version a new item shows; without one there is nothing to enter."""
    if draft.current is None:
        raise ValueError(f"{draft.item[:12]}: a new item needs a version")
    return draft.current


def changed_row(draft: Draft, row: ItemRow, *, highest: int, when: Moment) -> ItemRow:
    """Give *row* as the draft changes it (not sealed yet); the same row where nothing does.

    *highest* is the number of the newest version there is.
    """
    after = _restated(draft, row, when)
    current = draft.current
    if current is not None:
        after = replace(
            after,
            fingerprint=current.fingerprint,
            version=highest + _place(draft),
        )
    after = replace(after, restricted=restricted_by(row.restricted, *draft.restrictions))
    if after == row and not draft.versions:
        return row
    # O2: edited after publication, hidden, removed or restricted: a person looks at it. An older
    # version that comes to light says just as much that the item was edited.
    doubtful = bool(draft.versions) or _doubtful(row, after)
    doubted = current.rendered.suggestion if current is not None else _as_suggested(row)
    verdict = classified(doubted, row, kind=row.kind, schedule=when.schedule, doubtful=doubtful)
    return replace(after, **verdict._asdict())


def _place(draft: Draft) -> int:
    """Give the place of the current version among the new ones, from 1; a text may come twice."""
    return max(n for n, version in enumerate(draft.versions, 1) if version is draft.current)


def _restated(draft: Draft, row: ItemRow, when: Moment) -> ItemRow:
    state = draft.state
    if state is None or state.value == row.state:
        return row
    removed_at = row.removed_at if row.removed_at is not None else when.at
    return replace(
        row,
        state=state.value,
        state_at=when.at,
        actor=draft.actor.value,
        removed_at=removed_at if state in GONE else row.removed_at,
    )


def _doubtful(row: ItemRow, after: ItemRow) -> bool:
    return (
        after.fingerprint != row.fingerprint
        or bool(after.restricted)
        or PlatformState(after.state) in GONE
    )


def _as_suggested(row: ItemRow) -> Suggestion:
    """Give what a rule said of a row before, so that it can be doubted again."""
    return Suggestion(
        tag=Tag(row.tag),
        series=row.series,
        rule=row.rule.removeprefix("O2/"),
        confidence=row.confidence / 1000,
        queue=row.queued,
        basis=min(Basis(row.basis), Basis.RULE, key=RANK.__getitem__),
    )


def settled(row: ItemRow) -> dict[str, Json]:
    """Give what a rebuild could not find out again, for the entry: what counts for the item now.

    What a court closed its order tells.
    """
    told: dict[str, Json] = {
        "k": [row.tag, row.series, row.basis, row.rule, row.confidence, row.queued],
        "s": row.schedule,
    }
    if row.restricted and (restricted := unordered(row.restricted)):
        told["r"] = restricted
    return told
