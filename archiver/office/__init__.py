"""The office: opens what the configuration names; the one place where concrete classes meet.

It hands out narrowed rights: a capture may keep objects, disposition alone may destroy them.
Only here does anything look at the clock on the wall.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

from archiver.catalogue import Catalogue, roster
from archiver.catalogue.upgrading import demand_current, demand_founded
from archiver.classifiers.rules import RulesClassifier
from archiver.config import Config
from archiver.index.opening import open_index
from archiver.ledger.keyring import Keyring
from archiver.ledger.notes import Signer
from archiver.ledger.tiles import LedgerCopy
from archiver.objects.opening import Store, locker_of, open_store
from archiver.office.disposing import clear_the_way, destroyer_of
from archiver.office.lookup import connectors
from archiver.office.naming import page_names
from archiver.office.opening import opened
from archiver.office.token_files import as_it_stands, keeper_of
from archiver.ports import Classifier, Connector, LegalHolder, ObjectLocker, SearchIndex, Source
from archiver.procedures.account import Account
from archiver.procedures.asking_anew import IN_PASSING, Asked, open_and_ask
from archiver.procedures.authority import refuse_stranger
from archiver.procedures.capture import Progress, Visitor
from archiver.procedures.dispose import Disposer
from archiver.procedures.in_force import schedule_in_force
from archiver.procedures.indexing import feed
from archiver.procedures.locking import lock_objects
from archiver.procedures.rendering import RendererHere
from archiver.procedures.signing_in import Questions, sign_in
from archiver.procedures.stamping import StampGiver
from archiver.procedures.store_locks import StoreHolds
from archiver.procedures.token_keeping import look_after
from archiver.procedures.visiting import capture_all
from archiver.records.captures import Coverage
from archiver.records.errors import CatalogueUnavailable, SignInRefused
from archiver.records.moments import local_day
from archiver.records.pages import PageSettings
from archiver.records.people import Person, Role, SignedIn
from archiver.records.schedules import Schedule

SERVICE_ACCOUNT = "scheduler"
"""The account name of the service person; it can never be an OS login of the roster."""


def wall_clock() -> datetime:
    """Give the moment it is, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that may look at the wall


def os_account() -> str:
    """Give the OS account this process runs as; the environment has no say in it."""
    return pwd.getpwuid(os.getuid()).pw_name


def _nobody_to_ask() -> str:
    raise SignInRefused(
        "nobody is at a terminal here to sign in",
        remedy="Run the command at a terminal; a program cannot decide in a person's name.",
    )


class Office:
    """One archive, opened. Parts are opened when they are first asked for."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Callable[[], datetime] = wall_clock,
        founding: bool = False,
        questions: Questions | None = None,
        signing_as: str = "",
    ) -> None:
        """Open the archive that *config* names; while *founding*, make what is not there.

        *questions* ask the person at the desk; without them nobody can sign in. *signing_as*
        names who signs in where it is not the person of the OS account.

        Raises:
            CatalogueUnavailable: there is none yet, or it is of another version.
        """
        self.config = config
        self._clock = clock
        self._founding = founding
        self._questions = questions or Questions(_nobody_to_ask, _nobody_to_ask)
        self._signing_as = signing_as
        self.catalogue = Catalogue(config.catalogue)
        if not founding:
            demand_current(self.catalogue)
            demand_founded(self.catalogue)
        self.keys = Keyring.read(config.folder / "keys")
        self.catalogue.key = self.keys.archive

    @cached_property
    def account(self) -> Account:
        """Give the account of deeds."""
        return self._account(via=self.at.id if self._signing_as else "")

    def _account(self, *, via: str) -> Account:
        signer = Signer(self.origin, self.keys.ledger)
        return Account(
            catalogue=self.catalogue,
            shelf=self._store,
            copy=LedgerCopy(self._store, signer, self.origin, self.keys.past),
            key=self.keys.archive,
            clock=self._clock,
            zone=self.config.zone,
            via=via,
        )

    @property
    def origin(self) -> str:
        """Give the name of this archive's ledger, as checkpoints carry it."""
        return f"archiver.local/{self.keys.name}"

    @property
    def public_key(self) -> str:
        """Give the public key that signs the ledger, as C2SP writes it."""
        return str(Signer(self.origin, self.keys.ledger).verifier_key)

    @cached_property
    def _store(self) -> Store:
        return self._open_store(may_destroy=False)

    def _open_store(self, *, may_destroy: bool) -> Store:
        config = self.config
        return open_store(
            config.objects,
            may_destroy=may_destroy,
            create=self._founding,
            endpoint_url=config.endpoint_url,
            region=config.region,
            object_lock=config.object_lock,
        )

    @property
    def objects(self) -> Store:
        """Give the object store; as opened here, its destroying verbs refuse."""
        return self._store

    @property
    def legal_holder(self) -> LegalHolder | None:
        """Give the object store where it can flag objects as held; None where it cannot."""
        if self.locker is not None:
            return StoreHolds(self.account, self.locker)
        return self._store if isinstance(self._store, LegalHolder) else None

    @property
    def locker(self) -> ObjectLocker | None:
        """Give the object store's right to lock; None where it is asked to lock nothing."""
        return locker_of(self._store)

    @cached_property
    def index(self) -> SearchIndex:
        """Give the full-text index."""
        return open_index(self.config.index)

    @property
    def schedule(self) -> Schedule:
        """Give the retention schedule, with the adoption in force and what was promised before."""
        return schedule_in_force(self.account, self.config.schedule)

    @cached_property
    def classifier(self) -> Classifier:
        """Give the classifier that capture asks."""
        return RulesClassifier(self.config.schedule)

    @cached_property
    def connectors(self) -> dict[str, Connector]:
        """Give every installed connector, by name."""
        return connectors()

    @cached_property
    def at(self) -> Person:
        """Give who the OS account of this process belongs to; it may be a shared one.

        Raises:
            NotPermitted: the account is not in the roster; the attempt is entered.
        """
        with self.catalogue.reading() as connection:
            member = roster.of_account(connection, os_account())
        found = member.on(local_day(self._clock(), self.config.zone)) if member else None
        if found is None or Role.SERVICE in found.roles:
            refuse_stranger(self._account(via=""), os_account())
        return found

    @property
    def person(self) -> Person:
        """Give the actor of this process: the person of its OS account, or who signed in there.

        Raises:
            NotPermitted: the account is not in the roster, or who was named cannot sign in.
            SignInRefused: passphrase and code are not those of who was named.
        """
        return self._signed_in.person if self._signing_as else self.at

    def sign_in(self) -> SignedIn:
        """Have the actor of this process prove to be the one at the terminal; once is enough.

        Raises:
            NotPermitted: the account is not in the roster, or its person cannot decide.
            NotEnrolled: the person has no credentials.
            SignInRefused: passphrase and code are not theirs.
        """
        return self._signed_in

    @cached_property
    def _signed_in(self) -> SignedIn:
        return sign_in(
            self.account,
            self.at,
            self._questions,
            name=self._signing_as,
            demonstration=self.config.demonstration,
        )

    @cached_property
    def service(self) -> Person:
        """Give the service person, in whose name the scheduler works."""
        with self.catalogue.reading() as connection:
            found = roster.of_account(connection, SERVICE_ACCOUNT)
        if found is None:
            raise CatalogueUnavailable("the roster has no service person")
        return found.on(self.account.today())

    def open_schedule(self, by: Person, *, most: int | None = IN_PASSING) -> Asked:
        """Open the configured schedule where another was, and ask it of *most* of what waits."""
        schedule = (self.config.schedule, self.config.schedule_text)
        return open_and_ask(self.account, self.classifier, by, *schedule, most=most)

    def visitor(self, by: Person) -> Visitor:
        """Hand out what a capture may use."""
        return Visitor(
            account=self.account,
            objects=self._store,
            renderer=RendererHere(self.keys.archive, self.classifier),
            schedule=self.config.schedule.digest,
            by=by.id,
        )

    def authorities(self) -> list[StampGiver]:
        """Give the time-stamp authorities that the configuration names."""
        if not self.config.time_stamps:
            return []
        from archiver.ledger.stamping import Authority  # noqa: PLC0415 - only where one is named

        return [Authority(each.url, each.certificate) for each in self.config.time_stamps]

    @contextmanager
    def disposer(self) -> Iterator[Disposer]:
        """Hand out what disposition may use: the only opening with the right to destroy."""
        clear_the_way(self)
        terms = self.config.terms
        with closing(self._open_store(may_destroy=True)) as store, destroyer_of(store) as objects:
            yield Disposer(
                account=self.account,
                objects=objects,
                keeper=store,
                index=self.index,
                locker=locker_of(store),
                papers=store,
                manner=store.manner,
                ceiling=terms.ceiling,
                sampling=terms.sampling,
                clock_days=terms.clock_days,
            )

    @contextmanager
    def source(self, page: PageSettings, *, deposit: Path | None = None) -> Iterator[Source]:
        """Open *page* for one visit (or its *deposit*), and close it afterwards."""
        connector, fetching = self.connectors[page.connector], self.config.fetching
        with opened(self.account, connector, page, fetching, deposit) as source:
            yield source

    def look_after(self, page: PageSettings, source: Source) -> None:
        """Ask now, and not only once a day, until when the token of *page* is good."""
        page = as_it_stands(page)
        look_after(self.account, page, source, keeper_of(page), anew=True)

    def imports(self, page: PageSettings) -> bool:
        """Say whether *page* reads export files rather than the network."""
        return self.connectors[page.connector].imports

    def page_id(self, name: str) -> str:
        """Give the opaque id of the page called *name*, now or when it was first seen.

        Raises:
            ConfigInvalid: there is no such page.
            NotFound: there are two.
        """
        found = page_names(self).find(name)
        return found.page if found is not None else self.id_of(self.config.page(name))

    def id_of(self, page: PageSettings) -> str:
        """Give the opaque id of a configured page."""
        return self.keys.archive.page(page.platform, page.identity)

    def capture(
        self,
        wanted: Sequence[PageSettings],
        *,
        by: Person,
        full: bool = False,
        light: bool = False,
        vouched: bool = False,
        progress: Progress = lambda _count: None,
    ) -> list[Coverage]:
        """Visit pages, at most four at a time; one that fails does not stop the others."""
        self.open_schedule(by)
        return capture_all(
            self.visitor(by),
            [
                (self.connectors[page.connector], page, partial(self.source, page))
                for page in map(as_it_stands, wanted)
            ],
            full=full,
            light=light,
            vouched=vouched,
            progress=progress,
        )

    def feed_index(self, *, progress: Progress = lambda _count: None) -> int:
        """Tell the index of everything it has not been told yet."""
        return feed(self.catalogue, self.index, progress=progress)

    def lock_objects(self, *, progress: Progress = lambda _count: None) -> int:
        """Tell a store that writes once of everything it has not been told yet; give how many."""
        if self.locker is None:
            return 0
        return lock_objects(self.account, self.locker, self.schedule, progress=progress).items

    def close(self) -> None:
        """Let go of everything that was opened."""
        if "_store" in self.__dict__:
            self._store.close()
        if "index" in self.__dict__:
            self.index.close()
        self.catalogue.dispose()
