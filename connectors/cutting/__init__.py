"""Cutting a platform's answer into the exact source bytes of each item.

What is kept of an item is what the platform sent, never our rendering of it: numbers keep their
digits, escapes their spelling, encodings their bytes. No message here carries text of an answer.
"""

from connectors.cutting.html_source import html_element, html_tags
from connectors.cutting.html_text import visible_text
from connectors.cutting.json_source import LARGEST_ELEMENT, json_list, json_member, json_stream
from connectors.cutting.xml_source import xml_elements

__all__ = [
    "LARGEST_ELEMENT",
    "html_element",
    "html_tags",
    "json_list",
    "json_member",
    "json_stream",
    "visible_text",
    "xml_elements",
]
