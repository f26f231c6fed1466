"""The importer: one archive of an account, read as a stream.

Memory holds one element, the edited posts whose last wording has not come yet, and the notes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from archiver.records.captures import Observation, PlatformState, Sighting
from archiver.records.errors import ConnectorError
from archiver.records.items import RawFragment
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting
from connectors.deposits import (
    Deposit,
    DepositSource,
    Element,
    Importer,
    Ordinals,
    Reading,
    Shown,
    Volume,
)
from connectors.x_archive import layout
from connectors.x_archive.layout import Archive, archive_in
from connectors.x_archive.messages import messages
from connectors.x_archive.posts import (
    SEQUENCE,
    Note,
    Post,
    begins,
    read_note,
    read_post,
    read_profile,
)
from connectors.x_archive.reading import Files, elements

_NOTES_HELD = 64 * 1024**2
_SEPARATOR = b"\x1e"
_DELETED = "x archive deleted"
_MARKS = {
    layout.COMMUNITY: "community",
    layout.CIRCLE: "circle",
    layout.DELETED: "deleted",
}

Shows: TypeAlias = Callable[[object, bytes], Iterator[Shown]]

_ACCESS = Access(
    permissions=("sign-in to the account on X, for who asks for the archive",),
    steps=(
        (
            "Signed in as the account, open Settings and privacy, Your account, Download an "
            "archive of your data; confirm who you are, and choose Request archive."
        ),
        "X tells by mail and in its app when the archive is ready, after a day or longer.",
        "Download it before the link expires, and import the zip file as it is.",
    ),
    terms="X gives this file to whoever holds the account. Its developer terms, which ask that "
    "deleted posts be deleted wherever they are kept, speak of what is got through its "
    "interfaces; we found none that speaks of a downloaded archive. Counsel should confirm.",
)


def _source(page: PageSettings, fetching: FetchSettings, deposit: Deposit) -> DepositSource:
    archive = archive_in(deposit)
    if not archive.owner.handle and (handle := str(page.options.get("page_name") or "")):
        owner = replace(archive.owner, handle=handle.removeprefix("@"))
        archive = replace(archive, owner=owner)
    files = Files(deposit.names())
    return DepositSource(
        deposit,
        fetching,
        lambda: _readings(deposit, archive, files),
        lacking=archive.lacking,
        consulted=archive.consulted,
        itemless=layout.VIEWER,
        places=files.places,
    )


def _readings(deposit: Deposit, archive: Archive, files: Files) -> Iterator[Reading]:
    """Give the files to read; the older wordings of posts whose last is missing come at the end."""
    walk = _Walk(deposit, archive, files)
    for volume in archive.volumes:
        yield Reading(
            name=volume.name,
            elements=partial(elements, deposit, volume.name),
            shows=walk.shows(volume),
            told=archive.counts.get(volume.name),
            counted=volume.sort != layout.NOTES,
        )
    if walk.waiting:
        last = next(v.name for v in archive.volumes if v.sort in _OF_POSTS)
        yield Reading(name=last, elements=walk.left, shows=walk.last_known, unit="edited post")


_OF_POSTS = frozenset({layout.POSTS, layout.COMMUNITY, layout.CIRCLE, layout.DELETED})


class _Walk:
    """One walk over an archive, and what it remembers.

    *waiting* are wordings of edited posts whose newest has not come yet, by their first id.
    """

    def __init__(self, deposit: Deposit, archive: Archive, files: Files) -> None:
        self._archive = archive
        self._files = files
        self._ordinals = Ordinals()
        self._notes = _notes(deposit, archive)
        self._joined: set[str] = set()
        self._settled: set[str] = set()
        self.waiting: dict[str, list[tuple[Post, str]]] = {}

    def shows(self, volume: Volume) -> Shows:
        """Give what an element of *volume* shows."""
        if volume.sort == layout.PROFILE:
            return self._profile
        if volume.sort == layout.NOTES:
            return self._note
        if volume.sort == layout.MESSAGES:
            return partial(self._messages, volume.name)
        return partial(self._post, volume.sort)

    def left(self) -> Iterator[Element]:
        """Give, for each edited post whose last wording did not come, where it waits."""
        for first in list(self.waiting):
            yield first, b""

    def last_known(self, first: object, _raw: bytes) -> Iterator[Shown]:
        """Give the wordings that did come; the newest of them is what is known to show."""
        wordings = self.waiting.pop(str(first))
        yield from _in_order([post for post, _ in wordings], sort=wordings[0][1])

    def _profile(self, value: object, raw: bytes) -> Iterator[Shown]:
        owner, pictures = self._archive.owner, self._files.pictures()
        yield Observation(content=read_profile(value, raw, owner=owner, pictures=pictures))

    def _messages(self, name: str, value: object, raw: bytes) -> Iterator[Shown]:
        owner, files = self._archive.owner, self._files
        return messages(value, raw, self._ordinals, owner=owner, files=files, file=name)

    def _note(self, value: object, raw: bytes) -> Iterator[Shown]:
        note = read_note(value, raw, owner=self._archive.owner)
        if note.native_id not in self._joined:
            yield Observation(content=note.content)

    def _post(self, sort: str, value: object, raw: bytes) -> Iterator[Shown]:
        owner, mark = self._archive.owner, _MARKS.get(sort, "")
        post = self._whole(read_post(value, raw, owner=owner, files=self._files, mark=mark))
        first, newest = post.versions[0], post.versions[-1]
        if post.native_id == newest:
            earlier = [each for each, _ in self.waiting.pop(first, [])]
            if len(post.versions) > 1:
                self._settled.add(first)
            yield from _in_order([*earlier, post], sort=sort)
        elif first in self._settled:
            yield _earlier(post, sort)
        else:
            self.waiting.setdefault(first, []).append((post, sort))

    def _whole(self, post: Post) -> Post:
        """Give *post* with the whole of its text, where a note of its second begins with it."""
        second = int((post.content.edited_at or post.content.published_at).timestamp())
        for note in self._notes.get(second, ()):
            if note.native_id not in self._joined and begins(note, post.content):
                self._joined.add(note.native_id)
                both = (post.content.raw.body, note.content.raw.body)
                raw = b"".join(_SEPARATOR + each + b"\n" for each in both)
                content = replace(
                    post.content,
                    text=note.text,
                    raw=RawFragment(SEQUENCE, raw),
                    marks=(*post.content.marks, "note"),
                )
                return replace(post, content=content)
        return post


def _in_order(wordings: list[Post], *, sort: str) -> Iterator[Shown]:
    """Give the wordings of one post, oldest first; the newest shows, unless it was deleted."""
    *earlier, now = sorted(wordings, key=lambda post: post.versions.index(post.native_id))
    restricted, deleted = sort == layout.CIRCLE, sort == layout.DELETED
    state = PlatformState.REPORTED_REMOVED if deleted else PlatformState.PRESENT
    for post in earlier:
        yield _earlier(post, sort)
    yield Observation(
        content=now.content, engagement=now.engagement, state=state, restricted=restricted
    )
    if deleted:
        yield Sighting(native_id=now.content.native_id, state=state, source=_DELETED)


def _earlier(post: Post, sort: str) -> Observation:
    """Give a wording that does not show any more."""
    return Observation(content=post.content, current=False, restricted=sort == layout.CIRCLE)


def _notes(deposit: Deposit, archive: Archive) -> dict[int, list[Note]]:
    """Give the notes of the archive by the second they were made in, as many as may be held."""
    found: dict[int, list[Note]] = {}
    held = 0
    for volume in archive.volumes:
        if volume.sort != layout.NOTES:
            continue
        try:
            for value, raw in elements(deposit, volume.name):
                held += len(raw)
                if held > _NOTES_HELD:
                    break
                _enter(found, value, raw, archive)
        except ConnectorError:
            continue  # the reading of this file tells of it
    return found


def _enter(found: dict[int, list[Note]], value: object, raw: bytes, archive: Archive) -> None:
    try:
        note = read_note(value, raw, owner=archive.owner)
    except ConnectorError:
        return  # as above
    found.setdefault(int(note.content.published_at.timestamp()), []).append(note)


CONNECTOR = Importer(
    "x-archive",
    platform="x",
    settings=(
        Setting("page_name", "text", "The account's handle, where the archive does not tell it."),
    ),
    capabilities=Capabilities(
        posts=True,
        comments=False,
        media=True,
        hidden=False,
        edits="history",
        removals="none",
        backfill="everything the account itself has posted and not deleted, as of the archive, and "
        "what was deleted in the two weeks before",
        blind_to=(
            "answers by the public: X leaves them out of an account's archive",
            "in which thread an answer of the account stands: only what it answers is told",
            "what was deleted more than two weeks before the archive was made, and who deleted it",
            "who liked or reposted; the counts are kept, as of the archive",
            "files of what the account reposted from others: the address is kept, and not a copy",
            "the results of polls, the block and mute lists, followers, likes and lists",
            "to which post a note belongs, where no post begins with it: it is an item of its own",
        ),
        access=_ACCESS,
    ),
    making=_source,
)
"""Imports the archive of an account on X."""
