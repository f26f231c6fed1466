"""Snapchat: the public profile's pages, as a browser that is not signed in is shown them.

Snapchat lets in nobody but advertising partners; what stands behind the sign-in comes by the
account's own copy of its data (`snapchat-mydata`).
"""

from __future__ import annotations

from archiver.records.pages import Access, Capabilities
from connectors.website.named import NamedPages

_BLIND_TO = tuple(
    """
Snaps, chats, group chats and stories that are not on the public profile, and everything behind \
a sign-in: import the account's own copy of its data (snapchat-mydata) for what it kept of them.
Stories, which vanish after a day: what a page shows is what stood there at the visit; visit \
often, with a light visit through the day.
Films and pictures that the page fetches by a script: the page is kept as the server sent it, with \
the files that its markup names.
Replies by the public, who viewed or subscribed, and reports: a public profile shows none of them.
Public stories and Spotlight clips of which no address is given in addresses.
Who took a page down and why: an address that answers 404 is noted as not visible, 410 as removed.
Pages and wordings that came and went between two visits.
Pages that Snapchat's robots.txt asks visitors to leave alone: a gap says so.
""".strip().splitlines()
)


class SnapchatConnector(NamedPages):
    """Visits a public profile on Snapchat."""

    name = "snapchat"
    platform = "snapchat"
    hosts = frozenset({"snapchat.com", "story.snapchat.com"})
    capabilities = Capabilities(
        posts=True,
        comments=False,
        media=True,
        hidden=False,
        edits="diff",
        removals="recheck",
        backfill="the named pages as they are today",
        blind_to=_BLIND_TO,
        access=Access(
            permissions=("none: what is shown to everybody",),
            steps=(
                (
                    "In Snapchat make the department's profile public, and note its address, "
                    "https://www.snapchat.com/add/NAME."
                ),
                "Name single stories and clips in addresses as they are published.",
                (
                    "Every month ask under Settings, My Data for the account's copy of its data, "
                    "and import it with snapchat-mydata."
                ),
            ),
            terms="Snap's Terms of Service restrict automated access, and copying what others "
            "post. The page is the department's own: counsel should read them before it is "
            "captured, and name the statute that requires the record to be kept.",
        ),
    )


CONNECTOR = SnapchatConnector()
"""What the entry point `snapchat` names."""
