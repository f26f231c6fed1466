"""Mail as files: every message once, whom it went to, what it answers, and the files it carries."""

import mailbox
import tempfile
from contextlib import closing
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archiver.records.captures import Cursor, Gap, GapReason, Observation, Seen, Window
from archiver.records.errors import AttachmentGone, ConfigInvalid, DepositRefused, TooLarge
from archiver.records.items import Attachment, Content, ItemKind
from archiver.records.pages import FetchSettings, PageSettings, SettingValue
from connectors.deposits import DepositSource
from connectors.mail import DATE_FROM_RECEIPT, ODD
from connectors.mail_export import CONNECTOR, mailboxes
from connectors.mail_export.contents import NO_ID
from connectors.mail_export.mailboxes import messages
from tests.connectors.mail_sample import AT, ENVELOPE, a_mail, mailbox_of

DATE = b"Date: Tue, 03 Mar 2026 09:00:00 -0800\n"


def opened(path: Path, **options: SettingValue) -> DepositSource:
    page = PageSettings(
        name="mail", connector="mail-export", platform="mail", url="", options=options
    )
    fetching = FetchSettings(user_agent="test", spool=path.parent / "spool", max_bytes=10_000)
    source = CONNECTOR.open(page, fetching, deposit=path)
    assert isinstance(source, DepositSource)
    return source


def visited(path: Path, **options: SettingValue) -> list[Seen]:
    with closing(opened(path, **options)) as source:
        return list(source.visit(Window()))


def read(folder: Path, raw: bytes, *, name: str = "a.eml", **options: SettingValue) -> list[Seen]:
    (folder / name).write_bytes(raw)
    return visited(folder / name, **options)


def contents(seen: list[Seen]) -> list[Content]:
    return [each.content for each in seen if isinstance(each, Observation)]


def gaps(seen: list[Seen]) -> list[Gap]:
    return [each for each in seen if isinstance(each, Gap)]


# --- what a message is ------------------------------------------------------------------------


def test_a_message_tells_who_wrote_it_to_whom_and_what_it_answers(tmp_path):
    sent = a_mail(3, "There was.", answers=(1, 2), sender='"Doe, Jane" <Jane@Example.org>')
    sent["Cc"] = "Chief <chief@pd.example>, clerk@pd.example"

    (message,) = contents(read(tmp_path, sent.as_bytes()))

    assert message.kind is ItemKind.MESSAGE
    assert message.author is not None
    assert (message.author.native_id, message.author.name) == ("jane@example.org", "Doe, Jane")
    assert (message.native_id, message.parent) == ("3@example.org", "2@example.org")
    assert message.thread == "1@example.org"
    assert message.title == "Your report"
    assert message.text == (
        "To: Records <records@pd.example>\n"
        "Cc: Chief <chief@pd.example>, clerk@pd.example\n\nThere was."
    )
    assert (message.published_at - AT).total_seconds() == 180
    assert message.raw.body == sent.as_bytes()


def test_messages_are_restricted_and_alerts_are_not(tmp_path):
    raw = a_mail(1, "x").as_bytes()

    (message,) = [s for s in read(tmp_path, raw) if isinstance(s, Observation)]
    (alert,) = [s for s in read(tmp_path, raw, mail_is="alerts") if isinstance(s, Observation)]

    assert (message.restricted, alert.restricted) == (True, False)
    assert (message.content.kind, alert.content.kind) == (ItemKind.MESSAGE, ItemKind.POST)
    assert alert.content.text == "x"


def test_mail_can_be_nothing_but_messages_or_alerts(tmp_path):
    with pytest.raises(ConfigInvalid, match="messages or alerts"):
        read(tmp_path, b"", mail_is="spam")


def test_an_alert_of_nixle_is_known_by_its_number_and_told_with_its_priority(tmp_path):
    """Sender, subject and link as mail of August 2026 had them."""
    sent = a_mail(
        1,
        "Road closed.\n\nView this message on the web at "
        "https://local.nixle.com/alert/12600001/?sub_id=0.",
        sender='"PD - Headquarters" <pd---headquarters@emails.nixle.com>',
        subject="Advisory Message: Road closed",
    )

    (alert,) = contents(read(tmp_path, sent.as_bytes(), mail_is="alerts"))

    assert alert.permalink == "https://local.nixle.com/alert/12600001/"
    assert (alert.thread, alert.native_id) == ("12600001", "1@example.org")
    assert alert.marks == ("nixle-advisory",)
    assert alert.author is not None
    assert alert.author.name == "PD - Headquarters"


def test_mail_that_only_links_to_an_alert_is_none(tmp_path):
    sent = a_mail(1, "See https://local.nixle.com/alert/12600001/", subject="Alert: look")

    (other,) = contents(read(tmp_path, sent.as_bytes(), mail_is="alerts"))

    assert (other.permalink, other.thread, other.marks) == ("", None, ())


@pytest.mark.parametrize(
    ("headers", "hour", "marks"),
    [
        (DATE, 17, ()),
        (b"Date: Tue, 03 Mar 2026 09:00:00 -0000\n", 9, ()),
        (b"Date: soon\nReceived: by x; " + DATE[6:], 17, (DATE_FROM_RECEIPT,)),
        (b"Received: by x;\n " + DATE[6:], 17, (DATE_FROM_RECEIPT,)),
    ],
)
def test_a_message_is_dated_by_itself_or_by_who_took_it_in(tmp_path, headers, hour, marks):
    (message,) = contents(read(tmp_path, b"Message-ID: <a@b>\n" + headers + b"\nx\n"))

    assert (message.published_at.hour, message.marks) == (hour, marks)


def test_a_message_that_nothing_dates_is_a_gap_that_says_where(tmp_path):
    raw = b"From doe\nMessage-ID: <1@b>\n\nx\n\n" + ENVELOPE + b"Message-ID: <2@b>\n\ny\n\n"

    seen = read(tmp_path, raw, name="a.mbox")

    assert [message.native_id for message in contents(seen)] == ["2@b"]
    assert [(gap.what, gap.detail) for gap in gaps(seen)] == [
        ("a.mbox, message 1 at byte 9", "nothing dates it")
    ]


def test_a_message_without_an_id_is_known_by_its_bytes(tmp_path):
    (first,) = contents(read(tmp_path, DATE + b"\nx\n"))
    (again,) = contents(read(tmp_path, ENVELOPE + DATE + b"\nx\n", name="b.mbox"))

    assert first.native_id == again.native_id
    assert first.native_id.startswith("sha256-")
    assert NO_ID in first.marks


@pytest.mark.parametrize(
    "subject",
    [b"caf\xc3\xa9", b"=?utf-8?q?caf=C3=A9?=", b"=?iso-8859-1?q?caf=E9?=", b"=?utf-8?b?Y2Fmw6k=?="],
)
def test_a_subject_is_read_however_it_is_written(tmp_path, subject):
    (message,) = contents(read(tmp_path, DATE + b"Subject: " + subject + b"\n\nx\n"))

    assert message.title == "café"


def test_a_text_in_a_charset_nobody_knows_is_kept_and_marked(tmp_path):
    raw = DATE + b"Content-Type: text/plain; charset=klingon\n\ncaf\xc3\xa9\n"

    (message,) = contents(read(tmp_path, raw))

    assert message.text == "café"
    assert ODD in message.marks


def test_mail_that_is_a_web_page_alone_is_read_as_a_reader_sees_it(tmp_path):
    mail = EmailMessage()
    mail["Date"], mail["Message-ID"] = "Tue, 03 Mar 2026 09:00:00 -0800", "<a@b>"
    mail.set_content(
        '<style>p{}</style><p>Road closed</p><a href="https://pd.example/1">more</a>', "html"
    )

    (message,) = contents(read(tmp_path, mail.as_bytes()))

    assert message.text == "Road closed\nmore"
    assert message.links == ("https://pd.example/1",)


def test_every_part_that_is_no_text_is_a_file_and_one_of_several_ways_to_say_it_too(tmp_path):
    mail = a_mail(1, "Invited", picture=b"JPEG")
    calendar = EmailMessage()
    calendar.set_content("BEGIN:VCALENDAR", subtype="calendar")
    mail.get_payload(0).attach(calendar)
    mail.add_attachment(a_mail(2, "the first report"))
    mail.add_attachment("notes", filename="../../notes.txt")
    (tmp_path / "a.eml").write_bytes(mail.as_bytes())

    with closing(opened(tmp_path / "a.eml")) as source:
        (message,) = contents(list(source.visit(Window())))
        files = {a.name: Path(source.download(a).path).read_bytes() for a in message.attachments}

    assert message.text.endswith("\n\nInvited")
    assert list(files) == ["", "porch.jpg", "message.eml", "../../notes.txt"]
    assert files["porch.jpg"] == b"JPEG"
    assert files["message.eml"] == a_mail(2, "the first report").as_bytes()
    assert files[""].startswith(b"BEGIN:VCALENDAR")


def test_a_way_to_say_it_that_is_never_closed_is_told(tmp_path):
    raw = (
        DATE + b'Message-ID: <1@b>\nContent-Type: multipart/alternative; boundary="a"\n\n'
        b"--a\nContent-Type: text/plain\n\nHello\n"
        b'--a\nContent-Type: multipart/related; boundary="r"\n\n'
        b"--r\nContent-Type: text/html\n\n<p>Hello</p>\n--a--\n"
    )

    seen = read(tmp_path, raw)

    assert [message.text for message in contents(seen)] == ["Hello"]
    assert [gap.detail for gap in gaps(seen)] == [
        "the message breaks off; what there is of it was kept"
    ]


def test_a_text_that_is_sent_as_a_file_is_one_even_without_a_name(tmp_path):
    head = DATE + b"Message-ID: <1@b>\nContent-Disposition: attachment\n"

    (message,) = contents(read(tmp_path, head + b"\nnotes\n"))

    assert message.text == ""
    assert [(a.name, a.media_type) for a in message.attachments] == [("", "text/plain")]


# --- mailboxes --------------------------------------------------------------------------------

LINE = st.sampled_from(
    [
        "",
        "x",
        "From here on",
        "From 9:00 to 17:00",
        "> From me",
        "Subject: y",
        "--",
        "To: z",
        "From ",
    ]
)


@settings(max_examples=40)
@given(st.lists(st.lists(LINE, max_size=5), min_size=1, max_size=4))
@example([["", "From here on", "x"], ["y"]])
def test_a_mailbox_that_python_wrote_gives_every_message_as_it_was(bodies):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.mbox")
        with closing(mailbox.mbox(path)) as box:
            for number, body in enumerate(bodies):
                head = b"Message-ID: <%d@b>\n" % number + DATE
                box.add(head + b"\n" + "\n".join(body).encode() + b"\n")
        raw = path.read_bytes()
        found = [message.native_id for message in contents(visited(path))]

    cut = list(messages(raw[at : at + 7] for at in range(0, len(raw), 7)))
    assert found == [f"{number}@b" for number in range(len(bodies))]
    assert [raw[each.begin : each.begin + each.size] for each in cut] == [e.raw for e in cut]
    assert [each.body.split(b"\n\n", 1)[1].rstrip(b"\n") for each in cut] == [
        "\n".join(body).encode().rstrip(b"\n") for body in bodies
    ]


def test_a_line_that_looks_like_the_start_of_a_message_and_is_none_divides_nothing(tmp_path):
    raw = ENVELOPE + DATE + b"Message-ID: <1@b>\n\nHello\n\nFrom now on: nothing\nmore\n\n"

    (message,) = contents(read(tmp_path, raw, name="a.mbox"))

    assert message.text == "Hello\n\nFrom now on: nothing\nmore"


def test_a_line_like_the_start_of_a_message_within_a_paragraph_divides_nothing(tmp_path):
    raw = ENVELOPE + DATE + b"Message-ID: <1@b>\n\nHello\n" + ENVELOPE + b"more\n\n"

    (message,) = contents(read(tmp_path, raw, name="a.mbox"))

    assert message.text == "Hello\n" + ENVELOPE.decode() + "more"


def test_a_mailbox_that_ends_within_a_line_is_said_to_break_off(tmp_path):
    seen = read(tmp_path, ENVELOPE + DATE + b"\nHel", name="a.mbox")

    assert [message.text for message in contents(seen)] == ["Hel"]
    assert [(g.what, g.why) for g in gaps(seen)] == [
        (f"a.mbox, message 1 at byte {len(ENVELOPE)}", GapReason.UNREADABLE)
    ]


def test_a_message_that_is_too_large_is_a_gap_and_the_others_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(mailboxes, "LARGEST_MESSAGE", 3000)
    monkeypatch.setattr("connectors.mail_export.importer.LARGEST_MESSAGE", 3000)
    raw = mailbox_of(a_mail(1, "a"), a_mail(2, "b " * 5000), a_mail(3, "c"))

    seen = read(tmp_path, raw, name="a.mbox")

    assert [message.native_id for message in contents(seen)] == ["1@example.org", "3@example.org"]
    (gap,) = gaps(seen)
    assert gap.why is GapReason.TOO_LARGE
    assert gap.what.startswith("a.mbox, message 2 at byte ")


def test_files_of_a_mailbox_are_found_again_in_any_order(tmp_path):
    mails = [a_mail(n, "x" * n, picture=b"JPEG %d" % n) for n in range(1, 6)]
    (tmp_path / "a.mbox").write_bytes(mailbox_of(*mails))
    with closing(opened(tmp_path / "a.mbox")) as source:
        found = contents(list(source.visit(Window())))
        files = [message.attachments[0] for message in found]
        for number in (5, 1, 3, 3, 2):
            file = source.download(files[number - 1])
            assert Path(file.path).read_bytes() == b"JPEG %d" % number


def test_files_of_several_mailboxes_are_not_taken_for_one_anothers(tmp_path):
    folder = tmp_path / "saved"
    folder.mkdir()
    for number, name in enumerate(("a.mbox", "b.mbox")):
        mail = a_mail(number, "x", picture=b"JPEG %d" % number)
        (folder / name).write_bytes(mailbox_of(mail))
    with closing(opened(folder)) as source:
        files = [each.attachments[0] for each in contents(list(source.visit(Window())))]
        brought = [Path(source.download(files[n]).path).read_bytes() for n in (0, 1, 0)]

    assert brought == [b"JPEG 0", b"JPEG 1", b"JPEG 0"]


def test_a_file_is_not_taken_from_another_message_that_stands_there_now(tmp_path):
    path = tmp_path / "a.mbox"
    path.write_bytes(mailbox_of(a_mail(1, "x", picture=b"JPEG")))
    (message,) = contents(visited(path))
    path.write_bytes(mailbox_of(a_mail(1, "y", picture=b"JPEG")))

    with closing(opened(path)) as source, pytest.raises(AttachmentGone):
        source.download(message.attachments[0])


def test_a_file_that_is_too_large_or_not_in_its_message_is_not_brought(tmp_path):
    (tmp_path / "a.eml").write_bytes(a_mail(1, "x", picture=b"J" * 10_001).as_bytes())
    with closing(opened(tmp_path / "a.eml")) as source:
        (message,) = contents(list(source.visit(Window())))
        (file,) = message.attachments
        with pytest.raises(TooLarge, match="10001 bytes, and 10000"):
            source.download(file)
        for number in (0, 2):
            with pytest.raises(AttachmentGone):
                source.download(replace(file, url=f"{file.url[:-1]}{number}"))


@pytest.mark.parametrize("url", ["#0+0+0000000000000000#1", "a#b", "a.eml#0+99+aaaaaaaaaaaaaaaa#0"])
def test_an_address_that_is_none_is_gone(tmp_path, url):
    (tmp_path / "a.eml").write_bytes(a_mail(1, "x").as_bytes())

    with closing(opened(tmp_path / "a.eml")) as source, pytest.raises(AttachmentGone):
        source.download(Attachment(key="1", url=url))


# --- what is no mail, and what is made to hurt --------------------------------------------------


def test_files_that_are_no_mail_are_named_and_litter_is_not(tmp_path):
    folder = tmp_path / "saved"
    folder.mkdir()
    for name in ("a.eml", "Inbox", "notes.txt", "b.msg", ".DS_Store", "Inbox.msf"):
        (folder / name).write_bytes(b"x")
    (folder / "a.eml").write_bytes(a_mail(1, "x").as_bytes())
    (folder / "Inbox").write_bytes(mailbox_of(a_mail(2, "y")))

    seen = visited(folder)

    assert len(contents(seen)) == 2
    assert [(gap.what, gap.why) for gap in gaps(seen)] == [
        ("2 files in the export that nobody read: b.msg, notes.txt", GapReason.OUT_OF_REACH),
    ]


def test_a_folder_without_mail_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "b.msg").write_bytes(b"x")

    with pytest.raises(DepositRefused, match="holds no mail") as caught:
        visited(tmp_path / "saved")
    assert ".eml" in caught.value.remedy


NASTY = (
    b"From: " + b"(" * 5000 + b"\n",
    b"From: " + b"a" * 70_000 + b"\n",
    b"To: " + b'"' * 999 + b"\n",
    b"To: ;;;:,,@@<<>>\n",
    b"Content-Type: multipart/mixed\n",
    b"Content-Type: multipart/mixed; boundary=\n",
    b'Content-Type: text/plain; charset="utf-8\x00"\n',
    b"Content-Type: message/rfc822\n",
    b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Disposition: attachment; filename*=utf-8''%ff%fe; filename*1=x\n",
    b"Content-Disposition: attachment; filename*=nope'x\n",
    b"Message-ID: <" + b"x" * 1000 + b"@b>\n",
    b"References: " + b"<a@b> " * 2000 + b"\n",
    b"Subject: =?utf-8?b?////?= =?x?q??= \xff\xfe\n",
    b"Date: Fri, 31 Dec 9999 23:59:59 -9999\n",
    b"Date: 99999999999999999999\n",
    b"X: \x00\x01\n",
)


@pytest.mark.parametrize("header", NASTY, ids=lambda header: ascii(header[:32]))
def test_no_header_however_odd_loses_the_message_without_a_gap(tmp_path, header):
    seen = read(tmp_path, header + DATE + b"\n" + b"body =ff\n--\n\n\xff")

    assert len(contents(seen)) + len(gaps(seen)) >= 1
    assert any(isinstance(each, Cursor) for each in seen)
    for message in contents(seen):
        assert message.fingerprint()


@settings(max_examples=80)
@given(st.data())
def test_no_noise_in_a_message_ends_an_import(data):
    raw = bytearray(a_mail(1, "Hello", picture=b"JPEG", answers=(2, 3)).as_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw) - 1))
        noise = data.draw(
            st.binary(min_size=0, max_size=4)
            | st.sampled_from([b"\n\n", b"\r", b"=?", b";", b"--part-1--", b"<", b'"', b"\x00"])
        )
        raw[at : at + data.draw(st.integers(0, 9))] = noise
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.eml")
        path.write_bytes(bytes(raw))
        with closing(opened(path)) as source:
            seen = list(source.visit(Window()))
            for message in contents(seen):
                for attachment in message.attachments:
                    source.download(attachment)

    assert len(contents(seen)) + len(gaps(seen)) >= 1


def test_mail_nested_ever_deeper_is_kept_or_named(tmp_path):
    told = []
    for depth in (50, 1500):
        parts = b"".join(
            b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n)
            for n in range(depth)
        )
        seen = read(tmp_path, DATE + parts + b"Content-Type: text/plain\n\nx\n")
        told.append((len(contents(seen)), [gap.detail for gap in gaps(seen)]))

    assert told == [
        (1, ["the message breaks off; what there is of it was kept"]),
        (0, ["it is made in a way that no mail is"]),
    ]


def test_mail_about_boundaries_is_read(tmp_path):
    (message,) = contents(read(tmp_path, a_mail(1, "the boundary of the lot. " * 600).as_bytes()))

    assert message.text.count("boundary") == 600
