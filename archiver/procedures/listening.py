"""How listening stands: its sign of life, and what of it needs a hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from archiver.procedures.problems import Problem
from archiver.procedures.standing import Standing
from archiver.procedures.streams import StreamSign
from archiver.records.canonical import Json
from archiver.records.moments import moment, written

LISTENER = "listener"
"""The lock of the one process that listens, and the name of its sign of life."""

SILENT = timedelta(minutes=5)
"""How old the sign of life of a listener that did not say goodbye may be."""

LATE = timedelta(hours=1)
"""How long a delivery may wait to be worked off: longer than a night's visit to a page, as a rule.
"""

BROKEN = timedelta(hours=1)
"""How long a stream may not be followed before somebody is to see why."""

QUIET = timedelta(days=7)
"""How long nothing may come over a stream before it is doubted that anything would."""


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """What a listener says of itself: since when it listens (µs UTC), and what it took.

    *unsubscribed* counts the pages of which the platform was asked to deliver, and would not.
    *streams* says how each stream stands that it follows.
    """

    since: int
    kept: int = 0
    refused: int = 0
    stopped: bool = False
    unsubscribed: int = 0
    streams: tuple[StreamSign, ...] = ()

    def counting(self, *, kept: bool, refused: bool) -> SignOfLife:
        """Give the sign with one delivery more."""
        return replace(self, kept=self.kept + kept, refused=self.refused + refused)

    def ended(self) -> SignOfLife:
        """Give the sign of a listener that says goodbye."""
        return replace(self, stopped=True)

    def written(self) -> str:
        """Give the sign as the text that is kept."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> SignOfLife:
        """Read what `written` gave, now or before streams were followed: then it is a list."""
        told = json.loads(text)
        if isinstance(told, list):
            return cls(*told)
        streams = tuple(StreamSign(**one) for one in told.pop("streams"))
        return cls(**told, streams=streams)


def sign_of(standing: Standing) -> SignOfLife | None:
    """Give what the last listener said of itself; None where none ever listened."""
    beat = standing.beats.get(LISTENER)
    return SignOfLife.read(beat.detail) if beat is not None else None


def listening_problems(standing: Standing) -> Iterator[Problem]:
    """Name a listener that fell silent, deliveries that nobody works off, streams that broke."""
    yield from _streams_broken(standing)
    beat, sign = standing.beats.get(LISTENER), sign_of(standing)
    if beat is not None and sign is not None and not sign.stopped:
        silent = standing.now - moment(beat.at)
        if silent > SILENT:
            yield Problem(
                subject="listener",
                what=f"nobody listens since {_at(beat.at, standing)}, and none said goodbye",
                remedy="Start `archiver listen` again; the nightly walk makes good what was lost.",
            )
    waiting = standing.deliveries
    if waiting.since is not None and standing.now - moment(waiting.since) > LATE:
        since = _at(waiting.since, standing)
        yield Problem(
            subject="deliveries",
            what=f"{waiting.count} deliveries wait to be worked off since {since}",
            remedy="Run `archiver listen --once`: it works them off, or says why it cannot.",
        )


def _streams_broken(standing: Standing) -> Iterator[Problem]:
    """Name each stream that the listener has been trying to follow for too long."""
    for sign in _followed(standing):
        if sign.since is not None or sign.broken_since is None:
            continue
        if standing.now - moment(sign.broken_since) > BROKEN:
            yield Problem(
                subject=f"stream of {sign.name}",
                what=f"the stream of {sign.name} is not followed since "
                f"{_at(sign.broken_since, standing)}",
                remedy="See what it says; the nightly walk makes good what was not sent meanwhile.",
                detail=sign.why,
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
    for stream in sign.streams:
        last = stream.last_at or stream.followed_first
        if stream.since is not None and standing.now - moment(last) > QUIET:
            yield Problem(
                subject=f"silence of {stream.name}",
                what=f"nothing came over the stream of {stream.name} since {_at(last, standing)}",
                remedy="If visits found something new there meanwhile, see docs/listening.md.",
            )


def listening_notes(standing: Standing) -> Iterator[str]:
    """Say since when somebody listens, and what came."""
    sign = sign_of(standing)
    if sign is not None and not sign.stopped:
        yield (
            f"listening since {_at(sign.since, standing)}: {sign.kept} deliveries taken, "
            f"{sign.refused} refused for their signature, {standing.deliveries.count} waiting"
        )
    for stream in _followed(standing):
        held = "not followed" if stream.since is None else f"since {_at(stream.since, standing)}"
        yield f"stream of {stream.name}: {held}, {stream.frames} frames kept"


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
        "streams": [_told_stream(stream) for stream in _followed(standing)],
    }


def _followed(standing: Standing) -> tuple[StreamSign, ...]:
    """Give how each stream stands; none where nobody listens, which is said by itself."""
    sign = sign_of(standing)
    return () if sign is None or sign.stopped else sign.streams


def _told_stream(sign: StreamSign) -> dict[str, Json]:
    told = {"since": sign.since, "broken_since": sign.broken_since, "last_frame": sign.last_at}
    moments = {name: None if at is None else written(moment(at)) for name, at in told.items()}
    return {"page": sign.name, "frames": sign.frames, "why": sign.why, **moments}


def _at(micros: int, standing: Standing) -> str:
    return f"{moment(micros).astimezone(standing.zone):%Y-%m-%d %H:%M}"
