"""An importer: what it says of itself, and how the source of an export is made."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from pathlib import PurePath
from typing import TypeAlias

from archiver.records.pages import Capabilities, FetchSettings, PageSettings, Setting
from connectors.deposits.opening import Deposit
from connectors.deposits.source import DepositSource, opened

Making: TypeAlias = Callable[[PageSettings, FetchSettings, Deposit], DepositSource]
"""Makes the source of an opened deposit; refuses what is no such export."""


class Importer:
    """A connector that reads the export files of one platform, and never the network."""

    imports = True
    version = "1"

    def __init__(
        self,
        name: str,
        *,
        platform: str,
        settings: tuple[Setting, ...],
        capabilities: Capabilities,
        making: Making,
        loose: Collection[str] = (),
    ) -> None:
        """Describe the importer; a file that ends as *loose* says may be handed in by itself."""
        self.name = name
        self.platform = platform
        self.settings = settings
        self.capabilities = capabilities
        self._making = making
        self._loose = loose

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> DepositSource:
        """Open the export at *deposit* to fill *page* from.

        Raises:
            DepositRefused: there is none, it is no such export, or not safe to open.
        """
        return opened(deposit, page, partial(self._making, page, fetching), loose=self._loose)
