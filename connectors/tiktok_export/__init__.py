"""TikTok's copy of an account's data: an importer for its one large JSON file.

layout    where in the file what lies, and whose it is
contents  one entry → one item
importer  the connector: one deposit, read as a stream
"""

from connectors.tiktok_export.importer import CONNECTOR

__all__ = ["CONNECTOR"]
