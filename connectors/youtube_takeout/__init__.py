"""Google Takeout of a YouTube channel: an importer for its CSV files and its films.

layout    which files of an export hold what; whose it is, and which film is which video
contents  one row → one item
importer  the connector: one deposit, read as a stream
"""

from connectors.youtube_takeout.importer import CONNECTOR

__all__ = ["CONNECTOR"]
