"""MySpace: a profile's public pages, as far as the site still answers.

It has no interface, and lost what was uploaded before 2016; what others snapped of it in time is
deposited (`warc-deposit`).
"""

from __future__ import annotations

from archiver.records.pages import Access, Capabilities
from connectors.website.named import NamedPages

_BLIND_TO = tuple(
    """
Music, pictures and films uploaded before 2016, which MySpace has lost.
Everything behind a sign-in: messages, connections, and what is shown to connections alone.
What the page fetches by a script as one scrolls: the page is kept as the server sent it, with the \
files that its markup names.
Pages of which no address is given in addresses: the site has no list of a profile's pages.
Who took a page down and why: an address that answers 404 is noted as not visible, 410 as removed.
Pages and wordings that came and went between two visits.
Pages that MySpace's robots.txt asks visitors to leave alone: a gap says so.
""".strip().splitlines()
)


class MyspaceConnector(NamedPages):
    """Visits the public pages of a profile on MySpace."""

    name = "myspace"
    platform = "myspace"
    hosts = frozenset({"myspace.com"})
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
                "Note the profile's address, https://myspace.com/NAME, and those of its pages.",
                (
                    "Ask web archives for what they snapped of the profile, and import their WARC "
                    'files with warc-deposit and platform = "myspace".'
                ),
                "Capture the profile once, and close the account only then.",
            ),
            terms="MySpace's Terms of Use limit automated access. The profile is the department's "
            "own: counsel should read them, and name the statute that requires the record.",
        ),
    )


CONNECTOR = MyspaceConnector()
"""What the entry point `myspace` names."""
