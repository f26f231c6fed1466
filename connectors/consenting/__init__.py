"""What connectors have in common whose platforms let the archive in by a person's consent."""

from __future__ import annotations

from collections.abc import Mapping

from archiver.records.pages import FetchSettings


class ByConsent:
    """Hands in the forms by which a platform gives tokens for a consent."""

    def token_answer(
        self,
        fetching: FetchSettings,
        address: str,
        form: Mapping[str, str],
        headers: Mapping[str, str],
    ) -> bytes:
        """Hand *form* in at *address*, once, and give what is answered, a refusal too.

        Raises:
            AddressRefused, CertificateRefused, PlatformUnreachable, TooLarge.
        """
        from contextlib import closing

        from connectors.fetching import Fetcher

        with closing(Fetcher(fetching)) as fetcher:
            return fetcher.post(address, form, headers=headers).body
