"""The account's own records, as its repository has them: each with the proof of it: pure."""

from __future__ import annotations

from collections.abc import Mapping

from archiver.records.captures import Gap, GapReason
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Content, RawFragment
from connectors.bluesky.named import POSTS
from connectors.bluesky.parsing import REPOSTS, read_repost, record_to_content
from connectors.bluesky.repository import CAR, Repository


def kept(repository: Repository, records: Mapping[str, bytes]) -> list[Content | Gap]:
    """Give the posts and reposts of a repository, the newest first; what begins threads leads.

    What is found in a thread is not asked for again, so that an answer is seldom asked for itself.
    """
    found: list[Content | Gap] = []
    for path, name in reversed(tuple(records.items())):
        uri = f"at://{repository.did}/{path}"
        try:
            if path.startswith(f"{POSTS}/"):
                raw = RawFragment(CAR, b"")
                record = repository.record(name)
                found.append(record_to_content(record, uri=uri, owner=repository.did, raw=raw))
            elif path.startswith(f"{REPOSTS}/"):
                found.append(read_repost(repository.record(name), uri=uri))
        except AnswerUnreadable as error:
            found.append(
                Gap(what="a record", why=GapReason(error.gap), detail=str(error), native_id=uri)
            )
    return sorted(found, key=lambda one: isinstance(one, Content) and one.parent is not None)


def signed(repository: Repository, path: str) -> Content:
    """Give what the account's own record at *path* says, with the proof of it.

    Raises:
        AnswerUnreadable: it is no post as documented, or was not sent.
    """
    name = repository.find(path)
    if name is None:
        raise AnswerUnreadable("the record is not in the repository")
    raw = RawFragment(CAR, repository.proof(path))
    did = repository.did
    uri = f"at://{did}/{path}"
    return record_to_content(repository.record(name), uri=uri, owner=did, raw=raw)
