"""The design's invariants, as functions that read an archive and name what breaks them.

Those that hold at every moment, even between a crash and the next run, take the archive alone.
Those about deeds compare it with an earlier look (`Look`), or with what a model says of it.
Rows are read as they lie in the tables, not through the archiver's own reading.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, RowMapping, text

from archiver.catalogue import items, ledger, recomputing
from archiver.catalogue.tables import METADATA
from archiver.language.tree import Everything
from archiver.procedures.called import word_for
from archiver.procedures.item_papers import standing
from archiver.records import approval
from archiver.records.errors import ObjectDamaged, ObjectMissing
from archiver.records.identity import ObjectRef, Part
from tests.archive import Archive

Faults = list[str]
HERE = (
    "versions",
    "bylines",
    "matches",
    "attachments",
    "sightings",
    "engagement",
    "decisions",
    "outbox",
)
"""Tables of which a tombstone has no row."""


def rows(archive: Archive, query: str, *values: object) -> list[RowMapping]:
    """Ask the catalogue in its own language, past the archiver's reading."""
    named = {f"v{place}": value for place, value in enumerate(values)}
    for name in named:
        query = query.replace("?", f":{name}", 1)
    if (looking := _LOOKING.get()) is not None:
        return list(looking.execute(_written(query), named).mappings())
    with archive.office.catalogue.reading() as connection:
        return list(connection.execute(_written(query), named).mappings())


_written = cache(text)

_LOOKING: ContextVar[Connection | None] = ContextVar("_LOOKING", default=None)
"""The transaction in which all invariants are asked, where they are."""


def leaves(archive: Archive) -> list[bytes]:
    """Give every entry of the ledger, in order."""
    return [row["leaf"] for row in rows(archive, "SELECT leaf FROM ledger_entries ORDER BY seq")]


def told(archive: Archive) -> list[dict]:
    return [json.loads(leaf) for leaf in leaves(archive)]


# --- keeping ----------------------------------------------------------------------------------


def l1_the_cursor_is_past_nothing_unknown(archive: Archive, emitted: list[str]) -> Faults:
    """*emitted* are the native ids the platform ever gave, in order; a cursor counts them."""
    cursors = rows(archive, "SELECT value FROM cursors")
    past = emitted[: max((int(row["value"]) for row in cursors), default=0)]
    known = {row["item"] for row in rows(archive, "SELECT item FROM items")}
    return [
        f"{n} is behind the cursor and unknown" for n in past if archive.item_id(n) not in known
    ]


def l2_a_live_row_has_its_bytes(archive: Archive) -> Faults:
    faults = []
    for ref in _expected_objects(archive):
        here = [one.ref for one in archive.office.objects.owned(ref.owner)]
        if ref.part is Part.PAPER and standing(
            archive.office.keys.archive, archive.office.objects, ref.digest, here
        ):
            continue
        try:
            archive.office.objects.read(ref)
        except (ObjectMissing, ObjectDamaged) as error:
            faults.append(f"{ref}: {error}")
    return faults


def _expected_objects(archive: Archive) -> Iterator[ObjectRef]:
    live = "FROM {} t JOIN items i ON i.n = t.item_n WHERE i.life = 'live'"
    for row in rows(archive, "SELECT i.item, t.digest " + live.format("versions")):
        yield ObjectRef(row["item"], Part.CONTENT, row["digest"])
    for row in rows(archive, "SELECT i.item, t.digest, t.slot " + live.format("attachments")):
        yield ObjectRef(row["item"], Part.ATTACHMENT, row["digest"], row["slot"])
    for row in rows(archive, "SELECT i.item, t.paper " + live.format("decisions")):
        yield ObjectRef(row["item"], Part.PAPER, row["paper"], "decision")
    for table, slot in (("sightings", "sighting"), ("bylines", "byline")):
        for row in rows(archive, "SELECT i.item, t.paper " + live.format(table)):
            if row["paper"]:
                yield ObjectRef(row["item"], Part.PAPER, row["paper"], slot)


def l3_only_what_is_catalogued_is_indexed(archive: Archive) -> Faults:
    known = {
        row["item"] for row in rows(archive, "SELECT item FROM items WHERE life <> 'destroyed'")
    }
    indexed = set(archive.office.index.matching(Everything()))
    return [f"{item[:12]} is indexed and not here" for item in indexed - known]


def l4_nothing_waits_after_a_clean_run(archive: Archive) -> Faults:
    live = {row["item"] for row in rows(archive, "SELECT item FROM items WHERE life = 'live'")}
    indexed = set(archive.office.index.matching(Everything()))
    faults = [f"{item[:12]} was never indexed" for item in live - indexed]
    begun = rows(archive, "SELECT item FROM items WHERE life = 'begun'")
    faults += [f"the destruction of {row['item'][:12]} was never finished" for row in begun]
    undone = rows(archive, "SELECT batch FROM batches WHERE done_at IS NULL")
    faults += [f"{row['batch']} was never done" for row in undone]
    waiting = rows(archive, "SELECT hold FROM holds WHERE status = 'evaluating'")
    return faults + [f"{row['hold']} was never evaluated" for row in waiting]


def l5_an_item_and_each_version_of_it_stand_once(archive: Archive) -> Faults:
    once = Counter(row["item"] for row in rows(archive, "SELECT item FROM items"))
    numbers = Counter(
        (row["item_n"], row["number"]) for row in rows(archive, "SELECT * FROM versions")
    )
    last: dict[int, str] = {}
    again = []
    for row in rows(archive, "SELECT * FROM versions ORDER BY item_n, number"):
        if last.get(row["item_n"]) == row["fingerprint"]:
            again.append(f"item {row['item_n']} says the same in versions running")
        last[row["item_n"]] = row["fingerprint"]
    twice = [*once.items(), *numbers.items()]
    return again + [f"{what} stands {count} times" for what, count in twice if count > 1]


def l5_a_rows_version_is_one_it_has(archive: Archive) -> Faults:
    query = """SELECT item FROM items i WHERE life = 'live' AND NOT EXISTS (
        SELECT 1 FROM versions v WHERE v.item_n = i.n AND v.number = i.version
        AND v.fingerprint = i.fingerprint)"""
    return [f"{row['item'][:12]} shows a version it has not" for row in rows(archive, query)]


# --- destroying -------------------------------------------------------------------------------


def d2_what_lies_around_is_held_with_it(archive: Archive) -> Faults:
    """A hold around another names every thread and author in what that one covers, and binds it."""
    binding = rows(archive, "SELECT * FROM holds WHERE status <> 'lifted'")
    numbers = {row["hold"]: row["n"] for row in binding}
    narrowed = {row["hold_n"] for row in rows(archive, "SELECT hold_n FROM narrowings")}
    faults: Faults = []
    for outer in binding:
        scope = json.loads(outer["scope"])
        inner = numbers.get(scope["around"])
        if inner is None:
            continue
        known = rows(archive, "SELECT scope FROM growths WHERE hold_n = ?", outer["n"])
        scopes = [scope, *(json.loads(row["scope"]) for row in known)]
        named = {kind: {name for one in scopes for name in one[kind]} for kind in scope["kinds"]}
        held = {row["item"] for row in rows(archive, _COVERED, outer["n"])}
        for row in rows(archive, _COVERED, inner):
            if row["thread"] not in named.get("threads", {row["thread"]}):
                faults.append(f"{outer['hold']} lacks the thread of {row['item'][:12]}")
            public = not row["own"] and row["author"]
            if public and row["author"] not in named.get("authors", {row["author"]}):
                faults.append(f"{outer['hold']} lacks the author of {row['item'][:12]}")
        for row in () if outer["n"] in narrowed or outer["status"] != "active" else _live(archive):
            within = row["thread"] in named.get("threads", ())
            if (within or row["author"] in named.get("authors", ())) and row["item"] not in held:
                faults.append(f"{outer['hold']} does not cover {row['item'][:12]}")
    return faults


def d2_who_is_called_as_a_hold_asks_is_named(archive: Archive) -> Faults:
    """A hold by name names every author of a live text who bears it, whoever came first."""
    active = rows(archive, "SELECT * FROM holds WHERE status = 'active'")
    asking = [(row, json.loads(row["scope"])) for row in active if '"called": ["' in row["scope"]]
    key = archive.office.keys.archive
    bearing: dict[str, set[str]] = {}
    for text_row in rows(archive, _TEXTS) if asking else ():
        native_id, name, handle, _ = json.loads(text_row["body"])["author"] or ("", "", "", "")
        for word in {word_for(key, one) for one in (native_id, name, handle)} - {""}:
            author = key.author(text_row["platform"], native_id or handle or name)
            bearing.setdefault(word, set()).add(author)
    faults: Faults = []
    for row, scope in asking:
        grown = rows(archive, "SELECT scope FROM growths WHERE hold_n = ?", row["n"])
        named = {
            a for one in (scope, *(json.loads(g["scope"]) for g in grown)) for a in one["authors"]
        }
        lacking = {a for word in scope["called"] for a in bearing.get(word, ())} - named
        faults.extend(f"{row['hold']} lacks a namesake" for _ in lacking)
    return faults


_TEXTS = """SELECT p.platform, c.body FROM versions v JOIN items i ON i.n = v.item_n
    JOIN pages p ON p.n = i.page_n JOIN contents c ON c.n = v.n WHERE i.life = 'live'"""
_LIVE = """SELECT i.item, i.author, i.own, t.thread FROM items i JOIN threads t
    ON t.n = i.thread_n {} WHERE i.life = 'live'"""
_COVERED = _LIVE.format("JOIN coverage c ON c.item_n = i.n") + " AND c.hold_n = ?"


def _live(archive: Archive) -> list[RowMapping]:
    return rows(archive, _LIVE.format(""))


def d5_what_was_begun_was_planned_under_its_schedule(archive: Archive) -> Faults:
    query = """SELECT i.item FROM items i JOIN batches b ON b.n = i.batch_n
        WHERE NOT EXISTS (SELECT 1 FROM plan_items p WHERE p.plan_n = b.plan_n
        AND p.item_n = i.n AND p.thread_n = i.thread_n)"""
    faults = [f"{row['item'][:12]} was on no plan" for row in rows(archive, query)]
    made = {row["plan"]: row["schedule"] for row in rows(archive, "SELECT * FROM plans")}
    return faults + [
        f"{leaf['s']} was begun under another schedule than its plan"
        for leaf in told(archive)
        if leaf["k"] == "disposition.begun" and made[leaf["d"]["pl"]] != leaf["d"]["s"]
    ]


def d6_no_binding_hold_covers_what_is_being_destroyed(archive: Archive) -> Faults:
    query = """SELECT h.hold, i.item FROM coverage c JOIN holds h ON h.n = c.hold_n
        JOIN items i ON i.n = c.item_n WHERE h.status <> 'lifted' AND i.life <> 'live'"""
    return [f"{row['hold']} covers {row['item'][:12]}, which goes" for row in rows(archive, query)]


def d7_nothing_of_a_tombstone_is_left(archive: Archive) -> Faults:
    faults: Faults = []
    gone = {
        row["n"]: row["item"]
        for row in rows(archive, "SELECT n, item FROM items WHERE life = 'destroyed'")
    }
    for table in HERE if gone else ():
        left = {r["item_n"] for r in rows(archive, f"SELECT item_n FROM {table}")}  # noqa: S608 - names of ours
        faults += [f"{gone[n][:12]} has a row in {table}" for n in left & gone.keys()]
    orphans = rows(
        archive, "SELECT n FROM contents WHERE body <> '' AND n NOT IN (SELECT n FROM versions)"
    )
    faults += [f"text {row['n']} belongs to no version" for row in orphans]
    for listed in archive.office.objects.listing():
        if listed.ref.owner in gone.values():
            faults.append(f"{listed.ref} outlived its item")
    indexed = set(archive.office.index.matching(Everything()))
    return faults + [f"{item[:12]} is still found" for item in indexed & set(gone.values())]


def d7_nothing_of_an_expunged_item_is_left(archive: Archive) -> Faults:
    """Ask every table for what an order of a court destroyed, and every paper for its id."""
    query = "SELECT n, item FROM items WHERE life = 'destroyed' AND page_n = 0"
    gone = {row["n"]: row["item"] for row in rows(archive, query)}
    faults: Faults = []
    for table in METADATA.tables.values() if gone else ():
        if "item_n" in table.columns:
            left = {r["item_n"] for r in rows(archive, f"SELECT item_n FROM {table.name}")}  # noqa: S608 - names of ours
            faults += [f"{gone[n][:12]} has a row in {table.name}" for n in left & gone.keys()]
    papers = archive.folder / "objects" / "papers"
    for path in papers.rglob("*.json") if gone else ():
        data = path.read_bytes()
        faults += [f"{path.name} tells of {i[:12]}" for i in gone.values() if i.encode() in data]
    return faults


def d8_no_two_items_share_a_file(archive: Archive) -> Faults:
    faults, seen = [], {}
    for ref in archive.objects():
        status = archive.path_of(ref).stat()
        if status.st_ino in seen:
            faults.append(f"{ref} and {seen[status.st_ino]} are one file")
        seen[status.st_ino] = ref
    return faults


def d4_d5_people_destroyed_what_others_had_approved(archive: Archive) -> Faults:
    """Nothing of an attended plan was begun before every step, nor by its proposer's word alone."""
    plans = {row["plan"]: row for row in rows(archive, "SELECT * FROM plans WHERE attended")}
    steps: dict[str, dict[str, str]] = {}
    faults: Faults = []
    for leaf in told(archive):
        if leaf["k"] == "disposition.approved":
            steps.setdefault(leaf["s"], {})[leaf["d"]["st"]] = leaf["by"]
        if leaf["k"] != "disposition.begun" or leaf["d"]["pl"] not in plans:
            continue
        plan = plans[leaf["d"]["pl"]]
        taken = steps.get(plan["plan"], {})
        wanted = approval.steps_of(json.loads(plan["chain"]), approval.When.BEFORE)
        if missing := set(wanted) - taken.keys():
            faults.append(f"{plan['plan']} was begun without {', '.join(sorted(missing))}")
        if not set(taken.values()) - {plan["by"]}:
            faults.append(f"{plan['plan']} was approved by nobody but who proposed it")
    return faults


def d4_two_people_signed_every_order(archive: Archive) -> Faults:
    signers: dict[str, set[str]] = {}
    faults: Faults = []
    for leaf in told(archive):
        if leaf["k"] in {"order.entered", "order.confirmed"}:
            signers.setdefault(leaf["s"], set()).add(leaf["by"])
        if leaf["k"] in {"order.begun", "order.carried_out"} and len(signers[leaf["s"]]) < 2:
            faults.append(f"{leaf['s']} has one signer")
    return faults


# --- telling ----------------------------------------------------------------------------------


def t1_the_signed_copy_knew_before_the_first_byte_went(archive: Archive) -> Faults:
    """An item begun whose bytes are not all here is entered in the signed copy already."""
    signed = archive.office.account.copy.size()
    begun = {
        leaf["s"]: seq for seq, leaf in enumerate(told(archive)) if leaf["k"].endswith("begun")
    }
    query = """SELECT i.item, b.batch FROM items i JOIN batches b ON b.n = i.batch_n
        WHERE i.life = 'begun'"""
    going = [(row["item"], begun[row["batch"]]) for row in rows(archive, query)]
    ordered = _begun_by_orders(archive)
    query = "SELECT item FROM items WHERE life = 'begun' AND batch_n = 0"
    expunged = {row["item"] for row in rows(archive, query)}
    before = _listed_in_papers(archive) if expunged else set()  # whose bytes a plan destroyed
    going += [(item, ordered[item]) for item in expunged - before]
    return [
        f"{item[:12]} is being destroyed and not signed for"
        for item, seq in going
        if not archive.office.objects.owned(item) and seq >= signed
    ]


def t1_the_copy_is_up_to_date(archive: Archive) -> Faults:
    """To be asked when a deed was acknowledged."""
    signed, have = archive.office.account.copy.checkpoint().size, len(leaves(archive))
    return [] if signed == have else [f"{have} entries, and {signed} of them signed"]


def t2_the_ledger_is_the_tree_it_says(archive: Archive) -> Faults:
    with archive.office.catalogue.reading() as connection:
        return list(recomputing.recompute(connection).faults)


def t2_the_copy_is_what_was_signed(archive: Archive) -> Faults:
    """Recompute every tile of the copy; slow, and so not asked at every step."""
    with archive.office.catalogue.reading() as connection:
        head = ledger.head(connection)
    report = archive.office.account.copy.verify(head.size, head.frontier.root())
    return [*report.damaged, *report.faults]


def t2_the_ledger_tells_no_text(archive: Archive, *secrets: str) -> Faults:
    return [
        f"an entry tells {secret!r}"
        for leaf in leaves(archive)
        for secret in secrets
        if secret.encode() in leaf
    ]


ONE_ENTRY_EACH = {  # where there are two words, either
    "item.captured": "SELECT item AS s FROM items",
    "capture.begun": "SELECT p.page AS s FROM captures c JOIN pages p ON p.n = c.page_n",
    "capture.ended": "SELECT p.page AS s FROM captures c JOIN pages p ON p.n = c.page_n"
    " WHERE c.ended_at IS NOT NULL",
    "hold.issued": "SELECT hold AS s FROM holds",
    "request.opened": "SELECT request AS s FROM requests",
    "request.closed": "SELECT request AS s FROM requests WHERE closed_on IS NOT NULL",
    "notice.given": "SELECT notice AS s FROM notices",
    "notice.acknowledged": "SELECT notice AS s FROM notices WHERE acknowledged_at IS NOT NULL",
    "matter.opened": "SELECT matter AS s FROM matters",
    "hold.bound": "SELECT hold AS s FROM holds WHERE bound_at IS NOT NULL",
    "hold.grown": "SELECT h.hold AS s FROM growths g JOIN holds h ON h.n = g.hold_n",
    "hold.narrowed": "SELECT h.hold AS s FROM narrowings w JOIN holds h ON h.n = w.hold_n",
    "hold.lifted hold.expired": "SELECT hold AS s FROM holds WHERE status = 'lifted'",
    "disposition.begun": "SELECT batch AS s FROM batches",
    "disposition.done": "SELECT batch AS s FROM batches WHERE done_at IS NOT NULL",
    "disposition.approved": "SELECT p.plan AS s FROM approvals a JOIN plans p ON p.n = a.plan_n"
    " WHERE a.step <> 'archives_accept'",
    "disposition.accepted": "SELECT p.plan AS s FROM approvals a JOIN plans p ON p.n = a.plan_n"
    " WHERE a.step = 'archives_accept'",
    "transfer.begun": "SELECT bag AS s FROM bags",
    "transfer.bagged": "SELECT bag AS s FROM bags WHERE bagged_at IS NOT NULL",
    "transfer.received": "SELECT bag AS s FROM bags WHERE received_at IS NOT NULL",
    "disposition.declined": "SELECT plan AS s FROM plans WHERE status = 'declined'",
    "order.entered": 'SELECT "order" AS s FROM orders',
    "order.confirmed": 'SELECT "order" AS s FROM orders WHERE confirmed_at IS NOT NULL',
    "order.lifted": "SELECT \"order\" AS s FROM orders WHERE status = 'lifted'",
    "page.opened": "SELECT page AS s FROM pages",
    "person.added": "SELECT person AS s FROM people",
}


_EVERY_DEED = " UNION ALL ".join(
    f"SELECT '{kind}' AS k, s FROM ({query}) AS deeds"  # noqa: S608 - words of ours
    for kind, query in ONE_ENTRY_EACH.items()
)


def t3_every_deed_has_exactly_one_entry(archive: Archive) -> Faults:
    entries = told(archive)
    faults = []
    done: dict[str, Counter[str]] = {kind: Counter() for kind in ONE_ENTRY_EACH}
    for row in rows(archive, _EVERY_DEED):
        done[row["k"]][row["s"]] += 1
    for kind, deeds in done.items():
        entered = Counter(leaf["s"] for leaf in entries if leaf["k"] in kind.split())
        if deeds != entered:
            faults.append(f"{kind}: {deeds - entered} not entered, {entered - deeds} not done")
    return faults + _versions_without_an_entry(archive, entries)


def _versions_without_an_entry(archive: Archive, entries: list[dict]) -> Faults:
    deeds = Counter(
        (row["item"], row["number"])
        for row in rows(
            archive, "SELECT item, number FROM versions v JOIN items i ON i.n = v.item_n"
        )
    )
    gone = {
        row["item"]
        for row in rows(
            archive, "SELECT item FROM items WHERE batch_n IS NOT NULL OR life = 'destroyed'"
        )
    }
    entered = Counter(
        (leaf["s"], leaf["d"]["v"])
        for leaf in entries
        if leaf["k"] in {"item.captured", "item.edited"} and leaf["s"] not in gone
    )
    deeds = Counter({key: n for key, n in deeds.items() if key[0] not in gone})
    return [] if deeds == entered else [f"versions: {deeds - entered} and {entered - deeds}"]


def t3_every_row_bears_its_seal(archive: Archive) -> Faults:
    key = archive.office.keys.archive
    with archive.office.catalogue.reading() as connection:
        ids = [row["item"] for row in rows(archive, "SELECT item FROM items")]
        found = items.by_ids(connection, ids).values()
    return [
        f"{row.item[:12]} was edited behind us" for row in found if row.seal != row.true_seal(key)
    ]


ALWAYS: tuple[Callable[[Archive], Faults], ...] = (
    l2_a_live_row_has_its_bytes,
    l3_only_what_is_catalogued_is_indexed,
    l5_an_item_and_each_version_of_it_stand_once,
    l5_a_rows_version_is_one_it_has,
    d2_what_lies_around_is_held_with_it,
    d2_who_is_called_as_a_hold_asks_is_named,
    d5_what_was_begun_was_planned_under_its_schedule,
    d4_d5_people_destroyed_what_others_had_approved,
    d4_two_people_signed_every_order,
    d6_no_binding_hold_covers_what_is_being_destroyed,
    d7_nothing_of_a_tombstone_is_left,
    d8_no_two_items_share_a_file,
    t1_the_signed_copy_knew_before_the_first_byte_went,
    t2_the_ledger_is_the_tree_it_says,
    t3_every_deed_has_exactly_one_entry,
    t3_every_row_bears_its_seal,
)
"""What holds at every moment, between a crash and the next run too."""


def faults_of(archive: Archive) -> Faults:
    """Give everything that breaks an invariant which holds at every moment."""
    with archive.office.catalogue.reading() as connection:
        token = _LOOKING.set(connection)
        try:
            return [f"{ask.__name__}: {fault}" for ask in ALWAYS for fault in ask(archive)]
        finally:
            _LOOKING.reset(token)


# --- between two looks ------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """What an archive looked like at one moment: its objects, its ledger, the life of its items."""

    objects: frozenset[ObjectRef]
    ledger: tuple[bytes, ...]
    lives: dict[str, str]

    @classmethod
    def at(cls, archive: Archive) -> Look:
        lives = {r["item"]: r["life"] for r in rows(archive, "SELECT item, life FROM items")}
        return cls(frozenset(archive.objects()), tuple(leaves(archive)), lives)


def d1_bytes_went_only_after_a_recorded_intent(archive: Archive, before: Look) -> Faults:
    query = "SELECT item FROM items WHERE batch_n IS NOT NULL OR life = 'destroyed'"
    begun = {row["item"] for row in rows(archive, query)}
    listed = _listed_in_papers(archive) | set(_begun_by_orders(archive))
    gone = before.objects - frozenset(archive.objects())
    return [f"{ref} is gone" for ref in gone if ref.owner not in begun or ref.owner not in listed]


def _begun_by_orders(archive: Archive) -> dict[str, int]:
    """Give every item whose destruction an order began, with the entry that says so."""
    return {
        item: seq
        for seq, leaf in enumerate(told(archive))
        if leaf["k"] == "order.begun"
        for item in leaf["d"]["i"]
    }


def _listed_in_papers(archive: Archive) -> set[str]:
    """Give the items that the papers of begun batches list; a paper is proven by its digest."""
    found = set()
    for leaf in told(archive):
        if leaf["k"] == "disposition.begun":
            paper = archive.office.objects.fetch(f"papers/batch/{leaf['p']}.json")
            if paper is not None and hashlib.sha256(paper).hexdigest() == leaf["p"]:
                found |= {line[0] for line in json.loads(paper)["items"]}
    return found


def d2_d3_only_what_might_go_was_begun(archive: Archive, before: Look, might: set[str]) -> Faults:
    """*might* are the items that, by the model, are due and held by nobody."""
    now = Look.at(archive).lives
    begun = {i for i, life in now.items() if life != "live" and before.lives.get(i) == "live"}
    return [f"{item[:12]} was begun, and might not go" for item in begun - might]


def t2_the_ledger_only_grew(archive: Archive, before: Look) -> Faults:
    now = leaves(archive)
    return [] if tuple(now[: len(before.ledger)]) == before.ledger else ["an entry was changed"]


def t3_no_row_ever_vanished(archive: Archive, before: Look) -> Faults:
    """A tombstone that an order takes too is being destroyed once more, and no more than that."""
    now = Look.at(archive).lives
    order = {"live": 0, "begun": 1, "destroyed": 2}
    ordered = _begun_by_orders(archive)
    vanished = [f"{item[:12]} vanished" for item in before.lives if item not in now]
    return vanished + [
        f"{item[:12]} went back from {life} to {now[item]}"
        for item, life in before.lives.items()
        if item in now and order[now[item]] < order[life]
        if now[item] == "live" or item not in ordered
    ]


def faults_between(archive: Archive, before: Look, might: set[str]) -> Faults:
    """Give everything that breaks an invariant of deeds since the look *before*."""
    return [
        *(f"d1: {fault}" for fault in d1_bytes_went_only_after_a_recorded_intent(archive, before)),
        *(f"d2/d3: {f}" for f in d2_d3_only_what_might_go_was_begun(archive, before, might)),
        *(f"t2: {fault}" for fault in t2_the_ledger_only_grew(archive, before)),
        *(f"t3: {fault}" for fault in t3_no_row_ever_vanished(archive, before)),
    ]
