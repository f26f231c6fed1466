from __future__ import annotations

import re

from archiver.credentials import hashing
from archiver.records.identity import ArchiveKey

KEY = ArchiveKey(bytes(range(32)))
PERSON = "person-1"
PASSPHRASE = "umber kettle voyage thimble"


def test_trying_a_passphrase_costs_what_rfc_9106_recommends():
    kept = hashing.hashed(KEY, PERSON, PASSPHRASE)

    cost = re.fullmatch(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$[^$]{22}\$[^$]{43}", kept)
    assert tuple(map(int, cost.groups())) == (64 * 1024, 3, 4)
    assert hashing.matches(KEY, PERSON, PASSPHRASE, kept)
    assert not hashing.matches(KEY, PERSON, PASSPHRASE.title() + "s", kept)
    assert not hashing.matches(KEY, "person-2", PASSPHRASE, kept)
    assert not hashing.matches(ArchiveKey(bytes(32)), PERSON, PASSPHRASE, kept)
