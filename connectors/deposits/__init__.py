"""Export files a person brings: opened safely, read as streams, never unpacked to disk.

judging   what the names and headers of a zip file may say, before a byte of it is read
opening   `open_deposit`: one zip file, the zip files of a split export, or a folder
elements  what the elements of exports have in common: dates, kinds of files, counted ids
importer  `Importer`: the connector that most importers are
volumes   which files of an export are read, and in which order
unread    what of an export nobody read, as one gap
source    `DepositSource`: the source that every importer is, and how it is given its files
"""

from connectors.deposits.elements import (
    THREAD_UNKNOWN,
    ZONE_ASSUMED,
    Ordinals,
    as_iso,
    dated,
    entries,
    file_named,
    seconds,
    spaced_moment,
)
from connectors.deposits.importer import Importer
from connectors.deposits.judging import LIMITS, Limits
from connectors.deposits.opening import Deposit, Entry, open_deposit, spooled
from connectors.deposits.source import (
    DepositSource,
    Element,
    Reading,
    Shown,
    opened,
    refuse_several,
)
from connectors.deposits.unread import Unread, listing
from connectors.deposits.volumes import Volume, ending, volumes_in

__all__ = [
    "LIMITS",
    "THREAD_UNKNOWN",
    "ZONE_ASSUMED",
    "Deposit",
    "DepositSource",
    "Element",
    "Entry",
    "Importer",
    "Limits",
    "Ordinals",
    "Reading",
    "Shown",
    "Unread",
    "Volume",
    "as_iso",
    "dated",
    "ending",
    "entries",
    "file_named",
    "listing",
    "open_deposit",
    "opened",
    "refuse_several",
    "seconds",
    "spaced_moment",
    "spooled",
    "volumes_in",
]
