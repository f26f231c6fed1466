"""Rendering in a process beside this one, so that a long import has two processors at work.

What goes to and fro are plain tuples; the classes themselves travel several times as slowly.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol, TypeAlias

from archiver.objects.lines import Line
from archiver.office import Office
from archiver.office.lookup import read_config
from archiver.procedures.drafting import Rendered
from archiver.procedures.rendering import Renderer, RendererHere, Unrendered
from archiver.records.classification import Basis, Suggestion, Tag
from archiver.records.errors import ObjectError
from archiver.records.items import Attachment, Author, Content, ItemKind, Origin, RawFragment
from archiver.records.making import quickly

_a_content = quickly(Content)

FEW = 2_000
"""How many contents are rendered before a process of its own is worth starting.

As many again are rendered here while it gets ready.
"""

_Names: TypeAlias = tuple[str, ...]

_BareContent: TypeAlias = tuple[
    str, str, str, str, bytes, datetime, str, _Names | None, str | None, str | None, str,
    datetime | None, tuple[_Names, ...], _Names, str, _Names,
]  # fmt: skip
"""A content on its way between processes, its fields in their order."""

_Asked: TypeAlias = tuple[Origin, list[tuple[str, str, _BareContent]]]

_BareSuggestion: TypeAlias = tuple[Tag, str, str, _Names, float, bool, Basis, bool]

_Answered: TypeAlias = list[tuple[bytes, str, str, str, _BareSuggestion]]


class _OpenedRenderer(Renderer, Protocol):
    def close(self) -> None: ...


class RendererBeside:
    """A renderer, of which another process does the work when there is much."""

    def __init__(
        self, here: Renderer, opened: Callable[[], _OpenedRenderer], *, few: int = FEW
    ) -> None:
        """Stand for *here*; *opened* opens it again in the other process, and can be pickled."""
        self._here = here
        self._few, self._here_still = few, 2 * few
        self._line: Line[_OpenedRenderer, _Asked, _Answered] = Line(
            opened,
            _answered,
            lost=ObjectError(
                "the process that renders beside this one has died",
                remedy="Import again: what was entered stands, and the rest is read again.",
            ),
        )

    def render(self, origin: Origin, wanted: Sequence[Unrendered]) -> list[Rendered]:
        """Render each of *wanted* (see `Renderer.render`)."""
        if self._here_still > 0:
            if self._here_still <= self._few:
                self._line.begin()
            self._here_still -= len(wanted)
            return self._here.render(origin, wanted)
        asked = [(item, mark, _bare(content)) for item, mark, content in wanted]
        return [
            Rendered(data, digest, body, author, _suggestion(*said))
            for data, digest, body, author, said in self._line.ask((origin, asked))
        ]

    def close(self) -> None:
        """Let the other process end, if there is one."""
        self._line.close()


class OfficeRenderer(RendererHere):
    """Renders for the archive that *config* names, with what it opens of it."""

    def __init__(self, config: Path) -> None:
        """Open the archive.

        Raises:
            ConfigInvalid: the configuration cannot be read any more.
        """
        self._office = Office(read_config(config, os.environ))
        super().__init__(self._office.keys.archive, self._office.classifier)

    def close(self) -> None:
        """Let go of what was opened."""
        self._office.close()


def _answered(opened: _OpenedRenderer, asked: _Asked) -> _Answered:
    origin, wanted = asked
    contents = [(item, mark, _whole(bare)) for item, mark, bare in wanted]
    return [
        (each.data, each.digest, each.body, each.author, _bare_suggestion(each.suggestion))
        for each in opened.render(origin, contents)
    ]


def _bare(content: Content) -> _BareContent:
    author = content.author
    return (
        content.native_id,
        content.kind.value,
        content.text,
        content.raw.media_type,
        content.raw.body,
        content.published_at,
        content.title,
        None if author is None else (author.native_id, author.name, author.handle, author.url),
        content.parent,
        content.thread,
        content.permalink,
        content.edited_at,
        tuple((a.key, a.url, a.media_type, a.name, a.description) for a in content.attachments),
        content.links,
        content.language,
        content.marks,
    )


def _whole(bare: _BareContent) -> Content:
    return _a_content(
        native_id=bare[0],
        kind=ItemKind(bare[1]),
        text=bare[2],
        raw=RawFragment(bare[3], bare[4]),
        published_at=bare[5],
        title=bare[6],
        author=None if bare[7] is None else Author(*bare[7]),
        parent=bare[8],
        thread=bare[9],
        permalink=bare[10],
        edited_at=bare[11],
        attachments=tuple(Attachment(*each) for each in bare[12]),
        links=bare[13],
        language=bare[14],
        marks=bare[15],
    )


def _bare_suggestion(said: Suggestion) -> _BareSuggestion:
    return (
        said.tag,
        said.series,
        said.rule,
        said.matched,
        said.confidence,
        said.queue,
        said.basis,
        said.restricts,
    )


@lru_cache(maxsize=1024)
def _suggestion(
    tag: Tag,
    series: str,
    rule: str,
    matched: _Names,
    confidence: float,
    queue: bool,  # noqa: FBT001 - in the order of the fields
    basis: Basis,
    restricts: bool,  # noqa: FBT001 - in the order of the fields
) -> Suggestion:
    return Suggestion(
        tag=tag,
        series=series,
        rule=rule,
        matched=matched,
        confidence=confidence,
        queue=queue,
        basis=basis,
        restricts=restricts,
    )
