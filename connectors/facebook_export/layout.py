"""Which files of an export hold what, in every layout Facebook has used.

    posts/your_posts_1.json                                                          until 2023
    your_facebook_activity/posts/your_posts__check_ins__photos_and_videos_1.json     from 2024
    this_profile's_activity_across_facebook/posts/profile_posts_1.json               pages, 2025

Addresses of media count from the folder that holds `posts` or what stands above.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from connectors.deposits import Deposit
from connectors.meta_export import MESSAGES, Layout, Shelf, layout_of, mend, small_json

POSTS, COMMENTS, MEDIA = "posts", "comments", "media"

_MEDIA_MEMBERS = ("videos_v2", "videos", "other_photos_v2", "photos")
_SHELVES = (
    Shelf(
        name=POSTS,
        files=re.compile(
            r"(?:.*/)?(?:your_posts|your_posts__check_ins__photos_and_videos|profile_posts)"
            r"(?:_(\d+))?\.json"
        ),
        members=("posts_v2", "posts", "status_updates"),
    ),
    Shelf(
        name=COMMENTS,
        files=re.compile(r"(?:.*/)?(?:your_)?comments(?:_(\d+))?\.json"),
        members=("comments_v2", "comments"),
    ),
    Shelf(
        name=MEDIA,
        files=re.compile(r"(?:.*/)?album/(\d+)\.json"),
        members=_MEDIA_MEMBERS,
        essential=False,
        alike=True,
    ),
    Shelf(
        name=MEDIA,
        files=re.compile(
            r"(?:.*/)?(?:your_)?(?:videos|uncategorized_photos|unanchored)(?:_(\d+))?\.json"
        ),
        members=_MEDIA_MEMBERS,
        essential=False,
    ),
    MESSAGES,
)
_UNREAD = re.compile(
    r"(?:archive|trash|(?:your_)?reels|archived_stories|stories|"
    r"posts_on_other_pages_and_profiles|group_posts_and_comments|"
    r"your_posts_in_groups|your_comments_in_groups)(?:_\d+)?\.json"
)
_PROFILE = re.compile(r"(?:.*/)?profile_information\.json")
_NAMED = ("profile_v2", "profile", "page_information")


def facebook_layout(deposit: Deposit) -> Layout:
    """Find out what of *deposit* is to be read.

    Raises:
        DepositRefused: it holds no posts or comments as JSON, or more than one export.
    """
    return layout_of(
        deposit,
        _SHELVES,
        unread=_UNREAD,
        refusal="neither posts nor comments of a Facebook export",
    )


def profile_name(deposit: Deposit) -> str:
    """Give the page's name out of the export's own profile, where it holds one."""
    name = next((name for name in deposit.names() if _PROFILE.fullmatch(name)), "")
    return mend(_named(small_json(deposit, name), _NAMED), set())


def _named(value: object, keys: Sequence[str]) -> str:
    """Give the name that stands in *value*: under one of *keys*, as text or as `full_name`."""
    if not isinstance(value, Mapping):
        return ""
    for key in keys:
        inner = value.get(key)
        if isinstance(inner, Mapping):
            name = inner.get("name")
            if isinstance(name, Mapping):
                name = name.get("full_name")
            if isinstance(name, str):
                return name
    return ""
