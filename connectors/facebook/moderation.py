"""How the page is moderated: whom it blocks, who may do what on it, and its settings.

Facebook shows these to the page's own token. Which words the page filters it shows to nobody.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial

from archiver.records.captures import Seen
from archiver.records.standing_lists import Entry
from connectors.cutting import id_of, object_of, text_of
from connectors.graph import Graph, Node, served
from connectors.moderating import Look, standing_list

_NEEDS = "pages_read_engagement or pages_manage_metadata"
_SLICE = {"limit": "100"}


def moderation(graph: Graph, page: Node) -> Iterator[Look]:
    """Yield a look at each list of the *page* that the token speaks for."""
    for edge, (title, fields, read) in _LISTS.items():
        brings = partial(_listed, graph, page, edge, title, fields, read)
        yield Look(title.lower(), brings, needs=_NEEDS, name=edge)


def _listed(
    graph: Graph,
    page: Node,
    edge: str,
    title: str,
    fields: tuple[str, ...],
    read: Callable[[object], Entry],
) -> Iterator[Seen]:
    path = f"{id_of(page.value.get('id'), 'a page')}/{edge}"
    rows = [
        (read(value), raw)
        for piece in graph.edge(path, fields, _SLICE)
        for value, raw in piece.elements
    ]
    yield standing_list(edge, title, rows, at=served(page.moment))


def _blocked(value: object) -> Entry:
    who = object_of(value, "who is blocked")
    return Entry(id_of(who.get("id"), "who is blocked"), text_of(who, "name", absent=""))


def _role(value: object) -> Entry:
    who = object_of(value, "who has a role")
    tasks = who.get("tasks")
    may = ", ".join(sorted(map(str, tasks))).lower() if isinstance(tasks, list) else ""
    name = text_of(who, "name", absent="")
    return Entry(id_of(who.get("id"), "who has a role"), f"{name}: may {may}" if may else name)


def _setting(value: object) -> Entry:
    told = object_of(value, "a setting")
    said = json.dumps(told.get("value"), ensure_ascii=False, sort_keys=True)
    return Entry(text_of(told, "setting"), said)


_LISTS: dict[str, tuple[str, tuple[str, ...], Callable[[object], Entry]]] = {
    "blocked": ("Blocked people and pages", ("id", "name"), _blocked),
    "roles": ("Who may do what on the page", ("id", "name", "tasks"), _role),
    "settings": ("Settings", ("setting", "value"), _setting),
}
