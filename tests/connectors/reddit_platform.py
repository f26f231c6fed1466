"""Reddit's API as its documentation describes it, small enough to be read in one sitting.

It holds one account's submissions and the public's comments; a tree is shown cut short, with stubs
for what was left out, and what was deleted or removed keeps its place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from archiver.records.pages import PageSettings
from connectors.reddit import API, CONNECTOR
from tests.connectors.platforms import SECRET, Asked, Platform, Reply, Told

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
REACH = 1_000
JSON = {"content-type": "application/json; charset=UTF-8"}


@dataclass(kw_only=True)
class Thing:
    """A submission (`t3_…`) or a comment (`t1_…`)."""

    name: str
    text: str
    at: datetime
    parent: str = ""
    link: str = ""
    author: str = "neighbor"
    edited: datetime | None = None
    removed_by: str = ""
    picture: str = ""
    withheld: int = 0
    banned_by: str | None = None


@dataclass
class RedditServer:
    """One account `u/police`; a tree shows *breadth* answers to each and is *depth* deep.

    What the token *oversees* as a moderator is shown with what moderators did. *withdrawn* are
    fields that answers lack, or `NAME.field` for those of one thing.

    Where the thing a list should go on after was deleted, the list *restarts*, or shows nothing.
    """

    token: str = SECRET
    slice: int = 100
    breadth: int = 4
    depth: int = 3
    suspended: bool = False
    restarts: bool = False
    oversees: bool = False
    withdrawn: frozenset[str] = frozenset()
    host: str = API
    whose: str = "police"
    moderates: bool = True
    scopes: frozenset[str] = frozenset({"modlog", "modconfig", "wikiread"})
    users: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    rules: list[dict[str, object]] = field(default_factory=list)
    settings: dict[str, object] = field(default_factory=dict)
    automod: str | None = None
    log: list[dict[str, object]] = field(default_factory=list)
    things: dict[str, Thing] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    fail: Callable[[str, Mapping[str, str]], Reply | None] = lambda _path, _params: None

    # --- what people do -----------------------------------------------------------------------

    def submit(self, text: str, *, at: datetime | None = None, **more) -> str:
        name = more.pop("name", f"t3_{len(self.things) + 1:x}")
        when = at or NOON + timedelta(minutes=len(self.things))
        self.things[name] = Thing(name=name, text=text, at=when, author="police", **more)
        return name

    def comment(self, on: str, text: str, *, at: datetime | None = None, **more) -> str:
        name = more.pop("name", f"t1_{len(self.things) + 1:x}")
        when = at or NOON + timedelta(minutes=len(self.things))
        link = self.things[on].link or on
        self.things[name] = Thing(name=name, text=text, at=when, parent=on, link=link, **more)
        return name

    def delete(self, name: str) -> None:
        """Let its author delete *name*; a comment keeps its place."""
        self.things[name].text, self.things[name].author = "[deleted]", "[deleted]"
        self.things[name].removed_by = "deleted" if name.startswith("t3_") else ""

    def moderate(self, name: str, *, by: str = "moderator") -> None:
        self.things[name].text = "[removed]"
        self.things[name].removed_by = by if name.startswith("t3_") else ""

    # --- what the API answers -----------------------------------------------------------------

    def respond(self, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        self.asked.append((path, dict(params)))
        self.tokens.add(headers.get("authorization", ""))
        if (misbehaved := self.fail(path, params)) is not None:
            return misbehaved
        if headers.get("authorization") != f"Bearer {self.token}":
            return Reply(401, b'{"error": 401}', JSON)
        parts = path.strip("/").split("/")
        if (answer := self._moderation(path.strip("/"), params)) is not None:
            return answer
        told: dict[str, Callable[[], object]] = {
            "user/police/about": self._account,
            "user/police/submitted": lambda: self._submitted(params),
            "r/indio/about": self._community,
            "r/indio/new": lambda: self._submitted(params),
            "api/morechildren": lambda: self._more(params),
            "api/info": lambda: self._info(params),
        }
        if parts[0] == "comments":
            return self._json(self._tree(parts))
        if answer := told.get("/".join(parts)):
            return self._json(answer())
        return Reply(404, b'{"error": 404}', JSON)

    def _moderation(self, path: str, params: Mapping[str, str]) -> Reply | None:
        """Answer as "about/where", "prefs/where", "about/log", "about/edit" and "wiki" describe it.

        Bans and the log are for moderators; a scope that was not granted is refused as well.
        """
        if path == "api/v1/me":
            return self._json({"name": self.whose, "id": "abc12"})
        if path == "prefs/blocked":
            return self._json(self._userlist("blocked"))
        place, _, where = path.partition("r/indio/")
        shown: dict[str, object] = {
            "about/rules": {"rules": self.rules, "site_rules": ["Spam"]},
            "about/moderators": self._userlist("moderators"),
        }
        if not place and where in shown:
            return self._json(shown[where])
        needs = {
            "about/log": "modlog", "about/edit": "modconfig", "about/banned": "", "about/muted": "",
            "about/contributors": "", "wiki/config/automoderator": "wikiread",
        }  # fmt: skip
        if place or where not in needs:
            return None
        if not self.moderates or needs[where] not in {"", *self.scopes}:
            return Reply(403, b'{"message": "Forbidden", "error": 403}', JSON)
        return self._to_moderators(where, params)

    def _to_moderators(self, where: str, params: Mapping[str, str]) -> Reply:
        if where == "about/edit":
            return self._json({"kind": "subreddit_settings", "data": self.settings})
        if where.startswith("wiki"):
            page = {"kind": "wikipage", "data": {"content_md": self.automod, "may_revise": True}}
            return Reply(404, b"{}", JSON) if self.automod is None else self._json(page)
        users = self.users.get(where.removeprefix("about/"), [])
        rows = self.log if where == "about/log" else users
        start = int(params.get("after", "rb_0").partition("_")[2])
        end = start + min(int(params["limit"]), 500, self.slice)
        onward = f"rb_{end}" if end < len(rows) else None
        return self._json(self._listing(rows[start:end], onward))

    def _userlist(self, name: str) -> dict[str, object]:
        return {"kind": "UserList", "data": {"children": self.users.get(name, [])}}

    def _account(self) -> dict[str, object]:
        if self.suspended:
            return {"kind": "t2", "data": {"name": "police", "is_suspended": True}}
        about = {"title": "Indio Police", "public_description": "We keep the peace.",
                 "url": "/user/police/", "icon_img": "", "banner_img": ""}  # fmt: skip
        data = {"id": "abc12", "name": "police", "created_utc": 1_300_000_000.0, "subreddit": about}
        return {"kind": "t2", "data": data}

    def _community(self) -> dict[str, object]:
        data = {"id": "2qh1", "display_name": "indio", "title": "Indio", "url": "/r/indio/",
                "public_description": "Our city.", "description": "Be kind.",
                "created_utc": 1_200_000_000.0}  # fmt: skip
        return {"kind": "t5", "data": data}

    def _submitted(self, params: Mapping[str, str]) -> dict[str, object]:
        own = [t for t in self.things.values() if not t.parent and t.removed_by != "deleted"]
        own.sort(key=lambda t: (t.at, len(t.name), t.name), reverse=True)
        names = [thing.name for thing in own[:REACH]]
        behind = params.get("after", "")
        if behind and behind not in names and not self.restarts:
            return self._listing([])
        start = names.index(behind) + 1 if behind in names else 0
        end = start + min(int(params["limit"]), self.slice)
        more = names[end - 1] if end < len(names) else None
        return self._listing([self._thing(self.things[n]) for n in names[start:end]], more)

    def _tree(self, parts: list[str]) -> list[object]:
        submission = self.things[f"t3_{parts[1]}"]
        under = f"t1_{parts[3]}" if len(parts) > 3 else ""
        below = [self._comment(self.things[under], 1)] if under else None
        shown = below or self._below(submission.name, 1)
        return [self._listing([self._thing(submission)]), self._listing(shown)]

    def _below(self, name: str, depth: int) -> list[dict[str, object]]:
        """Give the answers to *name*: some of them, and a stub for the rest."""
        answers = sorted(
            (t for t in self.things.values() if t.parent == name),
            key=lambda t: (t.at, t.name), reverse=True,
        )  # fmt: skip
        if not answers:
            return []
        if depth > self.depth:
            return [self._stub(name, [])]
        shown = [self._comment(answer, depth) for answer in answers[: self.breadth]]
        rest = [answer.name[3:] for answer in answers[self.breadth :]]
        return [*shown, self._stub(name, rest)] if rest else shown

    def _comment(self, thing: Thing, depth: int) -> dict[str, object]:
        told = self._thing(thing)
        below = self._below(thing.name, depth + 1)
        told["data"] |= {"replies": self._listing(below) if below else ""}
        return told

    def _stub(self, parent: str, children: list[str]) -> dict[str, object]:
        first = children[0] if children else "_"
        data = {"count": len(children), "name": f"t1_{first}", "id": first, "parent_id": parent,
                "children": children}  # fmt: skip
        return {"kind": "more", "data": data}

    def _more(self, params: Mapping[str, str]) -> dict[str, object]:
        names = params["children"].split(",")
        found = [self.things[f"t1_{name}"] for name in names if f"t1_{name}" in self.things]
        things: list[dict[str, object]] = []
        for thing in found[:100]:
            things.append(self._thing(thing) | {})
            things[-1]["data"] |= {"replies": ""}
            things += self._below(thing.name, self.depth + 1)
        return {"json": {"errors": [], "data": {"things": things}}}

    def _info(self, params: Mapping[str, str]) -> dict[str, object]:
        names = params["id"].split(",")[:100]
        return self._listing([self._thing(self.things[n]) for n in names if n in self.things])

    def _listing(
        self, children: list[dict[str, object]], after: str | None = None
    ) -> dict[str, object]:
        return {"kind": "Listing", "data": {"after": after, "before": None, "children": children}}

    def _thing(self, thing: Thing) -> dict[str, dict[str, object]]:
        data: dict[str, object] = {
            "id": thing.name[3:], "name": thing.name, "author": thing.author, "score": 3,
            "created_utc": thing.at.timestamp(), "locked": False,
            "edited": thing.edited.timestamp() if thing.edited else False,
            "can_mod_post": self.oversees, "banned_by": thing.banned_by if self.oversees else None,
        }  # fmt: skip
        if self.oversees:
            data |= {"removed": thing.banned_by is not None, "spam": False}
        data |= self._words(thing)
        lacks = {name for name in data if {name, f"{thing.name}.{name}"} & self.withdrawn}
        told = {name: value for name, value in data.items() if name not in lacks}
        return {"kind": "t1" if thing.parent else "t3", "data": told}

    def _words(self, thing: Thing) -> dict[str, object]:
        if thing.parent:
            link = f"/r/indio/comments/{thing.link[3:]}/notice/{thing.name[3:]}/"
            return {"body": thing.text, "parent_id": thing.parent, "link_id": thing.link,
                    "permalink": link}  # fmt: skip
        link = f"/r/indio/comments/{thing.name[3:]}/notice/"
        data: dict[str, object] = {
            "title": "Notice", "selftext": thing.text, "permalink": link,
            "url": thing.picture or f"https://www.reddit.com{link}", "stickied": False,
            "removed_by_category": thing.removed_by or None,
            "num_comments": thing.withheld
            + sum(t.link == thing.name for t in self.things.values()),
        }  # fmt: skip
        if thing.picture:
            data["post_hint"] = "image"
        return data

    def _json(self, value: object) -> Reply:
        rate = {
            "x-ratelimit-used": "12", "x-ratelimit-remaining": "988.0", "x-ratelimit-reset": "300",
        }  # fmt: skip
        return Reply(200, json.dumps(value).encode(), JSON | rate)


class RedditPlatform(Platform):
    """The same API on a loopback socket, for the suite that every connector passes."""

    connector = CONNECTOR
    shows_comments = True
    hides_comments = True
    hides_words = True

    def page(self) -> PageSettings:
        return PageSettings(
            name="threads",
            connector="reddit",
            platform="reddit",
            url="https://www.reddit.com/user/police",
            secret=SECRET,
            options={"api": self.url},
        )

    def respond(self, asked: Asked) -> Reply:
        server = RedditServer(slice=self.slice_size, breadth=1)
        for told in sorted(self.told.values(), key=lambda told: told.number):
            self._show(server, told)
        return server.respond(asked.path, asked.query, asked.headers)

    def _show(self, server: RedditServer, told: Told) -> None:
        more = {"at": told.at, "edited": told.edited_at}
        if told.on is None:
            picture = self.url + told.picture if told.picture else ""
            server.submit(told.text, name=f"t3_{told.number:x}", picture=picture, **more)
            return
        kind = "t3" if self.told[told.on].on is None else "t1"
        name = f"t1_{told.number:x}"
        server.comment(f"{kind}_{told.on:x}", told.text, name=name, **more)
        if told.hidden:
            server.moderate(name)
