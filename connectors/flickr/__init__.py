"""An account on Flickr, through its API: photos and films, the public's comments, the profile.

api       asking, by a key or signed, and failures told apart
parsing   a photo, a comment, a person, read into content
visiting  the walk over what changed, and looking again
"""

from __future__ import annotations

import re
from pathlib import PurePath
from urllib.parse import urlsplit

from archiver.ports import Source
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting

API = "https://api.flickr.com/services/rest/"

_PLACE = re.compile(r"/(?:photos|people)/[\w@.-]+/?", re.ASCII)
_PARTS = (1, 4)
_BLIND_TO = tuple(
    """
Flickr answers alike where a photo was deleted and where we may not see it: such a photo is noted \
as not visible. Who took a comment away, its author, the account or Flickr, is not told.
A photo or comment that was published and deleted between two visits was never seen.
Earlier wordings: Flickr shows no history; an edit of a photo's words is seen when a later visit \
finds other words, an edit of a comment when its photo counts as changed or it is re-checked.
With a key alone: private photos, and those for friends and family; originals where the account \
does not give them to everybody (the largest file that is given is kept).
Tags, notes, places and camera data are kept beside each photo, and not searched.
Albums, galleries, groups and their discussions, and comments on albums; FlickrMail.
Who marked a photo as a favourite is not recorded; counts are, as last seen.
""".strip().splitlines()
)

_ACCESS = Access(
    permissions=(
        "an API key: what everybody may see",
        "or the account's own OAuth token with the right to read: private photos too",
    ),
    steps=(
        "At www.flickr.com/services/apps/create apply for a non-commercial key for the department.",
        (
            "For what is not public, give that app the right to read as the department's account, "
            "and note the token and its secret."
        ),
        (
            "Put the key alone, or key:secret:token:token-secret, into an environment variable, or "
            "on the first line of a file of mode 0600; name it in token_env or token_file."
        ),
        "Set requests_per_second in [fetching] to 1: Flickr asks for no more than 3,600 an hour.",
    ),
    terms="Flickr's API terms let copies be kept for a reasonable period, and leave all rights "
    "with the photographers. The archive keeps the record: counsel should name the statute that "
    "requires it before the page is captured.",
)


class FlickrConnector:
    """Opens accounts on Flickr."""

    name = "flickr"
    platform = "flickr"
    version = "1"
    imports = False
    settings = (
        Setting(
            "api",
            "text",
            "Address of the API, where a gateway of yours stands in front of Flickr's own.",
            default=API,
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=False,
        edits="diff",
        removals="recheck",
        backfill="everything that the account still shows",
        blind_to=_BLIND_TO,
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the account of *page* for one visit.

        Raises:
            ConfigInvalid: the url names nobody, there is no key, or it would travel unencrypted.
        """
        from connectors.fetching import Fetcher
        from connectors.flickr.api import Flickr
        from connectors.flickr.visiting import AccountSource

        base = str(page.options.get("api") or API)
        secret, parts = (page.secret or "").strip(), urlsplit(base)
        faults = []
        if deposit is not None:
            faults.append("flickr reads the network, not a file")
        if not _PLACE.fullmatch(urlsplit(page.url).path):
            faults.append("url must be the account's address, https://www.flickr.com/photos/NAME/")
        if not secret or len(secret.split(":")) not in _PARTS:
            faults.append("flickr needs a key, or key:secret:token:token-secret; see token_env")
        if parts.scheme != "https" and parts.hostname not in fetching.allow_private_hosts:
            faults.append("a key is sent over https only: see api")
        if faults:
            raise ConfigInvalid([f"page {page.name}: {fault}" for fault in faults])
        flickr = Flickr(Fetcher(fetching, home=base), base=base, secret=secret)
        return AccountSource(flickr, url=page.url)


CONNECTOR = FlickrConnector()
