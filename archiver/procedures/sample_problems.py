"""What samples ask of people: somebody's look at what was drawn, and at what came back."""

from __future__ import annotations

from archiver.catalogue import plans, samples
from archiver.procedures.account import Account
from archiver.procedures.problems import Problem
from archiver.records.counting import count_of
from archiver.records.sampling import SampleStatus

_FOUND = (SampleStatus.STOPPED, SampleStatus.RETURNED)


def sample_problems(account: Account) -> tuple[Problem, ...]:
    """Name every sample that waits for a person, and every stopped plan not yet reviewed."""
    found: list[Problem] = []
    with account.catalogue.reading() as connection:
        for row, name in samples.of_status(connection, SampleStatus.OPEN):
            if plans.numbered(connection, row.plan_n).status != "proposed":
                continue
            judged = len(samples.judgements_of(connection, row.plan_n))
            found.append(
                Problem(
                    subject=f"sample of {name}",
                    what=f"{name}: a person must look at {row.size} of its "
                    f"{count_of(row.population, 'item')} that nobody has tried; judged so far: "
                    f"{judged}, and nothing of it goes",
                    remedy=f"`archiver dispositions sample show {name}` lists them.",
                )
            )
        for row, name in samples.of_status(connection, *_FOUND):
            if waiting := samples.queued_of(connection, row.plan_n):
                found.append(
                    Problem(
                        subject=f"stopped {name}",
                        what=f"{name} was stopped: its sample held a record; {waiting} of its "
                        "items wait in review",
                        remedy="`archiver review list` shows them; mend the rule that took them.",
                    )
                )
    return tuple(found)
