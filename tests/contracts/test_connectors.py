"""The contract of connectors, run on every connector that visits a platform over the network.

How a new connector joins:

1. Write a subclass of `tests.connectors.platforms.Platform` in `tests/connectors/NAME_platform.py`:
   `respond` answers requests as that kind of platform does, in slices of `slice_size`; `page`
   gives the page to visit, with `SECRET` as its token where it takes one; `connector`,
   `shows_comments` and `announces_removals` say what is to be expected of it.
   The base keeps posts and comments, serves their pictures and plays the faults.
2. Enter it in `tests/connectors/registry.py` under the connector's entry-point name.
3. Run `pytest tests/contracts/test_connectors.py -k NAME`.

What is held against every one of them: all items are seen, each in one version per wording;
nothing is lost unless a gap names it; nothing is invented, and no failure is read as a removal.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

from archiver.ports import Connector, Source
from archiver.records.captures import (
    Cursor,
    Gap,
    GapReason,
    Known,
    Listed,
    Observation,
    PlatformState,
    Seen,
    Sighting,
    Window,
)
from archiver.records.errors import ConfigInvalid, ConnectorError
from archiver.records.identity import sha256
from archiver.records.items import OF_MODERATION, Content, ItemKind
from archiver.records.pages import Setting
from tests.connectors.noticeboard_platform import PAGE
from tests.connectors.platforms import (
    FAILED_WITHIN,
    FIRST_MOMENT,
    FORBIDDEN,
    LOGIN_PAGE,
    PASSING,
    PICTURE,
    SECRET,
    UNAUTHORIZED,
    Fault,
    PatientClock,
    Platform,
    fetching,
    patient_pace,
)
from tests.connectors.registry import EXAMPLES, PLATFORMS, SET_UP_OTHERWISE

LOOK_BACK = timedelta(days=14)
YOUNG = timedelta(days=14)
GONE = {PlatformState.NOT_VISIBLE, PlatformState.REPORTED_REMOVED, PlatformState.HIDDEN}
_APART = OF_MODERATION | {ItemKind.PROFILE}
LASTING = (LOGIN_PAGE, UNAUTHORIZED, FORBIDDEN)
BROKEN = (FAILED_WITHIN, *LASTING)
PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


@dataclass
class Visit:
    """What one visit yielded, and the error it ended with, if it did."""

    seen: list[Seen] = field(default_factory=list)
    error: ConnectorError | None = None

    @property
    def items(self) -> list[Observation]:
        """Give what was published; profile, lists and log of moderation stand apart."""
        found = [seen for seen in self.seen if isinstance(seen, Observation)]
        return [item for item in found if item.content.kind not in _APART]

    @property
    def texts(self) -> set[str]:
        return {item.content.text for item in self.items}

    @property
    def gaps(self) -> list[Gap]:
        return [seen for seen in self.seen if isinstance(seen, Gap)]

    @property
    def removals(self) -> list[Sighting]:
        found = [seen for seen in self.seen if isinstance(seen, Sighting)]
        return [sighting for sighting in found if sighting.state in GONE]

    @property
    def cursor(self) -> str | None:
        found = [seen.value for seen in self.seen if isinstance(seen, Cursor)]
        return found[-1] if found else None


class Nights:
    """Visits a platform as the archive would: from the cursor, with a look-back, then again."""

    def __init__(self, platform: Platform, spool: Path) -> None:
        self.platform = platform
        self.spool = spool
        self.cursor: str | None = None
        self.visited = False
        self.last: datetime | None = None
        self.versions: dict[str, set[str]] = {}
        self.wordings: dict[str, str] = {}
        self.known: dict[str, Known] = {}
        self.contents: dict[str, Content] = {}

    def open(self) -> Source:
        settings = fetching(self.spool, ca_file=self.platform.ca_file)
        return self.platform.connector.open(self.platform.page(), settings)

    def visit(self, *, full: bool = False, look_back: timedelta = LOOK_BACK) -> Visit:
        since = self.platform.now - look_back if self.visited else None
        visit = self._collect(Window(since=since, cursor=self.cursor, full=full))
        self._take_in(visit)
        self.visited = True
        return visit

    def _take_in(self, visit: Visit) -> None:
        for item in visit.items:
            content = item.content
            self.contents[content.native_id] = content
            self.versions.setdefault(content.native_id, set()).add(content.fingerprint())
            if item.current:
                self.wordings[content.native_id] = content.text
            self.known[content.native_id] = Known(
                native_id=content.native_id,
                kind=content.kind.value,
                parent=content.parent,
                thread=content.thread,
                permalink=content.permalink,
                state=item.state,
            )
        self.cursor = visit.cursor or self.cursor
        self.last = self.platform.now

    def look(self) -> Visit:
        """Visit lightly, as through the day; only what is current is taken in."""
        young = self.platform.now - YOUNG
        visit = self._collect(Window(since=self.last, cursor=self.cursor, young=young))
        self._take_in(visit)
        return visit

    def recheck(self, native_ids: Sequence[str]) -> Visit:
        source = self.open()
        visit = Visit()
        try:
            visit.seen.extend(source.recheck([self.known[native_id] for native_id in native_ids]))
        finally:
            source.close()
        return visit

    def named(self, text: str) -> str:
        """Give the native id of the item that says *text*."""
        (found,) = [native_id for native_id, said in self.wordings.items() if said == text]
        return found

    def _collect(self, window: Window) -> Visit:
        source = self.open()
        visit = Visit()
        try:
            for seen in source.visit(window):
                visit.seen.append(seen)
        except ConnectorError as error:
            visit.error = error
        finally:
            source.close()
        return visit


EVERY_PLATFORM = PLATFORMS | EXAMPLES | SET_UP_OTHERWISE
ASKED = [*sorted(PLATFORMS | EXAMPLES)] + [
    pytest.param(name, marks=pytest.mark.proof) for name in sorted(SET_UP_OTHERWISE)
]


@pytest.fixture(params=ASKED)
def platform(request) -> Iterator[Platform]:
    with EVERY_PLATFORM[request.param]() as served:
        yield served


@pytest.fixture(autouse=True)
def clock() -> Iterator[PatientClock]:
    with patient_pace() as patient:
        yield patient


@pytest.fixture
def nights(platform, tmp_path) -> Nights:
    return Nights(platform, tmp_path)


def a_busy_page(platform: Platform, *, posts: int = 10) -> None:
    """Fill more than three slices, with a thread of comments under the third post."""
    for number in range(1, posts + 1):
        platform.publish(f"Notice number {number}")
    first = platform.comment(3, "Is the road open again")
    platform.comment(first, "It is open since noon")
    platform.comment(3, "Thank you officers")


# --- all items, once ----------------------------------------------------------------------


def test_every_item_is_seen_in_one_version(platform, nights):
    a_busy_page(platform)

    visit = nights.visit()

    assert visit.error is None
    assert visit.gaps == []
    assert set(nights.wordings.values()) == platform.texts()
    assert len(nights.versions) == len(platform.texts())
    assert {len(versions) for versions in nights.versions.values()} == {1}
    assert len(visit.items) == len(platform.texts())


def test_visiting_twice_changes_nothing(platform, nights):
    a_busy_page(platform)
    nights.visit()
    before = {native_id: set(versions) for native_id, versions in nights.versions.items()}

    again = nights.visit(full=True)

    assert again.texts == platform.texts()
    assert nights.versions == before


def test_an_item_that_appears_while_paging_hides_none(platform, nights):
    a_busy_page(platform)

    platform.script(events={1: lambda: platform.publish("Breaking news")})
    visit = nights.visit()
    nights.visit()

    assert visit.gaps == []
    assert set(nights.wordings.values()) == platform.texts()
    assert {len(versions) for versions in nights.versions.values()} == {1}


def test_items_of_one_moment_are_all_seen_at_the_edge_of_a_slice(platform, nights):
    moment = FIRST_MOMENT + timedelta(hours=1)
    for number in range(3 * platform.slice_size + 1):
        platform.publish(f"Alert number {number}", at=moment)
    nights.visit()
    for number in range(2 * platform.slice_size):
        platform.publish(f"Later alert number {number}", at=moment)

    visit = nights.visit()

    assert visit.gaps == []
    assert set(nights.wordings.values()) == platform.texts()
    assert {len(versions) for versions in nights.versions.values()} == {1}


def test_an_item_dated_back_within_the_look_back_is_seen(platform, nights):
    a_busy_page(platform)
    nights.visit()
    platform.publish("Found in the drafts", at=FIRST_MOMENT - timedelta(days=3))

    nights.visit()

    assert set(nights.wordings.values()) == platform.texts()


def test_what_was_published_between_two_visits_is_all_seen(platform, nights):
    a_busy_page(platform)
    nights.visit()
    for number in range(4 * platform.slice_size):
        platform.publish(f"Bulletin number {number}")

    visit = nights.visit()

    assert visit.gaps == []
    assert set(nights.wordings.values()) == platform.texts()


def test_an_empty_page_is_a_page_without_items(nights):
    visit = nights.visit()

    assert visit.error is None
    assert visit.items == []
    assert visit.gaps == []


def test_a_late_comment_on_an_older_post_is_seen(platform, nights):
    if not platform.shows_comments:
        pytest.skip("this platform shows no comments")
    a_busy_page(platform)
    nights.visit()
    platform.now += timedelta(days=5)
    platform.comment(1, "Only reading this now")

    nights.visit()

    assert set(nights.wordings.values()) == platform.texts()


def test_a_comment_names_what_it_answers(platform, nights):
    if not platform.shows_comments:
        pytest.skip("this platform shows no comments")
    a_busy_page(platform)

    visit = nights.visit()

    by_text = {item.content.text: item.content for item in visit.items}
    post, first = by_text["Notice number 3"], by_text["Is the road open again"]
    assert first.parent == post.native_id
    answered = first if platform.nests_comments else post
    assert by_text["It is open since noon"].parent == answered.native_id
    assert {by_text[text].thread for text in ("It is open since noon", "Thank you officers")} == {
        post.native_id
    }


# --- light visits -----------------------------------------------------------------------------


def test_a_light_visit_sees_what_is_new_and_comments_on_young_posts(platform, nights):
    a_busy_page(platform)
    nights.visit()
    platform.now += timedelta(days=5)
    for number in range(2 * platform.slice_size):
        platform.publish(f"Bulletin number {number}")
    platform.comment(1, "Posted at nine, gone at ten")

    visit = nights.look()

    assert (visit.error, visit.gaps, visit.removals) == (None, [], [])
    assert set(nights.wordings.values()) == platform.texts()


def test_a_light_visit_asks_for_little_however_long_the_page_is(platform, nights):
    for number in range(10 * platform.slice_size):
        platform.publish(f"Notice number {number}")
        platform.now += timedelta(days=3)
    platform.now += timedelta(days=20)
    nights.visit()
    platform.script()
    nights.visit(full=True)
    everything = platform.asked()
    platform.publish("The only new one")

    platform.script()
    visit = nights.look()

    assert "The only new one" in visit.texts
    assert platform.asked() < everything / 2
    assert len(visit.items) < len(nights.known) / 2


def _dated(nights: Nights, content: Content, listed: Listed) -> datetime:
    """Give the date by which *listed* tells whether it shows *content*."""
    first = nights.contents.get(content.thread or content.native_id) if listed.by_thread else None
    return (first or content).published_at


def test_a_light_visit_claims_no_listing_whole_that_it_did_not_walk(platform, nights):
    a_busy_page(platform)
    nights.visit()
    platform.now += timedelta(days=40)
    platform.publish("The only new one")

    visit = nights.look()

    shown = {item.content.native_id for item in visit.items}
    for listed in (seen for seen in visit.seen if isinstance(seen, Listed) and seen.whole):
        claimed = {
            content.native_id
            for content in nights.contents.values()
            if (not listed.kinds or content.kind.value in listed.kinds)
            and (listed.since is None or _dated(nights, content, listed) >= listed.since)
        }
        assert claimed <= shown


def test_light_visits_take_nothing_from_the_night(platform, nights):
    a_busy_page(platform)
    nights.visit()
    platform.now += timedelta(days=40)
    for number in range(3):
        platform.publish(f"New through the day, number {number}")
        nights.look()
    platform.edit(9, "Notice number 9, corrected")
    if platform.shows_comments:
        platform.comment(8, "Only reading this now")
    nights.look()

    nights.visit(look_back=timedelta(days=60))

    assert set(nights.wordings.values()) == platform.texts()


@pytest.mark.parametrize("fault", LASTING, ids=repr)
def test_a_light_visit_that_fails_concludes_nothing_and_keeps_its_place(platform, nights, fault):
    a_busy_page(platform)
    nights.visit()
    platform.publish("The only new one")

    platform.script(lasting=(0, fault))
    broken = nights.look()

    assert broken.error is not None
    assert (broken.removals, broken.cursor) == ([], None)


# --- edits and removals ---------------------------------------------------------------------


def test_an_edit_is_another_version_of_the_same_item(platform, nights):
    a_busy_page(platform)
    nights.visit()
    native_id = nights.named("Notice number 9")
    platform.edit(9, "Notice number 9, corrected")

    visit = nights.visit()

    assert nights.wordings[native_id] == "Notice number 9, corrected"
    assert len(nights.versions[native_id]) == 2
    assert len(nights.versions) == len(platform.texts())
    assert visit.removals == []


def test_a_removal_is_a_sighting_of_that_item_alone_and_blames_nobody(platform, nights):
    a_busy_page(platform)
    nights.visit()
    native_id = nights.named("Notice number 8")
    platform.remove(8)

    visit = nights.visit()
    if not platform.announces_removals:
        assert visit.removals == []
        visit = nights.recheck(sorted(nights.known))

    assert [removal.native_id for removal in visit.removals] == [native_id]
    assert visit.removals[0].actor == ""
    assert visit.removals[0].state in GONE


def test_a_removal_while_paging_loses_no_other_item_for_good(platform, nights):
    a_busy_page(platform)

    platform.script(events={1: lambda: platform.remove(10)})
    nights.visit()
    nights.visit(full=True)

    assert set(nights.wordings.values()) >= platform.texts()


def test_looking_again_at_what_is_still_there_finds_no_removal(platform, nights):
    a_busy_page(platform)
    nights.visit()

    again = nights.recheck(sorted(nights.known))

    assert again.removals == []
    assert again.gaps == []
    assert again.texts <= platform.texts()


# --- faults ---------------------------------------------------------------------------------


def requests_of_a_clean_visit(platform: Platform, spool: Path) -> int:
    platform.script()
    Nights(platform, spool).visit()
    return platform.asked()


@pytest.mark.parametrize("fault", PASSING, ids=repr)
def test_where_every_request_fails_once_nothing_changes(platform, tmp_path, fault):
    a_busy_page(platform)
    requests = requests_of_a_clean_visit(platform, tmp_path)

    platform.script(faults=dict.fromkeys(range(0, 2 * requests, 2), fault))
    night = Nights(platform, tmp_path)
    visit = night.visit()

    assert platform.asked() > requests
    assert (visit.error, visit.gaps, visit.removals) == (None, [], [])
    assert set(night.wordings.values()) == platform.texts()


def test_one_fault_that_passes_changes_nothing(platform, tmp_path):
    a_busy_page(platform)

    for number in range(requests_of_a_clean_visit(platform, tmp_path)):
        platform.script(faults={number: PASSING[number % len(PASSING)]})
        night = Nights(platform, tmp_path)
        visit = night.visit()

        assert platform.asked() > number
        assert (visit.error, visit.gaps, visit.removals) == (None, [], [])
        assert set(night.wordings.values()) == platform.texts()


def test_a_server_that_says_when_to_come_back_is_obeyed(platform, nights, clock):
    a_busy_page(platform)

    platform.script(faults={0: PASSING[0]})
    nights.visit()

    assert sum(clock.slept) == pytest.approx(7.0)


def test_without_word_from_the_server_nothing_waits(platform, nights, clock):
    a_busy_page(platform)

    nights.visit()

    assert clock.slept == []


@pytest.mark.parametrize("fault", LASTING, ids=repr)
def test_a_visit_refused_at_the_door_fails_and_concludes_nothing(platform, nights, fault):
    a_busy_page(platform)
    nights.visit()

    platform.script(lasting=(0, fault))
    visit = nights.visit()

    assert visit.error is not None
    assert GapReason(visit.error.gap) in {GapReason.PERMISSION_LOST, GapReason.UNREADABLE}
    assert visit.seen == []


@pytest.mark.parametrize(
    "faults",
    [BROKEN, *(pytest.param((fault,), marks=pytest.mark.proof) for fault in BROKEN)],
    ids=["each in turn", *map(repr, BROKEN)],
)
def test_a_visit_broken_off_half_way_says_so_and_is_made_up_for(platform, tmp_path, faults):
    a_busy_page(platform, posts=3 * platform.slice_size - 2)

    for number in range(1, requests_of_a_clean_visit(platform, tmp_path)):
        night = Nights(platform, tmp_path)
        fault = faults[number % len(faults)]
        if fault is FAILED_WITHIN and platform.shows_anything:
            fault = LOGIN_PAGE
        platform.script(lasting=(number, fault))
        broken = night.visit()

        assert broken.error is not None or broken.gaps != []
        assert broken.texts <= platform.texts()
        assert broken.removals == []
        assert broken.cursor is None
        assert not any(isinstance(seen, Listed) and seen.whole for seen in broken.seen)

        platform.script()
        night.visit()

        assert set(night.wordings.values()) == platform.texts()


def test_a_recheck_that_fails_concludes_no_removal(platform, nights):
    a_busy_page(platform)
    nights.visit()
    known = sorted(nights.known)

    for fault in (*(LASTING if platform.shows_anything else BROKEN), *PASSING):
        platform.script(lasting=(0, fault))
        again = nights.recheck(known)

        assert (again.removals, again.items) == ([], []), fault
        assert again.gaps != [], fault


# --- files ----------------------------------------------------------------------------------


def test_the_file_of_an_item_comes_whole(platform, nights):
    platform.publish("A picture of the new car", picture=PICTURE)
    (item,) = nights.visit().items
    (attachment,) = item.content.attachments
    source = nights.open()

    kept = source.download(attachment)

    assert Path(kept.path).read_bytes() == PICTURE
    assert kept.digest == sha256(PICTURE)
    assert kept.size == len(PICTURE)
    source.close()


def test_a_file_that_is_gone_is_told_as_gone(platform, nights):
    platform.publish("A picture of the new car", picture=PICTURE)
    (item,) = nights.visit().items
    platform.pictures.clear()
    source = nights.open()

    with pytest.raises(ConnectorError) as raised:
        source.download(item.content.attachments[0])
    source.close()

    assert GapReason(raised.value.gap) is GapReason.GONE


# --- what a connector says of itself ----------------------------------------------------------


def test_the_token_is_nowhere_in_what_is_yielded(platform, nights):
    a_busy_page(platform)

    visit = nights.visit()
    platform.script(lasting=(0, UNAUTHORIZED))
    refused = nights.visit()

    assert SECRET not in repr(visit.seen)
    assert not any(SECRET.encode() in item.content.raw.body for item in visit.items)
    assert SECRET not in f"{refused.error!r} {refused.error} {refused.seen}"
    assert any(SECRET in repr(a) for a in platform.requests) == platform.takes_a_token


def test_every_item_has_the_platforms_own_bytes_and_a_moment_with_a_zone(platform, nights):
    a_busy_page(platform)

    visit = nights.visit()

    for item in visit.items:
        said = item.content.text.encode()
        assert said in item.content.raw.body
        assert item.content.published_at.tzinfo is not None
        assert datetime.min.replace(tzinfo=item.content.published_at.tzinfo) < (
            item.content.published_at
        )


def test_every_item_knows_what_was_asked_and_how_the_platform_answered(platform, nights):
    a_busy_page(platform)

    visit = nights.visit()
    again = nights.recheck(list(nights.known))

    seen = [*visit.seen, *again.seen]
    for content in (each.content for each in seen if isinstance(each, Observation)):
        if content.raw.media_type in TELL_IT_THEMSELVES or content.kind is ItemKind.MODERATION:
            continue  # a list of moderation may be empty, and so cut from nothing
        exchange = exchange_of(content)
        assert exchange["method"] in {"GET", "POST"}
        assert exchange["status"] == 200
        assert exchange["url"].startswith(("http://", "https://"))
        assert "content-type" in exchange["headers"]
        assert SECRET not in repr(exchange)


def test_what_is_kept_with_an_item_names_no_other_item(platform, nights):
    a_busy_page(platform)

    visit = nights.visit()
    again = nights.recheck(list(nights.known))

    ids = {item.content.native_id for item in visit.items}
    for content in (item.content for item in [*visit.items, *again.items]):
        if content.raw.media_type not in TELL_IT_THEMSELVES:
            own = {content.native_id, content.parent, content.thread}
            exchange = exchange_of(content)
            assert not {other for other in ids - own if named_in(exchange, other)}, exchange


TELL_IT_THEMSELVES = {"application/warc", "message/rfc822"}


def exchange_of(content: Content) -> dict[str, object]:
    told = content.raw.to_json(content.native_id, content.parent, content.thread)
    assert "exchange" in told, content
    return told["exchange"]


def named_in(exchange: dict[str, object], native_id: str) -> bool:
    """Say whether *exchange* names an item, as far as its id is no mere small number."""
    said = unquote(f"{exchange | {'method': ''}}")
    named = re.search(rf"(?<![\w.]){re.escape(native_id)}(?![\w.])", said)
    return named is not None and len(native_id) >= LONG_ENOUGH


LONG_ENOUGH = 5


def test_the_page_that_walks_through_a_connector_is_read_in_one_sitting():
    assert len(PAGE.read_text("utf-8").splitlines()) < 150


def test_a_connector_says_what_it_is_and_what_it_cannot_see(platform):
    connector = platform.connector

    assert isinstance(connector, Connector)
    assert not connector.imports
    assert connector.version
    assert connector.capabilities.edits in {"events", "history", "timestamps", "diff"}
    assert connector.capabilities.removals in {"events", "recheck", "none"}
    assert connector.capabilities.backfill
    assert connector.capabilities.blind_to
    assert connector.capabilities.comments == platform.shows_comments
    assert connector.capabilities.access.permissions
    assert connector.capabilities.access.steps
    assert connector.capabilities.access.terms


def test_every_setting_of_a_connector_is_explained(platform):
    for setting in platform.connector.settings:
        assert isinstance(setting, Setting)
        assert setting.kind in {"text", "integer", "number", "boolean", "list", "file"}
        assert len(setting.help.split()) > 3


def test_a_connector_imports_no_file_it_was_not_made_for(platform, tmp_path):
    with pytest.raises(ConfigInvalid):
        platform.connector.open(platform.page(), fetching(tmp_path), deposit=tmp_path / "x.zip")


@pytest.mark.parametrize("name", sorted(PLATFORMS))
def test_a_connector_is_known_by_its_entry_point(name):
    declared = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["entry-points"]
    connector = PLATFORMS[name].connector

    assert connector.name == name
    assert declared["archiver.connectors"][name] == f"{type(connector).__module__}:CONNECTOR"


def test_a_fault_has_a_name_and_a_reply_unless_it_breaks_the_exchange():
    for fault in (*PASSING, *LASTING):
        assert isinstance(fault, Fault)
        assert (fault.reply is None) == (fault.name in {"connection reset", "truncated body"})
