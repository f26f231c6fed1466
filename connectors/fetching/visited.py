"""What every source that is visited over the network does alike."""

from __future__ import annotations

from archiver.ports import Downloaded
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment
from connectors.fetching.fetcher import Fetcher


class Visited:
    """A source's files, the count of its answers, and its end, by the fetcher it asks with.

    What the platform shows, `visit` and `recheck`, is each source's own.
    """

    def __init__(self, fetcher: Fetcher) -> None:
        """Visit by *fetcher*, and close it in the end."""
        self._fetcher = fetcher

    def download(self, attachment: Attachment) -> Downloaded:
        """Bring the file of *attachment* into the spool.

        Raises:
            AnswerUnreadable: the platform gives no address for it.
            ConnectorError: it could not be had.
        """
        if not attachment.url:
            raise AnswerUnreadable(f"no address is given for attachment {attachment.key}")
        return self._fetcher.download(self._address_of(attachment))

    def _address_of(self, attachment: Attachment) -> str:
        """Give where the file lies; a source whose platform gives relative ones says from where."""
        return attachment.url

    @property
    def fetched(self) -> int:
        """Give how many answers this visit has read so far."""
        return self._fetcher.fetched

    def close(self) -> None:
        """Let go of connections and spool files."""
        self._fetcher.close()
