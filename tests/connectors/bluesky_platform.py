"""Servers of the AT Protocol: the directory, accounts' own servers, and Bluesky's AppView.

From the documents: the lexicons `com.atproto.identity`, `com.atproto.sync`, `app.bsky.feed`,
`app.bsky.actor`, the specifications "DID", "Repository" and "Blobs", and what the open-source
AppView does where these are silent: answers it withholds are left out and yet counted, placeholders
stand for what the asker may not see, what is missing in a batch is left out without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx

from archiver.records.pages import PageSettings
from connectors.bluesky import CONNECTOR
from tests.connectors.platforms import FIRST_MOMENT, Asked, Platform, Reply, Told
from tests.connectors.served import SERVED
from tests.connectors.signed_repository import Cid, SignedRepository, Signer, encoded, named, tid

Entity = dict[str, object]
POLICE = "did:plc:policepolicepolicepolice"
POST, REPOST, GATE = "app.bsky.feed.post", "app.bsky.feed.repost", "app.bsky.feed.threadgate"
MODERATION = "did:plc:ar7c4by46qjdydhdevvrndac"


def stamped(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}Z"


def person(number: int) -> str:
    return f"did:plc:person{number:018}"


def told(value: object) -> object:
    """Give *value* as JSON spells it."""
    if isinstance(value, Cid):
        return {"$link": str(value)}
    if isinstance(value, dict):
        return {key: told(each) for key, each in value.items()}
    return [told(each) for each in value] if isinstance(value, list) else value


@dataclass
class Account:
    """One account and its repository; *closed* is the error its server answers with."""

    did: str
    handle: str
    signer: Signer = field(default_factory=Signer)
    records: dict[str, Entity] = field(default_factory=dict)
    closed: str = ""


@dataclass
class BlueskyServer:
    """The whole network on one host."""

    host: str = "http://bsky.example"
    slice: int = 100
    deepest: int = 1000
    accounts: dict[str, Account] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    shown: dict[str, Entity] = field(default_factory=dict)
    withheld: set[str] = field(default_factory=set)
    blocked: set[str] = field(default_factory=set)
    labels: dict[str, list[Entity]] = field(default_factory=dict)
    indexed: dict[str, datetime] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=dict)
    states: dict[str, object] = field(default_factory=dict)
    repositories: dict[str, SignedRepository] = field(default_factory=dict)
    spelled: dict[int, tuple[Entity, bytes]] = field(default_factory=dict)
    rev: str = ""
    seconds: int = 0
    refuse: Callable[[str, Mapping[str, str]], Reply | None] = lambda _method, _query: None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.account(POLICE, "police.example.gov")

    # --- what people do -------------------------------------------------------------------------

    def account(self, did: str, handle: str = "", curve: str = "p256") -> Account:
        if did not in self.accounts:
            secret = 1000 + len(self.accounts)
            name = handle or f"{did.rpartition(':')[2][:8]}.example"
            self.accounts[did] = Account(did, name, Signer(secret, curve))
        return self.accounts[did]

    def write(self, did: str, collection: str, record: Entity, key: str = "") -> str:
        """Write *record* into the repository of *did*; the AppView hears of it."""
        self.seconds += 1
        when = FIRST_MOMENT + timedelta(seconds=self.seconds)
        key = key or tid(when)
        self.account(did).records[f"{collection}/{key}"] = {"$type": collection} | record
        uri = f"at://{did}/{collection}/{key}"
        self.shown[uri] = self.account(did).records[f"{collection}/{key}"]
        self.indexed.setdefault(uri, when)
        if isinstance(reply := record.get("reply"), dict):
            self.below.setdefault(reply["parent"]["uri"], []).append(uri)
        return uri

    def post(
        self,
        text: str,
        *,
        by: str = POLICE,
        on: str = "",
        at: datetime | None = None,
        **more: object,
    ) -> str:
        key = str(more.pop("key", ""))
        when = at or FIRST_MOMENT + timedelta(seconds=self.seconds + 1)
        record: Entity = {"text": text, "createdAt": stamped(when), **more}
        if on:
            above = self.shown[on].get("reply")
            root = above["root"]["uri"] if isinstance(above, dict) else on
            record["reply"] = {"root": self._strong(root), "parent": self._strong(on)}
        return self.write(by, POST, record, key)

    def delete(self, uri: str, *, lagging: bool = False) -> None:
        """Take a record out of its repository; with *lagging* the AppView has not heard of it."""
        self.seconds += 1
        did, _, path = uri.removeprefix("at://").partition("/")
        del self.accounts[did].records[path]
        if not lagging:
            self.shown.pop(uri, None)

    def blob(self, data: bytes, media_type: str = "image/png") -> Entity:
        cid = named(data, 0x55)
        self.blobs[str(cid)] = data
        return {"$type": "blob", "ref": cid, "mimeType": media_type, "size": len(data)}

    def _strong(self, uri: str) -> Entity:
        record = self.shown.get(uri)
        return {"uri": uri, "cid": str(named(self._bytes(record) if record else b"gone"))}

    # --- what the servers answer ----------------------------------------------------------------

    def respond(self, path: str, pairs: Sequence[tuple[str, str]]) -> Reply:
        """Answer one request; for what is public nobody is asked who they are."""
        query = dict(pairs)
        method = path.rpartition("/")[2]
        self.asked.append((method, query))
        if (refused := self.refuse(method, query)) is not None:
            return refused
        if path.startswith("/did:"):
            return self._document(path[1:])
        answers = {
            "com.atproto.identity.resolveHandle": self._resolved,
            "com.atproto.sync.getRepo": self._repository,
            "com.atproto.sync.getRecord": self._repository,
            "com.atproto.sync.getBlob": self._blob,
            "app.bsky.actor.getProfile": self._profile,
            "app.bsky.feed.getPostThread": self._thread,
            "app.bsky.feed.getAuthorFeed": self._feed,
        }
        if method == "app.bsky.feed.getPosts":
            uris = [value for name, value in pairs if name == "uris"]
            if len(uris) > 25:
                return self._error("InvalidRequest")
            return self._json({"posts": [self._view(u) for u in uris if self._visible(u)]})
        if method not in answers:
            return Reply.json({"error": "MethodNotImplemented"}, status=501)
        return answers[method](query)

    def _bytes(self, record: Entity) -> bytes:
        """Give *record* in DAG-CBOR, encoded once as long as it is the same one."""
        kept = self.spelled.get(id(record))
        if kept is None or kept[0] is not record:
            kept = self.spelled[id(record)] = (record, encoded(record))
        return kept[1]

    def _document(self, did: str) -> Reply:
        account = self.accounts.get(did)
        if account is None:
            return Reply.json({"message": f"DID not registered: {did}"}, status=404)
        return self._json({
            "@context": ["https://www.w3.org/ns/did/v1"],
            "id": did,
            "alsoKnownAs": [f"at://{account.handle}"],
            "verificationMethod": [{
                "id": f"{did}#atproto", "type": "Multikey", "controller": did,
                "publicKeyMultibase": account.signer.multikey(),
            }],
            "service": [{
                "id": "#atproto_pds", "type": "AtprotoPersonalDataServer",
                "serviceEndpoint": self.host,
            }],
        })  # fmt: skip

    def _resolved(self, query: Mapping[str, str]) -> Reply:
        found = [a.did for a in self.accounts.values() if a.handle == query["handle"].lower()]
        return self._json({"did": found[0]}) if found else self._error("InvalidRequest")

    def _repository(self, query: Mapping[str, str]) -> Reply:
        account = self.accounts.get(query["did"])
        if account is None or account.closed:
            return self._error(account.closed if account else "RepoNotFound")
        only = f"{query['collection']}/{query['rkey']}" if "rkey" in query else None
        rev = self.rev or tid(FIRST_MOMENT + timedelta(seconds=self.seconds, milliseconds=500))
        state = (rev, account.signer, *map(id, account.records.values()))
        if self.states.get(account.did) != state:
            blocks = {path: self._bytes(record) for path, record in account.records.items()}
            made = SignedRepository(account.did, blocks, rev, account.signer)
            self.states[account.did], self.repositories[account.did] = state, made
        body = self.repositories[account.did].car(only)
        return Reply(200, body, {"content-type": "application/vnd.ipld.car"} | self._limits())

    def _blob(self, query: Mapping[str, str]) -> Reply:
        data = self.blobs.get(query["cid"])
        if data is None:
            return self._error("BlobNotFound")
        return Reply(200, data, {"content-type": "image/png"})

    def _profile(self, query: Mapping[str, str]) -> Reply:
        account = self.accounts[query["actor"]]
        if account.closed:
            word = {"RepoTakendown": "AccountTakedown", "RepoDeactivated": "AccountDeactivated"}
            return self._error(word.get(account.closed, account.closed))
        record = account.records.get("app.bsky.actor.profile/self", {})
        posts = [uri for uri in self.shown if uri.startswith(f"at://{account.did}/{POST}/")]
        return self._json(
            self._author(account.did)
            | {"description": record.get("description", ""), "postsCount": len(posts)}
            | {"followersCount": 9, "followsCount": 2, "indexedAt": stamped(FIRST_MOMENT)}
        )

    def _thread(self, query: Mapping[str, str]) -> Reply:
        uri = query["uri"]
        if not self._visible(uri):
            return self._error("NotFound")
        answer: Entity = {"thread": self._branch(uri, min(int(query["depth"]), self.deepest))}
        reply = self.shown[uri].get("reply")
        root = reply["root"]["uri"] if isinstance(reply, dict) else uri
        gate = root.replace(POST, GATE)
        if gate in self.shown:
            record = self.shown[gate]
            answer["threadgate"] = {"uri": gate, "cid": "bafy", "record": told(record), "lists": []}
        return self._json(answer)

    def _branch(self, uri: str, depth: int) -> Entity:
        if uri in self.blocked:
            author = {"did": uri.split("/")[2]}
            return {"$type": f"{POST}#blockedPost", "uri": uri, "blocked": True, "author": author}
        branch: Entity = {"$type": "app.bsky.feed.defs#threadViewPost", "post": self._view(uri)}
        if depth:
            below = [each for each in self._answers(uri) if each not in self.withheld]
            branch["replies"] = [self._branch(each, depth - 1) for each in reversed(below)]
        return branch | {"threadContext": {}}

    def _answers(self, uri: str) -> list[str]:
        return [each for each in self.below.get(uri, []) if each in self.shown]

    def _visible(self, uri: str) -> bool:
        return uri in self.shown and uri not in self.withheld and f"/{POST}/" in uri

    def _author(self, did: str) -> Entity:
        return {
            "did": did, "handle": self.account(did).handle, "displayName": f"Name of {did[-4:]}",
            "labels": [], "createdAt": stamped(FIRST_MOMENT),
        }  # fmt: skip

    def _view(self, uri: str) -> Entity:
        record = self.shown[uri]
        view: Entity = {
            "uri": uri, "cid": str(named(self._bytes(record))),
            "author": self._author(uri.split("/")[2]), "record": told(record),
            "replyCount": len(self._answers(uri)), "repostCount": 1, "likeCount": 3,
            "quoteCount": 0, "indexedAt": stamped(self.indexed[uri]),
            "labels": self.labels.get(uri, []),
        }  # fmt: skip
        embed = record.get("embed")
        if isinstance(embed, dict) and embed.get("$type") == "app.bsky.embed.record":
            view["embed"] = {"$type": "app.bsky.embed.record#view", "record": self._quoted(embed)}
        return view

    def _quoted(self, embed: Entity) -> Entity:
        uri = embed["record"]["uri"]  # type: ignore[index] # a test's own record
        record = self.shown[uri]
        return {
            "$type": "app.bsky.embed.record#viewRecord", "uri": uri, "value": told(record),
            "cid": str(named(self._bytes(record))), "author": self._author(uri.split("/")[2]),
            "indexedAt": stamped(self.indexed[uri]), "labels": [], "likeCount": 0,
        }  # fmt: skip

    def _feed(self, query: Mapping[str, str]) -> Reply:
        if self.accounts[query["actor"]].closed:
            return self._error("InvalidRequest")

        def sorted_at(uri: str) -> str:
            return min(str(self.shown[uri]["createdAt"]), stamped(self.indexed[uri]))

        mine = [
            uri
            for uri in self.shown
            if uri.startswith(f"at://{query['actor']}/")
            and (f"/{POST}/" in uri or f"/{REPOST}/" in uri)
            and uri not in self.withheld
        ]
        mine.sort(key=lambda uri: (sorted_at(uri), uri), reverse=True)
        if before := query.get("cursor"):
            mine = [uri for uri in mine if f"{sorted_at(uri)}::{uri}" < before]
        given = mine[: min(int(query.get("limit", "50")), self.slice)]
        answer: Entity = {"feed": [self._entry(uri) for uri in given]}
        if given:
            answer["cursor"] = f"{sorted_at(given[-1])}::{given[-1]}"
        return self._json(answer)

    def _entry(self, uri: str) -> Entity:
        if f"/{POST}/" in uri:
            return {"post": self._view(uri)}
        subject = self.shown[uri]["subject"]["uri"]  # type: ignore[index] # a test's own record
        reason = {"$type": "app.bsky.feed.defs#reasonRepost", "by": self._author(POLICE)}
        return {"post": self._view(subject), "reason": reason | {"indexedAt": "2026-03-02"}}

    def _limits(self) -> dict[str, str]:
        return {"ratelimit-limit": "3000", "ratelimit-remaining": "2999", "ratelimit-reset": "300"}

    def _json(self, value: Entity) -> Reply:
        reply = Reply.json(value)
        return Reply(200, reply.body, {**reply.headers, **self._limits()})

    def _error(self, name: str) -> Reply:
        return Reply.json({"error": name, "message": f"it is {name}"}, status=400)


class NetworkTransport(httpx.BaseTransport):
    """Asks a server of a test's own without a socket."""

    def __init__(self, server: BlueskyServer) -> None:
        self._server = server

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        reply = self._server.respond(request.url.path, request.url.params.multi_items())
        told = {"date": format_datetime(SERVED, usegmt=True)} | dict(reply.headers)
        return httpx.Response(reply.status, headers=told, stream=httpx.ByteStream(reply.body))


class BlueskyPlatform(Platform):
    """The same network on a loopback socket, for the suite that every connector passes."""

    connector = CONNECTOR
    shows_comments = True
    hides_comments = True
    takes_a_token = False

    def __init__(self) -> None:
        super().__init__()
        self._blobs: dict[str, Entity] = {}
        self._state: object = None
        self._served = BlueskyServer()

    def page(self) -> PageSettings:
        return PageSettings(
            name="skies",
            connector="bluesky",
            platform="bluesky",
            url="https://bsky.app/profile/police.example.gov",
            options={"appview": self.url, "directory": self.url},
        )

    def publish(
        self, text: str, *, at: datetime | None = None, picture: bytes | None = None
    ) -> int:
        """Publish a post; the record names its picture by its bytes, wherever these went."""
        number = super().publish(text, at=at, picture=picture)
        if picture is not None:
            self._blobs[self.told[number].picture] = BlueskyServer().blob(picture)
        return number

    def respond(self, asked: Asked) -> Reply:
        state = (tuple(self.told.items()), tuple(self.pictures), self._next)
        if self._state != state:
            self._state, self._served = state, self._serve()
        return self._served.respond(asked.path, asked.pairs)

    def _serve(self) -> BlueskyServer:
        server = BlueskyServer(host=self.url, slice=self.slice_size)
        for each in sorted(self.told.values(), key=lambda each: each.number):
            self._show(server, each)
        self._hide(server)
        server.rev = tid(FIRST_MOMENT + timedelta(seconds=self._next - 1, milliseconds=500))
        for path, blob in self._blobs.items():
            if path in self.pictures:
                server.blobs[str(blob["ref"])] = self.pictures[path]
        return server

    def _show(self, server: BlueskyServer, each: Told) -> None:
        more: Entity = {}
        if each.picture:
            image = {"image": self._blobs[each.picture], "alt": ""}
            more["embed"] = {"$type": "app.bsky.embed.images", "images": [image]}
        by = POLICE if each.on is None else person(7)
        on = "" if each.on is None else self._uri(each.on)
        server.post(each.text, by=by, on=on, at=each.at, key=_key(each.number), **more)
        server.indexed[self._uri(each.number)] = max(each.at, FIRST_MOMENT)

    def _hide(self, server: BlueskyServer) -> None:
        """Name what is hidden in the gate of its thread, as the account that began it does."""
        hidden: dict[str, list[str]] = {}
        for each in self.told.values():
            if each.hidden:
                root = self.line(each)[0]
                hidden.setdefault(self._uri(root.number), []).append(self._uri(each.number))
        for post, answers in hidden.items():
            gate = {"post": post, "createdAt": stamped(FIRST_MOMENT), "hiddenReplies": answers}
            server.write(POLICE, GATE, gate, post.rpartition("/")[2])

    def _uri(self, number: int) -> str:
        by = POLICE if self.told[number].on is None else person(7)
        return f"at://{by}/{POST}/{_key(number)}"


def _key(number: int) -> str:
    return tid(FIRST_MOMENT + timedelta(seconds=number))
