"""The one HTTP client of every connector: the only way from here to the network.

It asks no faster than the server's own headers allow and never more than four at a time per
host, retries a bounded number of times, follows redirects hop by hop, connects only to
addresses it has checked, caps size and time, and lets no secret into an error or an answer.

    answers    what a server said; stripping secrets; undoing compression under a cap
    budget     what may be asked of a platform in a day, counted over all pages
    pace       when the next request may start: rate headers, Retry-After, four in flight
    usage      the same, as the Graph API tells it
    conditions asking only for what changed
    addresses  which hosts may be visited; the transport that connects to the checked address
    exchanges  one exchange: where it may go, what its status means
    fetcher    `get`, `ask`, `post` and `download`
    sockets    a websocket that stays open, over which a platform says what happens
    visited    what sources visited over the network do alike
    untold     fields on which a state rests, where an answer does not give them
    recorded   answers kept in files, replayed by tests
"""

from connectors.fetching.addresses import CheckedTransport, refusal
from connectors.fetching.answers import Answer, spoken
from connectors.fetching.budget import Budget
from connectors.fetching.conditions import NOT_MODIFIED, conditions, validators
from connectors.fetching.exchanges import authorization
from connectors.fetching.fetcher import ANSWER_BYTES, Fetcher
from connectors.fetching.pace import Pace, paced_by, retry_after
from connectors.fetching.recorded import RecordedTransport
from connectors.fetching.sockets import FRAME_BYTES, Socket
from connectors.fetching.untold import Untold
from connectors.fetching.visited import Visited, as_far_as_told, each_again, read_all, unread

__all__ = [
    "ANSWER_BYTES",
    "FRAME_BYTES",
    "NOT_MODIFIED",
    "Answer",
    "Budget",
    "CheckedTransport",
    "Fetcher",
    "Pace",
    "RecordedTransport",
    "Socket",
    "Untold",
    "Visited",
    "as_far_as_told",
    "authorization",
    "conditions",
    "each_again",
    "paced_by",
    "read_all",
    "refusal",
    "retry_after",
    "spoken",
    "unread",
    "validators",
]
