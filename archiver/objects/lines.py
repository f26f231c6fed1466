"""Lines to a process beside this one, which opens what it works on anew and answers in order.

The threads of one Python share one processor, and hand it over slowly: what asks the disk ten
thousand times costs the work beside it more than it takes itself, unless a process does it.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Lock
from typing import Generic, Protocol, TypeVar

from archiver.records.errors import ArchiverError, ObjectError


class Closes(Protocol):
    """What is opened in the other process, and closed there at the end."""

    def close(self) -> None:
        """Let go of it."""


Store = TypeVar("Store", bound=Closes)
Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Line(Generic[Store, Question, Answer]):
    """A line to a process that is begun with the first question, or before.

    May be used by several threads at once: they are answered one after the other.
    """

    def __init__(
        self,
        opened: Callable[[], Store],
        answer: Callable[[Store, Question], Answer],
        *,
        lost: ObjectError,
    ) -> None:
        """Take what opens a store and what answers by it, which can both be pickled.

        *lost* is raised where the process has died, and nobody knows what it had done.
        """
        self._opened = opened
        self._answer = answer
        self._lost = lost
        self._turn = Lock()
        self._beside: tuple[BaseProcess, Connection] | None = None

    def begin(self) -> None:
        """Begin the process, and do not wait until it is ready: the first question will."""
        with self._turn:
            self._opened_line()

    def _opened_line(self) -> Connection:
        if self._beside is None:
            self._beside = _begun(self._opened, self._answer)
        return self._beside[1]

    def ask(self, question: Question) -> Answer:
        """Give the answer of the other process.

        Raises:
            ArchiverError: what it raised there.
            ObjectError: it has died.
        """
        with self._turn:
            line = self._opened_line()
            try:
                line.send(question)
                answer: Answer | ArchiverError = line.recv()
            except (EOFError, OSError) as error:
                raise self._lost from error
        if isinstance(answer, ArchiverError):
            raise answer
        return answer

    def close(self) -> None:
        """Let the other process end, if there is one."""
        with self._turn:
            if self._beside is not None:
                process, line = self._beside
                line.close()
                process.join()
                self._beside = None


def _begun(
    opened: Callable[[], Store], answer: Callable[[Store, Question], Answer]
) -> tuple[BaseProcess, Connection]:
    """Begin the other process; when the line to it is closed, or we die, it ends."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_answer_all, args=(opened, answer, theirs), daemon=True)
    with _interrupts_kept_off():
        process.start()
    theirs.close()
    return process, ours


@contextmanager
def _interrupts_kept_off() -> Iterator[None]:
    """Have what is begun in the block not hear a Ctrl-C, which is for us alone."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # inherited
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _answer_all(
    opened: Callable[[], Store], answer: Callable[[Store, Question], Answer], line: Connection
) -> None:
    """Answer what comes down the *line* until it is closed; a refusal is an answer, too."""
    with suppress(EOFError, OSError):
        try:
            store = opened()
        except ArchiverError as error:
            line.send(error)
            return
        try:
            while True:
                line.send(_answered(answer, store, line.recv()))
        finally:
            store.close()


def _answered(
    answer: Callable[[Store, Question], Answer], store: Store, question: Question
) -> Answer | ArchiverError:
    try:
        return answer(store, question)
    except ArchiverError as error:
        return error
