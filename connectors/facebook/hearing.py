"""What Facebook delivers of a page's feed: posts and comments added, edited, hidden, removed.

Field names are those of the webhooks reference of Page, `feed`. A removal names nobody who did
it: *from* is who wrote the item. The delivery's own words are less than the API's (no address, no
files), so that the item itself is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from archiver.records.captures import (
    Gap,
    GapReason,
    Known,
    Observation,
    PlatformState,
    Sighting,
)
from archiver.records.deliveries import Announcement, Delivery
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Author, Content, ItemKind, RawFragment
from archiver.records.pages import PageSettings
from connectors.cutting import id_of, optional_id, text_of
from connectors.facebook.parsing import JSON
from connectors.webhooks import meta_changes, moment_in_seconds

SOURCE = "facebook webhook"
_COUNTED = frozenset({"reaction", "like"})
_OF_PEOPLE = frozenset({"block", "unblock", "mute"})
_NEW, _HIDDEN, _REMOVED = "add", "hide", "remove"


def page_number(page: PageSettings) -> str:
    """Give the id of *page* as the configuration tells it; empty where it does not."""
    parts = urlsplit(page.url)
    told = [str(page.options.get("page_id") or ""), *parse_qs(parts.query).get("id", ())]
    told += [*parts.path.strip("/").split("/"), parts.path.rpartition("-")[2].strip("/")]
    return next((one for one in told if one.isdecimal()), "")


def announced(page: PageSettings, delivery: Delivery) -> Iterator[Announcement | Gap]:
    """Give what *delivery* says of the posts and comments of *page*.

    Raises:
        AnswerUnreadable: it is not as documented.
    """
    owner = page_number(page)
    for field, value, raw, when in meta_changes(delivery, of="page", owner=owner):
        item, verb = text_of(value, "item", absent=""), text_of(value, "verb", absent="")
        if field == "feed" and item in _COUNTED:
            continue
        if field != "feed" or verb in _OF_PEOPLE or "post_id" not in value:
            yield Gap(what=f"delivered: {field} {item} {verb}".strip(), why=GapReason.OUT_OF_REACH)
            continue
        try:
            yield _announcement(value, raw, owner=owner, when=when)
        except AnswerUnreadable as error:
            named = optional_id(value.get("comment_id")) or optional_id(value.get("post_id"))
            what = f"delivered {item or 'item'} {named}"
            yield Gap(what=what, why=GapReason.UNREADABLE, detail=str(error), native_id=named)


def _announcement(
    value: Mapping[str, object], raw: bytes, *, owner: str, when: datetime
) -> Announcement:
    verb = text_of(value, "verb")
    known = _known(value, owner)
    state = {_HIDDEN: PlatformState.HIDDEN, _REMOVED: PlatformState.REPORTED_REMOVED}.get(verb)
    sighting = (
        None if state is None else Sighting(native_id=known.native_id, state=state, source=SOURCE)
    )
    return Announcement(
        known=known,
        wording=None if verb == _REMOVED else _wording(value, raw, known, when),
        sighting=sighting,
        fresh=verb != "edited",
        final=verb == _REMOVED,
    )


def _known(value: Mapping[str, object], owner: str) -> Known:
    post = id_of(value.get("post_id"), "a post")
    if value.get("item") != "comment":
        author = _author(value)
        own = author is None or author.native_id == owner
        kind = ItemKind.POST if own else ItemKind.COMMENT
        return Known(native_id=post, kind=kind, parent=None, thread=None, permalink="")
    parent = optional_id(value.get("parent_id")) or post
    return Known(
        native_id=id_of(value.get("comment_id"), "a comment"),
        kind=ItemKind.COMMENT if parent == post else ItemKind.REPLY,
        parent=parent,
        thread=post,
        permalink="",
    )


def _wording(
    value: Mapping[str, object], raw: bytes, known: Known, when: datetime
) -> Observation | None:
    """Give the item in the delivery's own words; None where it has none."""
    text = text_of(value, "message", absent="")
    if not text:
        return None
    content = Content(
        native_id=known.native_id,
        kind=ItemKind(known.kind),
        text=text,
        published_at=moment_in_seconds(value.get("created_time")) or when,
        author=_author(value),
        parent=known.parent,
        thread=known.thread,
        raw=RawFragment(JSON, raw),
    )
    state = PlatformState.HIDDEN if value.get("verb") == _HIDDEN else PlatformState.PRESENT
    return Observation(content=content, state=state, restricted=value.get("published") == 0)


def _author(value: Mapping[str, object]) -> Author | None:
    told = value.get("from")
    given: Mapping[str, object] = told if isinstance(told, dict) else {}
    native_id = optional_id(given.get("id")) or _number(value.get("sender_id"))
    name = text_of(given, "name", absent="") or text_of(value, "sender_name", absent="")
    return Author(native_id, name) if native_id or name else None


def _number(value: object) -> str:
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
