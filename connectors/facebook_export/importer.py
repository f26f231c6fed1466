"""The importer: one deposit, read as a stream; memory holds one element and the counted seconds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path, PurePath

from archiver.ports import Downloaded
from archiver.records.captures import (
    Cursor,
    Gap,
    GapReason,
    Known,
    Listed,
    Observation,
    Seen,
    Window,
)
from archiver.records.errors import AnswerUnreadable, ConnectorError, DepositRefused
from archiver.records.items import Attachment, Author, Content
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting
from connectors.cutting import json_stream
from connectors.deposits import Deposit, open_deposit
from connectors.facebook_export.contents import Ordinals, comment, media_post, posts
from connectors.facebook_export.layout import Shelf, Volume, is_one_item, layout_of, member
from connectors.facebook_export.mojibake import mend

_LARGEST_PROFILE = 1024**2

_ACCESS = Access(
    permissions=("full control of the page on Facebook, for who asks for the export",),
    steps=(
        (
            "Switch to the page's profile; under Settings & privacy, Your information choose "
            "Download your information, for the page."
        ),
        "All time, high media quality, and the format JSON (not HTML).",
        (
            "Download every part before the links expire; import the zip files as they are, or the "
            "folder in which they were all unpacked together."
        ),
    ),
    terms="Meta gives this file to the page's own administrators. Its terms for developers, which "
    "ask for deletion on request, speak of data got through its interfaces; we found none that "
    "speaks of a downloaded export. Counsel should confirm.",
)


class FacebookExport:
    """Imports "Download your information" of a Facebook page, as JSON."""

    name = "facebook-export"
    platform = "facebook"
    version = "1"
    imports = True
    settings = (
        Setting(
            "page_name",
            "text",
            "The page's name on Facebook, where the export does not hold its profile.",
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=False,
        edits="diff",
        removals="none",
        backfill="everything the page itself has posted and not deleted, as of the export",
        blind_to=(
            "comments by the public: Facebook leaves them out of a page's export",
            "under which post a comment of the page stands",
            "anything deleted before the export was made",
            "earlier wordings of an edited post",
            "reactions, shares and other counts",
            "stories, reels, archived, trashed and group posts: a file of them leaves a gap",
        ),
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> FacebookDeposit:
        """Open the export at *deposit*.

        Raises:
            DepositRefused: there is none, it is no such export, or not safe to open.
        """
        if deposit is None:
            raise DepositRefused(
                f"{page.name} is filled from an export file, and none was given",
                remedy="Use `archiver import PATH --page NAME`.",
            )
        opened = open_deposit(deposit)
        try:
            return FacebookDeposit(opened, page, fetching)
        except BaseException:
            opened.close()
            raise


class FacebookDeposit:
    """One export, opened for one visit: a `Source`."""

    def __init__(self, deposit: Deposit, page: PageSettings, fetching: FetchSettings) -> None:
        """Judge whether *deposit* is an export of Facebook.

        Raises:
            DepositRefused: it is not.
        """
        self.deposit = deposit
        self._layout = layout_of(deposit)
        self._fetching = fetching
        self._spooled: list[Path] = []
        name = str(page.options.get("page_name") or "") or self._profile_name()
        self._author = Author(native_id="", name=name) if name else None
        self._attached: set[int] = set()
        self._newest = 0
        self.fetched = 0

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield every item of the export, whatever *window* asks: an import is taken whole."""
        del window
        self._attached.clear()
        ordinals = Ordinals()
        for volume in self._layout.volumes:
            yield from self._volume(volume, ordinals)
            self.fetched += 1
        for name in self._layout.unread:
            yield Gap(what=name, why=GapReason.OUT_OF_REACH, detail="this file is not read")
        yield Cursor(str(self._newest))
        yield Listed(whole=False)

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Yield a gap for each of *known*: an export cannot be asked again."""
        for item in known:
            yield Gap(
                what="an item of an import",
                why=GapReason.OUT_OF_REACH,
                detail="an export shows the page as it was when the export was made",
                native_id=item.native_id,
            )

    def download(self, attachment: Attachment) -> Downloaded:
        """Bring the file of *attachment* out of the export into the spool.

        Raises:
            AttachmentGone: the export names it, and does not hold it.
            TooLarge: it is larger than [fetching] max_bytes.
            AnswerUnreadable: parts of the export hold different files under this name.
            DepositRefused: it is damaged.
        """
        entry = self._entry(attachment.url)
        if entry in self.deposit.clashing:
            raise AnswerUnreadable("parts of the export hold different files under this name")
        limit = self._fetching.max_bytes
        file = self.deposit.spool(entry, self._fetching.spool, max_bytes=limit)
        self._spooled.append(Path(file.path))
        return replace(file, media_type=attachment.media_type)

    def close(self) -> None:
        """Close the export, and remove what is left in the spool of what was brought."""
        self.deposit.close()
        for path in self._spooled:
            path.unlink(missing_ok=True)
        self._spooled.clear()

    def _volume(self, volume: Volume, ordinals: Ordinals) -> Iterator[Seen]:
        """Yield every item of one file; an element not understood, or the rest, is a gap."""
        place = 0
        try:
            for value, raw in self._elements(volume):
                place += 1
                try:
                    for content in self._contents(volume.shelf, value, raw, ordinals):
                        yield Observation(content=content)
                except ValueError as fault:
                    what = f"{volume.name}, element {place}"
                    yield Gap(what=what, why=GapReason.UNREADABLE, detail=str(fault))
        except ConnectorError as error:
            what = f"{volume.name}, after element {place}"
            yield Gap(what=what, why=GapReason.UNREADABLE, detail=str(error))

    def _elements(self, volume: Volume) -> Iterator[tuple[object, bytes]]:
        pieces = self.deposit.open(volume.name)
        head = next(pieces, b"")
        if is_one_item(head):
            return json_stream(chain([b"[", head], pieces, [b"]"]))
        return json_stream(chain([head], pieces), member=member(volume.shelf, head))

    def _contents(
        self, shelf: Shelf, value: object, raw: bytes, ordinals: Ordinals
    ) -> Iterator[Content]:
        if shelf is Shelf.POSTS:
            for content in posts(value, raw, ordinals, self._author):
                self._newest = max(self._newest, int(content.published_at.timestamp()))
                self._attached.update(hash(a.key) for a in content.attachments)
                yield content
        elif shelf is Shelf.COMMENTS:
            content = comment(value, raw, ordinals)
            self._newest = max(self._newest, int(content.published_at.timestamp()))
            yield content
        else:
            content = media_post(value, raw, ordinals, self._author)
            if not any(hash(a.key) in self._attached for a in content.attachments):
                self._attached.update(hash(a.key) for a in content.attachments)
                yield content

    def _entry(self, uri: str) -> str:
        """Give the entry that *uri* means, wherever the export was packed; or *uri* itself."""
        spelled = (uri, uri.encode("utf-8", "surrogatepass").decode("latin-1"))
        candidates = (root + name for name in spelled for root in self._layout.roots)
        return next((name for name in candidates if name in self.deposit), uri)

    def _profile_name(self) -> str:
        """Give the page's name out of the export's own profile, where it holds one."""
        name = self._layout.profile
        if not name or self.deposit.size(name) > _LARGEST_PROFILE:
            return ""
        try:
            value = json.loads(b"".join(self.deposit.open(name)))
        except (ValueError, RecursionError, DepositRefused):
            return ""
        found = _named(value, ("profile_v2", "profile", "page_information"))
        return mend(found, set())


def _named(value: object, keys: Sequence[str]) -> str:
    """Give the name that stands in *value*: under one of *keys*, as text or as `full_name`."""
    if not isinstance(value, Mapping):
        return ""
    for key in keys:
        inner = value.get(key)
        if isinstance(inner, Mapping):
            name = inner.get("name")
            if isinstance(name, Mapping):
                name = name.get("full_name")
            if isinstance(name, str):
                return name
    return ""
