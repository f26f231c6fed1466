"""A long import's contents are rendered by a second process, and nobody could tell."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archiver.classifiers.rules import RulesClassifier
from archiver.office.lookup import find_schedule
from archiver.office.rendering import RendererBeside
from archiver.procedures.rendering import RendererHere
from archiver.records.errors import ObjectError
from archiver.records.exchanges import Exchange, Told
from archiver.records.identity import ArchiveKey, sha256
from archiver.records.items import Attachment, Author, Content, ItemKind, Origin, RawFragment

ORIGIN = Origin(platform="town", page="pd", connector="town", connector_version="1")
EXCHANGE = Exchange(
    method="GET",
    url="https://town.test/posts",
    status=200,
    params=(("fields", "text"), ("ids", "7,8")),
    headers={"date": "Mon, 02 Mar 2026 09:00:00 GMT"},
)
PLAIN = Content(
    native_id="1",
    kind=ItemKind.COMMENT,
    text="Happy Friday from all of us!",
    raw=RawFragment("application/json", b'{"id": 1}'),
    published_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
)
FULL = Content(
    native_id="7",
    kind=ItemKind.POST,
    title="Closed",
    text="Main Street is closed; half a pair: \ud83d, and a whole one: \U0001f693",
    raw=RawFragment("application/json", Told(b'{"id": 7}', EXCHANGE)),
    published_at=datetime(2026, 3, 2, 1, tzinfo=ZoneInfo("America/Los_Angeles")),
    author=Author("42", "Pat", "pat", "https://town.test/pat"),
    parent="5",
    thread="5",
    permalink="https://town.test/7",
    edited_at=datetime(2026, 3, 3, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    attachments=(Attachment("a", "https://town.test/a.jpg", "image/jpeg", "a.jpg", "a street"),),
    links=("https://town.test/map",),
    language="en",
    marks=("cut", "asked-again"),
)
VARIED = [
    PLAIN,
    FULL,
    replace(PLAIN, text="", raw=RawFragment("image/jpeg", b"\xff\xd8")),
    replace(PLAIN, native_id="tip", text="I saw who broke into the shop, call me"),
    replace(PLAIN, author=Author(""), text="Will the 14 bus stop at the library?"),
    *(replace(PLAIN, native_id=f"kind {kind}", kind=kind) for kind in ItemKind),
]
WANTED = [(sha256(c.native_id.encode()), c.fingerprint(), c) for c in VARIED]


class Rendering(RendererHere):
    """A renderer that needs no archive."""

    def __init__(self):
        super().__init__(ArchiveKey(b"k" * 32), RulesClassifier(find_schedule("demo", Path())[0]))

    def close(self):
        """Nothing was opened."""


class Counting(Rendering):
    """A renderer that tells how much it was asked for."""

    asked = 0

    def render(self, origin, wanted):
        self.asked += len(wanted)
        return super().render(origin, wanted)


class DiesAtIts(Rendering):
    """A renderer whose process is killed by its second batch."""

    batches = 0

    def render(self, origin, wanted):
        self.batches += 1
        if self.batches == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().render(origin, wanted)


def never():
    raise AssertionError("no other process was to be started")


def test_what_is_rendered_beside_is_what_is_rendered_here_in_order():
    here = Rendering()

    with closing(RendererBeside(here, Rendering, few=0)) as beside:
        rendered = beside.render(ORIGIN, WANTED)
        again = beside.render(replace(ORIGIN, page="another"), WANTED)

    assert rendered == here.render(ORIGIN, WANTED)
    assert again == here.render(replace(ORIGIN, page="another"), WANTED)
    assert len({each.digest for each in (*rendered, *again)}) == 2 * len(WANTED)
    assert b'"exchange"' in rendered[1].data
    assert len({each.suggestion.tag for each in rendered}) > 1
    assert {each.suggestion.restricts for each in rendered} == {True, False}


def test_a_few_contents_are_rendered_without_another_process():
    here = Rendering()

    with closing(RendererBeside(here, never, few=3)) as beside:
        assert beside.render(ORIGIN, WANTED[:2]) == here.render(ORIGIN, WANTED[:2])
        assert beside.render(ORIGIN, WANTED[2:]) == here.render(ORIGIN, WANTED[2:])


def test_while_the_other_process_gets_ready_as_many_again_are_rendered_here():
    here = Counting()

    with closing(RendererBeside(here, Rendering, few=2)) as beside:
        for some in (WANTED[:2], WANTED[2:4], WANTED[4:]):
            assert beside.render(ORIGIN, some) == Rendering().render(ORIGIN, some)

    assert here.asked == 4


def test_a_process_that_was_killed_is_said_to_have_died():
    with closing(RendererBeside(Rendering(), DiesAtIts, few=0)) as beside:
        beside.render(ORIGIN, WANTED)

        for _ in range(2):
            with pytest.raises(ObjectError, match="renders beside this one has died") as refused:
                beside.render(ORIGIN, WANTED)

    assert "Import again" in refused.value.remedy
