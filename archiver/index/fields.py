"""What the index holds of an item: the fields, as Whoosh's schema and as our segments number them.

Tokens arrive already cut; nothing is analysed here, and nothing is stored but the item's id,
its time and the length of its fields.
"""

from __future__ import annotations

from typing import Final

from whoosh import columns, fields, formats
from whoosh.analysis import SpaceSeparatedTokenizer

from archiver.language.documents import IndexDocument

AUTHOR: Final = "author"
EXACT: Final = "exact"
HAS: Final = "has"
ITEM: Final = "item"
KIND: Final = "kind"
PAGE: Final = "page"
PLATFORM: Final = "platform"
STEMS: Final = "stems"
TITLE: Final = "title"
PUBLISHED: Final = "published"

INDEXED: Final = (AUTHOR, EXACT, HAS, ITEM, KIND, PAGE, PLATFORM, STEMS, TITLE)
"""The fields with terms, in the order of their names, which is their order in a segment."""

POSITIONAL: Final = frozenset({AUTHOR, EXACT, TITLE})
"""The fields that keep where each token stands, for phrases."""

SCORED: Final = STEMS
"""The field whose lengths and frequencies say how well an item answers."""

LENGTH: Final = f"_{SCORED}_len"
"""The column of the lengths of the scored field, as Whoosh names it."""

ITEM_COLUMN: Final = columns.VarBytesColumn(allow_offsets=False)
PUBLISHED_COLUMN: Final = columns.NumericColumn("q")
LENGTH_COLUMN: Final = columns.NumericColumn("B")


def schema() -> fields.Schema:
    """Give Whoosh's schema of a segment, so that Whoosh can read what is written here."""
    spaces = SpaceSeparatedTokenizer()
    made = fields.Schema()
    for name in INDEXED:
        if name in POSITIONAL:
            made.add(name, fields.FieldType(formats.Positions(), spaces))
        elif name == STEMS:
            made.add(name, fields.FieldType(formats.Existence(), spaces, scorable=True))
    made.add(ITEM, fields.ID(unique=True, sortable=ITEM_COLUMN))
    for name in (HAS, KIND, PAGE, PLATFORM):
        made.add(name, fields.ID())
    made.add(PUBLISHED, fields.COLUMN(PUBLISHED_COLUMN))
    return made


def labels(document: IndexDocument) -> tuple[tuple[str, str], ...]:
    """Give the single values of *document*, by field."""
    found = (
        (ITEM, document.item),
        (PAGE, document.page),
        (PLATFORM, document.platform),
        (KIND, document.kind),
    )
    return (*found, (HAS, "attachment")) if document.has_attachment else found


def runs(document: IndexDocument) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Give the runs of tokens of *document* whose places count, by field."""
    return ((AUTHOR, document.author), (EXACT, document.exact), (TITLE, document.title))
