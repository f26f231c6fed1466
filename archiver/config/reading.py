"""Reading one TOML table after another, and remembering every fault with its place."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias, cast
from urllib.parse import parse_qsl, urlsplit

Value: TypeAlias = "str | int | float | bool | dt.date | dt.time | list[Value] | Values"
Values: TypeAlias = "dict[str, Value]"

_SECRET = re.compile(r"(^|_)(token|secret|password|passphrase|api_key|access_key|credentials?)$")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch
_DURATION = re.compile(r"([1-9]\d{0,3})(m|h|d)")
_MINUTES = {"m": 1, "h": 60, "d": 1440}
MOST_DAYS = 36_500
"""A hundred years: more days than any setting means."""
_MOST_NUMBER = 10**9
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class Reader:
    """One table of a file: gives its values by kind, and collects what is wrong with it."""

    def __init__(self, values: Mapping[str, Value], place: str, faults: list[str]) -> None:
        self._values = dict(values)
        self._asked: set[str] = set()
        self._place = place
        self.faults = faults

    def fault(self, key: str, what: str) -> None:
        """Remember that *key* of this table is wrong."""
        self.faults.append(f"{self._place} {key}: {what}".replace("  ", " "))

    def text(self, key: str, default: str | None = None) -> str:
        """Give the text under *key*; without a *default* it must be there, and not be empty."""
        value = self._take(key)
        if value is None:
            if default is None:
                self.fault(key, "is missing")
            return default or ""
        if not isinstance(value, str):
            self.fault(key, f"must be a text, not {value!r}")
            return default or ""
        if default is None and not value.strip():
            self.fault(key, "must not be empty")
        return value

    def optional(self, key: str) -> str | None:
        """Give the text under *key*, or None."""
        return self.text(key, "") or None

    def named(self, key: str, default: str) -> str:
        """Give the place named under *key*, or *default*; one that is left blank is refused."""
        value = self.text(key, default)
        if not value.strip():
            self.fault(key, "must not be empty; leave the key out for the default")
            return default
        return value

    def variable(self, key: str) -> str:
        """Give the name of an environment variable under *key*, or "" where there is none."""
        value = self.optional(key) or ""
        if value and not _VARIABLE(value):
            self.fault(
                key,
                "names the variable of the environment that holds the secret, and this can be no "
                "name (letters, digits and _ alone); the secret itself does not belong in here",
            )
            return ""
        return value

    def address(self, key: str, default: str | None = None) -> str | None:
        """Give the address (URL) under *key*, or *default*; one with a password is refused."""
        value = self.text(key, "") or default
        try:
            parts = urlsplit(value or "")
            secrets = [name for name, _ in parse_qsl(parts.query) if _SECRET.search(name.lower())]
        except ValueError as error:
            self.fault(key, f"is no address: {error}")
            return default
        if parts.password is not None or secrets:
            self.fault(
                key,
                "a password does not belong in this file; it comes from the environment, or from "
                "a file of mode 0600 (see config.example.toml)",
            )
            return default
        return value

    def integer(self, key: str, default: int, *, least: int = 0, most: int = 2**53) -> int:
        """Give the whole number under *key*, from *least* to *most*."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            bounds = f"of at least {least}" if most == 2**53 else f"from {least} to {most}"
            self.fault(key, f"must be a whole number {bounds}, not {value!r}")
            return default
        return value

    def number(self, key: str, default: float | None) -> float | None:
        """Give the positive number under *key*."""
        value = self._take(key)
        if value is None:
            return default
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not 0 < value <= _MOST_NUMBER
        ):
            self.fault(key, f"must be a number above 0, not {value!r}")
            return default
        return float(value)

    def boolean(self, key: str, *, default: bool) -> bool:
        """Give the truth under *key*."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fault(key, f"must be true or false, not {value!r}")
            return default
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Give the list of texts under *key*."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            self.fault(key, f"must be a list of texts, not {value!r}")
            return ()
        return tuple(cast("list[str]", value))

    def choice(self, key: str, choices: Iterable[str], default: str) -> str:
        """Give the text under *key*, one of *choices*."""
        value = self.text(key, default)
        if value not in choices:
            self.fault(key, f"must be one of {', '.join(choices)}, not {value!r}")
            return default
        return value

    def clock(self, key: str, default: str) -> str:
        """Give the time of day under *key* (`03:15`)."""
        value = self.text(key, default)
        if not _CLOCK.fullmatch(value):
            self.fault(key, f"must be a time of day such as {default}, not {value!r}")
            return default
        return value

    def minutes(self, key: str) -> int | None:
        """Give the duration under *key* (`15m`, `2h`, `1d`) in minutes, or None."""
        value = self.optional(key)
        if value is None:
            return None
        found = _DURATION.fullmatch(value)
        if found is None:
            self.fault(key, f"must be a duration such as 15m, 2h or 1d, not {value!r}")
            return None
        return int(found[1]) * _MINUTES[found[2]]

    def table(self, key: str) -> Reader:
        """Give the table under *key*; an empty one where there is none."""
        value = self._take(key)
        if value is not None and not isinstance(value, dict):
            self.fault(key, "must be a table")
        place = f"{self._place}[{key}]" if not self._place.endswith("]") else f"{self._place}.{key}"
        return Reader(value if isinstance(value, dict) else {}, place, self.faults)

    def tables(self, key: str) -> list[Values]:
        """Give the array of tables under *key*."""
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            self.fault(key, f"must be written as [[{key}]]")
            return []
        return cast("list[Values]", value)

    def rest(self, *, secrets: str = "") -> None:
        """Refuse every key that nobody asked for; a secret among them with the reason.

        *secrets* says where a secret belongs of which no key here names the variable, if anywhere.
        """
        for key, value in self._values.items():
            if key in self._asked:
                continue
            if _SECRET.search(key) and isinstance(value, str):
                where = self._where(key) or secrets or "no key here takes it"
                self.fault(key, f"a secret does not belong in this file; {where}")
                continue
            near = difflib.get_close_matches(key, self._asked, n=1)
            self.fault(key, "is not a key here" + (f"; did you mean {near[0]}?" if near else ""))

    def _where(self, key: str) -> str:
        """Say in which key of this table the variable of a secret is named; "" where in none."""
        names = (f"{key}_env", f"{_SECRET.sub('', key)}_env", "token_env")
        known = next((name for name in names if name in self._asked), "")
        return known and f"put it into the environment and name the variable in {known}"

    def _take(self, key: str) -> Value | None:
        self._asked.add(key)
        return self._values.get(key)
