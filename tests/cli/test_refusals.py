"""Every refusal: one clear error, what to do about it, and the exit code of its kind."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from archiver.catalogue import Catalogue
from archiver.index.opening import open_index
from tests.cli.clerk import Said, command, surroundings

UNPRIVILEGED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
"""Root itself may open anything; this takes that away from the one program it starts."""


@pytest.fixture
def plain(clerk):
    """A clerk whose commands have no more rights to files than any account has."""
    if os.getuid() != 0:
        return clerk.from_nothing
    if shutil.which(UNPRIVILEGED[0]) is None:
        pytest.skip("root may open anything, and there is no setpriv here")
    return lambda *words: clerk.from_nothing(*words, before=UNPRIVILEGED)


def refused(said, code: int, *words: str) -> None:
    """Assert that a command was refused in the one way in which commands are refused."""
    assert said.code == code, said.err
    lines = said.err.splitlines()
    assert [line for line in lines if line.startswith("error: ")], said.err
    assert lines[-1].startswith("remedy: "), said.err
    assert len(lines[-1]) > len("remedy: ")
    assert "Traceback" not in said.err
    assert said.out == ""
    for word in words:
        assert word in said.err


# --- 2: the configuration, or the line --------------------------------------------------------


def test_without_a_configuration_every_command_says_how_to_begin(newcomer):
    refused(newcomer("status"), 2, "config.toml", "archiver init")


def test_a_folder_is_no_configuration(clerk):
    refused(clerk("--config", ".", "status"), 2, "is a directory")


def test_a_configuration_that_is_no_toml_is_named_with_the_place(clerk):
    Path("config.toml").write_text("[agency\n", "utf-8")

    refused(clerk("status"), 2, "config.toml", "line 1")


def test_a_page_that_is_not_configured_is_answered_with_those_that_are(clerk):
    refused(clerk("capture", "facebook"), 2, "'facebook'", "export, nowhere")


def test_capture_asks_which_pages(clerk):
    refused(clerk("capture"), 2, "--all")
    refused(clerk("capture", "nowhere", "--all"), 2, "--all")


def test_an_export_is_imported_and_a_page_is_captured(clerk):
    refused(clerk("capture", "export"), 2, "archiver import")
    refused(clerk("import", "export.zip", "--page", "nowhere"), 2, "archiver capture")


def test_an_archive_that_locks_nothing_has_nothing_to_relock(clerk):
    refused(clerk("relock", "--all"), 2, 'object_lock = "off"', "bucket with Object Lock")


def test_a_folder_cannot_be_asked_to_write_once(clerk):
    file = clerk.folder / "config.toml"
    file.write_text(file.read_text() + '\n[objects]\nobject_lock = "governance"\n')

    refused(clerk("verify"), 2, "is no bucket", "a folder cannot write once")


def test_a_hold_on_nothing_is_refused(clerk):
    refused(clerk("holds", "issue", "--matter", "m", "--reason", "r"), 2, "--query")


@pytest.mark.parametrize(
    "option", ["--matter= ", "--reason=", "--reason=\udcff", "--query=\t", "--matter=a\x00b"]
)
def test_a_hold_without_readable_words_is_refused(clerk, option):
    words = {"--matter": "m", "--reason": "r", "--from": "2026-01-01"}
    name, _, value = option.partition("=")
    line = [f"{key}={given}" for key, given in (words | {name: value}).items()]

    refused(clerk("holds", "issue", *line), 2, name)
    assert clerk("holds", "list", "--json").told["holds"] == []


@pytest.mark.parametrize("day", ["2026-13-01", "tomorrow", "0001-01-01", "9999-12-31", "03/01/26"])
def test_a_day_that_cannot_be_meant_is_refused(clerk, day):
    refused(clerk("holds", "issue", "--matter", "m", "--reason", "r", "--to", day), 2, "--to", day)


def test_a_hold_between_two_days_in_the_wrong_order_is_refused(clerk):
    days = ["--from", "2026-03-02", "--to", "2026-03-01"]

    refused(clerk("holds", "issue", "--matter", "m", "--reason", "r", *days), 2, "2026-03-02")
    assert clerk("holds", "list", "--json").told["holds"] == []


@pytest.mark.parametrize(
    "words",
    [
        ("items", "search", "bus", "--limit", "99999999999999999999"),
        ("items", "search", "bus", "--limit", "0"),
        ("items", "search", "bus", "--offset", "-1"),
        ("items", "search", "bus", "--sort", "date"),
        ("purge", "--upcoming", "99999999999"),
        ("purge", "--upcoming", "-1"),
        ("dispositions", "list", "--limit", "many"),
        ("people", "add", "jdoe", "--name", " ", "--role", "clerk"),
        ("people", "add", "", "--name", "J. Doe", "--role", "clerk"),
        ("people", "add", "jdoe", "--name", "J. Doe", "--role", "service"),
        ("people", "add", "jdoe", "--name", "J. Doe"),
        ("import", "missing.zip", "--page", "export"),
    ],
)
def test_an_argument_that_cannot_be_meant_is_refused(clerk, words):
    refused(clerk(*words), 2)


def test_a_person_stands_in_the_roster_once(clerk):
    clerk("people", "add", "jdoe", "--name", "J. Doe", "--role", "clerk")

    refused(clerk("people", "add", "jdoe", "--name", "J. D.", "--role", "counsel"), 2, "jdoe")


def test_a_decision_for_a_series_that_is_not_there_is_refused(clerk):
    item = clerk.item("bus")
    words = ["--tag", "transitory", "--reason", "greeting"]

    refused(clerk("review", "decide", item, "--series", "X-1", *words), 2, "X-1", "schedule show")
    refused(clerk("review", "decide", item, "--series", "DEMO-200", *words), 2, "DEMO-200")


# --- 3, 4, 5 ----------------------------------------------------------------------------------


def test_a_schedule_that_breaks_its_rules_is_refused_with_every_fault(clerk):
    Path("city.toml").write_text("[schedul]\n[adoption]\ninstrumnt = 1\n", "utf-8")

    said = clerk("schedule", "check", "city.toml")

    refused(said, 3, "schedul: unknown key")
    assert said.err.count("error: ") > 1


def test_a_schedule_that_is_not_there_is_answered_with_those_that_are(clerk):
    refused(clerk("schedule", "show", "indigo"), 2, "indio-ca")


@pytest.mark.parametrize("query", ["(bus", "bus AND", "", '"bus', "colour:red", "from:tomorrow"])
def test_a_query_that_cannot_be_read_is_refused_with_its_place(clerk, query):
    refused(clerk("items", "search", query), 4, "column")


@pytest.mark.parametrize(
    "words",
    [
        ("items", "show", "ffffffffffff"),
        ("items", "show", ""),
        ("items", "show", "%"),
        ("items", "thread", "é"),
        ("holds", "show", "H-0009"),
        ("holds", "lift", "H-0009", "--reason", "settled"),
        ("holds", "extend", "H-0009", "--reason", "more", "--page", "export"),
        ("holds", "issue", "--matter", "m", "--reason", "r", "--item", "ffffffffffff"),
        ("holds", "issue", "--matter", "m", "--reason", "r", "--author", "nobody"),
        ("holds", "issue", "--matter", "m", "--reason", "r", "--query", "page:nowhere"),
        ("holds", "issue", "--matter", "m", "--reason", "r", "--query", "bus NOT platform:fb"),
        ("items", "search", "bus platform:facebok"),
        ("dispositions", "show", "P-999999"),
        ("review", "declare", "ffffffffffff", "--reason", "superseded"),
    ],
)
def test_a_name_that_is_not_here_is_refused(clerk, words):
    refused(clerk(*words), 5)


# --- 10 and above -------------------------------------------------------------------------------


DEEDS = [
    ("capture", "nowhere"),
    ("import", "export.zip", "--page", "export"),
    ("holds", "issue", "--matter", "m", "--reason", "r", "--page", "export"),
    ("dispositions", "plan"),
    ("purge",),
    ("nightly",),
    ("people", "add", "jdoe", "--name", "J. Doe", "--role", "clerk"),
]


@pytest.mark.parametrize("words", DEEDS, ids=" ".join)
def test_whoever_is_not_in_the_roster_does_no_deed(clerk, words):
    with sqlite3.connect("archive/catalogue.sqlite") as catalogue:
        catalogue.execute("UPDATE people SET account = 'someone' WHERE account != 'scheduler'")
    catalogue.close()

    refused(clerk(*words), 10, "roster")


@pytest.mark.parametrize("before", [(), ("--as", "J. Doe")], ids=["alone", "in another's name"])
def test_whoever_is_not_in_the_roster_leaves_one_entry_that_names_nobody(clerk, before):
    stranger = pwd.struct_passwd(("quentin_z", "x", 0, 0, "", "/", "/bin/sh"))
    entries = "SELECT CAST(leaf AS TEXT) FROM ledger_entries WHERE kind = 'attempt.refused'"

    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.setattr(pwd, "getpwuid", lambda _uid: stranger)
        for _time in range(2):
            refused(clerk(*before, "dispositions", "plan"), 10, "roster", "quentin_z")

    with sqlite3.connect("archive/catalogue.sqlite") as catalogue:
        told = [json.loads(leaf) for (leaf,) in catalogue.execute(entries)]
    catalogue.close()
    assert [leaf["d"] for leaf in told] == [{"code": 10, "r": "os_account"}] * 2
    assert len({leaf["by"] for leaf in told}) == 1
    assert "quentin_z" not in str(told)
    assert clerk("ledger", "verify").code == 0


@pytest.mark.usefixtures("clerk")
@pytest.mark.parametrize("how", ["ledger", "store"])
def test_whoever_may_write_nothing_here_is_told_that_they_are_not_in_the_roster(plain, how):
    with sqlite3.connect("archive/catalogue.sqlite") as catalogue:
        catalogue.execute("UPDATE people SET account = 'someone' WHERE account != 'scheduler'")
    catalogue.close()
    closed = {"ledger": Path("archive/catalogue.sqlite"), "store": Path("archive/objects/ledger")}
    for path in (closed[how], *closed[how].rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)

    refused(plain("dispositions", "plan"), 10, "roster")


WHAT_PEOPLE_ASK = [
    ("holds", "list"),
    ("holds", "show", "H-0001"),
    ("holds", "report", "H-0001"),
    ("matters", "list"),
    ("matters", "show", "M-0001"),
    ("requests", "list"),
    ("requests", "show", "R-0001"),
    ("orders", "list"),
    ("orders", "show", "O-0001"),
    ("orders", "outcome", "O-0001"),
]


ANYBODYS = [("status",), ("verify",), ("ledger", "verify"), ("people", "list"), ("index", "status")]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE people SET account = 'someone'", "roster"),
        (
            """UPDATE people SET tenures = '{"administrator": [["2020-01-01", null]]}'""",
            "may not read",
        ),
    ],
)
def test_what_people_ask_of_the_archive_is_told_to_who_may_read(clerk, change, why):
    assert clerk("holds", "issue", "--matter=m", "--reason=r", "--page=export").code == 0
    opened = ("--number", "1", "--kind", "cpra", "--received", "2026-01-01", "--page", "export")
    assert clerk("requests", "open", *opened).code == 0
    before = [clerk(*words).code for words in WHAT_PEOPLE_ASK]
    with sqlite3.connect("archive/catalogue.sqlite") as catalogue:
        catalogue.execute(change + " WHERE account != 'scheduler'")
    catalogue.close()

    for words in WHAT_PEOPLE_ASK:
        refused(clerk(*words), 10, why)

    assert before == [0] * 8 + [5] * 2  # there is no order
    assert 10 not in [clerk(*words).code for words in ANYBODYS]


def test_a_clerk_may_not_keep_the_roster(clerk):
    (me,) = (p for p in clerk("people", "list", "--json").told["people"] if len(p["roles"]) > 1)
    assert clerk("people", "add", "--name", "Keeper", "--role", "administrator").code == 0
    assert clerk("people", "role", me["name"], "--take", "administrator").code == 0

    said = clerk("people", "add", "jdoe", "--name", "J. Doe", "--role", "counsel")

    refused(said, 10)
    assert "jdoe" not in clerk("people", "list").out


def test_no_environment_variable_makes_another_actor(clerk):
    pretended = {"USER": "someone", "LOGNAME": "someone", "SUDO_USER": "someone"}

    clerk.apart("holds", "issue", "--matter=m", "--reason=r", "--page=export", env=pretended)

    (hold,) = clerk("holds", "list", "--json").told["holds"]
    (me,) = (p for p in clerk("people", "list", "--json").told["people"] if len(p["roles"]) > 1)
    assert hold["by"] == me["id"]


@pytest.mark.parametrize(
    "words",
    [("items", "search", "bus"), ("index", "status"), ("index", "feed")],
    ids=" ".join,
)
def test_an_index_that_is_gone_is_unavailable_and_never_empty(clerk, words):
    shutil.rmtree("archive/index")

    refused(clerk(*words), 30, "archiver index rebuild")


@pytest.mark.parametrize("spoil", ["remove", "shorten", "garble"])
def test_verify_names_an_index_that_is_missing_or_damaged(clerk, spoil):
    whole = clerk("verify")
    _spoil_the_index(spoil)

    told = clerk("verify", "--json")
    said = clerk("verify")

    assert (whole.code, whole.out.splitlines()[-1]) == (0, "everything is whole")
    assert (told.code, told.told["ok"], told.told["index"]["state"]) == (1, True, "unavailable")
    assert said.code == 1
    assert "archiver index rebuild" in said.err
    assert "NOT the index" in said.out.splitlines()[-1]
    assert [p["subject"] for p in clerk("status", "--json").told["problems"]].count("index") == 1
    assert clerk("index", "rebuild").code == 0
    assert clerk("verify").code == 0


def _spoil_the_index(how: str) -> None:
    if how == "remove":
        shutil.rmtree("archive/index")
        return
    largest = max(Path("archive/index").rglob("*.seg"), key=lambda path: path.stat().st_size)
    kept = largest.read_bytes()
    largest.chmod(0o600)
    half = len(kept) // 2
    largest.write_bytes(kept[:half] if how == "shorten" else kept[:half] + bytes(len(kept) - half))


def test_verify_and_the_index_itself_say_alike_that_it_lacks_an_item(clerk):
    index = open_index("whoosh:archive/index")
    with index.writing() as writer:
        writer.remove([clerk("items", "search", "bus", "--json").told["items"][0]["id"]])
    index.close()

    verified, asked = clerk("verify", "--json"), clerk("index", "status", "--json")

    assert (verified.code, verified.told["ok"], verified.told["index"]["ok"]) == (1, True, False)
    assert (asked.code, asked.told["state"]) == (1, verified.told["index"]["state"])
    assert "archiver index rebuild" in clerk("index", "status").err


def test_an_index_deleted_under_running_searches_never_answers_with_nothing(clerk):
    """Searches are under way while the index goes: each finds the post, or says it cannot know."""
    search = ("items", "search", "bus", "--json")
    running = [clerk.begin(*search) for _ in range(5)]

    def answer(said: Said) -> tuple[int, bool, bool]:
        return said.code, '"total": 1' in said.out, "archiver index rebuild" in said.err

    answers = [answer(running[0]())]
    shutil.rmtree("archive/index")
    answers += [answer(said()) for said in running[1:]]

    assert answers[0] == (0, True, False)
    assert set(answers) <= {(0, True, False), (30, False, True)}
    assert clerk(*search).code == 30


def test_what_an_import_brought_is_told_though_the_index_is_gone(clerk):
    shutil.rmtree("archive/index")

    said = clerk("import", "export.zip", "--page", "export", "--json")

    assert (said.code, "archiver index rebuild" in said.err) == (30, True)
    assert said.told["captures"][0]["unchanged"] == 4


def test_a_hold_by_a_search_needs_no_index(clerk):
    shutil.rmtree("archive/index")

    said = clerk("holds", "issue", "--matter=m", "--reason=r", "--query=bus", "--json")

    assert said.told["covered"] == 1


def test_rebuilding_the_index_makes_searches_answer_again(clerk):
    shutil.rmtree("archive/index")

    rebuilt = clerk("index", "rebuild")

    assert (rebuilt.code, rebuilt.out) == (0, "4 items indexed anew\n")
    assert clerk("items", "search", "bus", "--json").told["total"] == 1


def test_a_store_whose_disk_is_not_mounted_is_not_made_anew(clerk):
    Path("archive/objects").rename("elsewhere")

    refused(clerk("import", "export.zip", "--page", "export"), 40, "mounted")
    assert not Path("archive/objects").exists()


def test_a_second_scheduler_is_refused_while_the_first_is_there(clerk):
    catalogue = Catalogue("sqlite:///archive/catalogue.sqlite")
    with catalogue.exclusive("scheduler"):
        said = clerk("run", "--once")
    catalogue.dispose()

    refused(said, 50)


@pytest.mark.parametrize("spoiled", [b"", b"garbage", None])
def test_a_catalogue_that_is_gone_or_spoiled_is_said_so(clerk, spoiled):
    for beside in ("-wal", "-shm"):
        Path(f"archive/catalogue.sqlite{beside}").unlink(missing_ok=True)
    Path("archive/catalogue.sqlite").unlink()
    if spoiled is not None:
        Path("archive/catalogue.sqlite").write_bytes(spoiled)

    refused(clerk("status"), 51)


def test_an_archive_whose_keys_others_may_read_is_not_opened(clerk):
    Path("archive/keys/archive.key").chmod(0o644)

    refused(clerk("status"), 51, "chmod 600")


def test_a_file_that_is_no_export_is_refused(clerk):
    Path("letter.zip").write_text("Dear Sirs", "utf-8")
    Path("folder").mkdir()

    refused(clerk("import", "letter.zip", "--page", "export"), 64)
    refused(clerk("import", "folder", "--page", "export"), 64)


# --- what the machine refuses -------------------------------------------------------------------


def test_an_export_that_may_not_be_read_is_refused(plain):
    Path("export.zip").chmod(0)

    refused(plain("import", "export.zip", "--page", "export"), 2, "not readable")


def test_a_store_that_may_not_be_written_is_refused(plain):
    for folder in [Path("archive/objects"), *Path("archive/objects").rglob("*")]:
        if folder.is_dir():
            folder.chmod(0o500)

    said = plain("people", "add", "jdoe", "--name", "J. Doe", "--role", "clerk")

    refused(said, 40, "archive/objects")


def test_a_folder_that_may_not_be_written_is_refused(plain):
    Path("archive/index").rename("moved")
    Path("archive").chmod(0o500)

    said = plain("index", "rebuild")

    Path("archive").chmod(0o700)
    assert said.code in {51, 53}
    refused(said, said.code)


def test_a_configuration_cannot_be_written_where_there_is_no_folder(newcomer):
    refused(newcomer("--config", "none/config.toml", "init"), 53, "none/config.toml")


def test_a_full_disk_under_the_output_is_said_so(clerk):
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            command("items", "search", "bus"), cwd=clerk.folder, env=surroundings(),
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=120, check=False,
        )  # fmt: skip

    assert ran.returncode == 53
    assert "No space left" in ran.stderr
    assert "Traceback" not in ran.stderr


# --- what a visit could not have, and what is not here ------------------------------------------


def test_an_address_that_may_not_be_visited_is_told_with_the_setting_that_allows_it(clerk):
    said = clerk("capture", "nowhere")

    assert said.code == 1
    assert "refused_address: 127.0.0.1 is at 127.0.0.1, a loopback address" in said.err
    assert "[fetching] allow_private_hosts" in said.err


def test_a_search_of_a_page_that_is_not_here_is_no_empty_answer(clerk):
    refused(clerk("items", "search", "street page:nope"), 5, "nope", "Pages here: export")
