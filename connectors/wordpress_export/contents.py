"""One post, page or file of an export, and each comment under it → one item each.

Items are called `post-12` and `comment-7`, as WordPress marks them up in HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from archiver.records.captures import Gap, GapReason, Observation, PlatformState
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import html_files, html_links, moment_of, visible_text
from connectors.deposits import Shown, file_named
from connectors.wordpress_export.layout import upload_at
from connectors.wordpress_export.markup import apart, fields_of

XML = "text/xml"
_NUMBER = re.compile(r"[1-9]\d{0,18}")
_TIME = re.compile(r"(?!0000)(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)")
_BLOCKS = "<!-- wp:"
_SHOWN = frozenset({"publish", "inherit", "1", "approved"})
_REMOVED = frozenset({"trash", "post-trashed"})
_NOT_CONTENT = frozenset(
    {
        *("nav_menu_item", "custom_css", "customize_changeset", "oembed_cache", "user_request"),
        *("wp_global_styles", "wp_template", "wp_template_part", "wp_navigation"),
        *("wp_font_family", "wp_font_face"),
    }
)


class Walk:
    """One walk over an export, and what it remembers: who its authors are, by their sign-in."""

    def __init__(self) -> None:
        self._authors: dict[str, Author] = {}

    def element(self, value: object, raw: bytes, *, file: str) -> Iterator[Shown]:
        """Give the post, page or file that an element is, and the comments under it.

        Raises:
            AnswerUnreadable: it is none, or not dated.
        """
        encoding = str(value)
        rest, comments = apart(raw, encoding)
        name, fields = fields_of(rest, encoding)
        if name == "wp:author":
            login = _text(fields, "wp:author_login")
            shown = _text(fields, "wp:author_display_name")
            self._authors[login] = Author(_text(fields, "wp:author_id"), shown, login)
            return
        if _text(fields, "wp:post_type") in _NOT_CONTENT:
            return
        yield (post := self._post(fields, rest))
        for each in comments:
            try:
                _, said = fields_of(each, encoding)
                yield _comment(said, each, under=post)
            except AnswerUnreadable as fault:
                what = f"{file}, a comment under {post.content.native_id}"
                yield Gap(what=what, why=GapReason.UNREADABLE, detail=str(fault))

    def _post(self, fields: Mapping[str, str], raw: bytes) -> Observation:
        sort, status = _text(fields, "wp:post_type"), _text(fields, "wp:status")
        protected = bool(_text(fields, "wp:post_password"))
        body, link = fields.get("content:encoded", ""), _text(fields, "link")
        published, marks = _published(fields, "wp:post_date")
        changed = _moment(fields, "wp:post_modified_gmt")
        login = _text(fields, "dc:creator")
        above = _text(fields, "wp:post_parent") if sort == "attachment" else ""
        root = _called("post", above) if above not in {"", "0"} else None
        if sort not in {"post", "page"}:
            marks.append(sort or "no-type")
        if protected:
            marks.append("password-protected")
        content = Content(
            native_id=_called("post", _text(fields, "wp:post_id")),
            kind=ItemKind.PAGE if sort == "page" else ItemKind.POST,
            title=visible_text(fields.get("title", "")),
            text="\n".join(text for text in (_words(body), _excerpt(fields)) if text),
            raw=RawFragment(XML, raw),
            published_at=published,
            edited_at=changed if changed is not None and changed > published else None,
            author=self._authors.get(login) or (Author("", handle=login) if login else None),
            parent=root,
            thread=root,
            permalink=link,
            attachments=tuple(_files(body, link, _text(fields, "wp:attachment_url"))),
            links=tuple(html_links(body, link)),
            marks=tuple(marks),
        )
        state = _state(status)
        hidden = state is PlatformState.HIDDEN
        return Observation(content=content, state=state, restricted=hidden or protected)


def _comment(fields: Mapping[str, str], raw: bytes, *, under: Observation) -> Observation:
    above, sort = _text(fields, "wp:comment_parent"), _text(fields, "wp:comment_type")
    body, thread = fields.get("wp:comment_content", ""), under.content.native_id
    published, marks = _published(fields, "wp:comment_date")
    if sort not in {"", "comment"}:
        marks.append(sort)
    native_id = _called("comment", _text(fields, "wp:comment_id"))
    user, link = _text(fields, "wp:comment_user_id"), under.content.permalink
    content = Content(
        native_id=native_id,
        kind=ItemKind.COMMENT if above in {"", "0"} else ItemKind.REPLY,
        text=_words(body),
        raw=RawFragment(XML, raw),
        published_at=published,
        author=Author(
            "" if user == "0" else user,
            _text(fields, "wp:comment_author"),
            url=_text(fields, "wp:comment_author_url"),
        ),
        parent=thread if above in {"", "0"} else _called("comment", above),
        thread=thread,
        permalink=f"{link}#{native_id}" if link else "",
        links=tuple(html_links(body, link)),
        marks=tuple(marks),
    )
    state = _state(_text(fields, "wp:comment_approved"))
    hidden = state is PlatformState.HIDDEN
    return Observation(content=content, state=state, restricted=hidden or under.restricted)


def _state(status: str) -> PlatformState:
    """Say what a status means to a visitor of the site; one not known is shown to nobody."""
    if status in _SHOWN:
        return PlatformState.PRESENT
    removed = status in _REMOVED
    return PlatformState.REPORTED_REMOVED if removed else PlatformState.HIDDEN


def _files(body: str, link: str, own: str) -> Iterator[Attachment]:
    """Give every upload that *body* shows or links to, and the file *own*; each once."""
    found = [(own, "")] if own else []
    known: set[str] = set()
    for address, description in (*found, *html_files(body, link)):
        key = upload_at(address) or (address if address == own else "")
        if key and key not in known:
            known.add(key)
            yield file_named(address, key=key, description=description)


def _words(body: str) -> str:
    """Give what a visitor reads; where the text is not of blocks, its lines are lines."""
    return visible_text(body if _BLOCKS in body else body.replace("\n", "<br>\n"))


def _excerpt(fields: Mapping[str, str]) -> str:
    return visible_text(fields.get("excerpt:encoded", ""))


def _published(fields: Mapping[str, str], name: str) -> tuple[datetime, list[str]]:
    """Give when it was published, in GMT where that is told; a draft has the site's clock alone."""
    told = _moment(fields, f"{name}_gmt")
    if told is not None:
        return told, []
    local = _moment(fields, name)
    if local is None:
        raise AnswerUnreadable("it has no date")
    return local, ["time-of-the-site"]


def _moment(fields: Mapping[str, str], name: str) -> datetime | None:
    found = _TIME.fullmatch(_text(fields, name))
    return moment_of(f"{found[1]}T{found[2]}+00:00") if found else None


def _called(sort: str, number: str) -> str:
    if not _NUMBER.fullmatch(number):
        raise AnswerUnreadable("it has no id as WordPress gives them")
    return f"{sort}-{number}"


def _text(fields: Mapping[str, str], name: str) -> str:
    return fields.get(name, "").strip()
