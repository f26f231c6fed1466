"""What the exports of Facebook and Instagram share: both are Meta's "Download your information".

mojibake  Meta writes UTF-8 as if it were Latin-1; reading it as it was meant
shelves   which files of an export hold what, and how each is cut into elements
showing   what an element shows: its words, its files, its links
messages  one conversation's file → the messages in it
opening   the source of such an export
"""

from connectors.meta_export.messages import MESSAGES
from connectors.meta_export.mojibake import MENDED, UNMENDED, mend
from connectors.meta_export.opening import Shows, meta_source, small_json
from connectors.meta_export.shelves import Layout, Shelf, layout_of
from connectors.meta_export.showing import JSON, Showing, read_media

__all__ = [
    "JSON",
    "MENDED",
    "MESSAGES",
    "UNMENDED",
    "Layout",
    "Shelf",
    "Showing",
    "Shows",
    "layout_of",
    "mend",
    "meta_source",
    "read_media",
    "small_json",
]
