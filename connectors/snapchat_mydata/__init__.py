"""Snapchat's copy of an account's data: an importer for chats, snaps and memories.

layout    which files of an export hold what; which file is of which message or memory
contents  one entry → one item
importer  the connector: one deposit, its parts read together
"""

from connectors.snapchat_mydata.importer import CONNECTOR

__all__ = ["CONNECTOR"]
