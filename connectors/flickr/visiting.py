"""The walk over an account's photos: what Flickr lists as changed, each with all its comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from archiver.records.captures import (
    Cursor,
    Gap,
    GapReason,
    Known,
    Listed,
    Observation,
    PlatformState,
    Seen,
    Sighting,
    ThreadListed,
    Window,
)
from archiver.records.errors import AnswerUnreadable, ConnectorError, PermissionLost, TooLarge
from archiver.records.items import ItemKind
from connectors.cutting import id_of, json_member, json_one, object_of
from connectors.fetching import Visited
from connectors.flickr.api import Flickr, whole_number
from connectors.flickr.parsing import read_comment, read_person, read_photo

_EXTRAS = {"extras": "last_update,date_upload"}
_SOURCE = "flickr 1"


class AccountSource(Visited):
    """One account, opened for one visit."""

    def __init__(self, flickr: Flickr, *, url: str) -> None:
        super().__init__(flickr.fetcher)
        self._flickr = flickr
        self._url = url
        self._faults = self._unread = 0
        self._total = 0
        self._newest = 0

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield the profile, and each photo that changed in *window* with all its comments."""
        user = self._user()
        full = window.full or window.cursor is None or window.since is None
        edge = None if full else window.since
        changed = self._changed(user, edge, light=window.light)
        if not window.light:
            yield self._profile(user)
        try:
            for photo in changed:
                yield from self._with_comments(photo)
        except ConnectorError as error:
            yield _gap("the rest of the visit", error)
            return
        whole = not self._faults
        answered = whole and not self._unread
        yield Listed(whole=answered, since=edge, kinds=("comment",), by_thread=True)
        counted = self._total if full else None
        yield Listed(whole=whole, since=edge, kinds=("post",), platform_count=counted)
        before = whole_number(window.cursor or "")
        if whole and (self._newest or before):
            yield Cursor(str(max(self._newest, before)))

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask for each photo again, and for each comment in the whole list of its photo's.

        Flickr answers alike where a photo was deleted and where we may not see it: it is *not
        visible*. Who took a comment away is not told either.
        """
        listed: dict[str, dict[str, Observation]] = {}
        for item in known:
            try:
                if item.kind == ItemKind.PROFILE:
                    yield self._profile(self._user())
                elif item.kind == ItemKind.POST:
                    yield from self._photo(item.native_id)
                else:
                    yield self._comment(item, listed)
            except ConnectorError as error:
                yield _gap(f"item {item.native_id}", error, item.native_id)

    # --- the account ------------------------------------------------------------------------------

    def _user(self) -> str:
        body = self._flickr.part("flickr.urls.lookupUser", "user", url=self._url)
        if body is None:
            raise PermissionLost(
                "Flickr knows no account at the configured url",
                remedy="Check the page's url; nothing was marked removed.",
            )
        user, _ = json_one(body)
        return id_of(object_of(user, "a user").get("id"), "a user")

    def _profile(self, user: str) -> Observation:
        body = self._flickr.part("flickr.people.getInfo", "person", user_id=user)
        if body is None:
            raise PermissionLost("Flickr shows nothing of the account")
        return read_person(body)

    def _changed(self, user: str, edge: datetime | None, *, light: bool) -> list[str]:
        """Give the ids of the photos that changed since *edge*, a comment being a change.

        A light visit that may sign asks just for these; any other walks the whole list, which
        names the time of each one's last change.
        """
        signed = self._flickr.signed
        method = "flickr.people.getPhotos" if signed else "flickr.people.getPublicPhotos"
        asked = _EXTRAS | {"user_id": user}
        if light and signed and edge is not None:
            method = "flickr.photos.recentlyUpdated"
            asked = _EXTRAS | {"min_date": f"{edge.timestamp():.0f}"}
        changed = dict[str, None]()
        for total, photos in self._flickr.pages(method, **asked):
            self._total = total
            for value in photos:
                photo = object_of(value, "a photo of the list")
                last = whole_number(photo.get("lastupdate"))
                self._newest = max(self._newest, last)
                if edge is None or not last or last >= int(edge.timestamp()):
                    changed[id_of(photo.get("id"), "a photo of the list")] = None
        return list(changed)

    # --- photos and comments ----------------------------------------------------------------------

    def _with_comments(self, name: str) -> Iterator[Seen]:
        try:
            told = list(self._photo(name))
        except (AnswerUnreadable, TooLarge) as error:
            self._faults += 1
            yield _gap(f"photo {name}", error, name)
            return
        if not isinstance(told[0], Observation):
            return  # it went away since it was listed, and is asked for again some day
        yield from told
        counted = told[0].engagement.get("comments", 0)
        if not counted:
            return
        try:
            shown = 0
            for seen in self._comments(name):
                shown += 1
                yield seen
        except (AnswerUnreadable, TooLarge) as error:
            self._faults += 1
            yield _gap(f"comments on photo {name}", error, name)
            return
        if shown:
            yield ThreadListed(native_id=name, counted=counted, shown=shown)
        else:
            self._unread += 1
            detail = f"Flickr counts {counted} and shows none"
            what, why = f"comments on photo {name}", GapReason.OUT_OF_REACH
            yield Gap(what=what, why=why, detail=detail, native_id=name)

    def _photo(self, name: str) -> Iterator[Observation | Sighting]:
        """Yield the photo *name* as it is, or that it is not visible."""
        body = self._flickr.part("flickr.photos.getInfo", "photo", photo_id=name)
        sizes = body and self._flickr.part("flickr.photos.getSizes", "sizes", photo_id=name)
        if not body or not sizes:
            yield _unseen(name)
            return
        yield read_photo(body, sizes)

    def _comments(self, photo: str) -> Iterator[Observation | Gap]:
        """Yield every comment on *photo*: Flickr gives them all in one answer."""
        method = "flickr.photos.comments.getList"
        body = self._flickr.part(method, "comments", photo_id=photo) or b"{}"
        if b'"comment"' not in body:
            return
        for value, raw in json_member(body, "comment"):
            try:
                yield read_comment(value, raw, photo=photo)
            except AnswerUnreadable as error:
                self._unread += 1
                named = value.get("id") if isinstance(value, dict) else None
                name = named if isinstance(named, str) else None
                yield _gap(f"comment {name}" if name else "a comment", error, name)

    def _comment(self, item: Known, listed: dict[str, dict[str, Observation]]) -> Seen:
        photo = item.thread or item.parent or ""
        if photo not in listed:
            found = (one for one in self._comments(photo) if isinstance(one, Observation))
            listed[photo] = {one.content.native_id: one for one in found}
            if not listed[photo]:
                self._believe_none(photo)
        return listed[photo].get(item.native_id) or _unseen(item.native_id)

    def _believe_none(self, photo: str) -> None:
        """See that an empty list is not a failure: the photo counts no comments, or is away.

        Raises:
            AnswerUnreadable: it counts some.
        """
        (told,) = self._photo(photo)
        if isinstance(told, Observation) and told.engagement.get("comments"):
            raise AnswerUnreadable(f"photo {photo} counts comments, and none is shown")


def _unseen(name: str) -> Sighting:
    return Sighting(native_id=name, state=PlatformState.NOT_VISIBLE, source=_SOURCE)


def _gap(what: str, error: ConnectorError, native_id: str | None = None) -> Gap:
    return Gap(what=what, why=GapReason(error.gap), detail=str(error), native_id=native_id)
