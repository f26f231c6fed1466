"""WebSub (W3C), once PubSubHubbub: a hub delivers what is new under a topic, for some days.

From the recommendation: a subscription is asked for with a secret; the hub asks the address back
whether it meant that; deliveries bear an HMAC by that secret, with the method before it. Google's
hub speaks version 0.4, whose method is SHA-1, and its subscriptions end after some days.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING

from archiver.records.deliveries import Challenge, Delivery
from archiver.records.errors import AnswerUnreadable
from archiver.records.pages import FetchSettings, PageSettings
from connectors.webhooks.signing import signed_with

if TYPE_CHECKING:
    from connectors.fetching import Answer

_SIGNATURE = "x-hub-signature"
_METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})
_LEASE_SECONDS = 5 * 86_400
_TAKEN = range(200, 300)


def hub_asks(asked: Mapping[str, str], *, topic: str) -> Challenge | None:
    """Answer a hub that asks whether we subscribe to *topic*; nothing else is confirmed."""
    meant = asked.get("hub.mode") == "subscribe" and asked.get("hub.topic") == topic
    return Challenge(asked["hub.challenge"]) if meant and "hub.challenge" in asked else None


def signed_by_hub(page: PageSettings, delivery: Delivery) -> bool:
    """Say whether the raw body was signed with the secret of the subscription."""
    method, _, given = delivery.headers.get(_SIGNATURE, "").partition("=")
    return method in _METHODS and signed_with(page, delivery.body, given, method=method)


def subscribe(
    page: PageSettings, fetching: FetchSettings, *, hub: str, topic: str, callback: str
) -> None:
    """Ask *hub* to deliver what is new under *topic* to *callback*.

    Raises:
        ConnectorError: it could not be asked, or refuses.
    """
    from connectors.fetching import Fetcher  # noqa: PLC0415 - as where pages are opened

    form = {
        "hub.callback": callback,
        "hub.lease_seconds": str(_LEASE_SECONDS),
        "hub.mode": "subscribe",
        "hub.secret": page.signing_secret or "",
        "hub.topic": topic,
        "hub.verify": "async",
    }
    with closing(Fetcher(fetching)) as fetcher:
        answer: Answer = fetcher.post(hub, form)
    if answer.status not in _TAKEN:
        raise AnswerUnreadable(f"{answer.url} answered {answer.status} to a subscription")
