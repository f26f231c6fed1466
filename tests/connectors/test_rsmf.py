"""RSMF: every event once, with its wordings, what it answers, and the files it carries."""

import base64
import json
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.records.captures import (
    Gap,
    GapReason,
    Listed,
    Observation,
    PlatformState,
    Seen,
    Window,
)
from archiver.records.errors import AnswerUnreadable, AttachmentGone, ConfigInvalid, DepositRefused
from archiver.records.items import Attachment, ItemKind
from archiver.records.pages import FetchSettings, PageSettings, SettingValue
from connectors.deposits import DepositSource
from connectors.rsmf import CONNECTOR, container
from connectors.rsmf.chat import CONVERSATION_UNKNOWN, PARENT_UNKNOWN, PARTICIPANT_UNKNOWN
from connectors.rsmf.container import zip_within
from tests.connectors.rsmf_sample import CONVERSATIONS, PEOPLE, a_manifest, an_event, an_rsmf


def opened(path: Path, **options: SettingValue) -> DepositSource:
    page = PageSettings(name="chat", connector="rsmf", platform="rsmf", url="", options=options)
    fetching = FetchSettings(user_agent="test", spool=path.parent / "spool", max_bytes=10_000)
    source = CONNECTOR.open(page, fetching, deposit=path)
    assert isinstance(source, DepositSource)
    return source


def visited(path: Path, **options: SettingValue) -> list[Seen]:
    with closing(opened(path, **options)) as source:
        return list(source.visit(Window()))


def read(folder: Path, *events: object, **options: SettingValue) -> list[Seen]:
    (folder / "a.rsmf").write_bytes(an_rsmf(a_manifest(events)))
    return visited(folder / "a.rsmf", **options)


def shown(seen: list[Seen]) -> list[Observation]:
    return [each for each in seen if isinstance(each, Observation)]


def faults(seen: list[Seen]) -> list[str]:
    return [f"{each.what}: {each.detail}" for each in seen if isinstance(each, Gap)]


def known(number: int, conversation: str = "c1") -> str:
    return f"{conversation}/e{number}@2026-03-03T17:{number:02}:00Z"


# --- events -----------------------------------------------------------------------------------


def test_an_event_tells_who_said_it_and_where(tmp_path):
    (seen,) = shown(read(tmp_path, an_event(1, "Somebody took my parcel")))

    content = seen.content
    assert (content.native_id, content.kind, content.text) == (
        known(1), ItemKind.MESSAGE, "Somebody took my parcel",
    )  # fmt: skip
    assert content.author is not None
    assert (content.author.native_id, content.author.name) == ("doe77", "J. Doe")
    assert (seen.restricted, seen.state) == (True, PlatformState.PRESENT)
    assert json.loads(content.raw.body) == an_event(1, "Somebody took my parcel")


def test_what_was_said_between_two_is_one_thread(tmp_path):
    first, second = shown(
        read(tmp_path, an_event(1, "x"), an_event(2, "y", parent="e1", participant="p1"))
    )

    assert first.content.thread == second.content.thread == "conversation:c1"
    assert (first.content.parent, second.content.parent) == (None, known(1))


def test_a_channel_can_be_a_page_with_its_posts_and_comments(tmp_path):
    on_page = {"conversation": "c2"}
    events = [
        an_event(1, "Road closed", participant="p1", **on_page),
        an_event(2, "Until when?", parent="e1", **on_page),
        an_event(3, "Noon", parent="e2", participant="p1", **on_page),
        an_event(4, "", type="join", **on_page),
        an_event(5, "In private"),
    ]

    seen = shown(read(tmp_path, *events, channels_are="posts"))
    closed = shown(read(tmp_path, *events))

    assert [(s.content.kind, s.restricted) for s in seen] == [
        (ItemKind.POST, False), (ItemKind.COMMENT, False), (ItemKind.COMMENT, False),
        (ItemKind.MESSAGE, True), (ItemKind.MESSAGE, True),
    ]  # fmt: skip
    assert [s.content.thread for s in seen[:3]] == [None, known(1, "c2"), known(1, "c2")]
    assert [s.content.parent for s in seen[:3]] == [None, known(1, "c2"), known(2, "c2")]
    assert seen[0].content.title == "The department's page"
    assert seen[3].content.marks == ("rsmf-join",)
    assert {(s.content.kind, s.restricted) for s in closed} == {(ItemKind.MESSAGE, True)}


def test_channels_can_be_nothing_but_messages_or_posts(tmp_path):
    with pytest.raises(ConfigInvalid, match="messages or posts"):
        read(tmp_path, channels_are="chat")


def test_answers_that_go_round_in_a_circle_are_read(tmp_path):
    on_page = {"conversation": "c2"}
    seen = read(
        tmp_path, an_event(1, "x", parent="e2", **on_page), an_event(2, "y", parent="e1", **on_page)
    )

    assert len(shown(seen)) == 2
    assert faults(seen) == []


def test_every_earlier_wording_comes_before_the_one_that_shows(tmp_path):
    edits = [
        {
            "participant": "p2",
            "timestamp": "2026-03-03T10:05:00-08:00",
            "previous": "b",
            "new": "c",
        },
        {
            "participant": "p2",
            "timestamp": "2026-03-03T10:02:00-08:00",
            "previous": "a",
            "new": "b",
        },
        {"participant": "p2", "timestamp": "2026-03-03T10:01:00-08:00"},
    ]

    seen = shown(read(tmp_path, an_event(1, "c", edits=edits)))

    assert [(s.content.text, s.current) for s in seen] == [("a", False), ("b", False), ("c", True)]
    assert len({s.content.native_id for s in seen}) == 1
    assert seen[-1].content.edited_at is not None
    assert seen[-1].content.edited_at.isoformat() == "2026-03-03T18:05:00+00:00"


def test_a_removed_event_is_reported_so_and_blames_nobody(tmp_path):
    seen = shown(read(tmp_path, an_event(1, "x", deleted=True), an_event(2, "y", deleted="no")))

    assert [s.state for s in seen] == [PlatformState.REPORTED_REMOVED, PlatformState.PRESENT]


def test_reactions_are_counted_however_they_are_told(tmp_path):
    reactions = [
        {"value": "👍", "count": 3},
        {"value": "x", "participants": ["p1"]},
        {"value": "y"},
    ]

    (seen,) = shown(read(tmp_path, an_event(1, "x", reactions=reactions)))

    assert seen.engagement == {"reactions": 5}


def test_what_an_event_refers_to_and_is_not_there_is_marked(tmp_path):
    lost = an_event(1, "x", participant="p9", conversation="c9", parent="e9")

    (seen,) = shown(read(tmp_path, lost, channels_are="posts"))

    assert seen.content.marks == (CONVERSATION_UNKNOWN, PARENT_UNKNOWN, PARTICIPANT_UNKNOWN)
    assert (seen.content.kind, seen.restricted) == (ItemKind.MESSAGE, True)
    assert seen.content.author is not None
    assert seen.content.author.native_id == "p9"


def test_an_event_that_cannot_be_read_is_named_by_file_and_place(tmp_path):
    seen = read(
        tmp_path,
        an_event(1, "x", timestamp="2026-03-03T09:00:00"),
        "no event",
        an_event(3, "x") | {"body": ["x"]},
        an_event(4, "last"),
    )

    assert [s.content.text for s in shown(seen)] == ["last"]
    assert faults(seen) == [
        "a.rsmf, event 1: a time is not in the documented form",
        "a.rsmf, event 2: it is no object",
        "a.rsmf, event 3: body is no text",
    ]


def test_the_days_of_one_conversation_are_told_apart_though_their_ids_repeat(tmp_path):
    folder = tmp_path / "days"
    folder.mkdir()
    for day in (1, 2, 3):
        event = an_event(1, f"day {day}", timestamp=f"2026-03-0{day}T09:00:00Z")
        (folder / f"{day}.rsmf").write_bytes(an_rsmf(a_manifest([event])))

    seen = shown(visited(folder))

    assert len({s.content.native_id for s in seen}) == 3
    assert {s.content.thread for s in seen} == {"conversation:c1"}


def test_events_without_ids_are_told_apart(tmp_path):
    bare = {k: v for k, v in an_event(1, "x").items() if k != "id"}

    seen = shown(read(tmp_path, bare, {**bare, "body": "y"}))

    assert len({s.content.native_id for s in seen}) == 2


def test_members_may_stand_in_any_order(tmp_path):
    told = json.loads(a_manifest([an_event(1, "x")]))
    turned = json.dumps(dict(reversed(told.items()))).encode()
    (tmp_path / "a.rsmf").write_bytes(an_rsmf(turned))

    (seen,) = shown(visited(tmp_path / "a.rsmf"))

    assert seen.content.marks == ()


hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=4,
)


@settings(max_examples=40)
@given(
    more=st.dictionaries(
        st.sampled_from(
            ["id", "parent", "type", "participant", "conversation", "edits", "reactions",
             "attachments", "deleted", "body", "timestamp"]
        ),
        hostile,
    )
)  # fmt: skip
def test_whatever_an_event_holds_it_is_an_item_or_a_gap(more):
    with tempfile.TemporaryDirectory() as folder:
        seen = read(Path(folder), an_event(1, "x") | more, an_event(2, "y"))

    current = [s for s in shown(seen) if s.current]
    assert len(current) + len(faults(seen)) == 2


# --- counts -----------------------------------------------------------------------------------


def test_the_number_of_events_a_file_says_it_has_is_held_against_them(tmp_path):
    manifest = a_manifest([an_event(1, "x"), an_event(2, "y")])
    (tmp_path / "met.rsmf").write_bytes(an_rsmf(manifest, count=2))
    (tmp_path / "missed.rsmf").write_bytes(an_rsmf(manifest, count=9))
    (tmp_path / "odd.rsmf").write_bytes(an_rsmf(manifest, count="many"))

    met, missed, odd = (visited(tmp_path / f"{n}.rsmf") for n in ("met", "missed", "odd"))

    assert (faults(met), faults(odd)) == ([], [])
    assert [g.why for g in missed if isinstance(g, Gap)] == [GapReason.MISCOUNTED]
    assert [s.platform_count for s in missed if isinstance(s, Listed)] == [9]


# --- files ------------------------------------------------------------------------------------


def test_files_of_many_chats_are_found_and_nothing_stays_in_the_spool(tmp_path):
    folder = tmp_path / "days"
    folder.mkdir()
    for day in range(1, 8):
        event = an_event(day, "x", attachments=[{"id": "a#1.jpg", "display": f"{day}.jpg"}])
        packed = an_rsmf(a_manifest([event]), {"a#1.jpg": b"JPEG %d" % day})
        (folder / f"{day}.rsmf").write_bytes(packed)
    with closing(opened(folder)) as source:
        files = [s.content.attachments[0] for s in shown(list(source.visit(Window())))]
        for number in (0, 6, 3, 3, 0, 1, 2, 4, 5):
            path = Path(source.download(files[number]).path)
            assert path.read_bytes() == b"JPEG %d" % (number + 1)
            path.unlink()
        assert len(list((tmp_path / "spool").iterdir())) == 4
        with pytest.raises(AttachmentGone):
            source.download(Attachment(key="x", url="1.rsmf#none.jpg"))

    assert files[0].name == "1.jpg"
    assert list((tmp_path / "spool").iterdir()) == []


# --- containers -------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.integers(1, 3000), st.integers(1, 200), st.sampled_from(["\r\n", "\n"]))
def test_the_zip_file_within_is_given_byte_for_byte_however_it_arrives(size, width, end):
    content = bytes(n * 7 % 256 for n in range(size))
    text = base64.b64encode(content).decode()
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    head = ['Content-Type: multipart/mixed; boundary="b"', "", "--b", "", "as text", "--b"]
    part = [
        "content-transfer-encoding: BASE64",
        'Content-Disposition: attachment; filename="RSMF.zip"',
    ]
    raw = end.join([*head, *part, "", *lines, "--b--", ""]).encode()

    with pytest.MonkeyPatch.context() as small:
        small.setattr(container, "_ENOUGH", 50)
        found = b"".join(zip_within(raw[at : at + 11] for at in range(0, len(raw), 11)))

    assert found == content


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ((b"boundary", b"boundery"), "it is not made of parts"),
        ((b'"rsmf.zip"', b'"other.zip"'), "no part called rsmf.zip"),
        ((b"Encoding: base64", b"Encoding: 8bit"), "not written in base64"),
        ((b"UEsD", b"!!!!"), "not written in base64"),
        ((b"--=_cut--", b""), "breaks off"),
        ((b"--=_cut--\r\n", b"--=_cut"), "breaks off"),
        ((b"\r\n\r\n", b"\r\n"), "headers do not end"),
    ],
)
def test_a_container_that_is_none_is_a_gap_that_says_why(tmp_path, change, fault):
    whole = an_rsmf(a_manifest([an_event(1, "x")]))
    (tmp_path / "a.rsmf").write_bytes(whole.replace(*change))

    seen = visited(tmp_path / "a.rsmf")

    assert shown(seen) == []
    (told,) = faults(seen)
    assert told.startswith("a.rsmf, after event 0: ")
    assert fault in told


def test_an_event_count_of_a_file_that_is_none_is_told_twice_and_loses_nothing(tmp_path):
    broken = an_rsmf(a_manifest([an_event(1, "x")]), count=1).replace(b"UEsD", b"UEsE")
    (tmp_path / "a.rsmf").write_bytes(broken)

    assert len(faults(visited(tmp_path / "a.rsmf"))) == 2


@pytest.mark.parametrize("name", ["../evil.jpg", "/etc/evil.jpg", "a\\b.jpg"])
def test_a_zip_file_within_is_judged_as_any_export_is(tmp_path, name):
    (tmp_path / "a.rsmf").write_bytes(an_rsmf(a_manifest([an_event(1, "x")]), {name: b"x"}))

    (told,) = faults(visited(tmp_path / "a.rsmf"))

    assert "evil" in told or "backslash" in told
    assert list((tmp_path / "spool").iterdir()) == []


@pytest.mark.parametrize(
    ("manifest", "fault"),
    [
        (b"{}", "no 'participants'"),
        (b"[", "is no '{'"),
        (a_manifest([], participants=[3]), "a participant is no object"),
        (a_manifest([], conversations=["c"]), "a conversation is no object"),
        (a_manifest([], participants=PEOPLE, conversations=CONVERSATIONS)[:-9], "character"),
    ],
)
def test_a_manifest_that_is_none_is_a_gap(tmp_path, manifest, fault):
    (tmp_path / "a.rsmf").write_bytes(an_rsmf(manifest))

    (told,) = faults(visited(tmp_path / "a.rsmf"))

    assert fault in told


def test_other_files_are_named_and_a_deposit_without_chats_is_refused(tmp_path):
    folder = tmp_path / "days"
    folder.mkdir()
    (folder / "notes.txt").write_bytes(b"x")
    with pytest.raises(DepositRefused, match=r"no \.rsmf file"):
        visited(folder)
    (folder / "a.rsmf").write_bytes(an_rsmf(a_manifest([an_event(1, "x")])))

    seen = visited(folder)

    assert [gap.what for gap in seen if isinstance(gap, Gap)] == [
        "1 file in the export that nobody read: notes.txt"
    ]
    assert len(shown(seen)) == 1


def test_a_file_packed_with_a_chat_to_which_no_event_refers_is_named(tmp_path):
    event = an_event(1, "x", attachments=[{"id": "1.jpg"}])
    packed = {"1.jpg": b"JPEG", "left.docx": b"x"}
    (tmp_path / "a.rsmf").write_bytes(an_rsmf(a_manifest([event]), packed))

    (gap,) = [each for each in visited(tmp_path / "a.rsmf") if isinstance(each, Gap)]

    assert gap.what == "1 file in a.rsmf that nobody read: left.docx"


def test_what_is_no_container_at_all_raises_what_can_be_told():
    for raw in (b"", b"x", b"\n", b"A: b\n\n", b"x" * 2_000_000):
        with pytest.raises(AnswerUnreadable):
            list(zip_within([raw]))
