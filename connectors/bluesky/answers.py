"""The answers of the AppView, cut into posts with their own bytes: threads and feeds: pure."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from archiver.records.errors import AnswerUnreadable
from connectors.bluesky.parsing import Post, hidden_by, read_post
from connectors.cutting import json_list, json_member, json_one, json_parts

Fault = tuple[str, AnswerUnreadable]


@dataclass(slots=True)
class Thread:
    """What the AppView gives of a thread: posts, what cannot be read, and what the page hides."""

    posts: dict[str, Post] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    hidden: frozenset[str] = frozenset()

    def short(self) -> dict[str, int]:
        """Give how many answers each post has beyond those that were given."""
        given = self.given()
        counts = {uri: post.replies - given[uri] for uri, post in self.posts.items()}
        return {uri: count for uri, count in counts.items() if count > 0}

    def add(self, other: Thread) -> None:
        """Add what another answer gives of the same thread."""
        self.posts |= {uri: post for uri, post in other.posts.items() if uri not in self.posts}
        self.faults += other.faults
        self.hidden |= other.hidden

    def given(self) -> Counter[str]:
        """Give how many answers to each post were given."""
        return Counter(post.content.parent or "" for post in self.posts.values())


def read_thread(body: bytes, *, owner: str) -> Thread:
    """Read an answer to `getPostThread`: every post in it with its own bytes.

    Raises:
        AnswerUnreadable: it is no thread.
    """
    whole = json_parts(body)
    if not whole.get("thread", b"").startswith(b"{"):
        raise AnswerUnreadable("the answer holds no thread")
    thread, waiting = Thread(hidden=_hidden(whole.get("threadgate", b""))), [whole["thread"]]
    while waiting:
        parts = json_parts(waiting.pop())
        if "post" not in parts:
            continue  # a placeholder: blocked, or not found; the counts tell that it is wanting
        value, raw = json_one(parts["post"])
        try:
            post = read_post(value, raw, owner=owner)
            thread.posts[post.uri] = post
        except AnswerUnreadable as fault:
            thread.faults.append((name_of(value), fault))
        if parts.get("replies", b"").startswith(b"["):
            waiting += [each for _, each in reversed(json_list(parts["replies"]))]
    return thread


def read_feed(body: bytes, *, owner: str) -> tuple[list[Post], list[Fault]]:
    """Read a slice of the account's feed: its own posts, reposts left out, and what is unread.

    Raises:
        AnswerUnreadable: it is no feed.
    """
    posts: list[Post] = []
    faults: list[Fault] = []
    for _, entry in json_member(body, "feed"):
        parts = json_parts(entry)
        value, raw = json_one(parts.get("post", b"null"))
        if not name_of(value).startswith(f"at://{owner}/"):
            continue
        if b"#reasonRepost" in parts.get("reason", b""):
            continue
        try:
            posts.append(read_post(value, raw, owner=owner))
        except AnswerUnreadable as fault:
            faults.append((name_of(value), fault))
    return posts, faults


def name_of(value: object) -> str:
    """Give the address of what may be a post, as far as it can be read."""
    uri = value.get("uri") if isinstance(value, dict) else None
    return uri if isinstance(uri, str) else ""


def _hidden(gate: bytes) -> frozenset[str]:
    value = json.loads(gate) if gate else None
    record = value.get("record") if isinstance(value, dict) else None
    return hidden_by(record) if isinstance(record, dict) else frozenset()
