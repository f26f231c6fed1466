"""Looking things up by name: connectors by entry point, schedules by file, the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.metadata import entry_points
from pathlib import Path

from archiver.config import Config, load
from archiver.ports import Connector
from archiver.records.errors import ConfigInvalid
from archiver.records.schedule_reading import load_schedule
from archiver.records.schedules import Schedule
from archiver.records.wordings import ScheduleText, wordings_named

GROUP = "archiver.connectors"
"""The entry-point group by which connectors are known."""

_PACKAGE = Path(__file__).parent.parent


def shipped(installed: str, checkout: str) -> Path:
    """Give where a shipped file lies: in the wheel, or in a checkout beside the package."""
    packed = _PACKAGE / installed
    return packed if packed.exists() else _PACKAGE.parent / checkout


def connectors() -> dict[str, Connector]:
    """Give every installed connector, by name.

    Raises:
        ConfigInvalid: two distributions bring the same name, or one does not keep the promise.
    """
    return dict(_installed())


@cache
def _installed() -> Mapping[str, Connector]:
    """Give what the entry points name; looked for once, for that reads every distribution."""
    found: dict[str, Connector] = {}
    for point in entry_points(group=GROUP):
        connector = point.load()
        if not isinstance(connector, Connector) or point.name in found:
            raise ConfigInvalid(f"the connector {point.name} ({point.value}) cannot be used")
        found[point.name] = connector
    return found


def schedules_folder() -> Path:
    """Give where the shipped schedules lie."""
    return shipped("_schedules", "schedules")


def find_schedule(name: str, beside: Path) -> tuple[Schedule, ScheduleText]:
    """Give the shipped schedule called *name*, or the one in the file *name*, with its texts.

    Raises:
        ScheduleInvalid: the file breaks its rules.
        ConfigInvalid: there is neither such a schedule nor such a file.
    """
    ours = schedules_folder() / f"{name}.toml"
    path = ours if ours.is_file() else beside / name
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in schedules_folder().glob("*.toml")))
        raise ConfigInvalid(
            f"there is no schedule {name!r}; shipped are {known}",
            remedy="Name a shipped schedule, or the path of a TOML file.",
        )
    toml = path.read_bytes()
    named = _wordings_named(toml)
    beside_it = None if path == ours else path.parent
    text = ScheduleText(toml=toml, wordings=find_wordings(named, beside_it) if named else None)
    return _read(path.name, text), text


@lru_cache(maxsize=4)
def _wordings_named(toml: bytes) -> str:
    return wordings_named(toml)


@lru_cache(maxsize=4)
def _read(name: str, text: ScheduleText) -> Schedule:
    """Read a schedule; the same texts are the same schedule, and reading them takes its time."""
    return load_schedule(name, text)


def find_wordings(name: str, beside: Path | None) -> bytes | None:
    """Give the text of the shipped wordings called *name*, or of the file *name* in *beside*."""
    ours = schedules_folder() / "wordings" / f"{name}.toml"
    if ours.is_file():
        return ours.read_bytes()
    own = beside / name if beside is not None else None
    return own.read_bytes() if own is not None and own.is_file() else None


def read_config(path: Path, environment: Mapping[str, str]) -> Config:
    """Read the configuration at *path* against the installed connectors.

    Raises:
        ConfigInvalid: with every fault at once; or a page that is visited shares its url with one
            whose items have ids of our making, and the visit would take them for gone.
    """
    installed = connectors()
    config = load(
        path,
        platforms={name: connector.platform for name, connector in installed.items()},
        declared={name: connector.settings for name, connector in installed.items()},
        find_schedule=find_schedule,
        environment=environment,
    )
    if faults := list(_mixed_up(config, installed)):
        raise ConfigInvalid([f"{path}: {fault}" for fault in faults])
    return config


def _mixed_up(config: Config, installed: Mapping[str, Connector]) -> Iterator[str]:
    visited: dict[tuple[str, str], str] = {}
    for page in config.pages:
        if not installed[page.connector].imports:
            named = visited.setdefault((page.platform, page.identity), page.name)
            if named != page.name:
                yield f"[[pages]] {page.name}: its url is that of {named}: they are one page, twice"
    for page in config.pages:
        other = visited.get((page.platform, page.identity))
        if other is not None and installed[page.connector].capabilities.made_ids:
            yield (
                f"[[pages]] {page.name}: its url is that of {other}, which is visited; what is "
                "imported here has no ids that a visit could find again: leave out its url"
            )
