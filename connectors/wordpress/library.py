"""What posts need besides themselves: the files they show, and the names of who wrote them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from archiver.records.captures import Gap, GapReason
from archiver.records.errors import AnswerUnreadable, PermissionLost
from archiver.records.items import Attachment, Author
from connectors.wordpress.parsing import (
    Entry,
    media_to_attachment,
    number_of,
    user_to_author,
)
from connectors.wordpress.site import LARGEST_SLICE, Site


class Library:
    """Looks up files and authors, many at once, for as long as the site lets us.

    A site that shows nobody its files or its users is no failure of the visit: posts are then
    kept with the files their text shows and the number of their author, and `gaps` says so.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._users: dict[int, Author] = {}
        self._closed: set[str] = set()
        self._gaps: list[Gap] = []

    def files(self, entries: Sequence[Entry]) -> dict[int, tuple[Attachment, ...]]:
        """Give for each post, by its number, the files it names or that were uploaded to it."""
        files: dict[int, tuple[int, Attachment]] = {}

        def learn(value: object) -> None:
            number, post, file = media_to_attachment(value)
            files[number] = (post, file)

        named = set[int]().union(*(entry.media for entry in entries))
        self._ask("media", "include", named, learn)
        self._ask("media", "parent", {entry.number for entry in entries}, learn)
        return {
            entry.number: tuple(
                file
                for number, (post, file) in sorted(files.items())
                if number in entry.media or post == entry.number
            )
            for entry in entries
        }

    def authors(self, entries: Sequence[Entry]) -> dict[int, Author]:
        """Give who wrote the posts, by the number of the author; each is asked for once."""
        numbers = {entry.author for entry in entries if entry.author}

        def learn(value: object) -> None:
            self._users[number_of(value)] = user_to_author(value)

        self._ask("users", "include", numbers - self._users.keys(), learn)
        return {n: self._users.setdefault(n, Author(str(n))) for n in numbers}

    def file(self, number: int) -> Attachment | None:
        """Give the file with this *number*; none where the site does not show it."""
        files: dict[int, Attachment] = {}

        def learn(value: object) -> None:
            found, _post, file = media_to_attachment(value)
            files[found] = file

        self._ask("media", "include", [number], learn)
        return files.get(number)

    def gaps(self) -> Iterator[Gap]:
        """Yield what could not be had since this was last asked."""
        found, self._gaps = self._gaps, []
        yield from found

    def _ask(
        self, route: str, by: str, numbers: Iterable[int], learn: Callable[[object], None]
    ) -> None:
        for group in groups(sorted(numbers)):
            if route in self._closed:
                return
            try:
                for piece in self._site.walk(route, {by: joined(group)}):
                    if piece.absent:
                        raise AnswerUnreadable("the site has no such list in its API")  # noqa: TRY301 - it is handled as any other refusal
                    for value, _raw in piece.elements:
                        self._learned(route, value, learn)
            except (PermissionLost, AnswerUnreadable) as error:
                self._closed.add(route)
                if route == "media":
                    why = GapReason(error.gap)
                    self._gaps.append(Gap(what="the media library", why=why, detail=str(error)))

    def _learned(self, route: str, value: object, learn: Callable[[object], None]) -> None:
        try:
            learn(value)
        except AnswerUnreadable as error:
            gap = Gap(what=f"one of the {route}", why=GapReason.UNREADABLE, detail=str(error))
            self._gaps.append(gap)


def groups(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield *numbers* in groups as large as WordPress takes at once."""
    for start in range(0, len(numbers), LARGEST_SLICE):
        yield numbers[start : start + LARGEST_SLICE]


def joined(numbers: Iterable[int]) -> str:
    """Give *numbers* as the API takes a list of ids."""
    return ",".join(str(number) for number in numbers)
