"""What X sends to a webhook of the X Activity API, as "Event payloads" documents it.

One event a delivery, in an envelope; a post is the one of the API, with its users beside it, in
a deletion each within `data`; a deletion names a post and its author and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime

from tests.connectors.x_platform import OWNER, stamped

CONSUMER_SECRET = "an app's consumer secret 55b1"


def mac(data: bytes, secret: str = CONSUMER_SECRET) -> str:
    """Give the HMAC by which X signs a body, and checks an address."""
    return "sha256=" + base64.b64encode(
        hmac.new(secret.encode(), data, hashlib.sha256).digest()
    ).decode("ascii")


def signed(body: bytes) -> dict[str, str]:
    """Give the headers with which X delivers *body*."""
    return {"content-type": "application/json", "x-twitter-webhooks-signature": mac(body)}


def an_event(kind: str, payload: object, *, user: str = OWNER, wrapped: bool = False) -> bytes:
    """Give the body that tells of one event of *kind*."""
    someone = {"id": OWNER, "username": "police", "name": "Police"}
    event = {
        "event_uuid": "2080761390344937796", "filter": {"user_id": user}, "event_type": kind,
        "tag": "posts", "payload": payload,
        "includes": {"users": [{"data": someone} if wrapped else someone]},
    }  # fmt: skip
    return json.dumps({"data": event}).encode()


def a_post(
    native_id: str, text: str, *, at: datetime, author: str = OWNER, answers: str = ""
) -> dict[str, object]:
    """Give a post of the API; *answers* is the id of what it answers."""
    told: dict[str, object] = {
        "id": native_id, "text": text, "author_id": author, "created_at": stamped(at),
        "conversation_id": answers or native_id, "edit_history_tweet_ids": [native_id],
        "lang": "en", "public_metrics": {"like_count": 0, "like_count_str": "0"},
    }  # fmt: skip
    if answers:
        told["in_reply_to_user_id"] = OWNER
        told["referenced_tweets"] = [{"type": "replied_to", "id": answers}]
    return told
