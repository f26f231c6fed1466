"""Export files a person brings: opened safely, read as streams, never unpacked to disk.

judging  what the names and headers of a zip file may say, before a byte of it is read
opening  `open_deposit`: one zip file, the zip files of a split export, or a folder
"""

from connectors.deposits.judging import LIMITS, Limits
from connectors.deposits.opening import Deposit, Entry, open_deposit

__all__ = ["LIMITS", "Deposit", "Entry", "Limits", "open_deposit"]
