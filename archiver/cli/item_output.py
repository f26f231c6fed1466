"""How items are printed, as a list and for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from archiver.cli.output import Told, day_time, emit_json, iso, shortened, table
from archiver.records.counting import count_of

if TYPE_CHECKING:
    from archiver.procedures.finding import Found
    from archiver.procedures.viewing import Viewed


def told(found: Found) -> dict[str, Told]:
    """Give an item as scripts read it."""
    from archiver.procedures.viewing import why_restricted

    row, content = found.row, found.content
    return {
        "id": row.item,
        "page": found.page.name,
        "platform": found.page.platform,
        "kind": row.kind,
        "author": author_of(found),
        "published_at": iso(row.published_at),
        "captured_at": iso(row.captured_at),
        "title": content.title if content else "",
        "text": content.text if content else "",
        "tag": row.tag,
        "series": row.series,
        "basis": row.basis,
        "rule": row.rule,
        "queued": row.queued,
        "restricted": list[Told](why_restricted(row).split()),
        "state": row.state,
        "life": row.life,
        "certificate": found.certificate,
        "url": content.permalink if content else "",
        "held": bool(found.held),
        "holds": list(found.held),
    }


def author_of(found: Found) -> str:
    """Give what an author is called; nothing where the platform hides it, or it is struck."""
    author = found.content.author if found.content else None
    return (author.name or author.handle) if author else ""


def text_of(found: Found) -> str:
    """Give title and text of an item in one line; its life where they are struck."""
    if found.content is None:
        return f"({found.row.life})"
    return f"{found.content.title} {found.content.text}".strip()


def say_not_shown(count: int) -> None:
    """Say how many restricted items a list leaves out, if any."""
    if count:
        click.echo(f"{count} restricted items not shown", err=True)


def say_not_counted(closed: int, besides: str) -> None:
    """Say that no restricted item was counted, if the archive has *closed* of them; and *besides*.

    The number is the archive's: it is the same whatever was asked.
    """
    if closed:
        many = count_of(closed, "restricted item")
        click.echo(f"closed to you, and never counted: {many} of the archive; {besides}", err=True)


def list_items(viewed: Viewed, title: str, *, as_json: bool, waiting: int | None = None) -> None:
    """Print items as a list; *waiting* is how many there are of their kind in all."""
    found = viewed.items
    if as_json:
        counted: dict[str, Told] = {} if waiting is None else {"waiting": waiting}
        listed: list[Told] = [told(one) for one in found]
        emit_json(counted | {"items": listed, "not_shown": viewed.not_shown})
        return
    rows = [
        (
            f.row.item[:12],
            day_time(f.row.published_at),
            f.row.kind,
            f"{f.row.tag} {f.row.series}".strip(),
            f.row.rule,
            shortened(text_of(f)),
        )
        for f in found
    ]
    table(title, ("id", "published", "kind", "tag", "rule", "text"), rows)
    say_not_shown(viewed.not_shown)
