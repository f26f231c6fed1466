"""What a site says of itself: its title and tagline, its pictures, and the posts it has pinned.

It stands in the index of the REST API, which anybody may read. WordPress tells the site's logo
there since 5.8 and its icon since 5.9, and older versions only where `_links` are asked for too
(`WP_REST_Server::get_index`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archiver.records.captures import Gap, GapReason, Observation, Seen
from archiver.records.errors import AnswerUnreadable, ConnectorError
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import count_of, mail_date, object_of, text_of, visible_text
from connectors.fetching import Answer
from connectors.wordpress.library import Library
from connectors.wordpress.parsing import JSON
from connectors.wordpress.site import Site

PROFILE = "profile"
"""The profile's id: a page is one site."""


def profile_of(index: Answer, site: Site, library: Library) -> Iterator[Seen]:
    """Yield what *index* says of the site, as an item of its own, or a gap.

    The *site* is asked which posts are pinned, the *library* where the logo lies. A logo that it
    withholds stays a file of the profile, without an address.
    """
    try:
        told = object_of(index.json(), "the index")
        number = count_of(told.get("site_logo")) or 0
        logo = library.file(number) if number else None
        content = read_profile(index, told, pins=list(_pins(site)), logo=logo)
    except ConnectorError as error:
        why, detail = GapReason(error.gap), str(error)
        yield Gap(what="the site's profile", why=why, detail=detail, native_id=PROFILE)
    else:
        yield Observation(content=content)
    yield from library.gaps()


def read_profile(
    index: Answer, told: Mapping[str, object], *, pins: Sequence[str], logo: Attachment | None
) -> Content:
    """Read the index of a site as its profile; *pins* are the addresses of its pinned posts.

    It is dated by the moment of the answer: WordPress does not say since when a site says so.

    Raises:
        AnswerUnreadable: it does not name the site, or the server did not say when it answered.
    """
    when = mail_date(index.headers.get("date", ""))
    if when is None:
        raise AnswerUnreadable(f"{index.url}: the answer has no date")
    name, home = visible_text(text_of(told, "name")), text_of(told, "home", absent="")
    addresses = (home, text_of(told, "url", absent=""), *pins)
    return Content(
        native_id=PROFILE,
        kind=ItemKind.PROFILE,
        title=name,
        text=visible_text(text_of(told, "description", absent="")),
        published_at=when,
        author=Author(home, name, "", home),
        permalink=home,
        attachments=tuple(_pictures(told, logo)),
        links=tuple(dict.fromkeys(filter(None, addresses))),
        marks=("date-from-answer",),
        raw=RawFragment(JSON, index.body),
    )


def _pins(site: Site) -> Iterator[str]:
    """Give the addresses of the posts that stand first on the site, for every visitor to see."""
    for piece in site.walk("posts", {"sticky": "true", "_fields": "id,link"}):
        for value, _raw in piece.elements:
            yield text_of(object_of(value, "a pinned post"), "link")


def _pictures(told: Mapping[str, object], logo: Attachment | None) -> Iterator[Attachment]:
    """Give icon and logo, each under its number in the library, wherever a visit finds it lying.

    Descriptions are left out: a library that is closed for a night would change them.
    """
    url, number = text_of(told, "site_icon_url", absent=""), count_of(told.get("site_icon"))
    if url:
        yield Attachment(f"icon-{number or url.partition('?')[0]}", url, name="icon")
    if number := count_of(told.get("site_logo")):
        address = logo.url if logo else ""
        yield Attachment(f"logo-{number}", address, name="logo")
