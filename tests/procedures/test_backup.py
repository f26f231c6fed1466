from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import resource
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from stat import S_IMODE

import pyrage
import pytest
from sqlalchemy import select, text

from archiver.catalogue import facts, holds, locks, tables
from archiver.office.upkeep import backup_of, restore_archive
from archiver.ports import ListedObject, ObjectReader
from archiver.procedures.backup import Made, back_up
from archiver.procedures.broken_off import sweep_broken_off
from archiver.procedures.destroying import DESTROYING
from archiver.procedures.dispose import finish_begun
from archiver.procedures.expunging import resume_orders
from archiver.procedures.reconcile import differences, reconcile
from archiver.procedures.restore import Restored
from archiver.procedures.sealing import Key, Seal, unsealed
from archiver.procedures.verify import verify
from archiver.records.errors import (
    ArchiveBusy,
    BackupInvalid,
    CatalogueUnavailable,
    ConfigInvalid,
    LedgerDamaged,
    NotFound,
    NotPermitted,
    RestoreUnconfirmed,
)
from archiver.records.people import Means, Role, SignedIn
from tests.archive import TRANSITORY, Archive, a_colleague, an_archive, an_observation
from tests.procedures.test_rebuild import dumped

IDENTITY = pyrage.x25519.Identity.generate()
SEAL = Seal(recipients=(str(IDENTITY.to_public()),))
KEY = Key(identities=f"# an invented key\n{IDENTITY}\n")


@pytest.fixture
def archive(tmp_path) -> Archive:
    archive = an_archive(tmp_path)
    archive.platform.files = {"film": bytes(range(256)) * 12_000}
    archive.capture(
        an_observation("1", TRANSITORY),
        an_observation("2", "Report of a stolen bicycle", attachments=["photo", "film"]),
    )
    archive.issue_hold("2")
    return archive


def backed_up(archive: Archive, target: Path, seal: Seal = SEAL, **options) -> Made:
    return back_up(backup_of(archive.office, **options), archive.person, target, seal)


def restored(archive: Archive, backup: Path, key: Key = KEY) -> Restored:
    """Restore beside the configuration, and open what came of it."""
    archive.office.close()
    result = restore_archive(
        archive.config_file, backup, key, clock=archive.clock, progress=lambda _count: None
    )
    archive.reopen()
    return result


def lose(archive: Archive, *, objects: bool) -> None:
    """Lose everything but the configuration; the object store, too, or not."""
    catalogue = archive.office.catalogue
    if catalogue.file is None:
        with catalogue.writing_raw() as connection:
            tables.METADATA.drop_all(connection)
            connection.execute(text("DROP TABLE alembic_version"))
    archive.office.close()
    for path in sorted(archive.folder.rglob("*"), reverse=True):
        if not objects and "objects" in path.relative_to(archive.folder).parts:
            continue
        path.chmod(0o700)
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()


def whole(archive: Archive) -> bool:
    office = archive.office
    return verify(office.account, office.objects, office.index, share_read=1).whole


def confirm(archive: Archive, anchor: bytes | None = None):
    office = archive.office
    found = differences(office.account, office.objects, anchor=anchor)
    with office.disposer() as disposer:
        reconcile(disposer, archive.office.sign_in(), found)
    return found


def is_unreconciled(archive: Archive) -> bool:
    with archive.office.catalogue.reading() as connection:
        return facts.get(connection, facts.UNRECONCILED) is not None


def test_everything_comes_back_from_a_backup(archive, tmp_path):
    before = dumped(archive)
    made = backed_up(archive, tmp_path / "backup.age")
    lose(archive, objects=True)

    result = restored(archive, tmp_path / "backup.age")

    assert (result.survived, result.objects, result.lost) == (False, made.objects, ())
    after = dumped(archive)
    ledger = before.pop("ledger")
    assert after.pop("ledger")[: len(ledger)] == ledger
    assert after == before
    assert whole(archive)
    assert archive.found("bicycle") == ["2"]


def test_a_restored_archive_destroys_nothing_until_a_person_confirmed(archive, tmp_path):
    backed_up(archive, tmp_path / "backup.age")
    lose(archive, objects=True)
    restored(archive, tmp_path / "backup.age")
    archive.clock.forward(days=100)
    archive.capture()

    with pytest.raises(RestoreUnconfirmed):
        archive.purge()
    confirm(archive)

    assert archive.purge().destroyed == 1
    with pytest.raises(NotFound, match="no reconciliation"):
        confirm(archive)


def test_what_was_confirmed_of_one_restore_confirms_nothing_of_the_next(archive, tmp_path):
    backed_up(archive, tmp_path / "backup.age")
    lose(archive, objects=False)
    restored(archive, tmp_path / "backup.age")
    confirm(archive)
    assert not is_unreconciled(archive)
    lose(archive, objects=False)

    restored(archive, tmp_path / "backup.age")

    assert is_unreconciled(archive)
    archive.let_pass(days=100)
    with pytest.raises(RestoreUnconfirmed):
        archive.purge()
    confirm(archive)
    assert archive.purge().destroyed == 1


def test_only_who_may_both_maintain_and_dispose_confirms(archive, tmp_path):
    backed_up(archive, tmp_path / "backup.age")
    lose(archive, objects=True)
    restored(archive, tmp_path / "backup.age")
    office = archive.office
    found = differences(office.account, office.objects)

    for role in (Role.ADMINISTRATOR, Role.RECORDS_OFFICER):
        someone = a_colleague(archive, role, name=role.value)
        with office.disposer() as disposer, pytest.raises(NotPermitted):
            reconcile(disposer, SignedIn(person=someone, means=Means.TWO_FACTORS), found)

    assert is_unreconciled(archive)


def test_deeds_newer_than_the_backup_are_replayed_from_the_surviving_store(archive, tmp_path):
    backed_up(archive, tmp_path / "backup.age")
    archive.capture(an_observation("3", "Report of a found hat"), an_observation("4", TRANSITORY))
    archive.clock.forward(days=100)
    archive.capture()
    assert archive.purge().destroyed == 2
    issued = archive.issue_hold("3", matter="Roe v. City")
    before = dumped(archive)
    lose(archive, objects=False)

    result = restored(archive, tmp_path / "backup.age")

    assert result.survived
    assert result.replayed > 0
    check_restored(before, dumped(archive))
    assert archive.held_by("3") == [issued.hold]
    assert whole(archive)
    found = confirm(archive)
    assert list(found.holds_issued) == [issued.hold]
    assert list(found.destructions) == ["D-000001"]
    assert archive.capture(an_observation("1", TRANSITORY)).destroyed_before == 1


def check_restored(before, after) -> None:
    """The same rows, but for what numbers and coverage of tombstones a replay cannot know."""
    ledger = before.pop("ledger")
    assert after.pop("ledger")[: len(ledger)] == ledger
    for name in ("items", "versions", "contents", "holds", "sightings", "decisions", "coverage"):
        assert after[name] == before[name], name


@pytest.mark.parametrize("cool_down_days", [0, 1])
def test_what_was_held_in_the_backup_and_let_go_since_falls_due_after_a_restore(
    archive, tmp_path, cool_down_days
):
    """Nobody had to look at it again for as long as it was held."""
    issued = archive.issue_hold(query="friday")
    archive.let_pass(days=1)
    assert archive.purge().destroyed == 0
    backed_up(archive, tmp_path / "backup.age")
    archive.lift_hold(issued.hold, cool_down_days=cool_down_days)
    lose(archive, objects=False)

    restored(archive, tmp_path / "backup.age")

    confirm(archive)
    archive.let_pass(days=100)
    assert archive.purge().destroyed == 1
    assert archive.item("1").life == "destroyed"
    assert whole(archive)


def test_objects_that_came_back_of_what_was_destroyed_are_destroyed_again(archive, tmp_path):
    refs = archive.objects("1")
    data = archive.path_of(refs[0]).read_bytes()
    backed_up(archive, tmp_path / "backup.age")
    archive.clock.forward(days=100)
    archive.capture()
    assert archive.purge().destroyed == 1
    archive.path_of(refs[0]).write_bytes(data)  # an older state of the store was put back
    lose(archive, objects=False)
    restored(archive, tmp_path / "backup.age")
    assert not whole(archive)

    found = confirm(archive)

    assert list(found.returned) == [archive.item_id("1")]
    assert archive.objects("1") == []
    assert whole(archive)


@pytest.mark.parametrize("deeds_since", [0, 9])
def test_an_anchor_tells_how_many_entries_are_missing(archive, tmp_path, deeds_since):
    """Whatever the restored archive has entered since is not what was lost."""
    backed_up(archive, tmp_path / "backup.age")
    archive.capture(an_observation("3", "Report of a found hat"))
    anchor = (archive.folder / "objects" / "ledger" / "checkpoint").read_bytes()
    newest = archive.office.account.copy.size()
    lose(archive, objects=True)
    result = restored(archive, tmp_path / "backup.age")

    restored_at = archive.office.account.copy.size() - 1
    for _ in range(deeds_since):
        archive.issue_hold(since=archive.clock.now)
    office = archive.office
    found = differences(office.account, office.objects, anchor=anchor)
    ours = (archive.folder / "objects" / "ledger" / "checkpoint").read_bytes()

    assert found.missing == newest - restored_at > 0
    assert result.replayed == 0
    assert differences(office.account, office.objects, anchor=ours).missing == 0
    assert found.backup_entries == result.entries


def test_a_backup_of_another_history_is_refused(archive, tmp_path):
    """The same keys, and a ledger that went another way since."""
    early = tmp_path / "early.age"
    backed_up(archive, early)
    lose(archive, objects=True)
    restored(archive, early)
    archive.capture(an_observation("7", "one way"))
    one = tmp_path / "one.age"
    backed_up(archive, one)
    lose(archive, objects=True)
    restored(archive, early)
    archive.capture(an_observation("8", "another way"), an_observation("9", "quite another"))
    archive.capture(an_observation("10", "another way"))
    lose(archive, objects=False)

    with pytest.raises(LedgerDamaged, match="does not continue"):
        restored(archive, one)


def test_a_backup_made_while_the_archive_runs_is_consistent(archive, tmp_path):
    """A capture comes in while the backup is half-way: it is replayed, not torn."""

    class Busy:
        def __init__(self, inner) -> None:
            self._inner = inner

        def listing(self, *, shard=""):
            archive.capture(an_observation("5", "Seen in the middle of the backup"))
            return self._inner.listing(shard=shard)

        def read(self, ref):
            return self._inner.read(ref)

        def stream(self, ref):
            return self._inner.stream(ref)

    source = backup_of(archive.office)
    back_up(
        replace(source, objects=Busy(source.objects)),
        archive.person,
        tmp_path / "backup.age",
        SEAL,
    )
    lose(archive, objects=True)

    restored(archive, tmp_path / "backup.age")

    office = archive.office
    found = verify(office.account, office.objects, office.index, share_read=1)
    assert found.ok
    assert {name[:64] for name in found.stray} == {archive.item_id("5")}
    assert archive.capture(an_observation("5", "Seen in the middle of the backup")).new == 1


class Meanwhile:
    """The objects of an archive, during whose copying something is done just before *item*'s."""

    def __init__(self, inner: ObjectReader, item: str, do: Callable[[], object]) -> None:
        self._inner, self._item, self._do = inner, item, do
        self.read, self.stream = inner.read, inner.stream

    def listing(self, *, shard: str = "") -> Iterator[ListedObject]:
        done = False
        for listed in self._inner.listing(shard=shard):
            if listed.ref.owner == self._item and not done:
                done = True
                self._do()
            yield listed


def test_nothing_is_destroyed_while_a_backup_copies_and_what_comes_of_it_is_whole(
    archive, tmp_path
):
    """A destruction in the middle would leave a row in the backup, and neither bytes nor a word."""
    archive.let_pass(days=100)
    refused = []

    def destroy_and_hold() -> None:
        with pytest.raises(ArchiveBusy, match="makes a backup") as busy:
            archive.purge()
        refused.append(busy.value)
        archive.issue_hold("1", matter="Roe v. City")

    source, item = backup_of(archive.office), archive.item_id("1")
    watched = replace(source, objects=Meanwhile(source.objects, item, destroy_and_hold))
    made = back_up(watched, archive.person, tmp_path / "backup.age", SEAL)
    assert (len(refused), made.unread, archive.item("1").life) == (1, [], "live")
    lose(archive, objects=True)

    restored(archive, tmp_path / "backup.age")

    assert whole(archive)
    assert archive.found("friday") == ["1"]
    with pytest.raises(RestoreUnconfirmed):  # of the hold it knows nothing: a person is asked
        archive.purge()


def test_a_backup_that_finds_somebody_destroying_says_so_and_leaves_nothing(
    archive, tmp_path, monkeypatch
):
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 0.0)

    with archive.office.catalogue.exclusive(DESTROYING), pytest.raises(ArchiveBusy) as busy:
        backed_up(archive, tmp_path / "backup.age")

    assert "what is due stays due" in busy.value.remedy
    assert not [path for path in tmp_path.iterdir() if "backup" in path.name]


def test_an_object_that_somebody_takes_away_while_it_is_copied_is_named(archive, tmp_path):
    (ref,) = archive.objects("1")
    take = archive.path_of(ref).unlink
    source = backup_of(archive.office)
    watched = replace(source, objects=Meanwhile(source.objects, archive.item_id("1"), take))

    made = back_up(watched, archive.person, tmp_path / "backup.age", SEAL)

    assert [name[:64] for name in made.unread] == [archive.item_id("1")]


def test_whatever_comes_in_between_any_two_files_of_a_backup_is_whole_after_a_restore(
    archive, tmp_path
):
    """Captures and holds go on: a row of the backup has its bytes, bytes alone are strays."""
    came = []

    def come_in(count: int) -> None:
        if count < 180 and count % 8 == 1 and not at_work_on(archive, "ledger-copy"):
            archive.capture(an_observation(f"later {count}", f"Seen after file {count}"))
            archive.issue_hold(f"later {count}", matter=f"Roe v. City {count}")
            came.append(f"later {count}")

    source = backup_of(archive.office)
    back_up(source, archive.person, tmp_path / "backup.age", SEAL, progress=come_in)
    lose(archive, objects=True)

    result = restored(archive, tmp_path / "backup.age")

    office = archive.office
    found = verify(office.account, office.objects, office.index, share_read=1)
    assert (found.ok, result.lost) == (True, ())
    assert (result.replayed > 0, len(came) > len(found.stray) > 0) == (True, True)
    assert archive.held_by("later 1") == ["H-0002"]


def at_work_on(archive: Archive, name: str) -> bool:
    """Say whether somebody holds the lock *name*."""
    try:
        with archive.office.catalogue.exclusive(name, wait=False):
            return False
    except ArchiveBusy:
        return True


def test_a_destruction_waits_for_no_backup_where_nothing_was_begun(archive):
    """The night's work says what is due, and that it stays; it does not stand still."""
    archive.let_pass(days=100)

    with archive.office.catalogue.exclusive(DESTROYING), archive.office.disposer() as disposer:
        finished = finish_begun(disposer, archive.person)
        assert resume_orders(disposer, archive.person) == 0

    assert (finished.destroyed, finished.refusal) == (0, None)


def test_another_key_opens_nothing_and_nothing_is_put_in_place(archive, tmp_path):
    backed_up(archive, tmp_path / "backup.age")
    lose(archive, objects=True)
    stranger = Key(identities=str(pyrage.x25519.Identity.generate()))

    with pytest.raises(BackupInvalid):
        restored(archive, tmp_path / "backup.age", stranger)

    assert not list(archive.folder.rglob("*"))
    assert not list(tmp_path.glob(".restoring-*"))


@pytest.mark.parametrize("spoil", ["cut", "flip", "cut early"])
def test_a_backup_that_is_not_whole_is_refused_before_anything_is_put_in_place(
    archive, tmp_path, spoil
):
    file = tmp_path / "backup.age"
    backed_up(archive, file)
    data = bytearray(file.read_bytes())
    if spoil == "flip":
        data[len(data) // 2] ^= 1
    file.write_bytes(data[: {"cut": -1, "flip": None, "cut early": 1000}[spoil]])
    lose(archive, objects=True)

    with pytest.raises(BackupInvalid):
        restored(archive, file)

    assert not list(archive.folder.rglob("*"))


def test_a_restore_never_writes_over_a_catalogue(archive, tmp_path):
    backed_up(archive, tmp_path / "backup.age")
    before = dumped(archive)

    with pytest.raises(CatalogueUnavailable, match="not empty"):
        restored(archive, tmp_path / "backup.age")

    archive.reopen()
    assert dumped(archive) == before


def test_a_restore_never_writes_over_the_keys_of_another_archive(archive, tmp_path):
    backed_up(archive, tmp_path / "backup.age")
    lose(archive, objects=True)
    keys = archive.folder / "keys"
    keys.mkdir(parents=True)
    (keys / "archive.key").write_text("ab" * 32)

    with pytest.raises(BackupInvalid, match="another archive"):
        restored(archive, tmp_path / "backup.age")

    assert (keys / "archive.key").read_text() == "ab" * 32


def test_a_restore_into_an_empty_folder_makes_one_that_nobody_else_may_enter(archive, tmp_path):
    backed_up(archive, tmp_path / "backup.age")
    lose(archive, objects=True)
    archive.folder.rmdir()
    before = os.umask(0o022)
    try:
        restored(archive, tmp_path / "backup.age")
    finally:
        os.umask(before)

    made = [archive.folder, archive.folder / "keys"]
    assert [S_IMODE(folder.stat().st_mode) for folder in made] == [0o700, 0o700]


def test_a_backup_never_writes_over_a_file_and_needs_someone_who_can_open_it(archive, tmp_path):
    (tmp_path / "there").write_text("something")

    with pytest.raises(ConfigInvalid, match="never writes over"):
        backed_up(archive, tmp_path / "there")
    for seal in (Seal(), Seal(SEAL.recipients, "both"), Seal(("age1nonsense",))):
        with pytest.raises(ConfigInvalid):
            backed_up(archive, tmp_path / "new", seal)

    assert sorted(p.name for p in tmp_path.iterdir() if "new" in p.name) == []


def test_what_is_refused_of_a_backup_is_told_of_the_file_that_was_asked_for(archive, tmp_path):
    with pytest.raises(FileNotFoundError) as refused:
        backed_up(archive, tmp_path / "no such folder" / "backup.age")

    assert refused.value.filename == str(tmp_path / "no such folder" / "backup.age")


def test_a_full_disk_is_told_with_the_name_of_the_backup_and_leaves_nothing(archive, tmp_path):
    small = resource.getrlimit(resource.RLIMIT_FSIZE)
    source = backup_of(archive.office)  # and the shelf's own files are written before
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, small[1]))
    try:
        with pytest.raises(OSError, match="too large") as refused:
            back_up(source, archive.person, tmp_path / "backup.age", SEAL)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, small)

    assert refused.value.filename == str(tmp_path / "backup.age")
    assert not [path for path in tmp_path.iterdir() if "backup" in path.name]


def a_killed_backup(archive: Archive, folder: Path) -> Path:
    """Leave in *folder* what a backup leaves that is killed while it writes."""
    whole = folder / "earlier.age"
    backed_up(archive, whole)
    half = folder / ".monday.age.archiver-backup-part"
    half.write_bytes(whole.read_bytes()[:1_000])
    whole.unlink()
    return half


@pytest.mark.parametrize("name", ["monday.age", "tuesday.age"])
def test_what_a_killed_backup_left_is_removed_by_the_next_which_says_so(archive, tmp_path, name):
    left = a_killed_backup(archive, tmp_path)
    other, named_so = tmp_path / ".letters.age.part", tmp_path / ".x.archiver-backup-part"
    other.write_bytes(left.read_bytes())  # another program's, sealed by age as well
    named_so.write_bytes(b"no backup")

    made = backed_up(archive, tmp_path / name)

    assert made.swept == [left]
    assert not left.exists()
    assert other.exists()
    assert named_so.exists()
    assert made.path.exists()


@contextmanager
def as_another_account() -> Iterator[None]:
    """Be nobody where we may be everybody; who may not be is somebody already."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.parametrize(("of_file", "of_folder"), [(0o000, 0o777), (0o666, 0o555)])
def test_what_may_not_be_read_or_not_removed_is_left_to_its_account(
    archive, tmp_path, monkeypatch, of_file, of_folder
):
    vault = tmp_path / "vault"
    vault.mkdir()
    left = a_killed_backup(archive, vault)
    monkeypatch.chdir(vault)  # from within: nobody may come here through the folders above

    left.chmod(of_file)
    vault.chmod(of_folder)
    with as_another_account():
        kept = list(sweep_broken_off(Path()))
    still_there = left.exists()
    vault.chmod(0o777)
    left.chmod(0o666)
    with as_another_account():
        removed = list(sweep_broken_off(Path()))

    assert (kept, still_there) == ([], True)
    assert (removed, left.exists()) == ([Path(left.name)], False)


def test_what_another_backup_is_writing_is_left_alone(archive, tmp_path):
    left = a_killed_backup(archive, tmp_path)

    with left.open("rb") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        made = backed_up(archive, tmp_path / "tuesday.age")

    assert made.swept == []
    assert left.exists()


def test_a_backup_is_locked_while_it_is_written(archive, tmp_path):
    found = []

    def look(_count: int) -> None:
        found.extend(sweep_broken_off(tmp_path))

    source = backup_of(archive.office)
    made = back_up(source, archive.person, tmp_path / "backup.age", SEAL, progress=look)

    assert (found, made.path.exists()) == ([], True)


def test_what_the_object_store_refuses_is_told_of_the_object(archive, tmp_path):
    class Failing:
        def listing(self):
            raise OSError(errno.EIO, "Input/output error", "objects/items")

    source = replace(backup_of(archive.office), objects=Failing())

    with pytest.raises(OSError, match="Input/output") as refused:
        back_up(source, archive.person, tmp_path / "backup.age", SEAL)

    assert refused.value.filename == "objects/items"


def test_a_clerk_makes_no_backup(archive, tmp_path):
    clerk = a_colleague(archive, Role.CLERK)

    with pytest.raises(NotPermitted):
        back_up(backup_of(archive.office), clerk, tmp_path / "backup.age", SEAL)

    assert not (tmp_path / "backup.age").exists()


def test_nothing_of_an_item_can_be_read_in_a_backup_and_only_its_owner_reads_the_file(
    archive, tmp_path
):
    made = backed_up(archive, tmp_path / "backup.age")
    data = made.path.read_bytes()

    assert b"bicycle" not in data
    assert archive.item_id("2").encode() not in data
    assert made.path.stat().st_mode & 0o077 == 0
    assert hashlib.sha256(data).hexdigest() == made.digest


def test_an_opened_backup_can_be_checked_by_hand(archive, tmp_path):
    backed_up(archive, tmp_path / "backup.age")
    folder = tmp_path / "opened"
    with (
        unsealed(tmp_path / "backup.age", KEY) as stream,
        tarfile.open(fileobj=stream, mode="r|") as tar,
    ):
        tar.extractall(folder, filter="data")

    sums = sorted(str(path.relative_to(folder)) for path in (folder / "sums").iterdir())
    checked = subprocess.run(["sha256sum", "-c", "--quiet", *sums], cwd=folder, check=False)

    assert checked.returncode == 0
    assert json.loads((folder / "manifest.json").read_bytes())["with_objects"] is True


def test_a_backup_without_objects_lists_them_and_needs_the_store_that_survived(archive, tmp_path):
    backed_up(archive, tmp_path / "backup.age", with_objects=False)
    lose(archive, objects=False)
    assert restored(archive, tmp_path / "backup.age").survived
    assert whole(archive)
    lose(archive, objects=True)

    with pytest.raises(BackupInvalid, match="only lists"):
        restored(archive, tmp_path / "backup.age")


def test_a_damaged_object_is_named_by_the_backup_and_missing_after_the_restore(archive, tmp_path):
    ref = archive.objects("1")[0]
    path = archive.path_of(ref)
    path.chmod(0o600)
    path.write_bytes(b"{}")

    made = backed_up(archive, tmp_path / "backup.age")

    assert [name[:64] for name in made.unread] == [archive.item_id("1")]
    lose(archive, objects=True)
    restored(archive, tmp_path / "backup.age")
    office = archive.office
    found = verify(office.account, office.objects, office.index)
    assert [fault.name[:64] for fault in found.missing] == [archive.item_id("1")]


def test_the_ledger_says_that_a_backup_was_made_and_restored(archive, tmp_path):
    made = backed_up(archive, tmp_path / "backup.age")
    with archive.office.catalogue.reading() as connection:
        leaf = connection.scalar(
            select(tables.ledger_entries.c.leaf).where(
                tables.ledger_entries.c.kind == "backup.made"
            )
        )
        assert json.loads(leaf)["d"]["f"] == made.digest
        assert len(holds.binding(connection)) == 1
