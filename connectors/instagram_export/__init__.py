"""Instagram's "Download your information", as JSON: an importer for an account's own export.

layout    which files of an export hold what, in every layout Instagram has used
labels    the keys that Instagram writes in the language of whoever asked for the export
contents  one element of a file → one item
importer  the connector: one deposit, read as a stream
"""

from connectors.instagram_export.importer import CONNECTOR

__all__ = ["CONNECTOR"]
