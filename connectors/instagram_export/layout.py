"""Which files of an export hold what, in every layout Instagram has used.

    content/posts_1.json                              until 2023
    your_instagram_activity/content/posts_1.json      from 2023
    your_instagram_activity/media/posts_1.json        from 2025

Comments lie in `comments` beside them, conversations in `messages`. Addresses of media count from
the folder above all of these, or above `your_instagram_activity`.
"""

from __future__ import annotations

import re

from connectors.deposits import Deposit
from connectors.instagram_export.labels import labelled
from connectors.meta_export import MESSAGES, Layout, Shelf, layout_of, mend, small_json

POSTS, REELS, VIDEOS, STORIES = "posts", "reels", "igtv", "stories"
ARCHIVED, DELETED, OTHER, PICTURES = "archived", "deleted", "other", "profile-photo"
COMMENTS, REEL_COMMENTS, STORY_COMMENTS = "comment", "reel-comment", "story-comment"


def _content(name: str, file: str, *members: str, essential: bool = True) -> Shelf:
    """Give the shelf of what the account published: these lie in `content`, or in `media`."""
    files = re.compile(rf"(?:.*/)?(?:content|media)/{file}(?:_(\d+))?\.json")
    return Shelf(name=name, files=files, members=members, essential=essential)


def _comments(name: str, file: str, *members: str) -> Shelf:
    files = re.compile(rf"(?:.*/)?comments/{file}(?:_(\d+))?\.json")
    return Shelf(name=name, files=files, members=members)


_SHELVES = (
    _content(POSTS, "posts", "ig_posts"),
    _content(REELS, "reels", "ig_reels_media"),
    _content(VIDEOS, "igtv_videos", "ig_igtv_media"),
    _content(STORIES, "stories", "ig_stories"),
    _content(ARCHIVED, "archived_posts", "ig_archived_post_media"),
    _content(DELETED, "recently_deleted_content", "ig_recently_deleted_media", essential=False),
    _content(OTHER, "other_content", "ig_other_media", essential=False),
    _content(PICTURES, "profile_photos", "ig_profile_picture", essential=False),
    _comments(COMMENTS, "post_comments", "comments_media_comments"),
    _comments(REEL_COMMENTS, "reels_comments", "comments_reels_comments"),
    _comments(STORY_COMMENTS, "hype", "comments_story_comments"),
    MESSAGES,
)
_UNREAD = re.compile(r"(?:reposts|live_videos|threads_and_replies)(?:_\d+)?\.json")
_PROFILE = re.compile(r"(?:.*/)?personal_information\.json")


def instagram_layout(deposit: Deposit) -> Layout:
    """Find out what of *deposit* is to be read.

    Raises:
        DepositRefused: it holds nothing an account published, as JSON, or more than one export.
    """
    return layout_of(
        deposit,
        _SHELVES,
        unread=_UNREAD,
        refusal="neither posts, reels, stories nor comments of an Instagram export",
    )


def account_name(deposit: Deposit) -> str:
    """Give the account's handle out of the export's own profile, where it holds one."""
    name = next((name for name in deposit.names() if _PROFILE.fullmatch(name)), "")
    value = small_json(deposit, name)
    users = value.get("profile_user") if isinstance(value, dict) else None
    user = users[0] if isinstance(users, list) and users else None
    told = labelled(user.get("string_map_data") if isinstance(user, dict) else None)
    return mend(told.user, set()) if told.user else ""
