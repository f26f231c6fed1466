"""Where the contract suites of object stores and shelves find every implementation."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer

from archiver.objects import keys
from archiver.objects.bucket import BucketStore
from archiver.objects.durable import EachFile, WholeFilesystem
from archiver.objects.folder import FolderStore
from archiver.objects.memory import MemoryStore
from archiver.objects.opening import Store
from archiver.records.identity import ObjectRef


class Place(Protocol):
    """Where one store lies: it can be opened again, and spoiled behind its back."""

    def open(self, *, may_destroy: bool = False) -> Store: ...

    def overwrite(self, ref: ObjectRef, data: bytes) -> None: ...

    def lose(self, ref: ObjectRef) -> None: ...

    def put_foreign(self, key: str) -> None: ...

    def location(self) -> str:
        """What `open_store` calls it."""

    def everything(self) -> set[str]:
        """Every key there is, of whatever kind, markers and unfinished uploads included."""


class MemoryPlace:
    def __init__(self) -> None:
        self.first = MemoryStore()

    def open(self, *, may_destroy: bool = False) -> Store:
        store = MemoryStore(may_destroy=may_destroy)
        store._files, store._stored = self.first._files, self.first._stored
        store._flagged = self.first._flagged
        return store

    def location(self):
        return "memory:"

    def overwrite(self, ref, data):
        self.first._files[keys.object_key(ref)] = data

    def lose(self, ref):
        del self.first._files[keys.object_key(ref)]

    def put_foreign(self, key):
        self.first._put({key: b"?"})

    def everything(self):
        return set(self.first._files)


class FolderPlace:
    def __init__(self, folder: Path, sync=None) -> None:
        self.folder, self.sync = folder, sync
        self.opened: list[Store] = []
        self.open_anew(create=True)

    def open(self, *, may_destroy: bool = False) -> Store:
        return self.open_anew(may_destroy=may_destroy)

    def open_anew(self, **rights) -> FolderStore:
        store = FolderStore(self.folder, sync=self.sync, **rights)
        self.opened.append(store)
        return store

    def location(self):
        return f"folder://{self.folder}"

    def overwrite(self, ref, data):
        path = self.folder / keys.object_key(ref)
        path.unlink()
        path.write_bytes(data)

    def lose(self, ref):
        (self.folder / keys.object_key(ref)).unlink()

    def put_foreign(self, key):
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"?")

    def everything(self):
        return {
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.is_file()
        }


class BucketPlace:
    def __init__(self, endpoint_url: str, *, versioned: bool, prefix: str = "town/police") -> None:
        self.endpoint_url, self.prefix = endpoint_url, prefix
        self.name = f"test-{uuid4().hex}"
        self.client = the_client(endpoint_url)
        self.client.create_bucket(Bucket=self.name)
        if versioned:
            self.client.put_bucket_versioning(
                Bucket=self.name, VersioningConfiguration={"Status": "Enabled"}
            )
        self.opened: list[Store] = []

    def open(self, *, may_destroy: bool = False) -> Store:
        store = BucketStore(
            self.name,
            self.prefix,
            may_destroy=may_destroy,
            endpoint_url=self.endpoint_url,
            region="us-east-1",
        )
        self.opened.append(store)
        return store

    def location(self):
        return f"s3://{self.name}/{self.prefix}"

    def key(self, key: str) -> str:
        return f"{self.prefix}/{key}"

    def overwrite(self, ref, data):
        self.client.put_object(Bucket=self.name, Key=self.key(keys.object_key(ref)), Body=data)

    def lose(self, ref):
        self.client.delete_object(Bucket=self.name, Key=self.key(keys.object_key(ref)))

    def put_foreign(self, key):
        self.client.put_object(Bucket=self.name, Key=self.key(key), Body=b"?")

    def everything(self):
        versions = self.client.list_object_versions(Bucket=self.name)
        uploads = self.client.list_multipart_uploads(Bucket=self.name)
        found = [
            *versions.get("Versions", ()),
            *versions.get("DeleteMarkers", ()),
            *uploads.get("Uploads", ()),
        ]
        return {one["Key"].removeprefix(f"{self.prefix}/") for one in found}

    def close(self):
        listed = self.client.get_paginator("list_object_versions").paginate(Bucket=self.name)
        for page in listed:
            left = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            if left:
                named = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in left]
                self.client.delete_objects(Bucket=self.name, Delete={"Objects": named})
        self.client.delete_bucket(Bucket=self.name)


@pytest.fixture(scope="session")
def s3_imitation() -> Iterator[str]:
    """The address of an imitation of S3: good for our own calls, no proof of a real server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_keys(monkeypatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAINVENTED")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "invented")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def real_s3(monkeypatch) -> str:
    """The address of the real server that `make services` started, its keys set."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", os.environ["ARCHIVER_TEST_S3_ACCESS_KEY"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", os.environ["ARCHIVER_TEST_S3_SECRET_KEY"])
    return os.environ["ARCHIVER_TEST_S3_ENDPOINT"]


@cache
def the_client(endpoint_url: str):
    """One client for all places of a server; making one takes longer than most tests."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    )


def a_place_in(request, server: str, *, versioned: bool) -> BucketPlace:
    if server == "s3_imitation":
        request.getfixturevalue("s3_keys")
    return BucketPlace(request.getfixturevalue(server), versioned=versioned)


MAKERS: dict[str, Callable[..., Place]] = {
    "memory": lambda _request, _path: MemoryPlace(),
    "folder, syncfs": lambda _request, path: FolderPlace(path / "store", WholeFilesystem),
    "folder, fsync": lambda _request, path: FolderPlace(path / "store", EachFile),
    "s3": lambda request, _path: a_place_in(request, "s3_imitation", versioned=False),
    "s3, versions": lambda request, _path: a_place_in(request, "s3_imitation", versioned=True),
    "real s3": lambda request, _path: a_place_in(request, "real_s3", versioned=False),
    "real s3, versions": lambda request, _path: a_place_in(request, "real_s3", versioned=True),
}


NEEDS = pytest.mark.service(
    "ARCHIVER_TEST_S3_ENDPOINT", "ARCHIVER_TEST_S3_ACCESS_KEY", "ARCHIVER_TEST_S3_SECRET_KEY"
)


@pytest.fixture(
    params=[pytest.param(name, marks=[NEEDS] if name.startswith("real") else []) for name in MAKERS]
)
def place(request, tmp_path) -> Iterator[Place]:
    """Every place a store may lie in, one after the other."""
    made = MAKERS[request.param](request, tmp_path)
    yield made
    for store in getattr(made, "opened", ()):
        store.close()
    if isinstance(made, BucketPlace):
        made.close()


@pytest.fixture
def store(place) -> Store:
    """A store opened to read and keep, without the right to destroy."""
    return place.open()
