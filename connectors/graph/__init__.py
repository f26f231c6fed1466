"""Meta's Graph API, as Facebook pages and professional Instagram accounts are read through it.

    asking   one node, or an edge slice by slice; what an error says, and what it does not
    reading  the fields that entities of both platforms share
    messages  what people write to the account in private, and it to them
    second_look  items asked for again by their ids

The token goes in a header, to the API's own host. The addresses that the API hands out for the
next slice hold the token: they are never followed nor kept, only the place in them is.
"""

from connectors.fetching import Untold, read_all, unread
from connectors.graph.asking import Graph, Node, Piece
from connectors.graph.messages import Inbox, message_again
from connectors.graph.reading import Standing, file_name, hidden_by, missing_of, served, summed
from connectors.graph.second_look import Manner, SecondLook, below, look_again, tried

__all__ = [
    "Graph",
    "Inbox",
    "Manner",
    "Node",
    "Piece",
    "SecondLook",
    "Standing",
    "Untold",
    "below",
    "file_name",
    "hidden_by",
    "look_again",
    "message_again",
    "missing_of",
    "read_all",
    "served",
    "summed",
    "tried",
    "unread",
]
