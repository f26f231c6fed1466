"""The scripted platform of each connector; the contract suite runs over all of them."""

from __future__ import annotations

from tests.connectors.feed_platform import FeedPlatform
from tests.connectors.mastodon_platform import MastodonPlatform
from tests.connectors.nixle_platform import NixlePlatform
from tests.connectors.platforms import Platform
from tests.connectors.wordpress_platform import WordpressPlatform
from tests.connectors.youtube_platform import YoutubePlatform

PLATFORMS: dict[str, type[Platform]] = {
    "feed": FeedPlatform,
    "mastodon": MastodonPlatform,
    "nixle": NixlePlatform,
    "wordpress": WordpressPlatform,
    "youtube": YoutubePlatform,
}
