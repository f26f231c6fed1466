"""Connecting a page: a token is kept only where it is granted, and lives as long as it may."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import timedelta

import pytest

from archiver.catalogue import ledger
from archiver.office.token_files import as_it_stands, grant_of, keeper_of
from archiver.procedures import page_connecting
from archiver.procedures.page_connecting import App, ask, redeem
from archiver.procedures.papers import paper_of
from archiver.records.errors import ConfigInvalid, NotPermitted, PermissionLost
from archiver.records.pages import Access, AccessCheck
from archiver.records.people import Role
from tests.archive import ScriptedPlatform, ScriptedSource, a_colleague, an_archive
from tests.credentials.consent_server import CONSENT, ConsentServer

APP = App(client_id="app", secret="app-s3cr3t")


class AskingSource(ScriptedSource):
    """A source that says of its token what the platform says."""

    def check(self):
        good = self.platform.secret in self.platform.good
        yield AccessCheck("its posts", granted=good)

    def own_token(self):
        return self.platform.own.get(self.platform.secret)


class AskingPlatform(ScriptedPlatform):
    """A platform with tokens: *good* ones, and the page's *own* that others find."""

    capabilities = replace(ScriptedPlatform.capabilities, access=Access(consent=CONSENT))

    def __init__(self):
        super().__init__()
        self.good = {"good"}
        self.own = {}
        self.server = ConsentServer()
        self.secret = ""

    def open(self, page, fetching, *, deposit=None):
        del deposit
        self.secret, self.credential = page.secret, page.credential
        return AskingSource(self, fetching.spool)

    def token_answer(self, fetching, address, form, headers):
        del fetching
        assert address == CONSENT.token
        return self.server.answer(form, headers)


@pytest.fixture
def archive(tmp_path):
    archive = an_archive(tmp_path, index="memory:")
    archive.page = replace(
        archive.page, token_file=tmp_path / "page.token", secret_missing=True,
        owner="J. Doe", second_administrator="R. Roe",
    )  # fmt: skip
    archive.platform = AskingPlatform()
    archive.reopen()
    yield archive
    archive.office.close()


def connect(archive, token, *, by=None, page=None, organisation=True, below=""):
    office, page = archive.office, page or archive.page
    return page_connecting.connect(
        office.account, by or archive.person, page, token,
        opener=office.source, keep=keeper_of(page), organisation=organisation, below=below,
    )  # fmt: skip


def consented(archive):
    """Have a person consent, and connect the page with what comes of it."""
    office, asking = archive.office, ask(CONSENT, APP, "http://127.0.0.1:8747/")
    grant = redeem(
        office.account, archive.platform, office.config.fetching, CONSENT, APP, asking,
        archive.platform.server.browse(asking.address),
    )  # fmt: skip
    archive.platform.good.add(grant.token)
    assert connect(archive, grant.token, below=grant.written()).granted
    return grant


def used(archive):
    """Give the token with which the page is opened now."""
    with archive.office.source(archive.page):
        return archive.platform.secret


def last_leaf(archive):
    with archive.office.catalogue.reading() as connection:
        size = ledger.head(connection).size
        (data,) = ledger.raw_entries(connection, size - 1, size)
    return json.loads(data)


def test_a_token_that_is_granted_everything_is_kept_and_entered_with_who_answers_for_it(archive):
    assert connect(archive, "good").granted

    leaf, file = last_leaf(archive), archive.page.token_file
    told = paper_of(archive.office.account, "connection", leaf["p"])
    assert file.read_text("utf-8") == "good\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (leaf["k"], leaf["d"]) == ("page.connected", {"org": True})
    assert (told["owner"], told["second_administrator"]) == ("J. Doe", "R. Roe")
    assert "good" not in json.dumps([leaf, told])
    assert used(archive) == "good"


def test_a_persons_own_token_is_entered_as_such(archive):
    connect(archive, "good", organisation=False)

    assert last_leaf(archive)["d"] == {"org": False}


def test_a_token_that_is_refused_is_kept_nowhere_and_the_old_one_stays(archive):
    connect(archive, "good")
    before = last_leaf(archive)

    outcome = connect(archive, "bad")

    assert not outcome.granted
    assert used(archive) == "good"
    assert last_leaf(archive) == before


def test_an_organisations_token_is_changed_for_the_pages_own(archive):
    archive.platform.own = {"of the portfolio": "good"}

    assert connect(archive, "of the portfolio").granted

    assert used(archive) == "good"


@pytest.mark.parametrize("name", ["token_file", "owner", "second_administrator"])
def test_a_page_says_first_where_its_token_lies_and_who_answers_for_it(archive, name):
    page = replace(archive.page, **{name: None if name == "token_file" else ""})

    with pytest.raises(ConfigInvalid, match=name):
        page_connecting.demand_connectable(archive.office.account, archive.person, page)


def test_who_may_not_maintain_connects_nothing(archive):
    with pytest.raises(NotPermitted):
        connect(archive, "good", by=a_colleague(archive, Role.COUNSEL))

    assert not archive.page.token_file.exists()


@pytest.mark.parametrize(
    ("minutes", "anew"), [(109, False), (110, True), (120, True), (60 * 24 * 90, True)]
)
def test_a_token_given_by_consent_is_renewed_before_the_visit_in_which_it_would_die(
    archive, minutes, anew
):
    grant = consented(archive)
    archive.clock.forward(minutes=minutes)

    assert (used(archive) != grant.token) is anew
    kept = grant_of(as_it_stands(archive.page))
    assert (kept.token, kept.refresh_token) == (
        used(archive),
        kept.token.replace("access", "refresh"),
    )
    assert kept.dies_at - archive.clock.now > timedelta(minutes=10)


def test_whose_budget_is_spent_stays_the_same_while_tokens_change(archive):
    consented(archive)
    first = (used(archive), archive.platform.credential)
    archive.clock.forward(hours=3)

    second = (used(archive), archive.platform.credential)

    assert first[0] != second[0]
    assert first[1] == second[1] == "app"


def test_a_consent_that_was_withdrawn_is_permission_lost_and_no_removal(archive):
    consented(archive)
    archive.clock.forward(hours=3)
    archive.platform.server.withdraw()

    with pytest.raises(PermissionLost) as refusal, archive.office.source(archive.page):
        pass

    assert "archiver connect" in refusal.value.remedy
