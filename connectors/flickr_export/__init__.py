"""Flickr's copy of an account's data: an importer for its photos, comments, mail and albums.

layout    which files of an export hold what; whose it is, and which file is of which photo
photos    a photo's own file → the photo and what was said under it
contents  one entry of a list → one item
importer  the connector: one deposit, all its zip files read together
"""

from connectors.flickr_export.importer import CONNECTOR

__all__ = ["CONNECTOR"]
