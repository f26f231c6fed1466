"""Each real service answers, and does what the tests beside this one take for granted."""

from __future__ import annotations

import os

import boto3
import httpx
import pytest
import sqlalchemy


@pytest.mark.service("ARCHIVER_TEST_POSTGRESQL_URL")
def test_postgresql_keeps_text_of_every_script():
    engine = sqlalchemy.create_engine(os.environ["ARCHIVER_TEST_POSTGRESQL_URL"])

    with engine.connect() as connection:
        kept = connection.scalar(sqlalchemy.text("select cast(:t as text)"), {"t": "Añil 警察 🚓"})

    engine.dispose()
    assert kept == "Añil 警察 🚓"


@pytest.mark.service("ARCHIVER_TEST_S3_ENDPOINT")
def test_the_object_store_keeps_every_version_of_a_key():
    store = boto3.client(
        "s3",
        endpoint_url=os.environ["ARCHIVER_TEST_S3_ENDPOINT"],
        region_name=os.environ["ARCHIVER_TEST_S3_REGION"],
        aws_access_key_id=os.environ["ARCHIVER_TEST_S3_ACCESS_KEY"],
        aws_secret_access_key=os.environ["ARCHIVER_TEST_S3_SECRET_KEY"],
    )
    bucket = f"smoke-{os.urandom(6).hex()}"
    store.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)

    versions = [store.put_object(Bucket=bucket, Key="k", Body=b"x")["VersionId"] for _ in "ab"]

    listed = store.list_object_versions(Bucket=bucket)["Versions"]
    for version in versions:
        store.delete_object(Bucket=bucket, Key="k", VersionId=version)
    store.delete_bucket(Bucket=bucket)
    assert {entry["VersionId"] for entry in listed} == set(versions)
    store.close()


@pytest.mark.service("ARCHIVER_TEST_WORDPRESS_URL")
def test_wordpress_hides_what_is_trashed_and_forgets_what_is_erased(wordpress):
    trashed = wordpress.post("Trashed", "in the trash")
    erased = wordpress.post("Erased", "gone for good")

    wordpress.trash_post(trashed)
    wordpress.erase_post(erased)

    assert wordpress.anonymous(f"posts/{trashed}") == 401
    assert wordpress.anonymous(f"posts/{erased}") == 404


@pytest.mark.service("ARCHIVER_TEST_WORDPRESS_URL")
def test_wordpress_threads_comments_and_takes_files(wordpress):
    post = wordpress.post("Open house", "Come and see")
    first = wordpress.comment(post, "Is parking free?")

    reply = wordpress.comment(post, "Yes, behind the station.", by="Desk Officer", parent=first)
    upload = wordpress.upload("map.txt", b"left, then right", "text/plain")

    told = httpx.get(f"{wordpress.url}/wp-json/wp/v2/comments/{reply}").json()
    assert told["parent"] == first
    assert httpx.get(upload.url).content == b"left, then right"


@pytest.mark.service("ARCHIVER_TEST_MEDIAWIKI_URL")
def test_the_wiki_shows_a_change_in_its_atom_feed_at_once(wiki):
    revision = wiki.write("Smoke", f"a page written at {os.urandom(4).hex()}")

    feed = httpx.get(wiki.changes_feed()).text

    assert feed.startswith('<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom"')
    assert f"diff={revision}" in feed
