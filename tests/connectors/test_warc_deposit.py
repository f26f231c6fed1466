"""Deposits of web pages: what is read out of WARC and WACZ files, and what is a gap."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from archiver.procedures.capture import capture
from archiver.records.captures import Gap, GapReason, Observation
from archiver.records.errors import AnswerUnreadable, ConfigInvalid, DepositRefused, TooLarge
from archiver.records.items import Attachment
from archiver.records.pages import FetchSettings
from connectors.deposits import open_deposit
from connectors.warc_deposit import CONNECTOR
from tests.archive import an_archive
from tests.connectors.importers import Importing, opened
from tests.connectors.sample import Sample, lay_out
from tests.connectors.seeing import of, visited
from tests.connectors.warc_sample import (
    PICTURE,
    SITE,
    Warc,
    a_page,
    crawled,
    packaged,
    page_list,
)

warc = Importing(CONNECTOR)
NEWS = f"{SITE}/news"
FIRST, LATER = "2019-05-03T09:00:00Z", "2020-06-04T10:00:00Z"


def one_file(file: Warc) -> dict[str, object]:
    return {"site.warc": file.written()}


def told(tmp_path: Path, files: dict[str, object]) -> tuple[list[str], list[tuple[str, GapReason]]]:
    """Give what the pages of a deposit say, and which gaps there are."""
    seen = warc.everything(tmp_path, files)
    texts = [each.content.text for each in of(Observation, seen)]
    return texts, [(gap.what, gap.why) for gap in of(Gap, seen)]


# --- snapshots ----------------------------------------------------------------------------


def test_every_wording_that_was_snapped_is_a_version_and_the_newest_is_shown(
    tmp_path: Path,
) -> None:
    first, later = a_page("News", "Road closed"), a_page("News", "Road open")
    files = {
        "a-later.warc": Warc().add(NEWS, later, when=LATER).written(),
        "b-first.warc": Warc().add(NEWS, first, when=FIRST).add(NEWS, first, when=LATER).written(),
        "c-again.warc": Warc().add(NEWS, later, when=LATER).written(),
    }
    sample = Sample(connector=CONNECTOR, files=files, holding=(), texts=())
    archive = an_archive(tmp_path, page=sample.page(), index="memory:")
    path = lay_out(tmp_path / "deposit", sample.written())
    shown = []
    for _again in range(2):
        with opened(sample, path) as source:
            found = capture(
                archive.office.visitor(archive.person), CONNECTOR, sample.page(), source
            )
        shown.append((found.new, found.changed))

    assert shown == [(1, 0), (0, 0)]
    archive.feed()
    (found_item,) = archive.search("closed").items
    assert found_item.content is not None
    assert found_item.content.text == "Road open"
    observed = warc.observed(tmp_path, files)
    assert [each.current for each in observed] == [False, False, False, True]
    assert next(each.content.text for each in observed) == "Road closed"
    archive.office.close()


@pytest.mark.parametrize("name", ["site.warc.gz", "site.warc"])
def test_a_file_compressed_as_a_whole_reads_like_any_other(tmp_path: Path, name: str) -> None:
    whole = {name: gzip.compress(crawled(), mtime=0)}
    part = {name: crawled(compressed=True)}

    assert warc.contents(tmp_path, whole) == warc.contents(tmp_path, part)
    assert len(warc.contents(tmp_path, whole)) == 2


def test_a_warc_file_may_be_handed_in_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "site.warc.gz"
    path.write_bytes(crawled(compressed=True))

    with opened(Sample(connector=CONNECTOR, files={}, holding=(), texts=()), path) as source:
        (first, _second) = of(Observation, visited(source))
        picture = source.download(first.content.attachments[0])

        assert Path(picture.path).read_bytes() == PICTURE
        assert picture.media_type == "image/jpeg"


def test_what_was_asked_with_is_not_kept(tmp_path: Path) -> None:
    raws = [content.raw.body for content in warc.contents(tmp_path, {"site.warc": crawled()})]

    assert all(raw.startswith(b"WARC/1.1\r\n") for raw in raws)
    assert not any(b"session=hush" in raw for raw in raws)


def test_what_a_form_answered_and_what_was_not_found_are_no_pages(tmp_path: Path) -> None:
    file = Warc()
    file.add(f"{SITE}/form", a_page("Thanks", "We got your form"), asked="POST")
    file.add(f"{SITE}/gone", a_page("Gone", "Nothing here"), status="404 Not Found")
    file.add(f"{SITE}/old", b"", status="301 Moved Permanently", headers={"Location": NEWS})
    file.add(NEWS, a_page("News", "Road closed"), asked="GET")

    assert told(tmp_path, one_file(file)) == (["Road closed"], [])


def test_a_document_is_an_item_and_the_file_itself_is_attached(tmp_path: Path) -> None:
    file = Warc().add(f"{SITE}/plan.pdf", b"%PDF" * 50_000, kind="application/pdf")
    path = tmp_path / "site.warc"
    path.write_bytes(file.written())
    sample = Sample(connector=CONNECTOR, files={}, holding=(), texts=())

    with opened(sample, path) as source:
        (seen,) = of(Observation, visited(source))
        (attached,) = seen.content.attachments

        assert Path(source.download(attached).path).read_bytes() == b"%PDF" * 50_000
    assert seen.content.raw.body.endswith(b"\r\n\r\n")
    assert len(seen.content.raw.body) < 1000
    with opened(sample, path, max_bytes=199_999) as source, pytest.raises(TooLarge):
        source.download(attached)


def test_a_page_without_a_date_of_its_own_is_dated_by_its_snapshot(tmp_path: Path) -> None:
    (content,) = warc.contents(tmp_path, one_file(Warc().add(NEWS, a_page("N", "x"), when=FIRST)))

    assert content.published_at.isoformat() == "2019-05-03T09:00:00+00:00"
    assert content.marks == ("date-from-answer",)
    assert content.permalink == NEWS


def test_only_pages_under_the_addresses_that_were_named_are_read(tmp_path: Path) -> None:
    file = Warc().add(NEWS, a_page("News", "Ours"))
    file.add("https://ads.example/frame", a_page("Ad", "Buy"))
    files = {**packaged({"data.warc": file.written(), "pages/pages.jsonl": page_list(NEWS)})}

    listed = {**files, "pages/more.jsonl": page_list("https://ads.example/lost")}
    everything = warc.contents(tmp_path, files)
    ours = warc.contents(tmp_path, files, under=("https://www.example.gov/police/",))

    assert [len(everything), len(ours)] == [2, 1]
    assert ours[0].text == "Ours"
    under = "https://www.example.gov/police/"
    assert len(warc.gaps(tmp_path, listed)) == 1
    assert not of(Gap, warc.everything(tmp_path, listed, under=(under,)))


def test_an_address_to_keep_to_begins_as_addresses_do(tmp_path: Path) -> None:
    sample = Sample(
        connector=CONNECTOR, files={}, holding=(), texts=(), options={"under": ("/police/",)}
    )

    with pytest.raises(ConfigInvalid, match="under"):
        CONNECTOR.open(sample.page(), FetchSettings(user_agent="test", spool=tmp_path))


# --- encodings ----------------------------------------------------------------------------


def test_a_page_that_was_sent_in_chunks_and_compressed_is_read_as_it_was_meant(
    tmp_path: Path,
) -> None:
    body = gzip.compress(a_page("News", "Road closed"), mtime=0)
    sent = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    headers = {"Transfer-Encoding": "chunked", "Content-Encoding": "gzip"}

    assert told(tmp_path, one_file(Warc().add(NEWS, sent, headers=headers))) == (
        ["Road closed"], [],
    )  # fmt: skip


def test_a_page_compressed_in_a_way_that_cannot_be_undone_is_a_gap(tmp_path: Path) -> None:
    file = Warc().add(NEWS, b"\x8b\x02", headers={"Content-Encoding": "br"})

    assert told(tmp_path, one_file(file)) == ([], [("site.warc, record 1", GapReason.UNREADABLE)])


def test_a_page_that_unpacks_beyond_bounds_is_a_gap(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(17 * 1024**2), mtime=0)
    file = Warc().add(NEWS, bomb, headers={"Content-Encoding": "gzip"})
    file.add(f"{SITE}/about", a_page("About", "Here"))

    assert told(tmp_path, one_file(file)) == (
        ["Here"], [("site.warc, record 1", GapReason.TOO_LARGE)],
    )  # fmt: skip


# --- what is not whole --------------------------------------------------------------------


def test_a_snapshot_that_was_altered_is_a_gap_and_the_others_are_read(tmp_path: Path) -> None:
    altered = crawled().replace(b"Road closed", b"Road opened"[:11])

    texts, gaps = told(tmp_path, {"site.warc": altered})

    assert texts == ["Not monitored"]
    assert gaps == [("site.warc, record 1", GapReason.UNREADABLE)]


def test_a_picture_that_was_altered_is_not_brought(tmp_path: Path) -> None:
    path = tmp_path / "site.warc"
    path.write_bytes(crawled().replace(b"\r\nJPEG", b"\r\nPNG!"))

    with (
        opened(Sample(connector=CONNECTOR, files={}, holding=(), texts=()), path) as source,
        pytest.raises(AnswerUnreadable, match="digest"),
    ):
        source.download(Attachment(key="k", url=f"{SITE}/1.jpg"))


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"sort": "continuation"}, "goes on"),
        ({"told": {"WARC-Truncated": "length"}}, "cut it short"),
        ({"when": "yesterday"}, "not dated"),
        ({"sort": "revisit", "body": b""}, "earlier snapshot"),
    ],
)
def test_a_snapshot_that_is_not_whole_is_named_as_a_gap(
    tmp_path: Path, record: dict[str, object], why: str
) -> None:
    file = Warc().add(f"{SITE}/about", a_page("About", "Here"))
    body = record.pop("body", a_page("News", "Road closed"))
    assert isinstance(body, bytes)
    file.add(NEWS, body, **record)  # type: ignore[arg-type] # the words of each case

    (gap,) = warc.gaps(tmp_path, one_file(file))

    assert gap.what == "site.warc, record 2"
    assert why in gap.detail


def test_a_record_that_repeats_a_snapshot_of_the_deposit_lacks_nothing(tmp_path: Path) -> None:
    file = Warc().add(NEWS, a_page("News", "Road closed"))
    file.add(NEWS, b"", sort="revisit", when=LATER)

    assert told(tmp_path, one_file(file)) == (["Road closed"], [])


@pytest.mark.parametrize(
    "spoilt",
    [
        b"WARC/1.1\r\nWARC-Type: response\r\n\r\n",
        b"WARC/1.1\r\nX: " + b"x" * 70_000,
        b"<html>no record</html>\r\n\r\n",
        b"\x1f\x8b broken",
    ],
)
def test_where_a_file_cannot_be_read_on_a_gap_says_so(tmp_path: Path, spoilt: bytes) -> None:
    whole = Warc().add(NEWS, a_page("News", "Road closed")).written()

    texts, gaps = told(tmp_path, {"site.warc": whole + spoilt})

    assert texts == ["Road closed"]
    assert gaps == [("site.warc, after record 1", GapReason.UNREADABLE)]


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "compressed"])
def test_a_file_that_breaks_off_within_a_picture_says_so(
    tmp_path: Path,
    compressed: bool,  # noqa: FBT001 - a case of pytest's own
) -> None:
    file = Warc(compressed=compressed).add(NEWS, a_page("News", "Road closed"))
    whole = file.add(f"{SITE}/1.jpg", PICTURE * 9, kind="image/jpeg").written()

    texts, gaps = told(tmp_path, {"site.warc": whole[: -3 if compressed else -9]})

    assert texts == ["Road closed"]
    assert [why for _, why in gaps] == [GapReason.UNREADABLE]


def test_a_page_far_into_a_file_that_was_compressed_as_a_whole_is_found_again(
    tmp_path: Path,
) -> None:
    filling = bytes(range(256)) * 2500
    file = Warc().add(f"{SITE}/1.jpg", filling, kind="image/jpeg")
    file.add(NEWS, a_page("News", "Road closed"))

    assert told(tmp_path, {"site.warc.gz": gzip.compress(file.written(), mtime=0)}) == (
        ["Road closed"], [],
    )  # fmt: skip


def test_of_a_field_that_is_told_twice_the_first_counts(tmp_path: Path) -> None:
    raw = Warc().add(NEWS, a_page("News", "Road closed")).written()
    twice = raw.replace(b"\r\n\r\n", b"\r\nWARC-Type: metadata\r\n\r\n", 1)

    assert told(tmp_path, {"site.warc": twice}) == (["Road closed"], [])


def test_the_first_snapshot_of_a_picture_is_the_one_that_is_brought(tmp_path: Path) -> None:
    file = Warc().add(f"{SITE}/1.jpg", PICTURE, kind="image/jpeg")
    file.add(f"{SITE}/1.jpg", b"another", kind="image/jpeg", when=LATER)
    path = tmp_path / "site.warc"
    path.write_bytes(file.written())

    with opened(Sample(connector=CONNECTOR, files={}, holding=(), texts=()), path) as source:
        brought = source.download(Attachment(key="k", url=f"{SITE}/1.jpg"))

        assert Path(brought.path).read_bytes() == PICTURE


def test_files_that_cannot_be_read_here_are_named(tmp_path: Path) -> None:
    files = {"site.warc": crawled(), "old.arc.gz": b"x", "page.mhtml": b"x", "crawl.log": b"x"}

    named = [gap.what for gap in warc.gaps(tmp_path, files)]

    assert named == ["3 files in the export that nobody read: old.arc.gz, page.mhtml, crawl.log"]


# --- WACZ ---------------------------------------------------------------------------------


def wacz(**files: bytes) -> dict[str, bytes]:
    listed = {"archive/data.warc": crawled(), "pages/pages.jsonl": page_list(NEWS)}
    return {**packaged(listed), **files}


def test_a_file_that_is_not_the_one_a_wacz_lists_is_a_gap(tmp_path: Path) -> None:
    altered = wacz(**{"archive/data.warc": crawled() + b"\r\n"})

    texts, gaps = told(tmp_path, dict(altered))

    assert len(texts) == 2
    assert gaps == [("archive/data.warc, after record 6", GapReason.UNREADABLE)]


def test_a_file_that_a_wacz_lists_and_does_not_hold_is_a_gap(tmp_path: Path) -> None:
    files = wacz()
    del files["pages/pages.jsonl"]

    assert told(tmp_path, dict(files))[1] == [("pages/pages.jsonl", GapReason.GONE)]


def test_a_list_of_files_that_was_altered_is_a_gap(tmp_path: Path) -> None:
    files = wacz()
    files["datapackage.json"] += b" "

    assert told(tmp_path, dict(files))[1] == [("datapackage.json", GapReason.UNREADABLE)]


@pytest.mark.parametrize("spoilt", [b"[" * 100_000, b"[]", b"no", b'{"resources": [{"path": 7}]}'])
def test_a_list_of_files_that_is_none_invents_nothing(tmp_path: Path, spoilt: bytes) -> None:
    texts, gaps = told(tmp_path, dict(wacz(**{"datapackage.json": spoilt})))

    assert len(texts) == 2
    assert ("datapackage.json", GapReason.UNREADABLE) in gaps


def test_a_listed_page_of_which_there_is_no_snapshot_is_a_gap(tmp_path: Path) -> None:
    listed = page_list(NEWS, f"{SITE}/gone", f"{SITE}/lost")
    files = packaged({"archive/data.warc": crawled(), "pages/pages.jsonl": listed})

    assert told(tmp_path, dict(files))[1] == [("pages/pages.jsonl, page 3", GapReason.GONE)]


# --- refused ------------------------------------------------------------------------------


def test_a_file_that_would_unpack_beyond_bounds_is_refused_before_anything_is_read(
    tmp_path: Path,
) -> None:
    file = Warc(compressed=True).add(NEWS, bytes(17 * 1024**2), kind="image/jpeg")
    files = {"site.warc.gz": file.written()}

    with pytest.raises(DepositRefused, match="250 times"):
        warc.everything(tmp_path, files)


def test_a_large_file_that_a_zip_compresses_once_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=0) as file:
        file.writestr("site.warc", bytes(65 * 1024**2))

    with (
        pytest.raises(DepositRefused, match="once more") as caught,
        opened(Sample(connector=CONNECTOR, files={}, holding=(), texts=()), path),
    ):
        pass

    assert "folder" in caught.value.remedy


def test_a_file_stored_in_a_zip_is_read_in_any_order_and_never_beyond_its_end(
    tmp_path: Path,
) -> None:
    content = bytes(range(256)) * 8
    path = tmp_path / "x.zip"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for number, kind in enumerate((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)):
            info = zipfile.ZipInfo(f"{number}.warc")
            info.extra = b"\x99\x99\x02\x00ab"
            file.writestr(info, content, kind)
    path.write_bytes(b"something before it" + packed.getvalue())
    deposit = open_deposit(path)

    for name in deposit.names():
        assert deposit.in_any_order(name) == (name == "1.warc")
        for begin in (1000, 10, 2047, 0):
            assert deposit.cut(name, begin, 1) == content[begin : begin + 1]
        with pytest.raises(DepositRefused, match="ends before"):
            deposit.cut(name, 2040, 9)
    deposit.close()


def test_memory_stays_bounded_however_many_pages_there_are(tmp_path: Path) -> None:
    filling = f"<!--{'0123456789abcdef' * 30_000}-->"
    file = Warc()
    for number in range(20):
        file.add(f"{SITE}/{number}", a_page("News", f"Number {number}") + filling.encode())
    warc.contents(tmp_path, {"site.warc": crawled()})  # what is loaded once is no page's

    count, peak = warc.peak(tmp_path, one_file(file))

    assert count == 20
    assert peak < 4 * 1024**2
