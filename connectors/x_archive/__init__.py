"""The archive that X gives out of an account: an importer for its `window.YTD…` files.

layout    which files of an archive hold what; whose it is, and what it counts of itself
reading   a JavaScript assignment → the JSON in it; dates, numbers and files as X writes them
posts     one post, note or profile → one item
messages  one conversation → the messages in it
importer  the connector: one deposit, read as a stream
"""

from connectors.x_archive.importer import CONNECTOR

__all__ = ["CONNECTOR"]
