"""What Reddit says of how a submission or a comment stands: who removed it, if anybody. Pure.

Reddit documents none of these fields. As recorded answers show them, `removed_by_category` comes
with every submission and `banned_by` with every comment, null where nothing is told; to moderators
(`can_mod_post`) comes `removed` as well, and the name of who removed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archiver.records.captures import Actor, PlatformState, Sighting
from archiver.records.items import Content, ItemKind
from connectors.cutting import text_of

NOBODY = "[deleted]"
_PLACEHOLDERS = {
    "[deleted]": Actor.AUTHOR,
    "[removed]": Actor.MODERATOR,
    "[ Removed by Reddit ]": Actor.PLATFORM,
}
_CATEGORY, _BANNED_BY = "removed_by_category", "banned_by"
WANTS = {_CATEGORY: "removed", _BANNED_BY: "removed"}
"""By which field Reddit says of a submission, and of a comment, that it was removed."""

_BY_CATEGORY = {
    "deleted": Actor.AUTHOR,
    "author": Actor.AUTHOR,
    "moderator": Actor.MODERATOR,
    "automod_filtered": Actor.MODERATOR,
    "reddit": Actor.PLATFORM,
    "anti_evil_ops": Actor.PLATFORM,
    "community_ops": Actor.PLATFORM,
    "content_takedown": Actor.PLATFORM,
    "copyright_takedown": Actor.PLATFORM,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a thing stands: *gone*, *hidden* (removed, and still shown to us), or neither.

    *untold* names the field by which Reddit would say so, where the answer lacks it. *moderated*
    says that the thing was shown as to a moderator.
    """

    gone: Sighting | None
    hidden: bool
    untold: tuple[str, ...]
    moderated: bool


def standing_of(content: Content, data: Mapping[str, object]) -> Standing:
    """Give how the thing of *content* stands by its *data*."""
    gone = _gone(content.native_id, content.text, data)
    taken_down = gone is not None or any(data.get(flag) is True for flag in ("removed", "spam"))
    taken_down = taken_down or bool(data.get(_BANNED_BY))
    hidden = taken_down and content.text not in {"", *_PLACEHOLDERS}
    told = _CATEGORY if content.kind is ItemKind.POST else _BANNED_BY
    says = taken_down or told in data or isinstance(data.get("removed"), bool)
    return Standing(
        gone=None if hidden else gone,
        hidden=hidden,
        untold=() if says else (told,),
        moderated=data.get("can_mod_post") is True,
    )


def _gone(name: str, words: str, data: Mapping[str, object]) -> Sighting | None:
    """Give who removed it, where Reddit says so: by a category, or by the placeholder it shows.

    Whoever writes `[deleted]` with their name beside it has deleted nothing.
    """
    category = text_of(data, _CATEGORY, absent="")
    shown = None if words == NOBODY != data.get("author") else _PLACEHOLDERS.get(words)
    actor = _BY_CATEGORY.get(category, Actor.UNKNOWN) if category else shown
    if actor is None:
        return None
    told = words.strip("[ ]").lower()
    source = "reddit removed_by_category" if category else f"reddit {told}"
    state = PlatformState.REPORTED_REMOVED
    return Sighting(native_id=name, state=state, actor=actor, source=source, remark=category)
