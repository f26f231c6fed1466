"""Writing segments: from documents, and from other segments.

A segment is Whoosh's own (`W3Codec`, one compound file), written whole and never changed, with one
part more that Whoosh does not look for: which terms each document has. `striking.py` needs it.
"""

from __future__ import annotations

import heapq
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.filedb.compound import CompoundStorage
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.util.numeric import byte_to_length, length_to_byte

from archiver.index import fields, postings
from archiver.index.forward import EXTENSION, ForwardDraft
from archiver.index.leaves import Leaf
from archiver.index.lexicon import LexiconDraft, is_scored, key
from archiver.index.postings import Postings
from archiver.language.documents import IndexDocument

NAME: Final = "archive"
"""The name of the index inside its folder, as Whoosh wants one."""

_PLACE_BITS: Final = 32
_PLACE: Final = (1 << _PLACE_BITS) - 1


class _Draft:
    """A segment of *size* documents being written: the lists by their terms, then the rest."""

    def __init__(self, folder: Path, size: int) -> None:
        self._storage = FileStorage(str(folder))
        self._segment = W3Segment(W3Codec(), NAME)
        self._lexicon = LexiconDraft()
        self._forward = ForwardDraft(size)
        self._lists = self._create(W3Codec.POSTS_EXT)
        self._at = 0

    def _create(self, extension: str) -> StructFile:
        return self._segment.create_file(self._storage, extension)

    def encode(self, term: bytes, held: Postings, lengths: Sequence[int]) -> None:
        """Add *term* with its list; *lengths* are those of the scored field, by document."""
        scored = lengths if is_scored(term) else None
        body, figures = postings.encode(held, self._at, scored)
        self._forward.add(held.documents, self._lexicon.add(term, figures.packed()))
        self._lists.write(body)
        self._at += len(body)

    def finish(
        self, items: Sequence[bytes], published: Sequence[int], lengths: Sequence[int]
    ) -> W3Segment:
        """Add the columns, and put all in one file."""
        self._lists.close()
        for extension, parts in (
            (W3Codec.TERMS_EXT, self._lexicon.parts()),
            (EXTENSION, self._forward.parts()),
        ):
            file = self._create(extension)
            for part in parts:
                file.write(part)
            file.close()
        self._columns(items, published, lengths)
        segment = self._segment
        segment.set_doc_count(len(items))
        segment._fieldlengths = {  # noqa: SLF001 - only Whoosh's writer sets it
            fields.SCORED: sum(map(byte_to_length, lengths))
        }
        segment.struck = frozenset()
        self._assemble()
        return segment

    def _columns(
        self, items: Sequence[bytes], published: Sequence[int], lengths: Sequence[int]
    ) -> None:
        for name, column, values in (
            (fields.ITEM, fields.ITEM_COLUMN, items),
            (fields.PUBLISHED, fields.PUBLISHED_COLUMN, published),
            (fields.LENGTH, fields.LENGTH_COLUMN, lengths),
        ):
            file = self._storage.create_file(W3Codec.column_filename(self._segment, name))
            writer = column.writer(file)
            for document, value in enumerate(values):
                writer.add(document, value)
            writer.finish(len(items))
            file.close()

    def _assemble(self) -> None:
        """Put all parts in one file, the lists last, so that they can grow."""
        segment, storage = self._segment, self._storage
        lists = segment.make_filename(W3Codec.POSTS_EXT)
        names = sorted(segment.list_files(storage), key=lambda name: (name == lists, name))
        whole = segment.create_file(storage, segment.COMPOUND_EXT)
        CompoundStorage.assemble(whole, storage, names)
        for name in names:
            storage.delete_file(name)
        segment.compound = True


def written(folder: Path, documents: Sequence[IndexDocument]) -> W3Segment:
    """Write *documents* as one new segment in *folder*; nothing names it yet."""
    draft = _Draft(folder, len(documents))
    lengths = [length_to_byte(len(document.stems)) for document in documents]
    for name in fields.INDEXED:
        terms = _inverted(name, documents)
        for token in sorted(terms):
            draft.encode(key(name, token), terms[token], lengths)
    return draft.finish(
        [document.item.encode() for document in documents],
        [document.published for document in documents],
        lengths,
    )


def _inverted(name: str, documents: Sequence[IndexDocument]) -> dict[str, Postings]:
    if name in fields.POSITIONAL:
        return _placed(dict(fields.runs(document))[name] for document in documents)
    if name == fields.STEMS:
        return _counted(document.stems for document in documents)
    labelled: defaultdict[str, list[int]] = defaultdict(list)
    for number, document in enumerate(documents):
        for label, value in fields.labels(document):
            if label == name:
                labelled[value].append(number)
    return {value: Postings(numbers) for value, numbers in labelled.items()}


def _placed(runs: Iterable[Sequence[str]]) -> dict[str, Postings]:
    met: defaultdict[str, array[int]] = defaultdict(lambda: array("Q"))
    for number, run in enumerate(runs):
        base = number << _PLACE_BITS
        for place, token in enumerate(run, base):
            met[token].append(place)
    return {token: _places_of(places) for token, places in met.items()}


def _places_of(places: array[int]) -> Postings:
    if len(places) == 1:
        place = places[0]
        return Postings((place >> _PLACE_BITS,), None, (postings.places((place & _PLACE,)),))
    documents: list[int] = []
    weights: list[float] = []
    encoded: list[bytes] = []
    for document, run in groupby(places, key=lambda place: place >> _PLACE_BITS):
        positions = tuple(place & _PLACE for place in run)
        documents.append(document)
        weights.append(float(len(positions)))
        encoded.append(postings.places(positions))
    return Postings(documents, weights if len(documents) < len(places) else None, encoded)


def _counted(runs: Iterable[Sequence[str]]) -> dict[str, Postings]:
    met: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
    for number, run in enumerate(runs):
        for token in run:
            met[token].append(number)
    counted = {}
    for token, numbers in met.items():
        times = Counter(numbers)
        repeated = len(times) < len(numbers)
        counted[token] = Postings(
            list(times), [float(time) for time in times.values()] if repeated else None
        )
    return counted


def merged(folder: Path, leaves: Sequence[Leaf]) -> W3Segment:
    """Write what is alive in *leaves*, in their order, as one new segment in *folder*."""
    maps, sources = _numbered_anew(leaves)
    draft = _Draft(folder, len(sources))
    lengths = [leaf.lengths[old] for leaf, old in sources]
    lists = heapq.merge(*map(_terms, range(len(leaves)), leaves), key=itemgetter(0))
    for term, holders in groupby(lists, key=itemgetter(0)):
        together = _together([(leaves[n].list_of(packed), maps[n]) for _, n, packed in holders])
        if together is not None:
            draft.encode(term, together, lengths)
    return draft.finish(
        [leaf.item_bytes(old) for leaf, old in sources],
        [leaf.published[old] for leaf, old in sources],
        lengths,
    )


def _terms(number: int, leaf: Leaf) -> Iterator[tuple[bytes, int, bytes]]:
    return ((term, number, packed) for term, packed in leaf.terms)


def _numbered_anew(
    leaves: Sequence[Leaf],
) -> tuple[list[dict[int, int]], list[tuple[Leaf, int]]]:
    maps: list[dict[int, int]] = []
    sources: list[tuple[Leaf, int]] = []
    for leaf in leaves:
        renumbered = {}
        for old in range(leaf.size):
            if old not in leaf.deleted:
                renumbered[old] = len(sources)
                sources.append((leaf, old))
        maps.append(renumbered)
    return maps, sources


def _together(parts: list[tuple[bytes, dict[int, int]]]) -> Postings | None:
    documents: list[int] = []
    weights: list[float] = []
    places: list[bytes] = []
    weighed = False
    for body, renumbered in parts:
        held = postings.decode(body)
        weighed = weighed or held.weights is not None
        for at, old in enumerate(held.documents):
            new = renumbered.get(old)
            if new is not None:
                documents.append(new)
                weights.append(1.0 if held.weights is None else held.weights[at])
                if held.places is not None:
                    places.append(held.places[at])
    if not documents:
        return None
    return Postings(documents, weights if weighed else None, places or None)
