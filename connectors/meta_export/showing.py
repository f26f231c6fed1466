"""What an element of a Meta export shows, collected while it is read: words, files, links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from archiver.records.items import Attachment
from connectors.deposits import entries, file_named
from connectors.meta_export.mojibake import mend

JSON = "application/json"
_WEB = ("http://", "https://")


@dataclass(slots=True)
class Showing:
    """What one item shows, each text mended; *comments* are those that stand under its files."""

    marks: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    media: dict[str, Attachment] = field(default_factory=dict)
    links: dict[str, None] = field(default_factory=dict)
    comments: list[Mapping[str, object]] = field(default_factory=list)

    def text(self, value: object) -> str:
        """Give *value* mended, where it is text."""
        return mend(value, self.marks) if isinstance(value, str) else ""

    def say(self, *values: object) -> None:
        """Add each text among *values* to what a reader sees."""
        for value in values:
            if (line := self.text(value)) and line not in self.lines:
                self.lines.append(line)

    @property
    def words(self) -> str:
        """What a reader sees, as one text."""
        return "\n".join(self.lines)


def read_media(media: Mapping[str, object], showing: Showing) -> None:
    """Add the file that *media* names, or its address where it lies on the web."""
    uri = showing.text(media.get("uri"))
    if uri.startswith(_WEB):
        showing.links[uri] = None
    elif uri:
        told = (showing.text(media.get("title")), showing.text(media.get("description")))
        described = "\n".join(text for text in told if text and text not in showing.lines)
        showing.media[uri] = file_named(uri, description=described)
    showing.comments.extend(entries(media.get("comments")))
