from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.canonical import mended
from archiver.records.items import (
    FORMAT,
    Attachment,
    Author,
    Content,
    ItemKind,
    Origin,
    Provenance,
    RawFragment,
    from_object,
    to_object,
)

SALT = "5a" * 16
ORIGIN = Origin(
    platform="mastodon", page="https://a.example", connector="mastodon", connector_version="1"
)
CONTENT = Content(
    native_id="17",
    kind=ItemKind.COMMENT,
    text="Thank you, officers!",
    title="",
    raw=RawFragment("application/json", b'{"id": "17"}'),
    published_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    author=Author("u1", "Ann", "@ann", "https://a.example/@ann"),
    parent="16",
    thread="15",
    permalink="https://a.example/17",
    attachments=(Attachment("m1", "https://cdn.example/m1?sig=1", "image/png", "a.png", "A dog"),),
    links=("https://b.example",),
    language="en",
)

WHOLE = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
SURROGATES = st.characters(categories=("Cs",))
BROKEN = st.lists(st.characters() | SURROGATES, max_size=20).map("".join)
"""Not `st.text` of both: that leaves the surrogates out."""
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001 - bounds of zoned moments


def contents(text):
    """Any content whose texts are drawn from *text*."""
    return st.builds(
        Content,
        native_id=text.filter(bool),
        kind=st.sampled_from(ItemKind),
        text=text,
        title=text,
        raw=st.builds(RawFragment, WHOLE, st.binary(max_size=20) | WHOLE.map(str.encode)),
        published_at=MOMENTS,
        edited_at=st.none() | MOMENTS,
        author=st.none() | st.builds(Author, text, text, text, text),
        parent=st.none() | text,
        thread=st.none() | text,
        permalink=text,
        attachments=st.lists(st.builds(Attachment, text, text, text, text, text), max_size=3).map(
            tuple
        ),
        links=st.lists(text, max_size=3).map(tuple),
        language=WHOLE,
        marks=st.sets(WHOLE, max_size=2).map(sorted).map(tuple),
    )


ORIGINS = st.builds(
    Origin,
    platform=WHOLE,
    page=WHOLE,
    connector=WHOLE,
    connector_version=WHOLE,
    provenance=st.sampled_from(Provenance),
)


@given(contents(WHOLE), ORIGINS)
def test_a_version_is_read_back_just_as_it_was_kept(content, origin):
    kept = to_object(content, origin, salt=SALT)

    assert from_object(json.loads(kept)) == (content, origin)


@given(contents(WHOLE | BROKEN), ORIGINS)
def test_what_is_kept_is_canonical_json_whatever_the_platform_said(content, origin):
    kept = to_object(content, origin, salt=SALT)

    assert kept == rfc8785.dumps(json.loads(kept))


@given(contents(WHOLE | BROKEN), ORIGINS)
def test_keeping_again_what_was_read_back_writes_the_same_bytes(content, origin):
    kept = to_object(content, origin, salt=SALT)

    read, origin_read = from_object(json.loads(kept))

    assert to_object(read, origin_read, salt=SALT) == kept
    assert read.fingerprint() == content.fingerprint()
    assert read.raw == content.raw


@given(contents(BROKEN))
def test_a_moment_keeps_its_instant_though_its_zone_becomes_utc(content):
    read, _ = from_object(json.loads(to_object(content, ORIGIN, salt=SALT)))

    assert read.published_at == content.published_at
    assert read.published_at.utcoffset() == timedelta()
    assert read.edited_at == content.edited_at


def test_every_field_of_a_version_is_in_what_is_kept():
    value = json.loads(to_object(CONTENT, ORIGIN, salt=SALT))

    expected = {field.name for field in fields(Content)} | {field.name for field in fields(Origin)}
    assert set(value) == expected | {"format", "salt"}
    assert value["format"] == FORMAT
    assert value["salt"] == SALT


def test_the_salt_changes_the_bytes_and_nothing_else_does():
    kept = to_object(CONTENT, ORIGIN, salt=SALT)

    assert kept == to_object(replace(CONTENT), replace(ORIGIN), salt=SALT)
    assert kept != to_object(CONTENT, ORIGIN, salt="00" * 16)


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Thank you, officers"},
        {"title": "Thanks"},
        {"links": ()},
        {"links": ("https://b.example", "https://c.example")},
        {"attachments": ()},
        {"attachments": (replace(CONTENT.attachments[0], key="m2"),)},
        {"attachments": (replace(CONTENT.attachments[0], description="A cat"),)},
        {"attachments": CONTENT.attachments * 2},
    ],
)
def test_a_changed_text_title_link_attachment_or_description_is_a_new_version(change):
    assert replace(CONTENT, **change).fingerprint() != CONTENT.fingerprint()


@pytest.mark.parametrize(
    "change",
    [
        {"author": replace(CONTENT.author, name="Ann B.", handle="@annb", url="")},
        {"author": None},
        {"edited_at": datetime(2026, 2, 2, tzinfo=UTC)},
        {"raw": RawFragment("application/json", b'{"id": "17", "likes": 12}')},
        {"attachments": (replace(CONTENT.attachments[0], url="https://cdn.example/m1?sig=2"),)},
        {"permalink": "https://a.example/@annb/17"},
        {"language": ""},
        {"marks": ("mended",)},
    ],
)
def test_a_changed_count_author_name_or_signed_address_is_no_new_version(change):
    assert replace(CONTENT, **change).fingerprint() == CONTENT.fingerprint()


@given(st.lists(WHOLE, max_size=3), st.lists(WHOLE, max_size=3))
def test_what_moves_between_title_text_and_links_is_a_new_version(first, second):
    def version(parts):
        title, text, *links = [*parts, "", ""]
        return replace(CONTENT, title=title, text=text, links=tuple(links))

    same = version(first) == version(second)
    assert (version(first).fingerprint() == version(second).fingerprint()) == same


@given(contents(WHOLE | BROKEN), ORIGINS)
def test_a_version_read_back_is_known_to_be_the_same_one(content, origin):
    read, _ = from_object(json.loads(to_object(content, origin, salt=SALT)))

    assert read.fingerprint() == content.fingerprint()


@given(contents(WHOLE), BROKEN, BROKEN)
def test_surrogates_are_marked_where_title_or_text_had_to_be_mended(content, title, text):
    broken = replace(content, title=title, text=text)

    kept = json.loads(to_object(broken, ORIGIN, salt=SALT))

    (whole_title, in_title), (whole_text, in_text) = mended(title), mended(text)
    assert (kept["title"], kept["text"]) == (whole_title, whole_text)
    added = {"surrogates-replaced"} if in_title or in_text else set()
    assert kept["marks"] == sorted({*content.marks, *added})


def test_unpaired_surrogates_are_replaced_and_marked_in_the_text_and_kept_raw():
    raw = RawFragment("application/json", rb'{"content": "half \ud83d"}')
    content = replace(CONTENT, text="half \ud83d", raw=raw)

    read, _ = from_object(json.loads(to_object(content, ORIGIN, salt=SALT)))

    assert read.text == "half \ufffd"
    assert read.marks == ("surrogates-replaced",)
    assert read.raw == raw


def test_a_title_is_marked_too_and_a_pair_of_surrogates_is_just_its_character():
    broken = replace(CONTENT, title="\ude00", marks=("mojibake-mended",))
    paired = replace(CONTENT, text="\ud83d\ude00")

    marked, _ = from_object(json.loads(to_object(broken, ORIGIN, salt=SALT)))
    whole, _ = from_object(json.loads(to_object(paired, ORIGIN, salt=SALT)))

    assert marked.marks == ("mojibake-mended", "surrogates-replaced")
    assert whole.text == "\U0001f600"
    assert whole.marks == ()
    assert paired.fingerprint() == whole.fingerprint()


@given(st.binary(max_size=40))
def test_the_platforms_own_bytes_are_kept_to_the_last_one(body):
    raw = RawFragment("text/html", body)

    assert RawFragment.from_json(json.loads(json.dumps(raw.to_json()))) == raw


def test_the_platforms_own_bytes_are_text_where_they_can_be():
    assert RawFragment("a", "é".encode()).to_json() == {"media_type": "a", "text": "é"}
    assert RawFragment("a", b"\xff").to_json() == {"media_type": "a", "base64": "/w=="}


def test_a_search_finds_title_text_and_the_descriptions_of_attachments():
    content = replace(CONTENT, title="Title")

    assert content.searchable() == "Title\nThank you, officers!\nA dog"
    assert replace(content, title="", attachments=()).searchable() == "Thank you, officers!"


def test_an_item_without_an_id_or_with_a_moment_without_a_zone_is_refused():
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the fault under test

    with pytest.raises(ValueError, match="native id"):
        replace(CONTENT, native_id="")
    with pytest.raises(ValueError, match="time zone"):
        replace(CONTENT, published_at=naive)
    with pytest.raises(ValueError, match="time zone"):
        replace(CONTENT, edited_at=naive)


@pytest.mark.parametrize("value", [{}, {"format": "archiver-item/2"}, {"format": None}])
def test_an_object_of_another_format_is_refused(value):
    with pytest.raises(ValueError, match="archiver-item/1"):
        from_object(value)
