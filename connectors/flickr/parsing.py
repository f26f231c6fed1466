"""Reading what Flickr says of a photo, a comment, a person: pure.

Flickr wraps texts in objects (`{"_content": "..."}`) and writes numbers as texts, or does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from archiver.records.captures import Observation
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import id_of, object_of, text_of, visible_text
from connectors.flickr.api import whole_number

JSON = "application/json"
SITE = "https://www.flickr.com"


def read_photo(raw: bytes, sizes: bytes) -> Observation:
    """Read a photo (or a film) with its *sizes*.

    Raises:
        AnswerUnreadable: it is no photo as documented.
    """
    photo = object_of(json.loads(raw), "a photo")
    owner = object_of(photo.get("owner"), "the owner of a photo")
    dates = object_of(photo.get("dates"), "the dates of a photo")
    visibility = photo.get("visibility")
    public = not isinstance(visibility, dict) or whole_number(visibility.get("ispublic")) == 1
    comments = whole_number(_text(photo.get("comments")))
    native_id, nsid = id_of(photo.get("id"), "a photo"), id_of(owner.get("nsid"), "an owner")
    content = Content(
        native_id=native_id,
        kind=ItemKind.POST,
        title=_text(photo.get("title")),
        text=visible_text(_text(photo.get("description"))),
        published_at=_epoch(dates.get("posted")),
        author=_author(nsid, owner, "username"),
        permalink=_page(photo) or f"{SITE}/photos/{nsid}/{native_id}/",
        attachments=tuple(_files(sizes)),
        raw=RawFragment(JSON, raw),
    )
    counts = {"comments": comments, "views": whole_number(photo.get("views"))}
    return Observation(content=content, engagement=counts, restricted=not public)


def read_comment(value: object, raw: bytes, *, photo: str) -> Observation:
    """Read a comment on *photo*; Flickr knows no answers to comments.

    Raises:
        AnswerUnreadable: it is no comment as documented.
    """
    comment = object_of(value, "a comment")
    deleted = whole_number(comment.get("author_is_deleted")) == 1
    content = Content(
        native_id=id_of(comment.get("id"), "a comment"),
        kind=ItemKind.COMMENT,
        text=visible_text(text_of(comment, "_content", absent="")),
        published_at=_epoch(comment.get("datecreate")),
        author=_author(text_of(comment, "author", absent=""), comment, "authorname"),
        parent=photo,
        thread=photo,
        permalink=text_of(comment, "permalink", absent=""),
        marks=("author-deleted",) if deleted else (),
        raw=RawFragment(JSON, raw),
    )
    return Observation(content=content)


def read_person(raw: bytes) -> Observation:
    """Read what the account says of itself.

    Raises:
        AnswerUnreadable: it is no person as documented.
    """
    person = object_of(json.loads(raw), "a person")
    nsid = id_of(person.get("nsid") or person.get("id"), "a person")
    photos = person.get("photos")
    told: Mapping[str, object] = photos if isinstance(photos, dict) else {}
    server, farm = whole_number(person.get("iconserver")), whole_number(person.get("iconfarm"))
    icon = f"https://farm{farm}.staticflickr.com/{server}/buddyicons/{nsid}.jpg"
    content = Content(
        native_id=f"person {nsid}",
        kind=ItemKind.PROFILE,
        title=_text(person.get("realname")) or _text(person.get("username")),
        text=visible_text(_text(person.get("description"))),
        published_at=_epoch(_text(told.get("firstdate")) or "0"),
        author=Author(nsid, _text(person.get("realname")), _text(person.get("username"))),
        permalink=_text(person.get("photosurl")) or f"{SITE}/photos/{nsid}/",
        attachments=(Attachment(key=f"{server}/{nsid}", url=icon, name="icon"),) if server else (),
        raw=RawFragment(JSON, raw),
    )
    return Observation(
        content=content, engagement={"photos": whole_number(_text(told.get("count")))}
    )


def _files(sizes: bytes) -> Iterator[Attachment]:
    """Give the largest file that Flickr hands out: the original where it does, a film as a film."""
    told = object_of(json.loads(sizes), "the sizes of a photo").get("size")
    found = [object_of(size, "a size") for size in told] if isinstance(told, list) else []
    films = [size for size in found if size.get("media") == "video" and _source(size)]
    best = max(films or found, key=_area, default=None)
    if best is not None and (url := _source(best)):
        path = urlsplit(url).path
        yield Attachment(key=path, url=url, name=path.rpartition("/")[2])


def _area(size: Mapping[str, object]) -> tuple[bool, int]:
    original = "original" in text_of(size, "label", absent="").lower()
    return original, whole_number(size.get("width")) * whole_number(size.get("height"))


def _source(size: Mapping[str, object]) -> str:
    return text_of(size, "source", absent="")


def _page(photo: Mapping[str, object]) -> str:
    urls = photo.get("urls")
    told = urls.get("url") if isinstance(urls, dict) else None
    for url in told if isinstance(told, list) else ():
        if isinstance(url, dict) and url.get("type") == "photopage":
            return _text(url)
    return ""


def _author(nsid: str, entity: Mapping[str, object], handle: str) -> Author:
    name, alias = text_of(entity, "realname", absent=""), text_of(entity, "path_alias", absent="")
    shown = text_of(entity, handle, absent="")
    return Author(nsid, name or shown, shown, f"{SITE}/people/{alias or nsid}/" if nsid else "")


def _text(value: object) -> str:
    told = value.get("_content") if isinstance(value, dict) else value
    return "" if told is None else str(told)


def _epoch(value: object) -> datetime:
    told = str(value)
    if not told.isdecimal():
        raise AnswerUnreadable("a time is no number")
    try:
        return datetime.fromtimestamp(int(told), tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise AnswerUnreadable("a time is none") from None
