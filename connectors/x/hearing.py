"""What X delivers (X Activity): posts of the account, answers to them, and what it deleted.

From X's documents ("Webhooks quickstart", "Event payloads"): the address is checked every hour by
a token that wants its HMAC back, and a delivery is signed by the same HMAC of its raw body. Whoever
could choose the token would have any body signed by us: one that could be a body is not answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from archiver.records.captures import Actor, Gap, GapReason, Known, PlatformState, Sighting
from archiver.records.deliveries import Announcement, Challenge, Delivery
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import ItemKind
from archiver.records.pages import PageSettings
from connectors.cutting import id_of, json_parts, object_of, optional_id, text_of
from connectors.webhooks import mac_in_base64, signed_in_base64
from connectors.x.parsing import Beside, Post, read_post

SOURCE = "x activity"
_SIGNATURE, _METHOD = "x-twitter-webhooks-signature", "sha256="
_TOKEN = re.compile(r"[A-Za-z0-9_+/=.-]{1,128}", re.ASCII)
_ANSWERED = "post.reply.create"
_SHOWN = frozenset({"post.create", _ANSWERED})
_DELETED, _PROFILE = "post.delete", "profile."
_MAY_BE_CUT = 240
"""How long a text may be before it may be the beginning of a longer one, of 280 characters."""

_NOT_OURS = ("post.", "like.", "follow.", "spaces.", "news.")
"""What is about the account and no part of its page, or only counted there."""


def checked(page: PageSettings, asked: Mapping[str, str]) -> Challenge | None:
    """Answer X's check of the address; nothing that could be signed as a body is answered."""
    token = asked.get("crc_token", "")
    if not _TOKEN.fullmatch(token):
        return None
    answer = {"response_token": _METHOD + mac_in_base64(page, token.encode())}
    return Challenge(json.dumps(answer), "application/json")


def proves(page: PageSettings, delivery: Delivery) -> bool:
    """Say whether the raw body was signed with the secret of the app, and is an object."""
    given = delivery.headers.get(_SIGNATURE, "")
    signature = given.removeprefix(_METHOD) if given.startswith(_METHOD) else ""
    return signed_in_base64(page, delivery.body, signature) and delivery.body[:1] == b"{"


def account_number(page: PageSettings) -> str:
    """Give the id of the account as the configuration tells it; empty where it does not."""
    told = str(page.options.get("user_id") or "")
    return told if told.isdecimal() else ""


def announced(page: PageSettings, delivery: Delivery) -> Iterator[Announcement | Gap]:
    """Give what *delivery* says of the account of *page*.

    Raises:
        AnswerUnreadable: it is not as documented.
    """
    owner = account_number(page)
    try:
        told = json.loads(delivery.body)
    except (ValueError, RecursionError):
        raise AnswerUnreadable("the delivery is not JSON") from None
    event = object_of(object_of(told, "a delivery").get("data"), "an event")
    matched = event.get("filter")
    if not isinstance(matched, dict) or optional_id(matched.get("user_id")) != owner:
        return
    kind = text_of(event, "event_type")
    if kind in _SHOWN:
        raw = json_parts(json_parts(delivery.body)["data"]).get("payload", b"")
        yield from _shown(event, raw, owner)
    elif kind == _DELETED:
        yield _deleted(object_of(event.get("payload"), "a payload"))
    elif kind.startswith(_PROFILE):
        name = f"user-{owner}"
        yield Announcement(known=_known(name, ItemKind.PROFILE))
    elif not kind.startswith(_NOT_OURS):
        yield Gap(what=f"delivered: {kind}", why=GapReason.OUT_OF_REACH)


def _shown(event: Mapping[str, object], raw: bytes, owner: str) -> Iterator[Announcement | Gap]:
    includes = event.get("includes")
    beside = Beside.read(includes if isinstance(includes, dict) else {})
    named = None
    try:
        payload = object_of(event.get("payload"), "a payload")
        named = optional_id(payload.get("id"))
        post = read_post(payload, raw, beside=beside, owner=owner)
        if event.get("event_type") == _ANSWERED:
            post = _answer(post)
    except AnswerUnreadable as error:
        what = f"delivered post {named}"
        yield Gap(what=what, why=GapReason.UNREADABLE, detail=str(error), native_id=named)
        return
    yield Announcement(
        known=_as_known(post),
        wording=_with_files(post).seen(),
        fresh=post.native_id == post.versions[0],
        whole=len(post.content.text) < _MAY_BE_CUT,
    )


def _answer(post: Post) -> Post:
    """Give *post* as what it was announced as: a direct answer to the account.

    Raises:
        AnswerUnreadable: it does not say what it answers.
    """
    if post.content.parent is None:
        raise AnswerUnreadable("an answer does not say what it answers")
    return replace(post, content=replace(post.content, kind=ItemKind.COMMENT))


def _deleted(payload: Mapping[str, object]) -> Announcement:
    """Give that the account deleted its post: X delivers this where its own user did so."""
    name = id_of(payload.get("id"), "a post")
    sighting = Sighting(
        native_id=name,
        state=PlatformState.REPORTED_REMOVED,
        actor=Actor.AUTHOR,
        source=SOURCE,
    )
    return Announcement(known=_known(name, ItemKind.POST), sighting=sighting, final=True)


def _with_files(post: Post) -> Post:
    """Give *post* with those of its files that the delivery has an address of."""
    files = tuple(file for file in post.content.attachments if file.url)
    return replace(post, content=replace(post.content, attachments=files))


def _as_known(post: Post) -> Known:
    content = post.content
    return Known(
        native_id=content.native_id,
        kind=content.kind,
        parent=content.parent,
        thread=content.thread,
        permalink=content.permalink,
    )


def _known(native_id: str, kind: ItemKind) -> Known:
    return Known(native_id=native_id, kind=kind, parent=None, thread=None, permalink="")
