"""What a restore unpacks is its own while it lives, and goes once it is dead, where it may."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from archiver.office.unpacking import left_unpacked, sweep_unpacked, unpacking
from tests.procedures.test_backup import as_another_account

HOME = Path(__file__).parents[1]
KILLED = """
import sys
from pathlib import Path
from archiver.office.unpacking import unpacking
with unpacking(Path(sys.argv[1])) as folder:
    (folder / "archive.key").write_bytes(b"secret")
    print(folder, flush=True)
    sys.stdin.readline()
"""


def test_what_a_restore_unpacks_is_left_alone_while_it_lives_and_removed_when_it_died(tmp_path):
    config = tmp_path / "config.toml"
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(config)],
        cwd=HOME,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        folder = Path(process.stdout.readline().strip())
        sweep_unpacked(config)
        with unpacking(config) as another:
            assert sorted(tmp_path.iterdir()) == sorted([folder, another])
        assert left_unpacked(config) == ()
        process.kill()
        process.wait(30)

    assert left_unpacked(config) == (str(folder),)
    sweep_unpacked(config)
    assert (list(tmp_path.iterdir()), left_unpacked(config)) == ([], ())


def test_what_only_has_such_a_name_stays(tmp_path):
    ends = ".archiver-unpacked"
    (tmp_path / "theirs").mkdir()
    (tmp_path / f".restoring-link{ends}").symlink_to(tmp_path / "theirs")
    (tmp_path / f".restoring-file{ends}").write_bytes(b"a file")
    (tmp_path / ".restoring-something").mkdir()
    before = sorted(tmp_path.iterdir())

    sweep_unpacked(tmp_path / "config.toml")

    assert (sorted(tmp_path.iterdir()), left_unpacked(tmp_path / "config.toml")) == (before, ())


def test_what_is_another_accounts_is_named_and_stays():
    with TemporaryDirectory() as folder:
        beside, config = Path(folder), Path(folder) / "config.toml"
        left = beside / ".restoring-theirs.archiver-unpacked"
        left.mkdir()
        (left / "archive.key").write_bytes(b"secret")
        left.chmod(0o000)
        beside.chmod(0o755)
        with as_another_account():
            sweep_unpacked(config)
            named = left_unpacked(config)
        left.chmod(0o700)

        assert named == (str(left.resolve()),)
        assert (left / "archive.key").exists()
