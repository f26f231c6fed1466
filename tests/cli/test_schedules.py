"""`schedule`: another version is worked on, compared, tried out and adopted from the terminal."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from archiver.office.lookup import find_schedule
from tests.cli.clerk import LAPSED
from tests.cli.test_refusals import refused
from tests.records.a_schedule import SMALL

SHIPPED = ("indio-ca", "palacios-tx", "stockton-ca", "takoma-park-md", "west-plains-mo", "demo")


@pytest.fixture
def written(clerk):
    """A city's schedule in the folder one works in."""
    Path("city.toml").write_text(SMALL, "utf-8")
    return clerk


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(Path("s.csv").read_text("utf-8-sig"), newline="")))


def rewrite(changed: list[dict[str, str]]) -> None:
    with Path("s.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(changed[0]))
        writer.writeheader()
        writer.writerows(changed)


def test_the_shipped_schedules_are_listed(clerk):
    listed = clerk("schedule", "list", "--json").told["schedules"]

    kinds = {each["name"]: each["kind"] for each in listed}
    assert (kinds["demo"], kinds["indio-ca"]) == ("demonstration", "local")


@pytest.mark.parametrize("name", ["indio-ca", "demo"])
def test_what_is_exported_comes_back_the_same(written, name):
    written("schedule", "export", name, "--csv", "s.csv")

    told = written("schedule", "import", "s.csv", "--onto", name, "--out", "mine.toml", "--json")

    assert told.told["file"] == "mine.toml"
    assert written("schedule", "diff", name, "mine.toml", "--json").told["differences"] == []


def examples_of(name: str) -> list[tuple[str, object]]:
    found, _ = find_schedule(name, Path.cwd())
    return [(number, each.examples) for number, each in found.series.items()]


@pytest.mark.parametrize("name", [*SHIPPED])
def test_every_worked_example_comes_back(written, name):
    written("schedule", "export", name, "--csv", "s.csv")
    written("schedule", "import", "s.csv", "--onto", name, "--out", "mine.toml")

    assert examples_of("mine.toml") == examples_of(name)
    assert len(rows()) == sum(len(examples) for _, examples in examples_of(name))


def test_a_further_example_has_a_row_of_its_own_and_its_faults_are_named_there(written):
    written("schedule", "export", "city.toml", "--csv", "s.csv")
    first, second, *rest = rows()
    more = dict.fromkeys(second, "") | {
        name: cell
        for name, cell in second.items()
        if name == "number" or name.startswith("example")
    }
    rewrite([first, second, more | {"example": "We sent two."}, *rest])
    written("schedule", "import", "s.csv", "--onto", "city.toml", "--out", "mine.toml")
    wrong = more | {"example_first_day": "2029-01-04", "example_own": "perhaps"}
    rewrite([first, second, wrong, *rest])

    said = written("schedule", "import", "s.csv", "--onto", "city.toml", "--out", "other.toml")

    refused(said, 3, "s.csv: row 4: example_first_day: written 2029-01-04")
    assert "s.csv: row 4: example_own: 'perhaps' is neither yes nor no" in said.err
    (added,) = [found for number, found in examples_of("mine.toml") if number == second["number"]]
    assert [each.text for each in added][1:] == ["We sent two."]


def test_series_that_nobody_verified_are_warned_of_in_every_plan(clerk):
    found, text = find_schedule("demo", Path.cwd())
    toml = text.toml.decode().replace("verified = true", "verified = false")
    Path("demo.toml").write_text(toml, "utf-8")
    Path("wordings").mkdir()
    (Path("wordings") / "social-media.toml").write_bytes(text.wordings or b"")
    config = Path("config.toml")
    config.write_text(config.read_text().replace('schedule = "demo"', 'schedule = "demo.toml"'))
    warning = "series DEMO-100: its value is not verified (confidence S, basis authority)"
    assert found.series["DEMO-100"].verified

    purged = clerk("purge", "--json")
    shown = clerk("dispositions", "show", "P-000001", "--json", "--pdf", "p.pdf", "--csv", "p.csv")

    assert (purged.told["destroyed"], purged.told["warnings"]) == (LAPSED, [warning])
    assert shown.told["warnings"] == [warning]
    assert f"warning: {warning}" in purged.err
    assert f"warning: {warning}" in shown.err
    table = csv.DictReader(io.StringIO(Path("p.csv").read_text("utf-8-sig"), newline=""))
    assert [row["warning"] for row in table] == [warning] * LAPSED
    printed = " ".join(page.extract_text() for page in PdfReader("p.pdf").pages)
    assert "Warning: series DEMO-100: its value is not verified" in " ".join(printed.split())


def test_terms_stages_and_cutoffs_come_back_the_same(written):
    text = SMALL.replace(
        'period = "P3Y"',
        'period = { length = "P3Y", cutoff = "fiscal_year", fiscal_year_start = 7 }\n'
        'at_most = "P9Y"',
    ).replace(
        '[[series.examples]]\ntext = "We sent',
        '[[series.also]]\ntrigger = "removed"\nperiod = "P1Y"\nrequired = false\n'
        '[[series.stages]]\nthen = "destroy"\nafter = "P1Y"\n'
        '[[series.examples]]\ntext = "=We sent',
    ).replace(
        "first_day_of_disposition = 2029-01-03",
        "first_day_of_disposition = 2030-07-01\nstages = [2030-07-01]\nreview_from = 2035-01-03",
    )  # fmt: skip
    Path("city.toml").write_text(text, "utf-8")
    written("schedule", "export", "city.toml", "--csv", "s.csv")

    written("schedule", "import", "s.csv", "--onto", "city.toml", "--out", "mine.toml")

    assert rows()[1]["period"] == "P3Y after fiscal_year 7"
    assert rows()[1]["also"] == "removed P1Y where it happened"
    assert rows()[1]["example"] == "'=We sent a patrol."
    assert written("schedule", "diff", "city.toml", "mine.toml", "--json").told["differences"] == []
    assert '"=We sent a patrol."' in Path("mine.toml").read_text("utf-8")


def test_a_restricted_series_is_shown_compared_and_comes_back_from_a_spreadsheet(written):
    written("schedule", "export", "city.toml", "--csv", "s.csv")
    assert {row["restricted"] for row in rows()} == {"no"}
    rewrite([row | {"restricted": "yes"} if row["number"] == "COR" else row for row in rows()])

    written("schedule", "import", "s.csv", "--onto", "city.toml", "--out", "mine.toml")

    (told,) = written("schedule", "diff", "city.toml", "mine.toml", "--json").told["differences"]
    assert (told["series"], told["field"], told["before"], told["after"]) == (
        *("COR", "restricted"),
        *("no", "yes"),
    )
    shown = written("schedule", "show", "mine.toml", "--json").told["series"]
    assert [each["number"] for each in shown if each["restricted"]] == ["COR"]
    assert "\tyes\n" in written("schedule", "show", "mine.toml").out


def test_every_fault_of_a_spreadsheet_names_file_row_and_column(written):
    written("schedule", "export", "city.toml", "--csv", "s.csv")
    changed = rows()
    changed[0]["verified"] = "perhaps"
    changed[0]["category"] = "temporary"
    changed[1]["period"] = "P3Y around fiscal_year"
    changed[1]["example_days"] = "last_activity tomorrow"
    changed[2]["number"] = "COR"
    rewrite(changed)

    said = written("schedule", "import", "s.csv", "--onto", "city.toml", "--out", "mine.toml")

    refused(said, 3, "s.csv: row 2: verified: 'perhaps' is neither yes nor no")
    for fault in (
        "s.csv: row 2: category: 'temporary' is not one of",
        "s.csv: row 3: period: 'P3Y around fiscal_year': write P2Y, or",
        "s.csv: row 3: example_days: 'tomorrow' is no day",
        "s.csv: row 4: number: stands here twice",
    ):
        assert fault in said.err
    assert not Path("mine.toml").exists()


def test_an_example_that_does_not_come_out_is_named_by_row_and_column(written):
    written("schedule", "export", "city.toml", "--csv", "s.csv")
    changed = rows()
    changed[1]["example_first_day"] = "2029-01-04"
    rewrite(changed)

    said = written("schedule", "import", "s.csv", "--onto", "city.toml", "--out", "mine.toml")

    refused(said, 3, "s.csv: row 3: example_first_day: written 2029-01-04")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "s.csv: is empty"),
        ("numbr\nA\n", "s.csv: row 1: numbr: unknown column"),
        ("number\nA,B\n", "s.csv: row 2: has 2 cells instead of 1"),
        ('number\n"A', "s.csv: is not CSV in UTF-8"),
    ],
)
def test_what_is_no_such_table_is_refused(written, text, fault):
    Path("s.csv").write_text(text, "utf-8")

    refused(
        written("schedule", "import", "s.csv", "--onto", "city.toml", "--out", "m.toml"), 3, fault
    )


def test_a_file_that_is_there_is_never_written_over(written):
    Path("s.csv").write_text("mine", "utf-8")

    refused(written("schedule", "export", "city.toml", "--csv", "s.csv"), 53, "is there already")

    assert Path("s.csv").read_text("utf-8") == "mine"


def test_a_diff_says_which_series_got_shorter(written):
    shorter = SMALL.replace('"P3Y"', '"P2Y"').replace("2029-01-03", "2028-01-03")
    Path("new.toml").write_text(shorter, "utf-8")

    found = written("schedule", "diff", "city.toml", "new.toml", "--json").told["differences"]

    assert [(each["series"], each["field"], each["shorter"]) for each in found] == [
        ("COR", "period", True),
        ("unconfirmed", "longest", True),
    ]


def test_an_adoption_needs_either_a_schedule_or_an_adoption_to_confirm(clerk):
    refused(clerk("schedule", "adopt"), 2, "name a schedule to adopt, or --confirm")
    refused(clerk("schedule", "adopt", "demo"), 2, "--instrument: is missing")
    refused(clerk("schedule", "adopt", "--confirm", "A-0007"), 5, "there is no adoption A-0007")


def test_the_instrument_is_entered_by_one_person_and_waits_for_the_second(written):
    Path("r.pdf").write_bytes(b"%PDF-signed")
    words = ["schedule", "adopt", "city.toml", "--instrument", "r.pdf", "--number", "12"]
    words += ["--date", "2026-03-01", "--signed-by", "A. Clerk"]
    refused(written(*words), 2, "--demand council_resolution: is missing", "attorney_consent")
    words += ["--demand", "council_resolution", "12", "--demand", "attorney_consent", "2026-02"]

    entered = written(*words, "--unattended-purge", "--automatic", "rules", "--json").told

    assert (entered["adoption"], entered["status"]) == ("A-0001", "proposed")
    assert list(entered["documents"]) == ["r.pdf"]
    (listed,) = written("schedule", "adoptions", "--json").told["adoptions"]
    assert listed["demands"] == {"council_resolution": "12", "attorney_consent": "2026-02"}
    refused(written("schedule", "adopt", "--confirm", "A-0001"), 10, "was entered by")
    refused(written("schedule", "adopt", "demo", *words[3:]), 2, "is a demonstration")


def test_a_simulation_counts_what_would_change_and_touches_nothing(clerk):
    shown = Path(clerk("schedule", "show", "demo", "--json").told and "demo.toml")
    demo = (Path(__file__).parents[2] / "schedules" / "demo.toml").read_text("utf-8")
    shown.write_text(
        demo.replace('period = "P60D"', 'period = "P90D"\nrestricted = true').replace(
            "2026-03-04", "2026-04-03"
        ),
        "utf-8",
    )
    before = Path("archive/catalogue.sqlite").read_bytes()

    told = clerk("schedule", "simulate", "demo.toml", "--csv", "changes.csv", "--json").told

    effects = {each["series"]: each["effects"] for each in told["series"]}
    changed = effects["DEMO-100"]["later"] + effects["DEMO-100"]["no_day_any_more"]
    assert changed >= 1
    restricted = {each["series"]: each["restricted"] for each in told["series"]}
    assert restricted["DEMO-100"] >= changed
    assert len(Path("changes.csv").read_text("utf-8").splitlines()) == 1 + changed
    assert Path("archive/catalogue.sqlite").read_bytes() == before


def test_what_only_a_person_knows_is_entered_by_command(clerk):
    item = clerk("items", "search", "is:post", "--json").told["items"][0]["id"]
    words = ["items", "trigger", item[:12], "--trigger", "case_closed", "--reason", "closed"]

    told = clerk(*words, "--date", "2026-01-31", "--json").told

    assert told == {"trigger": "case_closed", "date": "2026-01-31", "items": [item]}
    refused(clerk(*words, "--date", "2999-01-01"), 2, "has not come yet")
    assert clerk("verify").code == 0
