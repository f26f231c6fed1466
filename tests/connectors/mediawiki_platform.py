"""A wiki behind the Action API of MediaWiki 1.39, as "API:Query", "API:Continue", "API:Errors",
"API:Revisions", "API:Recentchanges" and "API:Logevents" describe it, and as a real one answered.

Errors come under 200; what is missing is told in its place; a deletion stands in a public log,
unless it was suppressed; a slice names the place at which it goes on; a batch may come in pieces.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from archiver.records.pages import PageSettings
from connectors.mediawiki import CONNECTOR
from tests.connectors.platforms import FIRST_MOMENT, SECRET, Asked, Platform, Reply, Told

Entity = dict[str, object]
Query = Mapping[str, str]
SPACES = {0: "", 1: "Talk", 2: "User", 3: "User talk", 6: "File"}


def stamped(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(kw_only=True)
class Saved:
    """One revision."""

    id: int
    text: str
    at: datetime
    user: str = "Archivist"
    comment: str = ""
    minor: bool = False
    hidden: bool = False


@dataclass(kw_only=True)
class Leaf:
    """One page; *space* is the number of its namespace."""

    id: int
    title: str
    space: int = 0
    revisions: list[Saved] = field(default_factory=list)

    @property
    def newest(self) -> Saved:
        return self.revisions[-1]


class Refused:
    """An error, which comes under 200."""

    def __init__(self, code: str, headers: Mapping[str, str] | None = None) -> None:
        told = {"error": {"code": code, "info": "in words", "docref": ""}}
        self.reply = Reply.json(told, **dict(headers or {}), mediawiki_api_error=code)


@dataclass(kw_only=True)
class WikiServer:
    """One wiki. *broken_batches* lets the revisions of a batch come in a second piece."""

    host: str = "http://wiki.example"
    token: str = ""
    closed: bool = False
    slice: int = 500
    now: datetime = FIRST_MOMENT
    broken_batches: bool = False
    leaves: dict[int, Leaf] = field(default_factory=dict)
    log: list[Entity] = field(default_factory=list)
    blocks: list[Entity] = field(default_factory=list)
    users: list[Entity] = field(default_factory=list)
    filters: list[Entity] | None = None
    refuse: Callable[[Query], Refused | None] = lambda _query: None
    asked: list[dict[str, str]] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)
    saved: int = 0

    # --- what people do -------------------------------------------------------------------------

    def save(
        self, title: str, text: str, *, at: datetime | None = None, page: int = 0, **more: object
    ) -> Leaf:
        self.saved += 1
        space = next((n for n, name in SPACES.items() if name and title.startswith(f"{name}:")), 0)
        leaf = self.find(title)
        if leaf is None:
            number = page or 1 + max(self.leaves, default=0)
            leaf = self.leaves[number] = Leaf(id=number, title=title, space=space)
        made = Saved(id=self.saved, text=text, at=at or self.now, **more)  # type: ignore[arg-type] # a test's own fields
        leaf.revisions.append(made)
        leaf.revisions.sort(key=lambda each: (each.at, each.id))
        return leaf

    def find(self, title: str) -> Leaf | None:
        return next((leaf for leaf in self.leaves.values() if leaf.title == title), None)

    def erase(self, title: str, *, by: str = "Archivist", why: str = "", **more: object) -> Leaf:
        """Delete a page; *suppressed* keeps it out of the public log."""
        leaf = self.find(title)
        assert leaf is not None
        del self.leaves[leaf.id]
        if not more.get("suppressed"):
            self._enter(leaf, "delete", by, why)
        return leaf

    def restore(self, leaf: Leaf) -> None:
        self.leaves[leaf.id] = leaf
        self._enter(leaf, "restore", "Archivist", "")

    def record(self, kind: str, action: str, title: str, *, by: str, **more: object) -> None:
        """Enter in the log what was done to a user or a page; *more* are fields of the entry."""
        entry: Entity = {
            "logid": len(self.log) + 1, "ns": 2, "title": title, "pageid": 0, "logpage": 0,
            "params": {}, "type": kind, "action": action, "user": by, "userid": 1,
            "timestamp": stamped(self.now), "comment": "",
        }  # fmt: skip
        self.log.append(entry | more)

    def _enter(self, leaf: Leaf, action: str, by: str, why: str) -> None:
        entry: Entity = {
            "logid": len(self.log) + 1, "ns": leaf.space, "title": leaf.title, "pageid": 0,
            "logpage": leaf.id, "params": {}, "type": "delete", "action": action, "user": by,
            "timestamp": stamped(self.now), "comment": why,
        }  # fmt: skip
        self.log.append(entry)

    # --- what the API answers -------------------------------------------------------------------

    def respond(self, path: str, query: Query, headers: Mapping[str, str]) -> Reply:
        if path == "/index.php":
            return Reply(404, b"<html>no such file</html>")
        self.asked.append(dict(query))
        refused = self.refuse(query) or self._admitted(query, headers.get("authorization", ""))
        if self.filters is None and query.get("letype") == "abusefilter":
            refused = Refused("badvalue")
        return refused.reply if refused else Reply.json(self._answer(query))

    def _admitted(self, query: Query, given: str) -> Refused | None:
        if given and given != f"Bearer {self.token}":
            return Refused("mwoauth-invalid-authorization")
        if query.get("assert") == "user" and not given:
            return Refused("assertuserfailed")
        return Refused("readapidenied") if self.closed and not given else None

    def _answer(self, query: Query) -> Entity:
        assert (query["action"], query["formatversion"]) == ("query", "2")
        if query.get("meta") == "siteinfo":
            return {"batchcomplete": True, "query": self._site()}
        if query.get("list"):
            return self._list(query)
        if query.get("rvlimit"):
            return self._history(query)
        return self._pages(query)

    def _list(self, query: Query) -> Entity:
        rows: dict[str, tuple[str, Callable[[], list[Entity] | None]]] = {
            "blocks": ("bk", lambda: self.blocks),
            "allusers": ("au", lambda: self.users),
            "abusefilters": ("abf", lambda: self.filters),
            "recentchanges": ("rc", lambda: self._changes(query)),
            "logevents": ("le", lambda: self._entries(query)),
        }
        short, given = rows[query["list"]]
        if (found := given()) is None:
            warning = {"main": {"warnings": 'Unrecognized value for parameter "list"'}}
            return {"batchcomplete": True, "warnings": warning}
        return self._listed(query, query["list"], short, found)

    def _site(self) -> Entity:
        return {
            "general": {
                "sitename": "Example Police", "base": f"{self.host}/index.php/Main_Page",
                "generator": "MediaWiki 1.39.17", "lang": "en", "articlepath": "/index.php/$1",
                "script": "/index.php", "server": self.host, "time": stamped(self.now),
            },
            "namespaces": {
                str(n): {"id": n, "name": name, "canonical": name} for n, name in SPACES.items()
            },
            "rightsinfo": {"url": "https://terms.example", "text": "Public domain"},
        }  # fmt: skip

    def _pages(self, query: Query) -> Entity:
        onward: Entity = {}
        if query.get("generator") == "allpages":
            space = int(query["gapnamespace"])
            found = sorted((x for x in self.leaves.values() if x.space == space), key=_title)
            found = [leaf for leaf in found if leaf.title >= query.get("gapcontinue", "")]
            if found[self.slice :]:
                onward = {"gapcontinue": found[self.slice].title, "continue": "gapcontinue||"}
            rows = [self._page(leaf, query) for leaf in found[: self.slice]]
        elif "pageids" in query:
            named = [int(name) for name in query["pageids"].split("|")]
            assert len(named) <= 50
            rows = [
                self._page(self.leaves[n], query) if n in self.leaves
                else {"pageid": n, "missing": True}
                for n in named
            ]  # fmt: skip
        else:
            rows = [self._titled(title, query) for title in query["titles"].split("|")]
        if self.broken_batches and "rvcontinue" not in query and len(rows) > 1:
            bare = [{k: v for k, v in row.items() if k != "revisions"} for row in rows[1:]]
            place = dict(query) | {"rvcontinue": "2"}
            told = {k: v for k, v in place.items() if k in {"gapcontinue", "rvcontinue"}}
            return {
                "continue": told | {"continue": "||info"},
                "query": {"pages": [rows[0], *bare]},
            }
        answer: Entity = {"batchcomplete": True}
        if onward:
            answer["continue"] = onward
        return answer | ({"query": {"pages": rows}} if rows else {})

    def _titled(self, title: str, query: Query) -> Entity:
        leaf = self.find(title)
        talk = {"associatedpage": f"Talk:{title}"} if "associatedpage" in query["inprop"] else {}
        if leaf is None:
            return {"ns": 0, "title": title, "missing": True} | talk
        return self._page(leaf, query) | talk

    def _page(self, leaf: Leaf, query: Query) -> Entity:
        page: Entity = {"pageid": leaf.id, "ns": leaf.space, "title": leaf.title}
        subject = self.find(leaf.title.partition(":")[2]) if leaf.space % 2 else None
        if "subjectid" in query.get("inprop", "") and subject is not None:
            page["subjectid"] = subject.id
        return page | {
            "lastrevid": leaf.newest.id,
            "revisions": [self._revision(leaf, leaf.newest, query["rvprop"].split("|"))],
        }

    def _revision(self, leaf: Leaf, saved: Saved, wanted: list[str]) -> Entity:
        place = leaf.revisions.index(saved)
        parent = leaf.revisions[place - 1].id if place else 0
        told: Entity = {"revid": saved.id, "parentid": parent, "timestamp": stamped(saved.at)}
        if "content" not in wanted:
            return told
        account = 1 if saved.user == "Archivist" else 0
        main: Entity = {"contentmodel": "wikitext", "contentformat": "text/x-wiki"}
        main |= {"texthidden": True} if saved.hidden else {"content": saved.text}
        anonymous = {} if account else {"anon": True}
        return told | anonymous | {
            "minor": saved.minor, "user": saved.user, "userid": account, "tags": [],
            "size": len(saved.text), "sha1": hashlib.sha1(saved.text.encode()).hexdigest(),  # noqa: S324 - what MediaWiki tells
            "slots": {"main": main}, "comment": saved.comment,
        }  # fmt: skip

    def _history(self, query: Query) -> Entity:
        leaf = self.leaves.get(int(query["pageids"]))
        if leaf is None:
            missing = {"pageid": int(query["pageids"]), "missing": True}
            return {"batchcomplete": True, "query": {"pages": [missing]}}
        assert query["rvdir"] == "newer"
        found = [r for r in leaf.revisions if stamped(r.at) >= query.get("rvstart", "")]
        if start := query.get("rvstartid"):
            found = [r for r in leaf.revisions if r.id >= int(start)]
        if place := query.get("rvcontinue"):
            at, _, number = place.partition("|")
            found = [r for r in found if (stamped(r.at), r.id) >= (at, int(number))]
        size = min(50, self.slice)
        page: Entity = {"pageid": leaf.id, "ns": leaf.space, "title": leaf.title}
        if given := found[:size]:
            wanted = query["rvprop"].split("|")
            page["revisions"] = [self._revision(leaf, r, wanted) for r in given]
        answer: Entity = {"query": {"pages": [page]}}
        if found[size:]:
            onward = f"{stamped(found[size].at)}|{found[size].id}"
            answer["continue"] = {"rvcontinue": onward, "continue": "||"}
        else:
            answer["batchcomplete"] = True
        return answer

    def _changes(self, query: Query) -> list[Entity]:
        spaces = set(map(int, query["rcnamespace"].split("|")))
        found = [
            {"type": "edit", "ns": leaf.space, "title": leaf.title, "pageid": leaf.id,
             "revid": saved.id, "timestamp": stamped(saved.at)}
            for leaf in self.leaves.values()
            for saved in leaf.revisions
            if leaf.space in spaces and stamped(saved.at) >= query["rcend"]
        ]  # fmt: skip
        return sorted(found, key=lambda each: str(each["timestamp"]), reverse=True)

    def _entries(self, query: Query) -> list[Entity]:
        found = [e for e in self.log if str(e["timestamp"]) >= query.get("leend", "")]
        found = [entry for entry in found if entry["type"] == query["letype"]]
        if title := query.get("letitle"):
            found = [entry for entry in found if entry["title"] == title]
        return found[::-1]

    def _listed(self, query: Query, name: str, short: str, rows: list[Entity]) -> Entity:
        start = int(query.get(f"{short}continue", "0"))
        answer: Entity = {"query": {name: rows[start : start + self.slice]}}
        if rows[start + self.slice :]:
            onward = {f"{short}continue": str(start + self.slice), "continue": "-||"}
            return answer | {"continue": onward}
        return answer | {"batchcomplete": True}


def _title(leaf: Leaf) -> str:
    return leaf.title


class MediaWikiPlatform(Platform):
    """The same wiki on a loopback socket, for the suite that every connector passes.

    What is removed here was suppressed: the public log does not tell of it.
    """

    connector = CONNECTOR
    shows_comments = False

    def page(self) -> PageSettings:
        return PageSettings(
            name="wiki", connector="mediawiki", platform="mediawiki", url=self.url, secret=SECRET
        )

    def respond(self, asked: Asked) -> Reply:
        if asked.query.get("title", "").startswith("Special:Redirect/file/"):
            name = asked.query["title"].rpartition("/")[2]
            return Reply(302, b"", {"location": f"{self.url}/media/{name}"})
        server = WikiServer(host=self.url, token=SECRET, closed=True, slice=self.slice_size)
        server.now = self.now
        for told in self.told.values():
            if told.on is None:
                self._show(server, told)
        return server.respond(asked.path, asked.query, asked.headers)

    def _show(self, server: WikiServer, told: Told) -> None:
        for place, (text, at) in enumerate(self.said(told)):
            server.saved = told.number + 1000 * place - 1
            file = f"[[File:{told.number}.png]]" if told.picture else ""
            server.save(f"Page {told.number:06}", text + file, at=at, page=told.number)
