"""How platforms sign what they deliver by themselves, and ask whether an address is ours.

Nothing here asks anybody but `subscribe`, and nothing reads what a page says.

    signing  one HMAC over the raw body, compared in constant time
    meta     Facebook and Instagram: webhooks
    websub   hubs that deliver what is new under a topic
"""

from connectors.webhooks.meta import FromMeta, meta_changes, moment_in_seconds
from connectors.webhooks.signing import (
    mac_in_base64,
    signed_in_base64,
    signed_with,
    word_for,
)
from connectors.webhooks.websub import hub_asks, signed_by_hub, subscribe

__all__ = [
    "FromMeta",
    "hub_asks",
    "mac_in_base64",
    "meta_changes",
    "moment_in_seconds",
    "signed_by_hub",
    "signed_in_base64",
    "signed_with",
    "subscribe",
    "word_for",
]
