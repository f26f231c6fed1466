"""An item as searches see it: its tokens already cut, and the fields a query may name; hits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from archiver.language.tokens import cut, fold, stems, tokens
from archiver.records.items import Content
from archiver.records.moments import micros


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexDocument:
    """An item as the index and the evaluator see it.

    *exact* and *stems* are parallel (stems[i] is the stem of exact[i]). *published* is in
    microseconds since 1970, UTC. *author* are the exact tokens of name and handle. *page*,
    *platform* and *kind* are folded, as a query's values are.
    """

    item: str
    exact: tuple[str, ...]
    stems: tuple[str, ...]
    title: tuple[str, ...]
    author: tuple[str, ...]
    page: str
    platform: str
    kind: str
    published: int
    has_attachment: bool = False


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found: how many in all, and the ids asked for, in order.

    *searched* is how many items the index held when it answered.
    """

    total: int
    items: tuple[str, ...]
    searched: int


def document(content: Content, *, item: str, page: str, platform: str) -> IndexDocument:
    """Give *content* as searches see it.

    *item* is the item's id, *page* the name of its page in the configuration: what a clerk
    writes after `page:`.
    """
    exact = tokens(content.searchable())
    author = content.author
    return IndexDocument(
        item=item,
        exact=exact,
        stems=stems(exact),
        title=cut(content.title),
        author=cut(f"{author.name} {author.handle}") if author is not None else (),
        page=fold(page),
        platform=fold(platform),
        kind=content.kind.value,
        published=micros(content.published_at),
        has_attachment=bool(content.attachments),
    )


_BETWEEN = "\N{SYMBOL FOR RECORD SEPARATOR}"
"""Stands between versions, so that no phrase begins in one and ends in another; never cut."""


def together(versions: Sequence[IndexDocument]) -> IndexDocument:
    """Give the versions of one item, oldest first, as the one document a search sees.

    What was edited away is found as well: a comment as it stood at nine is what is asked for.
    """
    newest = versions[-1]
    if len(versions) == 1:
        return newest
    spoken = list({version.exact: version for version in reversed(versions)}.values())
    return replace(
        newest,
        exact=_joined([version.exact for version in spoken]),
        stems=_joined([version.stems for version in spoken]),
        title=_joined(list(dict.fromkeys(version.title for version in reversed(versions)))),
        author=_joined(list(dict.fromkeys(version.author for version in reversed(versions)))),
        has_attachment=any(version.has_attachment for version in versions),
    )


def _joined(runs: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    joined = list(runs[0])
    for run in runs[1:]:
        joined += [_BETWEEN, *run]
    return tuple(joined)
