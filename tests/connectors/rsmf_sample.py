"""Samples of RSMF, written as its specification says (2.0.0), and as version 1.0.0 had it."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence

from connectors.rsmf import CONNECTOR as RSMF
from tests.connectors.sample import Sample

PEOPLE = [
    {"id": "p1", "display": "Records", "email": "records@pd.example"},
    {"id": "p2", "display": "J. Doe", "account_id": "doe77"},
]
CONVERSATIONS = [
    {"id": "c1", "platform": "sms", "participants": ["p1", "p2"], "type": "direct"},
    {
        "id": "c2", "platform": "facebook", "participants": ["p1", "p2"], "type": "channel",
        "display": "The department's page",
    },
]  # fmt: skip


def an_event(number: int, body: str, **more: object) -> dict[str, object]:
    """Give event *number* of the first conversation; *more* says what is otherwise."""
    return {
        "type": "message", "id": f"e{number}", "participant": "p2", "conversation": "c1",
        "timestamp": f"2026-03-03T09:{number:02}:00-08:00", "body": body, **more,
    }  # fmt: skip


def a_manifest(
    events: Sequence[object],
    *,
    participants: Sequence[object] = PEOPLE,
    conversations: Sequence[object] = CONVERSATIONS,
    version: str = "2.0.0",
) -> bytes:
    """Give a manifest of *events*."""
    told = {
        "version": version,
        "participants": participants,
        "conversations": conversations,
        "events": events,
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def an_rsmf(manifest: bytes, files: Mapping[str, bytes] = {}, *, count: object = None) -> bytes:
    """Give an RSMF file of *manifest* and the files beside it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as inner:
        for name, content in {"rsmf_manifest.json": manifest, **files}.items():
            inner.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    head = f"X-RSMF-EventCount: {count}\r\n" if count is not None else ""
    return (
        f"From: records@pd.example\r\nX-RSMF-Version: 2.0.0\r\n{head}MIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="=_cut"\r\n\r\n'
        "--=_cut\r\nContent-Type: text/plain\r\n\r\nWhat was said, as text.\r\n"
        "--=_cut\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n"
        'Content-Disposition: attachment; filename="rsmf.zip"\r\n\r\n'
    ).encode() + b"%s--=_cut--\r\n" % base64.encodebytes(packed.getvalue())


def rsmf(version: str) -> Callable[[], Sample]:
    """Give the maker of a chat in RSMF *version*."""

    def sample() -> Sample:
        attached = [{"id": "a.jpg", "display": "porch.jpg", "size": 4}, {"id": "gone.jpg"}]
        said = ["Somebody took my parcel 📦", "We sent a patrol", "Thank you"]
        events = [
            an_event(1, said[0], attachments=attached),
            an_event(2, said[1], participant="p1", parent="e1"),
            an_event(3, said[2], parent="e2"),
        ]
        if version == "1.0.0":
            events = [{k: v for k, v in event.items() if k != "id"} for event in events]
            events = [{k: v for k, v in event.items() if k != "parent"} for event in events]
        manifest = a_manifest(events, version=version)
        return Sample(
            connector=RSMF,
            files={"chat-1.rsmf": an_rsmf(manifest, {"a.jpg": b"JPEG"}, count=len(events))},
            holding=("chat-1.rsmf",),
            texts=tuple(said),
            private=frozenset(said),
            picture=b"JPEG",
            inside=manifest,
        )

    return sample
