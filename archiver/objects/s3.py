"""A bucket, asked in our own words. boto3's names stop here.

Every request carries a Content-MD5 (not every server heeds SHA-256 checksums), is retried in
boto3's standard mode, and stops being retried at a deadline of ours. A key's versions and delete
markers are both `Version`s: what is destroyed is every one of them.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import boto3
from botocore import exceptions as said
from botocore.config import Config
from botocore.loaders import create_loader
from botocore.session import Session

from archiver.objects.deadline import Deadline
from archiver.objects.proving import PIECE, proven_size
from archiver.records.errors import ObjectError, ObjectMissing
from archiver.records.identity import ObjectRef

WORKERS = 8
"""How many requests are under way at once."""

PART_SIZE = 8 << 20
"""How much of a large file one part of a multipart upload carries: 8 MiB."""

UNVERSIONED = "null"
"""What a server calls the one version of a key in a bucket that keeps no versions."""

_MODELS = create_loader()
"""What boto3 knows of S3, read once: it takes longer to read than most requests."""

_DELETED_AT_ONCE = 1_000
_MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "NoSuchUpload", "NotFound", "404"})
_REFUSED = frozenset(
    {"AccessDenied", "Forbidden", "403", "401", "InvalidAccessKeyId", "SignatureDoesNotMatch"}
    | {"ExpiredToken", "InvalidToken", "AllAccessDisabled", "AccountProblem"}
)
_CHECK_ACCESS = (
    "Check the access key (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE), "
    "and that it may list, read and write this bucket."
)
_CHECK_NETWORK = "Check [objects] endpoint_url and the network, then run the command again."
_CHECK_BUCKET = "Create the bucket, or correct [archive] objects; no bucket is made here."


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a key, or one delete marker (which has no size)."""

    key: str
    version: str
    size: int
    stored_at: datetime
    is_marker: bool
    is_latest: bool


class Bucket:
    """One bucket on one server. May be used by several threads, by one process."""

    def __init__(self, name: str, *, endpoint_url: str | None, region: str | None) -> None:
        """Prepare to speak to the bucket *name*; nothing is asked yet.

        Raises:
            ObjectError: endpoint or region cannot be understood.
        """
        self.name = name
        self._now = threading.local()
        config = Config(
            retries={"mode": "standard", "total_max_attempts": 5},
            connect_timeout=5,
            read_timeout=30,
            max_pool_connections=WORKERS + 2,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if endpoint_url else "auto"},
        )
        try:
            core = Session()
            core.register_component("data_loader", _MODELS)
            session = boto3.session.Session(region_name=region, botocore_session=core)
            self._client = session.client("s3", endpoint_url=endpoint_url, config=config)
        except (said.BotoCoreError, ValueError) as error:
            raise ObjectError(f"s3://{name}: {error}", remedy=_CHECK_NETWORK) from error
        events = self._client.meta.events
        events.register("before-send.s3", self._refuse_when_late)
        events.register("before-call.s3.DeleteObjects", _add_md5)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def require(self, deadline: Deadline) -> None:
        """Let pass where the bucket is there and lets us in.

        Raises:
            ObjectError: it is not, or does not; the remedy says what to check.
        """
        try:
            with self._asking(deadline, self.name):
                self._client.head_bucket(Bucket=self.name)
        except ObjectMissing as error:
            raise ObjectError(
                f"there is no bucket s3://{self.name}", remedy=_CHECK_BUCKET
            ) from error

    def put(
        self, key: str, body: bytes | Path, size: int, check: bytes, until: Deadline
    ) -> str | None:
        """Put *body* under *key*, and read back its head; give its version, if it has one.

        *check* is the MD5 of *body*, which the server compares with what arrives.

        Raises:
            ObjectError: refused, or not stored with its *size*.
        """
        sent = {"Bucket": self.name, "Key": key, "ContentMD5": base64.b64encode(check).decode()}
        with self._asking(until, key):
            if isinstance(body, bytes):
                answer = self._client.put_object(Body=body, **sent)
            else:
                with body.open("rb") as file:
                    answer = self._client.put_object(Body=file, **sent)
        return self._confirmed(key, size, answer, until)

    def put_in_parts(self, key: str, file: Path, ref: ObjectRef, until: Deadline) -> str | None:
        """Put *file* under *key* part by part; give its version, if it has one.

        Raises:
            ObjectDamaged: the file no longer hashes to what *ref* says; nothing became visible.
            ObjectError: refused, or not stored whole.
        """
        with self._asking(until, key):
            upload = self._client.create_multipart_upload(Bucket=self.name, Key=key)["UploadId"]
        parts: list[Mapping[str, str | int]] = []
        try:
            size = proven_size(ref, self._parts(key, file, upload, parts, until))
            with self._asking(until, key):
                answer = self._client.complete_multipart_upload(
                    Bucket=self.name, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}
                )
        except BaseException:
            with suppress(ObjectError):  # the failure above is the one to tell
                self.abort(key, upload, Deadline.for_work())
            raise
        return self._confirmed(key, size, answer, until)

    def get(self, key: str, deadline: Deadline, version: str | None = None) -> Iterator[bytes]:
        """Give what lies under *key*, or one *version* of it, in pieces of at most 1 MiB.

        Raises:
            ObjectMissing: nothing does.
        """
        which = {} if version is None else {"VersionId": version}
        with self._asking(deadline, key):
            body = self._client.get_object(Bucket=self.name, Key=key, **which)["Body"]
            with closing(body):
                yield from body.iter_chunks(PIECE)

    def keys(self, start: str, after: str = "") -> Iterator[str]:
        """List the keys that begin with *start* and come after *after*, in order."""
        marker = {"StartAfter": after} if after else {}
        while True:
            with self._asking(Deadline.for_work(), start):
                page = self._client.list_objects_v2(Bucket=self.name, Prefix=start, **marker)
            yield from (found["Key"] for found in page.get("Contents", ()))
            if not page["IsTruncated"]:
                return
            marker = {"ContinuationToken": page["NextContinuationToken"]}

    def versions(self, start: str, *, alone: bool = False) -> Iterator[Version]:
        """List every version and marker of the keys that begin with *start*, page by page.

        *alone* lists those of the key *start* itself, which come before all the others.
        """
        marker: dict[str, str] = {}
        while True:
            with self._asking(Deadline.for_work(), start):
                page = self._client.list_object_versions(Bucket=self.name, Prefix=start, **marker)
            for kind in ("Versions", "DeleteMarkers"):
                for found in page.get(kind, ()):
                    if not alone or found["Key"] == start:
                        yield _version(found)
            if not page["IsTruncated"] or (alone and page["NextKeyMarker"] != start):
                return
            marker = {"KeyMarker": page["NextKeyMarker"]}
            if version := page.get("NextVersionIdMarker"):
                marker["VersionIdMarker"] = version

    def destroy(
        self, versions: Sequence[Version], deadline: Deadline, *, bypass: bool = False
    ) -> list[str]:
        """Destroy *versions*; give what the server says of those it did not destroy.

        *bypass* destroys also what is under a retention in the mode governance.
        """
        refusals: list[str] = []
        rights = {"BypassGovernanceRetention": True} if bypass else {}
        for first in range(0, len(versions), _DELETED_AT_ONCE):
            some = versions[first : first + _DELETED_AT_ONCE]
            doomed = [{"Key": found.key, "VersionId": found.version} for found in some]
            with self._asking(deadline, f"{len(some)} versions"):
                answer = self._client.delete_objects(
                    Bucket=self.name, Delete={"Objects": doomed, "Quiet": True}, **rights
                )
            refusals += [f"{e.get('Code')}: {e.get('Message')}" for e in answer.get("Errors", ())]
        return refusals

    def uploads(self, start: str, deadline: Deadline) -> Iterator[tuple[str, str]]:
        """List the multipart uploads under way for keys that begin with *start*: key and id."""
        marker: dict[str, str] = {}
        while True:
            with self._asking(deadline, start):
                page = self._client.list_multipart_uploads(Bucket=self.name, Prefix=start, **marker)
            yield from ((found["Key"], found["UploadId"]) for found in page.get("Uploads", ()))
            if not page["IsTruncated"]:
                return
            marker = {
                "KeyMarker": page["NextKeyMarker"],
                "UploadIdMarker": page["NextUploadIdMarker"],
            }

    def abort(self, key: str, upload: str, deadline: Deadline) -> None:
        """Abort one multipart upload, and with it the parts that have arrived."""
        with suppress(ObjectMissing), self._asking(deadline, key):
            self._client.abort_multipart_upload(Bucket=self.name, Key=key, UploadId=upload)

    def _parts(
        self,
        key: str,
        file: Path,
        upload: str,
        parts: list[Mapping[str, str | int]],
        until: Deadline,
    ) -> Iterator[bytes]:
        """Upload *file* part by part, entering each in *parts*; pass the parts on to be hashed."""
        with file.open("rb", 0) as opened:
            while part := opened.read(PART_SIZE):
                number = len(parts) + 1
                with self._asking(until, f"{key}, part {number}"):
                    answer = self._client.upload_part(
                        Bucket=self.name,
                        Key=key,
                        UploadId=upload,
                        PartNumber=number,
                        Body=part,
                        ContentMD5=base64.b64encode(md5(part)).decode(),
                    )
                parts.append({"PartNumber": number, "ETag": answer["ETag"]})
                yield part

    def _confirmed(
        self, key: str, size: int, answer: Mapping[str, str], deadline: Deadline
    ) -> str | None:
        """Read back the head of what was put, and give its version."""
        version = answer.get("VersionId", UNVERSIONED)
        which = {} if version == UNVERSIONED else {"VersionId": version}
        with self._asking(deadline, key):
            head = self._client.head_object(Bucket=self.name, Key=key, **which)
        if head["ContentLength"] != size:
            raise ObjectError(
                f"s3://{self.name} took {size} bytes as {key} and shows {head['ContentLength']}"
            )
        return which.get("VersionId")

    @contextmanager
    def _asking(self, deadline: Deadline, what: str) -> Iterator[None]:
        """Ask within *deadline*; turn what the server or the network says into our errors."""
        self._now.deadline = deadline
        try:
            yield
        except said.ClientError as error:
            raise self._answered(error, what) from error
        except (
            said.NoCredentialsError,
            said.PartialCredentialsError,
            said.CredentialRetrievalError,
        ) as error:
            raise ObjectError(f"s3://{self.name}: {error}", remedy=_CHECK_ACCESS) from error
        except (said.ConnectionError, said.HTTPClientError) as error:
            raise ObjectError(f"s3://{self.name}: {error}", remedy=_CHECK_NETWORK) from error
        except said.BotoCoreError as error:
            raise ObjectError(f"s3://{self.name}: {error}") from error

    def _answered(self, error: said.ClientError, what: str) -> ObjectError:
        code = str(error.response["Error"].get("Code", ""))
        if code in _MISSING:
            return ObjectMissing(f"{what} is not in s3://{self.name}")
        if code == "NoSuchBucket":
            return ObjectError(f"there is no bucket s3://{self.name}", remedy=_CHECK_BUCKET)
        message = f"s3://{self.name}: {what}: {error}"
        return ObjectError(message, remedy=_CHECK_ACCESS if code in _REFUSED else None)

    def _refuse_when_late(self, **_: object) -> None:
        """Stop the attempt that is about to be sent, if its deadline has passed."""
        if self._now.deadline.passed():
            raise ObjectError(f"s3://{self.name} did not answer in time", remedy=_CHECK_NETWORK)


def md5(data: bytes) -> bytes:
    """Give the MD5 of *data*, which guards it on its way and proves nothing afterwards."""
    return hashlib.md5(data, usedforsecurity=False).digest()


def _version(found: Mapping[str, str | int | datetime]) -> Version:
    moment = found["LastModified"]
    if not isinstance(moment, datetime):
        raise ObjectError(f"the server lists {found['Key']} without a time")
    return Version(
        key=str(found["Key"]),
        version=str(found["VersionId"]),
        size=int(str(found.get("Size", 0))),
        stored_at=moment.astimezone(UTC),
        is_marker="Size" not in found,
        is_latest=bool(found["IsLatest"]),
    )


def _add_md5(params: dict[str, bytes | dict[str, str]], **_: object) -> None:
    """Add the Content-MD5 that older servers demand of a multiple deletion."""
    body, headers = params["body"], params["headers"]
    if isinstance(body, bytes) and isinstance(headers, dict):
        headers["Content-MD5"] = base64.b64encode(md5(body)).decode()
