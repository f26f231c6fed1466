"""An export of any service, read by a mapping file: CSV, JSON Lines or JSON.

mapping   the mapping file: which of the export's fields is what
reading   the records of one file, each with its place and its own bytes
values    one record → one item
importer  the deposit: its files, its counts, its attachments
"""

from __future__ import annotations

from functools import partial
from pathlib import Path, PurePath

from archiver.ports import Source
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting
from connectors.deposits import opened

_ACCESS = Access(
    permissions=("whatever the other service asks of who exports the department's records",),
    steps=(
        (
            "Ask the service for an export of every record with its metadata, as CSV or JSON, with "
            "the files of posts beside it, and for its own count of the records."
        ),
        (
            "Write a mapping file: docs/importing.md explains each line, samples/mappings/ holds "
            "examples."
        ),
        (
            "Try it with `archiver import PATH --page NAME --dry-run` until nothing is left unread "
            "and the counts agree; then import."
        ),
    ),
    terms="Whose the copies are, and what becomes of those the other service keeps, stands in the "
    "department's contract with it. The platforms' terms on deletion apply to what was captured "
    "there. Counsel should read both before the contract ends.",
)


class MappedExport:
    """Imports what another service exported, by a mapping file that a person wrote."""

    name = "mapped-export"
    platform = "imported"
    version = "1"
    imports = True
    settings = (
        Setting(
            "mapping",
            "file",
            "The mapping file that says which of the export's fields is what.",
            required=True,
        ),
        Setting(
            "platform",
            "text",
            "The platform the export is of, such as facebook; searches know it by this word.",
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=True,
        edits="diff",
        removals="none",
        backfill="everything the export holds",
        blind_to=(
            "whatever the other service did not capture, or left out of its export",
            "whether the other service's copy is what the platform showed: it is taken as it is",
            "fields the mapping does not name: they stay in each record, and cannot be searched",
            "files that the export gives only a web address of: each leaves a gap",
        ),
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the export at *deposit*.

        Raises:
            ConfigInvalid: the mapping file breaks its rules; names every fault.
            DepositRefused: there is none, the mapping does not fit it, or it is not safe to open.
        """
        from connectors.mapped_export.importer import MappedSource
        from connectors.mapped_export.mapping import read_mapping

        named = str(page.options.get("mapping") or "")
        if not named:
            raise ConfigInvalid(f"page {page.name}: `mapping` names the mapping file")
        mapping = read_mapping(Path(named))
        return opened(deposit, page, partial(MappedSource, mapping, fetching), loose=mapping.loose)


CONNECTOR = MappedExport()
"""What the entry point `mapped-export` names."""
