"""Rendering: what is kept of a content, and what a classifier says of it.

All of it follows from the content, the page it comes from and the schedule: nothing is read and
nothing written, so that a long import has it done by a process beside its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from archiver.catalogue import contents
from archiver.ports import Classifier
from archiver.procedures.drafting import OWN_KINDS, Drafter, Rendered
from archiver.records.identity import ArchiveKey, sha256
from archiver.records.items import Content, Origin, to_object

Unrendered: TypeAlias = tuple[str, str, Content]
"""The id of an item, and the fingerprint and the content of one version of it."""


class Renderer(Protocol):
    """Renders contents, wherever that is done."""

    def render(self, origin: Origin, wanted: Sequence[Unrendered]) -> list[Rendered]:
        """Render each of *wanted*, all of the page of *origin*; the answers are in order.

        Raises:
            ObjectError: it was to be done by another process, and that has died.
        """


class RendererHere:
    """Renders in this process."""

    def __init__(self, key: ArchiveKey, classifier: Classifier) -> None:
        """Render under *key*, and ask *classifier*."""
        self._key = key
        self._classifier = classifier

    def render(self, origin: Origin, wanted: Sequence[Unrendered]) -> list[Rendered]:
        """Render each of *wanted* (see `Renderer.render`)."""
        drafter = Drafter(self._key, origin)
        return [self._rendered(drafter, origin, *each) for each in wanted]

    def _rendered(
        self, drafter: Drafter, origin: Origin, item: str, mark: str, of: Content
    ) -> Rendered:
        data = to_object(of, origin, salt=self._key.salt(item, mark))
        return Rendered(
            data=data,
            digest=sha256(data),
            body=contents.body(of),
            author=drafter.author_of(of),
            suggestion=self._classifier.suggest(of, own=of.kind in OWN_KINDS),
        )
