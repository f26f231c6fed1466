"""A Facebook page behind the Graph API, as the reference of Page, PagePost and Comment says.

Lists of posts are ranked by Facebook (here: by likes), comments stand flat with `filter=stream`
and without replies by default, hidden ones stand among them, their count may be greater than
what is shown, and a person's token gets empty lists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from archiver.records.pages import PageSettings
from connectors.facebook import CONNECTOR
from tests.connectors.graph_platform import (
    Entity,
    Query,
    Refused,
    Wanted,
    missing,
    since,
    stamped,
    wanted,
)
from tests.connectors.messages_platform import Conversations
from tests.connectors.passing_platform import PassingThings
from tests.connectors.platforms import SECRET, Asked, Platform, Reply, Told

PAGE = "100200300400500"


@dataclass(kw_only=True)
class Post:
    """A post on the page, a reel of it, or what a visitor wrote on it."""

    id: str
    text: str
    at: datetime
    author: str = PAGE
    likes: int = 0
    reel: bool = False
    hidden: bool = False
    published: bool = True
    story: str = ""
    shown_to_authors_alone: int = 0
    attachments: list[Entity] = field(default_factory=list)
    more: Entity = field(default_factory=dict)


@dataclass(kw_only=True)
class Comment:
    """A comment on a post, or a reply to one; hidden ones stay in the list."""

    id: str
    post: str
    text: str
    at: datetime
    author: str = "7001"
    parent: str | None = None
    hidden: bool = False
    private: bool = False
    low_quality: bool = False
    attachment: Entity | None = None


@dataclass(kw_only=True)
class FacebookServer(PassingThings, Conversations):
    """One page. *person* makes the token a person's; *own_token* is the page's own, which a system
    user or a person with a role finds; *nameless* hides ids and authors of comments (Page Public
    Content Access); *forbidden* lists edges for which the permission is wanting."""

    posts: dict[str, Post] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    username: str = "ExamplePD"
    about: str = "The police of Example. Call 911 in an emergency."
    person: bool = False
    own_token: str = ""
    nameless: bool = False
    forbidden: frozenset[str] = frozenset()
    below: dict[str, list[Comment]] = field(default_factory=dict)
    blocked: list[Entity] = field(default_factory=list)
    roles: list[Entity] = field(default_factory=list)
    settings: list[Entity] = field(default_factory=list)

    def answer(self, path: str, query: Query) -> Entity:
        self.below = {}
        for comment in self.comments.values():
            for above in {comment.post, comment.parent} - {None}:
                self.below.setdefault(str(above), []).append(comment)
        node, _, edge = path.partition("/")
        node = PAGE if node == "me" and not self.person else node
        fields = wanted(query.get("fields", "id,name"))
        if not edge:
            told = self.told_message(node, fields) or self.told_passing(node, fields)
            return told or self._node(node, fields)
        if edge.rpartition("/")[2] in self.forbidden:
            raise Refused(
                10, "(#10) This endpoint requires the 'pages_read_user_content' permission"
            )
        if node == PAGE and edge in {"published_posts", "feed", "video_reels"}:
            return self._posts(path, edge, query, fields)
        if edge == "comments" and (node in self.posts or node in self.comments):
            return self._comments(path, node, query, fields)
        if node == PAGE and edge in {"stories", "ratings"}:
            return self.passing(path, edge, query, fields)
        if node == PAGE and edge in {"blocked", "roles", "settings"}:
            return self._moderation(path, edge, query, fields)
        if told := self.conversed(path, query, fields, owner=PAGE, platform="messenger"):
            return told
        raise missing(node)

    def _moderation(self, path: str, edge: str, query: Query, fields: tuple[Wanted, ...]) -> Entity:
        """Answer as the reference of the page's edges blocked, roles and settings says."""
        rows = {"blocked": self.blocked, "roles": self.roles, "settings": self.settings}[edge]
        piece, paging = self.paged(path, query, rows, lambda row: str(row.get("id") or row))
        data = [self.project(row, fields, node=edge.title()) for row in piece]
        return {"data": data} | ({"paging": paging} if paging else {})

    # --- nodes -----------------------------------------------------------------------------

    def _node(self, node: str, fields: tuple[Wanted, ...]) -> Entity:
        if node == "me":
            return self.project(self._person(), fields, node="User")
        if node == PAGE or node.replace(".", "").lower() == self.username.lower():
            own: Entity = {"access_token": self.own_token} if self.own_token else {}
            return self.project(self._page() | own, fields, node="Page")
        if node in self.posts:
            post = self.posts[node]
            entity = self._reel(post) if post.reel else self._post(post)
            return self.project(entity, fields, node="Post")
        if node in self.comments:
            entity = self._comment(self.comments[node])
            return self.project(entity, fields, node="Comment")
        raise missing(node)

    def _person(self) -> Entity:
        return {"id": "55", "name": "A Clerk"}

    def _page(self) -> Entity:
        url = f"{self.host}/v/t39/{PAGE}_n.jpg?oe=65F0"
        return {
            "id": PAGE, "name": "Example Police Department", "category": "Police station",
            "username": self.username, "link": f"https://www.facebook.com/{self.username}",
            "about": self.about, "description": None, "mission": None, "website": None,
            "general_info": None, "phone": "+1 555 0100", "emails": ["pd@example.gov"],
            "single_line_address": "1 Main Street", "hours": {"mon_1_open": "08:00"},
            "fan_count": 1200, "followers_count": 1300, "is_published": True,
            "verification_status": "blue_verified", "cover": {"id": "88", "source": url},
            "picture": {"data": {"url": url, "is_silhouette": False}},
        }  # fmt: skip

    def _post(self, post: Post) -> Entity:
        entity: Entity = {
            "id": post.id, "created_time": stamped(post.at), "updated_time": stamped(post.at),
            "message": post.text, "story": post.story or None,
            "from": {"id": post.author, "name": f"Name of {post.author}"},
            "permalink_url": f"https://www.facebook.com/{PAGE}/posts/{post.id.rpartition('_')[2]}",
            "status_type": "mobile_status_update", "parent_id": None, "is_hidden": post.hidden,
            "is_published": post.published, "is_expired": False, "backdated_time": None,
            "scheduled_publish_time": None, "admin_creator": None, "message_tags": None,
            "place": None, "shares": {"count": 3},
            "attachments": {"data": post.attachments} if post.attachments else None,
            "comments": lambda one: self._summary(post, one),
            "reactions": lambda one: self._counted(post.likes, one),
        }  # fmt: skip
        return entity | post.more

    def _reel(self, post: Post) -> Entity:
        number = post.id
        entity: Entity = {
            "id": number, "created_time": stamped(post.at), "updated_time": stamped(post.at),
            "description": post.text, "title": None, "permalink_url": f"/reel/{number}/",
            "source": f"{self.host}/reels/{number}.mp4?oe=65F0", "picture": None, "length": 12.5,
            "published": post.published, "from": {"id": PAGE, "name": "Example Police"},
            "comments": lambda one: self._summary(post, one),
            "reactions": lambda one: self._counted(post.likes, one),
        }  # fmt: skip
        return entity | post.more

    def _comment(self, comment: Comment) -> Entity:
        address = f"https://www.facebook.com/{PAGE}/posts/1/?comment_id="
        number = comment.id.rpartition("_")[2]
        if comment.parent:
            address += f"{comment.parent.rpartition('_')[2]}&reply_comment_id={number}"
        else:
            address += number
        author = {"id": comment.author, "name": f"Name of {comment.author}"}
        below = len(self.below.get(comment.id, ()))
        entity: Entity = {
            "id": comment.id, "created_time": stamped(comment.at), "message": comment.text,
            "from": None if self.nameless else author, "permalink_url": address,
            "parent": {"id": comment.parent} if comment.parent and not self.nameless else None,
            "is_hidden": comment.hidden, "is_private": comment.private, "comment_count": below,
            "like_count": 1, "message_tags": None, "attachment": comment.attachment,
        }  # fmt: skip
        return entity

    # --- edges -----------------------------------------------------------------------------

    def _posts(self, path: str, edge: str, query: Query, fields: tuple[Wanted, ...]) -> Entity:
        found = [post for post in self.posts.values() if post.reel == (edge == "video_reels")]
        if edge == "published_posts":
            found = [post for post in found if post.author == PAGE and post.published]
        if self.person:
            found = []
        ranked = sorted(found, key=lambda p: (p.likes, p.at, p.id), reverse=True)
        told = {post.id: post for post in ranked}
        rows: list[Entity] = [{"id": post.id} for post in ranked]
        rows = since(query, rows, lambda row: told[str(row["id"])].at)
        piece, paging = self.paged(path, query, rows, lambda row: str(row["id"]))
        answer: Entity = {"data": [self._node(str(row["id"]), fields) for row in piece]}
        answer |= {"paging": paging} if paging else {}
        if "total_count" in query.get("summary", ""):
            answer["summary"] = {"total_count": len(found)}
        return answer

    def _comments(self, path: str, node: str, query: Query, fields: tuple[Wanted, ...]) -> Entity:
        found = sorted(self.below.get(node, ()), key=lambda c: (c.at, c.id))
        if query.get("filter", "toplevel") == "toplevel" and node in self.posts:
            found = [c for c in found if c.parent is None]
        if query.get("live_filter", "filter_low_quality") == "filter_low_quality":
            found = [c for c in found if not c.low_quality]
        if self.person:
            found = []
        total = len(found)
        if node in self.posts:
            total += self.posts[node].shown_to_authors_alone
        rows: list[Entity] = [{"id": c.id} for c in found]
        rows = since(query, rows, lambda row: self.comments[str(row["id"])].at)
        piece, paging = self.paged(path, query, rows, lambda row: str(row["id"]))
        answer: Entity = {"data": [self._shown(str(row["id"]), fields) for row in piece]}
        answer |= {"paging": paging} if paging else {}
        if query.get("summary"):
            answer["summary"] = {"order": "chronological", "total_count": total}
        return answer

    def _shown(self, native_id: str, fields: tuple[Wanted, ...]) -> Entity:
        told = self._node(native_id, fields)
        if self.nameless:
            del told["id"]
        return told

    def _summary(self, post: Post, one: Wanted) -> Entity:
        found = self.below.get(post.id, [])
        if one.modifiers.get("filter") != "stream":
            found = [c for c in found if c.parent is None]
        return self._counted(len(found) + post.shown_to_authors_alone, one)

    def _counted(self, count: int, one: Wanted) -> Entity:
        told: Entity = {"data": []}
        if "total_count" in one.modifiers.get("summary", "") or one.modifiers.get("summary"):
            told["summary"] = {"total_count": count}
        following = f"{self.host}/{self.version}/{PAGE}?access_token={self.token}&after=QQ"
        return told | {"paging": {"cursors": {"after": "QQ"}, "next": following}}


class FacebookPlatform(Platform):
    """The same page on a loopback socket, for the suite that every connector passes."""

    connector = CONNECTOR
    shows_comments = True
    hides_comments = True
    portraits = ("/v/",)

    def page(self) -> PageSettings:
        return PageSettings(
            name="facebook",
            connector="facebook",
            platform="facebook",
            url="https://www.facebook.com/ExamplePD",
            secret=SECRET,
            options={"graph_url": self.url},
        )

    def respond(self, asked: Asked) -> Reply:
        server = FacebookServer(token=SECRET, host=self.url, slice=self.slice_size)
        for told in sorted(self.told.values(), key=lambda told: told.number):
            self._show(server, told)
        return server.respond(asked.path, asked.query, asked.headers)

    def _show(self, server: FacebookServer, told: Told) -> None:
        if told.on is None:
            picture = {
                "type": "photo", "media_type": "photo", "url": "https://www.facebook.com/photo",
                "target": {"id": f"9{told.number}"},
                "media": {"image": {"src": f"{self.url}{told.picture}", "height": 1, "width": 1}},
            }  # fmt: skip
            name = f"{PAGE}_{1000 + told.number}"
            server.posts[name] = Post(
                id=name, text=told.text, at=told.at, likes=told.number * 7 % 5,
                attachments=[picture] if told.picture else [],
            )  # fmt: skip
            return
        root, first, *more = self.line(told)
        name = f"{1000 + root.number}_{5000 + told.number}"
        server.comments[name] = Comment(
            id=name, post=f"{PAGE}_{1000 + root.number}", text=told.text, at=told.at,
            parent=f"{1000 + root.number}_{5000 + first.number}" if more else None,
            hidden=told.hidden,
        )  # fmt: skip
