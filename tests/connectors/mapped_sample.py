"""Samples of a foreign export in each format, and the mappings they are read by."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from connectors.mapped_export import CONNECTOR as MAPPED
from tests.connectors.sample import NOON, Sample

MAPPINGS = Path(__file__).parent / "recorded" / "mapped_export"

_RECORDS = (
    (
        "1",
        "Status",
        "11/14/2023 02:13:20 PM",
        "PD",
        "Road closed 🚧, take the detour",
        "",
        "",
        "a;b",
    ),
    ("2", "Comment", "11/14/2023 02:14:00 PM", "Doe", 'They said ""no"",\nall day', "1", "1", ""),
    ("3", "Direct Message", "11/14/2023 02:15:00 PM", "Doe", "Is it safe?", "", "", ""),
)


def mapped(name: str) -> Callable[[], Sample]:
    """Give the maker of a foreign export in the format *name*, and of the mapping it is read by."""
    files = {"csv": _as_csv, "jsonl": _as_lines, "json": _as_json}[name]

    def sample() -> Sample:
        written, holding = files()
        return Sample(
            connector=MAPPED,
            files={**written, "files/one.jpg": b"JPEG"},
            holding=(holding,),
            texts=("Road closed 🚧, take the detour", 'They said "no",\nall day', "Is it safe?"),
            private=frozenset({"Is it safe?"}),
            picture=b"JPEG",
            options={"mapping": str(MAPPINGS / f"{name}.toml")},
        )

    return sample


def _as_csv() -> tuple[dict[str, object], str]:
    header = "Record ID,Type,Date,Author,Text,Parent,Thread,Files,URL,Links,Tags,Likes\n"
    rows = [
        f'{i},{kind},{at},{who},"{text}",{parent},{thread},{_paths(files)},,,,\n'
        for i, kind, at, who, text, parent, thread, files in _RECORDS
    ]
    return {"records.csv": header + "".join(rows)}, "records.csv"


def _as_lines() -> tuple[dict[str, object], str]:
    kinds = {"Status": "post", "Comment": "comment", "Direct Message": "message"}
    lines = [
        json.dumps(
            {
                "id": int(i), "type": kinds[kind], "created": NOON * 1000 + place,
                "author": {"name": who, "id": None}, "message": text.replace('""', '"'),
                "parent": parent or None,
                "media": [{"file": path} for path in _paths(files).split(";") if path],
            }
        )
        for place, (i, kind, _, who, text, parent, _, files) in enumerate(_RECORDS)
    ]  # fmt: skip
    counts = {"totals": {"records": len(lines)}}
    return {"posts.jsonl": "\n".join(lines), "manifest.json": counts}, "posts.jsonl"


def _as_json() -> tuple[dict[str, object], str]:
    kinds = {"Status": "post", "Comment": "comment", "Direct Message": "message"}
    records = [
        {
            "id": i, "kind": kinds[kind], "at": f"2023-11-14T22:1{i}:00Z",
            "text": text.replace('""', '"'), "files": [p for p in _paths(files).split(";") if p],
        }
        for i, kind, _, _, text, _, _, files in _RECORDS
    ]  # fmt: skip
    return {"export.json": {"made": "by us", "records": records}}, "export.json"


def _paths(files: str) -> str:
    return files.replace("a", "files/one.jpg").replace("b", "files\\gone.jpg")
