"""Which files of an export hold what, and where its uploads lie.

    cityblog.wordpress.2023-11-14.xml, cityblog.wordpress.2023-11-14.001.xml
    wp-content/uploads/2023/11/road.jpg

WordPress writes the XML alone. Who puts the site's folder of uploads beside it has the files too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from archiver.records.errors import DepositRefused
from connectors.deposits import Deposit, refuse_several

_UPLOAD = re.compile(r"(?:.*/)?uploads/(.+)")


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one export: those that are read, in order, and the uploads it holds."""

    volumes: tuple[str, ...]
    uploads: Mapping[str, str]

    def places(self, address: str) -> Iterator[str]:
        """Give where the file at *address* may lie in the export."""
        yield self.uploads.get(upload_at(address), "")
        yield address


def layout_in(deposit: Deposit) -> Layout:
    """Find out what of *deposit* is to be read.

    Raises:
        DepositRefused: it holds no XML, or is more than one export.
    """
    names = deposit.names()
    uploads = {found[1]: name for name in names if (found := _UPLOAD.fullmatch(name))}
    volumes = [n for n in names if n.lower().endswith(".xml") and not _UPLOAD.fullmatch(n)]
    if not volumes:
        raise DepositRefused(
            f"{deposit.name} is no export of WordPress: it holds no XML file",
            remedy="Under Tools, Export choose all content, and import the file as it is.",
        )
    refuse_several(deposit, volumes)
    return Layout(tuple(volumes), uploads)


def upload_at(address: str) -> str:
    """Give the path, within the site's uploads, of the file at *address*; nothing elsewhere."""
    try:
        found = _UPLOAD.fullmatch(unquote(urlsplit(address).path))
    except ValueError:
        return ""
    return found[1] if found else ""
