"""A scripted publisher of an Atom feed: paged (RFC 5005), with tombstones (RFC 6721) and ETags."""

from __future__ import annotations

from hashlib import sha256
from xml.sax.saxutils import escape, quoteattr

from archiver.records.pages import PageSettings
from connectors.feed import CONNECTOR
from tests.connectors.platforms import SECRET, Asked, Platform, Reply, Told

_OPEN = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
    "<id>tag:example.org,2026:feed</id><title>Example PD</title>"
)


class FeedPlatform(Platform):
    """Shows its posts alone; a comment is invisible to whoever reads this feed."""

    connector = CONNECTOR
    shows_comments = False
    announces_removals = True

    def page(self) -> PageSettings:
        return PageSettings(
            name="news", connector="feed", platform="feed", url=f"{self.url}/feed", secret=SECRET
        )

    def respond(self, asked: Asked) -> Reply:
        if asked.path != "/feed":
            return Reply(404)
        if asked.headers.get("authorization") != f"Bearer {SECRET}":
            return Reply(401)
        number = int(asked.query.get("page", "1"))
        posts = self.posts()
        shown = posts[(number - 1) * self.slice_size : number * self.slice_size]
        parts = [_OPEN]
        if number * self.slice_size < len(posts):
            parts.append(f'<link rel="next" href="/feed?page={number + 1}"/>')
        if number == 1:
            parts += [
                f"<at:deleted-entry ref={quoteattr(_id(gone))} when={quoteattr(when.isoformat())}/>"
                for gone, when in self.removed.items()
            ]
        parts += [self._entry(post) for post in shown]
        body = ("".join(parts) + "</feed>").encode()
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        headers = {"content-type": "application/atom+xml", "etag": etag}
        if asked.headers.get("if-none-match") == etag:
            return Reply(304, headers=headers)
        return Reply(200, body, headers)

    def _entry(self, post: Told) -> str:
        updated = (post.edited_at or post.at).isoformat()
        picture = (
            f'<link rel="enclosure" type="image/png" href={quoteattr(post.picture)}/>'
            if post.picture
            else ""
        )
        return (
            f"<entry><id>{_id(post.number)}</id><title>News</title>"
            f'<link href="{self.url}/news/{post.number}"/>{picture}'
            f"<published>{post.at.isoformat()}</published><updated>{updated}</updated>"
            f"<content>{escape(post.text)}</content></entry>"
        )


def _id(number: int) -> str:
    return f"tag:example.org,2026:{number}"
