"""Mastodon's archive of an account: an importer for its outbox, its media and its profile.

layout    which files of an archive hold what; whose it is, and how much it says it holds
contents  one activity → one item, under the address by which every server knows it
importer  the connector: one deposit, read as a stream
"""

from connectors.mastodon_archive.importer import CONNECTOR

__all__ = ["CONNECTOR"]
