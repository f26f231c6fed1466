"""What a hold covers, as options on the command line; and the visits that issuing one asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, TypeAlias

import click

from archiver.cli.arguments import day, words
from archiver.cli.output import iso, progress
from archiver.records.canonical import Json
from archiver.records.captures import Coverage
from archiver.records.errors import ArchiverError, ConfigInvalid
from archiver.records.holds import Neighbours, Scope
from archiver.records.moments import micros

if TYPE_CHECKING:
    from archiver.office import Office

_Option: TypeAlias = "Callable[[Callable[..., None]], Callable[..., None]]"


query_option = click.option("--query", type=words, help="What a search finds, now and from now on.")


def scope_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what a hold covers."""
    options: tuple[_Option, ...] = (
        click.option("--item", "item_ids", multiple=True, help="An item, by its id; repeatable."),
        click.option("--thread", "threads", multiple=True, help="The whole thread of this item."),
        click.option("--page", "pages", multiple=True, help="Everything on this page."),
        click.option("--author", "authors", multiple=True, help="An author's id, handle or name."),
        *_date_options(),
        query_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


def period_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which pages and days a records request is about."""
    options: tuple[_Option, ...] = (
        click.option("--page", "pages", multiple=True, help="A page it asks for; repeatable."),
        *_date_options(),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _date_options() -> tuple[_Option, ...]:
    form = "YYYY-MM-DD"
    return (
        click.option(
            "--from", "first", type=day, metavar=form, help="Published on this day or later."
        ),
        click.option(
            "--to", "last", type=day, metavar=form, help="Published on this day or earlier."
        ),
    )


def scope_of(office: Office, options: dict[str, object], *, exactly: bool = False) -> Scope:
    """Give the scope that the options mean; *exactly* takes in no namesake of an author.

    A hold may cover too much, an order of a court may not.

    Raises:
        ConfigInvalid: no option says what to cover, no day is meant, or a page is not configured.
        NotFound: an item or an author is not here, or the query names a page that is not.
    """
    from archiver.procedures.finding import full_id, thread_id

    if not any(options.values()):
        names = ", ".join(f"--{_SAID.get(name, name)}" for name in options)
        raise ConfigInvalid(
            f"say what is covered: {names}",
            remedy="To cover everything, say --from 1900-01-01.",
        )
    first, last, query = options.get("first"), options.get("last"), options.get("query")
    if isinstance(first, date) and isinstance(last, date) and last < first:
        raise ConfigInvalid(
            f"--from {first} is after --to {last}: no day lies between",
            remedy="Give the earlier day with --from and the later one with --to.",
        )

    def ids(name: str) -> list[str]:
        return [full_id(office.catalogue, start) for start in _texts(options.get(name))]

    return Scope(
        items=frozenset(ids("item_ids")),
        threads=frozenset(thread_id(office.catalogue, item) for item in ids("threads")),
        without=frozenset(ids("without")),
        pages=frozenset(office.page_id(name) for name in _texts(options.get("pages"))),
        authors=_authors(office, _texts(options.get("authors")), exactly=exactly),
        called=frozenset() if exactly else _called(office, _texts(options.get("authors"))),
        published_from=_edge(office, first, days=0),
        published_to=_edge(office, last, days=1),
        query=_query(office, str(query)) if query else None,
    )


def _authors(office: Office, names: Sequence[str], *, exactly: bool) -> frozenset[str]:
    """Give the opaque ids of everybody named."""
    from archiver.procedures.finding import author_ids, authors_called
    from archiver.procedures.viewing import closed_to

    account = office.account
    if exactly:
        return frozenset(found for name in names for found in author_ids(account, name))
    unsaid = bool(names) and bool(closed_to(account, office.person))
    return frozenset(
        found for name in names for found in authors_called(account, name, unsaid=unsaid)
    )


def _called(office: Office, names: Sequence[str]) -> frozenset[str]:
    """Give the opaque words for everybody named: who comes to be called so is covered, too."""
    from archiver.procedures.called import word_for

    return frozenset(word_for(office.account.key, name) for name in names)


def _query(office: Office, text: str) -> dict[str, Json]:
    """Read a query, and let none that names a page which is not here bind nothing in silence."""
    from archiver.language.written import to_json
    from archiver.office.naming import query_of

    return to_json(query_of(office, text))


_SAID = {
    "item_ids": "item",
    "threads": "thread",
    "without": "without-item",
    "pages": "page",
    "authors": "author",
    "first": "from",
    "last": "to",
}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, tuple) else ()


def _edge(office: Office, edge: object, *, days: int) -> int | None:
    """Give the moment at which a day begins in the agency's zone, or ends (*days* = 1)."""
    if not isinstance(edge, date):
        return None
    return micros(datetime.combine(edge + timedelta(days=days), time(), office.config.zone))


def scope_told(scope: Scope, names: Mapping[str, str]) -> dict[str, Json]:
    """Give a scope with its pages by their *names* and its days as moments."""
    return scope.to_json() | {
        "pages": list[Json](sorted(names.get(page, page) for page in scope.pages)),
        "published_from": iso(scope.published_from),
        "published_to": iso(scope.published_to),
    }


def neighbours(value: str) -> frozenset[Neighbours]:
    """Read what a hold takes in besides what it covers itself: `threads,authors`.

    Raises:
        BadParameter: it names something else.
    """
    named = tuple(part.strip() for part in value.split(",") if part.strip())
    if not named or set(named) - set(Neighbours):
        raise click.BadParameter(f"{value!r}: name {' and '.join(Neighbours)}, parted by a comma")
    return frozenset(map(Neighbours, named))


def capture_scope(office: Office, hold: str) -> Sequence[Coverage]:
    """Visit the pages in scope of *hold* now; what one of them refuses is said, and undoes none."""
    from archiver.office.naming import page_names
    from archiver.procedures.pages_in_scope import pages_of

    wanted = pages_of(office.account, hold, page_names(office).pages)
    pages = [
        page
        for page in office.config.pages
        if not office.imports(page) and office.id_of(page) in wanted
    ]
    try:
        with progress("items seen") as tell:
            seen = office.capture(pages, by=office.person, progress=tell)
        office.feed_index()
    except ArchiverError as error:
        click.echo(f"not everything could be visited: {error}", err=True)
        return []
    for coverage in seen:
        said = f"{coverage.page}: {coverage.status.value}, {coverage.new} new items"
        click.echo(said, err=True)
    return seen
