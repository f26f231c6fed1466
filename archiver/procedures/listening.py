"""How listening stands: its sign of life, and what of it needs a hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from archiver.procedures.problems import Problem
from archiver.procedures.standing import Standing
from archiver.records.canonical import Json
from archiver.records.moments import moment, written

LISTENER = "listener"
"""The lock of the one process that listens, and the name of its sign of life."""

SILENT = timedelta(minutes=5)
"""How old the sign of life of a listener that did not say goodbye may be."""

LATE = timedelta(hours=1)
"""How long a delivery may wait to be worked off: longer than a night's visit to a page, as a rule.
"""


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """What a listener says of itself: since when it listens (µs UTC), and what it took.

    *unsubscribed* counts the pages of which the platform was asked to deliver, and would not.
    """

    since: int
    kept: int = 0
    refused: int = 0
    stopped: bool = False
    unsubscribed: int = 0

    def counting(self, *, kept: bool, refused: bool) -> SignOfLife:
        """Give the sign with one delivery more."""
        return replace(self, kept=self.kept + kept, refused=self.refused + refused)

    def ended(self) -> SignOfLife:
        """Give the sign of a listener that says goodbye."""
        return replace(self, stopped=True)

    def written(self) -> str:
        """Give the sign as the text that is kept."""
        told = [self.since, self.kept, self.refused, self.stopped, self.unsubscribed]
        return json.dumps(told)

    @classmethod
    def read(cls, text: str) -> SignOfLife:
        """Read what `written` gave."""
        return cls(*json.loads(text))


def sign_of(standing: Standing) -> SignOfLife | None:
    """Give what the last listener said of itself; None where none ever listened."""
    beat = standing.beats.get(LISTENER)
    return SignOfLife.read(beat.detail) if beat is not None else None


def listening_problems(standing: Standing) -> Iterator[Problem]:
    """Name a listener that fell silent, and deliveries that nobody works off."""
    beat, sign = standing.beats.get(LISTENER), sign_of(standing)
    if beat is not None and sign is not None and not sign.stopped:
        silent = standing.now - moment(beat.at)
        if silent > SILENT:
            at = moment(beat.at).astimezone(standing.zone)
            yield Problem(
                subject="listener",
                what=f"nobody listens since {at:%Y-%m-%d %H:%M}, and none said goodbye",
                remedy="Start `archiver listen` again; the nightly walk makes good what was lost.",
            )
    waiting = standing.deliveries
    if waiting.since is not None and standing.now - moment(waiting.since) > LATE:
        at = moment(waiting.since).astimezone(standing.zone)
        yield Problem(
            subject="deliveries",
            what=f"{waiting.count} deliveries wait to be worked off since {at:%Y-%m-%d %H:%M}",
            remedy="Run `archiver listen --once`: it works them off, or says why it cannot.",
        )


def listening_warnings(standing: Standing) -> Iterator[Problem]:
    """Warn where everything that came was refused, or nothing will come."""
    sign = sign_of(standing)
    if sign is None or sign.stopped:
        return
    if sign.unsubscribed:
        yield Problem(
            subject="subscriptions",
            what=f"{sign.unsubscribed} pages could not be subscribed to",
            remedy="`archiver listen` says why, and tries again each day; visits go on.",
        )
    if sign.refused and not sign.kept:
        yield Problem(
            subject="signatures",
            what=f"all {sign.refused} deliveries that came were refused: none bore our signature",
            remedy="See that signing_env or signing_file of each page holds the platform's secret.",
        )


def listening_notes(standing: Standing) -> Iterator[str]:
    """Say since when somebody listens, and what came."""
    sign = sign_of(standing)
    if sign is not None and not sign.stopped:
        since = moment(sign.since).astimezone(standing.zone)
        yield (
            f"listening since {since:%Y-%m-%d %H:%M}: {sign.kept} deliveries taken, "
            f"{sign.refused} refused for their signature, {standing.deliveries.count} waiting"
        )


def listening_told(standing: Standing) -> dict[str, Json]:
    """Give how listening stands as data; `since` is None where nobody listens."""
    sign, waiting = sign_of(standing), standing.deliveries
    listens = sign is not None and not sign.stopped
    oldest = waiting.since
    return {
        "since": written(moment(sign.since)) if sign is not None and listens else None,
        "taken": sign.kept if sign is not None else 0,
        "refused": sign.refused if sign is not None else 0,
        "waiting": waiting.count,
        "waiting_since": None if oldest is None else written(moment(oldest)),
    }
