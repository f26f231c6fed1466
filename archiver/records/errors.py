"""The errors this project raises.

ArchiverError                    1  something the archiver can explain
├── ConfigInvalid                2  config.toml, or an argument, breaks its own rules
├── ScheduleInvalid              3  a retention schedule breaks its own rules
├── QueryInvalid                 4  a query cannot be read
├── NotFound                     5  nothing here has that name
├── NotPermitted                10  the person may not do this
├── NotAdopted                  11  no adoption record authorises this
├── SignInRefused               12  who decides did not prove to be who they say
├── NotEnrolled                 13  the person has no credentials to decide with
├── QuorumMissing               14  fewer than two people could approve a destruction
├── NotApproved                 15  the plan is not approved as its chain demands
├── CeilingReached              16  more would be destroyed at once than is usual here
├── ClockDoubted                17  the clock is implausible against the ledger
├── OrderRefused                18  a court order cannot have this effect here, or not yet
├── UnderHold                   20  a hold forbids what was asked
├── DestructionBegun            21  the item's destruction has begun
├── RestoreUnconfirmed          22  a restored archive was not reconciled
├── RegisterUnreadable          23  a register that decides cannot be read, or was edited
├── LockedByStore               27  the object store lets nobody destroy this yet
├── IndexUnavailable            30  the full-text index is missing or damaged
├── ObjectError                 40  the object store failed
│   ├── ObjectMissing           41  no such object in the store
│   ├── ObjectDamaged           42  the bytes are not the bytes that were kept
│   └── DestructionUnproven     43  bytes asked to be destroyed are still listed
├── LedgerDamaged               44  the ledger does not agree with itself or its copy
├── StampRefused                45  an authority gave no time-stamp that holds
├── ArchiveBusy                 50  another process holds the lock
├── CatalogueUnavailable        51  the catalogue cannot be opened or is of another version
├── BackupInvalid               52  a backup cannot be read whole
├── FileRefused                 53  the system refuses a file: not ours, disk full, read-only
└── ConnectorError              60  a platform could not be visited
    ├── PlatformUnreachable     61  the platform did not answer, or not in time
    ├── PermissionLost          62  the platform refuses our credentials
    ├── AnswerUnreadable        63  the platform answered something else than documented
    ├── DepositRefused          64  an export file is not what it should be
    ├── AttachmentGone          65  a file is no longer where the platform said
    ├── TooLarge                66  an answer or a file is larger than allowed
    ├── AddressRefused          67  an address that connectors may not visit
    ├── CertificateRefused      68  a server cannot prove that it is the one that was asked
    └── BudgetSpent             69  the day's budget for asking a platform is spent
"""

from __future__ import annotations


class ArchiverError(Exception):
    """Something went wrong that the archiver can explain; carries what to do about it."""

    exit_code = 1
    remedy = "Read the message; `archiver status` shows the state of the archive."

    def __init__(self, message: list[str] | str, *, remedy: str | None = None) -> None:
        """Say *message*, or every fault, one to a line; *remedy* replaces that of the class."""
        self.faults = [message] if isinstance(message, str) else list(message)
        super().__init__("\n".join(self.faults))
        if remedy is not None:
            self.remedy = remedy


class ConfigInvalid(ArchiverError):
    """The configuration, or a command's argument, breaks its own rules; carries every fault."""

    exit_code = 2
    remedy = "Mend every line named above; config.example.toml shows each key."


class ScheduleInvalid(ArchiverError):
    """A retention schedule breaks its own rules; carries every fault, file and series named."""

    exit_code = 3
    remedy = "Mend every line named above; schedules/README.md describes the format."


class QueryInvalid(ArchiverError):
    """A query cannot be read; the message names the place."""

    exit_code = 4
    remedy = "Quote phrases, close parentheses; `archiver items search --help` shows the language."


class NotFound(ArchiverError):
    """Nothing in the archive has the name that was given."""

    exit_code = 5
    remedy = "Check the identifier; a shortened one must be unambiguous."


class NotPermitted(ArchiverError):
    """The person asking does not have the right this deed needs."""

    exit_code = 10
    remedy = "Ask a person whose roles allow it; `archiver people list` names them."


class NotAdopted(ArchiverError):
    """No adoption record authorises this destruction."""

    exit_code = 11
    remedy = "Nothing is destroyed without an adopted schedule; see schedules/README.md."


class SignInRefused(ArchiverError):
    """Who decides did not prove to be who they say they are."""

    exit_code = 12
    remedy = "Try again with the code your authenticator shows next; nothing was done."


class NotEnrolled(ArchiverError):
    """The person has no credentials yet, so nothing can be decided in their name."""

    exit_code = 13
    remedy = "Run `archiver people enrol` at a terminal, then run the command again."


class QuorumMissing(ArchiverError):
    """Fewer than two people could approve, so nothing is destroyed."""

    exit_code = 14
    remedy = "Give a second person a role that approves, and have them run `archiver people enrol`."


class NotApproved(ArchiverError):
    """A plan is not approved as its chain demands: not yet, not any more, or not by these."""

    exit_code = 15
    remedy = "`archiver dispositions show PLAN` names the step that waits, and who may take it."


class CeilingReached(ArchiverError):
    """More would be destroyed at once than is usual here; a person must say that it is meant."""

    exit_code = 16
    remedy = (
        "If it is meant, have it approved; carry it out with --confirm-count N, exactly so many."
    )


class ClockDoubted(ArchiverError):
    """The clock is implausible against the ledger, so nothing is destroyed."""

    exit_code = 17
    remedy = "Set it right; then who may dispose confirms it: `archiver ledger confirm-clock`."


class OrderRefused(ArchiverError):
    """A court order cannot have this effect here, or not yet."""

    exit_code = 18
    remedy = "Ask counsel; `archiver orders show` says how the order stands."


class UnderHold(ArchiverError):
    """A hold forbids what was asked."""

    exit_code = 20
    remedy = "Ask the hold's issuer to lift it; no option overrides a hold."


class DestructionBegun(ArchiverError):
    """The destruction of an item in scope has begun, so no hold on it can be acknowledged."""

    exit_code = 21
    remedy = "The items named are already being destroyed under authority; report them to counsel."


class RestoreUnconfirmed(ArchiverError):
    """The archive was restored from a backup and not yet reconciled, so nothing is destroyed."""

    exit_code = 22
    remedy = "Run `archiver restore --reconcile` and confirm what it shows."


class RegisterUnreadable(ArchiverError):
    """A register that decides cannot be read, or was edited behind us: nothing is destroyed."""

    exit_code = 23
    remedy = "Run `archiver verify`; restore the catalogue from a backup, or `archiver rebuild`."


class LockedByStore(ArchiverError):
    """The object store itself lets nobody destroy this before a day."""

    exit_code = 27
    remedy = "Tell counsel, and the court, the date; restrict or seal what it concerns until then."


class IndexUnavailable(ArchiverError):
    """The full-text index is missing, damaged or closed, so no search can be answered."""

    exit_code = 30
    remedy = "Run `archiver index rebuild`; nothing archived is affected."


class ObjectError(ArchiverError):
    """The object store could not do what was asked."""

    exit_code = 40
    remedy = "Check that the store is reachable and writable, then run the command again."


class ObjectMissing(ObjectError):
    """No such object is in the store."""

    exit_code = 41
    remedy = "Run `archiver verify`, and restore the object from a backup."


class ObjectDamaged(ObjectError):
    """The bytes in the store are not the bytes that were kept."""

    exit_code = 42
    remedy = "Run `archiver verify --read-data`, and restore the object from a backup."


class DestructionUnproven(ObjectError):
    """Bytes that were to be destroyed are still listed by the store."""

    exit_code = 43
    remedy = "The next run tries again; if a lock or legal hold protects them, lift it there."


class LedgerDamaged(ArchiverError):
    """The ledger does not agree with itself, or with its signed copy."""

    exit_code = 44
    remedy = "Stop destructive work; compare with a backup or with anchors kept elsewhere."


class StampRefused(ArchiverError):
    """An authority gave no time-stamp that holds; the next night asks again."""

    exit_code = 45
    remedy = "Check [[time_stamps]], and that the authority can be reached; nothing is lost."


class ArchiveBusy(ArchiverError):
    """Another process holds the lock this command needs."""

    exit_code = 50
    remedy = "Wait for the other process to end; `archiver status` names it."


class CatalogueUnavailable(ArchiverError):
    """The catalogue cannot be opened, or is of another version of this program."""

    exit_code = 51
    remedy = (
        "Run `archiver init` for a new archive, `archiver rebuild` for one whose objects still "
        "stand; check [archive] catalogue otherwise."
    )


class BackupInvalid(ArchiverError):
    """A backup cannot be read whole, or not with this key."""

    exit_code = 52
    remedy = "Check the file and the key; an incomplete backup is never restored in part."


class FileRefused(ArchiverError):
    """The system refuses a file: it is not ours, not there, or there is no room for it."""

    exit_code = 53
    remedy = "Check whose the file is and how full the disk is, then run the command again."


class ConnectorError(ArchiverError):
    """A platform could not be visited; *gap* is the value of the `GapReason` this leaves."""

    exit_code = 60
    remedy = "The next run tries again; nothing archived is affected."
    gap = "unreachable"


class PlatformUnreachable(ConnectorError):
    """The platform did not answer, or not in time, however often it was asked."""

    exit_code = 61
    remedy = "Check the network and the platform's own status page; the next run tries again."


class PermissionLost(ConnectorError):
    """The platform refuses our credentials; says nothing about what it still shows."""

    exit_code = 62
    remedy = "Renew the token named in the page's token_env; nothing was marked removed."
    gap = "permission_lost"


class AnswerUnreadable(ConnectorError):
    """The platform answered something else than its documentation says."""

    exit_code = 63
    remedy = "Nothing was concluded from the answer; report it if it stays."
    gap = "unreadable"


class DepositRefused(ConnectorError):
    """An export file is not what it should be, or is not safe to open."""

    exit_code = 64
    remedy = "Get the export again from where it is made, whole, and import it as it was made."
    gap = "unreadable"


class AttachmentGone(ConnectorError):
    """A file is no longer where the platform said it is."""

    exit_code = 65
    remedy = "The item is kept without the file; the gap says when it was first missed."
    gap = "gone"


class TooLarge(ConnectorError):
    """An answer or a file is larger than [fetching] max_bytes allows."""

    exit_code = 66
    remedy = "If it is wanted raise [fetching] max_bytes, and run `archiver capture PAGE --full`."
    gap = "too_large"


class AddressRefused(ConnectorError):
    """The address is not one that connectors may visit: private, reserved or not http(s)."""

    exit_code = 67
    remedy = "List your own hosts in [fetching] allow_private_hosts; `capture PAGE --full` retries."
    gap = "refused_address"


class CertificateRefused(ConnectorError):
    """The server's certificate does not prove that it is the server that was asked."""

    exit_code = 68
    remedy = (
        "Where an inspecting proxy of the agency stands between, name its authority in "
        "[fetching] ca_file; otherwise the server's own keepers must mend it."
    )
    gap = "untrusted"


class BudgetSpent(ConnectorError):
    """What may be asked of a platform in a day, by its own count or by ours, is used up."""

    exit_code = 69
    remedy = "The next run after the budget begins anew goes on; ask the platform for more."
    gap = "budget"
