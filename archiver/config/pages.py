"""Reading `[[pages]]`: the keys every page has, and the ones its connector declares."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from archiver.config.reading import Reader, Values
from archiver.records.pages import PageSettings, Setting, SettingValue


def read_page(
    values: Values,
    number: int,
    *,
    platforms: Mapping[str, str],
    declared: Mapping[str, tuple[Setting, ...]],
    beside: Path,
    environment: Mapping[str, str],
    faults: list[str],
) -> PageSettings | None:
    """Read one page; None where it cannot be used. *platforms* and *declared* are by connector."""
    named = values.get("name")
    place = f"[[pages]] {named}:" if isinstance(named, str) and named else f"[[pages]] {number}:"
    before = len(faults)
    reader = Reader(values, place, faults)
    connector = reader.text("connector")
    if connector and connector not in declared:
        known = ", ".join(sorted(declared)) or "none"
        reader.fault("connector", f"there is no {connector!r}; installed are {known}")
    name = reader.text("name")
    url = reader.text("url", "")
    look_back = reader.integer("look_back_days", 14)
    every = reader.minutes("every")
    controlled = reader.boolean("controlled", default=True)
    token_env, token_file = reader.optional("token_env"), reader.optional("token_file")
    options = _options(reader, declared.get(connector, ()))
    if connector in declared:
        reader.rest()
    if len(faults) > before:
        return None
    secret = _secret(reader, token_env, token_file, beside, environment)
    return PageSettings(
        name=name,
        connector=connector,
        platform=platforms[connector],
        url=url,
        look_back_days=look_back,
        every=every,
        controlled=controlled,
        secret=secret,
        secret_missing=secret is None and token_env is not None,
        options=options,
    )


def _options(reader: Reader, settings: tuple[Setting, ...]) -> dict[str, SettingValue]:
    options: dict[str, SettingValue] = {}
    for setting in settings:
        value = _option(reader, setting)
        if value is not None:
            options[setting.name] = value
        elif setting.required:
            reader.fault(setting.name, f"is missing: {setting.help}")
    return options


def _option(reader: Reader, setting: Setting) -> SettingValue | None:
    name, default = setting.name, setting.default
    if setting.kind == "boolean":
        return reader.boolean(name, default=bool(default))
    if setting.kind == "integer":
        value = reader.integer(name, default if isinstance(default, int) else -1)
        return None if value < 0 else value
    if setting.kind == "number":
        return reader.number(name, float(default) if isinstance(default, int | float) else None)
    if setting.kind == "list":
        return reader.texts(name) or (default if isinstance(default, tuple) else None)
    return reader.optional(name) or (default if isinstance(default, str) else None)


def _secret(
    reader: Reader,
    variable: str | None,
    file: str | None,
    beside: Path,
    environment: Mapping[str, str],
) -> str | None:
    """Fetch a secret from where the page says it is; one that is not there is not a fault yet.

    A page may be configured before its token has come: its visits then say so themselves.
    """
    if file is not None:
        return read_secret(reader, "token_file", beside / file)
    return environment.get(variable) if variable else None


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
        return None
