"""A bucket with Object Lock on a real server, and what our own keys may do in it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import boto3
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from tests.services.buckets import SETTINGS


@dataclass(frozen=True)
class LockedBucket:
    """A bucket whose versions can be locked; it stays behind, for what is in it may have to."""

    client: BaseClient
    name: str

    @property
    def location(self) -> str:
        """Give what `[archive] objects` calls it."""
        return f"s3://{self.name}/town"

    def settings(self, mode: str) -> str:
        """Give the `[objects]` of a configuration that locks in *mode*."""
        endpoint, region = (os.environ[name] for name in SETTINGS[:2])
        return (
            f'[objects]\nendpoint_url = "{endpoint}"\nregion = "{region}"\nobject_lock = "{mode}"\n'
        )

    def under(self, owner: str) -> list[dict[str, str]]:
        """Name every version and marker of *owner*'s, as requests name one."""
        found: list[dict[str, str]] = []
        for page in self.client.get_paginator("list_object_versions").paginate(Bucket=self.name):
            some = (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
            found.extend(
                {"Bucket": self.name, "Key": one["Key"], "VersionId": one["VersionId"]}
                for one in some
                if owner in one["Key"]
            )
        return found

    def refuses_to_delete(self, version: dict[str, str], *, bypass: bool = True) -> bool:
        """Try to delete *version* with our own keys, with every right there is."""
        rights = {"BypassGovernanceRetention": True} if bypass else {}
        try:
            self.client.delete_object(**version, **rights)
        except ClientError as error:
            return bool(error.response["Error"]["Code"] in {"AccessDenied", "403"})
        return False

    def refuses_retention(self, version: dict[str, str], mode: str, until: datetime) -> bool:
        """Try to put another retention on *version*, with every right there is."""
        retention = {"Mode": mode, "RetainUntilDate": until}
        try:
            self.client.put_object_retention(
                **version, Retention=retention, BypassGovernanceRetention=True
            )
        except ClientError:
            return True
        return False

    def flag(self, version: dict[str, str], *, on: bool) -> None:
        """Set or take away a legal hold behind the archiver's back."""
        self.client.put_object_legal_hold(**version, LegalHold={"Status": "ON" if on else "OFF"})


def a_locked_bucket() -> LockedBucket:
    """Make a bucket with Object Lock."""
    endpoint, region, access_key, secret_key = (os.environ[name] for name in SETTINGS)
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
    )
    bucket = LockedBucket(client, f"locked-{uuid4().hex}")
    client.create_bucket(Bucket=bucket.name, ObjectLockEnabledForBucket=True)
    return bucket
