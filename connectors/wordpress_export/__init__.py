"""WordPress's own export of a site (WXR): an importer for its XML files.

layout    which files of an export hold what, and where its uploads lie
markup    one element → its fields, and the comments cut out of it
contents  one post, page or file, and each comment under it → one item each
importer  the connector: one deposit, read as a stream
"""

from connectors.wordpress_export.importer import CONNECTOR

__all__ = ["CONNECTOR"]
