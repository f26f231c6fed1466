"""A person at a terminal: runs the real program under a pseudo-terminal, and types.

    told = at_a_terminal(folder, ["people", "enrol"], {"new passphrase": ..., "code": ...})

What is to be typed is named by a word of the question; a callable is handed all that was printed.
"""

from __future__ import annotations

import os
import pty
import select
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cli.clerk import surroundings
from tests.cli.forked import begin

PATIENCE = 120
Answer = str | Callable[[str], str]


@dataclass(frozen=True)
class Typed:
    """What stood on the terminal at the end, and how the command ended."""

    code: int
    out: str


def at_a_terminal(
    folder: Path, words: Sequence[str], answers: Mapping[str, Answer] | None = None
) -> Typed:
    """Run a command at a terminal of its own; answer each question by the word it contains."""
    terminal, programs = pty.openpty()
    program = begin(
        words, folder=folder, env=surroundings() | {"TERM": "dumb"},
        ends=(programs, programs, programs), at_terminal=True,
    )  # fmt: skip
    os.close(programs)
    try:
        out = _talk(terminal, answers or {})
    finally:
        os.close(terminal)
    return Typed(program.wait(), out)


def _talk(terminal: int, answers: Mapping[str, Answer]) -> str:
    out, asked = "", 0
    while True:
        ready, _, _ = select.select([terminal], [], [], PATIENCE)
        if not ready:
            raise TimeoutError(f"nothing more was said after: {out[-300:]}")
        try:
            data = os.read(terminal, 4096)
        except OSError:  # the program has ended, and its side of the terminal is closed
            return out
        if not data:
            return out
        out += data.decode("utf-8", "replace")
        question = out[asked:].rsplit("\n", 1)[-1]
        for word, answer in answers.items():
            if word in question and question.rstrip().endswith(":"):
                said = answer(out) if callable(answer) else answer
                os.write(terminal, f"{said}\n".encode())
                asked = len(out)
                break
