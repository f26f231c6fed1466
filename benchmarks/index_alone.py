"""How fast Whoosh alone indexes: stock writer, stock analysers, one process, one commit.

The baseline of the whole pipeline. It gives what the archiver's index gives (exact words with
their places, stemmed words without, an id, a sortable time), written the way Whoosh's manual
writes it. `python benchmarks/index_alone.py 20000` prints the rate beside that of our own index.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

from whoosh import fields
from whoosh.analysis import StandardAnalyzer, StemmingAnalyzer
from whoosh.index import create_in

from archiver.index.opening import open_index
from archiver.language.documents import IndexDocument
from archiver.language.tokens import stems, tokens

EVERY_WORD = {"stoplist": None, "minsize": 1}


def synthetic_posts(count: int, *, seed: int = 1, words: int = 30) -> Iterator[str]:
    """Give *count* invented posts whose words are as common and as rare as in a language."""
    draw = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyz"
    vocabulary = ["".join(draw.choices(letters, k=draw.randint(2, 9))) for _ in range(30_000)]
    weights = list(accumulate(1 / (rank + 2) for rank in range(len(vocabulary))))
    for number in range(count):
        size = max(3, round(draw.gauss(words, 12)))
        yield " ".join([*draw.choices(vocabulary, cum_weights=weights, k=size), f"post{number}"])


def index_alone(texts: Sequence[str], folder: Path) -> float:
    """Give how many of *texts* a second Whoosh alone indexes into the empty *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    schema = fields.Schema(
        item=fields.ID(unique=True, stored=True),
        exact=fields.TEXT(analyzer=StandardAnalyzer(**EVERY_WORD), phrase=True),
        stems=fields.TEXT(analyzer=StemmingAnalyzer(**EVERY_WORD), phrase=False),
        published=fields.NUMERIC(bits=64, sortable=True),
    )
    index = create_in(str(folder), schema)
    began = time.perf_counter()
    writer = index.writer(limitmb=128)
    for number, text in enumerate(texts):
        writer.add_document(item=f"{number:064x}", exact=text, stems=text, published=number)
    writer.commit()
    return len(texts) / (time.perf_counter() - began)


def index_ours(texts: Sequence[str], folder: Path) -> float:
    """Give how many of *texts* a second our own index takes, cutting and stemming included."""
    began = time.perf_counter()
    index = open_index(f"whoosh:{folder}", create=True)
    with index.writing() as writer:
        writer.add(_document(number, text) for number, text in enumerate(texts))
    index.close()
    return len(texts) / (time.perf_counter() - began)


def _document(number: int, text: str) -> IndexDocument:
    exact = tokens(text)
    return IndexDocument(
        item=f"{number:064x}",
        exact=exact,
        stems=stems(exact),
        title=(),
        author=(),
        page="page",
        platform="platform",
        kind="post",
        published=number,
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    texts = list(synthetic_posts(count))
    folder = Path(tempfile.mkdtemp())
    try:
        alone = index_alone(texts, folder / "alone")
        ours = index_ours(texts, folder / "ours")
    finally:
        shutil.rmtree(folder)
    print(f"{count} posts: Whoosh alone {alone:,.0f}/s, ours {ours:,.0f}/s, {ours / alone:.1f}x")


if __name__ == "__main__":
    main()
