"""Asking the network: whose page it is, the server its records lie on, and the AppView.

Three kinds of servers are asked: the AppView (what the public is shown), the account's own server
(its repository and files), and the directory that names this server and the signing key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, unquote, urlencode

from archiver.ports import Downloaded
from archiver.records.errors import AnswerUnreadable, AttachmentGone, PermissionLost
from archiver.records.items import Attachment
from connectors.bluesky.named import BLOBS, tid_moment
from connectors.bluesky.parsing import GATES, hidden_by
from connectors.bluesky.repository import Repository, digest_of, multikey, read_repository
from connectors.cutting import json_member, mail_date, object_of, text_of
from connectors.fetching import Answer, Fetcher

AT_ONCE = 25
"""How many posts the AppView gives at once."""

DEPTH = 100
"""How many levels of answers are asked for at once: deeper ones are asked for in turn."""

SIGNED_PRESENT, SIGNED_ABSENT = "signed as present", "signed as absent"

_LAG = timedelta(minutes=5)
"""How far the AppView may be behind the servers that records are written on."""

_SLICE = "100"
_REFUSED = 400
_ACCEPTED = (200, _REFUSED)
_GIVEN_UP = (404, 410)
_ASK = "Ask the account's holder or its host; nothing was marked removed."
_CLOSED = {
    "RepoNotFound": "no such account",
    "RepoTakendown": "its host has taken the account down",
    "RepoSuspended": "its host has suspended the account",
    "RepoDeactivated": "the account is deactivated",
    "AccountTakedown": "the platform has taken the account down",
    "AccountDeactivated": "the account is deactivated",
}


@dataclass(frozen=True, slots=True)
class Home:
    """An account: its lasting name, its server, and the public key its repository is signed by."""

    did: str
    handles: tuple[str, ...]
    server: str
    key: str


class Network:
    """The servers of the network, as far as one visit needs them."""

    def __init__(self, fetcher: Fetcher, *, appview: str, directory: str) -> None:
        self._fetcher = fetcher
        self._appview = appview.rstrip("/")
        self._directory = directory.rstrip("/")
        self._homes: dict[str, Home | None] = {}
        self._gates: dict[str, frozenset[str]] = {}

    @property
    def fetcher(self) -> Fetcher:
        """Give what the servers are asked with."""
        return self._fetcher

    @property
    def fetched(self) -> int:
        """Give how many answers were read so far."""
        return self._fetcher.fetched

    def close(self) -> None:
        """Let go of connections and spool files."""
        self._fetcher.close()

    # --- accounts -------------------------------------------------------------------------------

    def home(self, actor: str) -> Home:
        """Give the account called *actor*, a handle or a lasting name (DID).

        Raises:
            AnswerUnreadable: nobody is called so, or the account does not own to the handle.
            PermissionLost: the account's lasting name was given up.
        """
        did = actor if actor.startswith("did:") else self._resolved(actor)
        home = self._known(did)
        if home is None:
            raise PermissionLost(f"{did}: its lasting name is given up", remedy=_ASK)
        if actor != did and actor.lower() not in home.handles:
            raise AnswerUnreadable(
                f"the account that {actor} leads to is not called so by its own document",
                remedy="Give the account's lasting name (did:plc:...) in the page's url.",
            )
        return home

    def _resolved(self, handle: str) -> str:
        answer = self._ask(self._appview, "com.atproto.identity.resolveHandle", {"handle": handle})
        if answer.status == _REFUSED:
            raise AnswerUnreadable(
                f"{answer.url}: nobody is called so",
                remedy="Handles change: give the account's lasting name (did:plc:...) in the "
                "page's url. Nothing was marked removed.",
            )
        return text_of(object_of(answer.json(), "an account"), "did")

    def _known(self, did: str) -> Home | None:
        """Give the account *did*; None where its lasting name was given up."""
        if did not in self._homes:
            method, _, name = did.removeprefix("did:").partition(":")
            if method not in {"plc", "web"}:
                raise AnswerUnreadable("an account's lasting name is of no kind to be looked up")
            plc = f"{self._directory}/{quote(did, safe=':')}"
            url = plc if method == "plc" else f"https://{unquote(name)}/.well-known/did.json"
            answer = self._fetcher.get(url, accept=(200, *_GIVEN_UP))
            given_up = answer.status in _GIVEN_UP
            self._homes[did] = None if given_up else read_document(answer.json(), did=did)
        return self._homes[did]

    def profile(self, home: Home) -> Answer:
        """Give the AppView's view of the account's profile.

        Raises:
            PermissionLost: the platform shows nothing of the account.
        """
        answer = self._ask(self._appview, "app.bsky.actor.getProfile", {"actor": home.did})
        return self._granted(answer)

    # --- repositories ---------------------------------------------------------------------------

    def repository(self, home: Home) -> Repository:
        """Give the account's whole repository, proven.

        Raises:
            PermissionLost: the account's server shows nothing of it.
            AnswerUnreadable: what came is not signed by the account.
        """
        answer = self._ask(home.server, "com.atproto.sync.getRepo", {"did": home.did})
        return read_repository(self._granted(answer).body, did=home.did, key=home.key)

    def proven(self, did: str, path: str) -> Repository:
        """Give as much of a repository as proves the record at *path*, or that there is none.

        Raises:
            PermissionLost: the account's server shows nothing of it.
            AnswerUnreadable: what came is not signed by the account.
        """
        home = self.home(did)
        answer = self._granted(self._record(home, path))
        return read_repository(answer.body, did=did, key=home.key)

    def standing(self, did: str, path: str) -> str:
        """Say how the record at *path* stands with its author's own server, as a code.

        It is one of `SIGNED_PRESENT` and `SIGNED_ABSENT`, or the word by which the server, or the
        directory, says that it shows nothing of the account.
        """
        home = self._known(did)
        if home is None:
            return "no such account"
        answer = self._record(home, path)
        if (word := error_of(answer)) in _CLOSED:
            return word.lower()
        repository = read_repository(self._granted(answer).body, did=did, key=home.key)
        return SIGNED_PRESENT if repository.find(path) else SIGNED_ABSENT

    def too_new(self, did: str, path: str) -> Repository | None:
        """Give the proof of a record so new that the AppView may not have heard of it; else None.

        How new it is, is told by its key and by its server's own clock.
        """
        home = self.home(did)
        answer = self._granted(self._record(home, path))
        now, made = mail_date(answer.headers.get("date", "")), tid_moment(path.rpartition("/")[2])
        if now is None or made is None or now - made > _LAG:
            return None
        repository = read_repository(answer.body, did=did, key=home.key)
        return repository if repository.find(path) else None

    def _record(self, home: Home, path: str) -> Answer:
        collection, _, key = path.partition("/")
        asked = {"did": home.did, "collection": collection, "rkey": key}
        return self._ask(home.server, "com.atproto.sync.getRecord", asked)

    def hidden(self, did: str, key: str) -> frozenset[str]:
        """Give the answers that the account hides below its post *key*."""
        name = f"{did}/{key}"
        if name not in self._gates:
            path = f"{GATES}/{key}"
            repository = self.proven(did, path)
            found = repository.find(path)
            self._gates[name] = hidden_by(repository.record(found)) if found else frozenset()
        return self._gates[name]

    def download(self, attachment: Attachment) -> Downloaded:
        """Bring a file from its author's own server, proven against the name it was posted by.

        Raises:
            AttachmentGone: the server has it no more.
            AnswerUnreadable: it is not the file that was posted.
        """
        did, _, cid = attachment.url.removeprefix("at://").split("/")
        url = f"{self.home(did).server}/xrpc/{BLOBS}?{urlencode({'did': did, 'cid': cid})}"
        try:
            file = self._fetcher.download(url)
        except AnswerUnreadable:
            answer = self._fetcher.get(url, accept=_ACCEPTED)
            if answer.status == _REFUSED:
                raise AttachmentGone(f"{answer.url} answered {error_of(answer)}") from None
            raise
        if file.digest != digest_of(cid):
            raise AnswerUnreadable(f"{file.final_url}: it is not the file that was posted")
        return file

    # --- the AppView ----------------------------------------------------------------------------

    def thread(self, uri: str) -> Answer | None:
        """Give what the AppView shows below the post at *uri*; None where it shows no such post."""
        asked = {"uri": uri, "depth": str(DEPTH), "parentHeight": "0"}
        answer = self._ask(self._appview, "app.bsky.feed.getPostThread", asked)
        return None if error_of(answer) == "NotFound" else self._granted(answer)

    def posts(self, uris: Sequence[str]) -> list[tuple[object, bytes]]:
        """Give those of *uris* (at most `AT_ONCE`) that the AppView shows."""
        asked = urlencode([("uris", uri) for uri in uris])
        url = f"{self._appview}/xrpc/app.bsky.feed.getPosts?{asked}"
        answer = self._granted(self._fetcher.get(url, accept=_ACCEPTED))
        answer.json()
        return json_member(answer.body, "posts")

    def feed(self, home: Home, cursor: str) -> Answer:
        """Give a slice of what the account posted, the newest first."""
        asked = {"actor": home.did, "limit": _SLICE, "filter": "posts_with_replies"}
        if cursor:
            asked["cursor"] = cursor
        return self._granted(self._ask(self._appview, "app.bsky.feed.getAuthorFeed", asked))

    def _ask(self, server: str, method: str, asked: dict[str, str]) -> Answer:
        return self._fetcher.get(f"{server}/xrpc/{method}", params=asked, accept=_ACCEPTED)

    def _granted(self, answer: Answer) -> Answer:
        if answer.status != _REFUSED:
            return answer
        error = error_of(answer)
        if error in _CLOSED:
            raise PermissionLost(f"{answer.url}: {_CLOSED[error]}", remedy=_ASK)
        raise AnswerUnreadable(f"{answer.url} answered {_REFUSED} {error}")


def read_document(value: object, *, did: str) -> Home:
    """Read the document of *did*: what it is called, where its server is, which key signs.

    Raises:
        AnswerUnreadable: it is another's, or names no server or key.
    """
    document = object_of(value, "an account's document")
    names, services = document.get("alsoKnownAs"), document.get("service")
    if document.get("id") != did:
        raise AnswerUnreadable("the document is another account's")
    handles = [str(name).removeprefix("at://") for name in names] if isinstance(names, list) else []
    server = _entry(services, did, "#atproto_pds").get("serviceEndpoint")
    method = _entry(document.get("verificationMethod"), did, "#atproto")
    key = method.get("publicKeyMultibase")
    if not isinstance(server, str) or not isinstance(key, str):
        raise AnswerUnreadable("the account's document names no server, or no signing key")
    key = multikey(str(method.get("type")), key)
    return Home(did, tuple(handle.lower() for handle in handles), server.rstrip("/"), key)


def error_of(answer: Answer) -> str:
    """Give the server's own word for a refusal; nothing where it did not refuse."""
    if answer.status != _REFUSED:
        return ""
    value = answer.json()
    error = value.get("error") if isinstance(value, dict) else None
    return error if isinstance(error, str) and error.isalnum() else "without a reason"


def _entry(value: object, did: str, fragment: str) -> dict[str, object]:
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, dict) and entry.get("id") in {fragment, f"{did}{fragment}"}:
            return entry
    return {}
