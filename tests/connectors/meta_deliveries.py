"""What Meta sends to a webhook, as "Webhooks for Pages" and "for Instagram" document it.

Ids are texts, moments seconds; `from` is who wrote the item, whatever was done with it, and a
removal tells no text. The signature is over the raw body, by the secret of the app.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime

from tests.connectors.facebook_platform import PAGE

APP_SECRET = "an app's secret 7d1c"
Change = dict[str, object]


def signed(body: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    """Give the headers with which Meta sends *body*."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"content-type": "application/json", "x-hub-signature-256": f"sha256={signature}"}


def a_delivery(
    *changes: Change, of: str = "page", owner: str = PAGE, at: datetime, field: str = "feed"
) -> bytes:
    """Give the body that tells of *changes*, all in one entry."""
    entry = {
        "id": owner,
        "time": int(at.timestamp()),
        "changes": [{"field": field, "value": change} for change in changes],
    }
    return json.dumps({"object": of, "entry": [entry]}).encode()


def a_comment(
    verb: str,
    native_id: str,
    text: str = "",
    *,
    post: str,
    parent: str = "",
    at: datetime,
    author: str = "7001",
) -> Change:
    """Give the change of a comment: added, edited, hidden, unhidden or removed."""
    told: Change = {
        "item": "comment", "verb": verb, "comment_id": native_id, "post_id": post,
        "parent_id": parent or post, "created_time": int(at.timestamp()),
        "from": {"id": author, "name": f"Name of {author}"},
    }  # fmt: skip
    return told | ({"message": text} if text else {})


def a_post(verb: str, native_id: str, text: str = "", *, at: datetime) -> Change:
    """Give the change of a post of the page itself."""
    told: Change = {
        "item": "status", "verb": verb, "post_id": native_id, "published": 1,
        "created_time": int(at.timestamp()), "from": {"id": PAGE, "name": "Example Police"},
    }  # fmt: skip
    return told | ({"message": text} if text else {})


def handshake(word: str, challenge: str = "1158201444") -> Mapping[str, str]:
    """Give the query with which Meta asks whether an address is ours."""
    return {"hub.mode": "subscribe", "hub.verify_token": word, "hub.challenge": challenge}
