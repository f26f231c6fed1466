"""Mail, whichever way it comes: as files of an export, or out of a mailbox.

parts      a message → the text a reader sees, and the files it carries
headers    its subject, people, ids, and when it was sent
alerts     what Nixle mails: an alert's number and priority, its words without their frame
"""

from connectors.mail.alerts import agency_of, alert_number, headline, priority, unframed
from connectors.mail.headers import (
    DATE_FROM_RECEIPT,
    addresses,
    author_of,
    ids,
    sent_at,
    subject,
)
from connectors.mail.parts import LARGEST_MESSAGE, ODD, Parts, parsed, parts_of

__all__ = [
    "DATE_FROM_RECEIPT",
    "LARGEST_MESSAGE",
    "ODD",
    "Parts",
    "addresses",
    "agency_of",
    "alert_number",
    "author_of",
    "headline",
    "ids",
    "parsed",
    "parts_of",
    "priority",
    "sent_at",
    "subject",
    "unframed",
]
