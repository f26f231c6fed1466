"""The configuration: `config.toml`, read once, into frozen values.

Unknown keys, wrong types, a page named twice, a schedule that does not exist: all faults are
reported together, and nothing is opened. Secrets come from the environment or from a file of
mode 0600, never from the TOML; one written there is refused.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archiver.config.disposition import read_terms
from archiver.config.listening import Listening, read_listening
from archiver.config.pages import Surroundings, read_page
from archiver.config.reading import MOST_DAYS, Reader, Values
from archiver.language.tokens import fold
from archiver.records.approval import Terms
from archiver.records.errors import ConfigInvalid, ScheduleInvalid
from archiver.records.locking import LockMode
from archiver.records.matters import COOL_DOWN_DAYS, REQUEST_COOL_DOWN_DAYS, REVIEW_DAYS
from archiver.records.pages import FetchSettings, PageSettings, Setting
from archiver.records.schedules import Schedule
from archiver.records.wordings import ScheduleText

FILE = "config.toml"
VARIABLE = "ARCHIVER_CONFIG"
"""The environment variable that names the configuration where `--config` does not."""

PURGE_MODES = ("propose", "carry-out")
_TWO_GIB = 2 * 1024**3
_SQLITE = "sqlite:///"
_IN_MEMORY = "memory:"
_TABLES = (
    "agency",
    "archive",
    "objects",
    "purge",
    "disposition",
    "holds",
    "backup",
    "timetable",
    "fetching",
    "alerts",
    "anchors",
    "listen",
)
_SECRETS = {"objects": "boto3 takes it from AWS_… in the environment, or from a profile"}
"""Where the secrets of a table belong of which no key of ours names the variable."""
_NAMED = ("agency", "archive", "objects", "holds")


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


@dataclass(frozen=True, slots=True)
class TimeStamps:
    """A time-stamp authority (RFC 3161): its address, and the file of its root certificate."""

    url: str
    certificate: Path


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
    schedule_text: ScheduleText = field(repr=False)
    endpoint_url: str | None
    region: str | None
    object_lock: LockMode
    fetching: FetchSettings
    nightly: str
    purge_mode: str
    terms: Terms
    cool_down_days: int
    backup_keep_days: int
    request_cool_down_days: int
    review_days: int
    alerts: Alerts
    listening: Listening
    anchors: Path | None
    time_stamps: tuple[TimeStamps, ...]
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
        raise ConfigInvalid(
            f"{self.file} has no page {name!r}; it has {known}",
            remedy="Name a page as it stands under [[pages]], or add one there.",
        )


ScheduleFinder = Callable[[str, Path], tuple[Schedule, ScheduleText]]
"""Finds a schedule by the name of a shipped one, or by a path relative to a folder.

Gives it with the texts it was read from.
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
    faults: list[str] = []
    root = Reader(_toml(path), "", faults)
    around = Surroundings(
        beside=path.resolve().parent,
        platforms=platforms,
        declared=declared,
        environment=environment,
    )
    config = _read(path, root, around, find_schedule)
    if faults:
        raise ConfigInvalid([f"{path}: {fault.strip()}" for fault in faults])
    return config


def _read(path: Path, root: Reader, around: Surroundings, find: ScheduleFinder) -> Config:
    """Read every table; what is wrong stands among the reader's faults afterwards."""
    tables = {name: root.table(name) for name in _TABLES}
    agency, archive, objects, held = map(tables.__getitem__, _NAMED)
    folder = around.beside / archive.named("folder", "archive")
    demonstration = agency.boolean("demonstration", default=False)
    schedule, text = _schedule(archive, around.beside, find, demonstration=demonstration)
    config = Config(
        file=path.resolve(),
        agency=agency.text("name"),
        zone=_zone(agency),
        demonstration=demonstration,
        folder=folder,
        catalogue=_catalogue(archive, folder / "catalogue.sqlite", around.beside),
        objects=_objects(archive, folder / "objects", around.beside),
        index=_index(archive, folder / "index", around.beside),
        schedule=cast("Schedule", schedule),  # None only beside a fault, which `load` raises
        schedule_text=text,
        endpoint_url=objects.address("endpoint_url"),
        region=objects.optional("region"),
        fetching=_fetching(tables["fetching"], folder / "spool", around.beside),
        object_lock=LockMode(objects.choice("object_lock", [*LockMode], LockMode.OFF)),
        nightly=tables["timetable"].clock("nightly", "03:15"),
        purge_mode=tables["purge"].choice("mode", PURGE_MODES, "propose"),
        terms=read_terms(tables["disposition"], tables["purge"], demonstration=demonstration),
        cool_down_days=held.integer("cool_down_days", COOL_DOWN_DAYS, most=MOST_DAYS),
        request_cool_down_days=held.integer(
            "request_cool_down_days", REQUEST_COOL_DOWN_DAYS, most=MOST_DAYS
        ),
        review_days=held.integer("review_days", REVIEW_DAYS, least=1, most=MOST_DAYS),
        backup_keep_days=tables["backup"].integer("keep_days", 0, most=MOST_DAYS),
        alerts=_alerts(tables["alerts"], around.environment),
        listening=read_listening(tables["listen"]),
        anchors=_beside(tables["anchors"].optional("folder"), around.beside),
        time_stamps=_time_stamps(root, around.beside),
        pages=_pages(root, around),
    )
    for name, reader in (*tables.items(), ("", root)):
        reader.rest(secrets=_SECRETS.get(name, ""))
    return config


def _toml(path: Path) -> Values:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigInvalid(
            f"there is no configuration {path}",
            remedy="Run `archiver init` here, or name one with --config PATH.",
        ) from error
    except OSError as error:
        raise ConfigInvalid(
            f"{path}: cannot be read: {error.strerror}",
            remedy="Name a configuration you may read with --config PATH.",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigInvalid(f"{path}: is not UTF-8 text: {error}") from error
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
) -> tuple[Schedule | None, ScheduleText]:
    name = archive.text("schedule")
    if not name:
        return None, ScheduleText(toml=b"")
    try:
        schedule, text = find(name, beside)
    except (ScheduleInvalid, ConfigInvalid) as error:
        archive.faults.extend(f"[archive] schedule: {fault}" for fault in error.faults)
        return None, ScheduleText(toml=b"")
    if schedule.demonstration and not demonstration:
        archive.fault(
            "schedule", f"{name} opens only where [agency] demonstration = true is written"
        )
    if schedule.reference:
        archive.fault("schedule", f"{name} is a reference to read, and no archive keeps by it")
    return schedule, text


def _catalogue(archive: Reader, default: Path, beside: Path) -> str:
    """Give the catalogue's URL; the path of a file is taken from beside the configuration."""
    value = archive.address("catalogue", f"{_SQLITE}{default}") or ""
    if value.startswith(_SQLITE) and value != _SQLITE:
        return f"{_SQLITE}{beside / value.removeprefix(_SQLITE)}"
    if not value.startswith("postgresql+psycopg://"):
        archive.fault("catalogue", f"{value!r} is neither {_SQLITE}file nor postgresql+psycopg://…")
    return value


def _objects(archive: Reader, default: Path, beside: Path) -> str:
    value = archive.named("objects", str(default))
    kind, separator, _ = value.partition("://")
    if not separator:
        return value if value == _IN_MEMORY else str(beside / value)
    if kind not in {"s3", "folder"}:
        archive.fault("objects", f"{value!r} is neither a folder nor s3://bucket/prefix")
    return value


def _index(archive: Reader, default: Path, beside: Path) -> str:
    value = archive.named("index", f"whoosh:{default}")
    kind, _, rest = value.partition(":")
    if kind == "whoosh" and rest:
        return f"{kind}:{beside / rest}"
    if value != _IN_MEMORY:
        archive.fault("index", f"{value!r} is not an index; write whoosh: and a folder")
    return value


def _fetching(reader: Reader, spool: Path, beside: Path) -> FetchSettings:
    ca_file = _beside(reader.optional("ca_file"), beside)
    if ca_file is not None and not ca_file.is_file():
        reader.fault("ca_file", f"there is no file {ca_file}")
    return FetchSettings(
        user_agent=reader.text("user_agent", "records-archiver (public-records archive)"),
        spool=spool,
        allow_private_hosts=frozenset(reader.texts("allow_private_hosts")),
        max_bytes=reader.integer("max_bytes", _TWO_GIB, least=1),
        timeout_seconds=reader.number("timeout_seconds", 30.0) or 30.0,
        requests_per_second=reader.number("requests_per_second", None),
        ca_file=ca_file,
    )


def _alerts(reader: Reader, environment: Mapping[str, str]) -> Alerts:
    secret_env = reader.variable("smtp_password_env")
    return Alerts(
        mail_to=reader.texts("mail_to"),
        mail_from=reader.text("mail_from", ""),
        smtp_host=reader.text("smtp_host", "localhost"),
        smtp_port=reader.integer("smtp_port", 25, least=1, most=65_535),
        smtp_user=reader.text("smtp_user", ""),
        smtp_security=reader.choice("smtp_security", ("none", "starttls", "ssl"), "none"),
        smtp_secret=environment.get(secret_env) if secret_env else None,
    )


def _beside(name: str | None, beside: Path) -> Path | None:
    return beside / name if name else None


def _time_stamps(root: Reader, beside: Path) -> tuple[TimeStamps, ...]:
    found = []
    for number, values in enumerate(root.tables("time_stamps"), start=1):
        reader = Reader(values, f"[[time_stamps]] {number}", root.faults)
        url = reader.address("url")
        certificate = reader.text("certificate")
        if not url or not url.startswith(("https://", "http://")):
            reader.fault("url", "must be the authority's http:// or https:// address")
        reader.rest()
        found.append(TimeStamps(url or "", beside / certificate))
    return tuple(found)


def _pages(root: Reader, around: Surroundings) -> tuple[PageSettings, ...]:
    tables = root.tables("pages")
    names = [name for values in tables if isinstance(name := values.get("name"), str)]
    times = Counter(map(fold, names))
    root.faults.extend(
        f"[[pages]] {name}: is named twice"
        for name in dict.fromkeys(names)
        if times[fold(name)] > 1
    )
    found = [
        read_page(values, number, around, root.faults)
        for number, values in enumerate(tables, start=1)
    ]
    return tuple(page for page in found if page is not None)
