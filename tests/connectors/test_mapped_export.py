"""An export of any service, read by a mapping: whatever is not read is named by file and line."""

import csv
import io
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.procedures.reckoning import Reckoned
from archiver.records.captures import Gap, Listed, Observation, PlatformState, Seen, Window
from archiver.records.errors import AttachmentGone, ConfigInvalid, DepositRefused
from archiver.records.items import Attachment, ItemKind
from archiver.records.pages import FetchSettings, PageSettings
from connectors.deposits import DepositSource
from connectors.mapped_export import CONNECTOR
from connectors.mapped_export.mapping import read_mapping
from connectors.mapped_export.values import AMBIGUOUS_TIME, UNKNOWN_STATE

SHIPPED = sorted((Path(__file__).parents[2] / "samples" / "mappings").glob("*.toml"))
ROWS = """
format = "csv"
[time]
zone = "America/Los_Angeles"
formats = ["iso", "%m/%d/%Y %H:%M"]
[fields]
id = "ID"
kind = "Kind"
published_at = "At"
text = "Text"
state = "State"
[states]
"Gone" = "reported_removed"
"""
HEADER = "ID,Kind,At,Text,State\n"
LINES = """
format = "jsonl"
[fields]
published_at = "at"
text = "text"
attachments = "files"
[constants]
kind = "post"
author = "PD"
"""


@contextmanager
def opened(folder: Path, mapping: str, files: Mapping[str, str | bytes]) -> Iterator[DepositSource]:
    folder.mkdir(exist_ok=True)
    deposit = folder / "deposit"
    for name, content in files.items():
        path = deposit / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "mapping.toml").write_text(mapping, "utf-8")
    with closing(open_it(folder, deposit)) as source:
        yield source


def open_it(folder: Path, deposit: Path) -> DepositSource:
    page = PageSettings(
        name="left",
        connector="mapped-export",
        platform="imported",
        url="",
        options={"mapping": str(folder / "mapping.toml")},
    )
    fetching = FetchSettings(user_agent="test", spool=folder / "spool", max_bytes=1000)
    source = CONNECTOR.open(page, fetching, deposit=deposit)
    assert isinstance(source, DepositSource)
    return source


def read(folder: Path, mapping: str, **files: str | bytes) -> list[Seen]:
    named = {name.replace("__", "."): content for name, content in files.items()}
    with opened(folder, mapping, named) as source:
        return list(Reckoned(source, {}).visit(Window()))


def items(seen: list[Seen]) -> list[Observation]:
    return [each for each in seen if isinstance(each, Observation)]


def faults(seen: list[Seen]) -> list[str]:
    return [f"{each.what}: {each.detail}" for each in seen if isinstance(each, Gap)]


# --- rows -------------------------------------------------------------------------------------


def test_each_row_that_cannot_be_read_is_named_by_file_and_line(tmp_path):
    body = HEADER + (
        'a,post,2026-01-01,"two\nlines",\n'
        "b,story,2026-01-01,x,\n"
        "\n"
        "c,post,yesterday,x,\n"
        "d,post,,x,\n"
        "e,post,2026-01-01\n"
        "f,post,2026-01-01,last,\n"
    )

    seen = read(tmp_path, ROWS, posts__csv=body)

    assert [item.content.text for item in items(seen)] == ["two\nlines", "last"]
    assert faults(seen) == [
        (
            "posts.csv, line 4: kind ('Kind' in the export): the mapping's [kinds] has no such "
            "word; add it there"
        ),
        (
            "posts.csv, line 6: published_at ('At' in the export): is in none of the mapping's "
            "[time] formats: iso, %m/%d/%Y %H:%M"
        ),
        "posts.csv, line 7: published_at ('At' in the export): it has no date",
        "posts.csv, line 8: it has 3 columns, and the header 5",
    ]


def test_all_that_is_wrong_with_a_row_is_told_at_once(tmp_path):
    mapping = ROWS.replace('state = "State"', 'state = "State"\nedited_at = "Edited"')
    body = HEADER.replace("\n", ",Edited,Likes\n") + "a,story,yesterday,x,,never,many\n"

    (told,) = faults(read(tmp_path, f'{mapping}[counts]\nlikes = "Likes"\n', posts__csv=body))

    assert [fault.partition(" (")[0] for fault in told.partition(": ")[2].split("; ")] == [
        "kind", "add it there", "published_at", "edited_at", "likes",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (HEADER.replace(",", ";") + "a;post;2026-01-01;x;\n", "`delimiter`; try semicolon"),
        (f"{HEADER}a,post,2026-01-01,x,\n".encode("utf-16"), "it looks like utf-16"),
    ],
)
def test_a_header_that_is_read_otherwise_than_it_is_written_says_so_once(tmp_path, body, told):
    with pytest.raises(DepositRefused) as caught:
        read(tmp_path, ROWS, posts__csv=body)

    assert str(caught.value).startswith("posts.csv: its header is ")
    assert str(caught.value).endswith(told)


def test_words_in_another_encoding_than_the_mapping_says_are_kept_and_told(tmp_path):
    body = f"{HEADER}a,post,2026-01-01,café,\nb,post,2026-01-01,plain,\n".encode("windows-1252")

    seen = read(tmp_path, ROWS, posts__csv=body)
    meant = read(
        tmp_path / "2", ROWS.replace("[time]", 'encoding = "windows-1252"\n[time]'), p__csv=body
    )

    assert len(items(seen)) == 2
    assert faults(seen) == [
        (
            "the characters of records: records with bytes that are no characters in utf-8: 1 "
            "(first posts.csv, line 2); mend the mapping's `encoding`"
        )
    ]
    assert (items(meant)[0].content.text, faults(meant)) == ("café", [])


def test_a_field_of_words_that_no_record_has_is_a_gap(tmp_path):
    lines = '{"at": "2026-01-01T00:00:00Z", "body": "x"}\n' * 2

    seen = read(tmp_path, LINES, posts__jsonl=lines)

    assert faults(seen) == [
        (
            "the field 'text', which the mapping names as text: no record has it: mend the "
            "mapping's name of it, or take it out"
        )
    ]


def test_a_pattern_of_a_time_that_is_none_is_a_fault_of_the_mapping(tmp_path):
    with pytest.raises(ConfigInvalid, match="'%m/%Q' is no pattern of a time: 'Q' is a bad"):
        read(tmp_path, ROWS.replace("%m/%d/%Y %H:%M", "%m/%Q"), posts__csv=HEADER)


def test_no_gap_repeats_what_a_record_says(tmp_path):
    secret = "the informant is Doe"
    body = HEADER + "".join(
        f"{row}\n"
        for row in (f"a,{secret},2026-01-01,x,", f"b,post,{secret},x,", f'c,post,"{secret}"x,,')
    )

    seen = read(tmp_path, ROWS, posts__csv=body)

    assert len(faults(seen)) == 3
    assert secret not in "".join(faults(seen))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["post", "comment", "reply"]),
            st.text(
                st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=20
            ),
        ),
        max_size=8,
    )
)
@settings(max_examples=30)
def test_every_row_comes_in_as_it_was_written(rows):
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(HEADER.strip().split(","))
    for number, (kind, text) in enumerate(rows):
        writer.writerow((number, kind, "2026-01-01", text, ""))
    with tempfile.TemporaryDirectory() as folder:
        seen = read(Path(folder), ROWS, posts__csv=written.getvalue())

    assert [(i.content.kind.value, i.content.text) for i in items(seen)] == rows
    assert faults(seen) == []
    for item in items(seen):
        alone = list(csv.DictReader(io.StringIO(item.content.raw.body.decode(), newline="")))
        assert [row["Text"] for row in alone] == [item.content.text]


@pytest.mark.parametrize(
    ("encoding", "delimiter", "mark"),
    [("utf-16", "tab", "\t"), ("windows-1252", "semicolon", ";"), ("utf-8", "pipe", "|")],
)
def test_a_file_in_another_encoding_is_read(tmp_path, encoding, delimiter, mark):
    mapping = f'encoding = "{encoding}"\ndelimiter = "{delimiter}"\n{ROWS}'
    body = HEADER.replace(",", mark) + mark.join(("1", "post", "2026-01-01", "café", "")) + "\n"

    (item,) = items(read(tmp_path, mapping, posts__csv=body.encode(encoding)))

    assert item.content.text == "café"
    charset = item.content.raw.media_type.partition("charset=")[2]
    assert item.content.raw.body.decode(charset) == body


@pytest.mark.parametrize(
    ("encoding", "body", "fault"),
    [
        ("utf-16", b"\xff\xfeI\x00D", "it is not in UTF-16, as it was said to be"),
        ("utf-8", b"", "it has no header that names every column once"),
        ("utf-8", b"ID,ID\n1,2\n", "it has no header that names every column once"),
    ],
)
def test_a_file_whose_header_cannot_be_read_is_refused(tmp_path, encoding, body, fault):
    with pytest.raises(DepositRefused) as caught:
        read(tmp_path, f'encoding = "{encoding}"\n{ROWS}', posts__csv=body)

    assert caught.value.faults == [f"posts.csv: {fault}"]


def test_every_column_that_is_wanting_is_named_at_once_and_what_there_is_instead(tmp_path):
    with (
        pytest.raises(DepositRefused) as caught,
        opened(tmp_path, ROWS, {"a.csv": "ID,Art,Zeit\n1,2,3\n", "b.csv": "id,Text\n1,2\n"}),
    ):
        pass

    assert [fault.partition(";")[0] for fault in caught.value.faults] == [
        "a.csv: there is no column 'At'",
        "a.csv: there is no column 'Kind'",
        "a.csv: there is no column 'State'",
        "a.csv: there is no column 'Text'",
        "b.csv: there is no column 'At'",
        "b.csv: there is no column 'ID'",
        "b.csv: there is no column 'Kind'",
        "b.csv: there is no column 'State'",
    ]
    assert "there are 'ID', 'Art', 'Zeit'" in caught.value.faults[0]


# --- what an item is --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "moment", "marked"),
    [
        ("2026-03-01T09:00:00Z", datetime(2026, 3, 1, 9, tzinfo=UTC), False),
        ("2026-03-01 09:00", datetime(2026, 3, 1, 17, tzinfo=UTC), False),
        ("03/01/2026 09:00", datetime(2026, 3, 1, 17, tzinfo=UTC), False),
        ("2026-11-01 00:59", datetime(2026, 11, 1, 7, 59, tzinfo=UTC), False),
        ("2026-11-01 01:00", datetime(2026, 11, 1, 8, tzinfo=UTC), True),
        ("2026-11-01 02:00", datetime(2026, 11, 1, 10, tzinfo=UTC), False),
        ("2026-03-08 02:30", datetime(2026, 3, 8, 10, 30, tzinfo=UTC), True),
    ],
)
def test_a_time_is_read_in_the_mappings_zone_and_an_hour_there_is_twice_is_marked(
    tmp_path, at, moment, marked
):
    (item,) = items(read(tmp_path, ROWS, posts__csv=f"{HEADER}1,post,{at},x,\n"))

    assert item.content.published_at == moment
    assert (AMBIGUOUS_TIME in item.content.marks) is marked


def test_a_time_that_no_zone_is_known_of_is_not_guessed(tmp_path):
    mapping = ROWS.replace('zone = "America/Los_Angeles"\n', "")

    seen = read(tmp_path, mapping, posts__csv=f"{HEADER}1,post,2026-01-01,x,\n")

    assert faults(seen) == [
        (
            "posts.csv, line 2: published_at ('At' in the export): names no time zone, and neither "
            "does the mapping's [time]"
        )
    ]


@given(at=st.one_of(st.text(max_size=12), st.integers(), st.floats(), st.none(), st.booleans()))
@settings(max_examples=60)
def test_no_time_however_odd_ends_an_import(at):
    mapping = f'{LINES}[time]\nformats = ["epoch", "epoch-ms", "iso", "%d %B %Y"]\nzone = "UTC"\n'
    lines = f'{json.dumps({"at": at, "text": "x"})}\n{{"at": "1", "text": "last"}}\n'
    with tempfile.TemporaryDirectory() as folder:
        seen = read(Path(folder), mapping, posts__jsonl=lines)

    assert len(items(seen)) + len(faults(seen)) == 2
    assert items(seen)[-1].content.text == "last"


def test_a_state_the_mapping_has_no_word_for_is_unknown_and_marked(tmp_path):
    body = HEADER + "1,post,2026-01-01,x,gone\n2,post,2026-01-01,x,Odd\n3,post,2026-01-01,x,\n"

    seen = items(read(tmp_path, ROWS, posts__csv=body))

    assert [item.state for item in seen] == [
        PlatformState.REPORTED_REMOVED,
        PlatformState.UNKNOWN,
        PlatformState.PRESENT,
    ]
    assert [UNKNOWN_STATE in item.content.marks for item in seen] == [False, True, False]


def test_messages_are_restricted_and_everything_where_the_mapping_says_so(tmp_path):
    body = HEADER + "1,post,2026-01-01,x,\n2,message,2026-01-01,y,\n"

    some = items(read(tmp_path, ROWS, posts__csv=body))
    every = items(read(tmp_path, f"restricted = true\n{ROWS}", posts__csv=body))

    assert [item.restricted for item in some] == [False, True]
    assert [item.restricted for item in every] == [True, True]


def test_records_without_ids_are_told_apart_by_their_second_and_their_place(tmp_path):
    at = "2026-01-01T00:00:00Z"
    lines = "".join(f"{json.dumps({'at': at, 'text': text})}\n" for text in "ab")

    seen = items(read(tmp_path, LINES, posts__jsonl=lines))

    stamp = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    assert [i.content.native_id for i in seen] == [f"post-{stamp}-1", f"post-{stamp}-2"]
    assert {i.content.author.name for i in seen if i.content.author} == {"PD"}


def test_a_field_within_a_field_and_one_of_each_element_are_found(tmp_path):
    mapping = (
        'format = "jsonl"\n[fields]\nid = "a.b"\npublished_at = "when.at"\ntext = "t"\n'
        'links = "refs.url"\n[counts]\nlikes = "stats.n"\n[constants]\nkind = "post"\n'
    )
    record = {
        "a.b": 12345678901234567890, "when": {"at": "2026-01-01T00:00:00Z"}, "t": "x",
        "refs": [{"url": "https://a.example"}, {"none": 1}, 3], "stats": {"n": "1,204"},
    }  # fmt: skip

    (item,) = items(read(tmp_path, mapping, posts__jsonl=json.dumps(record)))

    assert item.content.native_id == "12345678901234567890"
    assert item.content.links == ("https://a.example",)
    assert item.engagement == {"likes": 1204}


def test_a_value_that_is_no_text_is_not_made_into_one(tmp_path):
    records = [{"at": "2026-01-01T00:00:00Z", "text": odd} for odd in (True, 1.5, ["x"], {}, 7)]

    seen = read(tmp_path, LINES, posts__jsonl="".join(f"{json.dumps(r)}\n" for r in records))

    assert [item.content.text for item in items(seen)] == ["7"]
    assert [fault.partition(": ")[2] for fault in faults(seen)] == [
        "text ('text' in the export): is neither text nor a whole number"
    ] * 4


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path):
    line = json.dumps({"at": "2026-01-01T00:00:00Z", "text": "x"}).encode()

    (item,) = items(read(tmp_path, LINES, posts__jsonl=b"\xef\xbb\xbf" + line + b"\r\n"))

    assert item.content.raw.body == line


hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["at", "text", "files", "id"]), hostile) | hostile,
        max_size=4,
    )
)
@settings(max_examples=60)
def test_whatever_a_line_holds_it_is_an_item_or_a_gap(records):
    lines = "".join(f"{json.dumps(record)}\n" for record in records)
    with tempfile.TemporaryDirectory() as folder:
        seen = read(Path(folder), LINES, posts__jsonl=lines + "[[[[\nnull\n" + "[" * 100_000)

    of_lines = [fault for fault in faults(seen) if not fault.startswith("the field ")]
    assert len(items(seen)) + len(of_lines) == len(records) + 3


# --- files ------------------------------------------------------------------------------------


def test_a_file_of_which_only_the_web_address_is_given_is_gone_and_not_fetched(tmp_path):
    line = json.dumps({"at": "2026-01-01T00:00:00Z", "files": ["https://cdn.example/1.jpg"]})
    with opened(tmp_path, LINES, {"posts.jsonl": line}) as source:
        (item,) = items(list(source.visit(Window())))

        with pytest.raises(AttachmentGone, match="web address"):
            source.download(item.content.attachments[0])


@pytest.mark.parametrize(
    "written", ["media/1.jpg", "media\\1.jpg", ".\\media\\1.jpg", "./media/1.jpg"]
)
def test_a_file_is_found_however_its_path_is_spelled(tmp_path, written):
    files = {"packed/posts.jsonl": "", "packed/media/1.jpg": b"JPEG"}
    with opened(tmp_path, LINES, files) as source:
        file = source.download(Attachment(key=written, url=written))

    assert file.size == 4


def test_one_file_by_itself_is_an_export_too(tmp_path):
    (tmp_path / "mapping.toml").write_text(LINES)
    (tmp_path / "posts.jsonl").write_text('{"at": "2026-01-01T00:00:00Z", "text": "x"}')

    with closing(open_it(tmp_path, tmp_path / "posts.jsonl")) as source:
        assert len(items(list(source.visit(Window())))) == 1
    with pytest.raises(DepositRefused):
        open_it(tmp_path, tmp_path / "mapping.toml")


def test_a_deposit_of_other_files_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(DepositRefused, match=r"no file that the mapping names: \*\.csv") as caught:
        read(tmp_path, ROWS, posts__json="[]")

    assert "`files`" in caught.value.remedy


# --- counts -----------------------------------------------------------------------------------


def test_the_mappings_counts_are_held_against_what_was_read(tmp_path):
    mapping = f"{ROWS}[expected]\npost = 2\ncomment = 1\n"
    body = HEADER + "1,post,2026-01-01,x,\n2,comment,2026-01-01,y,\n"

    seen = read(tmp_path, mapping, posts__csv=body)

    gave = "the export or its mapping gave the count"
    assert faults(seen) == [f"the count of post: 2 expected, 1 read: {gave}; 1 are missing"]
    assert [e.platform_count for e in seen if isinstance(e, Listed) and e.platform_count] == [3]


def test_records_of_one_id_are_told_however_well_the_counts_agree(tmp_path):
    mapping = f"{ROWS}[expected]\nitems = 3\n"
    body = HEADER + "1,post,2026-01-01,x,\n1,post,2026-01-02,y,\n2,post,2026-01-03,z,\n"

    seen = read(tmp_path, mapping, posts__csv=body)

    assert [each.content.text for each in items(seen)] == ["x", "y", "z"]
    told = "the ids of records: records with the id of another one, which count as its wordings: 1"
    assert faults(seen) == [f"{told} (first posts.csv, line 3)"]


def test_the_count_of_the_exports_own_manifest_is_held_against_what_was_read(tmp_path):
    mapping = f'{ROWS}[expected]\nmanifest = "about.json"\nitems = "records.total"\n'
    body = HEADER + "1,post,2026-01-01,x,\n"

    met = read(tmp_path / "a", mapping, posts__csv=body, about__json='{"records": {"total": 1}}')
    missed = read(tmp_path / "b", mapping, posts__csv=body, about__json='{"records": {"total": 9}}')

    assert faults(met) == []
    gave = "the export or its mapping gave the count"
    assert faults(missed) == [f"the count of all items: 9 expected, 1 read: {gave}; 8 are missing"]


@pytest.mark.parametrize(
    "manifest",
    ["", "[]", '{"records": {"total": -1}}', '{"records": {"total": "1"}}', '{"records": 1}'],
)
def test_a_manifest_that_tells_no_count_is_refused(tmp_path, manifest):
    mapping = f'{ROWS}[expected]\nmanifest = "about.json"\nitems = "records.total"\n'

    with pytest.raises(DepositRefused, match=r"about\.json") as caught:
        read(tmp_path, mapping, posts__csv=HEADER, about__json=manifest)
    assert caught.value.remedy


# --- the mapping file -------------------------------------------------------------------------


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_mapping_is_read_and_says_that_it_is_unverified(path):
    mapping = read_mapping(path)

    assert {"published_at", "text", "kind", "state"} <= set(mapping.fields)
    assert ItemKind.MESSAGE in mapping.kinds.values()
    assert "UNVERIFIED" in path.read_text("utf-8")


def test_every_fault_of_a_mapping_is_told_at_once(tmp_path):
    path = tmp_path / "mapping.toml"
    path.write_text(
        'format = "xml"\nencoding = "ebcdic"\nrecord = "x"\n[fields]\ntext = ""\nname = "x"\n'
        '[time]\nzone = "Mars/Olympus"\nformats = ["soon"]\n[kinds]\nTweet = "toot"\n'
        '[states]\nGone = "lost"\n[counts]\n"+1" = "x"\n[expected]\nitems = -1\npost = 1\n'
        '[constants]\nkind = "toot"\n[split]\ntext = ";"\n'
    )

    with pytest.raises(ConfigInvalid) as caught:
        read_mapping(path)

    told = "\n".join(caught.value.faults)
    for fault in (
        "format: must be one of csv, jsonl, json", "encoding: must be one of",
        "record: unknown key", "fields: text: must be text", "fields: name: unknown key",
        "fields: published_at: is missing", "time: zone: 'Mars/Olympus' is no time zone",
        "time: formats: 'soon'", "kinds: Tweet: 'toot'", "states: Gone: 'lost'", "counts: +1:",
        "expected: items:", "constants: kind:", "split: text: unknown key",
    ):  # fmt: skip
        assert fault in told
    assert all(fault.startswith("mapping.toml: ") for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ('records = "x"', "records: is only for"),
        ('delimiter = "space"', "delimiter: must be one of"),
        ("restricted = 1", "restricted: must be true or false"),
        ("[expected]\nitems = 3\npost = 1", "the count of all"),
    ],
)
def test_a_key_that_contradicts_the_rest_is_a_fault(tmp_path, more, fault):
    path = tmp_path / "mapping.toml"
    path.write_text(f"{more}\n{ROWS}" if "[" not in more else f"{ROWS}\n{more}")

    with pytest.raises(ConfigInvalid, match=fault):
        read_mapping(path)


def test_a_mapping_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        read_mapping(tmp_path / "none.toml")


def test_a_later_export_gives_the_items_of_an_earlier_one_the_same_ids(tmp_path):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [f"{n},post,{(at + timedelta(hours=n)).isoformat()},text {n},\n" for n in range(4)]

    early = items(read(tmp_path / "a", ROWS, posts__csv=HEADER + "".join(rows[:2])))
    late = items(read(tmp_path / "b", ROWS, posts__csv=HEADER + "".join(reversed(rows))))

    ids = {item.content.native_id: item.content.fingerprint() for item in late}
    assert {i.content.native_id: i.content.fingerprint() for i in early}.items() <= ids.items()
