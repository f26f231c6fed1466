"""Facebook's "Download your information", as JSON: an importer for a page's own export.

layout    which files of an export hold what, in every layout Facebook has used
contents  one element of a file → one item
importer  the connector: one deposit, read as a stream
"""

from connectors.facebook_export.importer import CONNECTOR

__all__ = ["CONNECTOR"]
