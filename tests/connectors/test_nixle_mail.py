"""An agency's alerts by mail: one item with their page, and the mailbox left as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from cryptography import x509

from archiver.records.captures import (
    Cursor,
    Gap,
    GapReason,
    Listed,
    Observation,
    PlatformState,
    Seen,
    Sighting,
    Window,
)
from archiver.records.errors import AttachmentGone, ConfigInvalid, ConnectorError, TooLarge
from archiver.records.items import ItemKind
from archiver.records.pages import PageSettings
from connectors.fetching.mailbox import Mailbox, MailboxPlace
from connectors.nixle import CONNECTOR
from connectors.nixle.source import AgencySource
from tests.connectors.mail_server import USER, MailServer, trusted_authority
from tests.connectors.nixle_mail import MailedNixlePlatform, an_alert_mail
from tests.connectors.nixle_platform import FIRST_NUMBER
from tests.connectors.platforms import (
    LOGIN_PAGE,
    SECRET,
    SERVER_ERROR,
    PatientClock,
    fetching,
    patient_pace,
)
from tests.connectors.seeing import known, of

NINE = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
MAP = b"%PDF-1.4 a map"
GROUP = 12_700_001
"""The number of an alert that has no page."""


@pytest.fixture(autouse=True)
def clock() -> Iterator[PatientClock]:
    with patient_pace() as patient:
        yield patient


@pytest.fixture
def agency() -> Iterator[MailedNixlePlatform]:
    with MailedNixlePlatform() as served:
        yield served


@pytest.fixture
def opened(agency, tmp_path):
    sources: list[AgencySource] = []

    def source(**options: object) -> AgencySource:
        told = {key: value for key, value in options.items() if key != "fetching"}
        settings = {"ca_file": agency.ca_file} | dict(options.get("fetching") or {})
        sources.append(CONNECTOR.open(agency.page(**told), fetching(tmp_path, **settings)))
        return sources[-1]

    yield source
    for each in sources:
        each.close()


@pytest.fixture
def visit(opened):
    def visited(cursor: str | None = None, *, full: bool = False, **options: object) -> list[Seen]:
        source = opened(**options)
        since = NINE if cursor else None
        seen = list(source.visit(Window(since=since, cursor=cursor, full=full)))
        source.close()
        return [one for one in seen if not is_profile(one)]

    return visited


def is_profile(one: Seen) -> bool:
    return isinstance(one, Observation) and one.content.kind is ItemKind.PROFILE


def observed(seen: list[Seen]) -> list[tuple[str, str, bool]]:
    return [(o.content.native_id, o.content.text, o.current) for o in of(Observation, seen)]


def cursor_of(seen: list[Seen]) -> str | None:
    return next((one.value for one in reversed(seen) if isinstance(one, Cursor)), None)


def with_a_file(mail: EmailMessage) -> None:
    mail.add_attachment(MAP, maintype="application", subtype="pdf", filename="map.pdf")


def alert(number: int) -> str:
    return str(FIRST_NUMBER + number)


# --- one item -------------------------------------------------------------------------------


def test_an_alert_on_the_web_and_by_mail_is_one_item_of_one_wording(agency, visit):
    agency.publish("Road closed at Main & 3rd")

    seen = visit()

    assert observed(seen) == [(alert(1), "Road closed at Main & 3rd", True)]
    assert of(Observation, seen)[0].content.raw.media_type == "text/html"
    assert of(Gap, seen) == []


def test_what_was_mailed_before_an_alert_was_edited_is_its_earlier_wording(agency, visit):
    agency.publish("Road closed until noon")
    agency.edit(1, "Road closed until two")
    (raw,) = agency.mail.letters.values()

    seen = visit()

    mailed, page = (one.content for one in of(Observation, seen))
    assert observed(seen) == [
        (alert(1), "Road closed until noon", False),
        (alert(1), "Road closed until two", True),
    ]
    assert (mailed.raw.media_type, mailed.raw.body) == ("message/rfc822", raw)
    assert mailed.marks == ("as-mailed", "nixle-community")
    assert mailed.permalink == page.permalink
    assert mailed.author is not None
    assert page.author is not None
    assert mailed.author.native_id == page.author.native_id


def test_a_mail_with_another_headline_or_a_file_says_something_else_than_the_page(agency, visit):
    for text in ("Road closed", "Bridge closed"):
        agency.publish(text)
    agency.mail.letters.clear()
    agency.mail.deliver(
        an_alert_mail(FIRST_NUMBER + 1, "Road closed", at=NINE, subject="Alert Message: Detour")
    )
    agency.mail.deliver(
        an_alert_mail(FIRST_NUMBER + 2, "Bridge closed", at=NINE, change=with_a_file)
    )

    seen = visit()

    assert observed(seen) == [
        (alert(1), "Road closed", False),
        (alert(1), "Road closed", True),
        (alert(2), "Bridge closed", False),
        (alert(2), "Bridge closed", True),
    ]


def test_an_alert_to_a_group_comes_by_mail_alone_and_is_restricted(agency, visit, opened):
    agency.mail.deliver(
        an_alert_mail(GROUP, "Search team: meet at noon.", at=NINE, subject="Alert Message: Search")
    )

    (item,) = of(Observation, visit())
    looked = list(opened().recheck([known(item.content)]))

    assert item.restricted
    assert (item.content.native_id, item.content.title) == (str(GROUP), "Search")
    assert item.content.text == "Search team: meet at noon."
    assert item.content.published_at == NINE
    assert item.content.marks == ("as-mailed", "nixle-alert")
    assert item.content.permalink == ""
    assert looked == []


def test_an_alert_that_had_a_page_and_has_none_any_more_is_not_visible(agency, visit, opened):
    agency.publish("Here today")
    (item,) = of(Observation, visit())
    agency.remove(1)

    looked = list(opened().recheck([known(item.content)]))

    assert [one.state for one in of(Sighting, looked)] == [PlatformState.NOT_VISIBLE]


def test_links_lead_where_they_are_meant_to_and_not_to_who_counts_the_clicks(agency, visit):
    only_html = "https://pd.example/map?a=1 https://pd.example/b"
    agency.mail.deliver(
        an_alert_mail(
            GROUP,
            "See the map.",
            at=NINE,
            links=only_html,
            change=lambda mail: mail.set_payload([mail.get_payload(1)]),
        )
    )

    (item,) = of(Observation, visit())

    assert item.content.links == tuple(only_html.split())


@pytest.mark.parametrize(
    ("options", "taken"), [({}, set()), ({"mail_from": ("Sheriff-Central", "pd")}, {str(GROUP)})]
)
def test_alerts_of_other_agencies_count_only_where_they_are_named(agency, visit, options, taken):
    agency.mail.deliver(an_alert_mail(GROUP, "Flood", at=NINE, sender="sheriff-central"))
    forged = an_alert_mail(GROUP + 1, "Run", at=NINE)
    agency.mail.deliver(forged.replace(b"@emails.nixle.com>", b"@emails.nixle.com.example>"))

    seen = visit(**options)

    assert {native_id for native_id, _, _ in observed(seen)} == taken
    assert of(Gap, seen) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/alert/", b"/other/"),
        (b"Date: Tue", b"X-Date: Tue"),
        (b"boundary=", b"boundary=" * 600),
    ],
    ids=["names no alert", "is dated by nothing", "is made like no mail"],
)
def test_a_mail_of_the_agency_that_cannot_be_read_is_a_gap_that_says_where(agency, visit, old, new):
    raw = an_alert_mail(GROUP, "Flood", at=NINE)
    agency.mail.deliver(raw.replace(old, new).replace(b"%2Falert%2F", b"%2Fother%2F"))
    agency.mail.deliver(an_alert_mail(GROUP + 1, "Next", at=NINE))

    seen = visit()

    assert [(gap.why, gap.what) for gap in of(Gap, seen)] == [
        (GapReason.UNREADABLE, "message 1 of the mailbox")
    ]
    assert [text for _, text, _ in observed(seen)] == ["Next"]
    assert cursor_of(seen) is not None


def test_a_mail_that_is_too_large_is_a_gap_and_the_next_one_is_had(agency, visit):
    agency.mail.deliver(an_alert_mail(GROUP, 6000 * "x ", at=NINE))
    agency.mail.deliver(an_alert_mail(GROUP + 1, "Next", at=NINE))

    seen = visit(fetching={"max_bytes": 6000})

    assert [(gap.why, gap.what) for gap in of(Gap, seen)] == [
        (GapReason.TOO_LARGE, "message 1 of the mailbox")
    ]
    assert [text for _, text, _ in observed(seen)] == ["Next"]


# --- the mailbox ----------------------------------------------------------------------------


def test_the_mailbox_is_left_as_it_was(agency, visit):
    for number in range(3):
        agency.publish(f"Alert {number}")

    visit()

    assert agency.mail.seen == set()
    assert not any("BODY[" in command for command in agency.mail.commands)
    assert {command.partition(" ")[0] for command in agency.mail.commands} == {
        "CAPABILITY", "LOGIN", "EXAMINE", "UID", "LOGOUT",
    }  # fmt: skip


def test_a_visit_asks_for_the_mail_since_the_last_one_alone(agency, visit):
    agency.publish("First")
    first = visit()
    agency.mail.deliver(an_alert_mail(GROUP, "Second", at=NINE))
    agency.mail.commands.clear()

    again = visit(cursor_of(first))

    assert ("Second", True) in [(text, current) for _, text, current in observed(again)]
    fetched = [line.split()[2] for line in agency.mail.commands if line.startswith("UID FETCH")]
    assert fetched == ["2", "2"]


def test_a_full_visit_reads_the_whole_mailbox_again(agency, visit):
    agency.mail.deliver(an_alert_mail(GROUP, "Flood", at=NINE))

    again = visit(cursor_of(visit()), full=True)

    assert [text for _, text, _ in observed(again)] == ["Flood"]


def test_a_folder_that_was_numbered_anew_is_read_anew_and_nothing_is_another_version(agency, visit):
    agency.mail.deliver(b"From: somebody@example.org\r\n\r\nHello\r\n")
    agency.mail.deliver(an_alert_mail(GROUP, "Flood", at=NINE))
    del agency.mail.letters[1]
    first = visit()

    agency.mail.renumber()
    again = visit(cursor_of(first))

    assert agency.mail.letters.keys() == {1}
    (one,), (other,) = of(Observation, first), of(Observation, again)
    assert one.content.fingerprint() == other.content.fingerprint()


def test_a_line_that_breaks_at_any_command_is_made_anew_and_nothing_is_lost(agency, visit):
    for number in (1, 2):
        agency.mail.deliver(an_alert_mail(GROUP + number, f"Flood {number}", at=NINE))
    visit()

    for number in range(1, len(agency.mail.commands)):
        agency.mail.commands.clear()
        agency.mail.breaks_at = {number}
        seen = visit()

        assert {text for _, text, _ in observed(seen)} == {"Flood 1", "Flood 2"}
        assert of(Gap, seen) == []


def test_a_server_that_is_unavailable_is_asked_again_and_then_left_for_the_next_visit(
    agency, visit, clock
):
    on_the_wire = {f"Alert {number}" for number in range(1, 7)}
    for number in range(1, 7):
        agency.publish(f"Alert {number}")
    agency.mail.deliver(an_alert_mail(GROUP, "Flood", at=NINE))

    agency.mail.unavailable = 2
    after_a_while = visit()
    agency.mail.unavailable = 100
    never = visit()
    agency.mail.unavailable = 0
    next_time = visit(cursor_of(never))

    assert {text for _, text, _ in observed(after_a_while)} == on_the_wire | {"Flood"}
    assert clock.slept[:2] == [0.5, 1.0]
    assert [(gap.what, gap.why) for gap in of(Gap, never)] == [
        ("the mailbox", GapReason.UNREACHABLE)
    ]
    assert {text for _, text, _ in observed(never)} == on_the_wire
    assert cursor_of(never) == alert(6)
    assert [listed.whole for listed in of(Listed, never)] == [True]
    assert "Flood" in {text for _, text, _ in observed(next_time)}


def test_a_password_that_is_refused_is_a_gap_and_is_told_nowhere(agency, visit):
    agency.publish("On the wire")
    agency.mail.password = "another"

    seen = visit()

    assert [(gap.what, gap.why) for gap in of(Gap, seen)] == [
        ("the mailbox", GapReason.PERMISSION_LOST)
    ]
    assert [text for _, text, _ in observed(seen)] == ["On the wire"]
    assert SECRET not in repr(seen)


def test_a_folder_that_is_not_there_is_a_gap(visit):
    seen = visit(mail_folder="Alerts of Nixle")

    assert [gap.why for gap in of(Gap, seen)] == [GapReason.UNREADABLE]
    assert "Alerts of Nixle" in of(Gap, seen)[0].detail


def test_a_server_that_no_authority_vouches_for_gets_no_password(agency, visit):
    seen = visit(fetching={"ca_file": None})

    assert [gap.why for gap in of(Gap, seen)] == [GapReason.UNTRUSTED]
    assert agency.mail.commands == []


def test_a_server_whose_certificate_is_for_another_name_gets_no_password(agency, visit):
    elsewhere = x509.DNSName("elsewhere.example")
    agency.mail.certificate = trusted_authority()[0].vouch_for(elsewhere)

    seen = visit()

    assert [gap.why for gap in of(Gap, seen)] == [GapReason.UNTRUSTED]
    assert agency.mail.commands == []


def a_mailbox(server: MailServer, spool: Path, **options: object) -> Mailbox:
    host, port = server.address.split(":")
    place = MailboxPlace(host, USER, port=int(port), starttls=server.starttls)
    settings = fetching(spool, **{"ca_file": server.ca_file, **options})
    return Mailbox(settings, place, SECRET, largest=1000)


def test_a_server_on_a_private_address_is_asked_only_where_that_is_allowed(tmp_path):
    with MailServer(SECRET) as server:
        mailbox = a_mailbox(server, tmp_path, allow_private_hosts=frozenset())

        with pytest.raises(ConnectorError) as refused:
            mailbox.state()

    assert GapReason(refused.value.gap) is GapReason.REFUSED_ADDRESS


def test_starttls_comes_before_the_password(tmp_path):
    with MailServer(SECRET, starttls=True) as server:
        server.deliver(b"From: a@emails.nixle.com\r\n\r\nx\r\n")
        mailbox = a_mailbox(server, tmp_path)

        (letter,) = mailbox.letters(after=0, sender="@emails.nixle.com")
        mailbox.close()

    assert letter.raw == b"From: a@emails.nixle.com\r\n\r\nx\r\n"
    assert [line.split()[0] for line in server.commands[:4]] == [
        "CAPABILITY", "STARTTLS", "CAPABILITY", "LOGIN",
    ]  # fmt: skip


def test_a_message_that_is_too_large_is_not_brought_and_the_next_one_is(tmp_path):
    with MailServer(SECRET) as server:
        server.deliver(b"From: a@emails.nixle.com\r\n\r\n" + 1000 * b"x")
        server.deliver(b"From: a@emails.nixle.com\r\n\r\nx")
        mailbox = a_mailbox(server, tmp_path)

        large, small = mailbox.letters(after=0, sender="@emails.nixle.com")
        mailbox.close()

    assert (large.raw, large.size) == (b"", 1028)
    assert small.raw.endswith(b"x")


# --- the alert's own page -------------------------------------------------------------------


def test_while_an_alerts_page_cannot_be_had_its_mail_waits_and_nothing_is_lost(agency, visit):
    agency.publish("Flood")
    page = 2
    agency.script(lasting=(page, SERVER_ERROR))

    seen = visit()
    agency.script()
    again = visit(cursor_of(seen))

    assert observed(seen) == []
    assert {gap.why for gap in of(Gap, seen)} == {GapReason.UNREACHABLE}
    assert cursor_of(seen) is None
    assert observed(again) == [(alert(1), "Flood", True)]


def test_mail_after_one_that_has_to_wait_waits_as_well_and_its_place_is_not_passed(agency, visit):
    for number in range(60):
        agency.mail.deliver(an_alert_mail(GROUP + number, f"Flood {number}", at=NINE))
    agency.script(faults=dict.fromkeys(range(2, 7), SERVER_ERROR))

    seen = visit()

    assert (observed(seen), cursor_of(seen)) == ([], None)
    assert len(observed(visit())) == 60


def test_a_first_visit_that_broke_off_in_the_mailbox_leaves_the_wire_to_the_next_one_whole(
    agency, visit
):
    for number in range(6):
        agency.publish(f"Alert {number}")
    agency.forwards = False
    agency.mail.letters.clear()
    for number in range(60):
        agency.mail.deliver(an_alert_mail(GROUP + number, f"Flood {number}", at=NINE))
    agency.script(lasting=(1 + 55, SERVER_ERROR))

    broken = visit(feed="")
    agency.script()
    whole = visit(cursor_of(broken), feed="")

    assert cursor_of(broken) is not None
    assert {f"Alert {number}" for number in range(6)} <= {t for _, t, _ in observed(whole)}


def test_an_alert_whose_page_cannot_be_read_is_kept_as_it_was_mailed(agency, visit):
    agency.publish("Flood")
    page = 2
    agency.script(lasting=(page, LOGIN_PAGE))

    seen = visit()

    assert [(text, current) for _, text, current in observed(seen)] == [("Flood", True)]
    assert of(Observation, seen)[0].restricted
    assert [(gap.why, gap.native_id) for gap in of(Gap, seen)] == [(GapReason.UNREADABLE, alert(1))]
    assert cursor_of(seen) is None


@pytest.mark.parametrize("many", [70, pytest.param(3000, marks=pytest.mark.proof)])
def test_of_many_alerts_by_mail_every_one_is_had_and_a_broken_visit_goes_on_where_it_was(
    agency, visit, many
):
    for number in range(many):
        mail = an_alert_mail(GROUP + number, f"Flood {number}", at=NINE)
        agency.mail.deliver(mail)
    agency.script(lasting=(2 + 60, SERVER_ERROR))

    broken = visit()
    agency.script()
    whole = visit(cursor_of(broken))

    assert len(observed(broken)) == 60
    assert cursor_of(broken) == f"0 {agency.mail.validity}:50"
    assert len(observed(whole)) == many - 50
    assert {text for _, text, _ in observed(broken + whole)} == {f"Flood {n}" for n in range(many)}
    assert of(Gap, whole) == []


# --- files ----------------------------------------------------------------------------------


def test_a_file_in_a_mail_is_brought_home_while_the_mailbox_has_it(agency, visit, opened):
    agency.mail.deliver(an_alert_mail(GROUP, "See the map.", at=NINE, change=with_a_file))
    (item,) = of(Observation, visit())
    (file,) = item.content.attachments
    source = opened()

    kept = source.download(file)

    assert Path(kept.path).read_bytes() == MAP
    assert file.name == "map.pdf"
    with pytest.raises(TooLarge):
        opened(fetching={"max_bytes": 800}).download(file)
    agency.mail.validity += 1
    with pytest.raises(AttachmentGone):
        opened().download(file)
    agency.mail.letters.clear()
    with pytest.raises(AttachmentGone):
        source.download(file)
    source.close()
    assert not Path(kept.path).exists()


# --- saved as files -------------------------------------------------------------------------


def test_alerts_that_were_saved_as_files_are_had_as_out_of_a_mailbox(agency, visit, tmp_path):
    folder = tmp_path / "saved"
    (folder / "2026").mkdir(parents=True)
    agency.publish("Road closed until noon")
    agency.edit(1, "Road closed until two")
    (folder / "2026" / "one.EML").write_bytes(agency.mail.letters[1])
    (folder / "two.eml").write_bytes(an_alert_mail(GROUP, "Flood", at=NINE))
    (folder / "other.eml").write_bytes(b"From: a@b.example\r\n\r\nHello")
    (folder / "notes.txt").write_bytes(b"no mail")
    (folder / "link.eml").symlink_to(folder / "notes.txt")

    one = visit(mail_server="", mail_files=str(folder))
    same = visit(cursor_of(one), mail_server="", mail_files=str(folder))
    (folder / "three.eml").write_bytes(an_alert_mail(GROUP + 1, "Fire", at=NINE))
    more = visit(cursor_of(same), mail_server="", mail_files=str(folder))

    assert [text for _, text, _ in observed(one)] == [
        "Road closed until noon", "Road closed until two", "Flood",
    ]  # fmt: skip
    assert {text for _, text, _ in observed(same)} <= {"Road closed until two"}
    assert "Fire" in {text for _, text, _ in observed(more)}
    assert of(Gap, one + same + more) == []
    assert agency.mail.commands == []


def test_a_folder_of_files_that_is_not_there_is_a_gap(agency, visit, tmp_path):
    agency.publish("On the wire")

    seen = visit(mail_server="", mail_files=str(tmp_path / "none"))

    assert [(gap.what, gap.why) for gap in of(Gap, seen)] == [
        ("the mailbox", GapReason.UNREACHABLE)
    ]
    assert [text for _, text, _ in observed(seen)] == ["On the wire"]


# --- settings -------------------------------------------------------------------------------


def test_what_a_visit_needs_can_be_checked_without_one(agency, opened):
    agency.publish("Here")

    granted = [(check.what, check.granted) for check in opened().check()]
    agency.mail.password = "another"
    refused = [(check.what, check.granted) for check in opened().check()]

    assert granted == [("the agency's wire", True), ("the mailbox", True)]
    assert refused == [("the agency's wire", True), ("the mailbox", False)]


@pytest.mark.parametrize(
    ("options", "secret", "told"),
    [
        ({"mail_server": "https://imap.example"}, "s", "mail_server"),
        ({"mail_user": ""}, "s", "mail_user"),
        ({}, None, "token_env"),
        ({"mail_files": "saved"}, "s", "two ways"),
    ],
)
def test_a_mailbox_that_cannot_be_opened_is_refused_before_a_visit(tmp_path, options, secret, told):
    page = PageSettings(
        name="n",
        connector="nixle",
        platform="nixle",
        url="https://local.nixle.com/pd/",
        secret=secret,
        options={"mail_server": "imap.example", "mail_user": USER} | options,
    )

    with pytest.raises(ConfigInvalid, match=told):
        CONNECTOR.open(page, fetching(tmp_path))
