"""The contract of importers, run on every connector that reads an export file.

How a new importer joins is said in `tests.connectors.importers`.

What is held against every one of them: every item of the export is seen once, with the bytes the
platform wrote; importing twice changes nothing; whatever cannot be read is a gap that names file
and place; nothing is invented, and no absence is read as a removal.
"""

from __future__ import annotations

import importlib
import json
import tempfile
import tomllib
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from archiver.ports import Connector
from archiver.procedures.capture import capture
from archiver.procedures.viewing import is_restricted
from archiver.records.captures import (
    Coverage,
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
from archiver.records.errors import AttachmentGone, DepositRefused, TooLarge
from archiver.records.identity import Part
from archiver.records.items import Attachment, Provenance, from_object
from archiver.records.pages import FetchSettings
from tests.archive import Archive, an_archive
from tests.connectors.importers import ONE_OF_EACH, SAMPLES, opened
from tests.connectors.sample import Sample, lay_out

each_layout = pytest.mark.parametrize("make", SAMPLES.values(), ids=SAMPLES)
each_importer = pytest.mark.parametrize("make", ONE_OF_EACH.values(), ids=ONE_OF_EACH)
Make = Callable[[], Sample]
PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def visited(sample: Sample, path: Path, window: Window | None = None) -> list[Seen]:
    with opened(sample, path) as source:
        return list(source.visit(window or Window()))


def observed(seen: Sequence[Seen]) -> list[Observation]:
    return [each for each in seen if isinstance(each, Observation)]


def gaps(seen: Sequence[Seen]) -> list[Gap]:
    return [each for each in seen if isinstance(each, Gap)]


def zipped(path: Path, sample: Sample, *, within: str = "", names: Sequence[str] = ()) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as export:
        for name, content in sample.written().items():
            if not names or name in names:
                export.writestr(within + name, content)
    return path


# --- every item, once ---------------------------------------------------------------------


@each_layout
def test_every_item_is_seen_once(make: Make, tmp_path: Path) -> None:
    sample = make()

    seen = visited(sample, zipped(tmp_path / "x.zip", sample))

    assert Counter(s.content.text for s in observed(seen)) == Counter(sample.texts)
    assert len({s.content.native_id for s in observed(seen)}) == len(sample.texts)
    assert gaps(seen) == []
    assert not [each for each in seen if isinstance(each, Sighting)]


@each_layout
def test_each_item_keeps_bytes_the_platform_wrote(make: Make, tmp_path: Path) -> None:
    sample = make()
    written = b"\n".join([*sample.written().values(), sample.inside])

    for seen in observed(visited(sample, zipped(tmp_path / "x.zip", sample))):
        lines = [line.strip(b"\x1e") for line in seen.content.raw.body.splitlines()]
        assert lines
        assert all(line in written for line in lines)


@each_importer
def test_how_an_export_is_packed_makes_no_difference(make: Make, tmp_path: Path) -> None:
    sample = make()
    (tmp_path / "parts").mkdir()
    names = sorted(sample.files)
    for number, name in enumerate(names):
        zipped(tmp_path / "parts" / f"{len(names) - number}.zip", sample, names=[name])

    whole = visited(sample, zipped(tmp_path / "whole.zip", sample))

    assert visited(sample, tmp_path / "parts") == whole
    assert visited(sample, lay_out(tmp_path / "unpacked", sample.written())) == whole
    again = visited(sample, zipped(tmp_path / "again.zip", sample, within="packed again/"))
    assert observed(again) == observed(whole)


@each_importer
def test_an_import_is_taken_whole_and_claims_no_more_than_it_saw(
    make: Make, tmp_path: Path
) -> None:
    sample = make()

    window = Window(since=None, cursor="99999999999", full=False)
    seen = visited(sample, zipped(tmp_path / "x.zip", sample), window)

    newest = max(s.content.published_at for s in observed(seen))
    assert len(observed(seen)) == len(sample.texts)
    assert seen[-2] == Cursor(str(int(newest.timestamp())))
    assert isinstance(seen[-1], Listed)
    assert not seen[-1].whole
    assert {s.state for s in observed(seen)} <= {PlatformState.PRESENT, PlatformState.HIDDEN}


@each_importer
def test_nothing_of_an_export_can_be_looked_at_again(make: Make, tmp_path: Path) -> None:
    sample = make()
    known = Known(native_id="one", kind="post", parent=None, thread=None, permalink="")

    with opened(sample, zipped(tmp_path / "x.zip", sample)) as source:
        (gap,) = source.recheck([known])

    assert isinstance(gap, Gap)
    assert (gap.native_id, gap.why) == ("one", GapReason.OUT_OF_REACH)


# --- files --------------------------------------------------------------------------------


@each_layout
def test_the_files_of_an_item_are_brought_out_of_the_export(make: Make, tmp_path: Path) -> None:
    sample = make()
    path = zipped(tmp_path / "x.zip", sample, within="packed again/")
    with opened(sample, path, max_bytes=len(sample.picture)) as source:
        seen = observed(list(source.visit(Window())))
        attached = [file for each in seen for file in each.content.attachments]
        brought, wanting = [], []
        for file in attached:
            try:
                brought.append(Path(source.download(file).path))
            except AttachmentGone:
                wanting.append(file)

        assert [file.read_bytes() for file in brought] == [sample.picture] * len(brought)
        assert bool(brought) == bool(sample.picture)
        assert len(wanting) == len(attached) - len(brought)

    assert not [file for file in brought if file.exists()]


@each_importer
def test_no_file_is_brought_that_is_too_large_or_lies_elsewhere(make: Make, tmp_path: Path) -> None:
    sample = make()
    path = zipped(tmp_path / "x.zip", sample)
    name = sample.holding[0]

    with opened(sample, path, max_bytes=3) as source:
        with pytest.raises(TooLarge):
            source.download(Attachment(key=name, url=name))
        for address in ("no/such.jpg", "../../etc/passwd", "/etc/passwd", "", "\ud800"):
            with pytest.raises(AttachmentGone):
                source.download(Attachment(key="k", url=address))


# --- what cannot be read ------------------------------------------------------------------


def read_spoilt(
    sample: Sample, name: str, content: bytes
) -> tuple[list[Observation], list[Gap], list[Observation]]:
    """Read *sample* with one file spoilt; give what is seen, the gaps that name it, and before."""
    with tempfile.TemporaryDirectory() as place:
        whole = lay_out(Path(place, "whole"), sample.written())
        spoilt = lay_out(Path(place, "spoilt"), {**sample.written(), name: content})
        before = observed(visited(sample, whole))
        seen = visited(sample, spoilt)
    return observed(seen), [gap for gap in gaps(seen) if gap.what.startswith(name)], before


@each_importer
@settings(max_examples=12)
@given(data=st.data())
def test_a_file_that_breaks_off_leaves_a_gap_and_nothing_invented(
    make: Make, data: st.DataObject
) -> None:
    sample = make()
    name = data.draw(st.sampled_from(sample.holding))
    content = sample.written()[name]
    end = data.draw(st.integers(0, len(content.rstrip(b"\r\n ;")) - 1))
    between_rows = name.endswith((".csv", ".jsonl")) and content[:end].endswith(b"\n")
    assume(not between_rows)  # such a file looks whole: only a count that the export tells helps

    seen, named, before = read_spoilt(sample, name, content[:end])

    known = {each.content.native_id: each.content.text for each in before}
    cut_short = [s for s in seen if s.content.text != known[s.content.native_id]]
    assert named
    assert len(cut_short) <= 1


@each_importer
@settings(max_examples=20)
@given(data=st.data())
def test_no_item_of_a_spoilt_file_is_lost_without_a_gap(make: Make, data: st.DataObject) -> None:
    sample = make()
    name = data.draw(st.sampled_from(sample.holding))
    content = sample.written()[name]
    at = data.draw(st.integers(0, len(content) - 1))
    noise = data.draw(st.binary(min_size=1, max_size=3))

    seen, named, before = read_spoilt(
        sample, name, content[:at] + noise + content[at + len(noise) :]
    )

    assert len(seen) >= len(before) or named


@each_layout
def test_a_file_that_no_one_reads_is_named_once_with_how_many_there_are(
    make: Make, tmp_path: Path
) -> None:
    sample = make()
    folders = {name.rpartition("/")[0] for name in sample.files}
    beside = {f"{name}/".lstrip("/") for name in folders if name not in {"cur", "new"}}
    strewn = [f"{folder}strewn.{end}" for folder in sorted(beside) for end in ("docx", "json")]
    strewn += ["elsewhere/1/strewn.json", "strewn/old.zip", "elsewhere/.DS_Store"]

    whole = lay_out(tmp_path / "x", sample.written() | dict.fromkeys(strewn, b"{}"))
    seen = visited(sample, whole)

    (gap,) = gaps(seen)
    assert gap.why is GapReason.OUT_OF_REACH
    assert "files in the export that nobody read: " in gap.what
    assert all(name in gap.what for name in strewn if name.endswith((".docx", ".zip")))
    assert Counter(s.content.text for s in observed(seen)) == Counter(sample.texts)


@each_importer
def test_of_many_files_that_no_one_reads_the_first_are_named_and_all_are_counted(
    make: Make, tmp_path: Path
) -> None:
    sample = make()
    strewn = [f"strewn/{number:03}.docx" for number in range(200)]

    whole = lay_out(tmp_path / "x", sample.written() | dict.fromkeys(strewn, b""))
    (gap,) = gaps(visited(sample, whole))

    assert gap.what.startswith("200 files in the export that nobody read: strewn/000.docx, ")
    assert gap.what.endswith(" and 180 more")
    assert len(gap.what) < 1_000


@each_importer
def test_what_is_no_export_of_the_platform_is_refused(make: Make, tmp_path: Path) -> None:
    sample = make()
    for files in ({"notes.txt": b"x"}, {"../" + name: b"[]" for name in sample.holding}):
        path = zipped(tmp_path / "x.zip", replace(sample, files=files))
        with pytest.raises(DepositRefused) as caught, opened(sample, path):
            pass
        assert caught.value.remedy


@each_importer
def test_an_export_that_is_packed_in_another_zip_file_is_refused_by_its_name(
    make: Make, tmp_path: Path
) -> None:
    sample = make()
    inner = zipped(tmp_path / "inner.zip", sample).read_bytes()
    path = zipped(tmp_path / "x.zip", replace(sample, files={"mine/export.zip": inner}))

    with (
        pytest.raises(DepositRefused, match=r"1 file packed once more: mine/export\.zip") as caught,
        opened(sample, path),
    ):
        pass
    assert "into a folder" in caught.value.remedy


@each_importer
def test_two_exports_at_once_are_refused(make: Make, tmp_path: Path) -> None:
    sample = make()
    zipped(tmp_path / "1.zip", sample)
    spoilt = {name: content + b" " for name, content in sample.written().items()}
    zipped(tmp_path / "2.zip", replace(sample, files=spoilt))
    (tmp_path / "both").mkdir()
    for part in ("1.zip", "2.zip"):
        (tmp_path / part).rename(tmp_path / "both" / part)

    with (
        pytest.raises(DepositRefused, match="more than once"),
        opened(sample, tmp_path / "both"),
    ):
        pass


@each_importer
def test_without_a_deposit_there_is_nothing_to_open(make: Make, tmp_path: Path) -> None:
    sample = make()

    with pytest.raises(DepositRefused, match="none was given"):
        sample.connector.open(sample.page(), FetchSettings(user_agent="test", spool=tmp_path))


# --- in the archive -----------------------------------------------------------------------


def imported(archive: Archive, sample: Sample, path: Path) -> Coverage:
    with opened(sample, path) as source:
        visitor = archive.office.visitor(archive.person)
        return capture(visitor, sample.connector, sample.page(), source)


@each_importer
def test_importing_twice_changes_nothing(make: Make, tmp_path: Path) -> None:
    sample = make()
    archive = an_archive(tmp_path, page=sample.page(), index="memory:")
    path = zipped(tmp_path / "x.zip", sample)

    once = imported(archive, sample, path)
    kept = set(archive.objects())
    twice = imported(archive, sample, path)

    assert (once.seen, once.new) == (len(sample.texts), len(sample.texts))
    assert (twice.seen, twice.new, twice.changed) == (len(sample.texts), 0, 0)
    assert set(archive.objects()) == kept
    assert {gap.why for gap in once.gaps} <= {GapReason.GONE}
    archive.office.close()


@each_importer
def test_what_is_imported_says_so_and_what_was_private_is_restricted(
    make: Make, tmp_path: Path
) -> None:
    sample = make()
    archive = an_archive(tmp_path, page=sample.page(), index="memory:")
    imported(archive, sample, zipped(tmp_path / "x.zip", sample))

    kept = [ref for ref in archive.objects() if ref.part is Part.CONTENT]
    read = [from_object(json.loads(archive.office.objects.read(ref))) for ref in kept]

    assert len(read) == len(sample.texts)
    assert {origin.provenance for _, origin in read} == {Provenance.IMPORTED}
    restricted = {c.text for c, _ in read if is_restricted(archive.item(c.native_id))}
    assert restricted == sample.private
    archive.office.close()


# --- what it says of itself ---------------------------------------------------------------


@each_importer
def test_an_importer_says_what_it_is_and_what_it_cannot_see(make: Make) -> None:
    connector = make().connector

    assert isinstance(connector, Connector)
    assert connector.imports
    assert connector.capabilities.blind_to
    assert connector.capabilities.access.steps
    assert connector.capabilities.access.terms


def test_every_importer_there_is_is_held_to_this_contract() -> None:
    groups = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["entry-points"]
    loaded = {
        name: getattr(importlib.import_module(module), attribute)
        for name, place in groups["archiver.connectors"].items()
        for module, attribute in [place.split(":")]
    }

    assert {name for name, each in loaded.items() if each.imports} == set(ONE_OF_EACH)
    assert all(make().connector is loaded[name] for name, make in ONE_OF_EACH.items())
