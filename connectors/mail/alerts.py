"""What Nixle mails of an alert: its number, its agency, its priority, and its words.

Sender, subject and frame are as mail of August 2026 had them; Nixle documents none of it. The
sender's name before the @ is the agency's on its public pages.
"""

from __future__ import annotations

import re

from archiver.records.items import Author

_SENDER = re.compile(r"([^@\s]+)@emails\.nixle\.com", re.IGNORECASE)
_ALERT = re.compile(r"https?://local\.nixle\.com/alert/(\d+)/")
_PRIORITY = re.compile(r"(alert|advisory|community)(?: message)?:\s*", re.IGNORECASE)
_LINE_ENDS = r"[^\S\n]*(?:\n|\Z)"
_FRAME = (
    re.compile(rf"\A\s*Dear Nixle User,{_LINE_ENDS}"),
    re.compile(
        rf"\A\s*(?:Alert|Advisory|Community)(?: Message)? has been issued by [^\n]*\.{_LINE_ENDS}"
    ),
    re.compile(
        r"^[^\S\n]*(?:For full details, )?view this message on the web at \S+[^\S\n]*$",
        re.MULTILINE | re.IGNORECASE,
    ),
)


def agency_of(author: Author | None) -> str:
    """Give the name of the agency whose mail of Nixle's it is; nothing where it is another's."""
    found = _SENDER.fullmatch(author.native_id) if author else None
    return found[1].lower() if found else ""


def alert_number(author: Author | None, text: str) -> str | None:
    """Give the number of the alert that the message brings; None where it is none of Nixle's."""
    found = _ALERT.search(text) if agency_of(author) else None
    return found[1] if found else None


def priority(subject: str) -> str:
    """Give the mark of the priority that the subject begins with; nothing where it has none."""
    found = _PRIORITY.match(subject)
    return f"nixle-{found[1].lower()}" if found else ""


def headline(subject: str) -> str:
    """Give the subject without the priority that it begins with."""
    return _PRIORITY.sub("", subject, count=1) if _PRIORITY.match(subject) else subject


def unframed(text: str) -> str:
    """Give the alert's own words: without the greeting, who sent it, and where it is shown."""
    for part in _FRAME:
        text = part.sub("", text)
    return text.strip()
