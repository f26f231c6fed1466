"""Builders of synthetic exports: what Facebook would have written for an invented department."""

import json
import random
import zipfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

PAGE_NAME = "Ciudad Piñón Police Department"
LAYOUTS = {
    "2019": ("posts/your_posts_{}.json", "comments/comments.json", "photos_and_videos"),
    "2024": (
        "your_facebook_activity/posts/your_posts__check_ins__photos_and_videos_{}.json",
        "your_facebook_activity/comments_and_reactions/comments.json",
        "your_facebook_activity/posts/media",
    ),
    "page": (
        "this_profile's_activity_across_facebook/posts/profile_posts_{}.json",
        "this_profile's_activity_across_facebook/comments_and_reactions/comments.json",
        "this_profile's_activity_across_facebook/posts/media",
    ),
}
POSTS_A_FILE = 50_000
NEWEST = 1_760_000_000

_SPOKEN = """
officers detectives sergeant dispatch patrol arrest burglary theft vehicle collision traffic
intersection avenue boulevard closed reopened suspect witness resident community meeting
neighborhood watch lost found missing juvenile located safe thank everyone please call
non-emergency line tips anonymous reward fire department evacuation shelter road flooding storm
warning power outage recruitment testing cadet academy graduation retirement award coffee with a
cop national night out bicycle helmet safety checkpoint DUI enforcement grant school crossing
guard parade holiday fireworks illegal noise complaint animal services
"""
_SIGNS = ("🚓", "\N{RIGHT SINGLE QUOTATION MARK}", "…", "ñ", "é", "🎉", "—", "¡")


def as_facebook_writes(text: str) -> str:
    """Give *text* the way an export spells it: each byte of its UTF-8 as one character."""
    return text.encode("utf-8").decode("latin-1")


def write_export(path: Path, files: dict[str, object]) -> Path:
    """Write a zip file at *path*; values that are not bytes or text become JSON."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as export:
        for name, content in files.items():
            made = content if isinstance(content, bytes | str) else json.dumps(content)
            export.writestr(_entry(name), made)
    return path


def write_facebook_export(
    path: Path, *, posts: int, comments: int, seed: int, layout: str, media_every: int = 0
) -> None:
    """Write a synthetic export at *path*, the same for the same arguments, never all in memory.

    One post in *media_every* carries a small picture that lies in the export too.
    """
    dice = random.Random(seed)
    words = _vocabulary(dice)
    posts_name, comments_name, media = LAYOUTS[layout]
    pictures: list[str] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as export:
        profile = {"profile_v2": {"name": {"full_name": as_facebook_writes(PAGE_NAME)}}}
        export.writestr(_entry("profile_information/profile_information.json"), json.dumps(profile))
        for number in range(1, max(1, -(-posts // POSTS_A_FILE)) + 1):
            first = (number - 1) * POSTS_A_FILE
            made = (
                _post(dice, words, place, media if _pictured(place, media_every) else "", pictures)
                for place in range(first, min(posts, first + POSTS_A_FILE))
            )
            _write(export, posts_name.format(number), "[", made, "]")
        made = (_comment(dice, words, place) for place in range(comments))
        _write(export, comments_name, '{"comments_v2":[', made, "]}")
        for picture in pictures:
            export.writestr(_entry(picture), b"\xff\xd8\xff\xe0" + picture.encode())


def _write(
    export: zipfile.ZipFile, name: str, begin: str, made: Iterable[object], end: str
) -> None:
    with closing(export.open(_entry(name), "w", force_zip64=True)) as file:
        file.write(begin.encode())
        for place, element in enumerate(made):
            file.write((",\n" if place else "").encode() + json.dumps(element).encode())
        file.write(end.encode())


def _post(
    dice: random.Random, words: list[str], place: int, media: str, pictures: list[str]
) -> dict[str, object]:
    timestamp = NEWEST - place * 3_571
    post: dict[str, object] = {
        "timestamp": timestamp,
        "title": as_facebook_writes(f"{PAGE_NAME} updated their status."),
        "data": [
            {"post": as_facebook_writes(_text(dice, words))},
            {"update_timestamp": timestamp},
        ],
    }
    if media:
        picture = f"{media}/Mobileuploads_{place // 100}/{place}_n.jpg"
        pictures.append(picture)
        shown = {"media": {"uri": picture, "creation_timestamp": timestamp, "title": ""}}
        post["attachments"] = [{"data": [shown]}]
    elif dice.random() < 0.1:
        link = {"external_context": {"url": f"https://police.example/news/{place}"}}
        post["attachments"] = [{"data": [link]}]
    return post


def _comment(dice: random.Random, words: list[str], place: int) -> dict[str, object]:
    timestamp = NEWEST - place * 4_073
    said = as_facebook_writes(_text(dice, words))
    author = as_facebook_writes(PAGE_NAME)
    return {
        "timestamp": timestamp,
        "data": [{"comment": {"timestamp": timestamp, "comment": said, "author": author}}],
        "title": f"{author} commented on their own post.",
    }


def _vocabulary(dice: random.Random) -> list[str]:
    """Give a few thousand words: those of the trade, and invented names of streets and people."""
    starts = _parts(
        "bar cal den el far gran hal in jo kel lin mar nor oak pal quin ros san tor val"
    )
    middles = _parts("a e i o u an er il on ar")
    ends = _parts("ton dale wood ridge mont view side field port ville ley man son ez ia")
    invented = [a + b + c for a in starts for b in middles for c in ends]
    dice.shuffle(invented)
    return _parts(_SPOKEN) * 8 + invented


def _text(dice: random.Random, words: list[str]) -> str:
    chosen = dice.choices(words, k=dice.randint(10, 60))
    chosen[0] = chosen[0].capitalize()
    if dice.random() < 0.4:
        chosen.insert(dice.randrange(len(chosen)), dice.choice(_SIGNS))
    return " ".join(chosen) + dice.choice((".", "!", ".\n\n#PublicSafety", "?"))


def _pictured(place: int, every: int) -> bool:
    return bool(every) and place % every == 0


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o100644 << 16
    return info


def _parts(words: str) -> list[str]:
    return words.split()
