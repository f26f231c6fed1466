"""What Meta delivers by webhooks: its handshake, its signature, and the changes of one page.

From "Webhooks, Getting started": the handshake names a verify token and wants its challenge back;
a delivery is signed with the app's secret over its raw body; many changes may come at once, of
several pages; and what was not taken is sent again for a while, so that changes come twice.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from archiver.records.deliveries import Challenge, Delivery
from archiver.records.errors import AnswerUnreadable
from archiver.records.pages import PageSettings
from connectors.cutting import (
    json_list,
    json_member,
    json_parts,
    object_of,
    optional_id,
    text_of,
)
from connectors.webhooks.signing import signed_with, word_for

_SIGNATURE, _METHOD = "x-hub-signature-256", "sha256="


class FromMeta:
    """A connector to which Meta delivers."""

    def challenged(self, page: PageSettings, asked: Mapping[str, str]) -> Challenge | None:
        """Answer Meta's handshake where it names the word that a person entered."""
        named = asked.get("hub.verify_token", "").encode()
        known = hmac.compare_digest(named, word_for(page).encode())
        if not known or asked.get("hub.mode") != "subscribe" or "hub.challenge" not in asked:
            return None
        return Challenge(asked["hub.challenge"])

    def proves(self, page: PageSettings, delivery: Delivery) -> bool:
        """Say whether the raw body was signed with the app's secret."""
        given = delivery.headers.get(_SIGNATURE, "")
        signature = given.removeprefix(_METHOD) if given.startswith(_METHOD) else ""
        return signed_with(page, delivery.body, signature)


class MetaChange(NamedTuple):
    """One change that was delivered: of which field, what, its own bytes, and when."""

    field: str
    value: Mapping[str, object]
    raw: bytes
    at: datetime


def meta_changes(delivery: Delivery, *, of: str, owner: str) -> Iterator[MetaChange]:
    """Give each change of the object *of* with the id *owner*; those of others are passed over.

    Raises:
        AnswerUnreadable: the delivery is not as documented.
    """
    entries = json_member(delivery.body, "entry")
    if json_parts(delivery.body).get("object") != f'"{of}"'.encode():
        return
    for entry, raw in entries:
        told = object_of(entry, "an entry")
        if optional_id(told.get("id")) != owner:
            continue
        when = moment_in_seconds(told.get("time"))
        if when is None:
            raise AnswerUnreadable("an entry has no time")
        for one, source in json_list(json_parts(raw).get("changes", b"[]")):
            change = object_of(one, "a change")
            value = change.get("value")
            parts = json_parts(source)
            told_of = value if isinstance(value, dict) else {}
            yield MetaChange(text_of(change, "field"), told_of, parts.get("value", b""), when)


def moment_in_seconds(value: object) -> datetime | None:
    """Give the moment that *value* counts in seconds since 1970; None where it counts none."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
