"""How a page is moderated: whom an account blocks; a community's bans, rules, settings and log.

Reddit shows these to the account whose token it is: its own block list, and what the communities
show that it moderates. So it is asked first who that is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial

from archiver.records.captures import Seen
from archiver.records.errors import AnswerUnreadable, PermissionLost
from archiver.records.exchanges import cut_from
from archiver.records.identity import sha256
from archiver.records.items import Author
from archiver.records.standing_lists import Entry
from connectors.cutting import count_of, id_of, json_member, json_members, object_of, text_of
from connectors.fetching import Answer
from connectors.moderating import (
    Look,
    answered_at,
    log_entry,
    standing_list,
    standing_whole,
)
from connectors.reddit.parsing import SITE, after, epoch, listing

Ask = Callable[..., Answer]
_NOT_FOUND = 404
_AT_ONCE = "500"
_USERS = {
    "banned": "Banned accounts",
    "muted": "Muted accounts",
    "contributors": "Approved accounts",
}
_RULES_END = re.compile(r"^---.*$", re.MULTILINE)
_OTHERS_WORDS = frozenset({"target_body", "target_title"})


class Moderation:
    """The lists and the log of one *place*: `user/NAME` or `r/NAME`."""

    def __init__(self, ask: Ask, place: str) -> None:
        self._ask = ask
        self._place = place
        self._names: set[str] = set()
        self._ours = False

    def looks(self, since: datetime | None) -> Iterator[Look]:
        """Yield a look at every list there is, and at what was logged from *since* on."""
        if not self._place.startswith("r/"):
            needs = "the account's own token, with the scope read"
            yield Look("blocked accounts", self._blocked, needs=needs, name="blocked")
            return
        yield Look("moderators", self._moderators)
        yield Look("rules", self._rules)
        yield Look("bans and log", self._is_ours, needs="a moderator's token", name="banned")
        if not self._ours:
            return
        for where, title in _USERS.items():
            brings = partial(self._users, f"{self._place}/about/{where}", where, title)
            yield Look(title.lower(), brings, needs="a moderator's token", name=where)
        needs = "the scope modconfig"
        yield Look("settings", self._settings, needs=needs, name="settings")
        needs = "the scope wikiread"
        yield Look("automoderator", self._automod, needs=needs, name="automoderator")
        yield Look("log", partial(self._log, since), needs="the scope modlog")

    def _whose(self) -> str:
        told = object_of(self._ask("api/v1/me").json(), "an account")
        return text_of(told, "name").lower()

    def _blocked(self) -> Iterator[Seen]:
        if self._whose() != self._place.partition("/")[2].lower():
            raise PermissionLost("the token is another account's, whose block list is its own")
        yield from self._users("prefs/blocked", "blocked", "Blocked accounts")

    def _moderators(self) -> Iterator[Seen]:
        answer = self._ask(f"{self._place}/about/moderators")
        answer.json()
        rows = [(_moderator(value), raw) for value, raw in listing(answer.body)]
        at = answered_at(answer.headers)
        self._names = {entry.words.partition(":")[0].lower() for entry, _ in rows}
        yield standing_list("moderators", "Moderators", rows, at=at)

    def _is_ours(self) -> Iterator[Seen]:
        if f"u/{self._whose()}" not in self._names:
            raise PermissionLost("the token is of no moderator of this community")
        self._ours = True
        yield from ()

    def _users(self, path: str, name: str, title: str) -> Iterator[Seen]:
        rows: list[tuple[Entry, bytes]] = []
        at: datetime | None = None
        for answer, slice_ in self._slices(path):
            at = at or answered_at(answer.headers)
            rows += [(_user(value), raw) for value, raw in slice_]
        if at is not None:
            yield standing_list(name, title, rows, at=at)

    def _rules(self) -> Iterator[Seen]:
        answer = self._ask(f"{self._place}/about/rules")
        answer.json()
        rows = [(_rule(value), raw) for value, raw in json_member(answer.body, "rules")]
        yield standing_list("rules", "Rules", rows, at=answered_at(answer.headers))

    def _settings(self) -> Iterator[Seen]:
        answer = self._ask(f"{self._place}/about/edit")
        told = object_of(object_of(answer.json(), "settings").get("data"), "settings")
        entries = [
            Entry(name, json.dumps(value, ensure_ascii=False))
            for name, value in told.items()
            if isinstance(value, str | int | float | None)
        ]
        at = answered_at(answer.headers)
        yield standing_whole("settings", "Settings", entries, answer.body, at=at)

    def _automod(self) -> Iterator[Seen]:
        answer = self._ask(f"{self._place}/wiki/config/automoderator", accept=(200, _NOT_FOUND))
        if answer.status == _NOT_FOUND:
            return
        page = object_of(object_of(answer.json(), "a wiki page").get("data"), "a wiki page")
        rules = _RULES_END.split(text_of(page, "content_md"))
        entries = [Entry(sha256(rule.encode())[:12], rule) for rule in rules if rule.strip()]
        at = answered_at(answer.headers)
        yield standing_whole("automoderator", "AutoModerator", entries, answer.body, at=at)

    def _log(self, since: datetime | None) -> Iterator[Seen]:
        for _, entries in self._slices(f"{self._place}/about/log"):
            told = [(_data(value), raw) for value, raw in entries]
            yield from (_logged(data, raw) for data, raw in told)
            oldest = min((epoch(data.get("created_utc")) for data, _ in told), default=None)
            if since is not None and oldest is not None and oldest < since:
                return

    def _slices(self, path: str) -> Iterator[tuple[Answer, list[tuple[object, bytes]]]]:
        """Give each slice of a list: Reddit names where the next begins, and nothing at the end."""
        place, been = "", set[str]()
        while True:
            answer = self._ask(path, {"limit": _AT_ONCE} | ({"after": place} if place else {}))
            value = answer.json()
            yield answer, listing(answer.body)
            place = after(value)
            if not place:
                return
            if place in been:
                raise AnswerUnreadable(f"{answer.url}: the slices go in a circle")
            been.add(place)


def _data(value: object) -> Mapping[str, object]:
    return object_of(object_of(value, "an entry of the log").get("data"), "an entry of the log")


def _user(value: object) -> Entry:
    """Read one account of a list; how many days are left changes daily, and is left out."""
    told = object_of(value, "an account")
    until = " for a time" if count_of(told.get("days_left")) is not None else ""
    note = text_of(told, "note", absent="")
    words = f"u/{text_of(told, 'name')}{until}" + (f": {note}" if note else "")
    return Entry(id_of(told.get("id"), "an account"), words)


def _moderator(value: object) -> Entry:
    told = object_of(value, "a moderator")
    rights = told.get("mod_permissions")
    may = ", ".join(sorted(map(str, rights))) if isinstance(rights, list) else ""
    return Entry(id_of(told.get("id"), "a moderator"), f"u/{text_of(told, 'name')}: may {may}")


def _rule(value: object) -> Entry:
    told = object_of(value, "a rule")
    words = (text_of(told, name, absent="") for name in ("description", "violation_reason", "kind"))
    return Entry(text_of(told, "short_name"), "; ".join(word for word in words if word))


def _logged(data: Mapping[str, object], raw: bytes) -> Seen:
    by, target = text_of(data, "mod", absent=""), text_of(data, "target_author", absent="")
    said = [text_of(data, name, absent="") for name in ("details", "description")]
    place = text_of(data, "target_fullname", absent="")
    what = " ".join(
        part for part in (text_of(data, "action"), f"u/{target}" if target else "", place) if part
    )
    link = text_of(data, "target_permalink", absent="")
    return log_entry(
        id_of(data.get("id"), "an entry of the log"),
        ": ".join((what, *dict.fromkeys(word for word in said if word))),
        _without_others(raw),
        at=epoch(data.get("created_utc")),
        by=Author(f"t2_{name}" if (name := text_of(data, "mod_id36", absent="")) else "", by, by),
        url=f"{SITE}{link}" if link else "",
    )


def _without_others(raw: bytes) -> bytes:
    """Give an entry of the log with the words of what it is about, an item of its own, left out.

    All other bytes are those of the answer.
    """
    text = raw.decode()
    pieces, at = [], 0
    for key, begin, _ in json_members(text):
        if key == "data" and text[begin] == "{":
            for name, inner, end in json_members(text, begin):
                if name in _OTHERS_WORDS and text[inner] == '"':
                    pieces += [text[at:inner], "null"]
                    at = end
    return cut_from(raw, "".join((*pieces, text[at:])).encode())
