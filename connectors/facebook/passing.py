"""Stories and recommendations of a page: what stands in no list of its posts.

A story is shown for 24 hours, and longer in the archive of stories where the page keeps one. Fields
are those of Stories and Recommendation of the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from archiver.records.captures import Known, PlatformState, Seen, Sighting
from archiver.records.errors import AnswerUnreadable, BudgetSpent, ConnectorError, PermissionLost
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import id_of, moment_of, object_of, optional_id, text_of
from connectors.graph import Graph, Standing, read_all, unread

_RATINGS = "ratings"
_STORY, _RECOMMENDATION = "story_", "recommendation_"
_STORY_FIELDS = ("post_id", "status", "creation_time", "media_type", "media_id", "url")
_RECOMMENDATION_FIELDS = (
    *("created_time", "has_rating", "has_review", "rating", "recommendation_type", "review_text"),
    *("reviewer{id,name}", "open_graph_story{id}"),
)
_SLICE = {"limit": "100"}
_MISSING = "graph 100 33"


class Passing:
    """The stories and recommendations of *owner*, as a visit finds them."""

    def __init__(self, graph: Graph, owner: str) -> None:
        self._graph = graph
        self._owner = owner

    def stories(self, since: datetime | None) -> Iterator[Seen]:
        """Yield the stories since then, or all that are shown.

        Raises:
            BudgetSpent: nothing more may be asked.
        """
        dated = {"since": f"{since.timestamp():.0f}"} if since else {}
        yield from self._listed("stories", _STORY_FIELDS, self._story, dated)

    def recommendations(self) -> Iterator[Seen]:
        """Yield every recommendation: they are in no order that is documented.

        Raises:
            BudgetSpent: nothing more may be asked.
        """
        yield from self._listed(_RATINGS, _RECOMMENDATION_FIELDS, _recommendation, {})

    def _listed(
        self,
        edge: str,
        fields: tuple[str, ...],
        read: Callable[[object, bytes], Standing],
        asked: dict[str, str],
    ) -> Iterator[Seen]:
        try:
            for piece in self._graph.edge(f"{self._owner}/{edge}", fields, {**_SLICE, **asked}):
                entries, gaps = read_all(piece.elements, read, edge)
                yield from gaps
                for entry in entries:
                    yield entry.seen()
        except BudgetSpent:
            raise
        except ConnectorError as error:
            yield unread(f"the page's {edge}", error)

    def _story(self, value: object, raw: bytes) -> Standing:
        """Read one story, and ask where its picture or video lies.

        Raises:
            AnswerUnreadable: it is no story as documented.
            ConnectorError: its file could not be asked for.
        """
        story = object_of(value, "a story")
        media = optional_id(story.get("media_id"))
        is_video = text_of(story, "media_type", absent="") == "video"
        files = [Attachment(key=media, url=self._file(media, is_video=is_video))] if media else []
        content = Content(
            native_id=f"{_STORY}{id_of(story.get('post_id'), 'a story')}",
            kind=ItemKind.POST,
            text="",
            published_at=_created(story.get("creation_time")),
            author=Author(self._owner),
            permalink=text_of(story, "url", absent=""),
            attachments=tuple(files),
            marks=("story",),
            raw=RawFragment("application/json", raw),
        )
        return Standing(content=content)

    def _file(self, media: str, *, is_video: bool) -> str:
        try:
            node = self._graph.node(media, ("source",) if is_video else ("images{source}",))
        except AnswerUnreadable:
            node = None
        told = node.value if node else {}
        images = told.get("images")
        first = images[0] if isinstance(images, list) and images else None
        shown = told if is_video else first if isinstance(first, dict) else {}
        return text_of(shown, "source", absent="")


class PassingAgain:
    """Second looks, during one recheck, at what stands in no list of the posts of *owner*.

    A recommendation has no address to be asked for at: all of them are listed, once.
    """

    def __init__(self, graph: Graph, owner: str) -> None:
        self._graph = graph
        self._owner = owner
        self._found: _Found | ConnectorError | None = None

    def at(self, known: Known) -> Seen | None:
        """Look again at a story or a recommendation; None where *known* is neither.

        Raises:
            ConnectorError: as for `Graph`; for the list of recommendations, each time again.
        """
        if known.native_id.startswith(_STORY):
            return self._story(known)
        if known.native_id.startswith(_RECOMMENDATION):
            return self._recommendation(known)
        return None

    def _story(self, known: Known) -> Seen:
        name = known.native_id
        if self._graph.node(name.removeprefix(_STORY), ("id",)) is not None:
            return Sighting(native_id=name, state=PlatformState.PRESENT, source="graph")
        remark = "a story is shown for 24 hours, and this is one"
        state = PlatformState.NOT_VISIBLE
        return Sighting(native_id=name, state=state, source=_MISSING, remark=remark)

    def _recommendation(self, known: Known) -> Seen:
        name = known.native_id
        if self._found is None:
            self._found = self._listed()
        if isinstance(self._found, ConnectorError):
            raise self._found
        if standing := self._found.shown.get(name):
            return standing.seen()
        if self._found.faulty:
            raise AnswerUnreadable(
                f"item {name}: it may be one of {self._found.faulty} that could not be read"
            )
        if not self._found.shown:
            raise PermissionLost(
                f"item {name}: neither it nor any other recommendation is shown to us"
            )
        return Sighting(native_id=name, state=PlatformState.NOT_VISIBLE, source="graph ratings")

    def _listed(self) -> _Found | ConnectorError:
        found = _Found()
        try:
            place = f"{self._owner}/{_RATINGS}"
            for piece in self._graph.edge(place, _RECOMMENDATION_FIELDS, _SLICE):
                entries, gaps = read_all(piece.elements, _recommendation, _RATINGS)
                found.shown.update((entry.native_id, entry) for entry in entries)
                found.faulty += len(gaps)
        except ConnectorError as error:
            return error
        return found


@dataclass(slots=True)
class _Found:
    """Every recommendation that could be read, by its id, and how many could not."""

    shown: dict[str, Standing] = field(default_factory=dict)
    faulty: int = 0


def _recommendation(value: object, raw: bytes) -> Standing:
    """Read what somebody said of the page: whether they recommend it, or stars of before 2018.

    Raises:
        AnswerUnreadable: it is no recommendation as documented, or nothing tells one from another.
    """
    told = object_of(value, "a recommendation")
    story, reviewer = told.get("open_graph_story"), told.get("reviewer")
    author = None
    if isinstance(reviewer, dict):
        native_id, name = optional_id(reviewer.get("id")), text_of(reviewer, "name", absent="")
        author = Author(native_id or "", name) if native_id or name else None
    at = moment_of(told.get("created_time"))
    named = optional_id(story.get("id")) if isinstance(story, dict) else None
    if named is None and author is not None and author.native_id:
        named = f"{author.native_id}_{at:%Y%m%dT%H%M%S}"  # a person may do so once at a time
    stars = told.get("rating")
    verdict = text_of(told, "recommendation_type", absent="") or f"{stars} of 5 stars"
    content = Content(
        native_id=f"{_RECOMMENDATION}{id_of(named, 'a recommendation')}",
        kind=ItemKind.COMMENT,
        title=verdict,
        text=text_of(told, "review_text", absent=""),
        published_at=at,
        author=author,
        marks=("recommendation",),
        raw=RawFragment("application/json", raw),
    )
    return Standing(content=content)


def _created(value: object) -> datetime:
    """Give the moment of a story: seconds since 1970 as text, by the reference."""
    if isinstance(value, str) and value.isdecimal():
        try:
            return datetime.fromtimestamp(int(value), UTC)
        except (OverflowError, OSError, ValueError):
            raise AnswerUnreadable("a time is out of range") from None
    return moment_of(value)
