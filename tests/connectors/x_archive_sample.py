"""A sample of the archive that X gives out of an account, in every layout it has had."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

from connectors.x_archive import CONNECTOR as X
from tests.connectors.sample import NOON, Sample

X_LAYOUTS = {
    "2019": ("", "tweet", "tweet_media"),
    "2020": ("data/", "tweet", "tweet_media"),
    "2022": ("data/", "tweets", "tweets_media"),
}


def assigned(name: str, value: object, part: int = 0) -> str:
    """Give a file of an X archive: JSON, assigned to a name."""
    return f"window.YTD.{name}.part{part} = {json.dumps(value, indent=2, ensure_ascii=False)}"


def x_post(text: str, number: int, **more: object) -> dict[str, object]:
    """Give a post as X writes it into an archive; *number* makes its id and its date."""
    told = {
        "id_str": x_id(number),
        "id": x_id(number),
        "created_at": f"{datetime.fromtimestamp(NOON + number, UTC):%a %b %d %H:%M:%S +0000 %Y}",
        "full_text": text,
        "favorite_count": "2",
        "retweet_count": "1",
        "lang": "en",
        "entities": {"urls": [], "user_mentions": []},
    }
    return {"tweet": {**told, **more}}


def x_id(number: int) -> str:
    """Give the id of a post that was made in the second NOON + *number*."""
    return str(((NOON + number) * 1000 - 1_288_834_974_657) << 22)


def x_media(file: str, number: int) -> dict[str, object]:
    """Give what a post says of the picture *file*."""
    media = {"id_str": f"{number}", "type": "photo", "ext_alt_text": "A road",
             "media_url_https": f"https://pbs.twimg.example/media/{file}"}  # fmt: skip
    return {"extended_entities": {"media": [media]}}


def x_archive(layout: str) -> Callable[[], Sample]:
    """Give the maker of an account's archive from X in *layout*."""

    def sample() -> Sample:
        home, name, media = X_LAYOUTS[layout]
        picture = f"{home}{media}/{x_id(1)}-road.jpg"
        answer = {"in_reply_to_status_id_str": "99", "in_reply_to_user_id_str": "7"}
        posts = [
            x_post("Road closed &amp; detour 🚧", 1, **x_media("road.jpg", 5)),
            x_post("@doe it is open", 2, **answer),
            x_post("A picture the archive lacks", 3, **x_media("gone.jpg", 6)),
        ]
        if layout == "2019":
            posts = [cast("dict[str, object]", each["tweet"]) for each in posts]
        message = {"id": "31", "senderId": "7", "recipientId": "1", "text": "Is it safe?",
                   "createdAt": "2023-11-14T22:13:20.000Z", "mediaUrls": []}  # fmt: skip
        talk = {"conversationId": "1-7", "messages": [{"messageCreate": message}]}
        counts = {"count": "3", "fileName": f"{home}{name}.js"}
        manifest = {"userInfo": {"accountId": "1", "userName": "examplepd", "displayName": "PD"},
                    "dataTypes": {name: {"files": [counts]}}}  # fmt: skip
        account = {"accountId": "1", "createdAt": "2011-06-23T13:04:14.000Z"}
        profile = {"description": {"bio": "Official account", "website": "", "location": "Here"}}
        holding = (f"{home}{name}.js", f"{home}direct-messages.js", f"{home}profile.js")
        return Sample(
            connector=X,
            files={
                holding[0]: assigned(name, posts),
                holding[1]: assigned("direct_messages", [{"dmConversation": talk}]),
                holding[2]: assigned("profile", [{"profile": profile}]),
                f"{home}account.js": assigned("account", [{"account": account}]),
                f"{home}manifest.js": f"window.__THAR_CONFIG = {json.dumps(manifest)}",
                picture: b"JPEG",
            },
            holding=holding,
            texts=("Road closed & detour 🚧", "@doe it is open", "A picture the archive lacks",
                   "Is it safe?", "Official account\nHere"),
            private=frozenset({"Is it safe?"}),
            picture=b"JPEG",
        )  # fmt: skip

    return sample
