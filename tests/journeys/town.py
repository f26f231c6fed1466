"""What goes on on a department's pages, night after night, and the record of it that is true.

A `Town` has a page on every platform. Its people post, answer, correct themselves, hide and take
down; servers fail, tokens die. What stood on a page when the archiver came is written down here,
from the platform's own memory and never from what a connector said, so that the archive can be
held against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from archiver.records.captures import GapReason
from archiver.records.pages import PageSettings
from tests.connectors.platforms import (
    FIRST_MOMENT,
    LOGIN_PAGE,
    PASSING,
    PICTURE,
    RESET,
    SECRET,
    SERVER_ERROR,
    UNAVAILABLE,
    Fault,
    Platform,
    Told,
)

NIGHTS = 30
LOOK_BACK = timedelta(days=14)
GREETINGS = ("Happy Friday from all of us!", "Happy Monday from all of us, friends!")
"""What lapses while the nights go on: nobody answers, corrects or removes it."""

GREETED = FIRST_MOMENT - timedelta(days=47)
SEARCHED = {"x": timedelta(days=7)}
"""Where the public's answers are not listed, but searched, and how far back the search reaches."""

ROUND = {"nextdoor": 5}
"""Where a list of so many posts, or of a multiple, may have been cut off, and proves nothing."""

DEAD = "a-token-that-died"
YOUNG = timedelta(days=11)
"""What people still correct, hide and take down: the next look-back reaches it."""

_STREETS = ("Oak", "Elm", "Pine", "Main", "Lake", "Hill")
_WHY = {
    SERVER_ERROR: GapReason.UNREACHABLE,
    UNAVAILABLE: GapReason.UNREACHABLE,
    RESET: GapReason.UNREACHABLE,
    LOGIN_PAGE: GapReason.UNREADABLE,
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps a visit from being whole: the server fails from the request *after* on, the token
    is *dead*, or the page shows nothing at all (*bare*)."""

    why: GapReason
    fault: Fault | None = None
    after: int = 0
    dead: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What stood on a page when the archiver came, by number, and what hindered it."""

    night: int
    at: datetime
    since: datetime | None
    standing: dict[int, Told]
    trouble: Trouble | None
    hides_words: bool = False

    def state(self, number: int) -> str:
        """Give what *number* was to the owner of the page: `gone`, `hidden` or `present`."""
        there = self.standing.get(number)
        if there is None or (there.hidden and self.hides_words):
            return "gone"
        return "hidden" if there.hidden else "present"

    def words(self, number: int) -> str | None:
        """Give what *number* said to the owner of the page; None where it said nothing."""
        return None if self.state(number) == "gone" else self.standing[number].text


@dataclass
class Page:
    """One page on one platform: its people's dice, and every look at it."""

    platform: Platform
    settings: PageSettings
    dice: Random
    troubles: dict[int, Trouble]
    looks: list[Look] = field(default_factory=list)
    words: dict[int, list[str]] = field(default_factory=dict)
    born: dict[int, Told] = field(default_factory=dict)
    lost_pictures: set[int] = field(default_factory=set)
    greeted: list[int] = field(default_factory=list)
    serial: int = 0

    @property
    def name(self) -> str:
        return self.settings.name

    # --- what people do -------------------------------------------------------------------------

    def fill(self) -> None:
        """Have something on the page before the archiver comes for the first time."""
        for place, greeting in enumerate(GREETINGS):
            at = GREETED + timedelta(hours=place)
            self.greeted.append(self._said(self.platform.publish(greeting, at=at)))
        for days in (100, 72, 40, 25, 12, 9, 5, 2):
            post = self._post(at=FIRST_MOMENT - timedelta(days=days))
            for _ in range(self.dice.randint(0, 2)):
                self._comment(post, at=FIRST_MOMENT - timedelta(days=days - 1))

    def live(self, night: int) -> None:
        """Let the day before *night* pass."""
        self.platform.now = max(self.platform.now, FIRST_MOMENT + timedelta(days=night, hours=-9))
        if self.dice.random() < 0.45:
            self._post()
        if self.platform.shows_comments:
            for on in self._some(self.dice.randint(0, 2), self._recent()):
                self._comment(on)
        if night == 9:
            self._post_in_haste()
        if night == 20:
            self._turn_over_old_leaves()
        for deed, odds in ((self._edit, 0.3), (self._remove, 0.15), (self._hide, 0.25)):
            if self.dice.random() < odds:
                deed()

    def _post_in_haste(self) -> None:
        """Post, and correct it twice before anybody comes to see."""
        number = self._post()
        self._reword(number)
        self._reword(number)

    def _turn_over_old_leaves(self) -> None:
        """Answer, correct and remove what lies beyond every look-back."""
        old = [n for n, told in self.platform.told.items() if told.on is None and self._is_old(n)]
        if self.platform.shows_comments:
            self._comment(old[0])
        self._reword(old[1])
        self._take_down(old[2])

    def _is_old(self, number: int) -> bool:
        born = self.born[number]
        return born.text not in GREETINGS and born.at < FIRST_MOMENT - timedelta(days=20)

    def _recent(self) -> list[int]:
        """Give what can be answered: what the last days brought, in threads not older."""
        return [n for n in self.platform.told if self.root(n).at > self.platform.now - YOUNG]

    def _post(self, at: datetime | None = None) -> int:
        words = self._wording()
        picture = PICTURE + words.encode() if self.dice.random() < 0.3 else None
        number = self._said(self.platform.publish(words, at=at, picture=picture))
        if picture is not None and at is None and not self.lost_pictures:
            self.lost_pictures.add(number)
            self.platform.pictures.pop(self.born[number].picture)
        return number

    def _comment(self, on: int, *, at: datetime | None = None) -> None:
        if self.platform.shows_comments:
            self._said(self.platform.comment(on, self._wording(), at=at))

    def _edit(self) -> None:
        for number in self._some(1, self._recent()):
            self._reword(number)
            if self.dice.random() < 0.2:
                self._reword(number)

    def _remove(self) -> None:
        for number in self._some(1, self._recent()):
            self._take_down(number)

    def _hide(self) -> None:
        if not self.platform.hides_comments:
            return
        told = self.platform.told
        answered = {each.on for each in told.values()}
        shown = [n for n in self._recent() if told[n].on is not None and not told[n].hidden]
        for number in self._some(1, [n for n in shown if n not in answered]):
            if self._leaves_enough(number):
                self.platform.hide(number)

    def _reword(self, number: int) -> None:
        if not self.platform.told[number].hidden:
            self.platform.edit(number, self._wording())
            self.words[number].append(self.platform.told[number].text)

    def _take_down(self, number: int) -> None:
        if self._leaves_enough(number):
            self.platform.remove(number)

    def _leaves_enough(self, number: int) -> bool:
        """Say whether the last days show something without *number*: a page that falls from many
        to none is taken for a fault."""
        left = [n for n in self._recent() if number not in self._above(n)]
        answers = [n for n in left if self.born[n].on is not None]
        shown = [n for n in answers if not self.platform.told[n].hidden]
        posts = len(left) - len(answers)
        return posts > 1 and (len(shown) > 1 or self.born[number].on is None)

    def _above(self, number: int) -> list[int]:
        on = self.born[number].on
        return [number, *(self._above(on) if on is not None else [])]

    def _wording(self) -> str:
        self.serial += 1
        street = self.dice.choice(_STREETS)
        return f"Report number {self.serial} of a stolen bicycle on {street} Street"

    def _said(self, number: int) -> int:
        self.born[number] = self.platform.told[number]
        self.words[number] = [self.born[number].text]
        return number

    def _some(self, count: int, among: Sequence[int]) -> list[int]:
        return self.dice.sample(among, min(count, len(among)))

    def root(self, number: int) -> Told:
        """Give the post that the thread of *number* began with."""
        while (on := self.born[number].on) is not None:
            number = on
        return self.born[number]

    # --- what a visit must see ------------------------------------------------------------------

    def reaches(self, look: Look, number: int) -> bool:
        """Say whether a visit must see *number*: whole threads, as far back as it asked.

        Where comments are searched, the search shows those of the last days alone.
        """
        if look.trouble is not None:
            return False
        searched = SEARCHED.get(self.name)
        if searched is not None and self.born[number].on is not None:
            told = look.standing.get(number, self.born[number])
            return (told.edited_at or told.at) >= look.at - searched
        return look.since is None or self.root(number).at >= look.since

    def stood(self, number: int, text: str) -> list[Look]:
        """Give the looks at which *number* said *text*."""
        return [look for look in self.looks if look.words(number) == text]

    def seen_whole(self, number: int) -> bool:
        """Say whether a visit that nothing hindered saw *number*: its picture is had, then."""
        return any(
            self.reaches(look, number) and look.words(number) is not None for look in self.looks
        )

    def lists(self, look: Look, number: int) -> bool:
        """Say whether a visit must miss *number*, if it is not there."""
        searched = self.name in SEARCHED and self.born[number].on is not None
        posts = sum(told.on is None for told in look.standing.values())
        cut = self.name in ROUND and posts % ROUND[self.name] == 0
        return not searched and not cut and self.reaches(look, number)

    def told_of_only(self) -> list[int]:
        """Give what a whole visit was told of when its words were gone already."""
        if self.platform.announces_removals:
            return list(self.platform.removed)
        looks = [look for look in self.looks if look.trouble is None]
        return [
            number
            for number in self.born
            if any(number in look.standing and look.words(number) is None for look in looks)
        ]

    # --- what hinders the archiver ----------------------------------------------------------------

    def open_doors(self, night: int, at: datetime) -> PageSettings:
        """Get ready for the visit of *night*, and give the page as it is to be visited."""
        trouble = self.troubles.get(night)
        self._stood = dict(self.platform.told)
        self._night, self._at = night, at
        passing = {self.dice.randint(0, 6): self.dice.choice(PASSING)}
        if trouble is None or trouble.fault is None:
            self.platform.script(faults=passing if self.dice.random() < 0.3 else None)
        else:
            self.platform.script(lasting=(trouble.after, trouble.fault))
        if trouble is not None and trouble.bare:
            self.platform.told.clear()
        dead = trouble is not None and trouble.dead
        secret = (self.settings.secret or "").replace(SECRET, DEAD)
        return replace(self.settings, secret=secret) if dead else self.settings

    def close_doors(self, *, full: bool = False) -> None:
        """Write down what stood there; a server that failed after the last request hindered none.

        A *full* visit asks for everything, however old.
        """
        trouble = self.troubles.get(self._night)
        if trouble is not None and trouble.fault and self.platform.asked() <= trouble.after:
            trouble = None
        self.platform.told.clear()
        self.platform.told.update(self._stood)
        calm = [look.at for look in self.looks if look.trouble is None]
        since = calm[-1] - LOOK_BACK if calm and not full else None
        secret = self.platform.hides_words
        self.looks.append(Look(self._night, self._at, since, self._stood, trouble, secret))


def troubles_of(dice: Random, *, token: bool, bare: bool) -> dict[int, Trouble]:
    """Give what happens to one page in thirty nights: an outage or two, and a token that dies."""
    found: dict[int, Trouble] = {}
    for start in (dice.randint(2, 8), dice.randint(21, 26)):
        fault = dice.choice(list(_WHY))
        for night in range(start, start + dice.randint(1, 3)):
            found[night] = Trouble(_WHY[fault], fault, after=dice.choice((0, 0, 2, 4, 7)))
    if token:
        start = dice.randint(12, 14)
        for night in range(start, start + dice.randint(2, 5)):
            found[night] = Trouble(GapReason.PERMISSION_LOST, dead=True)
    if bare:
        found[19] = Trouble(GapReason.SUSPECT_RUN, bare=True)
    return found


@dataclass
class Town:
    """All pages of a department."""

    pages: list[Page]

    def each(self, deed: Callable[[Page], object]) -> None:
        for page in self.pages:
            deed(page)

    def live(self, night: int) -> None:
        self.each(lambda page: page.live(night))

    def open_doors(self, night: int, at: datetime) -> tuple[PageSettings, ...]:
        return tuple(page.open_doors(night, at) for page in self.pages)

    def looks(self) -> Iterator[tuple[Page, Look]]:
        for page in self.pages:
            for look in page.looks:
                yield page, look
