"""A bucket that writes once: S3 Object Lock, asked in our own words.

Objects are put unlocked, and the bucket must lock nothing by default: in compliance a locked
stray, or a wrong date, could not be undone by anybody. What a version is locked to is read from
its head, which every server tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from botocore import exceptions as said

from archiver.objects import keys
from archiver.objects.bucket import BucketStore, together
from archiver.objects.deadline import Deadline
from archiver.objects.s3 import UNVERSIONED, Bucket
from archiver.ports import ListedObject
from archiver.records.errors import ObjectError
from archiver.records.identity import ObjectRef
from archiver.records.locking import LockChange, LockMode, LockState

_NO_LOCK = (
    "Object Lock is given to a bucket when it is made: make one with it, copy the objects there "
    'and name it in [archive] objects; or say [objects] object_lock = "off".'
)
_NO_DEFAULT = "Remove the default retention; the archiver locks what it has catalogued."


class LockingBucket(Bucket):
    """A bucket, with what it can say and do about the locks of versions."""

    def lockable(self, deadline: Deadline) -> bool:
        """Say whether versions in it can be locked.

        Raises:
            ObjectError: the server does not tell, or locks every new version by default.
        """
        try:
            with self._asking(deadline, "its lock configuration"):
                answer = self._client.get_object_lock_configuration(Bucket=self.name)
        except ObjectError as error:
            if _says_none(error.__cause__):
                return False
            raise
        found = answer.get("ObjectLockConfiguration", {})
        if "Rule" in found:
            raise ObjectError(
                f"s3://{self.name} has a default retention, which would lock strays too",
                remedy=_NO_DEFAULT,
            )
        return bool(found.get("ObjectLockEnabled") == "Enabled")

    def lock_of(self, key: str, ref: ObjectRef, version: str, deadline: Deadline) -> LockState:
        """Read the locks of one version of *key*."""
        with self._asking(deadline, key):
            head = self._client.head_object(Bucket=self.name, Key=key, VersionId=version)
        until, mode = head.get("ObjectLockRetainUntilDate"), head.get("ObjectLockMode")
        return LockState(
            ref=ref,
            version=version,
            flagged=head.get("ObjectLockLegalHoldStatus") == "ON",
            until=until.astimezone(UTC) if isinstance(until, datetime) else None,
            mode=LockMode(str(mode).lower()) if mode else None,
        )

    def flag(self, key: str, version: str, deadline: Deadline, *, on: bool) -> None:
        """Set, or take away, the legal hold of one version of *key*."""
        status = {"Status": "ON" if on else "OFF"}
        with self._asking(deadline, key):
            self._client.put_object_legal_hold(
                Bucket=self.name, Key=key, VersionId=version, LegalHold=status
            )

    def retain(
        self, key: str, version: str, until: datetime, mode: LockMode, deadline: Deadline
    ) -> None:
        """Have one version of *key* retained in *mode* until *until*."""
        retention = {"Mode": mode.value.upper(), "RetainUntilDate": until}
        with self._asking(deadline, key):
            self._client.put_object_retention(
                Bucket=self.name, Key=key, VersionId=version, Retention=retention
            )


class LockingStore(BucketStore):
    """A store in a bucket that writes once; see `ObjectLocker`."""

    _kind = LockingBucket
    _bucket: LockingBucket

    def __init__(
        self,
        name: str,
        prefix: str = "",
        *,
        mode: LockMode,
        may_destroy: bool = False,
        endpoint_url: str | None = None,
        region: str | None = None,
    ) -> None:
        """Open the store under *prefix* in the bucket *name*, which locks in *mode*.

        Raises:
            ObjectError: no such bucket, no way in, no Object Lock, or a default retention.
        """
        self.mode = mode
        self._bypass = mode is LockMode.GOVERNANCE
        super().__init__(
            name, prefix, may_destroy=may_destroy, endpoint_url=endpoint_url, region=region
        )
        if not self._bucket.lockable(Deadline.for_work()):
            raise ObjectError(
                f'[objects] object_lock = "{mode.value}", and s3://{name} has no Object Lock',
                remedy=_NO_LOCK,
            )

    @property
    def manner(self) -> str:
        """Say how it destroys, and what it made of the locks."""
        return f"{super().manner}; {self.mode.told}"

    def lock_states(self, owners: Sequence[str]) -> list[LockState]:
        """Give the locks of every version of *owners* (see `ObjectLocker.lock_states`)."""
        listed = [one for some in together(self.owned, owners) for one in some]
        deadline = Deadline.for_work(len(listed))
        return together(lambda one: self._lock_of(one, deadline), listed)

    def change_locks(self, changes: Sequence[LockChange]) -> None:
        """Change locks as told (see `ObjectLocker.change_locks`)."""
        deadline = Deadline.for_work(3 * len(changes))
        together(lambda change: self._change(change, deadline), changes)

    def _lock_of(self, listed: ListedObject, deadline: Deadline) -> LockState:
        key = self._before + keys.object_key(listed.ref)
        return self._bucket.lock_of(key, listed.ref, listed.version or UNVERSIONED, deadline)

    def _change(self, change: LockChange, deadline: Deadline) -> None:
        key = self._before + keys.object_key(change.ref)
        version = change.version or UNVERSIONED
        if change.until is not None:
            present = self._bucket.lock_of(key, change.ref, version, deadline).until
            if present is None or present < change.until:
                mode = change.mode or self.mode
                self._bucket.retain(key, version, change.until, mode, deadline)
        if change.flag is not None:
            self._bucket.flag(key, version, deadline, on=change.flag)


def offers_locks(name: str, *, endpoint_url: str | None, region: str | None) -> bool:
    """Say whether the bucket *name* could lock what is kept in it.

    False also where the server does not tell, or locks everything by default.
    """
    bucket = LockingBucket(name, endpoint_url=endpoint_url, region=region)
    try:
        with suppress(ObjectError):
            return bucket.lockable(Deadline.for_work())
        return False
    finally:
        bucket.close()


def _says_none(cause: BaseException | None) -> bool:
    return isinstance(cause, said.ClientError) and cause.response["Error"].get("Code") in {
        "ObjectLockConfigurationNotFoundError",
        "NoSuchObjectLockConfiguration",
    }
