"""Reading what WordPress says of a post, a comment, a revision, a file: pure, from the answer.

Field names are those of the REST API's schemas (wp/v2). A field on which the record depends must
be there and of its documented type. Posts and pages share one row of ids in WordPress, comments
have their own: items are called `post-12` and `comment-7`, as WordPress marks them up in HTML.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from archiver.records.captures import PlatformState
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import visible_text

JSON = "application/json"
_LONGEST_DAY = 24
_UNPUBLISHED = frozenset({"draft", "pending", "future", "auto-draft", "private"})
_SHOWN = frozenset({"publish", "approved", "approve", "inherit"})
_REMOVED = frozenset({"trash", "post-trashed"})
_ADDRESSES = re.compile(r"""<(a|img|video|audio|source)\s([^>]*)>""", re.IGNORECASE)
_TARGET = re.compile(r"""(?:^|\s)(?:href|src)\s*=\s*["']([^"']*)["']""", re.IGNORECASE)
_LIBRARY = re.compile(r"\bwp-image-(\d{1,18})\b")
_VARIANT = re.compile(r"(?:-\d+x\d+|-scaled)?(\.\w+)?$")
_UPLOADS = "/wp-content/uploads/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A post, page or comment as it was read; its files and its author's name come separately.

    *number* is WordPress's own id; *changed* the last change it tells of; *media* the files of
    the library that it names; *history* how many revisions there are (None: it does not say);
    *closed* that a password keeps its text from us.
    """

    number: int
    content: Content
    status: str
    changed: datetime
    author: int = 0
    media: frozenset[int] = frozenset()
    body: str = ""
    history: int | None = 0
    protected: bool = False
    closed: bool = False

    @property
    def state(self) -> PlatformState:
        """Say what the status means to a visitor of the site."""
        if self.status in _SHOWN:
            return PlatformState.PRESENT
        removed = self.status in _REMOVED
        return PlatformState.REPORTED_REMOVED if removed else PlatformState.HIDDEN

    @property
    def restricted(self) -> bool:
        """Say whether this never was for every visitor to see."""
        return self.protected or self.status in _UNPUBLISHED or self.status == "hold"


def read_zone(index: object) -> tzinfo:
    """Give the zone of the site whose REST index this is; UTC where it says none."""
    site = _object(index, "the index")
    name = site.get("timezone_string")
    if isinstance(name, str) and name:
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            pass
    offset = site.get("gmt_offset", 0)
    try:
        hours = float(offset) if isinstance(offset, int | float | str) else 0.0
    except (ValueError, OverflowError):
        hours = 0.0
    return timezone(timedelta(hours=hours)) if abs(hours) < _LONGEST_DAY else UTC


def post_to_entry(value: object, raw: bytes, *, kind: ItemKind, zone: tzinfo) -> Entry:
    """Read a post or page.

    Raises:
        AnswerUnreadable: it is none as documented.
    """
    post = _object(value, "a post")
    number = number_of(post)
    body, protected = _rendered(post, "content"), _is_protected(post)
    published = _moment(post, "date", zone)
    changed = _moment(post, "modified", zone) if post.get("modified") else published
    featured = _number(post.get("featured_media"))
    named = {int(found) for found in _LIBRARY.findall(body)} | ({featured} - {0})
    content = Content(
        native_id=f"post-{number}",
        kind=kind,
        title=visible_text(_rendered(post, "title")),
        text=visible_text(body),
        published_at=published,
        edited_at=changed if changed > published else None,
        permalink=_text(post, "link"),
        links=links(body),
        marks=("password-protected",) if protected else (),
        raw=RawFragment(JSON, raw),
    )
    return Entry(
        number=number,
        content=content,
        status=_text(post, "status", absent="publish"),
        changed=changed,
        author=_number(post.get("author")),
        media=frozenset(named),
        body=body,
        history=_revisions(post),
        protected=protected,
        closed=protected and not body,
    )


def comment_to_entry(value: object, raw: bytes, *, zone: tzinfo) -> Entry:
    """Read a comment, or a reply to one.

    Raises:
        AnswerUnreadable: it is none as documented.
    """
    comment = _object(value, "a comment")
    number, post = number_of(comment), _number(comment.get("post"))
    above, author = _number(comment.get("parent")), _number(comment.get("author"))
    thread = f"post-{post}" if post else None
    body = _rendered(comment, "content")
    content = Content(
        native_id=f"comment-{number}",
        kind=ItemKind.REPLY if above else ItemKind.COMMENT,
        text=visible_text(body),
        published_at=_moment(comment, "date", zone),
        author=Author(
            native_id=str(author or ""),
            name=_text(comment, "author_name", absent=""),
            url=_text(comment, "author_url", absent=""),
        ),
        parent=f"comment-{above}" if above else thread,
        thread=thread,
        permalink=_text(comment, "link", absent=""),
        links=links(body),
        raw=RawFragment(JSON, raw),
    )
    status = _text(comment, "status", absent="approved")
    return Entry(number=number, content=content, status=status, changed=content.published_at)


def revision_to_content(
    value: object, raw: bytes, *, now: Content, files: Iterable[Attachment], zone: tzinfo
) -> Content | None:
    """Give what a revision of the post *now* said; None for an autosave, which nobody published.

    WordPress keeps no files with a revision: those of the post today stand in their place.

    Raises:
        AnswerUnreadable: it is no revision as documented.
    """
    revision = _object(value, "a revision")
    if "-autosave-" in _text(revision, "slug", absent=""):
        return None
    body = _rendered(revision, "content")
    author = _number(revision.get("author"))
    return replace(
        now,
        title=visible_text(_rendered(revision, "title")),
        text=visible_text(body),
        edited_at=_moment(revision, "modified", zone),
        author=Author(str(author)) if author else None,
        attachments=with_inline(files, body),
        links=links(body),
        marks=(*now.marks, "files-of-today"),
        raw=RawFragment(JSON, raw),
    )


def media_to_attachment(value: object) -> tuple[int, int, Attachment]:
    """Give a file of the library: its number, the post it was uploaded to (or 0), and itself.

    Raises:
        AnswerUnreadable: it is none as documented.
    """
    media = _object(value, "a file")
    number, url = number_of(media), _text(media, "source_url", absent="")
    described = _text(media, "alt_text", absent="")
    if not described and isinstance(media.get("caption"), dict):
        described = visible_text(_rendered(media, "caption"))
    attachment = Attachment(
        key=str(number),
        url=url,
        media_type=_text(media, "mime_type", absent=""),
        name=_file_name(url),
        description=described,
    )
    return number, _number(media.get("post")), attachment


def user_to_author(value: object) -> Author:
    """Give an author as the site names them.

    Raises:
        AnswerUnreadable: it is no user as documented.
    """
    user = _object(value, "a user")
    return Author(
        native_id=str(number_of(user)),
        name=_text(user, "name", absent=""),
        handle=_text(user, "slug", absent=""),
        url=_text(user, "link", absent=""),
    )


def with_inline(files: Iterable[Attachment], body: str) -> tuple[Attachment, ...]:
    """Give *files* and those uploads that *body* shows or links to and the library did not give.

    A picture is shown in one of several sizes; one of a file that is given already is no other.
    """
    found = list(files)
    stems = {_stem(file.url) for file in found}
    for _tag, url in _addresses(body):
        if _UPLOADS in url and _stem(url) not in stems:
            stems.add(_stem(url))
            found.append(Attachment(key=urlsplit(url).path, url=url, name=_file_name(url)))
    return tuple(found)


def links(body: str) -> tuple[str, ...]:
    """Give where *body* links to, each address once, in order."""
    found = (url for tag, url in _addresses(body) if tag == "a" and not url.startswith("#"))
    return tuple(dict.fromkeys(found))


def number_of(entity: object) -> int:
    """Give the id of any entity of the API.

    Raises:
        AnswerUnreadable: it has none.
    """
    number = _number(_object(entity, "an entity").get("id"))
    if not number:
        raise AnswerUnreadable("an entity has no id")
    return number


def _addresses(body: str) -> list[tuple[str, str]]:
    found = []
    for tag, attributes in _ADDRESSES.findall(body):
        if target := _TARGET.search(attributes):
            url = _unescaped(target[1]).strip()
            if url and _readable(url):
                found.append((tag.lower(), url))
    return found


def _unescaped(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # a numeric reference of thousands of digits
        return text


def _readable(url: str) -> bool:
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path).rpartition("/")[2] if _readable(url) else ""


def _stem(url: str) -> str:
    path = urlsplit(url).path if _readable(url) else url
    return _VARIANT.sub(r"\1", path.rpartition(_UPLOADS)[2])


def _is_protected(post: Mapping[str, object]) -> bool:
    return _object(post.get("content"), "content").get("protected") is True


def _revisions(post: Mapping[str, object]) -> int | None:
    """Give how many revisions the post says it has; 0 where it keeps none."""
    told = post.get("_links")
    history = told.get("version-history") if isinstance(told, dict) else None
    if not isinstance(history, list) or not history or not isinstance(history[0], dict):
        return 0
    count = history[0].get("count")
    return count if isinstance(count, int) else None


def _object(value: object, what: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise AnswerUnreadable(f"{what} is no object")
    return value


def _number(value: object) -> int:
    """Give an id; 0 where there is none, as WordPress has it."""
    if value is None or value == "":
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise AnswerUnreadable("an id is no number")
    return value


def _text(entity: Mapping[str, object], name: str, *, absent: str | None = None) -> str:
    value = entity.get(name)
    if value is None:
        value = absent
    if not isinstance(value, str):
        raise AnswerUnreadable(f"{name} is no text")
    return value


def _rendered(entity: Mapping[str, object], name: str) -> str:
    return _text(_object(entity.get(name), name), "rendered")


def _moment(entity: Mapping[str, object], name: str, zone: tzinfo) -> datetime:
    """Give the moment under *name*: in GMT where that is told, else as the site's clocks show."""
    for field, meant in ((f"{name}_gmt", UTC), (name, zone)):
        value = entity.get(field)
        if isinstance(value, str) and not value.startswith("0000"):
            try:
                when = datetime.fromisoformat(value)
                return (when if when.tzinfo else when.replace(tzinfo=meant)).astimezone(UTC)
            except (ValueError, OverflowError):
                raise AnswerUnreadable(f"{field} is no time as documented") from None
    raise AnswerUnreadable(f"{name} is no time")
