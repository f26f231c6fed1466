"""How platforms sign what they deliver by themselves, and ask whether an address is ours.

signing  one HMAC over the raw body, compared in constant time
meta     Facebook and Instagram: webhooks
"""

from connectors.webhooks.meta import FromMeta, meta_changes, moment_in_seconds
from connectors.webhooks.signing import signed_with, word_for

__all__ = ["FromMeta", "meta_changes", "moment_in_seconds", "signed_with", "word_for"]
