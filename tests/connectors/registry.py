"""The scripted platform of each connector; the contract suite runs over all of them."""

from __future__ import annotations

from archiver.records.pages import SettingValue
from tests.connectors.bluesky_platform import BlueskyPlatform
from tests.connectors.facebook_platform import FacebookPlatform
from tests.connectors.feed_platform import FeedPlatform
from tests.connectors.flickr_platform import FlickrPlatform
from tests.connectors.instagram_platform import InstagramPlatform
from tests.connectors.linkedin_platform import LinkedInPlatform
from tests.connectors.mastodon_platform import MastodonPlatform
from tests.connectors.mediawiki_platform import MediaWikiPlatform
from tests.connectors.named_platforms import SnapchatPlatform
from tests.connectors.nextdoor_platform import NextdoorPlatform
from tests.connectors.nixle_mail import MailedNixlePlatform
from tests.connectors.nixle_platform import NixlePlatform
from tests.connectors.noticeboard_platform import NoticeboardPlatform
from tests.connectors.platforms import Platform
from tests.connectors.reddit_platform import RedditPlatform
from tests.connectors.threads_platform import ThreadsPlatform
from tests.connectors.tiktok_platform import TikTokPlatform
from tests.connectors.website_platform import WebsitePlatform
from tests.connectors.wordpress_platform import WordpressPlatform
from tests.connectors.x_platform import XPlatform
from tests.connectors.youtube_platform import YoutubePlatform

PLATFORMS: dict[str, type[Platform]] = {
    "bluesky": BlueskyPlatform,
    "facebook": FacebookPlatform,
    "feed": FeedPlatform,
    "flickr": FlickrPlatform,
    "instagram": InstagramPlatform,
    "linkedin": LinkedInPlatform,
    "mastodon": MastodonPlatform,
    "mediawiki": MediaWikiPlatform,
    "nextdoor": NextdoorPlatform,
    "nixle": NixlePlatform,
    "reddit": RedditPlatform,
    "snapchat": SnapchatPlatform,
    "threads": ThreadsPlatform,
    "tiktok": TikTokPlatform,
    "website": WebsitePlatform,
    "wordpress": WordpressPlatform,
    "x": XPlatform,
    "youtube": YoutubePlatform,
}

EXAMPLES: dict[str, type[Platform]] = {"noticeboard": NoticeboardPlatform}
"""Connectors that stand in the documents alone."""

SET_UP_OTHERWISE: dict[str, type[Platform]] = {"nixle-by-mail": MailedNixlePlatform}
"""Connectors of the above, with settings by which they ask elsewhere as well."""

PRICED: dict[str, dict[str, SettingValue]] = {"x": {"dollars_per_day": 1_000}}
"""What a page must be allowed to cost, to be seen whole in a day."""
