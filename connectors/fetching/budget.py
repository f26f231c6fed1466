"""What may be asked of a platform in a day: counted over all pages, and from one run to the next.

A day is a day where the platform's count begins anew, by the platform's own clock (`Date`), so
that a clock of ours that is wrong neither spends nor saves. Until the first answer has told it,
nobody knows which day it is, nor what was spent on it before.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime

from archiver.records.errors import BudgetSpent
from archiver.records.pages import Spending, WriteSpending

SETTLE_AFTER = 5.0
"""After so many seconds what was spent is written down again; a crash forgets no more."""


@dataclass(slots=True)
class _Account:
    """What was spent on *day*, and the server's clock as it stood at *read_at* of ours.

    *written* of the *units* stand in the archive's own account, as of *settled_at*.
    """

    day: date | None = None
    units: int = 0
    written: int = 0
    settled_at: float | None = None
    moment: datetime | None = None
    read_at: float = 0.0


_ACCOUNTS: dict[str, _Account] = {}
_LOCK = threading.Lock()


class Budget:
    """The budget of one credential at one platform: at most *limit* units a day (None: no cap).

    *whose* tells budgets apart, and may hold a secret: only its digest is kept. *unit* is what is
    counted. *write* keeps the account from one run to the next; without it, it ends with this one.
    """

    def __init__(
        self,
        whose: str,
        *,
        limit: int | None,
        zone: tzinfo = UTC,
        unit: str = "units",
        clock: Callable[[], float] = time.monotonic,
        write: WriteSpending | None = None,
    ) -> None:
        self._name = hashlib.sha256(whose.encode()).hexdigest()
        with _LOCK:
            self._account = _ACCOUNTS.setdefault(self._name, _Account())
        self._limit = limit
        self._zone = zone
        self._unit = unit
        self._clock = clock
        self._write = write

    @property
    def spent(self) -> int:
        """Give what was spent on the day that it now is there."""
        with _LOCK:
            self._turn()
            return self._account.units

    def take(self, units: int) -> None:
        """Spend *units* on what is asked next.

        Raises:
            BudgetSpent: more than the limit would be spent; nothing was.
        """
        with _LOCK:
            self._turn()
            account = self._account
            if self._limit is not None and account.units + units > self._limit:
                raise BudgetSpent(
                    f"{account.units} of the day's {self._limit} {self._unit} are spent, "
                    f"and the next question costs {units}"
                )
            account.units += units

    def count(self, units: int) -> None:
        """Count *units* that an answer turned out to cost, beyond what was taken before."""
        with _LOCK:
            self._turn()
            self._account.units += units

    def note(self, headers: Mapping[str, str], *, exhausted: bool = False) -> None:
        """Take in the server's clock; where it says that nothing is left today, believe it."""
        try:
            told = parsedate_to_datetime(headers.get("date", ""))
        except (ValueError, TypeError):
            told = None
        with _LOCK:
            account = self._account
            if told is not None:
                account.moment = told if told.tzinfo else told.replace(tzinfo=UTC)
                account.read_at = self._clock()
            self._turn()
            if exhausted and self._limit is not None:
                account.units = max(account.units, self._limit)
            stale = account.settled_at is None or (
                self._clock() - account.settled_at >= SETTLE_AFTER
            )
            if exhausted or stale:
                self._settle()

    def settle(self) -> None:
        """Write down what was spent since the last time; whoever ends a visit does."""
        with _LOCK:
            self._turn()
            self._settle()

    def _turn(self) -> None:
        """Begin a new day's account where the platform's day has changed."""
        account = self._account
        if account.moment is None:
            return
        gone = timedelta(seconds=self._clock() - account.read_at)
        today = (account.moment + gone).astimezone(self._zone).date()
        if account.day is not None and account.day != today:
            self._settle()
            account.units = account.written = 0
            account.settled_at = None
        account.day = today

    def _settle(self) -> None:
        """Write down what is not written yet, and take in what others spent on the same day."""
        account = self._account
        if self._write is None or account.day is None:
            return
        spending = Spending(
            account=self._name,
            day=account.day,
            units=account.units - account.written,
            limit=self._limit,
            unit=self._unit,
        )
        account.units = account.written = self._write(spending)
        account.settled_at = self._clock()
