"""Warrants: by whose word a batch was destroyed or transferred, as papers tell it.

The schedule and its adoption, the series, the steps of the approval, and what was offered and
sent to others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date

from archiver.catalogue import Reading, plans, roster
from archiver.procedures.account import Account
from archiver.procedures.in_force import binding
from archiver.procedures.papers import paper_of
from archiver.records.approval import ACCEPTS, DECLINES, OFFERS, When, step_of, steps_of
from archiver.records.canonical import Json
from archiver.records.moments import moment, written
from archiver.records.schedules import Schedule
from archiver.records.series import Series

_SENT = ("on", "entered", "by", "name", "signed_by", "document", "sha256")
"""What is told of something that went to others, or came back from them."""


def authority(account: Account, connection: Reading, schedule: Schedule | None) -> dict[str, Json]:
    """Give the schedule, and the instrument by which the agency adopted it, and who entered it."""
    if schedule is None or schedule.adoption is None:
        return {}
    adoption = schedule.adoption
    row = binding(account, connection, schedule.digest)
    names = {person.id: person.name for person in roster.everyone(connection)}
    return {
        "agency": schedule.agency,
        "division": schedule.division,
        "state": schedule.state,
        "schedule": schedule.name,
        "title": schedule.title,
        "digest": schedule.digest,
        "adoption": row.adoption if row is not None else "",
        "adoption_state": "demonstration" if schedule.demonstration else "in force",
        "entered_by": names.get(row.proposed_by, row.proposed_by) if row is not None else "",
        "confirmed_by": names.get(row.confirmed_by or "", "") if row is not None else "",
        "instrument": adoption.instrument,
        "number": adoption.number,
        "date": adoption.date.isoformat(),
        "signed_by": list[Json](adoption.signed_by),
        "demands": dict[str, Json](adoption.demands),
        "documents": dict[str, Json](adoption.documents),
    }


def series_told(schedule: Schedule | None, number: str) -> dict[str, Json]:
    """Give what papers say of the series *number*: what it is, how long kept, by whose word."""
    found = schedule.series.get(number) if schedule is not None else None
    if found is None:
        return {}
    return {
        "title": found.title,
        "falls_in": found.falls_in,
        "number_official": found.number_official,
        "category": found.category.value,
        "citation": list[Json](found.citation),
        "retention": retention(found),
        "trigger": found.trigger.value,
        "disposition": found.disposition.value,
        "approval": found.approval,
        "tombstone": found.tombstone.value,
        "verified": found.verified,
        "confidence": found.confidence.value,
        "basis": found.basis.value,
    }


def retention(series: Series) -> str:
    """Say the retention rule of *series* in a few words."""
    period, floor = series.period, series.floor
    words = [series.rule.value.replace("_", " ")]
    words += [str(period)] if period else []
    words += [f"not before {floor}"] if floor else []
    return " ".join(words)


def approvals(account: Account, connection: Reading, plan_n: int) -> list[dict[str, Json]]:
    """Give every step of a plan that was taken: who, in which role, when, by which document.

    *sha256* is the document's own, *none_under* are exclusions under which the person found
    nothing that the plan lists.

    Raises:
        LedgerDamaged: the paper of a step is missing, or not what was written.
    """
    names = {person.id: person.name for person in roster.everyone(connection)}
    found: list[dict[str, Json]] = []
    for row in plans.approvals_of(connection, plan_n):
        kind = "acceptance" if row.step == ACCEPTS else "approval"
        paper = paper_of(account, kind, row.paper)
        found.append(
            {
                "step": row.step,
                "by": row.by,
                "name": names.get(row.by, ""),
                "role": row.role,
                "entered": written(moment(row.at)),
                "on": date.fromordinal(row.on_day).isoformat(),
                "signed_by": row.signed_by,
                "document": row.document,
                "sha256": paper.get("sha256", ""),
                "none_under": paper.get("none_under", []),
                "paper": row.paper,
            }
        )
    return found


def proposer(connection: Reading, plan_n: int) -> dict[str, Json]:
    """Give who had a plan made, when, and by which chain it is approved."""
    names = {person.id: person.name for person in roster.everyone(connection)}
    row = plans.numbered(connection, plan_n)
    return {
        "by": row.by,
        "name": names.get(row.by, ""),
        "at": written(moment(row.made_at)),
        "chain": list[Json](json.loads(row.chain)),
    }


def offer(taken: Sequence[Mapping[str, Json]], chain: Sequence[str]) -> dict[str, Json]:
    """Say what another archive was offered, when, and what it answered, by the steps *taken*.

    *asked* is false where the *chain* asks for no offer.
    """
    at = {str(one["step"]): one for one in taken}
    if OFFERS not in {*chain, *at}:
        return {"asked": False}
    told: dict[str, Json] = {"asked": True, "to": step_of(OFFERS).recipient}
    for part, step in (("sent", OFFERS), ("declined", DECLINES), ("accepted", ACCEPTS)):
        told[part] = {name: at[step][name] for name in _SENT} if step in at else None
    return told


def sent(taken: Sequence[Mapping[str, Json]], chain: Sequence[str]) -> list[dict[str, Json]]:
    """Say to whom the *chain* has a certificate sent, and when that was done; None where not yet.

    Empty where the chain asks for nothing after destruction.
    """
    at = {str(one["step"]): one for one in taken}
    return [
        {
            "step": step,
            "to": step_of(step).recipient,
            "sent": {name: at[step][name] for name in _SENT} if step in at else None,
        }
        for step in steps_of(chain, When.AFTER)
    ]
