"""Opening a page for one visit: its spool, its connector, what it spends, and its token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from archiver.office import spool
from archiver.office.token_files import as_it_stands, grant_of, keeper_of
from archiver.ports import Connector, Source
from archiver.procedures.account import Account
from archiver.procedures.page_connecting import renewed
from archiver.procedures.spending import write_spending
from archiver.procedures.token_keeping import look_after
from archiver.records.errors import ArchiverError
from archiver.records.pages import FetchSettings, PageSettings


@contextmanager
def opened(
    account: Account,
    connector: Connector,
    page: PageSettings,
    fetching: FetchSettings,
    deposit: Path | None,
) -> Iterator[Source]:
    """Open *page*, and close it afterwards; a visit that ends well looks after its token, too."""
    page = _renewed(account, connector, as_it_stands(page), fetching)
    with spool.visit_folder(Path(fetching.spool)) as folder:
        write = partial(write_spending, account, page)
        settings = replace(fetching, spool=folder, write_spending=write)
        source = connector.open(page, settings, deposit=deposit)
        try:
            yield source
            if deposit is None:
                with suppress(ArchiverError, OSError):  # what was visited stands all the same
                    look_after(account, page, source, keeper_of(page))
        finally:
            with suppress(ArchiverError):  # what is spent is counted on, and written the next time
                source.close()


def _renewed(
    account: Account, connector: Connector, page: PageSettings, fetching: FetchSettings
) -> PageSettings:
    """Give *page* with a token that lives: a new one where it was given by a consent, and dies."""
    grant, keep = grant_of(page), keeper_of(page)
    if grant is None or keep is None:
        return page
    page = replace(page, credential=grant.app.client_id)
    new = renewed(account, connector, fetching, grant)
    if new is None:
        return page
    keep(new.token, new.written())
    return replace(page, secret=new.token)
