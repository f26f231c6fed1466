"""X delivers the account's posts, answers to them, and what it deleted; and checks the address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from archiver.catalogue import contents, sightings
from archiver.office.listening import Ear
from archiver.records.captures import GapReason
from archiver.records.errors import ConfigInvalid
from archiver.records.items import ItemKind
from tests.connectors.platforms import FIRST_MOMENT
from tests.connectors.x_deliveries import CONSUMER_SECRET, a_post, an_event, mac, signed
from tests.connectors.x_platform import OWNER, XPlatform
from tests.listening.conftest import Desk, a_desk


@pytest.fixture
def account(tmp_path) -> Iterator[Desk]:
    """A desk at which X delivers what happens to an account."""
    with XPlatform() as platform:
        page = platform.page()
        options = {**page.options, "user_id": OWNER}
        page = replace(page, signing_secret=CONSUMER_SECRET, options=options)
        yield from a_desk(tmp_path, platform, page)


def numbered(number: int) -> str:
    return str(1_900_000_000_000_000_000 + number)


def deliver(desk: Desk, body: bytes) -> int:
    return desk.send(body, signed(body), to="/x")


def test_a_post_and_an_answer_are_archived_as_a_visit_would_have_seen_them(account):
    post = account.platform.publish("The road is closed.")
    answer = account.platform.comment(post, "For how long?")
    at, name = FIRST_MOMENT, numbered(answer)

    deliver(account, an_event("post.create", a_post(numbered(post), "The road…", at=at)))
    told = a_post(name, "For how long?", at=at, author="7", answers=numbered(post))
    deliver(account, an_event("post.reply.create", told))
    (heard,) = account.hear()
    office = account.archive.office
    (coverage,) = office.capture([account.archive.page], by=account.archive.person)

    assert heard.new == 2
    assert account.archive.item(name).kind == ItemKind.COMMENT
    assert account.archive.item(name).thread_n == account.archive.item(numbered(post)).thread_n
    assert coverage.changed == 0


def test_the_beginning_of_a_long_post_is_no_earlier_wording_of_it(account):
    words = "The road is closed, and will be for a long time. " * 8
    name = numbered(account.platform.publish(words.strip()))

    deliver(account, an_event("post.create", a_post(name, f"{words[:270]}…", at=FIRST_MOMENT)))
    (heard,) = account.hear()

    row = account.archive.item(name)
    with account.archive.office.catalogue.reading() as connection:
        assert len(contents.versions_of(connection, row.n)) == 1
    assert heard.new == 1


def test_an_answer_that_was_soon_deleted_is_kept_in_the_words_it_was_delivered_with(account):
    post = account.platform.publish("The road is closed.")
    name = numbered(99)
    told = a_post(name, "You are all crooks", at=FIRST_MOMENT, author="7", answers=numbered(post))

    deliver(account, an_event("post.reply.create", told))
    account.hear()

    assert account.archive.found("crooks") == [name]
    assert account.archive.item(name).state == "not_visible"


def test_what_the_account_deleted_is_a_sighting_that_says_so(account):
    post = account.platform.publish("The road is closed.")
    office = account.archive.office
    office.capture([account.archive.page], by=account.archive.person)
    account.platform.remove(post)

    told = {"id": numbered(post), "author_id": OWNER}
    deliver(account, an_event("post.delete", told, wrapped=True))
    account.hear()

    row = account.archive.item(numbered(post))
    with office.catalogue.reading() as connection:
        seen = sightings.sightings_of(connection, row.n)[-1]
    assert (seen.state, seen.actor, seen.source) == ("reported_removed", "author", "x activity")


def test_a_changed_profile_is_asked_for(account):
    deliver(account, an_event("profile.update.bio", {"before": "a", "after": "b"}))

    (heard,) = account.hear()

    assert (heard.new, account.archive.item(f"user-{OWNER}").kind) == (1, ItemKind.PROFILE)


def test_what_is_not_of_the_page_is_passed_over_and_what_is_not_understood_is_a_gap(account):
    liked = an_event("like.create", {"id": "1"})
    elsewhere = an_event("post.create", a_post("5", "Elsewhere", at=FIRST_MOMENT), user="9")
    blocked = an_event("block.block", {"source": {}, "target": {}})
    rootless = a_post("6", "An answer", at=FIRST_MOMENT, author="7")
    for body in (
        *(liked, elsewhere, blocked, an_event("post.reply.create", rootless)),
        *(an_event("post.create", {"id": "7"}), b'{"data": []}', b"{"),
    ):
        assert deliver(account, body) == 200

    (heard,) = account.hear()

    assert heard.seen == 0
    assert [gap.why for gap in heard.gaps] == [GapReason.OUT_OF_REACH] + [GapReason.UNREADABLE] * 4


def test_xs_check_of_the_address_is_answered_with_its_tokens_mac(account):
    answer = account.ask({"crc_token": "c3VwZXItc2VjcmV0"}, at="/x")

    assert answer.json() == {"response_token": mac(b"c3VwZXItc2VjcmV0")}
    assert answer.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize("token", ["", '{"data":{}}', "[1]", "a" * 129, "a b", '"text"'])
def test_no_check_has_us_sign_what_could_be_a_delivery(account, token):
    """X signs bodies by the MAC that its check wants back: it must sign nothing for a stranger."""
    assert account.ask({"crc_token": token}, at="/x").status_code == 404


def test_a_token_that_was_answered_is_no_delivery_for_all_its_signature(account):
    token = b"1234567890"

    assert account.send(token, signed(token), to="/x") == 403
    assert account.waiting == 0


@pytest.mark.parametrize("signature", ["", "sha256=", mac(b"{}", "another"), mac(b"{} ")])
def test_what_x_did_not_sign_is_refused(account, signature):
    headers = {"x-twitter-webhooks-signature": signature}

    assert account.send(b"{}", headers, to="/x") == 403


def test_an_account_whose_id_is_not_told_cannot_be_heard(account):
    office = account.archive.office
    office.config = replace(office.config, pages=(replace(account.archive.page, options={}),))

    with pytest.raises(ConfigInvalid, match="set user_id"):
        Ear(office)
