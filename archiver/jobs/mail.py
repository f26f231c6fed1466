"""Mail, through apprise: it knows how servers differ; we know what to say and to whom."""

from __future__ import annotations

import logging
import warnings
from typing import Any

from archiver.config import Alerts
from archiver.procedures.alerting import Letter
from archiver.procedures.telling import Sent

_MODES = {"none": "insecure", "starttls": "starttls", "ssl": "ssl"}
_SENT = "INFO Sent Email to "
_FAULT = "Socket Exception: "


class Mailer:
    """Sends letters to everyone in [alerts] mail_to."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts

    @property
    def recipients(self) -> tuple[str, ...]:
        """Give who is told."""
        return tuple(dict.fromkeys(self._alerts.mail_to))

    def send(self, letter: Letter) -> Sent:
        """Send *letter* to everyone, each apart, and say how many the server took it for."""
        if not self.recipients:
            return Sent(reached=0, fault="[alerts] mail_to names nobody")
        apprise, plugin = _apprise()
        with apprise.LogCapture(level=logging.DEBUG, fmt="%(levelname)s %(message)s") as log:
            try:
                service = plugin(**self._settings())
                service.notify(title=letter.subject, body=letter.body)
            except apprise.exception.AppriseImproperlyConfigured as error:
                return Sent(reached=0, fault=str(error))
            told = log.getvalue()
        reached = told.count(_SENT)
        if reached == len(self.recipients):
            return Sent(reached=reached)
        return Sent(reached=reached, fault=_reasons(told) or "the mail server gave no reason")

    def _settings(self) -> dict[str, object]:
        alerts = self._alerts
        return {
            "host": alerts.smtp_host,
            "smtp_host": alerts.smtp_host,
            "port": alerts.smtp_port,
            "secure": alerts.smtp_security != "none",
            "secure_mode": _MODES[alerts.smtp_security],
            "user": alerts.smtp_user or None,
            "password": alerts.smtp_secret,
            "from_addr": alerts.mail_from or next(iter(self.recipients), ""),
            "targets": list(self.recipients),
            "format": "text",
        }


def _apprise() -> tuple[Any, Any]:
    """Give apprise and its mail service; they take a third of a second, so only when needed.

    The services are imported one by one and not looked up by name, which would load them all.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it asks for a module Python dropped
        import apprise  # noqa: PLC0415 - only when there is something to say
        from apprise.plugins.email import NotifyEmail  # noqa: PLC0415 - only then, as above
    return apprise, NotifyEmail


def _reasons(log: str) -> str:
    """Give the warnings out of apprise's log, and what the socket said."""
    reasons = []
    for line in log.splitlines():
        level, _, message = line.partition(" ")
        if level == "WARNING" or message.startswith(_FAULT):
            reasons.append(message.removeprefix(_FAULT).strip())
    return "; ".join(dict.fromkeys(reasons))
