"""Public pages of platforms that let nobody in: the site of `website_platform`, without a token.

A clerk names each page as it is published. Here, too, the site lists other pages in a sitemap,
which are nobody's business: whoever asks for it is told so.
"""

from __future__ import annotations

from archiver.records.pages import PageSettings
from connectors import digg, myspace, snapchat
from tests.connectors.platforms import SECRET, Asked, Reply
from tests.connectors.website_platform import WebsitePlatform


class NamedPlatform(WebsitePlatform):
    """The pages of the posts, of which the url names the oldest; no token is sent to them."""

    takes_a_token = False
    marks_its_main_part = True

    def page(self, **options: object) -> PageSettings:
        named = tuple(f"{self.url}/news/{post.number}" for post in self._listed())
        return PageSettings(
            name=self.connector.name,
            connector=self.connector.name,
            platform=self.connector.platform,
            url=named[-1] if named else f"{self.url}/profile",
            secret=SECRET,
            options={"addresses": named} | options,
        )

    def respond(self, asked: Asked) -> Reply:
        assert not asked.path.startswith("/sitemap")
        assert "authorization" not in asked.headers
        let_in = {**asked.headers, "authorization": f"Bearer {SECRET}"}
        return super().respond(Asked(asked.path, asked.query, let_in, asked.pairs))


class SnapchatPlatform(NamedPlatform):
    connector = snapchat.CONNECTOR


class MyspacePlatform(NamedPlatform):
    connector = myspace.CONNECTOR


class DiggPlatform(NamedPlatform):
    connector = digg.CONNECTOR
