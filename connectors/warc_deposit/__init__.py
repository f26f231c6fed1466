"""Deposits of web pages: WARC files (ISO 28500), and WACZ files that hold them.

framing    a WARC file → its records, each with the place where it lies
package    which files of a deposit are read; what a WACZ proves and lists
noting     one walk over them: which snapshots there are, of what, when
snapshots  a record → the page that it holds, read as `website` reads one
importer   the connector: every snapshot, the oldest first
"""

from __future__ import annotations

from functools import partial
from pathlib import PurePath

from archiver.ports import Source
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting
from connectors.deposits import opened

_ACCESS = Access(
    permissions=("none: whoever made or keeps the WARC files hands them in",),
    steps=(
        (
            "Make the snapshots with a crawler that writes WARC or WACZ (Browsertrix, "
            "ArchiveWeb.page, Heritrix, wget --warc-file), or get them from whoever did."
        ),
        (
            "Import one WARC file (.warc, .warc.gz), a folder of them, or one WACZ file as it is. "
            "A large zip file of WARC files is unpacked into a folder first."
        ),
        (
            "Where the crawl went beyond the department's own pages, name in `under` how the "
            "addresses of those begin."
        ),
    ),
    terms="A WARC file is somebody's copy of pages; whose terms and whose copyright they stand "
    "under depends on the site and on who made the copy. Counsel should look.",
)


class WarcDeposit:
    """Imports snapshots of web pages that others made."""

    name = "warc-deposit"
    platform = "website"
    version = "1"
    imports = True
    settings = (
        Setting(
            "under",
            "list",
            "How addresses begin whose pages are read, such as https://www.example.gov/police/.",
        ),
        Setting(
            "platform",
            "text",
            "The platform the pages are of, such as myspace; searches know it by this word.",
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=False,
        media=True,
        hidden=False,
        edits="diff",
        removals="none",
        backfill="every page of which the files hold a snapshot that was answered with 200",
        blind_to=(
            "whatever the crawler did not fetch, and what scripts draw in a browser",
            "redirects and errors: that a page was gone at some time is not read from a snapshot",
            "comments and posts within a page are its text; they are no items of their own",
            (
                "style sheets, scripts, answers in JSON, and pictures that no page of the deposit "
                "shows: they are not kept; keep the deposit itself where a replay matters"
            ),
            "a file that was replaced under its own address: its first snapshot is kept",
            "what was asked (cookies, sign-in): the requests in the files are not kept",
            (
                "whether the crawler told the truth: digests are checked, the signature of a WACZ "
                "is not, and its screenshots are not read"
            ),
            "ARC, MHTML and answers compressed with Brotli or Zstandard: each leaves a gap",
        ),
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the snapshots at *deposit*.

        Raises:
            ConfigInvalid: one of `under` is no beginning of an address.
            DepositRefused: there is none, it holds no WARC file, or it is not safe to open.
        """
        from connectors.warc_deposit.importer import WarcSource

        told = page.options.get("under")
        under = [str(each) for each in told] if isinstance(told, tuple | list) else []
        if any(not each.startswith(("http://", "https://")) for each in under):
            raise ConfigInvalid(
                f"page {page.name}: each of `under` begins with http:// or https://"
            )
        make = partial(WarcSource, fetching, under=under)
        return opened(deposit, page, make, loose=(".warc", ".gz"))


CONNECTOR = WarcDeposit()
"""What the entry point `warc-deposit` names."""
