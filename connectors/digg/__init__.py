"""Digg: single public pages, should the site show any again.

Its open beta ended on 13 March 2026, and it has no interface; what others snapped of it in time is
deposited (`warc-deposit`).
"""

from __future__ import annotations

from archiver.records.pages import Access, Capabilities
from connectors.website.named import NamedPages

_BLIND_TO = tuple(
    """
What stood on Digg before it was shut down on 13 March 2026: nothing of it is shown any more. \
Deposit what others snapped of it (warc-deposit).
Comments and diggs, unless the page as the server sends it holds them; they are then part of its \
text, and no items of their own.
What the page fetches by a script: the page is kept as the server sent it.
Everything behind a sign-in, and pages of which no address is given in addresses.
Who took a page down and why: an address that answers 404 is noted as not visible, 410 as removed.
Pages and wordings that came and went between two visits.
Pages that Digg's robots.txt asks visitors to leave alone: a gap says so.
""".strip().splitlines()
)


class DiggConnector(NamedPages):
    """Visits single public pages on Digg."""

    name = "digg"
    platform = "digg"
    hosts = frozenset({"digg.com"})
    capabilities = Capabilities(
        posts=True,
        comments=False,
        media=True,
        hidden=False,
        edits="diff",
        removals="recheck",
        backfill="the named pages, if the site shows any",
        blind_to=_BLIND_TO,
        access=Access(
            permissions=("none: what is shown to everybody",),
            steps=(
                "Look whether the page is shown at all: since 13 March 2026 the site is shut.",
                (
                    "Ask web archives for what they snapped, and import their WARC files with "
                    'warc-deposit and platform = "digg".'
                ),
            ),
            terms="Digg's terms applied while it was open. Counsel should say what is still owed "
            "under the statute for posts that were made there, and where their copies lie.",
        ),
    )


CONNECTOR = DiggConnector()
"""What the entry point `digg` names."""
