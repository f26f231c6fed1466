"""`archiver listen`, as the system's service manager runs it and as a platform meets it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.cli.clerk import command, surroundings
from tests.connectors.facebook_platform import PAGE, FacebookPlatform
from tests.connectors.mastodon_platform import MastodonPlatform
from tests.connectors.meta_deliveries import (
    APP_SECRET,
    a_comment,
    a_delivery,
    handshake,
    signed,
)
from tests.connectors.platforms import FIRST_MOMENT, SECRET
from tests.connectors.streaming_server import HANG_UP, a_streaming_server

NOON = FIRST_MOMENT + timedelta(hours=3)
CONFIG = """\
[agency]
name = "Demonstration Police Department"
time_zone = "America/Los_Angeles"
demonstration = true

[archive]
schedule = "demo"

[fetching]
allow_private_hosts = ["127.0.0.1"]

[listen]
address = "127.0.0.1:0"
public_url = "https://hooks.example.gov"

[[pages]]
name = "Facebook page"
connector = "facebook"
url = "https://www.facebook.com/ExamplePD"
page_id = "{page}"
graph_url = "{graph}"
token_env = "PAGE_TOKEN"
signing_file = "app.secret"
"""


@contextmanager
def listening(folder: Path) -> Iterator[tuple[subprocess.Popen, str]]:
    """Run `archiver listen` beside us; give the process, and where it listens."""
    with subprocess.Popen(
        command("listen"),
        cwd=folder,
        env=surroundings() | {"PAGE_TOKEN": SECRET},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process, until(process, "listening on ").rpartition(" ")[2].strip()
        finally:
            process.kill()


def until(process: subprocess.Popen, sign: str) -> str:
    """Wait for a line that has *sign* in it, and give it."""
    assert process.stderr is not None
    return next(line for line in process.stderr if sign in line)


def comment(number: int, text: str) -> bytes:
    told = a_comment("add", f"1001_{number}", text, post=f"{PAGE}_1001", at=NOON)
    return a_delivery(told, at=NOON)


def test_what_is_delivered_is_archived_even_by_the_process_after_the_one_that_took_it(
    newcomer, monkeypatch
):
    monkeypatch.setenv("PAGE_TOKEN", SECRET)
    secret = newcomer.folder / "app.secret"
    secret.touch(0o600)
    secret.write_text(f"{APP_SECRET}\n", "utf-8")
    with FacebookPlatform() as platform:
        config = CONFIG.format(page=PAGE, graph=platform.url)
        (newcomer.folder / "config.toml").write_text(config, "utf-8")
        newcomer("init")
        (address,) = newcomer("listen", "--addresses", "--json").told["addresses"]

        with listening(newcomer.folder) as (process, url):
            asked = httpx.get(f"{url}/facebook", params=handshake(address["word"]))
            refused = httpx.post(f"{url}/facebook", content=b"{}", headers=signed(b"{}", "other"))
            body = comment(1, "For how long?")
            taken = httpx.post(f"{url}/facebook", content=body, headers=signed(body))
            heard = until(process, "Facebook page: ")
            another = newcomer("listen")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=120) == 0
        found = newcomer("items", "search", "long", "--json").told
        with listening(newcomer.folder) as (process, url):
            late = comment(2, "Who pays for this?")
            httpx.post(f"{url}/facebook", content=late, headers=signed(late))
            process.kill()
        waiting = list((newcomer.folder / "archive" / "deliveries").rglob("*.delivery"))
        worked_off = newcomer("listen", "--once")

    assert address["url"] == "https://hooks.example.gov/facebook"
    assert (asked.text, refused.status_code, taken.status_code) == ("1158201444", 403, 200)
    assert "1 new" in heard
    assert another.code == 50
    assert [item["text"] for item in found["items"]] == ["For how long?"]
    assert worked_off.code == 0
    assert newcomer("items", "search", "pays", "--json").told["total"] == 1
    assert [file.name for file in waiting if file.exists()] == []
    status = newcomer("status", "--json").told
    assert (status["listening"]["refused"], status["listening"]["waiting"]) == (0, 0)


STREAMED = """\
[agency]
name = "Demonstration Police Department"
time_zone = "America/Los_Angeles"
demonstration = true

[archive]
schedule = "demo"

[fetching]
allow_private_hosts = ["127.0.0.1"]

[listen]
address = "127.0.0.1:0"

[[pages]]
name = "Microblog"
connector = "mastodon"
url = "{url}/@police"
token_env = "PAGE_TOKEN"
streaming = true
"""


@pytest.mark.proof
def test_a_stream_is_followed_beside_the_door_and_opened_anew_where_it_breaks_off(
    newcomer, monkeypatch
):
    monkeypatch.setenv("PAGE_TOKEN", SECRET)
    with a_streaming_server() as stream, MastodonPlatform() as platform:
        platform.streaming = stream.url
        config = STREAMED.format(url=platform.url)
        (newcomer.folder / "config.toml").write_text(config, "utf-8")
        newcomer("init")
        closed = platform.entity(platform.publish("The road is closed."))
        opened = platform.entity(platform.publish("The road is open."))
        frames = [
            json.dumps({"stream": ["user"], "event": "update", "payload": json.dumps(status)})
            for status in (closed, opened)
        ]
        stream.say(frames[0], HANG_UP, frames[1])

        with listening(newcomer.folder) as (process, _):
            said = ""
            while sum(map(int, re.findall(r"(\d+) new, ", said))) < len(frames):
                said += until(process, "Microblog: ")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=120) == 0
        status = newcomer("status", "--json").told

    assert newcomer("items", "search", "road", "--json").told["total"] == 2
    assert (said.count("not followed"), said.count("is followed")) == (1, 2)
    assert status["listening"]["waiting"] == 0
