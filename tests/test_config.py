"""The configuration: every fault at once, no secret in the file, nothing opened before."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.config import Config
from archiver.office.lookup import read_config
from archiver.records.errors import ConfigInvalid

SOUND = """\
[agency]
name = "Demonstration Police Department"
time_zone = "America/Los_Angeles"
[archive]
schedule = "indio-ca"
"""

PAGE = """
[[pages]]
name = "blog"
connector = "wordpress"
url = "https://blog.example.gov"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def read(file: Path, text: str, **environment: str) -> Config:
    file.write_text(text, "utf-8")
    return read_config(file, environment)


def faults(file: Path, text: str, **environment: str) -> list[str]:
    with pytest.raises(ConfigInvalid) as refusal:
        read(file, text, **environment)
    return [fault.removeprefix(f"{file}: ") for fault in refusal.value.faults]


# --- what is right --------------------------------------------------------------------------


def test_five_lines_are_enough_and_nothing_is_destroyed_by_default(file):
    config = read(file, SOUND)

    assert config.agency == "Demonstration Police Department"
    assert (config.purge_mode, config.cool_down_days, config.nightly) == ("propose", 30, "03:15")
    assert config.pages == ()
    assert config.demonstration is False


def test_everything_lies_in_the_archive_folder_beside_the_file(file):
    config = read(file, SOUND)

    folder = file.parent / "archive"
    assert config.folder == folder
    assert config.catalogue == f"sqlite:///{folder}/catalogue.sqlite"
    assert config.objects == f"{folder}/objects"
    assert config.index == f"whoosh:{folder}/index"
    assert list(file.parent.iterdir()) == [file]


def test_relative_places_are_taken_from_beside_the_file_wherever_one_stands(
    file, tmp_path_factory, monkeypatch
):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    places = 'folder = "a"\ncatalogue = "sqlite:///b.sqlite"\nobjects = "c"\nindex = "whoosh:d"\n'

    config = read(file, SOUND + places)

    home = file.parent
    assert config.folder == home / "a"
    assert config.catalogue == f"sqlite:///{home}/b.sqlite"
    assert (config.objects, config.index) == (f"{home}/c", f"whoosh:{home}/d")


def test_a_place_written_whole_stays_as_it_is(file):
    places = 'catalogue = "sqlite:////srv/a.sqlite"\nobjects = "s3://bucket/prefix"\n'

    config = read(file, SOUND + places + 'index = "whoosh:/srv/index"\n')

    assert config.catalogue == "sqlite:////srv/a.sqlite"
    assert config.objects == "s3://bucket/prefix"
    assert config.index == "whoosh:/srv/index"


def test_a_page_takes_the_settings_its_connector_declares(file):
    page = PAGE + 'types = ["posts", "events"]\nevery = "2h"\ncontrolled = false\n'

    (blog,) = read(file, SOUND + page).pages

    assert blog.options["types"] == ("posts", "events")
    assert (blog.platform, blog.every, blog.controlled) == ("wordpress", 120, False)


def test_a_connector_of_any_platform_takes_the_pages_own_and_a_file_from_beside_the_file(file):
    page = '[[pages]]\nname = "left"\nconnector = "mapped-export"\nmapping = "m.toml"\n'

    (named,) = read(file, SOUND + page + 'platform = "facebook"\n').pages
    (unnamed,) = read(file, SOUND + page).pages

    assert (named.platform, unnamed.platform) == ("facebook", "imported")
    assert named.options["mapping"] == str(file.parent / "m.toml")
    for odd in ("Facebook", "face book", "-", "x" * 41):
        (fault,) = faults(file, f'{SOUND}{page}platform = "{odd}"\n')
        assert "platform: must be a short word" in fault
    (fault,) = faults(file, SOUND + page.replace("mapping", "mappings"))[:1]
    assert "mapping: is missing" in fault


# --- every fault at once ----------------------------------------------------------------------


def test_every_fault_is_in_one_message(file):
    text = """
        [agency]
        nmae = "X"
        time_zone = "Mars/Olympus"
        demonstration = "yes"
        [archive]
        schedule = "indigo"
        objects = "ftp://host/"
        index = "lucene:index"
        catalogue = "mysql://host/db"
        [purge]
        mode = "always"
        [holds]
        cool_down_days = -1
        [timetable]
        nightly = "24:15"
        [fetching]
        timeout_seconds = nan
        max_bytes = 0
        allow_private_hosts = "localhost"
        [listen]
        address = "everywhere"
        public_url = "http://hooks.example.gov"
        max_bytes = 0
        [[pages]]
        name = "blog"
        connector = "wordpres"
        [[pages]]
        name = "blog"
        connector = "feed"
        url = "https://news.example.gov/feed"
        look_back_days = "14"
        every = "15 minutes"
        lok_back_days = 3
        [alert]
    """

    found = faults(file, text)

    for beginning in (
        "[agency] name: is missing",
        "[agency] nmae: is not a key here; did you mean name?",
        "[agency] time_zone: 'Mars/Olympus' is no zone",
        "[agency] demonstration: must be true or false",
        "[archive] schedule: there is no schedule 'indigo'; shipped are demo, indio-ca",
        "[archive] objects: 'ftp://host/' is neither",
        "[archive] index: 'lucene:index' is not an index",
        "[archive] catalogue: 'mysql://host/db' is neither",
        "[purge] mode: must be one of propose, carry-out",
        "[holds] cool_down_days: must be a whole number",
        "[timetable] nightly: must be a time of day",
        "[fetching] timeout_seconds: must be a number above 0",
        "[fetching] max_bytes: must be a whole number of at least 1",
        "[fetching] allow_private_hosts: must be a list of texts",
        "[listen] address: must be a host and a port such as 127.0.0.1:8790, not 'everywhere'",
        "[listen] public_url: must be an https:// address",
        "[listen] max_bytes: must be a whole number of at least 1",
        "[[pages]] blog: connector: there is no 'wordpres'; installed are bluesky,",
        "[[pages]] blog: is named twice",
        "[[pages]] blog: look_back_days: must be a whole number",
        "[[pages]] blog: every: must be a duration such as 15m",
        "[[pages]] blog: lok_back_days: is not a key here; did you mean look_back_days?",
        "alert: is not a key here; did you mean alerts?",
    ):
        assert any(fault.startswith(beginning) for fault in found), (beginning, found)
    assert len(found) == 23


def test_a_file_with_faults_opens_nothing(file):
    faults(file, SOUND + 'folder = "a"\nobject = "b"\n')

    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("text", ["[agency\n", "a = 1\na = 2\n", "name = x\n"])
def test_what_is_no_toml_is_said_with_its_place(file, text):
    (fault,) = faults(file, text)

    assert "is not TOML" in fault
    assert "line" in fault


EXPORT = """
[[pages]]
name = "page"
connector = "facebook"
url = "https://www.facebook.com/ExamplePD/"
[[pages]]
name = "export"
connector = "{connector}"
url = "https://www.facebook.com/ExamplePD"
"""


def test_what_no_visit_could_find_again_is_not_imported_into_a_visited_page(file):
    (fault,) = faults(file, SOUND + EXPORT.format(connector="facebook-export"))

    assert fault.startswith("[[pages]] export: its url is that of page, which is visited")


def test_an_export_that_tells_ids_may_share_the_page_that_is_visited(file):
    shared = EXPORT.format(connector="x-archive").replace('"facebook"', '"x"')
    text = shared.replace("www.facebook.com/ExamplePD", "x.com/ExamplePD")

    assert [page.name for page in read(file, SOUND + text).pages] == ["page", "export"]


def test_one_page_is_not_visited_under_two_names(file):
    """Both would be one page of the archive, and each visit would wait for the other."""
    page = '[[pages]]\nname = "{}"\nconnector = "{}"\nurl = "https://www.facebook.com/{}"\n'
    text = (
        SOUND
        + page.format("a", "facebook", "ExamplePD")
        + page.format("b", "facebook", "ExamplePD/")
    )

    (fault,) = faults(file, text)

    assert "[[pages]] b: its url is that of a" in fault


def test_addresses_of_pages_that_nothing_can_ask_are_found_all_at_once(file):
    page = '[[pages]]\nname = "{}"\nconnector = "{}"\nurl = "{}"\n'
    wrong = {
        "a": "www.facebook.com/ExamplePD",
        "b": "https:///ExamplePD",
        "c": "ftp://x.com/p",
        "d": "https://exa mple/feed",
        "e": "https://127.0.0.1:99999/",
        "f": "https://www.example.gov:eighty/",
    }
    text = SOUND + "".join(page.format(name, "facebook", url) for name, url in wrong.items())

    found = faults(file, text)

    assert found == [
        f"[[pages]] {name}: url: {url!r} is no address; write it whole, as https://www.example.gov"
        for name, url in wrong.items()
    ]


def test_a_file_that_is_not_there_says_how_to_begin(file):
    with pytest.raises(ConfigInvalid) as refusal:
        read_config(file, {})

    assert "archiver init" in refusal.value.remedy


def test_bytes_that_are_no_text_are_said_so(file):
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigInvalid, match="UTF-8"):
        read_config(file, {})


@pytest.mark.parametrize("key", ["folder", "objects", "index"])
def test_a_place_left_blank_is_not_the_folder_of_the_configuration(file, key):
    assert faults(file, SOUND + f'{key} = " "\n') == [
        f"[archive] {key}: must not be empty; leave the key out for the default"
    ]


@pytest.mark.parametrize("key", ["agency", "archive", "objects", "purge", "fetching", "alerts"])
def test_what_must_be_a_table_is_not_taken_for_something_else(file, key):
    assert f"{key}: must be a table" in faults(file, f"{key} = 3\n")


def test_pages_are_written_as_a_list_of_tables(file):
    assert faults(file, SOUND + '[pages]\nname = "blog"\n') == [
        "pages: must be written as [[pages]]"
    ]


def test_the_demonstration_schedule_opens_only_where_that_is_written(file):
    demo = SOUND.replace("indio-ca", "demo")

    (fault,) = faults(file, demo)

    assert "opens only where [agency] demonstration = true" in fault
    assert read(file, demo.replace("[archive]", "demonstration = true\n[archive]")).demonstration


def test_a_schedule_with_faults_brings_all_of_them(file):
    (file.parent / "city.toml").write_text("[schedul]\n[adoption]\nnote = 1\n", "utf-8")

    found = faults(file, SOUND.replace("indio-ca", "city.toml"))

    assert len(found) > 1
    assert all(fault.startswith("[archive] schedule: ") for fault in found)


@pytest.mark.parametrize("number", ["9" * 400, "-" + "9" * 400, "inf", "0", "true", '"2"'])
def test_a_number_that_cannot_be_meant_is_refused(file, number):
    (fault,) = faults(file, SOUND + f"[fetching]\ntimeout_seconds = {number}\n")

    assert "must be a number above 0" in fault


@pytest.mark.parametrize("days", ["36501", "1.5", "true", "9" * 30])
def test_more_days_than_a_life_has_are_refused(file, days):
    (fault,) = faults(file, SOUND + f"[holds]\ncool_down_days = {days}\n")

    assert "must be a whole number from 0 to 36500" in fault


# --- secrets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["token", "api_key", "password", "access_token", "client_secret"])
def test_a_secret_in_the_file_is_refused_with_the_reason_and_not_repeated(file, key):
    (fault,) = faults(file, SOUND + PAGE + f'{key} = "s3cr3t-of-the-city"\n')

    assert "a secret does not belong in this file" in fault
    assert fault.endswith("name the variable in token_env")
    assert "s3cr3t-of-the-city" not in fault


@pytest.mark.parametrize(
    ("lines", "remedy"),
    [
        (PAGE + "signing_secret", "name the variable in signing_env"),
        ("[alerts]\nsmtp_password", "name the variable in smtp_password_env"),
        ("[objects]\nsecret_access_key", "from AWS_… in the environment, or from a profile"),
        ("[objects]\npassword", "from AWS_… in the environment, or from a profile"),
        ("[holds]\npassword", "no key here takes it"),
    ],
)
def test_the_remedy_for_a_secret_in_the_file_leads_to_no_other_refusal(file, lines, remedy):
    (fault,) = faults(file, SOUND + f'{lines} = "s3cr3t-of-the-city"\n')

    assert "a secret does not belong in this file; " in fault
    assert fault.endswith(remedy)
    assert "s3cr3t-of-the-city" not in fault


@pytest.mark.parametrize(
    ("table", "key"),
    [(PAGE, "token_env"), (PAGE, "signing_env"), ("[alerts]\n", "smtp_password_env")],
)
@pytest.mark.parametrize("value", ["s3cr3t-of-the-city", "9s3cr3t", "s3cr3t word"])
def test_a_secret_in_the_place_of_its_variables_name_is_refused_and_not_repeated(
    file, table, key, value
):
    (fault,) = faults(file, SOUND + f'{table}{key} = "{value}"\n')

    assert f"{key}: names the variable of the environment" in fault
    assert "s3cr3t" not in fault


@pytest.mark.parametrize(
    "lines",
    [
        'catalogue = "postgresql+psycopg://me:s3cr3t@host/db"\n',
        'catalogue = "postgresql+psycopg://host/db?password=s3cr3t"\n',
        '[objects]\nendpoint_url = "https://me:s3cr3t@host"\n',
        PAGE.replace("https://", "https://me:s3cr3t@"),
    ],
    ids=["catalogue", "query", "endpoint", "page"],
)
def test_a_password_inside_an_address_is_refused_and_not_repeated(file, lines):
    (fault,) = faults(file, SOUND + lines)

    assert "a password does not belong in this file" in fault
    assert "s3cr3t" not in fault


def test_a_token_comes_from_the_environment(file):
    (page,) = read(file, SOUND + PAGE + 'token_env = "BLOG"\n', BLOG="s3cr3t").pages

    assert (page.secret, page.secret_missing) == ("s3cr3t", False)
    assert "s3cr3t" not in repr(page)


def test_a_page_may_wait_for_its_token_and_says_so(file):
    (page,) = read(file, SOUND + PAGE + 'token_env = "BLOG"\n').pages

    assert (page.secret, page.secret_missing) == (None, True)


def test_a_token_comes_from_the_first_line_of_a_file_of_ours(file):
    token = file.parent / "blog.token"
    token.write_text("s3cr3t\nnoted by J. Doe\n", "utf-8")
    token.chmod(0o600)

    (page,) = read(file, SOUND + PAGE + 'token_file = "blog.token"\n').pages

    assert page.secret == "s3cr3t"


def test_the_secret_that_deliveries_are_signed_with_is_had_like_a_token(file):
    secret = file.parent / "app.secret"
    secret.write_text("s3cr3t\n", "utf-8")
    secret.chmod(0o600)

    (named,) = read(file, SOUND + PAGE + 'signing_env = "APP"\n', APP="s3cr3t").pages
    (filed,) = read(file, SOUND + PAGE + 'signing_file = "app.secret"\n').pages
    (unset,) = read(file, SOUND + PAGE + 'signing_env = "APP"\n').pages
    (empty,) = read(file, SOUND + PAGE + 'signing_env = "APP"\n', APP="").pages
    (none,) = read(file, SOUND + PAGE).pages

    assert (named.signing_secret, filed.signing_secret) == ("s3cr3t", "s3cr3t")
    assert "s3cr3t" not in repr((named, filed))
    assert (unset.signing_secret, unset.signing_missing) == (None, True)
    assert (empty.signing_secret, empty.signing_missing) == (None, True)
    assert (none.signing_secret, none.signing_missing) == (None, False)
    secret.chmod(0o644)
    (fault,) = faults(file, SOUND + PAGE + 'signing_file = "app.secret"\n')
    assert "signing_file" in fault


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("127.0.0.1:80", "127.0.0.1", 80),
        ("[::1]:8790", "::1", 8790),
        ("localhost:0", "localhost", 0),
    ],
)
def test_listening_waits_where_its_address_says(file, address, host, port):
    listening = read(file, SOUND + f'[listen]\naddress = "{address}"\n').listening

    assert (listening.host, listening.port) == (host, port)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_token_file_that_others_may_read_is_refused(file, mode):
    token = file.parent / "blog.token"
    token.write_text("s3cr3t", "utf-8")
    token.chmod(mode)

    (fault,) = faults(file, SOUND + PAGE + 'token_file = "blog.token"\n')

    assert "may be read by others; run chmod 600 on it" in fault
    assert "s3cr3t" not in fault


def test_a_page_may_wait_for_the_file_of_its_token_too(file):
    (page,) = read(file, SOUND + PAGE + 'token_file = "blog.token"\n').pages

    assert (page.secret, page.secret_missing) == (None, True)
    assert page.token_file == file.parent / "blog.token"


@pytest.mark.parametrize("kind", ["astray", "folder", "binary"])
def test_a_token_file_that_holds_no_token_is_refused(file, kind):
    token = file.parent / "blog.token"
    if kind == "folder":
        token.mkdir(mode=0o700)
    if kind == "astray":
        token.symlink_to(file.parent / "nowhere")
    if kind == "binary":
        token.write_bytes(b"\xff\xfe")
        token.chmod(0o600)

    (fault,) = faults(file, SOUND + PAGE + 'token_file = "blog.token"\n')

    assert fault.startswith("[[pages]] blog: token_file: ")


def test_the_mail_password_comes_from_the_environment_and_shows_nowhere(file):
    alerts = '[alerts]\nsmtp_password_env = "MAIL"\nmail_to = ["a@example.gov"]\n'

    config = read(file, SOUND + alerts, MAIL="s3cr3t")

    assert config.alerts.smtp_secret == "s3cr3t"
    assert "s3cr3t" not in repr(config)


def test_an_authority_named_in_the_configuration_lies_beside_it_and_must_be_there(file):
    lines = SOUND + '[fetching]\nca_file = "agency-ca.pem"\n'
    (missing,) = faults(file, lines)
    (file.parent / "agency-ca.pem").write_text("")

    assert "agency-ca.pem" in missing
    assert read(file, lines).fetching.ca_file == file.parent / "agency-ca.pem"
