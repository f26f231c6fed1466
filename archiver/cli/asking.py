"""Asking the person at the terminal for what proves who they are.

Nothing of it is ever an argument, in the environment or read from a pipe: a program that holds
a person's passphrase could decide in that person's name.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from archiver.procedures.enrolling import Enrolment
from archiver.procedures.signing_in import Questions
from archiver.records.errors import SignInRefused


def demand_terminal() -> None:
    """Pass if a person is at a terminal.

    Raises:
        SignInRefused: the input is no terminal.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise SignInRefused(
            "the input is no terminal, and nobody can be asked who they are",
            remedy="Run the command at a terminal; a program cannot decide in a person's name.",
        )


def _hidden(words: str) -> str:
    demand_terminal()
    return str(click.prompt(words, hide_input=True, err=True))


def _passphrase() -> str:
    return _hidden("passphrase")


def _code() -> str:
    return _hidden("code that your authenticator shows")


def _invitation() -> str:
    return _hidden("one-time code from your administrator")


def _new_passphrase(expected: Sequence[str]) -> str:
    """Have a passphrase chosen, typed twice alike, and long and uncommon enough."""
    from archiver.records.passphrases import SHORTEST, fault

    demand_terminal()
    click.echo(f"Choose a passphrase of at least {SHORTEST} signs; four or five random words do.")
    while True:
        chosen = _hidden("new passphrase")
        if wrong := fault(chosen, expected=expected):
            click.echo(f"Choose another: {wrong}.")
        elif _hidden("the same again") == chosen:
            return chosen
        else:
            click.echo("The two were not the same.")


def _show(address: str) -> None:
    """Show what an authenticator app reads, here and nowhere else."""
    import segno

    demand_terminal()
    if not sys.stdout.isatty():
        raise SignInRefused(
            "the output is no terminal, and the authenticator's secret is shown nowhere else",
            remedy="Run the command at a terminal, without sending its output elsewhere.",
        )
    click.echo("Read this with an authenticator app:")
    segno.make(address, error="l").terminal(compact=True)
    click.echo(f"or type it in: {address}")


QUESTIONS = Questions(passphrase=_passphrase, code=_code)
"""How who decides is asked."""

ENROLMENT = Enrolment(
    before=QUESTIONS,
    invitation=_invitation,
    new_passphrase=_new_passphrase,
    show=_show,
    code=_code,
)
"""How who enrols is asked."""
