"""Cutting a platform's answer into the exact source bytes of each item.

What is kept of an item is what the platform sent, never our rendering of it: numbers keep their
digits, escapes their spelling, encodings their bytes. No message here carries text of an answer.
"""

from connectors.cutting.csv_source import ENCODINGS, BadRow, Row, cell, csv_stream, row_of
from connectors.cutting.fields import (
    count_of,
    id_of,
    moment_of,
    object_of,
    optional_id,
    text_of,
)
from connectors.cutting.html_links import (
    fediverse_links,
    file_name,
    html_files,
    html_links,
    is_document,
)
from connectors.cutting.html_source import html_element, html_part, html_tags, without_parts
from connectors.cutting.html_text import visible_text
from connectors.cutting.json_pieces import json_apart
from connectors.cutting.json_source import (
    LARGEST_ELEMENT,
    Keys,
    json_list,
    json_member,
    json_members,
    json_one,
    json_parts,
    json_stream,
    json_walk,
    json_whole,
)
from connectors.cutting.lines import byte_lines
from connectors.cutting.mail_dates import mail_date
from connectors.cutting.xml_source import xml_apart, xml_elements, xml_stream

__all__ = [
    "ENCODINGS",
    "LARGEST_ELEMENT",
    "BadRow",
    "Keys",
    "Row",
    "byte_lines",
    "cell",
    "count_of",
    "csv_stream",
    "fediverse_links",
    "file_name",
    "html_element",
    "html_files",
    "html_links",
    "html_part",
    "html_tags",
    "id_of",
    "is_document",
    "json_apart",
    "json_list",
    "json_member",
    "json_members",
    "json_one",
    "json_parts",
    "json_stream",
    "json_walk",
    "json_whole",
    "mail_date",
    "moment_of",
    "object_of",
    "optional_id",
    "row_of",
    "text_of",
    "visible_text",
    "without_parts",
    "xml_apart",
    "xml_elements",
    "xml_stream",
]
