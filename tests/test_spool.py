"""The spool holds a visit's files while it lasts, and nobody's afterwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from archiver.office.spool import sweep, visit_folder
from tests.archive import an_archive, an_observation

HOME = Path(__file__).parents[1]
KILLED = """
import sys
from pathlib import Path
from archiver.office.spool import visit_folder
with visit_folder(Path(sys.argv[1])) as folder:
    (folder / "fetched").write_bytes(b"words")
    print("there", flush=True)
    sys.stdin.readline()
"""


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_each_visit_has_a_folder_of_its_own_that_goes_with_it(tmp_path):
    with visit_folder(tmp_path / "spool") as one, visit_folder(tmp_path / "spool") as other:
        (one / "a").write_bytes(b"1")
        (other / "a").write_bytes(b"2")
        sweep(tmp_path / "spool")

        assert files(tmp_path) == ["a", "a"]

    assert list((tmp_path / "spool").iterdir()) == []


def test_what_a_killed_visit_left_is_gone_before_the_next(tmp_path):
    spool = tmp_path / "spool"
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(spool)],
        cwd=HOME,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "there\n"
        sweep(spool)
        assert files(spool) == ["fetched"], "while it lives, nobody takes its files"
        process.kill()
        process.wait(30)

    with visit_folder(spool) as mine:
        assert list(spool.iterdir()) == [mine]


def test_what_lies_loose_in_the_spool_is_swept_and_what_it_points_to_is_not(tmp_path):
    spool, outside = tmp_path / "spool", tmp_path / "outside"
    sweep(spool)
    spool.mkdir()
    outside.mkdir()
    (outside / "stays").write_bytes(b"")
    (spool / "loose").write_bytes(b"")
    (spool / "link").symlink_to(outside)

    sweep(spool)

    assert list(spool.iterdir()) == []
    assert files(outside) == ["stays"]


def test_a_purge_sweeps_the_spool_too(tmp_path):
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(an_observation("1", attachments=("picture",)))
    spool = archive.folder / "spool"
    (spool / "visit-of-a-dead-process").mkdir()
    (spool / "visit-of-a-dead-process" / "fetched").write_bytes(b"words")

    archive.purge()

    assert files(spool) == []
    archive.office.close()
