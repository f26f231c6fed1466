"""Asking the X API (version 2): its two dialects, its slices, and what an answer costs.

X renamed `tweet` to `post` in the names of fields and parameters while the version stayed, with its
OpenAPI description 2.167 of August 2026; since then who wrote a post, whom it answers and what it
refers to are expansions alone. What is asked is said in the one dialect until the API refuses it,
and from then on in the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from archiver.records.errors import AnswerUnreadable, BudgetSpent, PermissionLost
from archiver.records.exchanges import cut_from
from archiver.records.pages import WriteSpending
from connectors.cutting import json_member, json_members
from connectors.fetching import Answer, Budget, Fetcher
from connectors.x.parsing import wordings_of

POST_READ, OWNED_READ, USER_READ = 5, 1, 10
"""What reading one costs, in thousandths of a dollar, by X's price list of August 2026.

It charges for each resource in an answer, those that it includes beside what was asked for among
them. Files are none: the list has no price for media since June 2026.
"""

_USERS_AT_ONCE = "1000"
_UNIT = "thousandths of a dollar"
_FOUND, _BAD, _UNPAID, _NOT_FOUND = 200, 400, 402, 404
_OF_A_LIST = frozenset({"data", "meta"})
_OF_SOME = _OF_A_LIST | {"errors"}
_REFUSED = "/not-authorized-for-resource"
_OF_A_POST = (
    "attachments,conversation_id,created_at,edit_controls,entities,lang,possibly_sensitive,"
    "public_metrics,reply_settings,withheld"
)
BESIDE = {
    "media.fields": "alt_text,media_key,preview_image_url,type,url,variants",
    "user.fields": "name,username",
}
"""What is asked of files and users, in either dialect."""

Wanted = Mapping[str, Mapping[str, str]]
"""What is asked for of each thing: by the dialect, in the order in which they are tried."""

_POSTS: Wanted = {
    "tweet": {
        "tweet.fields": f"{_OF_A_POST},author_id,in_reply_to_user_id,note_tweet,referenced_tweets",
        "expansions": "author_id,attachments.media_keys,edit_history_tweet_ids",
    }
    | BESIDE,
    "post": {
        "post.fields": f"{_OF_A_POST},note_post",
        "expansions": "author_id,attachments.media_keys,edit_history_post_ids,"
        "in_reply_to_user_id,referenced_posts",
    }
    | BESIDE,
}
_USERS: Wanted = {"tweet": {"user.fields": "username"}, "post": {"user.fields": "username"}}


@dataclass(frozen=True, slots=True)
class Slice:
    """One answer: the posts asked for, what it includes beside them, and its partial errors.

    *versions* are their other wordings; *others* is how many posts it includes that are neither,
    and *users* how many users.
    """

    posts: list[tuple[object, bytes]]
    versions: list[tuple[object, bytes]]
    others: int
    users: int
    includes: Mapping[str, object]
    errors: list[object]


class Api:
    """The API as one token sees it; *limit* is what a day may cost, in thousandths of a dollar.

    *whose* tells the budget, where it is not the token's own.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        base: str,
        token: str,
        *,
        limit: int | None,
        whose: str = "",
        write: WriteSpending | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._base = base.rstrip("/")
        self._headers = {"authorization": f"Bearer {token}"}
        self._budget = Budget(f"{base} {whose or token}", limit=limit, unit=_UNIT, write=write)
        self._dialects = tuple(_POSTS)

    @property
    def spent(self) -> str:
        """Give what today's answers cost, as far as they are counted here."""
        return f"{self._budget.spent / 1000:.3f} dollars"

    def close(self) -> None:
        """Write down what was spent."""
        self._budget.settle()

    def user(self, path: str, wanted: Wanted) -> tuple[Mapping[str, object], bytes] | None:
        """Give the user that *path* leads to, with the bytes; None where there is none.

        Raises:
            BudgetSpent, PermissionLost, AnswerUnreadable, PlatformUnreachable: as for `slices`.
        """
        answer = self._spoken(path, {}, wanted, also=(_NOT_FOUND,))
        user = _object(answer).get("data")
        self._budget.count(USER_READ - 1)
        if not isinstance(user, dict):
            return None
        return user, _member(answer.body, "data")

    def slices(
        self,
        path: str,
        params: Mapping[str, str],
        *,
        cost: int = POST_READ,
        onward: str = "",
        wanted: Wanted = _POSTS,
    ) -> Iterator[Slice]:
        """Yield the posts that *path* lists, slice by slice; *onward* is what asks for the next.

        *wanted* is asked for of each; by default what is kept of a post.

        Raises:
            BudgetSpent: the day's budget, or X's own credit, is spent.
            PermissionLost: the token is refused, or may not ask this.
            AnswerUnreadable: no answer as documented.
            PlatformUnreachable: no answer.
        """
        following, walked = "", set[str]()
        while True:
            more = {onward: following} if following else {}
            answer = self._spoken(path, {**params, **more}, wanted)
            told = _listing(answer, _OF_A_LIST if onward else _OF_SOME)
            piece = _slice(told, answer.body)
            asked_for = cost * (len(piece.posts) + len(piece.versions))
            beside = POST_READ * piece.others + USER_READ * piece.users
            self._budget.count(asked_for + beside - 1)
            yield piece
            walked.add(following)
            meta = told.get("meta")
            following = str((meta if isinstance(meta, dict) else {}).get("next_token") or "")
            if not onward or not following or following in walked:
                return

    def users(self, path: str) -> Iterator[tuple[Mapping[str, str], list[tuple[object, bytes]]]]:
        """Yield the users that *path* lists, slice by slice, with the headers of each answer.

        Raises:
            BudgetSpent, PermissionLost, AnswerUnreadable, PlatformUnreachable: as for `slices`.
        """
        place, been = dict[str, str](), set[str]()
        while True:
            asked = {"max_results": _USERS_AT_ONCE} | place
            answer = self._spoken(path, asked, _USERS)
            told = _listing(answer, _OF_A_LIST)
            users = json_member(answer.body, "data") if "data" in told else []
            self._budget.count(max(USER_READ * len(users) - 1, 0))
            yield answer.headers, users
            meta = told.get("meta")
            onward = str((meta if isinstance(meta, dict) else {}).get("next_token") or "")
            if not onward:
                return
            if onward in been:
                raise AnswerUnreadable(f"{answer.url}: the slices go in a circle")
            been.add(onward)
            place = {"pagination_token": onward}

    def _spoken(
        self,
        path: str,
        params: Mapping[str, str],
        wanted: Wanted,
        *,
        also: tuple[int, ...] = (),
    ) -> Answer:
        """Ask in the dialect that was understood last; in the other one where it is refused.

        The other is not forgotten: one question may be understood in both, and the next in one.
        """
        for dialect in self._dialects:
            answer = self._get(path, {**params, **wanted[dialect]}, accept=(_FOUND, _BAD, *also))
            if answer.status != _BAD:
                self._dialects = (dialect, *(each for each in self._dialects if each != dialect))
                return answer
        raise AnswerUnreadable(f"{answer.url} answered {_BAD}: X does not understand the question")

    def _get(self, path: str, params: Mapping[str, str], *, accept: tuple[int, ...]) -> Answer:
        self._budget.take(1)
        answer = self._fetcher.get(
            f"{self._base}/{path}", params=params, headers=self._headers, accept=(*accept, _UNPAID)
        )
        self._budget.note(answer.headers, exhausted=answer.status == _UNPAID)
        if answer.status == _UNPAID:
            raise BudgetSpent(f"{answer.url} answered {_UNPAID}: the credit at X is spent")
        return answer


def _object(answer: Answer) -> dict[str, object]:
    told = answer.json()
    if not isinstance(told, dict):
        raise AnswerUnreadable(f"{answer.url} answered with no object")
    return told


def _listing(answer: Answer, parts: frozenset[str]) -> dict[str, object]:
    """Give what *answer* tells, if it has one of the *parts* that such an answer is made of.

    A failure told with 200, or an account that X does not show us, is no empty list.

    Raises:
        PermissionLost: X says that it does not show us what was asked for.
        AnswerUnreadable: it is something else.
    """
    told = _object(answer)
    if told.keys() & parts:
        return told
    errors = told.get("errors")
    told_of = errors if isinstance(errors, list) else []
    kinds = [str(error.get("type")) for error in told_of if isinstance(error, dict)]
    if any(kind.endswith(_REFUSED) for kind in kinds):
        raise PermissionLost(f"{answer.url} answered that it is not for us to see")
    raise AnswerUnreadable(f"{answer.url} answered {answer.status} with no list")


def _slice(told: Mapping[str, object], body: bytes) -> Slice:
    errors, includes = told.get("errors"), told.get("includes")
    posts = json_member(body, "data") if "data" in told else []
    beside: list[tuple[object, bytes]] = []
    if isinstance(includes, dict):
        named = next((name for name in ("tweets", "posts") if name in includes), "")
        beside = json_member(_member(body, "includes"), named) if named else []
    told_of = [value for value, _ in posts if isinstance(value, dict)]
    users = includes.get("users") if isinstance(includes, dict) else None
    wordings = _wordings(told_of)
    versions = [each for each in beside if _id(each[0]) in wordings]
    return Slice(
        posts=posts,
        versions=versions,
        others=len(beside) - len(versions),
        users=len(users) if isinstance(users, list) else 0,
        includes=includes if isinstance(includes, dict) else {},
        errors=errors if isinstance(errors, list) else [],
    )


def _wordings(posts: Iterable[Mapping[str, object]]) -> set[str]:
    named: set[str] = set()
    for post in posts:
        with suppress(AnswerUnreadable):  # said when the post itself is read
            named.update(wordings_of(post))
    return named


def _id(post: object) -> object:
    return post.get("id") if isinstance(post, dict) else None


def _member(body: bytes, name: str) -> bytes:
    """Give the bytes of the member *name* of the object *body*, which is known to have it."""
    text = body.decode()
    return next(
        cut_from(body, text[a:b].encode()) for key, a, b in json_members(text) if key == name
    )


_REFUSALS = {
    "resource-not-found": "x resource-not-found",
    "not-authorized-for-resource": "x not-authorized",
}


def refused(piece: Slice) -> Iterator[tuple[str, str]]:
    """Give the ids that the partial errors of *piece* name, each with the code of its refusal."""
    for error in piece.errors:
        if isinstance(error, dict):
            kind = str(error.get("type", "")).rpartition("/")[2]
            name = error.get("resource_id", error.get("value"))
            if kind in _REFUSALS and isinstance(name, str):
                yield name, _REFUSALS[kind]
