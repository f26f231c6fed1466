"""What a sample of an export is, to which the contract of importers is held."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archiver.ports import Connector
from archiver.records.pages import PageSettings, SettingValue

NOON = 1_700_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An export of an invented department, as its platform would have written it.

    *files* gives what each file holds: bytes, text, or what becomes JSON. *holding* are those
    that hold items, *texts* what every item in them says, *private* the texts of those that
    never were public. *picture* is an attachment the export holds, *wanting* the address of one
    that it names and does not hold. *inside* is what lies packed within a file, and is read.
    """

    connector: Connector
    files: Mapping[str, object]
    holding: Sequence[str]
    texts: Sequence[str]
    private: frozenset[str] = frozenset()
    picture: bytes = b""
    inside: bytes = b""
    options: Mapping[str, SettingValue] = field(default_factory=dict)

    def written(self) -> dict[str, bytes]:
        """Give the bytes of every file."""
        return {name: as_bytes(content) for name, content in self.files.items()}

    def page(self) -> PageSettings:
        """Give the page that is filled from such an export."""
        connector = self.connector
        return PageSettings(
            name="our export",
            connector=connector.name,
            platform=connector.platform,
            url=f"https://{connector.platform}.example/police",
            options=self.options,
        )


def as_bytes(content: object) -> bytes:
    """Give *content* as a platform's file holds it."""
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content)).encode()


def lay_out(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write *files* under *folder*, as an export that was unpacked."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
