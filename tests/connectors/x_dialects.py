"""What two of X's OpenAPI descriptions call things, and what each tells on request alone."""

from __future__ import annotations

import re
from collections.abc import Mapping

_EXPANDED = {
    "post.fields": {"author_id", "in_reply_to_user_id", "referenced_posts"},
    "user.fields": {"pinned_post_id"},
    "dm_event.fields": {"referenced_posts", "sender_id"},
}
"""What 2.167 offers as expansions, and no longer as fields."""

_ON_REQUEST = re.compile(r"author_id|in_reply_to_user_id|sender_id|(pinned|referenced)_\w+")


def understood(dialect: str, params: Mapping[str, str]) -> bool:
    """Say whether what is asked is all said in *dialect*: `tweet` (2.166) or `post` (2.167)."""
    other = {"tweet": "post", "post": "tweet"}[dialect]
    said = " ".join([*params, *(v for k, v in params.items() if k.endswith(("fields", "ions")))])
    if re.search(rf"\b{other}\.fields|_{other}(_|s\b|\b)", said):
        return False
    moved = [_EXPANDED.get(k, set()) & set(v.split(",")) for k, v in params.items()]
    return dialect == "tweet" or not any(moved)


def as_asked(told: dict[str, object], params: Mapping[str, str]) -> dict[str, object]:
    """Give *told* without what is told on request alone and was not asked for."""
    asked = {part for value in params.values() for part in value.split(",")}
    return {k: v for k, v in told.items() if k in asked or not _ON_REQUEST.fullmatch(k)}
