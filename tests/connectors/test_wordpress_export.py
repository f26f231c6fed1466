"""The import of WordPress's export of a site: every post, page and comment once."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.records.captures import GapReason, Observation, PlatformState, Window
from archiver.records.errors import DepositRefused
from archiver.records.items import ItemKind
from connectors.wordpress_export import CONNECTOR
from tests.connectors.importers import LONG, Importing, opened
from tests.connectors.sample import Sample
from tests.connectors.wordpress_export_sample import SITE, a_comment, an_item, export

_IMPORTING = Importing(CONNECTOR)
XML = "blog.xml"


def observed(tmp_path: Path, *elements: str) -> list[Observation]:
    assert not _IMPORTING.gaps(tmp_path, {XML: export(*elements)})
    return _IMPORTING.observed(tmp_path, {XML: export(*elements)})


def gaps(tmp_path: Path, content: bytes) -> list[tuple[str, GapReason]]:
    return [(gap.what, gap.why) for gap in _IMPORTING.gaps(tmp_path, {XML: content})]


def texts(seen: Sequence[Observation]) -> list[str]:
    return [each.content.text for each in seen]


def test_a_post_is_read_with_its_author_dates_links_and_address(tmp_path: Path) -> None:
    body = 'First line\nsecond <a href="/more?a&amp;b">here</a>'
    told = an_item(12, body, title="A &amp; B", post_modified_gmt="2023-11-15 08:00:00")
    (seen,) = observed(tmp_path, told)
    post = seen.content

    assert (post.native_id, post.kind, post.title) == ("post-12", ItemKind.POST, "A & B")
    assert post.text == "First line\nsecond here"
    assert post.published_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert post.edited_at == datetime(2023, 11, 15, 8, tzinfo=UTC)
    assert (post.permalink, post.links) == (f"{SITE}/?p=12", (f"{SITE}/more?a&b",))
    assert post.author is not None
    assert (post.author.native_id, post.author.name, post.author.handle) == ("3", "J. Doe", "jdoe")
    assert (post.raw.media_type, post.raw.body) == ("text/xml", told.strip().encode())


def test_a_text_of_blocks_is_read_as_its_blocks_say(tmp_path: Path) -> None:
    body = "<!-- wp:paragraph -->\n<p>One\nline</p>\n<!-- /wp:paragraph -->\n<p>two</p>"
    assert texts(observed(tmp_path, an_item(1, body))) == ["One line\ntwo"]


def test_a_comment_is_an_item_of_its_own_and_no_part_of_its_post(tmp_path: Path) -> None:
    first, reply = a_comment(7, "Why?\nWhen?"), a_comment(8, "At noon", comment_parent="7")
    post, asked, answered = observed(tmp_path, an_item(1, "Closed", first, reply))

    assert b"Why?" not in post.content.raw.body
    assert b"wp:comment>" not in post.content.raw.body
    assert asked.content.raw.body == first.strip().encode()
    assert (asked.content.native_id, asked.content.kind) == ("comment-7", ItemKind.COMMENT)
    assert asked.content.text == "Why?\nWhen?"
    assert asked.content.published_at == datetime(2023, 11, 15, 5, tzinfo=UTC)
    assert asked.content.permalink == f"{SITE}/?p=1#comment-7"
    assert (asked.content.parent, asked.content.thread) == ("post-1", "post-1")
    assert asked.content.author is not None
    assert (asked.content.author.native_id, asked.content.author.name) == ("", "R. Roe")
    assert (answered.content.kind, answered.content.parent) == (ItemKind.REPLY, "comment-7")
    assert answered.content.thread == "post-1"


@pytest.mark.parametrize(
    ("status", "state", "restricted"),
    [
        ("publish", PlatformState.PRESENT, False),
        *((each, PlatformState.HIDDEN, True) for each in ("draft", "pending", "private", "future")),
        ("of a plug-in", PlatformState.HIDDEN, True),
        ("trash", PlatformState.REPORTED_REMOVED, False),
    ],
)
def test_what_was_never_public_is_restricted_and_the_trash_is_told(
    tmp_path: Path, status: str, state: PlatformState, *, restricted: bool
) -> None:
    post, comment = observed(tmp_path, an_item(1, "x", a_comment(7, "y"), status=status))
    assert (post.state, post.restricted) == (state, restricted)
    assert (comment.state, comment.restricted) == (PlatformState.PRESENT, restricted)


@pytest.mark.parametrize(
    ("approved", "state", "restricted"),
    [
        ("1", PlatformState.PRESENT, False),
        ("0", PlatformState.HIDDEN, True),
        ("trash", PlatformState.REPORTED_REMOVED, False),
        ("post-trashed", PlatformState.REPORTED_REMOVED, False),
    ],
)
def test_a_comment_that_waits_is_restricted_and_a_trashed_one_is_told(
    tmp_path: Path, approved: str, state: PlatformState, *, restricted: bool
) -> None:
    _, seen = observed(tmp_path, an_item(1, "x", a_comment(7, "y", comment_approved=approved)))
    assert (seen.state, seen.restricted) == (state, restricted)


def test_what_lies_behind_a_password_is_restricted(tmp_path: Path) -> None:
    (post,) = observed(tmp_path, an_item(1, "x", post_password="sesame"))
    assert (post.restricted, post.content.marks) == (True, ("password-protected",))


def test_a_draft_is_dated_by_the_clock_of_the_site_and_says_so(tmp_path: Path) -> None:
    draft = an_item(1, "x", status="draft", post_date_gmt="0000-00-00 00:00:00")
    (seen,) = observed(tmp_path, draft)
    assert seen.content.published_at == datetime(2023, 11, 14, 16, 13, 20, tzinfo=UTC)
    assert seen.content.marks == ("time-of-the-site",)


def test_what_is_neither_post_nor_page_is_marked_and_the_works_of_the_site_are_left_out(
    tmp_path: Path,
) -> None:
    seen = observed(
        tmp_path,
        an_item(1, "alert", post_type="alert"),
        an_item(2, "menu", post_type="nav_menu_item"),
        an_item(3, "x", a_comment(7, "ping", comment_type="pingback")),
    )
    assert [each.content.marks for each in seen] == [("alert",), (), ("pingback",)]


def test_an_upload_is_an_item_with_its_file_under_its_post(tmp_path: Path) -> None:
    address = f"{SITE}/wp-content/uploads/2023/11/a%20b.jpg"
    upload = {"post_type": "attachment", "status": "inherit", "attachment_url": address}
    shown = f'<img src="{address}" alt="A road"><img src="https://elsewhere.example/x.png">'
    shown += f'<a href="{address}">the same</a>'
    post, file = observed(tmp_path, an_item(1, shown), an_item(2, "", post_parent="1", **upload))
    assert (file.content.parent, file.content.marks) == ("post-1", ("attachment",))
    assert file.state is PlatformState.PRESENT
    for each, described in ((post, "A road"), (file, "")):
        (attached,) = each.content.attachments
        assert (attached.key, attached.description) == ("2023/11/a b.jpg", described)


@pytest.mark.parametrize(
    "spoilt",
    [
        an_item(0, "x"),
        an_item(1, "x", post_id="one"),
        an_item(1, "x", post_date="", post_date_gmt=""),
        an_item(1, "x", post_date_gmt="2023-02-30 00:00:00"),
        "<item/>",
    ],
)
def test_an_item_not_understood_is_a_gap_and_the_rest_is_read(spoilt: str, tmp_path: Path) -> None:
    content = export(spoilt, an_item(2, "good"))
    assert texts(_IMPORTING.observed(tmp_path, {XML: content})) == ["good"]
    assert gaps(tmp_path, content) == [(f"{XML}, element 2", GapReason.UNREADABLE)]


def test_a_comment_not_understood_is_a_gap_and_those_beside_it_are_read(tmp_path: Path) -> None:
    content = export(an_item(1, "x", a_comment(7, "y", comment_id=""), a_comment(8, "z")))
    assert texts(_IMPORTING.observed(tmp_path, {XML: content})) == ["x", "z"]
    assert gaps(tmp_path, content) == [(f"{XML}, a comment under post-1", GapReason.UNREADABLE)]


def test_what_stands_before_a_fault_is_read_and_entities_are_refused(tmp_path: Path) -> None:
    broken = export(an_item(1, "good"), "<item>&nothing;</item>")
    assert texts(_IMPORTING.observed(tmp_path, {XML: broken})) == ["good"]
    assert gaps(tmp_path, broken) == [(f"{XML}, after element 2", GapReason.UNREADABLE)]
    bomb = b'<!DOCTYPE rss [<!ENTITY a "aaaa">]><rss><channel><item>&a;</item></channel></rss>'
    assert gaps(tmp_path, bomb) == [(f"{XML}, after element 0", GapReason.UNREADABLE)]


def test_the_file_that_wordpress_gives_is_imported_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "cityblog.wordpress.2023-11-14.XML"
    path.write_bytes(export(an_item(1, "x")))
    told = Sample(connector=CONNECTOR, files={}, holding=(), texts=())
    with opened(told, path) as source:
        assert texts([e for e in source.visit(Window()) if isinstance(e, Observation)]) == ["x"]


def test_an_export_without_xml_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DepositRefused, match="no XML") as caught:
        _IMPORTING.everything(tmp_path, {"wp-content/uploads/2023/sitemap.xml": b"<x/>"})
    assert "Tools, Export" in caught.value.remedy


def test_every_one_of_thousands_is_read_and_memory_does_not_grow(tmp_path: Path) -> None:
    comments = [a_comment(10_000 + n, f"comment {n}") for n in range(5)]
    posts = [
        an_item(n, f"post {n}", *(c.replace("10000", f"{n}1000") for c in comments[:1]))
        for n in range(1, 1_501)
    ]
    seen = observed(tmp_path, *posts)
    assert len({each.content.native_id for each in seen}) == len(seen) == 3_000
    long = [an_item(n, "x", post_excerpt=LONG) for n in range(1, 401)]
    count, peak = _IMPORTING.peak(tmp_path, {XML: export(*long)})
    assert count == 400
    assert peak < 4 * 1024**2
