"""The configuration: `config.toml`, read once, into frozen values.

Unknown keys, wrong types, a page named twice, a schedule that does not exist: all faults are
reported together, and nothing is opened. Secrets come from the environment or from a file of
mode 0600, never from the TOML; one written there is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archiver.config.pages import read_page
from archiver.config.reading import Reader, Values
from archiver.records.errors import ConfigInvalid, ScheduleInvalid
from archiver.records.pages import FetchSettings, PageSettings, Setting
from archiver.records.schedules import Schedule

FILE = "config.toml"
VARIABLE = "ARCHIVER_CONFIG"
"""The environment variable that names the configuration where `--config` does not."""

PURGE_MODES = ("propose", "carry-out")
_TWO_GIB = 2 * 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """Who is told what: one line a day, and failures at once, by mail."""

    mail_to: tuple[str, ...] = ()
    mail_from: str = ""
    smtp_host: str = "localhost"
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_security: str = "none"
    smtp_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything `config.toml` says, checked. Paths are absolute."""

    file: Path
    agency: str
    zone: ZoneInfo
    demonstration: bool
    folder: Path
    catalogue: str
    objects: str
    index: str
    schedule: Schedule
    schedule_text: bytes = field(repr=False)
    endpoint_url: str | None
    region: str | None
    object_lock: bool
    fetching: FetchSettings
    nightly: str
    purge_mode: str
    cool_down_days: int
    alerts: Alerts
    pages: tuple[PageSettings, ...]

    def page(self, name: str) -> PageSettings:
        """Give the page called *name*.

        Raises:
            ConfigInvalid: the configuration names no such page.
        """
        for page in self.pages:
            if page.name == name:
                return page
        known = ", ".join(page.name for page in self.pages) or "none"
        raise ConfigInvalid(f"{self.file} has no page {name!r}; it has {known}")


ScheduleFinder = Callable[[str, Path], tuple[Schedule, bytes]]
"""Finds a schedule by the name of a shipped one, or by a path relative to a folder.

Gives it with the bytes of its file.
"""


def load(
    path: Path,
    *,
    platforms: Mapping[str, str],
    declared: Mapping[str, tuple[Setting, ...]],
    find_schedule: ScheduleFinder,
    environment: Mapping[str, str],
) -> Config:
    """Read the configuration at *path*.

    *platforms* and *declared* give the platform and the own settings of each installed connector.

    Raises:
        ConfigInvalid: with every fault at once.
    """
    values = _toml(path)
    faults: list[str] = []
    root = Reader(values, "", faults)
    beside = path.resolve().parent
    names = ("agency", "archive", "objects", "purge", "holds", "timetable", "fetching", "alerts")
    tables = {name: root.table(name) for name in names}
    agency, archive, objects = tables["agency"], tables["archive"], tables["objects"]
    folder = beside / archive.text("folder", "archive")
    demonstration = agency.boolean("demonstration", default=False)
    found = _schedule(archive, beside, find_schedule, demonstration=demonstration)
    schedule, text = found if found is not None else (None, b"")
    config = Config(
        file=path.resolve(),
        agency=agency.text("name"),
        zone=_zone(agency),
        demonstration=demonstration,
        folder=folder,
        catalogue=archive.text("catalogue", f"sqlite:///{folder / 'catalogue.sqlite'}"),
        objects=_located(archive, "objects", folder / "objects", beside),
        index=_index(archive, folder / "index", beside),
        schedule=cast("Schedule", schedule),  # None only beside a fault, raised below
        schedule_text=text,
        endpoint_url=objects.optional("endpoint_url"),
        region=objects.optional("region"),
        object_lock=objects.boolean("object_lock", default=False),
        fetching=_fetching(tables["fetching"], folder / "spool"),
        nightly=tables["timetable"].clock("nightly", "03:15"),
        purge_mode=tables["purge"].choice("mode", PURGE_MODES, "propose"),
        cool_down_days=tables["holds"].integer("cool_down_days", 30),
        alerts=_alerts(tables["alerts"], environment),
        pages=_pages(
            root.tables("pages"),
            platforms=platforms,
            declared=declared,
            beside=beside,
            environment=environment,
            faults=faults,
        ),
    )
    for reader in (*tables.values(), root):
        reader.rest()
    if faults:
        raise ConfigInvalid([f"{path}: {fault.strip()}" for fault in faults])
    return config


def _toml(path: Path) -> Values:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigInvalid(
            f"there is no configuration {path}",
            remedy="Run `archiver init` here, or name one with --config PATH.",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigInvalid(f"{path}: is not TOML: {error}") from error


def _zone(agency: Reader) -> ZoneInfo:
    name = agency.text("time_zone")
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        agency.fault("time_zone", f"{name!r} is no zone; write one as America/Los_Angeles")
        return ZoneInfo("UTC")


def _schedule(
    archive: Reader, beside: Path, find: ScheduleFinder, *, demonstration: bool
) -> tuple[Schedule, bytes] | None:
    name = archive.text("schedule")
    if not name:
        return None
    try:
        schedule, text = find(name, beside)
    except (ScheduleInvalid, ConfigInvalid) as error:
        archive.faults.extend(f"[archive] schedule: {fault}" for fault in error.faults)
        return None
    if schedule.demonstration and not demonstration:
        archive.fault(
            "schedule", f"{name} opens only where [agency] demonstration = true is written"
        )
    return schedule, text


def _located(archive: Reader, key: str, default: Path, beside: Path) -> str:
    value = archive.text(key, str(default))
    return value if ":" in value else str(beside / value)


def _index(archive: Reader, default: Path, beside: Path) -> str:
    value = archive.text("index", f"whoosh:{default}")
    kind, _, rest = value.partition(":")
    return f"{kind}:{beside / rest}" if rest else value


def _fetching(reader: Reader, spool: Path) -> FetchSettings:
    return FetchSettings(
        user_agent=reader.text("user_agent", "records-archiver (public-records archive)"),
        spool=spool,
        allow_private_hosts=frozenset(reader.texts("allow_private_hosts")),
        max_bytes=reader.integer("max_bytes", _TWO_GIB, least=1),
        timeout_seconds=reader.number("timeout_seconds", 30.0) or 30.0,
        requests_per_second=reader.number("requests_per_second", None),
    )


def _alerts(reader: Reader, environment: Mapping[str, str]) -> Alerts:
    secret_env = reader.optional("smtp_password_env")
    return Alerts(
        mail_to=reader.texts("mail_to"),
        mail_from=reader.text("mail_from", ""),
        smtp_host=reader.text("smtp_host", "localhost"),
        smtp_port=reader.integer("smtp_port", 25, least=1),
        smtp_user=reader.text("smtp_user", ""),
        smtp_security=reader.choice("smtp_security", ("none", "starttls", "ssl"), "none"),
        smtp_secret=environment.get(secret_env) if secret_env else None,
    )


def _pages(
    tables: list[Values],
    *,
    platforms: Mapping[str, str],
    declared: Mapping[str, tuple[Setting, ...]],
    beside: Path,
    environment: Mapping[str, str],
    faults: list[str],
) -> tuple[PageSettings, ...]:
    pages: dict[str, PageSettings] = {}
    for number, values in enumerate(tables, start=1):
        page = read_page(
            values,
            number,
            platforms=platforms,
            declared=declared,
            beside=beside,
            environment=environment,
            faults=faults,
        )
        if page is None:
            continue
        if page.name in pages:
            faults.append(f"[[pages]] {page.name}: is named twice")
        pages[page.name] = page
    return tuple(pages.values())
