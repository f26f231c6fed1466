"""Deposits: a file a person brings is judged before it is read, and never unpacked to disk."""

import hashlib
import io
import os
import struct
import tracemalloc
import warnings
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from archiver.records.errors import AttachmentGone, DepositRefused, TooLarge
from connectors.deposits import Deposit, Entry, Limits, open_deposit


def zipped(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        warnings.simplefilter("ignore", UserWarning)  # zipfile warns of the duplicates we want
        for name, content in entries:
            file.writestr(name, content)
    return path


def marked(name: str, *, mode: int = 0, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.compress_type = method
    return info


def content(deposit: Deposit, name: str) -> bytes:
    return b"".join(deposit.open(name))


def refusal(path: Path, **limits: int) -> str:
    with pytest.raises(DepositRefused) as caught:
        open_deposit(path, limits=Limits(**limits))
    return str(caught.value)


def spoilt(path: Path, at: int, value: bytes) -> Path:
    body = bytearray(path.read_bytes())
    body[at : at + len(value)] = value
    path.write_bytes(body)
    return path


def directory_entry(path: Path) -> int:
    return path.read_bytes().index(b"PK\x01\x02")


def test_a_zip_file_is_read_without_unpacking_it(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", ("posts/", b""), ("posts/a.json", b"[1]"), ("b.jpg", b"JPEG"))
    deposit = open_deposit(path)
    assert deposit.names() == ["b.jpg", "posts/a.json"]
    assert deposit.entries == [Entry("b.jpg", 4), Entry("posts/a.json", 3)]
    assert "b.jpg" in deposit
    assert "posts/" not in deposit
    assert content(deposit, "posts/a.json") == b"[1]"
    assert deposit.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert list(tmp_path.iterdir()) == [path]
    deposit.close()


def test_the_parts_of_a_split_export_are_one_in_whatever_order(tmp_path: Path) -> None:
    for folder, names in (("one", "ab"), ("two", "ba")):
        (tmp_path / folder).mkdir()
        zipped(tmp_path / folder / f"{names[0]}.zip", ("1.json", b"[1]"), ("same.css", b"p"))
        zipped(tmp_path / folder / f"{names[1]}.zip", ("2.json", b"[2]"), ("same.css", b"p"))
        (tmp_path / folder / ".DS_Store").write_bytes(b"litter")
    one, two = open_deposit(tmp_path / "one"), open_deposit(tmp_path / "two")
    assert one.names() == two.names() == ["1.json", "2.json", "same.css"]
    assert content(one, "2.json") == content(two, "2.json") == b"[2]"
    assert not one.clashing
    one.close()
    two.close()


def test_parts_that_hold_different_files_under_one_name_are_told_apart(tmp_path: Path) -> None:
    zipped(tmp_path / "1.zip", ("a.json", b"[1]"), ("b.json", b"[1]"))
    zipped(tmp_path / "2.zip", ("a.json", b"[2]"), ("b.json", b"[1]"))
    deposit = open_deposit(tmp_path)
    assert deposit.clashing == {"a.json"}
    deposit.close()


def test_a_folder_already_unpacked_is_read_as_it_lies(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.json").write_bytes(b"[1]")
    deposit = open_deposit(tmp_path)
    assert deposit.names() == ["posts/a.json"]
    assert content(deposit, "posts/a.json") == b"[1]"
    before = deposit.digest
    (tmp_path / "posts" / "a.json").write_bytes(b"[2]")
    assert open_deposit(tmp_path).digest != before


def test_zip_files_with_other_files_beside_them_are_refused(tmp_path: Path) -> None:
    zipped(tmp_path / "1.zip", ("a.json", b"[1]"))
    (tmp_path / "unpacked").mkdir()
    assert "beside them 'unpacked'" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../x.json", "leads out of the export"),
        ("posts/../../x.json", "leads out of the export"),
        ("/etc/passwd", "absolute path"),
        ("C:/x.json", "absolute path"),
        ("c:x.json", "absolute path"),
        ("posts\\x.json", "backslash"),
        ("..\\x.json", "backslash"),
        ("a\x01b", "control character"),
        ("//etc/passwd", "absolute path"),
        ("posts/..//x.json", "leads out of the export"),
        ("./x.json", "no plain path"),
        ("a/" * 30 + "x", "folders deep"),
        ("x" * 2000, "characters"),
    ],
)
def test_an_entry_with_a_hostile_name_is_refused(tmp_path: Path, name: str, why: str) -> None:
    assert why in refusal(zipped(tmp_path / "x.zip", (name, b"1")))


def test_several_slashes_in_a_name_are_one_and_two_such_names_one_file(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", ("memories//x.html", b"1"), ("memories/1.jpg", b"2"))
    with closing(open_deposit(path)) as deposit:
        assert deposit.names() == ["memories/1.jpg", "memories/x.html"]
        assert content(deposit, "memories/x.html") == b"1"

    twice = zipped(tmp_path / "y.zip", ("memories//x.html", b"1"), ("memories/x.html", b"2"))
    assert "occurs twice" in refusal(twice)


def test_a_name_that_hides_behind_a_nul_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", ("goodXevil", b"1"))
    path.write_bytes(path.read_bytes().replace(b"goodXevil", b"good\0evil"))
    assert "control character" in refusal(path)


@pytest.mark.parametrize("mode", [0o120777, 0o020666, 0o060666, 0o010666, 0o140777])
def test_links_and_devices_are_refused(tmp_path: Path, mode: int) -> None:
    path = zipped(tmp_path / "x.zip", (marked("x", mode=mode), b"/etc/passwd"))
    assert "'x' is a link or a device" in refusal(path)


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "secret").write_bytes(b"s")
    (tmp_path / "export" / "x.json").symlink_to(tmp_path / "secret")
    (tmp_path / "export" / "d").symlink_to(tmp_path)
    told = refusal(tmp_path / "export")
    assert "'x.json' is a link or a device" in told
    assert "'d' is a link or a device" in told


def test_the_same_name_twice_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", ("a.json", b"[1]"), ("a.json", b"[2]"))
    assert "'a.json' occurs twice" in refusal(path)


def test_encrypted_entries_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", ("a.json", b"[1]"))
    spoilt(path, directory_entry(path) + 8, b"\x01")
    assert "'a.json' is encrypted" in refusal(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_compression_that_no_platform_uses_is_refused(tmp_path: Path, method: int) -> None:
    path = zipped(tmp_path / "x.zip", (marked("a", method=method), b"x"))
    assert "compressed in a way no platform uses" in refusal(path)


def test_a_bomb_is_refused_by_what_it_announces(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", ("bomb", b"\0" * 1_000_000))
    assert "more than 250 times its size" in refusal(path, small=10_000)
    assert "more than 100 times its size" in refusal(path, small=10_000)


def test_many_small_bombs_are_refused_together(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", *((f"{n}", b"\0" * 9_000) for n in range(20)))
    assert "x.zip: it would unpack to more than 100 times" in refusal(
        path, small=10_000, ratio=9999
    )


def test_an_export_beyond_the_total_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", ("a", os.urandom(600)), ("b", os.urandom(600)))
    assert "would unpack to 1200 bytes; 1000 are allowed" in refusal(path, total_bytes=1000)


def test_entries_that_lie_in_one_another_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", ("aaaa", b"1" * 50), ("bbbb", b"2" * 50))
    body = path.read_bytes()
    second = body.index(b"PK\x01\x02", body.index(b"PK\x01\x02") + 1)
    spoilt(path, second + 42, struct.pack("<L", 0))
    assert "entries lie in one another" in refusal(path)


def test_too_many_entries_are_refused_before_they_are_listed(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", *((str(n), b"") for n in range(11)))
    assert "holds 11 entries; 10 are allowed" in refusal(path, entries=10)
    end = path.read_bytes().rindex(b"PK\x05\x06")
    spoilt(path, end + 8, struct.pack("<HH", 3, 3))  # announces 3, lists 11
    assert "holds more than 10 entries" in refusal(path, entries=10)


def test_a_directory_larger_than_any_export_is_not_loaded(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", *((f"{n:0500}", b"") for n in range(10)))
    assert "a directory of" in refusal(path, directory_bytes=1000)


def test_many_files_in_a_folder_are_refused(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / str(number)).write_bytes(b"")
    assert "more than 3 files" in refusal(tmp_path, entries=3)


def test_every_fault_is_named_in_one_refusal(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    zipped(tmp_path / "x" / "1.zip", ("../a", b""), ("b\\c", b""))
    zipped(tmp_path / "x" / "2.zip", ("/d", b""))
    (tmp_path / "x" / "3.zip").write_bytes(b"<html>Log in</html>")
    told = refusal(tmp_path / "x")
    assert len(told.splitlines()) == 4
    assert all(name in told for name in ("'../a'", "'b\\\\c'", "'/d'", "3.zip is no zip"))


def test_a_thousand_faults_do_not_make_a_thousand_lines(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", *((f"../{n}", b"") for n in range(1000)))
    assert refusal(path).splitlines()[-1] == "and 950 more"


def test_a_cut_off_download_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", ("a.json", b"[1]" * 100))
    whole = path.read_bytes()
    for length in range(2, len(whole), 7):
        path.write_bytes(whole[:length])
        assert "a download may have been cut off" in refusal(path)
    assert "there is no such file" in refusal(tmp_path / "absent.zip")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "x.zip is empty"),
        (b"PK\x03\x04 and no more", "is not a whole zip file; a download may have been cut off"),
        (
            b"\x1f\x8b\x08",
            "is no zip file: the download may have failed, or it is packed otherwise",
        ),
    ],
)
def test_what_is_no_zip_file_is_told_apart(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)

    with pytest.raises(DepositRefused, match=why):
        open_deposit(path)


def test_a_file_whose_name_is_not_utf8_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    Path(os.fsdecode(bytes(tmp_path / "export") + b"/caf\xe9.json")).write_bytes(b"[]")

    with pytest.raises(DepositRefused, match=r"caf.*has a name that is not UTF-8") as caught:
        open_deposit(tmp_path / "export")
    assert caught.value.remedy.startswith("Mend in the folder what is named")


def test_no_byte_flipped_in_the_frame_escapes_as_another_error(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", ("a.json", b"[1, 2]"), ("b/c.jpg", b"JPEG"))
    whole = path.read_bytes()
    for at in range(len(whole)):
        for value in (0x00, 0xFF, whole[at] ^ 0x01):
            path.write_bytes(whole[:at] + bytes([value]) + whole[at + 1 :])
            try:
                deposit = open_deposit(path)
            except DepositRefused:
                continue
            for name in deposit.names():
                try:
                    content(deposit, name)
                except DepositRefused:
                    continue
            deposit.close()


def test_a_file_that_was_damaged_is_refused_while_it_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", (marked("a", method=zipfile.ZIP_STORED), b"SOMETHING"))
    path.write_bytes(path.read_bytes().replace(b"SOMETHING", b"SOMETHINX"))
    deposit = open_deposit(path)
    with pytest.raises(DepositRefused, match="'a' is damaged"):
        content(deposit, "a")
    deposit.close()


def test_an_entry_that_unpacks_to_more_than_it_says_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", ("a", b"\0" * 5_000_000))
    spoilt(path, directory_entry(path) + 24, struct.pack("<L", 100))
    deposit = open_deposit(path)
    received = 0
    with pytest.raises(DepositRefused):  # noqa: PT012 # what came before the refusal counts too
        for piece in deposit.open("a"):
            received += len(piece)
    assert received <= 100
    deposit.close()


def test_a_file_that_grew_since_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"123")
    deposit = open_deposit(tmp_path)
    stream = deposit.open("a")
    assert next(stream) == b"123"
    (tmp_path / "a").write_bytes(b"12345")
    with pytest.raises(DepositRefused, match="has not the 3 bytes"):
        next(stream)


def test_names_in_utf8_without_the_flag_for_it_are_read_as_meant(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", ("Ñandú.jpg", b"JPEG"))
    body = bytearray(path.read_bytes())
    for header, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(header) + offset + 1] = 0
    path.write_bytes(body)
    deposit = open_deposit(path)
    assert deposit.names() == ["Ñandú.jpg"]
    assert content(deposit, "Ñandú.jpg") == b"JPEG"
    deposit.close()


def test_a_file_is_brought_into_the_spool_with_its_digest(tmp_path: Path) -> None:
    deposit = open_deposit(zipped(tmp_path / "x.zip", ("a.jpg", b"JPEG" * 1000)))
    file = deposit.spool("a.jpg", tmp_path / "spool", max_bytes=4000)
    assert Path(file.path).read_bytes() == b"JPEG" * 1000
    assert (file.digest, file.size) == (hashlib.sha256(b"JPEG" * 1000).hexdigest(), 4000)
    with pytest.raises(AttachmentGone):
        deposit.spool("b.jpg", tmp_path / "spool", max_bytes=4000)
    with pytest.raises(TooLarge):
        deposit.spool("a.jpg", tmp_path / "spool", max_bytes=3999)
    deposit.close()


def test_a_damaged_file_leaves_nothing_in_the_spool(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", (marked("a", method=zipfile.ZIP_STORED), b"SOMETHING"))
    path.write_bytes(path.read_bytes().replace(b"SOMETHING", b"SOMETHINX"))
    deposit = open_deposit(path)
    with pytest.raises(DepositRefused):
        deposit.spool("a", tmp_path / "spool", max_bytes=100)
    assert list((tmp_path / "spool").iterdir()) == []
    deposit.close()


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file,
        file.open("video.mp4", "w") as video,
    ):
        for _ in range(64):
            video.write(os.urandom(1024**2))
    deposit = open_deposit(path)
    tracemalloc.start()
    try:
        file_size = sum(len(piece) for piece in deposit.open("video.mp4"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert file_size == 64 * 1024**2
    assert peak < 4 * 1024**2
    deposit.close()


def test_a_file_larger_than_32_bits_can_say_is_announced_by_the_64_bit_record(
    tmp_path: Path,
) -> None:
    entries = 70_000
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as file:
        for number in range(entries):
            file.writestr(zipfile.ZipInfo(str(number)), b"")
    path = tmp_path / "x.zip"
    path.write_bytes(made.getvalue())
    assert f"holds {entries} entries; 66000 are allowed" in refusal(path, entries=66_000)
    deposit = open_deposit(path)
    assert len(deposit.names()) == entries
    deposit.close()
