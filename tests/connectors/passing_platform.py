"""Stories and recommendations of a Facebook page, as its reference has them.

Neither has an id of its own; a story's picture or video is asked for by its `media_id`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tests.connectors.graph_platform import Entity, GraphServer, Query, Wanted, since, stamped


@dataclass(kw_only=True)
class Story:
    """A story: shown for a day, and in the archive after that where the page keeps one."""

    id: str
    at: datetime
    video: bool = False
    withheld: bool = False


@dataclass(kw_only=True)
class Recommended:
    """What somebody said of the page; an older one may have stars and no story of its own."""

    id: str
    at: datetime
    author: str = "7002"
    text: str = ""
    stars: int | None = None


@dataclass(kw_only=True)
class PassingThings(GraphServer):
    """What stands in no list of a page's posts."""

    stories: dict[str, Story] = field(default_factory=dict)
    recommendations: dict[str, Recommended] = field(default_factory=dict)

    def told_passing(self, node: str, fields: tuple[Wanted, ...]) -> Entity | None:
        """Answer for a story, or for its file; None where *node* is something else."""
        if node in self.stories:
            return {"id": node}
        for story in self.stories.values():
            if node == f"9{story.id}" and not story.withheld:
                url = f"https://files.example/v/{node}.{'mp4' if story.video else 'jpg'}"
                entity = {"source": url} if story.video else {"images": [{"source": url}]}
                return self.project({"id": node, **entity}, fields, node="Video")
        return None

    def passing(self, path: str, edge: str, query: Query, fields: tuple[Wanted, ...]) -> Entity:
        rows: list[Entity] = []
        found = self.stories if edge == "stories" else self.recommendations
        for one in sorted(found.values(), key=lambda one: one.at, reverse=True):
            rows += [self._story(one) if isinstance(one, Story) else self._recommendation(one)]
        when = {one.id: one.at for one in found.values()}
        named = [{"id": name} for name in when]
        kept = {row["id"] for row in since(query, named, lambda row: when[str(row["id"])])}
        rows = [row for row in rows if edge == "ratings" or row["post_id"] in kept]
        piece, paging = self.paged(path, query, rows, lambda row: str(sorted(row.items(), key=str)))
        answer: Entity = {"data": [self.project(row, fields, node="Stories") for row in piece]}
        return answer | ({"paging": paging} if paging else {})

    @staticmethod
    def _story(story: Story) -> Entity:
        return {
            "post_id": story.id, "status": "PUBLISHED", "media_id": f"9{story.id}",
            "creation_time": f"{story.at.timestamp():.0f}",
            "media_type": "video" if story.video else "photo",
            "url": f"https://facebook.com/stories/{story.id}",
        }  # fmt: skip

    @staticmethod
    def _recommendation(told: Recommended) -> Entity:
        return {
            "created_time": stamped(told.at), "has_rating": told.stars is not None,
            "has_review": bool(told.text), "rating": told.stars,
            "recommendation_type": None if told.stars else "positive",
            "review_text": told.text or None,
            "reviewer": {"id": told.author, "name": f"Name of {told.author}"},
            "open_graph_story": None if told.stars else {"id": told.id},
        }  # fmt: skip
