"""Reddit's copy of an account's data: an importer for its CSV files.

layout    which files of an export hold what; whose it is, and what it proves of itself
contents  one row → one item
importer  the connector: one deposit, read as a stream
"""

from connectors.reddit_export.importer import CONNECTOR

__all__ = ["CONNECTOR"]
