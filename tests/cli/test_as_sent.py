"""`items show --raw`: what the platform sent, and the exchange that brought it."""

from __future__ import annotations

from tests.connectors.mastodon_platform import MastodonPlatform
from tests.connectors.platforms import SECRET

CONFIG = """\
[agency]
name = "Demonstration Police Department"
time_zone = "America/Los_Angeles"
demonstration = true

[archive]
schedule = "demo"

[fetching]
allow_private_hosts = ["127.0.0.1"]

[[pages]]
name = "Microblog"
connector = "mastodon"
url = "{url}/@police"
token_env = "PAGE_TOKEN"
"""


def test_what_was_sent_is_shown_with_its_exchange_and_comes_back_with_a_rebuild(
    newcomer, monkeypatch
):
    monkeypatch.setenv("PAGE_TOKEN", SECRET)
    with MastodonPlatform() as platform:
        (newcomer.folder / "config.toml").write_text(CONFIG.format(url=platform.url), "utf-8")
        newcomer("init")
        platform.publish("The road is closed.")
        newcomer("capture", "Microblog")
        address = platform.url
    (item,) = newcomer("items", "search", "closed", "--json").told["items"]

    said = newcomer("items", "show", item["id"], "--raw").out
    (told,) = newcomer("items", "show", item["id"], "--raw", "--json").told["raw"]
    for file in (newcomer.folder / "archive").glob("catalogue.sqlite*"):
        if file.is_file():
            file.unlink()
    rebuilt = newcomer("rebuild").code
    again = newcomer("items", "show", item["id"], "--raw", "--json").told["raw"]

    exchange = told["exchange"]
    assert (told["version"], exchange["method"], exchange["status"]) == (1, "GET", 200)
    assert exchange["url"].startswith(f"{address}/api/v1/accounts/")
    assert "date" in exchange["headers"]
    assert "The road is closed." in told["text"]
    assert f"GET {exchange['url']} -> 200" in said
    assert told["text"] in said
    assert SECRET not in f"{said} {told}"
    assert (rebuilt, again) == (0, [told])


def test_of_an_imported_item_no_exchange_is_told(clerk):
    item = clerk("items", "search", "bus", "--json").told["items"][0]

    (told,) = clerk("items", "show", item["id"], "--raw", "--json").told["raw"]

    assert "exchange" not in told
    assert "by no request of its own" in clerk("items", "show", item["id"], "--raw").out
