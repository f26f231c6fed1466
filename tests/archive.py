"""A whole archive in a temporary folder, for tests of procedures and desks.

    archive = an_archive(tmp_path)
    archive.capture(an_observation("1", "Happy Friday from all of us!"))
    archive.clock.forward(days=100)
    receipt = archive.purge()

Real folder store, real SQLite file, real ledger and keys, the demonstration schedule; the one
thing scripted is the platform. `archive.platform` is a connector known to the office as
`scripted`: what it shows next is what the test put there, so that a whole nightly job can run
over it too. The clock stands still until it is moved.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePath

from archiver.catalogue import holds, items
from archiver.catalogue.engine import Catalogue
from archiver.catalogue.items import ItemRow
from archiver.catalogue.upgrading import upgrade
from archiver.index.memory import MemoryIndex
from archiver.index.opening import open_index
from archiver.language.documents import IndexDocument
from archiver.language.written import to_json
from archiver.ledger.keyring import Keyring
from archiver.office import SERVICE_ACCOUNT, Office, os_account
from archiver.office.lookup import read_config
from archiver.office.naming import query_of
from archiver.ports import Downloaded
from archiver.procedures import (
    dispose,
    finding,
    founding,
    hold,
    indexing,
    lifting,
    planning,
    review,
    roster,
)
from archiver.procedures.called import word_for
from archiver.procedures.capture import capture
from archiver.procedures.errands import Receipt
from archiver.procedures.finding import Answer
from archiver.procedures.hold import Issued
from archiver.procedures.instruments import Instrument
from archiver.procedures.lifting import Narrowed
from archiver.procedures.planning import Plan
from archiver.records.captures import (
    Coverage,
    GapReason,
    Known,
    Observation,
    PlatformState,
    Seen,
    Sighting,
    Window,
)
from archiver.records.classification import Tag
from archiver.records.errors import (
    AddressRefused,
    ArchiverError,
    AttachmentGone,
    FileRefused,
    PlatformUnreachable,
    TooLarge,
)
from archiver.records.holds import Scope
from archiver.records.identity import ObjectRef
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from archiver.records.matters import MatterKind, NewMatter
from archiver.records.moments import micros
from archiver.records.pages import Capabilities, FetchSettings, PageSettings
from archiver.records.people import Means, Person, Role, SignedIn
from archiver.records.sampling import DEFAULT, Sampling

FOUNDED_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TRANSITORY = "Happy Friday from all of us!"
"""A text that the demonstration schedule takes for transitory: due 60 days after."""

SUBSTANTIVE = "Thanks for letting us know, we sent a patrol."
"""A text that no transitory rule takes."""

CONFIG = """
[agency]
name = "Demonstration Police Department"
time_zone = "America/Los_Angeles"
demonstration = true
[archive]
schedule = "demo"
index = "{index}"
{kept_in}
"""

LETTER = Instrument("letter.txt", b"The hold may be lifted. Counsel")
"""Counsel's written authority, as lifting and narrowing ask for it."""

CATALOGUE: ContextVar[str] = ContextVar("CATALOGUE", default="")
"""The URL of the catalogue of the next archive, where it is not a file in the archive's folder."""

PAGE = PageSettings(
    name="town page",
    connector="scripted",
    platform="scripted",
    url="https://social.example/police",
)


class SettableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime = FOUNDED_AT) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> datetime:
        """Move on, by `days=`, `hours=` and so on, and give the moment it is then."""
        self.now += timedelta(**by)
        return self.now


# --- what a platform shows -----------------------------------------------------------------


def a_content(
    native_id: str,
    text: str = SUBSTANTIVE,
    *,
    at: datetime = FOUNDED_AT,
    kind: ItemKind = ItemKind.POST,
    parent: str | None = None,
    thread: str | None = None,
    author: str = "",
    attachments: Sequence[str] = (),
    title: str = "",
) -> Content:
    """Give a content; attachments are named, and their files hold their own names."""
    raw = f'{{"id":"{native_id}","words":"{text}"}}'.encode("utf-8", "replace")
    return Content(
        native_id=native_id,
        kind=kind,
        text=text,
        raw=RawFragment("application/json", raw),
        published_at=at,
        title=title,
        author=Author(author, name=author.title()) if author else None,
        parent=parent,
        thread=thread or parent,
        attachments=tuple(
            Attachment(key=name, url=f"https://social.example/{name}", media_type="image/png")
            for name in attachments
        ),
    )


def an_observation(
    native_id: str,
    text: str = SUBSTANTIVE,
    *,
    current: bool = True,
    restricted: bool = False,
    state: PlatformState = PlatformState.PRESENT,
    likes: int = 0,
    **content: object,
) -> Observation:
    """Give an item as it is seen; *content* is passed on to `a_content`."""
    return Observation(
        content=a_content(native_id, text, **content),
        current=current,
        restricted=restricted,
        state=state,
        engagement={"likes": likes} if likes else {},
    )


def a_comment(native_id: str, text: str = SUBSTANTIVE, *, on: str, **rest: object) -> Observation:
    """Give a comment on the item *on*."""
    return an_observation(native_id, text, kind=ItemKind.COMMENT, parent=on, **rest)


def gone(native_id: str, state: PlatformState = PlatformState.NOT_VISIBLE) -> Sighting:
    """Give the sighting of an item that is no longer shown."""
    return Sighting(native_id=native_id, state=state)


_REFUSALS: dict[GapReason, type[ArchiverError]] = {
    GapReason.TOO_LARGE: TooLarge,
    GapReason.REFUSED_ADDRESS: AddressRefused,
    GapReason.NOT_KEPT: FileRefused,
}


class ScriptedPlatform:
    """A connector whose page shows what the test put into *shows*, once for each visit.

    *answers* is what a re-check finds of an item (by native id; nothing, as a rule). A file
    named in *absent* is gone, one in *down* cannot be reached, one in *refused* may not be had, for
    the reason that stands there; what *files* holds under a name is its bytes, and what *called*
    holds is the media type it is served as.
    """

    name = "scripted"
    platform = "scripted"
    version = "1"
    imports = False
    settings = ()
    capabilities = Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=False,
        edits="diff",
        removals="events",
        backfill="everything",
    )

    def __init__(self) -> None:
        self.shows: list[Seen] = []
        self.answers: dict[str, Seen] = {}
        self.absent: set[str] = set()
        self.down: set[str] = set()
        self.refused: dict[str, GapReason] = {}
        self.downloads: list[str] = []
        self.files: dict[str, bytes] = {}
        self.called: dict[str, str] = {}
        self.asked: list[Window] = []

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> ScriptedSource:
        """Open *page*; every page shows the same."""
        del page, deposit
        return ScriptedSource(self, Path(fetching.spool))


@dataclass
class ScriptedSource:
    """One visit to a `ScriptedPlatform`."""

    platform: ScriptedPlatform
    spool: Path
    _spooled: list[Path] = field(default_factory=list)

    def visit(self, window: Window) -> Iterator[Seen]:
        self.platform.asked.append(window)
        shown, self.platform.shows = self.platform.shows, []
        yield from shown

    @property
    def fetched(self) -> int:
        return len(self.platform.asked)

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        for one in known:
            if one.native_id in self.platform.answers:
                yield self.platform.answers[one.native_id]

    def download(self, attachment: Attachment) -> Downloaded:
        self.platform.downloads.append(attachment.key)
        if attachment.key in self.platform.down:
            raise PlatformUnreachable(f"{attachment.key} does not come")
        if (why := self.platform.refused.get(attachment.key)) is not None:
            raise _REFUSALS[why](f"{attachment.key} may not be had")
        if attachment.key in self.platform.absent:
            raise AttachmentGone(f"{attachment.key} is gone")
        data = self.platform.files.get(attachment.key, attachment.key.encode() * 3)
        self.spool.mkdir(parents=True, exist_ok=True)
        path = self.spool / f"spooled-{len(self._spooled)}"
        path.write_bytes(data)
        self._spooled.append(path)
        called = self.platform.called.get(attachment.key, "image/png")
        return Downloaded(path, sha256(data).hexdigest(), len(data), called)

    def close(self) -> None:
        for path in self._spooled:
            with suppress(FileNotFoundError):
                path.unlink()


# --- the archive ---------------------------------------------------------------------------


class Archive:
    """A founded archive, its office, its clock, and the page it visits; or, if any, its *pages*."""

    def __init__(self, config_file: Path, clock: SettableClock, page: PageSettings) -> None:
        self.config_file = config_file
        self.clock = clock
        self.page = page
        self.pages: tuple[PageSettings, ...] = ()
        self.platform = ScriptedPlatform()
        self.office = self._open()

    def _open(self, *, founding: bool = False) -> Office:
        config = replace(read_config(self.config_file, {}), pages=self.pages or (self.page,))
        office = Office(config, clock=self.clock, founding=founding)
        office.connectors[self.platform.name] = self.platform
        return office

    def reopen(self, *, founding: bool = False) -> Office:
        """Close the office and open it anew, as the next process would.

        While *founding*, the catalogue may be missing, as for `init` and `rebuild`.
        """
        self.office.close()
        self.office = self._open(founding=founding)
        return self.office

    @property
    def folder(self) -> Path:
        """The folder of the archive; `objects` and `catalogue.sqlite` lie in it."""
        return self.office.config.folder

    @property
    def os_account(self) -> str:
        """The OS account of the first person: whoever runs the tests."""
        return os_account()

    @property
    def person(self) -> Person:
        """The first person, who has every role but the scheduler's."""
        return self.office.person

    # --- verbs ------------------------------------------------------------------------------

    def capture(
        self,
        *shown: Seen,
        page: PageSettings | None = None,
        by: Person | None = None,
        full: bool = False,
        light: bool = False,
        vouched: bool = False,
        index: bool = True,
    ) -> Coverage:
        """Visit the page, which shows *shown*; the index is fed afterwards."""
        settings = page or self.page
        self.platform.shows = list(shown)
        with self.office.source(settings) as source:
            coverage = capture(
                self.office.visitor(by or self.person),
                self.platform,
                settings,
                source,
                full=full,
                light=light,
                vouched=vouched,
            )
        if index:
            self.feed()
        return coverage

    def let_pass(self, days: int) -> None:
        """Let *days* pass, and look at the page once more."""
        self.clock.forward(days=days)
        self.capture()

    def feed(self) -> int:
        """Tell the index of what waits in the outbox."""
        return indexing.feed(self.office.catalogue, self.office.index)

    def search(self, query: str, *, limit: int = 50) -> Answer:
        """Answer *query* in the query language."""
        office = self.office
        tree = query_of(office, query)
        return finding.search(
            office.catalogue, office.index, tree, limit=limit, now=office.account.now()
        )

    def found(self, query: str) -> list[str]:
        """Give the native ids of what *query* finds, sorted."""
        return sorted(f.content.native_id for f in self.search(query).items if f.content)

    def plan(self, sampling: Sampling = DEFAULT) -> Plan:
        """Plan the disposition of today."""
        account, schedule = self.office.account, self.office.schedule
        return planning.plan(account, self.person, schedule, on=account.today(), sampling=sampling)

    def carry_out(self, plan: Plan, sampling: Sampling = DEFAULT) -> Receipt:
        """Carry *plan* out."""
        office = self.office
        with office.disposer() as opened:
            disposer = replace(opened, sampling=sampling)
            return dispose.carry_out(
                disposer, self.person, plan, office.schedule, on=office.account.today()
            )

    def purge(self, sampling: Sampling = DEFAULT) -> Receipt:
        """Plan, carry the plan out, and acknowledge both: an empty plan is a deed, too."""
        receipt = self.carry_out(self.plan(sampling), sampling)
        self.office.account.acknowledge()
        return receipt

    def decide(
        self,
        native_id: str,
        series: str = "DEMO-200",
        *,
        tag: Tag = Tag.SUBSTANTIVE,
        reason: str = "an answer",
        by: Person | None = None,
    ) -> ItemRow:
        """Have a person say what an item is, and of which series."""
        office = self.office
        return review.decide(
            office.account,
            office.objects,
            by or self.person,
            office.schedule,
            self.item_id(native_id),
            tag=tag,
            series=series,
            reason=reason,
        )

    def issue_hold(
        self,
        *native_ids: str,
        matter: str = "Doe v. City",
        kind: MatterKind = MatterKind.LITIGATION,
        reason: str = "litigation",
        **criteria: object,
    ) -> Issued:
        """Issue a hold on items, or on what `scope` says."""
        office = self.office
        return hold.issue(
            office.account,
            self.person,
            matter=NewMatter(name=matter, kind=kind),
            reason=reason,
            scope=self.scope(*native_ids, **criteria),
            store=office.legal_holder,
        )

    def scope(
        self,
        *native_ids: str,
        query: str | None = None,
        threads: Iterable[str] = (),
        without: Iterable[str] = (),
        pages: Iterable[str] = (),
        authors: Iterable[str] = (),
        called: Iterable[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Scope:
        """Give the scope of items, threads, a query, opaque pages or authors, names, and dates."""
        account, called = self.office.account, list(called)
        bearing = [one for name in called for one in finding.authors_called(account, name)]
        return Scope(
            items=frozenset(self.item_id(n) for n in native_ids),
            threads=frozenset(self.item_id(n) for n in threads),
            without=frozenset(self.item_id(n) for n in without),
            pages=frozenset(pages),
            authors=frozenset([*authors, *bearing]),
            called=frozenset(word_for(account.key, name) for name in called),
            published_from=micros(since) if since else None,
            published_to=micros(until) if until else None,
            query=to_json(query_of(self.office, query)) if query else None,
        )

    def lift_hold(self, name: str, *, cool_down_days: int = 0) -> int:
        """Lift the hold *name*."""
        return lifting.lift(
            self.office.account,
            self.office.sign_in(),
            name,
            reason="the matter is closed",
            authority=LETTER,
            cool_down_days=cool_down_days,
            store=self.office.legal_holder,
        )

    def narrow_hold(
        self, name: str, *native_ids: str, cool_down_days: int = 0, **criteria: object
    ) -> Narrowed:
        """Narrow the hold *name* to what lies within `scope` too."""
        return lifting.narrow(
            self.office.account,
            self.office.sign_in(),
            name,
            reason="only this is in question",
            authority=LETTER,
            scope=self.scope(*native_ids, **criteria),
            cool_down_days=cool_down_days,
            store=self.office.legal_holder,
        )

    # --- what there is ------------------------------------------------------------------------

    def item_id(self, native_id: str) -> str:
        """Give the opaque id of an item of the page."""
        return self.office.keys.archive.item(self.page.platform, self.page.identity, native_id)

    def item(self, native_id: str) -> ItemRow:
        """Give the row of an item."""
        item = self.item_id(native_id)
        with self.office.catalogue.reading() as connection:
            return items.by_ids(connection, [item])[item]

    def held_by(self, native_id: str) -> list[str]:
        """Give the names of the binding holds whose stored coverage names an item."""
        row = self.item(native_id)
        with self.office.catalogue.reading() as connection:
            return holds.covering(connection, [row.n]).get(row.n, [])

    def objects(self, native_id: str = "") -> list[ObjectRef]:
        """Give what the store lists of one item, or of all."""
        if native_id:
            return [listed.ref for listed in self.office.objects.owned(self.item_id(native_id))]
        return [listed.ref for listed in self.office.objects.listing()]

    def path_of(self, ref: ObjectRef) -> Path:
        """Give the file in which an object lies, to spoil it behind the store's back."""
        name = f"{ref.owner}.{ref.part.value}{ref.slot}.{ref.digest}"
        return self.folder / "objects" / "items" / ref.owner[:3] / name


def an_archive(
    folder: Path,
    *,
    clock: SettableClock | None = None,
    page: PageSettings = PAGE,
    index: str = "whoosh:archive/index",
    catalogue: str = "",
    objects: str = "",
    more: str = "",
) -> Archive:
    """Found an archive under *folder*; `index="memory:"` is quicker, and forgets at `reopen`.

    *catalogue* is a URL, or else that of `CATALOGUE`; *objects* a bucket, or else a folder;
    *more* is TOML for the configuration's end.
    """
    clock = clock or SettableClock()
    file = folder / "config.toml"
    url = catalogue or CATALOGUE.get()
    kept_in = f'catalogue = "{url}"\n' if url else ""
    kept_in += f'objects = "{objects}"\n' if objects else ""
    file.write_text(CONFIG.format(index=index, kept_in=kept_in) + more, "utf-8")
    if kept_in or more:
        _found(file, clock)
    else:
        _lay_out(_founded(index, clock.now), folder / "archive")
    return Archive(file, clock, page)


def a_copy_of(make: Callable[[Path], Archive], folder: Path) -> Archive:
    """Give in *folder* what *make* makes: made once in a process, and laid out from then on.

    A copy has the same items, people and ids, the same clock and platform, and an index that
    knows the same; its office is opened afresh. On a server it is made anew each time.
    """
    if CATALOGUE.get():
        return make(folder)
    model = _model_of(make)
    _lay_out(model.files, folder)
    state = deepcopy(model.state)
    archive = Archive(folder / "config.toml", state["clock"], state["page"])
    vars(archive).update(state)
    archive.office.connectors[archive.platform.name] = archive.platform
    if isinstance(archive.office.index, MemoryIndex):
        archive.office.index._documents = dict(model.indexed)
    return archive


@dataclass(frozen=True)
class _Model:
    """An archive to be copied: its files, what a test holds of it, and what its index knows."""

    files: Mapping[str, tuple[int, bytes | None]]
    state: Mapping[str, object]
    indexed: Mapping[str, IndexDocument]


@cache
def _model_of(make: Callable[[Path], Archive]) -> _Model:
    with tempfile.TemporaryDirectory() as place:
        archive = make(Path(place))
        index = archive.office.index
        indexed = dict(index._held()) if isinstance(index, MemoryIndex) else {}
        archive.office.close()
        own = {"office", "config_file"}
        state = {name: value for name, value in vars(archive).items() if name not in own}
        return _Model(_files_in(Path(place)), state, indexed)


def _found(file: Path, clock: SettableClock) -> None:
    config = read_config(file, {})
    config.folder.mkdir(mode=0o700, parents=True)
    Keyring.make(config.folder / "keys")
    if config.catalogue.startswith("sqlite"):
        lay_out_empty_tables(config.folder)
    office = Office(config, clock=clock, founding=True)
    try:
        first = founding.found(
            office.account, os_account=os_account(), service_account=SERVICE_ACCOUNT
        )
        assert first is not None
        open_index(config.index, create=True).close()
        office.open_schedule(first)
    finally:
        office.close()


@cache
def _founded(index: str, now: datetime) -> dict[str, tuple[int, bytes | None]]:
    """Found an archive, and give its folder: modes and files; done once, for all have the same.

    They share their keys too, so that an item has the same id in all of them.
    """
    with tempfile.TemporaryDirectory() as place:
        file, archive = Path(place) / "config.toml", Path(place) / "archive"
        file.write_text(CONFIG.format(index=index, kept_in=""), "utf-8")
        _found(file, SettableClock(now))
        return _files_in(archive)


def _files_in(folder: Path) -> dict[str, tuple[int, bytes | None]]:
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mode,
            None if path.is_dir() else path.read_bytes(),
        )
        for path in sorted([folder, *folder.rglob("*")])
    }


def _lay_out(files: Mapping[str, tuple[int, bytes | None]], folder: Path) -> None:
    for name, (mode, data) in files.items():
        path = folder / name
        if data is None:
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(data)
        path.chmod(mode)


def lay_out_empty_tables(folder: Path) -> None:
    """Put the file of a catalogue that has its tables and nothing else into *folder*."""
    (folder / "catalogue.sqlite").write_bytes(_empty_catalogue())


@cache
def _empty_catalogue() -> bytes:
    """Give the file of a catalogue that has its tables and nothing else; made once, not by all."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "catalogue.sqlite"
        made = Catalogue(f"sqlite:///{file}")
        upgrade(made)
        made.truncate()
        made.dispose()
        return file.read_bytes()


def a_colleague(archive: Archive, *roles: Role, name: str = "colleague") -> Person:
    """Enter another person in the roster, with *roles*."""
    return roster.add(
        archive.office.account,
        SignedIn(person=archive.person, means=Means.OS_ACCOUNT),
        name=name.title(),
        os_account=name,
        roles=frozenset(roles or {Role.CLERK}),
    )
