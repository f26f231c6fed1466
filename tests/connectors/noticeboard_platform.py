"""The board of docs/writing-a-connector.md, and the connector as that page has it."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

from archiver.records.moments import from_text, written
from archiver.records.pages import PageSettings
from tests.connectors.platforms import SECRET, Asked, Platform, Reply, Told

PAGE = Path(__file__).parents[2] / "docs" / "writing-a-connector.md"


def as_written() -> ModuleType:
    """Make the module that stands on the page."""
    (code,) = re.findall(
        r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    made = ModuleType("noticeboard")
    exec(compile(code, str(PAGE), "exec"), made.__dict__)  # noqa: S102 - our own page, to be proven
    return made


class NoticeboardPlatform(Platform):
    """A board that lists by ascending id whatever was posted since a moment."""

    connector = as_written().CONNECTOR
    shows_comments = True

    def page(self) -> PageSettings:
        return PageSettings(
            name="board",
            connector="noticeboard",
            platform="noticeboard",
            url=self.url,
            secret=SECRET,
        )

    def respond(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {SECRET}":
            return Reply(401)
        number = asked.path.removeprefix("/api/notices").strip("/")
        if not number:
            return self._list(asked)
        if int(number) in self.told:
            return Reply.json(self._told(self.told[int(number)]))
        return Reply(410 if int(number) in self.removed else 404)

    def _list(self, asked: Asked) -> Reply:
        since, after = asked.query.get("since"), int(asked.query.get("after", "0"))
        found = [
            told
            for number, told in sorted(self.told.items())
            if number > after and (since is None or told.at >= from_text(since))
        ]
        shown = [self._told(told) for told in found[: self.slice_size]]
        return Reply.json({"notices": shown, "more": len(found) > len(shown)})

    def _told(self, told: Told) -> dict[str, object]:
        first = told
        while first.on is not None:
            first = self.told[first.on]
        return {
            "id": told.number,
            "answers": told.on,
            "thread": first.number if first is not told else None,
            "text": told.text,
            "by": "desk" if told.on is None else "a neighbour",
            "posted": written(told.at),
            "edited": written(told.edited_at) if told.edited_at else None,
            "link": f"{self.url}/notices/{told.number}",
            "picture": f"{self.url}{told.picture}" if told.picture else None,
        }
