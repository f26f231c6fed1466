"""Signing in: who decides proves to be the one at the terminal."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from archiver.catalogue import credentials, ledger
from archiver.procedures import enrolling, hold, roster
from archiver.procedures.authority import demand
from archiver.procedures.signing_in import (
    FREE_FAILURES,
    MOST_FAILURES,
    WAIT,
    Questions,
    sign_in,
)
from archiver.records.errors import (
    ArchiverError,
    CatalogueUnavailable,
    ConfigInvalid,
    NotEnrolled,
    NotFound,
    NotPermitted,
    SignInRefused,
)
from archiver.records.holds import Scope
from archiver.records.matters import NewMatter
from archiver.records.people import Means, Right, Role, SignedIn
from tests.archive import a_colleague, an_archive
from tests.authenticators import PASSPHRASE, Someone, enrolled, signed_in

STEP = timedelta(seconds=30)


@pytest.fixture
def archive(tmp_path):
    return an_archive(tmp_path, index="memory:")


def entries(archive, kind: str) -> list[dict]:
    with archive.office.catalogue.reading() as connection:
        size = ledger.head(connection).size
        leaves = [json.loads(data) for data in ledger.raw_entries(connection, 0, size)]
    return [leaf for leaf in leaves if leaf["k"] == kind]


def refused_once(archive, expected: type[ArchiverError], attempt, **told) -> str:
    """Assert that *attempt* is refused, and entered exactly once; give what was said."""
    before = len(entries(archive, "attempt.refused"))
    with pytest.raises(expected) as refusal:
        attempt()
    after = entries(archive, "attempt.refused")[before:]
    assert [leaf["d"]["code"] for leaf in after] == [expected.exit_code]
    assert {key: after[0].get(key) for key in told} == told
    return str(refusal.value)


def answers(passphrase: str, code: str) -> Questions:
    return Questions(lambda: passphrase, lambda: code)


def unasked() -> Questions:
    def asked() -> str:
        pytest.fail("nobody was to be asked")

    return Questions(asked, asked)


# --- who has not enrolled ---------------------------------------------------------------------


def test_in_a_demonstration_archive_the_os_account_is_proof_enough(archive):
    signed = sign_in(archive.office.account, archive.person, unasked(), demonstration=True)

    assert (signed.person, signed.means) == (archive.person, Means.OS_ACCOUNT)


def test_in_a_real_archive_nothing_is_decided_without_credentials(archive):
    said = refused_once(
        archive,
        NotEnrolled,
        lambda: sign_in(archive.office.account, archive.person, unasked()),
        by=archive.person.id,
        s=archive.person.id,
    )

    assert "no credentials" in said
    assert "people enrol" in NotEnrolled.remedy


def test_not_even_in_a_demonstration_does_one_person_sign_in_as_another_unproven(archive):
    other = a_colleague(archive, Role.COUNSEL, name="counsel")

    refused_once(
        archive,
        NotEnrolled,
        lambda: sign_in(
            archive.office.account, archive.person, unasked(), name="counsel", demonstration=True
        ),
        by=archive.person.id,
        s=other.id,
    )


def test_the_scheduler_cannot_sign_in(archive):
    account, service = archive.office.account, archive.office.service

    for at, name in ((service, ""), (archive.person, "the scheduler"), (service, "counsel")):
        a_colleague(archive, Role.COUNSEL, name="counsel") if name == "counsel" else None
        refused_once(
            archive,
            NotPermitted,
            lambda at=at, name=name: sign_in(account, at, unasked(), name=name, demonstration=True),
        )


def test_who_has_left_cannot_sign_in_nor_lend_their_account(archive):
    account = archive.office.account
    gone = a_colleague(archive, Role.COUNSEL, name="counsel")
    inactive = type(gone)(
        id=gone.id, name=gone.name, account=gone.account, roles=gone.roles, active=False
    )

    for name in ("", archive.person.name):
        refused_once(
            archive,
            NotPermitted,
            lambda name=name: sign_in(account, inactive, unasked(), name=name, demonstration=True),
        )


def test_nobody_can_be_signed_in_who_is_not_in_the_roster(archive):
    with pytest.raises(NotFound, match="nobody in the roster is called 'nobody'"):
        sign_in(archive.office.account, archive.person, unasked(), name="nobody")


# --- credentials ------------------------------------------------------------------------------


def test_passphrase_and_code_prove_a_person(archive):
    someone = enrolled(archive)

    signed = signed_in(archive, someone)

    assert (signed.person.id, signed.means) == (archive.person.id, Means.TWO_FACTORS)


def test_who_has_enrolled_is_asked_in_a_demonstration_too(archive):
    enrolled(archive)

    refused_once(
        archive,
        SignInRefused,
        lambda: sign_in(
            archive.office.account, archive.person, answers("wrong", "000000"), demonstration=True
        ),
    )


@pytest.mark.parametrize(
    ("passphrase", "right_code"),
    [("umber kettle voyage thimblE", True), (PASSPHRASE, False), ("", False)],
)
def test_neither_alone_is_enough(archive, passphrase, right_code):
    someone = enrolled(archive)
    code = someone.code(archive.clock.now) if right_code else "12345x"

    said = refused_once(
        archive,
        SignInRefused,
        lambda: sign_in(archive.office.account, archive.person, answers(passphrase, code)),
    )

    assert said == "passphrase and code do not fit"


def test_a_code_is_good_once(archive):
    someone = enrolled(archive)
    account = archive.office.account
    questions = answers(PASSPHRASE, someone.code(archive.clock.now))
    sign_in(account, archive.person, questions)

    said = refused_once(archive, SignInRefused, lambda: sign_in(account, archive.person, questions))

    assert "a code is good once" in said


def test_the_code_that_confirmed_the_enrolment_is_used_up(archive):
    someone = Someone()
    account = archive.office.account
    enrolling.enrol(account, archive.person, someone.enrolment(archive.clock), agency="Rivertown")

    refused_once(
        archive,
        SignInRefused,
        lambda: sign_in(account, archive.person, someone.questions(archive.clock)),
    )


def test_an_older_code_is_no_longer_good_after_a_newer_one(archive):
    someone = enrolled(archive)
    account = archive.office.account
    archive.clock.forward(minutes=5)
    sign_in(account, archive.person, someone.questions(archive.clock, steps=1))

    refused_once(
        archive,
        SignInRefused,
        lambda: sign_in(account, archive.person, someone.questions(archive.clock)),
    )


@pytest.mark.parametrize(
    ("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_one_step_ahead_or_behind(archive, steps, taken):
    someone = enrolled(archive)
    archive.clock.forward(minutes=5)
    questions = someone.questions(archive.clock, steps=steps)

    if taken:
        assert sign_in(archive.office.account, archive.person, questions)
    else:
        refused_once(
            archive,
            SignInRefused,
            lambda: sign_in(archive.office.account, archive.person, questions),
        )


def test_a_code_may_be_typed_with_the_space_authenticators_show(archive):
    someone = enrolled(archive)
    code = someone.code(archive.clock.now)

    assert sign_in(
        archive.office.account, archive.person, answers(PASSPHRASE, f"{code[:3]} {code[3:]}")
    )


def test_a_passphrase_is_the_same_however_its_signs_are_composed(archive):
    someone = enrolled(archive)
    someone_else = Someone(passphrase="cafe\u0301 umber kettle voyage")
    other = a_colleague(archive, Role.COUNSEL, name="counsel")
    by = signed_in(archive, someone)
    someone_else.invitation = enrolling.invite(archive.office.account, by, "Counsel").code
    enrolling.enrol(
        archive.office.account, other, someone_else.enrolment(archive.clock), agency="Rivertown"
    )
    someone_else.passphrase = "caf\u00e9 umber kettle voyage"
    archive.clock.forward(seconds=30)

    assert signed_in(archive, someone_else, other).person.id == other.id


def test_one_persons_credentials_are_nobody_elses(archive):
    someone = enrolled(archive)
    other = a_colleague(archive, Role.COUNSEL, name="counsel")
    by = signed_in(archive, someone)
    enrolled(archive, other, by=by)

    refused_once(
        archive,
        SignInRefused,
        lambda: sign_in(archive.office.account, other, someone.questions(archive.clock)),
        by=other.id,
    )


# --- too many attempts ------------------------------------------------------------------------


def fail(archive, times: int) -> None:
    for _ in range(times):
        refused_once(
            archive,
            SignInRefused,
            lambda: sign_in(archive.office.account, archive.person, answers("wrong", "000000")),
        )


@pytest.mark.parametrize(
    ("failures", "locked"),
    [(FREE_FAILURES - 1, False), (FREE_FAILURES, True), (FREE_FAILURES + 1, True)],
)
def test_after_too_many_failures_one_has_to_wait(archive, failures, locked):
    someone = enrolled(archive)
    fail(archive, failures)
    archive.clock.forward(seconds=30)

    if locked:
        said = refused_once(
            archive,
            SignInRefused,
            lambda: sign_in(
                archive.office.account, archive.person, someone.questions(archive.clock)
            ),
        )
        assert "wait until" in said
    else:
        assert signed_in(archive, someone)


@pytest.mark.parametrize(
    ("waited", "open_again"),
    [(WAIT - timedelta(seconds=1), False), (WAIT, True), (WAIT + timedelta(seconds=1), True)],
)
def test_after_the_wait_the_right_answer_is_taken_again(archive, waited, open_again):
    someone = enrolled(archive)
    fail(archive, FREE_FAILURES)
    archive.clock.now += waited

    if open_again:
        assert signed_in(archive, someone)
        fail(archive, FREE_FAILURES - 1)
        assert signed_in(archive, someone)
    else:
        refused_once(
            archive,
            SignInRefused,
            lambda: sign_in(
                archive.office.account, archive.person, someone.questions(archive.clock)
            ),
        )


def test_while_one_has_to_wait_nobody_is_asked_and_nothing_is_counted(archive):
    enrolled(archive)
    fail(archive, FREE_FAILURES)

    for _ in range(3):
        refused_once(
            archive,
            SignInRefused,
            lambda: sign_in(archive.office.account, archive.person, unasked()),
        )
    with archive.office.catalogue.reading() as connection:
        assert credentials.of(connection, archive.person.id).failures == FREE_FAILURES


def test_after_far_too_many_failures_the_credentials_are_dead_until_they_are_reset(archive):
    someone = enrolled(archive)
    with archive.office.catalogue.writing_raw() as connection:
        for _ in range(MOST_FAILURES - 1):
            credentials.count_attempt(connection, archive.person.id)
    fail(archive, 1)
    archive.clock.forward(days=365)

    said = refused_once(
        archive,
        SignInRefused,
        lambda: sign_in(archive.office.account, archive.person, someone.questions(archive.clock)),
    )

    assert "dead" in said


def test_guesses_made_at_once_are_all_counted(archive):
    enrolled(archive)
    account = archive.office.account

    def guess(_n: int) -> bool:
        with pytest.raises(SignInRefused):
            sign_in(account, archive.office.at, answers("wrong", "000000"))
        return True

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(guess, range(8)))
    with archive.office.catalogue.reading() as connection:
        assert credentials.of(connection, archive.person.id).failures == FREE_FAILURES
    assert len(entries(archive, "attempt.refused")) == 8


# --- enrolling --------------------------------------------------------------------------------


def test_the_first_administrator_enrols_from_their_own_account_and_no_second_one_does(archive):
    enrolled(archive)
    other = a_colleague(archive, Role.ADMINISTRATOR, name="second")

    said = refused_once(
        archive,
        NotPermitted,
        lambda: enrolling.enrol(
            archive.office.account, other, Someone().enrolment(archive.clock), agency="Rivertown"
        ),
        by=other.id,
    )

    assert "one-time code" in said


def test_whoever_keeps_no_roster_does_not_enrol_first(archive):
    clerk = a_colleague(archive, Role.CLERK)

    refused_once(
        archive,
        NotPermitted,
        lambda: enrolling.enrol(
            archive.office.account, clerk, Someone().enrolment(archive.clock), agency="Rivertown"
        ),
    )


def test_who_is_invited_enrols_and_signs_in(archive):
    by = signed_in(archive, enrolled(archive))
    counsel = a_colleague(archive, Role.COUNSEL, name="counsel")

    someone = enrolled(archive, counsel, by=by)

    assert signed_in(archive, someone, counsel).person.id == counsel.id
    assert [leaf["s"] for leaf in entries(archive, "person.enrolled")] == [by.person.id, counsel.id]
    assert [leaf["by"] for leaf in entries(archive, "person.invited")] == [by.person.id]


def test_a_one_time_code_is_good_once(archive):
    by = signed_in(archive, enrolled(archive))
    counsel = a_colleague(archive, Role.COUNSEL, name="counsel")
    someone = enrolled(archive, counsel, by=by)
    with archive.office.catalogue.writing_raw() as connection:
        assert credentials.invitation(connection, counsel.id) is None

    another = Someone(invitation=someone.invitation)
    refused_once(
        archive,
        SignInRefused,  # it asks for what there is by now, not for the code
        lambda: enrolling.enrol(
            archive.office.account, counsel, another_enrolment(archive, another), agency="Rivertown"
        ),
    )


def another_enrolment(archive, someone: Someone):
    """Somebody who never saw the authenticator's secret."""
    someone.secret = "JBSWY3DPEHPK3PXP" * 2
    return someone.enrolment(archive.clock)


@pytest.mark.parametrize(
    ("waited", "good"),
    [
        (enrolling.VALID - timedelta(seconds=1), True),
        (enrolling.VALID, False),
        (enrolling.VALID + timedelta(seconds=1), False),
    ],
)
def test_a_one_time_code_is_good_for_three_days(archive, waited, good):
    by = signed_in(archive, enrolled(archive))
    counsel = a_colleague(archive, Role.COUNSEL, name="counsel")
    someone = Someone(
        invitation=enrolling.invite(archive.office.account, by, "Counsel").code.lower()
    )
    archive.clock.now += waited

    def attempt():
        return enrolling.enrol(
            archive.office.account, counsel, someone.enrolment(archive.clock), agency="Rivertown"
        )

    if good:
        assert attempt().id == counsel.id
    else:
        refused_once(archive, SignInRefused, attempt)


def test_a_one_time_code_cannot_be_guessed_at_for_long_nor_used_by_another(archive):
    by = signed_in(archive, enrolled(archive))
    counsel = a_colleague(archive, Role.COUNSEL, name="counsel")
    clerk = a_colleague(archive, Role.CLERK, name="clerk")
    account = archive.office.account
    code = enrolling.invite(account, by, "Counsel").code
    enrolling.invite(account, by, "Clerk")

    def attempt(person, said):
        someone = Someone(invitation=said)
        return lambda: enrolling.enrol(
            account, person, someone.enrolment(archive.clock), agency="Rivertown"
        )

    refused_once(archive, SignInRefused, attempt(clerk, code))
    for _ in range(enrolling.MOST_GUESSES):
        refused_once(archive, SignInRefused, attempt(counsel, "AAAA-BBBB-CCCC-DDDD"))
    refused_once(archive, SignInRefused, attempt(counsel, code))


def test_nobody_enrols_at_another_persons_account(archive):
    by = signed_in(archive, enrolled(archive))
    counsel = a_colleague(archive, Role.COUNSEL, name="counsel")
    clerk = a_colleague(archive, Role.CLERK, name="clerk")
    someone = Someone(invitation=enrolling.invite(archive.office.account, by, "Counsel").code)

    said = refused_once(
        archive,
        NotPermitted,
        lambda: enrolling.enrol(
            archive.office.account,
            clerk,
            someone.enrolment(archive.clock),
            agency="Rivertown",
            name="Counsel",
        ),
        by=clerk.id,
        s=counsel.id,
    )

    assert "OS account counsel" in said


def test_only_the_rosters_keeper_invites_and_resets(archive):
    enrolled(archive)
    clerk = a_colleague(archive, Role.CLERK)
    signed = sign_in_unproven(clerk)

    for deed in (enrolling.invite, enrolling.reset):
        refused_once(
            archive,
            NotPermitted,
            lambda deed=deed: deed(archive.office.account, signed, archive.person.name),
            by=clerk.id,
        )


def sign_in_unproven(person) -> SignedIn:
    return SignedIn(person=person, means=Means.OS_ACCOUNT)


def test_a_reset_ends_the_credentials_and_bids_to_enrol_anew(archive):
    keeper = enrolled(archive)
    account = archive.office.account
    counsel = a_colleague(archive, Role.COUNSEL, name="counsel")
    before = enrolled(archive, counsel, by=signed_in(archive, keeper))

    invited = enrolling.reset(account, signed_in(archive, keeper), "Counsel")

    refused_once(
        archive, NotEnrolled, lambda: sign_in(account, counsel, before.questions(archive.clock))
    )
    anew = Someone(passphrase="lantern orchid gravel pier", invitation=invited.code)
    enrolling.enrol(account, counsel, anew.enrolment(archive.clock), agency="Rivertown")
    archive.clock.forward(seconds=30)
    assert signed_in(archive, anew, counsel)
    assert [leaf["s"] for leaf in entries(archive, "person.reset")] == [counsel.id]


def test_who_enrols_again_proves_what_there_was_before(archive):
    someone = enrolled(archive)
    account, person = archive.office.account, archive.person
    stranger = another_enrolment(archive, Someone())
    refused_once(
        archive,
        SignInRefused,
        lambda: enrolling.enrol(account, person, stranger, agency="Rivertown"),
    )

    enrolling.enrol(account, person, someone.enrolment(archive.clock), agency="Rivertown")

    archive.clock.forward(seconds=30)
    assert len(someone.shown) == len(set(someone.shown)) == 2
    assert signed_in(archive, someone)


def test_a_passphrase_that_is_too_easy_is_not_taken_whatever_the_desk_let_pass(archive):
    easy = Someone(passphrase="rivertown-police")

    with pytest.raises(ConfigInvalid, match="what anybody would try first"):
        enrolling.enrol(
            archive.office.account,
            archive.person,
            easy.enrolment(archive.clock),
            agency="Rivertown Police Department",
        )


def test_an_authenticator_that_shows_another_code_is_not_bound(archive):
    someone = Someone()
    wrong = replace(someone.enrolment(archive.clock), code=lambda: "12345x")

    refused_once(
        archive,
        SignInRefused,
        lambda: enrolling.enrol(archive.office.account, archive.person, wrong, agency="Rivertown"),
    )
    refused_once(
        archive, NotEnrolled, lambda: sign_in(archive.office.account, archive.person, unasked())
    )


# --- where the secrets are --------------------------------------------------------------------


def test_no_secret_stands_in_catalogue_ledger_or_papers(archive):
    by = signed_in(archive, enrolled(archive))
    counsel = a_colleague(archive, Role.COUNSEL, name="counsel")
    someone = enrolled(archive, counsel, by=by)

    secrets = [someone.passphrase, someone.secret, someone.invitation]
    secrets += [someone.invitation.replace("-", ""), bytes_of(someone.secret)]
    found = {
        path.name
        for path in archive.folder.rglob("*")
        if path.is_file()
        for secret in secrets
        if (secret if isinstance(secret, bytes) else secret.encode()) in path.read_bytes()
    }
    with archive.office.catalogue.reading() as connection:
        row = credentials.of(connection, counsel.id)
    assert found == set()
    assert row.passphrase.startswith("$argon2id$")
    assert someone.passphrase not in repr(row)


def bytes_of(secret: str) -> bytes:
    return base64.b32decode(secret)


def test_a_secret_moved_to_another_person_cannot_be_opened(archive):
    by = signed_in(archive, enrolled(archive))
    counsel = a_colleague(archive, Role.COUNSEL, name="counsel")
    someone = enrolled(archive, counsel, by=by)
    with archive.office.catalogue.writing_raw() as connection:
        theirs = credentials.of(connection, counsel.id)
        credentials.put(connection, replace(theirs, person=by.person.id))

    with pytest.raises((CatalogueUnavailable, SignInRefused)):
        sign_in(archive.office.account, by.person, someone.questions(archive.clock))


# --- a shared account -------------------------------------------------------------------------


@pytest.fixture
def desk(archive):
    """An account that several people use, and a person who has none of their own."""
    account, signed = archive.office.account, sign_in_unproven(archive.person)
    shared = roster.add(
        account, signed, name="the desk", os_account="desk", roles=[Role.CLERK], shared=True
    )
    person = roster.add(account, signed, name="R. Roe", os_account="", roles=[Role.CLERK])
    return shared, person


def test_a_shared_account_cannot_sign_in_not_even_in_a_demonstration(archive, desk):
    said = refused_once(
        archive,
        NotPermitted,
        lambda: sign_in(archive.office.account, desk[0], unasked(), demonstration=True),
        by=desk[0].id,
    )

    assert "several people use" in said


@pytest.mark.parametrize("right", Right)
def test_a_shared_account_decides_nothing(archive, desk, right):
    everything = replace(desk[0], roles=frozenset(Role) - {Role.SERVICE})

    if right in {Right.CAPTURE, Right.READ, Right.MAINTAIN}:
        demand(archive.office.account, everything, right)
    else:
        refused_once(
            archive,
            NotPermitted,
            lambda: demand(archive.office.account, everything, right),
            by=desk[0].id,
        )


def test_a_person_signs_in_at_a_shared_account_by_their_own_credentials(archive, desk):
    account = archive.office.account
    shared, person = desk
    by = signed_in(archive, enrolled(archive))
    someone = Someone(invitation=enrolling.invite(account, by, "R. Roe").code)
    at = {"agency": "Rivertown", "name": "R. Roe"}
    enrolling.enrol(account, shared, someone.enrolment(archive.clock), **at)
    archive.clock.forward(seconds=30)

    signed = sign_in(account, shared, someone.questions(archive.clock), name="R. Roe")

    assert (signed.person.id, signed.means) == (person.id, Means.TWO_FACTORS)
    assert not signed.person.shared


def test_an_attempt_refused_at_a_shared_account_names_it_and_whom_it_was_for(archive, desk):
    shared, person = desk

    refused_once(
        archive,
        NotEnrolled,
        lambda: sign_in(archive.office.account, shared, unasked(), name="R. Roe"),
        by=shared.id,
        s=person.id,
    )


def test_deeds_of_who_signed_in_elsewhere_say_by_which_account(archive, desk):
    shared, person = desk
    account = replace(archive.office.account, via=shared.id)

    hold.issue(
        account, person, matter=NewMatter(name="m"), reason="r", scope=Scope(pages=frozenset({"p"}))
    )

    (entry,) = entries(archive, "hold.issued")
    assert (entry["by"], entry["d"]["via"]) == (person.id, shared.id)


# --- the scheduler ----------------------------------------------------------------------------


@pytest.mark.parametrize("right", sorted(set(Right) - {Right.CAPTURE, Right.MAINTAIN}))
def test_the_scheduler_is_refused_every_right_that_decides(archive, right):
    service = archive.office.service

    refused_once(
        archive, NotPermitted, lambda: demand(archive.office.account, service, right), by=service.id
    )
