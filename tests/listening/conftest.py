"""A Facebook page on this machine, an archive of it, and the door at which Meta delivers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from archiver.listening.door import door_of
from archiver.office.listening import Ear
from archiver.records.captures import Coverage
from archiver.records.pages import PageSettings
from tests.archive import Archive, an_archive
from tests.connectors.facebook_platform import PAGE, FacebookPlatform
from tests.connectors.meta_deliveries import APP_SECRET, signed
from tests.connectors.platforms import Platform
from tests.proofs import invariants

LOOPBACK = '[fetching]\nallow_private_hosts = ["127.0.0.1"]\n'


@dataclass
class Desk:
    """An archive that listens, and what is sent to it."""

    platform: Platform
    archive: Archive
    kept: int = 0

    def __post_init__(self) -> None:
        self.listen()

    def listen(self) -> None:
        """Begin to listen, as the next process would."""
        self.ear = Ear(self.archive.office)

    @property
    def folder(self) -> Path:
        return self.archive.folder / "deliveries"

    @property
    def waiting(self) -> int:
        return self.ear.deliveries.waiting().count

    def send(
        self,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        to: str = "/facebook",
    ) -> int:
        """Deliver *body*, signed unless *headers* say otherwise; give the status answered."""
        return self._ask("POST", to, content=body, headers=headers or signed(body)).status_code

    def ask(self, query: Mapping[str, str], *, at: str = "/facebook") -> httpx.Response:
        """Ask for a handshake."""
        return self._ask("GET", at, params=query)

    def hear(self) -> list[Coverage]:
        """Work off what waits."""
        return self.ear.work_off()

    def _ask(self, method: str, path: str, **what: object) -> httpx.Response:
        async def asked() -> httpx.Response:
            door = httpx.ASGITransport(door_of(self.ear, self._told))
            async with httpx.AsyncClient(transport=door, base_url="http://door.example") as client:
                return await client.request(method, path, **what)

        return asyncio.run(asked())

    def _told(self) -> None:
        self.kept += 1


def listening(page: PageSettings) -> PageSettings:
    """Give *page* as one for which Meta delivers."""
    options = {**page.options, "page_id": PAGE}
    return replace(page, signing_secret=APP_SECRET, options=options)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk at which nothing was delivered yet; its archive keeps every invariant to the end."""
    with FacebookPlatform() as platform:
        yield from a_desk(tmp_path, platform, listening(platform.page()))


def a_desk(folder: Path, platform: Platform, page: PageSettings) -> Iterator[Desk]:
    """Give a desk that listens to *page* of *platform*."""
    archive = an_archive(folder, index="memory:", page=page)  # laid out from one founded before
    with archive.config_file.open("a", encoding="utf-8") as config:
        config.write(LOOPBACK)
    archive.reopen()
    yield Desk(platform, archive)
    assert invariants.faults_of(archive) == []
    archive.office.close()
