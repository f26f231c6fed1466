"""Reading what LinkedIn says of a page, its posts and the comments below them: pure.

Field names are those of the Posts, Comments, Social Metadata and Organization Lookup APIs. Posts
are written in LinkedIn's *little text*: mentions and hashtags in a form of their own, and signs
that mean something there behind a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from archiver.records.captures import Observation
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import count_of, id_of, mail_date, object_of, optional_id, text_of

JSON = "application/json"
API = "https://api.linkedin.com/rest"
SITE = "https://www.linkedin.com"
ORGANIZATION = "urn:li:organization:"

_FILES = {"image": "images", "digitalmediaAsset": "images", "video": "videos",
          "document": "documents"}  # fmt: skip
_URN = re.compile(r"urn:li:(\w+):([\w-]+)")
_LITTLE = re.compile(
    r"@\[((?:\\.|[^\]\\])*)\]\(urn:li:[^)]*\)"
    r"|\{hashtag\|\\?#\|((?:\\.|[^}\\])*)\}"
    r"|\\([|{}@\[\]()<>#\\*_~])",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def read_post(
    value: object,
    raw: bytes,
    *,
    page: Author,
    social: Mapping[str, object] | None,
) -> Observation:
    """Read a post of *page*'s own; *social* is what LinkedIn counts below it, where it does.

    What is not published (a draft) is restricted.

    Raises:
        AnswerUnreadable: it is no post as documented.
    """
    post = object_of(value, "a post")
    urn, by = id_of(post.get("id"), "a post"), text_of(post, "author")
    shown = text_of(post, "visibility", absent="PUBLIC")
    edited = _below(post, "lifecycleStateInfo").get("isEditedByAuthor") is True
    reshared = optional_id(_below(post, "reshareContext").get("parent"))
    content = _below(post, "content")
    marks = [f"visibility:{shown.lower()}"] if shown != "PUBLIC" else []
    marks += ["reshare"] if reshared else []
    marks += ["comments-closed"] if social and social.get("commentsState") == "CLOSED" else []
    told = (_plain(text_of(post, "commentary", absent="")), *_options(content))
    return Observation(
        content=Content(
            native_id=urn,
            kind=ItemKind.POST,
            title=_title(content),
            text="\n".join(line for line in told if line),
            published_at=_moment(post.get("publishedAt") or post.get("createdAt")),
            edited_at=_moment(post.get("lastModifiedAt")) if edited else None,
            author=page if by == page.native_id else Author(by),
            permalink=permalink(urn),
            attachments=tuple(_files(content)),
            links=tuple(_links(content, reshared)),
            marks=tuple(marks),
            raw=RawFragment(JSON, raw),
        ),
        engagement=_engagement(social or {}),
        restricted=text_of(post, "lifecycleState", absent="PUBLISHED") != "PUBLISHED",
    )


def told_at(value: object, name: str) -> datetime | None:
    """Give the time *name* of the post *value*, by which a list is ordered; None if untold."""
    try:
        return _moment(object_of(value, "a post").get(name))
    except AnswerUnreadable:
        return None


def read_comment(value: object, raw: bytes, *, post: str, page: Author) -> Observation:
    """Read a comment on *post*, or an answer to one, which names the comment it answers.

    Raises:
        AnswerUnreadable: it is no comment as documented.
    """
    comment = object_of(value, "a comment")
    urn = comment_urn(comment)
    above = optional_id(comment.get("parentComment"))
    by = optional_id(comment.get("actor")) or ""
    made = _moment(_below(comment, "created").get("time"))
    modified = _below(comment, "lastModified").get("time")
    later = _moment(modified) if modified else made
    content = Content(
        native_id=urn,
        kind=ItemKind.REPLY if above else ItemKind.COMMENT,
        text=text_of(_below(comment, "message"), "text", absent=""),
        published_at=made,
        edited_at=later if later > made else None,
        author=page if by == page.native_id else Author(by),
        parent=above or post,
        thread=post,
        permalink=f"{permalink(post)}?commentUrn={quote(_shortened(urn), safe='')}",
        attachments=tuple(_comment_files(comment)),
        raw=RawFragment(JSON, raw),
    )
    likes = count_of(_below(comment, "likesSummary").get("aggregatedTotalLikes"))
    return Observation(content=content, engagement={} if likes is None else {"likes": likes})


def comment_urn(comment: Mapping[str, object]) -> str:
    """Give the URN of *comment*: as it is told, or made of what it stands on and its id."""
    told = optional_id(comment.get("commentUrn")) or optional_id(comment.get("$URN"))
    if told:
        return told
    on = id_of(comment.get("object"), "a comment")
    return f"urn:li:comment:({on},{id_of(comment.get('id'), 'a comment')})"


def answers_below(comment: object) -> int | None:
    """Give how many answers LinkedIn counts below *comment*; None where it does not say."""
    summary = _below(comment, "commentsSummary") if isinstance(comment, dict) else {}
    return count_of(summary.get("aggregatedTotalComments"))


def read_page(value: object, raw: bytes, *, moment: str) -> Observation:
    """Read what a page says of itself, as of the *moment* the server gave it out (`Date`).

    Raises:
        AnswerUnreadable: it is no organization as documented, or nothing dates it.
    """
    page, when = object_of(value, "a page"), mail_date(moment)
    if when is None:
        raise AnswerUnreadable("the answer with the page has no date")
    author = page_author(page)
    site = text_of(page, "localizedWebsite", absent="")
    content = Content(
        native_id=author.native_id,
        kind=ItemKind.PROFILE,
        title=author.name,
        text=text_of(page, "localizedDescription", absent=""),
        published_at=when,
        author=author,
        permalink=author.url,
        attachments=tuple(_portraits(page)),
        links=(site,) if site else (),
        raw=RawFragment(JSON, raw),
    )
    return Observation(content=content)


def page_author(page: Mapping[str, object]) -> Author:
    """Give the page as the author of its posts.

    Raises:
        AnswerUnreadable: it has no id.
    """
    number = id_of(page.get("id"), "a page").removeprefix(ORGANIZATION)
    handle = text_of(page, "vanityName", absent="")
    name = text_of(page, "localizedName", absent="") or handle
    return Author(f"{ORGANIZATION}{number}", name, handle, f"{SITE}/company/{handle or number}/")


def permalink(urn: str) -> str:
    """Give the address at which a person sees the post *urn*."""
    return f"{SITE}/feed/update/{urn}/"


def file_place(urn: str) -> str:
    """Give the path at which the API tells of the file *urn*; nothing where it is of no kind."""
    found = _URN.fullmatch(urn)
    if found is None or found[1] not in _FILES:
        return ""
    named = f"urn:li:image:{found[2]}" if found[1] == "digitalmediaAsset" else urn
    return f"{_FILES[found[1]]}/{quote(named, safe='')}"


def _plain(little: str) -> str:
    """Give *little* text as a reader sees it."""

    def shown(found: re.Match[str]) -> str:
        mention, tag, sign = found.groups()
        if sign is not None:
            return str(sign)
        return _ESCAPED.sub(r"\1", mention if tag is None else f"#{tag}")

    return _LITTLE.sub(shown, little)


def _title(content: Mapping[str, object]) -> str:
    for part, name in (("article", "title"), ("poll", "question"), ("media", "title")):
        if told := text_of(_below(content, part), name, absent=""):
            return told
    return ""


def _options(content: Mapping[str, object]) -> Iterator[str]:
    """Give what stands in a poll or below the title of an article."""
    yield text_of(_below(content, "article"), "description", absent="")
    for option in _list(_below(content, "poll").get("options")):
        yield text_of(object_of(option, "an answer of a poll"), "text", absent="")


def _files(content: Mapping[str, object]) -> Iterator[Attachment]:
    media = _below(content, "media")
    several = _list(_below(content, "multiImage").get("images"))
    cards = [_below(card, "media") for card in _list(_below(content, "carousel").get("cards"))]
    thumbnail = _below(content, "article").get("thumbnail")
    for told in (media, *several, *cards, {"id": thumbnail}):
        part = object_of(told, "a file of a post")
        yield from _file(part.get("id"), text_of(part, "altText", absent=""))


def _file(urn: object, description: str = "") -> Iterator[Attachment]:
    named = optional_id(urn) or ""
    if place := file_place(named):
        yield Attachment(key=named, url=f"{API}/{place}", description=description)


def _comment_files(comment: Mapping[str, object]) -> Iterator[Attachment]:
    for told in _list(comment.get("content")):
        entity = _below(object_of(told, "a file of a comment"), "entity")
        yield from _file(entity.get("image") or entity.get("digitalmediaAsset"))


def _portraits(page: Mapping[str, object]) -> Iterator[Attachment]:
    for name in ("logoV2", "coverPhotoV2"):
        yield from _file(_below(page, name).get("original"))


def _links(content: Mapping[str, object], reshared: str | None) -> Iterator[str]:
    if source := text_of(_below(content, "article"), "source", absent=""):
        yield source
    if reshared:
        yield permalink(reshared)


def _engagement(social: Mapping[str, object]) -> dict[str, int]:
    """Give the count of comments, and of each kind of reaction."""
    told = {"comments": count_of(_below(social, "commentSummary").get("count"))}
    for kind, summary in _below(social, "reactionSummaries").items():
        told[f"reaction:{kind.lower()}"] = (
            count_of(summary.get("count")) if isinstance(summary, dict) else None
        )
    return {name: count for name, count in told.items() if count is not None}


def _below(entity: object, name: str) -> Mapping[str, object]:
    value = entity.get(name) if isinstance(entity, dict) else None
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _shortened(urn: str) -> str:
    """Give the URN of a comment as LinkedIn's own addresses write it."""
    head, _, inside = urn.partition("(")
    return f"{head}({inside.replace('urn:li:', '')}" if inside else urn


def _moment(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int):
        raise AnswerUnreadable("a time is no number")
    try:
        return datetime.fromtimestamp(value / 1000, tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise AnswerUnreadable("a time is none") from None
