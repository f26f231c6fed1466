"""Reading what the Graph API says of a page, its posts, reels and comments: pure.

Field names are those of Page, PagePost, Video and Comment of the reference. A field on which the
record depends must be there; whatever else is answered stays in the raw fragment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs, urljoin, urlsplit

from archiver.records.captures import PlatformState
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import count_of, id_of, moment_of, object_of, optional_id, text_of
from connectors.graph import Node, Standing, file_name, hidden_by, missing_of, served, summed

JSON = "application/json"
SITE = "https://www.facebook.com"

_COUNT = "limit(0).summary(total_count)"
_MEDIA = "media_type,type,title,description,url,unshimmed_url,target{id,url},media{image,source}"
POST_FIELDS = (
    *("id", "created_time", "message", "story", "from{id,name,link}", "permalink_url"),
    *("status_type", "parent_id", "is_hidden", "is_published", "is_expired", "backdated_time"),
    *("scheduled_publish_time", "admin_creator", "message_tags", "place", "updated_time", "shares"),
    f"attachments{{{_MEDIA},subattachments.limit(100){{{_MEDIA}}}}}",
    f"comments.filter(stream).{_COUNT}",
    f"reactions.{_COUNT}",
)
REEL_FIELDS = (
    *("id", "created_time", "description", "title", "permalink_url", "source", "picture"),
    *("updated_time", "length", "published", "from{id,name}"),
    f"comments.filter(stream).{_COUNT}",
    f"reactions.{_COUNT}",
)
COMMENT_FIELDS = (
    *("id", "created_time", "message", "from{id,name,link}", "permalink_url", "parent{id}"),
    *("is_hidden", "is_private", "comment_count", "like_count", "message_tags"),
    "attachment{type,title,description,url,target{id,url},media{image,source}}",
)
PROFILE_FIELDS = (
    *("id", "name", "category", "username", "link", "about", "description", "mission", "website"),
    *("general_info", "phone", "emails", "single_line_address", "hours", "fan_count"),
    *("followers_count", "is_published", "verification_status", "cover{id,source}"),
    "picture.type(large){url}",
)
OWNER_FIELDS = ("id", "name", "category", "username", "link")
WANTS = {
    "is_hidden": "hidden",
    "is_private": "private",
    "is_published": "drafts",
    "published": "drafts",
}
"""On which fields a state rests, and which items they tell from others."""

_SAID = (
    *("category", "about", "description", "mission", "general_info", "website", "phone"),
    "single_line_address",
)


def read_post(
    value: object, raw: bytes, *, owner: str, own: bool, published: bool = False
) -> Standing:
    """Read a PagePost; one that another wrote on the page is the public's, and a comment.

    *own* says that it stood in a list of the page's own posts alone. Its state is unknown where it
    is not told whether it is hidden, or published at all: then a post of the page's may be a draft,
    and is restricted, unless it stood in a list of what is *published*, or was judged before.

    Raises:
        AnswerUnreadable: it is no post as documented.
    """
    post = object_of(value, "a post")
    author = _author(post.get("from"))
    visitors = not own and author is not None and author.native_id != owner
    message = text_of(post, "message", absent="")
    attached = post.get("attachments")
    files = tuple(_files(attached))
    marks = ["visitor_post"] if visitors else []
    marks += ["shared"] if post.get("parent_id") else []
    marks += ["expired"] if post.get("is_expired") is True else []
    marks += ["video_not_offered"] if any(not told for _, told in files) else []
    marks += ["file_not_offered"] if any(map(_is_withheld, _attached(attached))) else []
    marks += ["files_cut_short"] if _is_cut_short(attached) else []
    shared = optional_id(post.get("parent_id"))
    content = Content(
        native_id=id_of(post.get("id"), "a post"),
        kind=ItemKind.COMMENT if visitors else ItemKind.POST,
        title=text_of(post, "story", absent=""),
        text=message,
        published_at=moment_of(post.get("created_time")),
        author=author,
        permalink=text_of(post, "permalink_url", absent=""),
        attachments=_once(tuple(file for file, _ in files)),
        links=tuple(dict.fromkeys((*_links(post), *([f"{SITE}/{shared}"] if shared else [])))),
        marks=tuple(marks),
        raw=RawFragment(JSON, raw),
    )
    return Standing(
        content=content,
        engagement=_counts(post, shares=_shares(post)),
        state=_state(post, "is_published"),
        restricted=_may_be_a_draft(post, "is_published", published=published or visitors),
        answers=summed(post, "comments"),
        untold=missing_of(post, "is_hidden", "is_published"),
    )


def read_reel(value: object, raw: bytes, *, published: bool = False) -> Standing:
    """Read a Video of the page's reels; *published* as for a post.

    Raises:
        AnswerUnreadable: it is no video as documented.
    """
    reel = object_of(value, "a reel")
    native_id = id_of(reel.get("id"), "a reel")
    untold = missing_of(reel, "published")
    source, picture = text_of(reel, "source", absent=""), text_of(reel, "picture", absent="")
    content = Content(
        native_id=native_id,
        kind=ItemKind.POST,
        title=text_of(reel, "title", absent=""),
        text=text_of(reel, "description", absent=""),
        published_at=moment_of(reel.get("created_time")),
        author=_author(reel.get("from")),
        permalink=urljoin(SITE, text_of(reel, "permalink_url", absent="")),
        attachments=(Attachment(key=native_id, url=source or picture),),
        marks=("reel",) if source else ("reel", "video_not_offered"),
        raw=RawFragment(JSON, raw),
    )
    return Standing(
        content=content,
        engagement=_counts(reel),
        state=PlatformState.UNKNOWN if untold else PlatformState.PRESENT,
        restricted=_may_be_a_draft(reel, "published", published=published),
        answers=summed(reel, "comments"),
        untold=untold,
    )


def read_comment(value: object, raw: bytes, *, post: str) -> Standing:
    """Read a Comment below *post*, which it is an answer to unless it names another comment.

    Its state is unknown where it is not told whether it is hidden, or private.

    Raises:
        AnswerUnreadable: it is no comment as documented, or nothing tells its id.
    """
    comment = object_of(value, "a comment")
    permalink = text_of(comment, "permalink_url", absent="")
    told = _by_address(permalink, post)
    native_id = optional_id(comment.get("id")) or (told[0] if told else None)
    above = comment.get("parent")
    parent = optional_id(above.get("id")) if isinstance(above, dict) else told[1] if told else None
    attached = comment.get("attachment")
    listed = {"data": [attached]} if attached else None
    files = tuple(_files(listed))
    marks = ["video_not_offered"] if any(not told for _, told in files) else []
    marks += ["file_not_offered"] if any(map(_is_withheld, _attached(listed))) else []
    content = Content(
        native_id=id_of(native_id, "a comment"),
        kind=ItemKind.REPLY if parent else ItemKind.COMMENT,
        text=text_of(comment, "message", absent=""),
        published_at=moment_of(comment.get("created_time")),
        author=_author(comment.get("from")),
        parent=parent or post,
        thread=post,
        permalink=permalink,
        attachments=_once(tuple(file for file, _ in files)),
        links=tuple(_shared(attached)) if isinstance(attached, dict) else (),
        marks=tuple(marks),
        raw=RawFragment(JSON, raw),
    )
    counts = {"likes": count_of(comment.get("like_count"))}
    counts["replies"] = count_of(comment.get("comment_count"))
    return Standing(
        content=content,
        engagement={name: count for name, count in counts.items() if count is not None},
        state=_state(comment, "is_private"),
        restricted=comment.get("is_private") is True,
        untold=missing_of(comment, "is_hidden", "is_private"),
    )


def read_profile(node: Node) -> Standing:
    """Read what the page says of itself, as of the moment the server gave it out.

    Raises:
        AnswerUnreadable: it is no page as documented, or the answer has no date.
    """
    page = node.value
    native_id = id_of(page.get("id"), "a page")
    said = [f"{name}: {text}" for name in _SAID if (text := text_of(page, name, absent=""))]
    emails, hours = page.get("emails"), page.get("hours")
    said += [f"email: {email}" for email in emails] if isinstance(emails, list) else []
    said += [f"{k}: {v}" for k, v in sorted(hours.items())] if isinstance(hours, dict) else []
    counts = {name: count_of(page.get(f"{name}_count")) for name in ("fan", "followers")}
    content = Content(
        native_id=native_id,
        kind=ItemKind.PROFILE,
        title=text_of(page, "name"),
        text="\n".join(said),
        published_at=served(node.moment),
        author=Author(native_id, text_of(page, "name"), text_of(page, "username", absent="")),
        permalink=text_of(page, "link", absent="") or f"{SITE}/{native_id}",
        attachments=tuple(_portraits(page)),
        raw=RawFragment(JSON, node.raw),
    )
    return Standing(
        content=content, engagement={n: count for n, count in counts.items() if count is not None}
    )


def _by_address(permalink: str, post: str) -> tuple[str, str | None] | None:
    """Give the id of a comment and of what it answers, as its address tells them."""
    try:
        asked = parse_qs(urlsplit(permalink).query)
    except ValueError:
        return None
    comment = asked.get("comment_id", [""])[0]
    if not comment.isdecimal():
        return None
    on = post.rpartition("_")[2]
    reply = asked.get("reply_comment_id", [""])[0]
    return (f"{on}_{reply}", f"{on}_{comment}") if reply.isdecimal() else (f"{on}_{comment}", None)


def _author(value: object) -> Author | None:
    if not isinstance(value, dict):
        return None
    native_id = optional_id(value.get("id"))
    name, link = text_of(value, "name", absent=""), text_of(value, "link", absent="")
    return Author(native_id or "", name, url=link) if native_id or name else None


def _state(entity: Mapping[str, object], public: str) -> PlatformState:
    """Give the state of *entity*, which is told in full where the field *public* is there, too."""
    state = hidden_by(entity, "is_hidden")
    if state is PlatformState.PRESENT and missing_of(entity, public):
        return PlatformState.UNKNOWN
    return state


def _may_be_a_draft(entity: Mapping[str, object], field: str, *, published: bool) -> bool:
    """Say whether *entity* is a draft by its *field*; where that is missing, unless *published*."""
    return not published if missing_of(entity, field) else entity.get(field) is False


def _counts(entity: Mapping[str, object], **more: int | None) -> dict[str, int]:
    counts = {"comments": summed(entity, "comments"), "reactions": summed(entity, "reactions")}
    return {name: count for name, count in (counts | more).items() if count is not None}


def _shares(post: Mapping[str, object]) -> int | None:
    shares = post.get("shares")
    return count_of(shares.get("count")) if isinstance(shares, dict) else None


def _attached(value: object) -> Iterator[Mapping[str, object]]:
    """Give every attachment, those within an album in the place of the album."""
    data = value.get("data") if isinstance(value, dict) else None
    if value is not None and not isinstance(data, list):
        raise AnswerUnreadable("attachments are no list")
    for one in data or ():
        entry = object_of(one, "an attachment")
        within = list(_attached(entry.get("subattachments")))
        yield from within or [entry]


def _files(value: object) -> Iterator[tuple[Attachment, bool]]:
    """Give the file of each attachment that has one, and whether it is all of it."""
    for entry in _attached(value):
        target = entry.get("target")
        source, picture = _addresses(entry)
        named = optional_id(target.get("id")) if isinstance(target, dict) else None
        if url := source or picture:
            file = Attachment(
                key=named or file_name(url),
                url=url,
                name=file_name(url),
                description=text_of(entry, "description", absent=""),
            )
            yield file, bool(source) or "video" not in _sort(entry)


def _addresses(entry: Mapping[str, object]) -> tuple[str, str]:
    """Give where the film of an attachment lies and where its picture; nothing where untold."""
    media = entry.get("media")
    shown = media if isinstance(media, dict) else {}
    image = shown.get("image")
    picture = text_of(image, "src", absent="") if isinstance(image, dict) else ""
    return text_of(shown, "source", absent=""), picture


def _sort(entry: Mapping[str, object]) -> str:
    return f"{entry.get('media_type')} {entry.get('type')}"


def _is_cut_short(value: object) -> bool:
    """Say whether an album goes on where Facebook hands out no more of its files with the post."""
    data = value.get("data") if isinstance(value, dict) else None
    within = [one.get("subattachments") for one in data or () if isinstance(one, dict)]
    pagings = [each.get("paging") for each in within if isinstance(each, dict)]
    return any(isinstance(paging, dict) and paging.get("next") for paging in pagings)


def _is_withheld(entry: Mapping[str, object]) -> bool:
    """Say whether an attachment is a photo or a film of which Facebook gives no file at all."""
    return any(sort in _sort(entry) for sort in ("photo", "video")) and not any(_addresses(entry))


def _once(files: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """Give each file once: an album may name its cover twice."""
    return tuple({file.key: file for file in files}.values())


def _links(post: Mapping[str, object]) -> Iterator[str]:
    for entry in _attached(post.get("attachments")):
        yield from _shared(entry)


def _shared(entry: Mapping[str, object]) -> Iterator[str]:
    """Give the address that an attachment leads to, if it leads away from Facebook's own files."""
    kind = str(entry.get("type"))
    url = text_of(entry, "unshimmed_url", absent="") or text_of(entry, "url", absent="")
    if url and kind in {"share", "event", "note", "map", "native_templates"}:
        yield url


def _portraits(page: Mapping[str, object]) -> Iterator[Attachment]:
    cover, picture = page.get("cover"), page.get("picture")
    if isinstance(cover, dict) and (url := text_of(cover, "source", absent="")):
        yield Attachment(key=optional_id(cover.get("id")) or file_name(url), url=url, name="cover")
    data = picture.get("data") if isinstance(picture, dict) else None
    if isinstance(data, dict) and (url := text_of(data, "url", absent="")):
        yield Attachment(key=file_name(url) or "picture", url=url, name="picture")
