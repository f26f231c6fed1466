"""Case notes on Bluesky: what is signed, what is shown, and what the difference tells."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.records.captures import (
    Actor,
    Cursor,
    Gap,
    GapReason,
    Listed,
    Observation,
    PlatformState,
    Sighting,
    ThreadListed,
)
from archiver.records.errors import (
    AnswerUnreadable,
    AttachmentGone,
    ConfigInvalid,
    PermissionLost,
)
from archiver.records.items import ItemKind
from archiver.records.pages import PageSettings
from connectors.bluesky import APPVIEW, CONNECTOR, DIRECTORY
from connectors.bluesky.named import tid_moment
from connectors.bluesky.network import Network, read_document
from connectors.bluesky.repository import CAR, read_repository
from connectors.bluesky.visiting import AccountSource
from tests.connectors.bluesky_platform import (
    GATE,
    MODERATION,
    POLICE,
    POST,
    REPOST,
    BlueskyServer,
    NetworkTransport,
    person,
)
from tests.connectors.platforms import PICTURE, PatientClock, Reply, fetching
from tests.connectors.seeing import known, of, visited
from tests.connectors.served import SERVED
from tests.connectors.signed_repository import Signer, car, encoded, exported, named, tid

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ALICE, BOB = person(1), person(2)


@pytest.fixture
def server():
    return BlueskyServer()


@pytest.fixture
def account(server, asking):
    """Open the account of the police, by its lasting name or by its handle."""

    def open_it(actor=POLICE, *, clock=None):
        fetcher = asking(NetworkTransport(server), clock=clock)
        network = Network(fetcher, appview=server.host, directory=server.host)
        return AccountSource(network, actor=actor)

    return open_it


def items(seen):
    found = [one.content for one in of(Observation, seen) if one.current]
    return {c.native_id: c for c in found if c.kind is not ItemKind.PROFILE}


def states(seen):
    told = {}
    for one in seen:
        if isinstance(one, Observation):
            told[one.content.native_id] = (one.state, Actor.UNTOLD, "")
        elif isinstance(one, Sighting):
            told[one.native_id] = (one.state, one.actor, one.source)
    return told


def hide(server, post, *answers):
    """Let the department hide answers below its post."""
    record = {"post": post, "createdAt": "2026-03-02T09:00:00.000Z", "hiddenReplies": [*answers]}
    server.write(POLICE, GATE, record, post.rpartition("/")[2])


# --- what is there, counted -------------------------------------------------------------------


def test_what_is_captured_is_what_exists_state_by_state(server, account):
    chance = random.Random(3)
    posts = [server.post(f"Notice {number}") for number in range(80)]
    said = []
    for number in range(1_600):
        on = chance.choice(said[-40:]) if said and chance.random() < 0.6 else chance.choice(posts)
        by = POLICE if chance.random() < 0.1 else person(chance.randrange(5))
        said.append(server.post(f"Remark {number}", by=by, on=on))
    first = items(visited(account()))
    public = [uri for uri in said if POLICE not in uri and not server._answers(uri)]
    gone = chance.sample(public, 90)
    for uri in gone[:30]:
        server.delete(uri)
    server.withheld.update(gone[30:60])
    for uri in gone[60:]:
        server.labels[uri] = [{"src": MODERATION, "uri": uri, "val": "!hide"}]

    night = visited(account())
    told = states(night)
    again = states(account().recheck([known(first[uri]) for uri in gone[:60]]))

    assert set(first) == {*posts, *said}
    assert set(items(night)) == {*posts, *said} - set(gone[:60])
    assert {told[uri][:2] for uri in gone[60:]} == {(PlatformState.HIDDEN, Actor.PLATFORM)}
    assert {again[uri][0] for uri in gone[:30]} == {PlatformState.REPORTED_REMOVED}
    assert {again[uri][0] for uri in gone[30:60]} == {PlatformState.NOT_VISIBLE}
    hidden = [uri for uri, (state, _, _) in told.items() if state is PlatformState.HIDDEN]
    assert len(hidden) == 30
    assert sum(gap.why is GapReason.OUT_OF_REACH for gap in of(Gap, night)) > 0
    assert of(Cursor, night)


def test_every_kind_of_item_stands_in_its_place(server, account):
    post = server.post("Road closed")
    asked = server.post("Why", by=ALICE, on=post)
    told = server.post("A burst pipe", on=asked)
    other = server.post("Thank you", by=BOB, on=told)

    seen = items(visited(account()))

    assert [seen[uri].kind for uri in (post, asked, told, other)] == [
        ItemKind.POST, ItemKind.COMMENT, ItemKind.REPLY, ItemKind.COMMENT,
    ]  # fmt: skip
    assert [seen[uri].parent for uri in (post, asked, told, other)] == [None, post, asked, told]
    assert {seen[uri].thread for uri in (asked, told, other)} == {post}
    assert seen[asked].author.native_id == ALICE
    assert seen[asked].author.handle.endswith(".example")
    assert seen[post].permalink == f"https://bsky.app/profile/{POLICE}/post/{post[-13:]}"


def test_an_answer_of_the_department_in_anothers_thread_is_archived(server, account):
    theirs = server.post("Where do I report a lost dog", by=ALICE)
    ours = server.post("At the front desk", on=theirs)
    server.post("Thanks", by=ALICE, on=ours)

    seen = items(visited(account()))

    assert {content.text for content in seen.values()} == {"At the front desk", "Thanks"}
    assert seen[ours].kind is ItemKind.REPLY
    assert seen[ours].thread == theirs


def test_answers_deeper_than_the_appview_shows_at_once_are_asked_for(server, account):
    server.deepest = 4
    above = server.post("The root")
    for number in range(30):
        above = server.post(f"Answer {number}", by=person(number % 3), on=above)

    seen = visited(account())

    assert len(items(seen)) == 31
    assert of(Gap, seen) == []


def test_answers_that_are_counted_and_not_shown_leave_a_gap(server, account):
    post = server.post("Road closed")
    server.post("Shown", by=ALICE, on=post)
    server.withheld.add(server.post("Taken down", by=BOB, on=post))
    server.blocked.add(server.post("Across a block", by=BOB, on=post))

    seen = visited(account())

    (gap,) = of(Gap, seen)
    assert gap.why is GapReason.OUT_OF_REACH
    assert gap.native_id == post
    assert "2 answers more" in gap.detail
    assert of(ThreadListed, seen)[0] == ThreadListed(native_id=post, counted=3, shown=1)
    assert len(items(seen)) == 2


def test_a_repost_is_kept_as_an_address_with_its_proof(server, account):
    theirs = server.post("Storm warning", by=ALICE)
    subject = {"uri": theirs, "cid": "bafyreib"}
    uri = server.write(POLICE, REPOST, {"subject": subject, "createdAt": "2026-03-02T09:00:00Z"})

    seen = items(visited(account()))[uri]

    assert (seen.kind, seen.text, seen.marks) == (ItemKind.POST, "", ("boost",))
    assert seen.links == (f"https://bsky.app/profile/{ALICE}/post/{theirs[-13:]}",)
    assert theirs.encode() in seen.raw.body


def test_the_profile_is_an_item_with_its_pictures_and_the_pinned_post(server, account):
    pinned = server.post("Read this first")
    record = {"displayName": "Police", "description": "Call 911", "avatar": server.blob(PICTURE)}
    record["pinnedPost"] = {"uri": pinned, "cid": "bafyreib"}
    server.write(POLICE, "app.bsky.actor.profile", record, "self")

    (one,) = [o for o in of(Observation, visited(account())) if o.content.kind is ItemKind.PROFILE]
    server.write(POLICE, "app.bsky.actor.profile", record | {"description": "Come by"}, "self")
    (two,) = [o for o in of(Observation, visited(account())) if o.content.kind is ItemKind.PROFILE]

    assert one.content.native_id == f"at://{POLICE}/app.bsky.actor.profile/self"
    assert (one.content.text, two.content.text) == ("Call 911", "Come by")
    assert one.content.links[0].endswith(pinned[-13:])
    assert [file.name for file in one.content.attachments] == ["avatar"]
    assert one.engagement["posts"] == 1


def test_a_post_dated_long_before_it_was_first_seen_is_marked(server, account):
    server.post("Found in the archives", at=NOON - 900 * DAY)
    server.post("Today", at=NOON)

    marks = {c.text: c.marks for c in items(visited(account())).values()}

    assert marks == {"Found in the archives": ("backdated",), "Today": ()}


def test_a_post_whose_app_declared_no_readable_time_has_the_time_of_its_key(server, account):
    uri = server.post("When", createdAt="half past nine")

    seen = items(visited(account()))

    assert seen[uri].published_at == tid_moment(uri[-13:])
    assert tid_moment(tid(NOON)) == NOON
    assert tid_moment("self") is None


# --- what is signed -----------------------------------------------------------------------------


@pytest.mark.parametrize("curve", ["p256", "k256"])
def test_a_post_is_kept_with_the_proof_that_the_departments_key_signed_it(server, account, curve):
    server.accounts[POLICE].signer = Signer(77, curve)
    uri = server.post("Road closed")
    for number in range(40):
        server.post(f"Another {number}")

    raw = items(visited(account()))[uri].raw

    key = server.accounts[POLICE].signer.multikey()
    proof = read_repository(raw.body, did=POLICE, key=key)
    path = uri.removeprefix(f"at://{POLICE}/")
    assert raw.media_type == CAR
    assert proof.record(proof.find(path))["text"] == "Road closed"
    assert raw.body.count(b"Another") == 0


def test_a_repository_signed_by_another_key_concludes_nothing(server, account):
    server.post("Road closed")
    impostor = Signer(99).multikey()
    document = server._document(POLICE)
    genuine = server.accounts[POLICE].signer.multikey().encode()
    forged = Reply(200, document.body.replace(genuine, impostor.encode()), document.headers)
    server.refuse = lambda method, _query: forged if method.startswith("did:") else None

    with pytest.raises(AnswerUnreadable, match="not signed by the account's key"):
        visited(account())


def a_repository(**told):
    records = {f"{POST}/{tid(NOON + DAY * n)}": {"text": f"Notice {n}"} for n in range(60)}
    usual = {"rev": tid(NOON), "signer": Signer()} | told
    return records, exported(POLICE, records, **usual)


def test_a_repository_of_which_one_byte_was_changed_is_refused():
    _, body = a_repository()
    key = Signer().multikey()
    chance = random.Random(5)

    assert len(dict(read_repository(body, did=POLICE, key=key).records())) == 60
    for at in [*range(130, 330), *chance.sample(range(330, len(body)), 100)]:
        changed = body[:at] + bytes((body[at] ^ 1,)) + body[at + 1 :]
        with pytest.raises(AnswerUnreadable):
            dict(read_repository(changed, did=POLICE, key=key).records())


def test_a_repository_is_refused_that_is_anothers_cut_short_or_signed_in_the_second_form():
    _, body = a_repository()
    key = Signer().multikey()
    second = Signer()
    object.__setattr__(second, "sign", lambda data: Signer().sign(data, high=True))

    for changed, did in (
        (body, ALICE), (body[:-7], POLICE), (b"", POLICE), (a_repository(signer=second)[1], POLICE),
    ):  # fmt: skip
        with pytest.raises(AnswerUnreadable):
            read_repository(changed, did=did, key=key)
    for odd in ("", "zQ3", "zz", "not a key", key[:-4]):
        with pytest.raises(AnswerUnreadable, match="kind"):
            read_repository(body, did=POLICE, key=odd)


@pytest.mark.parametrize(("curve", "name"), [("p256", "r1"), ("k256", "k1")])
def test_a_document_that_spells_the_key_as_directories_once_did_is_read(curve, name):
    signer = Signer(77, curve)
    method = {"id": "#atproto", "type": f"EcdsaSecp256{name}VerificationKey2019"}
    service = {"id": "#atproto_pds", "serviceEndpoint": "https://pds.example/"}
    document = {"id": POLICE, "alsoKnownAs": ["at://Police.Example.gov"], "service": [service]}

    method["publicKeyMultibase"] = signer.older_key()
    home = read_document(document | {"verificationMethod": [method]}, did=POLICE)
    method["publicKeyMultibase"] = signer.multikey()

    assert (home.key, home.server) == (signer.multikey(), "https://pds.example")
    assert home.handles == ("police.example.gov",)
    with pytest.raises(AnswerUnreadable, match="kind"):
        read_document(document | {"verificationMethod": [method]}, did=POLICE)
    with pytest.raises(AnswerUnreadable, match="names no server"):
        read_document(document, did=POLICE)
    with pytest.raises(AnswerUnreadable, match="another"):
        read_document(document, did=ALICE)


KEYS = st.from_regex(r"app\.bsky\.feed\.(post|like|gate)/[a-z2-7]{1,5}", fullmatch=True)


@settings(max_examples=25, deadline=None)
@given(paths=st.sets(KEYS, max_size=30), asked=KEYS)
def test_whatever_a_repository_holds_is_found_and_what_it_does_not_is_proven_absent(paths, asked):
    records = {path: {"text": path} for path in paths}
    signer = Signer(curve="k256")
    whole = exported(POLICE, records, rev=tid(NOON), signer=signer)
    sent = exported(POLICE, records, rev=tid(NOON), signer=signer, only=asked)

    key = signer.multikey()
    repository = read_repository(whole, did=POLICE, key=key)
    part = read_repository(sent, did=POLICE, key=key)
    proof = read_repository(repository.proof(asked), did=POLICE, key=key)

    assert [path for path, _ in repository.records()] == sorted(paths)
    expected = bytes(named(encoded(records[asked]))) if asked in records else None
    assert repository.find(asked) == part.find(asked) == proof.find(asked) == expected


def test_a_tree_whose_paths_are_not_in_order_is_refused():
    signer, record = Signer(), encoded({"text": "twice"})
    entries = [{"p": 0, "k": key, "v": named(record), "t": None} for key in (b"b/2", b"a/1")]
    node = encoded({"l": None, "e": entries})
    unsigned = {"did": POLICE, "version": 3, "data": named(node), "rev": tid(NOON), "prev": None}
    commit = encoded(unsigned | {"sig": signer.sign(encoded(unsigned))})
    body = car(named(commit), {named(each): each for each in (commit, node, record)})

    repository = read_repository(body, did=POLICE, key=signer.multikey())

    with pytest.raises(AnswerUnreadable, match="not in order"):
        dict(repository.records())


def test_an_answer_under_anothers_name_is_not_taken_for_theirs(server, account):
    post = server.post("Road closed")
    answer = server.post("Why", by=ALICE, on=post)
    author = server._author
    server._author = lambda did: author(BOB if did == ALICE else did)

    seen = visited(account())

    assert set(items(seen)) == {post}
    assert [gap.native_id for gap in of(Gap, seen) if gap.why is GapReason.UNREADABLE] == [answer]


def test_a_proof_with_a_hole_proves_nothing():
    records, body = a_repository()
    whole = read_repository(body, did=POLICE, key=Signer().multikey())
    path = max(records, key=lambda each: len(whole.proof(each)))
    bare = replace(whole, blocks={whole.root: whole.blocks[whole.root]})

    with pytest.raises(AnswerUnreadable, match="not sent"):
        bare.find(path)


# --- edits and removals -------------------------------------------------------------------------


def test_a_replaced_record_is_a_version_and_what_the_appview_still_shows_another(server, account):
    uri = server.post("Road closed on Monday")
    path = uri.removeprefix(f"at://{POLICE}/")
    stale = server.shown[uri]
    server.accounts[POLICE].records[path] = stale | {"text": "Road closed on Tuesday"}

    seen = [o for o in of(Observation, visited(account())) if o.content.native_id == uri]

    assert [(o.content.text, o.current) for o in seen] == [
        ("Road closed on Monday", False), ("Road closed on Tuesday", True),
    ]  # fmt: skip


def test_where_both_ways_show_the_same_there_is_one_version(server, account):
    embed = {
        "$type": "app.bsky.embed.recordWithMedia",
        "record": {"$type": "app.bsky.embed.record", "record": {"uri": "at://x", "cid": "b"}},
        "media": {
            "$type": "app.bsky.embed.images",
            "images": [{"image": server.blob(PICTURE), "alt": "A map"}],
        },
    }
    facets = [{"index": {}, "features": [{"$type": "link", "uri": "https://example.gov"}]}]
    uri = server.post("See the map", embed=embed, facets=facets, langs=["en"])

    by_night = items(visited(account()))[uri]
    by_day = items(visited(account(), since=NOON - DAY, young=NOON - DAY))[uri]
    server.withheld.add(uri)
    unshown = items(visited(account()))[uri]

    assert len({c.fingerprint() for c in (by_night, by_day, unshown)}) == 1
    assert by_night.links == ("https://example.gov", "at://x")
    assert by_night.language == "en"
    assert [file.description for file in by_night.attachments] == ["A map"]
    assert by_day.raw.media_type == CAR


def test_a_post_the_appview_does_not_show_is_archived_from_the_repository(server, account):
    uri = server.post("Taken down by the platform")
    server.withheld.add(uri)

    seen = visited(account())

    assert items(seen)[uri].text == "Taken down by the platform"
    assert states(seen)[uri][::2] == (PlatformState.NOT_VISIBLE, "bluesky appview")


def test_a_post_deleted_from_the_repository_and_still_shown_is_told_with_its_words(server, account):
    post = server.post("Road closed")
    answer = server.post("Deleted in a hurry", on=post)
    server.delete(answer, lagging=True)

    seen = visited(account())

    assert items(seen)[answer].text == "Deleted in a hurry"
    assert states(seen)[answer] == (
        PlatformState.REPORTED_REMOVED, Actor.UNTOLD, "bluesky signed as absent",
    )  # fmt: skip


def test_a_post_written_after_the_repository_was_asked_for_is_no_removal(server, account):
    post = server.post("Road closed")
    written = []

    def meanwhile(method, _query):
        if method == "app.bsky.feed.getPostThread" and not written:
            written.append(server.post("Posted this second", on=post))

    server.refuse = meanwhile
    seen = visited(account())

    assert states(seen)[written[0]][0] is PlatformState.PRESENT


def test_looking_again_tells_removed_from_withheld_and_from_a_closed_account(server, account):
    post = server.post("Road closed")
    uris = [server.post(f"Answer {n}", by=person(n), on=post) for n in range(5)]
    seen = items(visited(account()))
    removed, withheld, closed, barred, given_up = uris
    server.delete(removed)
    server.withheld.update((withheld, closed, barred, given_up))
    server.accounts[person(2)].closed = "RepoDeactivated"
    server.accounts[person(3)].closed = "RepoTakendown"
    del server.accounts[person(4)].handle
    server.accounts.pop(person(4))

    told = states(account().recheck([known(seen[uri]) for uri in uris]))

    absent, unseen = PlatformState.REPORTED_REMOVED, PlatformState.NOT_VISIBLE
    assert told[removed] == (absent, Actor.UNTOLD, "bluesky signed as absent")
    assert told[withheld] == (unseen, Actor.UNTOLD, "bluesky signed as present")
    assert told[closed] == (unseen, Actor.UNTOLD, "bluesky repodeactivated")
    assert told[barred] == (unseen, Actor.PLATFORM, "bluesky repotakendown")
    assert told[given_up] == (unseen, Actor.UNTOLD, "bluesky no such account")


def test_posts_are_looked_at_again_twenty_five_at_once_with_reposts_and_the_profile(
    server, account
):
    post = server.post("Road closed")
    for number in range(60):
        server.post(f"Answer {number}", by=ALICE, on=post)
    subject = {"subject": {"uri": post, "cid": "b"}, "createdAt": "2026-03-02T09:00:00Z"}
    kept = server.write(POLICE, REPOST, dict(subject))
    undone = server.write(POLICE, REPOST, dict(subject))
    everything = [o.content for o in of(Observation, visited(account()))]
    server.delete(undone)
    server.asked.clear()

    again = list(account().recheck([known(content) for content in everything]))

    told = states(again)
    assert sum(method == "app.bsky.feed.getPosts" for method, _ in server.asked) == 3
    assert of(Gap, again) == []
    assert told[kept][0] is PlatformState.PRESENT
    assert told[undone][0] is PlatformState.REPORTED_REMOVED
    assert len(told) == len(everything)


# --- what is hidden -----------------------------------------------------------------------------


def test_an_answer_that_the_department_hid_is_kept_as_hidden_by_the_page(server, account):
    post = server.post("Road closed")
    rude = server.post("A rude word", by=ALICE, on=post)
    kind = server.post("A kind word", by=BOB, on=post)
    hide(server, post, rude)

    night = visited(account())
    day = visited(account(), since=NOON - DAY, young=NOON - DAY)
    again = list(account().recheck([known(c) for c in items(night).values()]))

    for seen in (night, day, again):
        assert states(seen)[rude] == (PlatformState.HIDDEN, Actor.PAGE, "bluesky threadgate")
        assert states(seen)[kind][0] is PlatformState.PRESENT
        assert "hidden-by-threadgate" in items(seen)[rude].marks
        assert items(seen)[rude].text == "A rude word"


def test_labels_of_moderation_are_marks_and_only_the_hiding_ones_hide(server, account):
    post = server.post("Warning: graphic", labels={"values": [{"val": "graphic-media"}]})
    labelled = server.post("Buy now", by=ALICE, on=post)
    freed = server.post("Hidden by mistake", by=BOB, on=post)
    server.labels[labelled] = [{"src": MODERATION, "val": "spam"}, {"src": ALICE, "val": "own"}]
    server.labels[freed] = [{"src": MODERATION, "val": "!hide", "neg": True}]

    seen = visited(account())

    assert items(seen)[post].marks == ("self-label:graphic-media",)
    assert items(seen)[labelled].marks == ("label:spam",)
    assert {state for state, _, _ in states(seen).values()} == {PlatformState.PRESENT}


def test_the_raw_bytes_of_an_answer_hold_no_quoted_post_of_another(server, account):
    theirs = server.post("The words of a third", by=BOB)
    post = server.post("Road closed")
    embed = {"$type": "app.bsky.embed.record", "record": {"uri": theirs, "cid": "b"}}
    quoting = server.post("See this", by=ALICE, on=post, embed=embed)

    seen = items(visited(account()))[quoting]

    assert b"The words of a third" not in seen.raw.body
    assert b'"reference": {"uri": "' + theirs.encode() in seen.raw.body
    assert b'"text": "See this"' in seen.raw.body
    assert seen.links == (f"https://bsky.app/profile/{BOB}/post/{theirs[-13:]}",)


# --- files --------------------------------------------------------------------------------------


def test_files_come_from_their_authors_server_and_are_what_was_posted(server, account):
    video = server.blob(b"film", "video/mp4")
    captions = [{"lang": "en", "file": server.blob(b"WEBVTT", "text/vtt")}]
    film = {"$type": "app.bsky.embed.video", "video": video, "alt": "A film", "captions": captions}
    card = {"uri": "https://example.gov/a", "title": "A", "thumb": server.blob(b"thumb")}
    gallery = {"items": [{"image": server.blob(b"one"), "alt": "1"}, {"odd": 1}]}
    post = server.post("Film", embed=film)
    server.post("Card", by=ALICE, on=post, embed={"external": card})
    server.post("Gallery", on=post, embed=gallery)

    seen = {c.text: c for c in items(visited(account())).values()}
    source = account()
    kept = {
        (text, file.name): Path(source.download(file).path).read_bytes()
        for text, content in seen.items()
        for file in content.attachments
    }

    assert kept == {
        ("Film", "video"): b"film", ("Film", "captions"): b"WEBVTT", ("Card", "card"): b"thumb",
        ("Gallery", "image"): b"one",
    }  # fmt: skip
    assert seen["Card"].links == ("https://example.gov/a",)


def test_a_file_that_is_not_what_was_posted_is_refused_and_one_that_is_gone_is_told(
    server, account
):
    image = {"image": server.blob(PICTURE), "alt": ""}
    server.post("Picture", embed={"$type": "app.bsky.embed.images", "images": [image]})
    (content,) = items(visited(account())).values()
    (file,) = content.attachments

    server.blobs[file.key] = b"something else"
    with pytest.raises(AnswerUnreadable, match="not the file that was posted"):
        account().download(file)
    server.blobs.clear()
    with pytest.raises(AttachmentGone, match="BlobNotFound"):
        account().download(file)


# --- whose page ---------------------------------------------------------------------------------


def test_an_account_is_found_by_its_handle_only_if_its_document_says_so_too(server, account):
    server.post("Road closed")

    assert len(items(visited(account("Police.Example.gov")))) == 1
    server._resolved = lambda _query: server._json({"did": POLICE})
    with pytest.raises(AnswerUnreadable, match="not called so"):
        visited(account("somebody.example"))


def test_a_handle_that_nobody_has_any_more_removes_nothing(server, account):
    server.accounts[POLICE].handle = "renamed.example.gov"

    with pytest.raises(AnswerUnreadable) as raised:
        visited(account("police.example.gov"))

    assert "did:plc" in raised.value.remedy


@pytest.mark.parametrize("closed", ["RepoDeactivated", "RepoTakendown", "RepoSuspended"])
def test_an_account_that_is_closed_is_a_lost_permission_and_no_removal(server, account, closed):
    server.post("Road closed")
    server.accounts[POLICE].closed = closed

    with pytest.raises(PermissionLost):
        visited(account())
    with pytest.raises(AnswerUnreadable):
        visited(account(), since=NOON, young=NOON)


def test_a_lasting_name_that_was_given_up_or_is_of_no_known_kind_is_told(account):
    with pytest.raises(PermissionLost, match="given up"):
        visited(account("did:plc:nobody"))
    with pytest.raises(AnswerUnreadable, match="no kind"):
        visited(account("did:key:zQ3sh"))


def test_checking_says_whose_account_it_is_and_that_its_signature_holds(server, account):
    server.post("Road closed")

    checks = list(account("police.example.gov").check())

    assert [check.granted for check in checks] == [True, True, True]
    assert checks[0].detail == POLICE


# --- windows, paces, faults ---------------------------------------------------------------------


def test_a_visit_by_day_leaves_reposts_to_the_night_and_old_posts_alone(server, account):
    theirs = server.post("Storm warning", by=ALICE)
    server.post("An old one", at=NOON - 90 * DAY)
    server.post("A new one", at=NOON)
    server.write(POLICE, REPOST, {"subject": {"uri": theirs}, "createdAt": "2026-03-02T12:00:00Z"})

    seen = visited(account(), since=NOON - DAY, young=NOON - 14 * DAY, cursor="3")

    assert [c.text for c in items(seen).values()] == ["A new one"]
    assert {listed.since for listed in of(Listed, seen)} == {NOON - 14 * DAY}
    assert of(Cursor, seen) == []


def test_a_night_sees_what_was_written_since_the_last_however_it_is_dated(server, account):
    server.post("An old one", at=NOON - 90 * DAY)
    (cursor,) = of(Cursor, visited(account()))
    server.post("Dated back", at=NOON - 90 * DAY)

    seen = visited(account(), since=NOON - 14 * DAY, cursor=cursor.value)

    assert [c.text for c in items(seen).values()] == ["Dated back"]


def test_a_thread_that_cannot_be_read_leaves_a_gap_and_the_next_night_begins_there_again(
    server, account
):
    broken, fine = server.post("Broken"), server.post("Fine")
    server.refuse = lambda _method, query: (
        Reply(200, b"<html>") if query.get("uri") == broken else None
    )

    seen = visited(account())

    assert set(items(seen)) == {broken, fine}
    assert [gap.native_id for gap in of(Gap, seen)] == [broken]
    assert of(Cursor, seen) == []
    assert not any(listed.whole for listed in of(Listed, seen))


def test_one_answer_that_cannot_be_read_hides_no_other(server, account):
    post = server.post("Road closed")
    odd = server.post("Odd", by=ALICE, on=post)
    server.shown[odd]["text"] = 7
    server.post("Even", by=BOB, on=post)

    seen = visited(account())

    assert {c.text for c in items(seen).values()} == {"Road closed", "Even"}
    assert [gap.native_id for gap in of(Gap, seen) if gap.why is GapReason.UNREADABLE] == [odd]


def test_the_rate_that_a_server_tells_is_kept(server, account):
    server.post("Road closed")
    server._limits = lambda: {"ratelimit-remaining": "0", "ratelimit-reset": "12"}
    clock = PatientClock()

    visited(account(clock=clock))

    assert max(clock.slept) == pytest.approx(12.0)


def test_a_page_is_refused_that_names_no_account_or_brings_a_secret(tmp_path):
    page = PageSettings(name="p", connector="bluesky", platform="bluesky", url="https://bsky.app/")
    fine = replace(page, url="https://bsky.app/profile/did:plc:abc")

    with pytest.raises(ConfigInvalid, match="handle or a did"):
        CONNECTOR.open(page, fetching(tmp_path))
    with pytest.raises(ConfigInvalid, match="no token"):
        CONNECTOR.open(replace(fine, secret="x"), fetching(tmp_path))
    with pytest.raises(ConfigInvalid, match="appview"):
        CONNECTOR.open(replace(fine, options={"appview": "ftp://a"}), fetching(tmp_path))
    CONNECTOR.open(fine, fetching(tmp_path)).close()
    assert (APPVIEW, DIRECTORY) == ("https://public.api.bsky.app", "https://plc.directory")


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (timedelta(minutes=4), None),
        (timedelta(minutes=5), None),
        (timedelta(minutes=6), PlatformState.NOT_VISIBLE),
    ],
)
def test_a_post_so_new_that_the_appview_may_not_know_it_is_not_called_out_of_sight(
    server, account, age, state
):
    uri = server.post("The road is closed.", key=tid(SERVED - age))
    first = items(visited(account()))[uri]
    server.withheld.add(uri)

    seen = list(account().recheck([known(first)]))

    assert [sighting.state for sighting in of(Sighting, seen)] == ([state] if state else [])
    assert list(items(seen)) == ([] if state else [uri])
