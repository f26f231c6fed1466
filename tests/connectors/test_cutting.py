"""Cutting: what is kept of an item is exactly what the platform sent."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.errors import AnswerUnreadable, DepositRefused
from connectors.cutting import (
    LARGEST_ELEMENT,
    html_element,
    html_files,
    html_part,
    html_tags,
    json_list,
    json_member,
    json_stream,
    visible_text,
    without_parts,
    xml_elements,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
SPACES = st.text(" \t\r\n", max_size=3)


def pieces(body: bytes, cuts: list[int]) -> Iterator[bytes]:
    places = sorted({cut % (len(body) + 1) for cut in cuts})
    for begin, end in zip([0, *places], [*places, len(body)], strict=True):
        yield body[begin:end]


@given(
    st.lists(VALUES, max_size=6),
    SPACES,
    st.sampled_from([True, False]),
    st.lists(st.integers(0, 5000), max_size=20),
)
def test_reading_in_pieces_gives_what_reading_at_once_gives(
    values: list[object], space: str, escaped: object, cuts: list[int]
) -> None:
    sources = [
        json.dumps(value, ensure_ascii=bool(escaped)).encode("utf-8", "replace") for value in values
    ]
    between = f"{space},{space}".encode()
    body = f"{space}[{space}".encode() + between.join(sources) + f"{space}]{space}".encode()

    streamed = list(json_stream(pieces(body, cuts)))

    assert streamed == json_list(body)
    assert [raw for _value, raw in streamed] == sources


@given(st.binary(max_size=60), st.lists(st.integers(0, 200), max_size=10))
def test_bytes_that_are_no_utf8_are_kept_as_they_came(junk: bytes, cuts: list[int]) -> None:
    junk = bytes(byte for byte in junk if byte >= 0x80)
    body = b'[{"text": "' + junk + b'"}, 1]'

    cut = list(json_stream(pieces(body, cuts)))

    assert [raw for _value, raw in cut] == [b'{"text": "' + junk + b'"}', b"1"]


@given(st.binary(max_size=200))
def test_whatever_arrives_is_read_or_refused(body: bytes) -> None:
    for read in (json_list, lambda b: json_member(b, "a"), lambda b: list(json_stream([b]))):
        with suppress(AnswerUnreadable):
            read(body)


def test_nothing_is_taken_for_whole_while_more_may_come() -> None:
    body = b'[1.5e+10, -0.25, 12, 3E5, true, null, "\\u00e9\\"", {"a": [1.0]}, "\xc3\xa9"]'
    byte_by_byte = [body[at : at + 1] for at in range(len(body))]
    assert list(json_stream(byte_by_byte)) == json_list(body)


def test_a_fault_is_placed_from_the_beginning_of_the_file() -> None:
    with pytest.raises(AnswerUnreadable, match="character 9 "):
        list(json_stream([b"[1,", b" 2, ", b"3 ", b"oops", b"]" * 20]))


def test_numbers_keep_their_digits_and_escapes_their_spelling() -> None:
    body = b'[1.10, 12345678901234567890123, "\\u00e9\\/"]'
    assert [raw for _value, raw in json_list(body)] == [
        b"1.10", b"12345678901234567890123", b'"\\u00e9\\/"',
    ]  # fmt: skip


def test_a_byte_order_mark_is_no_part_of_the_answer() -> None:
    assert json_list(b"\xef\xbb\xbf[1]") == [(1, b"1")]


def test_the_array_under_a_key_is_cut_wherever_the_key_stands() -> None:
    body = b'{"paging": {"next": []}, "other": [0, 0], "data": [{"id": 1.0}, 2], "n": 3}'
    expected = [({"id": 1.0}, b'{"id": 1.0}'), (2, b"2")]
    assert json_member(body, "data") == expected
    assert list(json_stream(pieces(body, [7, 30, 55]), member="data")) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"", b"   ", b"[", b"[1", b"[1,", b"[1,]", b"[,]", b"[1 2]", b"[01]", b"[1] x", b"[1][2]",
        b"{}", b"null", b"[NaN]", b"[-Infinity]", b"[" * 100_000, b'[{"a":' * 50_000,
        b"[" + b"9" * 5_000 + b"]", b'["\x01"]', b'["\xff"]', b"<html>Log in</html>", b'["a]',
        b'[{"a" 1}]', b"['a']",
    ],
    ids=lambda body: repr(body[:20]),
)  # fmt: skip
def test_what_is_no_array_is_refused_and_never_read_in_part(body: bytes) -> None:
    with pytest.raises(AnswerUnreadable):
        json_list(body)


@pytest.mark.parametrize(
    "body",
    [
        b"[]", b"{}", b'{"a": 1}', b'{"a": {}}', b'{"b": []}', b'{"a": [], "a": []}',
        b'{"a": []} x',         b'{"a": [], "b": 1, "b": 2}',
        b'{"a": [] "b": 1}', b'{"a" []}', b"{a: []}",
        b'{"a": []', b"{1: []}",
    ],
    ids=repr,
)  # fmt: skip
def test_an_object_without_that_array_exactly_once_is_refused(body: bytes) -> None:
    with pytest.raises(AnswerUnreadable):
        json_member(body, "a")


def test_what_came_before_a_fault_has_been_given() -> None:
    stream = json_stream([b"[1, 2, ", b"oops]"])
    assert [next(stream), next(stream)] == [(1, b"1"), (2, b"2")]
    with pytest.raises(AnswerUnreadable):
        next(stream)


def test_one_element_cannot_fill_the_memory() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        yield b'["'
        while True:
            taken += 1
            yield b"x" * 1024**2

    with pytest.raises(DepositRefused, match="larger than 16 MiB"):
        list(json_stream(endless()))
    assert taken <= 2 * LARGEST_ELEMENT // 1024**2 + 1


def test_no_message_repeats_what_an_item_says() -> None:
    with pytest.raises(AnswerUnreadable) as caught:
        json_list(b'[{"text": "a secret witness" oops}]')
    assert "witness" not in str(caught.value)
    assert caught.value.__cause__ is None


FEED = (
    '<?xml version="1.0" encoding="{}"?>\n<rss xmlns:a="urn:a">'
    '<item><t>é</t></item> <a:entry b="1"/>'
    "<item><item>in</item><![CDATA[</item>]]><!-- </item> --></item >text</rss>\n"
)
CUT = [
    "<item><t>é</t></item>",
    '<a:entry b="1"/>',
    "<item><item>in</item><![CDATA[</item>]]><!-- </item> --></item >",
]


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_elements_are_cut_in_the_bytes_they_came_in(encoding: str) -> None:
    body = FEED.format(encoding).encode(encoding)
    plain = "utf-16-le" if encoding == "utf-16" else encoding

    cut = xml_elements(body, {"item", "entry"})

    assert [piece.decode(plain) for piece in cut] == CUT
    assert all(piece in body for piece in cut)


def test_an_encoding_of_several_bytes_is_cut_too() -> None:
    body = FEED.format("shift_jis").replace("é", "日本語").encode("shift_jis")
    cut = xml_elements(body, {"item"})
    assert cut[0].decode("shift_jis") == "<item><t>日本語</t></item>"
    assert all(piece in body for piece in cut)


def test_the_encoding_a_server_names_outranks_the_declared_one() -> None:
    body = FEED.format("utf-8").encode("iso-8859-1")
    assert xml_elements(body, {"item"}, encoding="iso-8859-1")[0] == CUT[0].encode("iso-8859-1")
    with pytest.raises(AnswerUnreadable):
        xml_elements(body, {"item"})


def test_the_whole_document_may_be_the_element() -> None:
    assert xml_elements(b"<item>x</item>", {"item"}) == [b"<item>x</item>"]
    assert xml_elements(b"\xef\xbb\xbf<item/> ", {"item"}) == [b"<item/>"]


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY x "lol">]><a>&x;</a>', b"<!DOCTYPE a><a/>", b"<a>&nbsp;</a>",
        b"<a>", b"", b"<a></b>", b"<a/><a/>", b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b'<?xml version="1.0" encoding="hex"?><a/>', b"<a>\xff</a>",
        b'<?xml version="1.0" encoding="shift_jis"?><a>\xff\xff</a>', b"Log in, please",
    ],
    ids=repr,
)  # fmt: skip
def test_xml_with_a_document_type_or_out_of_form_is_refused(body: bytes) -> None:
    with pytest.raises(AnswerUnreadable):
        xml_elements(body, {"a"})


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("One &amp; two&nbsp;&#8217;s", "One & two \N{RIGHT SINGLE QUOTATION MARK}s"),
        ("<p>One</p><p>two</p>", "One\ntwo"),
        ("<P CLASS=x>One<BR/>two</P>three", "One\ntwo\nthree"),
        ("a<b>c</b>d <i>e</i>", "acd e"),
        ("  a \n\t b  ", "a b"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<tr><td>a</td><td>b</td></tr>", "a b"),
        ('x<img alt="no" src="y">z', "xz"),
        ('<a title="1 > 2" href=\'u"\'>link</a>', "link"),
        ("a<script>var x = '<p>no</p>'</script>b<STYLE>p{}</STYLE >c", "abc"),
        ("a<!-- no <p> -->b", "ab"),
        ("<title>no</title>yes", "yes"),
        ("1 < 2 and a<3", "1 < 2 and a<3"),
        ("&lt;b&gt; stays", "<b> stays"),
        ("kept <!-- never closed", "kept <!-- never closed"),
        ("kept <script>never closed", "kept never closed"),
        ('kept <a href="cut off', 'kept <a href="cut off'),
        ("<![CDATA[x]]>y", "y"),
        ("<?xml version='1'?>y", "y"),
        ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";"),
        ("", ""),
    ],
)
def test_a_reader_sees(html: str, text: str) -> None:
    assert visible_text(html) == text


@given(st.text(alphabet="<>/!-?&;#x\"'=ab pscrit[]\n", max_size=80) | st.text(max_size=80))
def test_no_html_is_refused(html: str) -> None:
    visible_text(html)


@pytest.mark.parametrize(
    "piece",
    [
        "<", "</", "<a ", '<a b="', "<a/", "<!--", "<!", "<?", "<script>", "</script", "<style><",
        '<a="x>" ', "<a b='>", '="', "&", "&#", "<![CDATA[", "<title>", "<a b=\" c='",
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["", ">", "-->"])
def test_hostile_html_takes_time_in_proportion_to_its_length(piece: str, end: str) -> None:
    began = time.process_time()
    visible_text(piece * 50_000 + end)
    assert time.process_time() - began < 2


# --- elements of HTML -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<!--",
        '<a "',
        "<a b='",
        "<script>",
        "<nav>",
        "<nav></nav>",
        "<div class=body>",
        "<a x ",
    ],
)
def test_cutting_hostile_html_takes_time_in_proportion_to_its_length(piece: str) -> None:
    html = piece * 20_000
    began = time.process_time()
    html_element(html, "class", "body")
    without_parts(html, {"nav", "div"})
    list(html_files(html, "https://pd.example/"))
    assert time.process_time() - began < 3


def test_html_is_left_without_its_menus_but_with_what_is_never_closed():
    html = "<nav>a<nav>b</nav>c</nav>d<aside>e</aside>f<nav>g"

    assert without_parts(html, {"nav", "aside"}) == "df<nav>g"
    assert html_part(html, "aside") is not None
    assert html_part(html, "main") is None


def test_an_element_of_html_is_cut_with_all_that_is_in_it_and_nothing_after():
    html = "<p>before</p><div class='a body b'>x<div>y</div><!-- </div> -->z</div><div>after</div>"

    span = html_element(html, "class", "body")

    assert span is not None
    assert html[slice(*span)] == "<div class='a body b'>x<div>y</div><!-- </div> -->z</div>"


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<div class='other'>x</div>",
        "<div class='body'>never closed",
        "<script>'<div class=\"body\">x</div>'</script>",
        "<!-- <div class=body>x</div> -->",
    ],
)
def test_an_element_that_is_not_there_or_never_ends_is_none(html):
    assert html_element(html, "class", "body") is None


def test_the_tags_of_html_are_told_with_their_attributes_as_a_browser_reads_them():
    html = "<A HREF=x data-a='1 > 0' disabled title=\"a &amp; b\" href=y>"

    assert list(html_tags(html)) == [
        ("a", {"href": "x", "data-a": "1 > 0", "disabled": "", "title": "a & b"}, 0)
    ]


@given(st.text(alphabet="<>\"'=/ -!adiv", max_size=60))
def test_no_html_stops_the_cutting(html):
    list(html_tags(html))
    span = html_element(html, "class", "body")

    assert span is None or html[span[0]] == "<"
