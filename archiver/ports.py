"""Every Protocol we ask of the outside, each with its promises.

A protocol stands here only where two implementations exist. What a procedure is handed is all
it can do: an `ObjectReader` cannot keep, an `ObjectKeeper` cannot destroy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import NamedTuple, Protocol, runtime_checkable

from archiver.language.documents import Hits, IndexDocument
from archiver.language.tree import Query
from archiver.records.captures import Known, Seen, Window
from archiver.records.classification import Suggestion
from archiver.records.identity import ExaminedObject, ObjectRef
from archiver.records.items import Attachment, Content
from archiver.records.locking import LockChange, LockMode, LockState
from archiver.records.pages import Capabilities, FetchSettings, PageSettings, Setting

# --- object stores ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewObject:
    """Bytes to be kept: in memory, or (for large media) as a file that may be moved away.

    *payload* as a path is a file on local disk whose SHA-256 is `ref.digest`; the store takes it
    over and the path is gone afterwards. A refused batch leaves it where it was.
    """

    ref: ObjectRef
    payload: bytes | PurePath


@dataclass(frozen=True, slots=True)
class KeptObject:
    """An object that is durable in the store. *version* is the store's own id of it, if any."""

    ref: ObjectRef
    size: int
    version: str | None = None


class ListedObject(NamedTuple):
    """An object as a listing shows it; *stored_at* is the store's own time of it (UTC).

    *shows* is false of a version that another version, or a delete marker, lies over.
    """

    ref: ObjectRef
    size: int
    stored_at: datetime
    version: str | None = None
    shows: bool = True


class ObjectReader(Protocol):
    """May read objects, and do nothing else."""

    def read(self, ref: ObjectRef, *, version: str | None = None) -> bytes:
        """Give the bytes of *ref*, or of a *version* of it that `listing` told, proven.

        Raises:
            ObjectMissing: no such object.
            ObjectDamaged: the bytes hash to something else.
        """

    def stream(self, ref: ObjectRef) -> Iterator[bytes]:
        """Give the bytes of *ref* in pieces of at most 1 MiB; the last piece only if proven.

        Raises:
            ObjectMissing: no such object.
            ObjectDamaged: after the pieces, if together they hash to something else.
        """

    def listing(self, *, shard: str = "") -> Iterator[ListedObject]:
        """List every object whose owner begins with *shard*, in order of owner.

        A store that keeps versions lists every version. Never holds the whole list in memory.
        """

    def examined(self, *, shard: str = "", reads: Callable[[], bool]) -> Iterator[ExaminedObject]:
        """Give what `listing` would, in its order, each object read where *reads* said yes.

        *reads* is asked once for every owner. What cannot be read is not proven, and no error:
        `read` says why. At most 1 MiB of an object that is no content is in memory at once.
        """

    def looked_at(self, refs: Sequence[ObjectRef]) -> list[ExaminedObject]:
        """Give what `examined` would of just *refs*: every version of each that is there.

        Nothing is read, so that nothing is proven; what cannot be what was kept is proven False.
        """

    def owned(self, owner: str) -> list[ListedObject]:
        """List every object (and every version of it) that *owner* still has."""


class ObjectKeeper(ObjectReader, Protocol):
    """May also keep new objects; keeping an item's bytes twice is one object."""

    def keep(self, objects: Iterable[NewObject]) -> list[KeptObject]:
        """Keep *objects*; when this returns, all of them survive a loss of power.

        Raises:
            ObjectDamaged: a payload does not hash to its name; nothing of the batch is visible.
            ObjectError: the store refused; what became visible is whole, and may be kept again.
        """


class ObjectDestroyer(Protocol):
    """May destroy objects. Handed to disposition, and to nothing else."""

    def destroy(self, owners: Sequence[str]) -> int:
        """Destroy every object of *owners*, every version and marker; give how many there were.

        Idempotent. When this returns, a fresh listing has shown that nothing of theirs is left.

        Raises:
            DestructionUnproven: the listing still shows some; the message names them.
        """

    def destroy_objects(self, refs: Sequence[ObjectRef]) -> int:
        """Destroy just *refs* (strays), and prove it by listing; give how many there were.

        Raises:
            DestructionUnproven: the listing still shows some.
        """


@runtime_checkable
class LegalHolder(Protocol):
    """A store that can itself flag objects as held, besides what the catalogue says.

    Holds ask it before they are acknowledged. What is flagged cannot be destroyed, whoever asks;
    a flag the store keeps for a reason of its own is not touched by `release`. Idempotent.
    """

    def hold(self, owners: Sequence[str]) -> None:
        """Flag every version of every object of *owners*; all are flagged when this returns.

        Raises:
            ObjectError: the store refused; some may be flagged, and may be flagged again.
        """

    def release(self, owners: Sequence[str]) -> None:
        """Take away the flags that `hold` set on the objects of *owners*."""


@runtime_checkable
class ObjectLocker(Protocol):
    """A store that writes once: nobody can destroy what is flagged, or retained until later.

    In the mode `governance` an `ObjectDestroyer` of whole owners passes a retention.
    """

    mode: LockMode

    def lock_states(self, owners: Sequence[str]) -> list[LockState]:
        """Give the locks of every version of every object of *owners*."""

    def change_locks(self, changes: Sequence[LockChange]) -> None:
        """Change locks, of each version its retention first, which is never made shorter."""


class Shelf(Protocol):
    """A place for named files beside the objects: the ledger's copy, papers, the manifest."""

    def place(self, files: Mapping[str, bytes]) -> None:
        """Put every file under its name, replacing it whole; durable when this returns."""

    def fetch(self, name: str) -> bytes | None:
        """Give the file called *name*, or None."""

    def fetch_all(self, names: Sequence[str]) -> Iterator[bytes | None]:
        """Give what `fetch` does of each of *names*, in order; a few of them at once, or one."""

    def names(self, prefix: str) -> Iterator[str]:
        """List the names that begin with *prefix*, in order."""

    def foreign_names(self) -> Iterator[str]:
        """Name what lies there and is neither object nor file of the shelf, nor on its way."""

    def remove(self, names: Sequence[str]) -> None:
        """Remove the files called *names*, if they are there (every version of them).

        Raises:
            NotPermitted: opened without the right to destroy, and not all are superseded tiles.
        """


# --- full-text index, classifiers, connectors -------------------------------------------------


class IndexWriter(Protocol):
    """May change the index. Held by one thread of one process at a time."""

    def add(self, documents: Iterable[IndexDocument]) -> int:
        """Add *documents*, replacing those of the same items; give how many there were.

        They are found, and survive a loss of power, when this returns.
        """

    def remove(self, items: Sequence[str]) -> None:
        """Remove those of *items* that are indexed, and their words from every file of it."""


class SearchIndex(Protocol):
    """A full-text index: disposable, rebuilt from the catalogue at any time, never the truth."""

    engine: str

    def writing(self) -> AbstractContextManager[IndexWriter]:
        """Give the one right to write; no other thread or process has it meanwhile.

        Whoever indexes takes it *before* reading current rows, and whoever purges removes under
        it, so that words read before a purge are never written back after it. A thread that
        already has it may ask again.

        Raises:
            ArchiveBusy: someone else kept it too long.
            IndexUnavailable: the index is missing, damaged or was closed.
        """

    def renewing(self) -> AbstractContextManager[IndexWriter]:
        """Give the right to write a new index, empty at first, that replaces this one at the end.

        Until then, and if the block fails, searches are answered from the old one; when it ends
        well no file of that is left. So an index is made where there is none, or a damaged one.

        Raises:
            ArchiveBusy: someone else kept the right to write too long.
        """

    def search(
        self,
        query: Query,
        *,
        limit: int,
        offset: int = 0,
        sort: str = "relevance",
        without: Iterable[str] = (),
    ) -> Hits:
        """Answer *query* by `relevance`, `newest` or `oldest`, as if *without* were not indexed.

        These may be more than memory has room for: they are gone through once, and not kept.
        Raises IndexUnavailable where it is missing, damaged or closed. Never zero hits instead.
        """

    def matching(self, query: Query) -> Iterator[str]:
        """Give the id of every item that *query* matches, in no order.

        Raises IndexUnavailable as `search` does, also half-way.
        """

    def count(self) -> int:
        """Give how many items are indexed; raises IndexUnavailable as `search` does."""

    def close(self) -> None:
        """Let go of the files; whatever is asked afterwards raises IndexUnavailable."""


class Classifier(Protocol):
    """Suggests a tag and a series for an item, on its content."""

    version: str

    def suggest(self, content: Content, *, own: bool) -> Suggestion:
        """Suggest for *content*; *own* says that the department itself wrote it.

        Never raises for any text; where nothing decides, the suggestion is undetermined.
        """


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file brought home: where it lies in the spool, what it hashes to, how large it is."""

    path: PurePath
    digest: str
    size: int
    media_type: str = ""
    final_url: str = field(default="", repr=False)


class Source(Protocol):
    """One page, opened for one visit. Used by one thread, closed by who opened it."""

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield what the page shows, all of *window*; a failure after the start is a `Gap`.

        A light *window* asks for what is new since `since`, and for the comments on posts published
        at or after `comments_since`; a listing is whole only as far back as it was walked.
        A `Cursor` is yielded only when everything before it has been; a `ThreadListed` where the
        platform counts what answers a post, and all that it shows of it has been.

        Raises:
            PermissionLost, PlatformUnreachable, AnswerUnreadable: the visit could not begin.
        """

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Look again at items already known; yield an observation, sighting or gap for each.

        A platform that cannot be asked about one item (a feed) yields only those it shows.
        """

    def download(self, attachment: Attachment) -> Downloaded:
        """Bring the file of *attachment* into the spool.

        Raises:
            ConnectorError: it could not be had; `GapReason(error.gap)` says why.
        """

    @property
    def fetched(self) -> int:
        """Give how many answers (of a deposit: files) this visit has read so far."""

    def close(self) -> None:
        """Let go of connections and spool files."""


@runtime_checkable
class Connector(Protocol):
    """A platform, known by an entry point of the group `archiver.connectors`.

    *imports* says that it reads an export file (a deposit) rather than the network.
    """

    name: str
    platform: str
    version: str
    imports: bool
    settings: tuple[Setting, ...]
    capabilities: Capabilities

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open *page* for one visit.

        Raises:
            ConfigInvalid: the page's own settings contradict each other.
            DepositRefused: the deposit is not an export of this platform, or not safe to open.
        """
