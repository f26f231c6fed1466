"""An account on Flickr behind its REST API, as the description of each method says (getMethodInfo).

Numbers are written as texts and texts wrapped in objects, lists go by the number of a page,
failures come under 200 in JSON or XML, comments all in one answer and without answers of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archiver.records.pages import PageSettings
from connectors.flickr import CONNECTOR
from tests.connectors.platforms import FIRST_MOMENT, SECRET, Asked, Platform, Reply, Told

Entity = dict[str, object]
Query = Mapping[str, str]
NSID = "12345678@N00"


def epoch(when: datetime) -> str:
    return str(int(when.timestamp()))


@dataclass(kw_only=True)
class Photo:
    """One photo; *changed* is when anything about it last did, a comment among it."""

    id: str
    text: str
    at: datetime
    changed: datetime
    title: str = ""
    public: bool = True
    gone: bool = False
    sizes: list[Entity] = field(default_factory=list)
    comments: dict[str, Entity] = field(default_factory=dict)
    held_back: int = 0


@dataclass(kw_only=True)
class FlickrServer:
    """One account; *refuse* plays a failure where a test wants it to."""

    key: str
    host: str = "http://flickr.example"
    largest: int = 500
    photos: dict[str, Photo] = field(default_factory=dict)
    description: str = "The police of Example."
    deleted: bool = False
    nonces: set[str] = field(default_factory=set)
    strict: bool = False
    refuse: Callable[[Query], Reply | None] = lambda _query: None
    asked: list[dict[str, str]] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)

    def publish(self, text: str, *, at: datetime = FIRST_MOMENT, **more: object) -> Photo:
        name = str(more.pop("id", 5_000 + len(self.photos)))
        photo = Photo(id=name, text=text, at=at, changed=at, **more)  # type: ignore[arg-type] # a test's own fields
        self.photos[name] = photo
        return photo

    def comment(self, photo: Photo, text: str, *, at: datetime, **more: object) -> str:
        name = str(more.pop("id", f"1-{photo.id}-{len(photo.comments)}"))
        photo.comments[name] = {
            "id": name, "author": "7@N01", "author_is_deleted": 0, "authorname": "pat",
            "realname": "Pat Public", "path_alias": None, "iconserver": "1", "iconfarm": 1,
            "datecreate": epoch(at), "_content": text,
            "permalink": f"https://www.flickr.com/photos/x/{photo.id}/#comment{name}",
        } | more  # fmt: skip
        photo.changed = max(photo.changed, at)
        return name

    def respond(self, path: str, query: Query, headers: Mapping[str, str]) -> Reply:
        assert path == "/services/rest/"
        self.asked.append(dict(query))
        signature = headers.get("authorization", "")
        if (refused := self.refuse(query)) is not None:
            return refused
        if signature:
            nonce = signature.partition('oauth_nonce="')[2].partition('"')[0]
            if self.strict and nonce in self.nonces:
                return Reply(401, b"oauth_problem=nonce_used")
            self.nonces.add(nonce)
            if f'oauth_consumer_key="{self.key}"' not in signature:
                return failure(100, "Invalid API Key")
        elif query.get("api_key") != self.key:
            return failure(100, "Invalid API Key (Key has invalid format)")
        return self._answer(query, signed=bool(signature))

    def _answer(self, query: Query, *, signed: bool) -> Reply:
        method = query["method"].removeprefix("flickr.")
        if self.deleted:
            return failure(5, "User deleted")
        if method == "urls.lookupUser":
            if "/examplepd" not in query["url"].lower():
                return failure(1, "User not found")
            return fine({"user": {"id": NSID, "username": {"_content": "examplepd"}}})
        if method == "people.getInfo":
            return fine({"person": self._person()})
        if "photo_id" in query:
            return self._one(method, self.photos.get(query["photo_id"]), signed=signed)
        return self._photos(method, query, signed=signed)

    def _photos(self, method: str, query: Query, *, signed: bool) -> Reply:
        if method in {"people.getPublicPhotos", "people.getPhotos"}:
            found = [p for p in self.photos.values() if not p.gone and (signed or p.public)]
            return self._list(sorted(found, key=lambda p: (p.at, p.id), reverse=True), query)
        assert method == "photos.recentlyUpdated"
        if not signed:
            return failure(99, "User not logged in / Insufficient permissions")
        least = int(query["min_date"])
        found = [p for p in self.photos.values() if int(epoch(p.changed)) >= least]
        return self._list(sorted(found, key=lambda p: p.changed, reverse=True), query)

    def _one(self, method: str, photo: Photo | None, *, signed: bool) -> Reply:
        if photo is None or photo.gone or not (photo.public or signed):
            return failure(1, "Photo not found")
        if method == "photos.getInfo":
            return fine({"photo": self._photo(photo)})
        if method == "photos.getSizes":
            return fine({"sizes": {"canblog": 0, "size": photo.sizes}})
        assert method == "photos.comments.getList"
        told: Entity = {"photo_id": photo.id}
        if photo.comments:
            told["comment"] = list(photo.comments.values())
        return fine({"comments": told})

    def _person(self) -> Entity:
        return {
            "id": NSID, "nsid": NSID, "ispro": 0, "iconserver": "0", "iconfarm": 0,
            "path_alias": "examplepd", "username": {"_content": "examplepd"},
            "realname": {"_content": "Example Police"},
            "description": {"_content": self.description},
            "photosurl": {"_content": "https://www.flickr.com/photos/examplepd/"},
            "photos": {
                "firstdate": {"_content": epoch(FIRST_MOMENT)},
                "count": {"_content": len(self.photos)},
            },
        }  # fmt: skip

    def _list(self, found: list[Photo], query: Query) -> Reply:
        size = min(int(query["per_page"]), self.largest)
        page, pages = int(query["page"]), max(1, -(-len(found) // size))
        assert "last_update" in query["extras"]
        rows = [
            {"id": p.id, "owner": NSID, "secret": "s", "server": "1", "title": p.title,
             "ispublic": int(p.public), "dateupload": epoch(p.at), "lastupdate": epoch(p.changed)}
            for p in found[(page - 1) * size : page * size]
        ]  # fmt: skip
        told = {"page": page, "pages": pages, "perpage": size, "total": str(len(found))}
        return fine({"photos": told | {"photo": rows}})

    def _photo(self, photo: Photo) -> Entity:
        return {
            "id": photo.id, "secret": "s", "server": "1", "farm": 1, "views": "12",
            "owner": {"nsid": NSID, "username": "examplepd", "realname": "Example Police",
                      "path_alias": "examplepd"},
            "title": {"_content": photo.title}, "description": {"_content": photo.text},
            "visibility": {"ispublic": int(photo.public), "isfriend": 0, "isfamily": 0},
            "dates": {"posted": epoch(photo.at), "taken": "2026-03-02 09:00:00",
                      "lastupdate": epoch(photo.changed)},
            "comments": {"_content": str(len(photo.comments) + photo.held_back)},
            "notes": {"note": []}, "tags": {"tag": []}, "media": "photo",
            "urls": {"url": [{"type": "photopage",
                              "_content": f"https://www.flickr.com/photos/examplepd/{photo.id}/"}]},
        }  # fmt: skip


def fine(value: Entity) -> Reply:
    return Reply.json(value | {"stat": "ok"})


def failure(code: int, message: str, *, xml: bool = False) -> Reply:
    if xml:
        body = f'<?xml version="1.0"?><rsp stat="fail"><err code="{code}" msg="{message}" /></rsp>'
        return Reply(200, body.encode(), {"content-type": "text/xml"})
    return Reply.json({"stat": "fail", "code": code, "message": message})


class FlickrPlatform(Platform):
    """The same account on a loopback socket, for the suite that every connector passes."""

    connector = CONNECTOR
    shows_comments = True
    nests_comments = False

    def page(self) -> PageSettings:
        return PageSettings(
            name="photos",
            connector="flickr",
            platform="flickr",
            url="https://www.flickr.com/photos/ExamplePD/",
            secret=SECRET,
            options={"api": f"{self.url}/services/rest/"},
        )

    def respond(self, asked: Asked) -> Reply:
        server = FlickrServer(key=SECRET, host=self.url, largest=self.slice_size)
        for told in sorted(self.told.values(), key=lambda told: told.number):
            self._show(server, told)
        return server.respond(asked.path, asked.query, asked.headers)

    def _show(self, server: FlickrServer, told: Told) -> None:
        if told.on is None:
            source = {"label": "Large", "width": 9, "height": 9, "media": "photo"}
            sizes = [source | {"source": f"{self.url}{told.picture}"}] if told.picture else []
            photo = server.publish(told.text, at=told.at, id=told.number, sizes=sizes)
        else:
            photo = server.photos[str(self.line(told)[0].number)]
            server.comment(photo, told.text, at=told.at, id=f"1-{told.number}")
        photo.changed = max(photo.changed, told.edited_at or told.at)
