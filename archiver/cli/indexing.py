"""`index`."""

from __future__ import annotations

import sys

import click

from archiver.cli.output import emit_json, json_option, progress
from archiver.cli.root import Counter, pass_counter
from archiver.records.counting import count_of


@click.group()
def index() -> None:
    r"""The full-text index: disposable, and never the truth.

    \b
    Example:
      archiver index status
    """


@index.command("status")
@json_option
@pass_counter
def index_status(counter: Counter, *, as_json: bool) -> None:
    r"""Say how much of the archive is indexed.

    Exits with 30 where the index is missing or damaged, with 1 where it holds something else
    than the archive and knows of nothing that waits: then `index rebuild` makes it anew.

    \b
    Example:
      archiver index status --json
    """
    from archiver.procedures.indexing import state

    office = counter.office
    found = state(office.catalogue, office.index)
    if found.fault is not None:
        raise found.fault
    if as_json:
        emit_json(
            {
                "engine": office.index.engine,
                "state": found.condition.value,
                "indexed": found.indexed,
                "of": found.of,
                "waiting": found.waiting,
            }
        )
    else:
        click.echo(f"{office.index.engine}: {found.said}", err=not found.ok)
    if not found.ok:
        sys.exit(1)


@index.command("rebuild")
@pass_counter
def index_rebuild(counter: Counter) -> None:
    r"""Index everything anew beside the old index, and swap.

    \b
    Example:
      archiver index rebuild
    """
    from archiver.procedures.indexing import rebuild

    office = counter.office
    with progress("items indexed") as tell:
        count = rebuild(office.catalogue, office.index, progress=tell)
    click.echo(f"{count_of(count, 'item')} indexed anew")


@index.command("feed")
@pass_counter
def index_feed(counter: Counter) -> None:
    r"""Tell the index of what it has not been told yet (captures do this themselves).

    \b
    Example:
      archiver index feed
    """
    with progress("items indexed") as tell:
        count = counter.office.feed_index(progress=tell)
    click.echo(f"{count_of(count, 'item')} indexed")
