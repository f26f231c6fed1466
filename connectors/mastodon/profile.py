"""What the account says of itself, and which of its statuses it has pinned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from archiver.records.captures import Gap, GapReason, Observation, Seen
from archiver.records.errors import AnswerUnreadable, ConnectorError
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import (
    count_of,
    fediverse_links,
    id_of,
    json_list,
    moment_of,
    object_of,
    text_of,
    visible_text,
)
from connectors.fetching import Answer
from connectors.mastodon.asking import Server
from connectors.mastodon.parsing import JSON

_COUNTS = ("followers", "following", "statuses")
_PICTURES = {"avatar": "picture", "header": "banner"}


def profile_of(account: Answer, server: Server) -> Iterator[Seen]:
    """Yield the profile that *account* answers with, as an item of its own, or a gap.

    The pinned statuses are no part of that answer: the *server* is asked for them.
    """
    try:
        entity = object_of(account.json(), "an account")
        path = f"v1/accounts/{quote(id_of(entity.get('id'), 'an account'), safe='')}/statuses"
        pinned = server.ask(path, {"pinned": "true"})
        pinned.json()
        pins = [_address(status) for status, _ in json_list(pinned.body)]
        yield read_profile(entity, account.body, pins)
    except ConnectorError as error:
        why, detail = GapReason(error.gap), str(error)
        yield Gap(what="the account's profile", why=why, detail=detail)


def read_profile(account: Mapping[str, object], raw: bytes, pins: list[str]) -> Observation:
    """Read an Account entity as the page's own profile; *pins* are the addresses it has pinned.

    Raises:
        AnswerUnreadable: it is no Account as documented.
    """
    native_id = id_of(account.get("id"), "an account")
    name, handle = text_of(account, "display_name", absent=""), text_of(account, "acct", absent="")
    note, address = text_of(account, "note", absent=""), text_of(account, "url", absent="")
    fields = list(_fields(account.get("fields")))
    said = [visible_text(note), *(f"{label}: {visible_text(html)}" for label, html in fields)]
    linked = [
        link for html in (note, *(html for _, html in fields)) for link in fediverse_links(html)
    ]
    content = Content(
        native_id=f"account-{native_id}",
        kind=ItemKind.PROFILE,
        title=name or handle,
        text="\n".join(line for line in said if line),
        published_at=moment_of(account.get("created_at")),
        author=Author(native_id, name, handle, address),
        permalink=address,
        attachments=tuple(
            Attachment(key=url, url=url, name=what)
            for field, what in _PICTURES.items()
            if (url := text_of(account, field, absent=""))
        ),
        links=tuple(dict.fromkeys((*linked, *pins))),
        raw=RawFragment(JSON, raw),
    )
    counts = {name: count_of(account.get(f"{name}_count")) for name in _COUNTS}
    return Observation(
        content=content, engagement={n: count for n, count in counts.items() if count is not None}
    )


def _fields(value: object) -> Iterator[tuple[str, str]]:
    """Give the label and the value (HTML) of each line of the profile's table."""
    for each in value if isinstance(value, list) else ():
        told = object_of(each, "a field of a profile")
        yield text_of(told, "name", absent=""), text_of(told, "value", absent="")


def _address(value: object) -> str:
    status = object_of(value, "a status")
    address = text_of(status, "url", absent="") or text_of(status, "uri", absent="")
    if not address:
        raise AnswerUnreadable("a pinned status has no address")
    return address
