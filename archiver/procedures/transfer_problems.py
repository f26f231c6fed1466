"""What transfers and offers ask of people, until it is done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from archiver.catalogue import Reading, bags, plans
from archiver.procedures.account import Account
from archiver.procedures.problems import Problem
from archiver.records.approval import DECLINES, OFFERS, When, steps_of
from archiver.records.counting import count_of
from archiver.records.transfers import BagStatus

PATIENCE = timedelta(days=14)
"""How long another archive may take to answer before somebody should ask it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something that waits for somebody, since so many *days*."""

    problem: Problem
    days: int

    @property
    def is_late(self) -> bool:
        """Say whether it needs a hand by now."""
        return timedelta(days=self.days) >= PATIENCE


def waiting(account: Account) -> list[Waiting]:
    """Name every bag, offer and certificate that waits, with the days it has waited."""
    with account.catalogue.reading() as connection:
        return [*_bags(account, connection), *_plans(account, connection)]


def _since(account: Account, at: int) -> int:
    return (account.today() - account.day(at)).days


def _bags(account: Account, connection: Reading) -> Iterator[Waiting]:
    for row in bags.every(connection):
        plan = plans.numbered(connection, row.plan_n)
        if row.status == BagStatus.BAGGED and row.bagged_at is not None:
            days = _since(account, row.bagged_at)
            yield _waiting(
                f"receipt of {row.bag}",
                f"{row.bag} of {plan.plan} waits {count_of(days, 'day')} for its receipt",
                f"Ask whom it was handed to, then say `archiver dispositions receipt {plan.plan} "
                "--document FILE`; until then nothing follows.",
                days,
            )
        elif row.status == BagStatus.BEGUN and plan.status in {"proposed", "accepted"}:
            days = _since(account, row.begun_at)
            yield _waiting(
                f"bag {row.bag}",
                f"{row.bag} of {plan.plan}, begun {count_of(days, 'day')} ago, is not written",
                f"Say `archiver dispositions transfer {plan.plan}` again, with the same folder.",
                days,
            )


def _plans(account: Account, connection: Reading) -> Iterator[Waiting]:
    for plan in plans.attended_of(connection, ("proposed", "carried_out")):
        chain = json.loads(plan.chain)
        at = {one.step: one.at for one in plans.approvals_of(connection, plan.n)}
        if plan.status == "proposed" and OFFERS in at and DECLINES in chain and DECLINES not in at:
            days = _since(account, at[OFFERS])
            yield _waiting(
                f"offer of {plan.plan}",
                f"the offer of {plan.plan} waits {count_of(days, 'day')} for its answer",
                f"Enter it: `archiver dispositions approve {plan.plan} --step {DECLINES}`, or "
                f"`archiver dispositions accept {plan.plan}`, each with the document.",
                days,
            )
        done = plan.status == "carried_out" and bags.of_plan(connection, plan.n) is None
        for step in steps_of(chain, When.AFTER) if done else ():
            if step not in at:
                days = (account.today() - account.day(plan.made_at)).days
                yield _waiting(
                    f"{step} of {plan.plan}",
                    f"{plan.plan} is carried out, and its step {step} was not taken",
                    f"Send it, then say `archiver dispositions approve {plan.plan} --step {step}`.",
                    days,
                )


def _waiting(subject: str, what: str, remedy: str, days: int) -> Waiting:
    return Waiting(problem=Problem(subject=subject, what=what, remedy=remedy), days=days)


def late(found: list[Waiting]) -> tuple[Problem, ...]:
    """Give what needs a hand by now."""
    return tuple(one.problem for one in found if one.is_late)


def notes(found: list[Waiting]) -> tuple[str, ...]:
    """Say what waits, and has not waited long."""
    return tuple(one.problem.what for one in found if not one.is_late)
