"""Reading `[[pages]]`: the keys every page has, and the ones its connector declares."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from archiver.config.reading import MOST_DAYS, Reader, Values
from archiver.records.pages import PageSettings, Setting, SettingValue

_PLATFORM = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a configuration is read against.

    *beside* is the folder of its file; *platforms* and *declared* give the platform and the own
    settings of each installed connector, by its name.
    """

    beside: Path
    platforms: Mapping[str, str]
    declared: Mapping[str, tuple[Setting, ...]]
    environment: Mapping[str, str]


def read_page(
    values: Values, number: int, around: Surroundings, faults: list[str]
) -> PageSettings | None:
    """Read the page that stands *number*th in the file; None where it cannot be used."""
    named = values.get("name")
    place = f"[[pages]] {named}:" if isinstance(named, str) and named else f"[[pages]] {number}:"
    before = len(faults)
    reader = Reader(values, place, faults)
    connector, name = _connector(reader, around), reader.text("name")
    url = _url(reader)
    look_back = reader.integer("look_back_days", 14, most=MOST_DAYS)
    every, controlled = reader.minutes("every"), reader.boolean("controlled", default=True)
    variable, file = reader.variable("token_env"), _token_file(reader, around)
    secret, missing = _fetched(reader, around, "token_file", variable, file)
    signing, unsigned = _signing(reader, around)
    owner, second = reader.text("owner", ""), reader.text("second_administrator", "")
    options = _options(reader, around.declared.get(connector, ()), around.beside)
    platform = _platform(reader, around, connector, options)
    if connector in around.declared:
        reader.rest()
    if len(faults) > before:
        return None
    return PageSettings(
        name=name,
        connector=connector,
        platform=platform,
        url=url,
        look_back_days=look_back,
        every=every,
        controlled=controlled,
        secret=secret,
        secret_missing=missing,
        token_env=variable,
        token_file=file,
        signing_secret=signing,
        signing_missing=unsigned,
        owner=owner,
        second_administrator=second,
        options=options,
    )


def _url(reader: Reader) -> str:
    """Give the page's own address, or "" where it has none: one that nothing can ask is a fault."""
    url = reader.address("url", "") or ""
    if url and not _is_whole(url):
        reader.fault("url", f"{url!r} is no address; write it whole, as https://www.example.gov")
    return url


def _is_whole(url: str) -> bool:
    if any(map(str.isspace, url)):
        return False
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:  # no number, or above 65535
        return False
    return parts.scheme.lower() in {"http", "https"} and bool(parts.hostname) and port != 0


def _connector(reader: Reader, around: Surroundings) -> str:
    connector = reader.text("connector")
    if connector and connector not in around.declared:
        known = ", ".join(sorted(around.declared)) or "none"
        reader.fault("connector", f"there is no {connector!r}; installed are {known}")
    return connector


def _platform(
    reader: Reader, around: Surroundings, connector: str, options: Mapping[str, SettingValue]
) -> str:
    platform = str(options.get("platform") or around.platforms.get(connector, ""))
    if not _PLATFORM.fullmatch(platform) and connector in around.declared:
        reader.fault("platform", "must be a short word in small letters, such as facebook")
    return platform


def _options(
    reader: Reader, settings: tuple[Setting, ...], beside: Path
) -> dict[str, SettingValue]:
    options: dict[str, SettingValue] = {}
    for setting in settings:
        value = _option(reader, setting, beside)
        if value is not None:
            options[setting.name] = value
        elif setting.required:
            reader.fault(setting.name, f"is missing: {setting.help}")
    return options


def _option(reader: Reader, setting: Setting, beside: Path) -> SettingValue | None:
    name, default = setting.name, setting.default
    if setting.kind == "boolean":
        return reader.boolean(name, default=bool(default))
    if setting.kind == "integer":
        value = reader.integer(name, default if isinstance(default, int) else -1)
        return None if value < 0 else value
    if setting.kind == "number":
        return reader.number(name, float(default) if isinstance(default, int | float) else None)
    if setting.kind == "file":
        named = reader.optional(name)
        return str(beside / named) if named else None
    if setting.kind == "list":
        return reader.texts(name) or (default if isinstance(default, tuple) else None)
    return reader.optional(name) or (default if isinstance(default, str) else None)


def _token_file(reader: Reader, around: Surroundings) -> Path | None:
    file = reader.optional("token_file")
    return around.beside / file if file is not None else None


def _signing(reader: Reader, around: Surroundings) -> tuple[str | None, bool]:
    """Fetch the secret by which the platform signs what it delivers, and whether it is missing."""
    file = reader.optional("signing_file")
    beside = around.beside / file if file is not None else None
    variable = reader.variable("signing_env")
    secret, _ = _fetched(reader, around, "signing_file", variable, beside)
    return secret or None, not secret and bool(variable or beside)


def _fetched(
    reader: Reader, around: Surroundings, key: str, variable: str, file: Path | None
) -> tuple[str | None, bool]:
    """Fetch a page's secret from where it is said to be, and whether it is not there yet.

    That is no fault: a page may be configured before its token has come, and says so itself; a
    file that is there must hold one.
    """
    if file is not None:
        there = file.exists() or file.is_symlink()
        return (read_secret(reader, key, file) if there else None), not there
    secret = around.environment.get(variable) if variable else None
    return secret, secret is None and bool(variable)


def read_secret(reader: Reader, key: str, path: Path) -> str | None:
    """Read a secret from a file that only its owner may read."""
    try:
        mode = path.stat().st_mode
        if stat.S_IMODE(mode) & 0o077:
            reader.fault(key, f"{path} may be read by others; run chmod 600 on it")
            return None
        with path.open(encoding="utf-8") as lines:
            return lines.readline().strip() or None
    except OSError as error:
        reader.fault(key, f"{path} cannot be read: {os.strerror(error.errno or 0)}")
    except UnicodeDecodeError:
        reader.fault(key, f"{path} does not hold a text")
    return None
