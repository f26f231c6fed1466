"""A notebook in which a visitor writes what a page showed, night after night.

It keeps the rules a capture keeps, and nothing else: a version is written once, known items that a
whole listing no longer shows are looked at again, and a visit starts at the last cursor. On leaves
of their own stand what the page says of itself, each version once, and the lists and log of its
moderation, as often as they were seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path

from archiver.ports import Connector, Downloaded
from archiver.records.captures import (
    Cursor,
    Gap,
    Known,
    Listed,
    Observation,
    PlatformState,
    Seen,
    Sighting,
    Unchanged,
    Window,
)
from archiver.records.items import OF_MODERATION, Content, ItemKind
from archiver.records.pages import FetchSettings, PageSettings, SettingValue


@dataclass
class Night:
    """What one night brought."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    listings: list[Listed] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    untouched: bool = False


class Notebook:
    """One page, visited through its connector as the office would find it."""

    def __init__(
        self,
        connector: str,
        url: str,
        spool: Path,
        *,
        secret: str | None = None,
        options: dict[str, SettingValue] | None = None,
    ) -> None:
        (found,) = entry_points(group="archiver.connectors", name=connector)
        self.connector: Connector = found.load()
        self.page = PageSettings(
            name="page", connector=connector, platform=self.connector.platform, url=url,
            secret=secret, options=self._options(options or {}),
        )  # fmt: skip
        self.fetching = FetchSettings(
            user_agent="archiver-tests/1 (records@example.org)", spool=spool,
            allow_private_hosts=frozenset({"127.0.0.1", "localhost"}),
        )  # fmt: skip
        self.versions: dict[str, list[Content]] = {}
        self.profile: list[Content] = []
        self.moderation: dict[str, list[Content]] = {}
        self.states: dict[str, PlatformState] = {}
        self.cursor: str | None = None

    def night(self, *, since: datetime | None = None, full: bool = False) -> Night:
        """Visit the page, look again at what a whole listing left out, and write it all down."""
        night = Night()
        source = self.connector.open(self.page, self.fetching)
        try:
            for seen in source.visit(Window(since=since, cursor=self.cursor, full=full)):
                self._write(seen, night)
            if missed := [known for known in self._known() if self._worth_asking(known, night)]:
                for seen in source.recheck(missed):
                    self._write(seen, night)
        finally:
            source.close()
        return night

    def files_of(self, native_id: str) -> list[bytes]:
        """Bring home every attachment of an item's last version."""
        source = self.connector.open(self.page, self.fetching)
        try:
            wanted = self.versions[native_id][-1].attachments
            return [_read(source.download(attachment)) for attachment in wanted]
        finally:
            source.close()

    def known_as(self, words: str) -> str:
        """Give the id of the one item any version of which says *words*."""
        (found,) = (
            native_id
            for native_id, versions in self.versions.items()
            if any(words in version.searchable() for version in versions)
        )
        return found

    def texts(self, words: str) -> list[str]:
        """Give the text of every version, oldest first, of the one item that says *words*."""
        return [version.text for version in self.versions[self.known_as(words)]]

    def state(self, words: str) -> PlatformState:
        """Give the state in which the one item that says *words* was last seen."""
        return self.states[self.known_as(words)]

    def _options(self, given: dict[str, SettingValue]) -> dict[str, SettingValue]:
        declared = {s.name: s.default for s in self.connector.settings if s.default is not None}
        return {**declared, **given}

    def _write(self, seen: Seen, night: Night) -> None:
        match seen:
            case Observation(content=content):
                self._write_version(seen, content, night)
            case Sighting(native_id=native_id, state=state):
                night.sightings.append(seen)
                self.states[native_id] = state
            case Gap():
                night.gaps.append(seen)
            case Cursor(value=value):
                self.cursor = value
            case Listed():
                night.listings.append(seen)
            case Unchanged():
                night.untouched = True

    def _write_version(self, seen: Observation, content: Content, night: Night) -> None:
        if content.kind in OF_MODERATION:
            self.moderation.setdefault(content.native_id, []).append(content)
            return
        if content.kind is ItemKind.PROFILE:
            if content.fingerprint() not in {version.fingerprint() for version in self.profile}:
                self.profile.append(content)
            return
        night.shown.add(content.native_id)
        versions = self.versions.setdefault(content.native_id, [])
        if content.fingerprint() not in {version.fingerprint() for version in versions}:
            (night.changed if versions else night.new).append(content.native_id)
            versions.append(content)
        if seen.current:
            self.states[content.native_id] = seen.state

    def _known(self) -> list[Known]:
        return [
            Known(
                native_id=last.native_id, kind=last.kind.value, parent=last.parent,
                thread=last.thread, permalink=last.permalink,
            )
            for last in (versions[-1] for versions in self.versions.values())
        ]  # fmt: skip

    def _worth_asking(self, known: Known, night: Night) -> bool:
        published = self.versions[known.native_id][-1].published_at
        return known.native_id not in night.shown and any(
            listing.whole
            and (not listing.kinds or known.kind in listing.kinds)
            and (listing.since is None or published >= listing.since)
            for listing in night.listings
        )


def _read(file: Downloaded) -> bytes:
    return Path(file.path).read_bytes()
