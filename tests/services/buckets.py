"""Buckets of a real object store that live for one test each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import boto3
from botocore.client import BaseClient

SETTINGS = (
    "ARCHIVER_TEST_S3_ENDPOINT",
    "ARCHIVER_TEST_S3_REGION",
    "ARCHIVER_TEST_S3_ACCESS_KEY",
    "ARCHIVER_TEST_S3_SECRET_KEY",
)


@dataclass(frozen=True)
class RealBucket:
    """A bucket that keeps every version of every key."""

    client: BaseClient
    name: str

    @property
    def location(self) -> str:
        """Give what `[archive] objects` calls it."""
        return f"s3://{self.name}/town/police"

    @property
    def settings(self) -> str:
        """Give the `[objects]` of a configuration that uses it."""
        endpoint, region = (os.environ[name] for name in SETTINGS[:2])
        return f'[objects]\nendpoint_url = "{endpoint}"\nregion = "{region}"\n'

    def versions(self) -> list[tuple[str, str]]:
        """Give the key and version of everything in it, delete markers and unfinished uploads."""
        found: list[tuple[str, str]] = []
        for page in self.client.get_paginator("list_object_versions").paginate(Bucket=self.name):
            some = (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
            found.extend((one["Key"], one["VersionId"]) for one in some)
        uploads = self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", ())
        return found + [(one["Key"], f"upload {one['UploadId']}") for one in uploads]

    def empty(self) -> None:
        """Remove every version of every key."""
        doomed = [{"Key": key, "VersionId": version} for key, version in self.versions()]
        for first in range(0, len(doomed), 1000):
            self.client.delete_objects(
                Bucket=self.name, Delete={"Objects": doomed[first : first + 1000], "Quiet": True}
            )

    def bodies(self) -> Iterator[bytes]:
        """Give the bytes of every version of every key."""
        for key, version in self.versions():
            told = self.client.get_object(Bucket=self.name, Key=key, VersionId=version)
            yield told["Body"].read()


@contextmanager
def a_bucket() -> Iterator[RealBucket]:
    """Make a bucket with versions, and unmake it with all it holds."""
    endpoint, region, access_key, secret_key = (os.environ[name] for name in SETTINGS)
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
    )
    bucket = RealBucket(client, f"archive-{uuid4().hex}")
    client.create_bucket(Bucket=bucket.name)
    client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    yield bucket
    bucket.empty()
    client.delete_bucket(Bucket=bucket.name)
    client.close()
