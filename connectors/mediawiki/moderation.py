"""How a wiki is moderated: who is blocked, who administers it, its filters, and its logs.

Of a whole wiki all of it; of single pages of somebody else's wiki their protections alone. A wiki
without the extension AbuseFilter answers without such a list, and refuses to be asked for its log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from archiver.records.captures import Seen
from archiver.records.items import Author
from archiver.records.standing_lists import Entry
from connectors.cutting import id_of, moment_of, object_of, optional_id, text_of
from connectors.mediawiki.api import Wiki
from connectors.mediawiki.parsing import Site
from connectors.moderating import Look, log_entry, standing_list

Row = Mapping[str, object]

_BLOCKS = {
    "list": "blocks",
    "bkprop": "id|user|userid|by|byid|timestamp|expiry|reason|range|flags|restrictions",
    "bklimit": "max",
}
_ADMINISTRATORS = {
    "list": "allusers",
    "augroup": "sysop|bureaucrat|interface-admin|suppress|checkuser",
    "auprop": "groups",
    "aulimit": "max",
}
_FILTERS = {
    "list": "abusefilters",
    "abfprop": "id|description|actions|status|private",
    "abflimit": "max",
}
_LOG = {
    "list": "logevents",
    "leprop": "ids|title|type|user|userid|timestamp|comment|details",
    "lelimit": "max",
}
_LOGS = ("block", "protect", "rights")
_LOG_OF_FILTERS = "abusefilter"


class Moderation:
    """The lists and logs of one *wiki*; of some *titles* alone, where any are given."""

    def __init__(self, wiki: Wiki, titles: Sequence[str]) -> None:
        self._wiki = wiki
        self._titles = titles
        self._filtered = False

    def looks(self, site: Site, since: datetime | None, *, at: datetime) -> Iterator[Look]:
        """Yield a look at each list as it stands *at* the wiki's own time, and each log *since*."""
        if self._titles:
            for title in self._titles:
                asked = {"letype": "protect", "letitle": title}
                log = partial(self._log, site, asked, since)
                yield Look("log of protections", log)
            return
        yield Look("blocked users", partial(self._blocked, at))
        yield Look("administrators", partial(self._administrators, at))
        filters, needs = partial(self._filters, at), "abusefilter-view"
        yield Look("filters", filters, needs=needs, name="abusefilters")
        for kind in (*_LOGS, *((_LOG_OF_FILTERS,) if self._filtered else ())):
            log = partial(self._log, site, {"letype": kind}, since)
            yield Look(f"log of the kind {kind}", log)

    def _blocked(self, at: datetime) -> Iterator[Seen]:
        """Yield who is blocked; what the wiki blocks by itself for a day is not the moderators'."""
        rows = self._rows(_BLOCKS)
        if rows is not None:
            told = [(value, raw) for value, raw in rows if value.get("automatic") is not True]
            entries = [(_block(value), raw) for value, raw in told]
            yield standing_list("blocks", "Blocked users", entries, at=at)

    def _administrators(self, at: datetime) -> Iterator[Seen]:
        rows = self._rows(_ADMINISTRATORS)
        if rows is not None:
            entries = [(_administrator(value), raw) for value, raw in rows]
            yield standing_list("administrators", "Administrators", entries, at=at)

    def _filters(self, at: datetime) -> Iterator[Seen]:
        rows = self._rows(_FILTERS)
        self._filtered = rows is not None
        if rows is not None:
            entries = [(_filter(value), raw) for value, raw in rows]
            yield standing_list("abusefilters", "Filters", entries, at=at)

    def _log(self, site: Site, asked: Mapping[str, str], since: datetime | None) -> Iterator[Seen]:
        edge = {} if since is None else {"leend": since.strftime("%Y-%m-%dT%H:%M:%SZ")}
        for value, raw in self._rows({**_LOG, **asked, **edge}) or ():
            yield _logged(value, raw, site)

    def _rows(self, asked: Mapping[str, str]) -> list[tuple[Row, bytes]] | None:
        """Give the whole list that answers *asked*; None where the wiki knows no such list."""
        name, found, known = asked["list"], list[tuple[Row, bytes]](), False
        for chunk in self._wiki.query(asked):
            known = known or name in chunk.parts
            found += [(object_of(value, "an entry"), raw) for value, raw in chunk.rows(name)]
        return found if known else None


def _block(row: Row) -> Entry:
    until, why = text_of(row, "expiry", absent=""), text_of(row, "reason", absent="")
    words = (
        f"{text_of(row, 'user', absent='')} by {text_of(row, 'by', absent='')}"
        f" on {text_of(row, 'timestamp', absent='')} until {until}"
    )
    return Entry(f"block {id_of(row.get('id'), 'a block')}", f"{words}: {why}" if why else words)


def _administrator(row: Row) -> Entry:
    groups = row.get("groups")
    told = [str(each) for each in groups] if isinstance(groups, list) else []
    held = ", ".join(sorted(set(told) - {"*", "user", "autoconfirmed"}))
    return Entry(f"user {id_of(row.get('userid'), 'a user')}", f"{text_of(row, 'name')}: {held}")


def _filter(row: Row) -> Entry:
    states = [name for name in ("enabled", "deleted", "private") if row.get(name) is True]
    actions = text_of(row, "actions", absent="").replace(",", ", ")
    parts = (text_of(row, "description", absent=""), actions, ", ".join(states))
    words = "; ".join(part for part in parts if part)
    return Entry(f"filter {id_of(row.get('id'), 'a filter')}", words)


def _logged(row: Row, raw: bytes, site: Site) -> Seen:
    """Read an entry of a log; of what the wiki hides of it, nothing is told."""
    told, title = row.get("params"), text_of(row, "title", absent="")
    params = told if isinstance(told, dict) else {}
    groups = [params.get(name) for name in ("oldgroups", "newgroups")]
    change = [", ".join(map(str, g)) or "none" for g in groups if isinstance(g, list)]
    parts = (
        text_of(params, "duration", absent=""),
        text_of(params, "description", absent=""),
        " to ".join(change),
        text_of(row, "comment", absent=""),
    )
    deed = f"{text_of(row, 'type')}/{text_of(row, 'action', absent='')} {title}".strip()
    user = text_of(row, "user", absent="")
    named = optional_id(row.get("userid")) or user
    return log_entry(
        id_of(row.get("logid"), "an entry of the log"),
        ": ".join((deed, *(part for part in parts if part))),
        raw,
        at=moment_of(row.get("timestamp")),
        by=Author(named, user, user) if user else None,
        url=site.address(title) if title else "",
    )
