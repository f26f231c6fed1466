"""A whole archive whose page is a real site: its nights, and what a custodian would ask of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from archiver.catalogue import captures, contents, items, sightings
from archiver.catalogue.captures import CaptureRow
from archiver.catalogue.items import ItemRow
from archiver.jobs.work import do_night
from archiver.procedures.nightly import Report
from archiver.procedures.verify import Verdict, verify
from archiver.records.captures import Coverage
from archiver.records.items import Content
from archiver.records.pages import PageSettings, SettingValue
from tests.archive import Archive, SettableClock, an_archive

CONFIG = """
[purge]
mode = "carry-out"
[fetching]
user_agent = "archiver-tests/1 (records@example.org)"
allow_private_hosts = ["127.0.0.1"]
"""


def a_page(
    connector: str, url: str, *, secret: str | None = None, **options: SettingValue
) -> PageSettings:
    """Give the settings of a real page, as a configuration would."""
    return PageSettings(
        name="real page",
        connector=connector,
        platform=connector,
        url=url,
        secret=secret,
        options=options,
    )


def a_real_archive(
    folder: Path, page: PageSettings, *, catalogue: str = "", objects: str = ""
) -> RealArchive:
    """Found an archive of *page*; its clock begins at the wall's and is moved by the test."""
    clock = SettableClock(datetime.now(UTC))  # noqa: TID251 - sites date what they show by it
    kept_in = an_archive(
        folder, clock=clock, page=page, catalogue=catalogue, objects=objects, more=CONFIG
    )
    return RealArchive(kept_in)


class RealArchive:
    """An archive of one real page."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.office = archive.office

    def night(self, **later: float) -> Report:
        """Do a whole night's work, by default the next day's."""
        self.archive.clock.forward(**(later or {"days": 1}))
        report = do_night(self.office, self.office.service, again=False)
        assert report is not None, "the night was done before"
        return report

    def visit(self, *, full: bool = False) -> Coverage:
        """Visit the page between two nights, with the index fed."""
        (coverage,) = self.office.capture([self.archive.page], by=self.office.service, full=full)
        self.office.feed_index()
        return coverage

    def page(self, **changes: object) -> None:
        """Change the page's settings, as an edited configuration does at the next start."""
        self.archive.page = replace(self.archive.page, **changes)
        self.office = self.archive.reopen()

    # --- what there is ------------------------------------------------------------------------

    def rows(self) -> list[ItemRow]:
        """Give every item that is no tombstone."""
        with self.office.catalogue.reading() as connection:
            return items.slice_of(connection, after=0, limit=10_000)

    def texts(self, native_id: str) -> list[Content]:
        """Give every version of an item, oldest first."""
        with self.office.catalogue.reading() as connection:
            n = self.archive.item(native_id).n
            return [told for _, told in contents.all_contents_of(connection, [n])]

    def latest(self) -> dict[str, Content]:
        """Give what every item says now, by native id; an id that stands twice is a fault."""
        with self.office.catalogue.reading() as connection:
            told = contents.contents_of(connection, self.rows()).values()
        found = {content.native_id: content for content in told}
        assert len(found) == len(told)
        return found

    def versions(self) -> dict[str, int]:
        """Give how many versions each item has, by native id."""
        return {native_id: len(self.texts(native_id)) for native_id in self.latest()}

    def seen(self, native_id: str) -> list[tuple[str, str]]:
        """Give the sightings of an item, oldest first: state and actor."""
        with self.office.catalogue.reading() as connection:
            rows = sightings.sightings_of(connection, self.archive.item(native_id).n)
        return [(row.state, row.actor) for row in rows]

    def coverage(self) -> CaptureRow:
        """Give the newest coverage record."""
        with self.office.catalogue.reading() as connection:
            (newest,) = captures.latest(connection).values()
        return newest

    def open_gaps(self) -> int:
        """Give how many gaps are open, lasting ones too."""
        with self.office.catalogue.reading() as connection:
            counted = [captures.open_gap_count(connection, lasting=each) for each in (False, True)]
        return sum(sum(pages.values()) for pages in counted)

    def proved(self) -> Verdict:
        """Read every object and compare everything with everything."""
        office = self.office
        return verify(office.account, office.objects, office.index, share_read=1.0)
