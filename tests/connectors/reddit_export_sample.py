"""A sample of Reddit's copy of an account's data, whole and cut into parts."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence

from connectors.reddit_export import CONNECTOR
from tests.connectors.sample import Sample

REDDIT_LAYOUTS = ("2021", "2024", "in parts")
DAY = "2023-11-14"

POST = ("id", "permalink", "date", "ip", "subreddit", "gildings", "title", "url", "body")
COMMENT = (
    *("id", "permalink", "date", "ip", "subreddit", "gildings"),
    *("link", "parent", "body", "media"),
)
OLD_COMMENT = (*COMMENT[:6], "gildings_silver", "gildings_supergold", *COMMENT[6:])
MESSAGE = ("id", "permalink", "thread_id", "date", "ip", "from", "to", "subject", "body")
CHAT = (
    *("message_id", "created_at", "updated_at", "username", "message"),
    *("thread_parent_message_id", "channel_url", "subreddit", "channel_name"),
    "conversation_type",
)


def table(header: Sequence[str], *rows: Mapping[str, str], bom: bool = False) -> bytes:
    """Give a CSV file as Reddit writes it; what a row does not name is empty."""
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, header, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode("utf-8-sig" if bom else "utf-8")


def a_post(named: str, body: str, **more: str) -> dict[str, str]:
    """Give the row of a submission."""
    own = f"/r/ExamplePD/comments/{named}/title/"
    told = {"id": named, "permalink": own, "date": f"{DAY} 22:13:20 UTC", "body": body}
    return {**told, "title": f"Title of {named}", "url": own, "subreddit": "ExamplePD", **more}


def a_comment(named: str, body: str, **more: str) -> dict[str, str]:
    """Give the row of a comment on the submission p1."""
    link = "https://www.reddit.com/r/ExamplePD/comments/p1/title/"
    told = {"id": named, "permalink": f"{link}{named}/", "date": f"{DAY} 22:14:20 UTC"}
    return {**told, "link": link, "body": body, "subreddit": "ExamplePD", **more}


def proofs(files: Mapping[str, bytes]) -> bytes:
    """Give the file in which Reddit lists the digest of every file."""
    rows = [{"filename": n, "sha256": hashlib.sha256(b).hexdigest()} for n, b in files.items()]
    return table(("filename", "sha256"), *rows)


def headers(*rows: Mapping[str, str]) -> bytes:
    """Give the file that holds the rows of submissions without their words."""
    names = [name for name in POST if name not in {"title", "body"}]
    return table(names, *({name: row.get(name, "") for name in names} for row in rows))


def reddit(layout: str) -> Callable[[], Sample]:
    """Give the maker of a sample in *layout*."""

    def sample() -> Sample:
        posts = [a_post("p1", 'Road closed 🚧,\n"detour" below'), a_post("p2", "Open again")]
        comments = [
            a_comment("c1", "Thank you, all"),
            a_comment("c2", "Noon", parent="t1_zz9"),
            a_comment("c3", "Yes", parent="t3_p1"),
        ]
        message = {"id": "m1", "date": f"{DAY} 22:13:20 UTC", "from": "doe", "to": "examplepd",
                   "subject": "Road", "body": "Is it safe?"}  # fmt: skip
        chat = {"message_id": "k1", "created_at": f"{DAY} 22:13:20 UTC", "username": "doe",
                "message": "Hello?", "channel_url": "room"}  # fmt: skip
        header = OLD_COMMENT if layout == "2021" else COMMENT
        old = "_archive" if layout == "2021" else ""
        holding: dict[str, bytes] = {
            "posts.csv": table(POST, *posts, bom=layout == "2021"),
            "comments.csv": table(header, *comments),
            f"messages{old}.csv": table(MESSAGE, message),
            "chat_history.csv": table(CHAT, chat),
        }
        if layout == "in parts":
            del holding["comments.csv"]
            holding["comments_1.csv"] = table(header, *comments[:2])
            holding["comments_2.csv"] = table(header, *comments[2:])
        told: dict[str, object] = {
            "statistics.csv": b"statistic,value\naccount name,examplepd\nis_deleted,False\n"
        }
        if layout == "2024":
            told["checkfile.csv"] = proofs(holding)
            told["post_headers.csv"] = headers(*posts)
        return Sample(
            connector=CONNECTOR,
            files={**holding, **told},
            holding=tuple(holding),
            texts=('Road closed 🚧,\n"detour" below', "Open again", "Thank you, all", "Noon", "Yes",
                   "Is it safe?", "Hello?"),
            private=frozenset({"Is it safe?", "Hello?"}),
        )  # fmt: skip

    return sample
