"""The command line's root: finds commands, turns errors into words and exit codes.

Modules of commands are imported only when they are used, so that `--help` answers at once.
"""

from __future__ import annotations

import difflib
import importlib
import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from archiver.records import errors
from archiver.records.errors import ArchiverError

if TYPE_CHECKING:
    from archiver.office import Office

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("founding:init", "Make an archive, or open the one the configuration names."),
    "demo": ("demonstrating:demo", "Show the nightly job on shipped samples, in a folder apart."),
    "people": (
        "people:people",
        "The roster: who may do what, from when until when, and their credentials.",
    ),
    "capture": (
        "capturing:capture",
        "Visit PAGES and keep what they show; returns with the index up to date.",
    ),
    "import": (
        "importing:import_",
        "Import PATH, an export file of a platform; returns with the index up to date.",
    ),
    "connectors": (
        "connecting:connectors",
        "Connectors: what each platform lets the archive see, and what it does not.",
    ),
    "connect": (
        "signing_on:connect",
        "Let the archive in to PAGE: sign in with a browser, or enter its key or token.",
    ),
    "items": ("items:items", "Search and show what is archived."),
    "moderation": (
        "moderating:moderation",
        "Moderation: what went out of sight on a page, and what the platform says of it.",
    ),
    "review": ("reviewing:review", "What waits for a person, and a person's word on it."),
    "holds": ("holds:holds", "Legal holds: what they cover cannot be destroyed, by anybody."),
    "matters": (
        "matters:matters",
        "Matters: what holds are for. A hold may open one, or name one there is.",
    ),
    "requests": (
        "requests:requests",
        "The register of records requests: each freezes what it is about.",
    ),
    "orders": (
        "orders:orders",
        "Court orders: what a court restricts, seals or has destroyed, as it ordered.",
    ),
    "dispositions": (
        "dispositions:dispositions",
        "Plans of disposition: what is due and why, who approves it, and what became of it.",
    ),
    "purge": (
        "dispositions:purge",
        "Destroy lapsed transitory items, where the adoption authorises it.",
    ),
    "nightly": (
        "running:nightly",
        "Do one night's work now: capture every page, classify, index, purge.",
    ),
    "run": (
        "running:run",
        "Run the timetable until stopped: the nightly job, light visits, upkeep, alerts.",
    ),
    "listen": (
        "listening:listen",
        "Take in what platforms deliver by themselves, until stopped, and work it off.",
    ),
    "status": (
        "running:status",
        "Say how the archive stands, and what needs a hand; exits with 1 where something does.",
    ),
    "verify": (
        "upkeep:verify",
        "Prove that everything archived is whole, or name exactly what is not.",
    ),
    "rebuild": (
        "upkeep:rebuild",
        "Make catalogue and index anew from the object store alone, into an empty catalogue.",
    ),
    "backup": ("restoring:backup", "Write an encrypted backup to PATH, while the archive runs."),
    "restore": (
        "restoring:restore",
        "Put the backup PATH in place; then, with --reconcile, confirm what happened since.",
    ),
    "strays": (
        "upkeep:strays",
        "Kept bytes without a row: left by a capture that died.",
    ),
    "relock": (
        "locking:relock",
        "Bring the object store's locks to what holds and schedule ask for.",
    ),
    "ledger": ("ledger:ledger", "The account of every deed, signed: it only grows."),
    "index": ("indexing:index", "The full-text index: disposable, and never the truth."),
    "schedule": ("schedules:schedule", "Retention schedules: the law of the archive, as data."),
}
"""Every command: where it is, and its one line of help."""

STOPPED = 130
"""The exit code of a command that was stopped with Ctrl-C."""

T = TypeVar("T")


@dataclass
class Counter:
    """What a command is handed: the configuration's path, and the office, opened when asked for.

    *signing_as* names who signs in where it is not the person of the OS account.
    """

    config: Path
    signing_as: str = ""

    @cached_property
    def office(self) -> Office:
        """Open the archive.

        Raises:
            ConfigInvalid: the configuration has faults.
            CatalogueUnavailable: there is no archive yet.
        """
        from archiver.cli.asking import QUESTIONS
        from archiver.office import Office
        from archiver.office.lookup import read_config

        office = Office(
            read_config(self.config, os.environ), questions=QUESTIONS, signing_as=self.signing_as
        )
        click.get_current_context().find_root().call_on_close(office.close)
        if office.config.demonstration:
            click.echo("demonstration archive: nothing in here is a record", err=True)
        return office

    @property
    def for_reader(self) -> Office:
        """Open the archive to show what it keeps, or what people ask of that.

        Raises:
            NotPermitted: the actor of this process may not read; the attempt is entered.
        """
        from archiver.procedures.viewing import demand_reader

        demand_reader(self.office.account, self.office.person)
        return self.office


pass_counter: Callable[[Callable[..., T]], Callable[..., T]] = click.make_pass_decorator(Counter)
"""Hands a command the `Counter`."""


class LazyGroup(click.Group):
    """A group whose commands are imported only when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command, in the order of a custodian's day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command called *cmd_name*."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(f"archiver.cli.{module}"), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{name} is no command")
        return _line_by_line(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that *args* begin with, or say which name is near."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            if near := difflib.get_close_matches(args[0], COMMANDS, n=1):
                ctx.fail(f"{error.message} Did you mean {near[0]}?")
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader of its output who leaves early is no fault."""
        try:
            found = super().invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        else:
            return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Table the exit codes."""
        with formatter.section("Exit codes"):
            formatter.write_dl(exit_codes())


def _line_by_line(command: click.Command) -> click.Command:
    r"""Let the examples in the help of *command*, and of those below it, stand line by line.

    In our docstrings, which are raw, click's mark for that is two signs: \\b.
    """
    command.help = (command.help or "").replace("\\b\n", "\b\n")
    if isinstance(command, click.Group):
        for below in command.commands.values():
            _line_by_line(below)
    return command


def exit_codes() -> list[tuple[str, str]]:
    """Give every exit code with what it means."""
    codes = [("0", "done"), ("1", "done, with the faults that were named")]
    kinds = [kind for kind in vars(errors).values() if _is_error(kind) and kind.exit_code > 1]
    for kind in sorted(kinds, key=lambda kind: kind.exit_code):
        line = (kind.__doc__ or "").split(";")[0].split("\n")[0].rstrip(".")
        codes.append((str(kind.exit_code), line[:1].lower() + line[1:]))
    return codes


def _is_error(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, ArchiverError)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "config",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="ARCHIVER_CONFIG",
    default=Path("config.toml"),
    show_default=True,
    help="The configuration; or name it in ARCHIVER_CONFIG.",
)
@click.option(
    "--as",
    "signing_as",
    default="",
    metavar="NAME",
    help="Who you are, where it is not the OS account; you are asked for your credentials.",
)
@click.version_option(package_name="records-archiver")
@click.pass_context
def cli(ctx: click.Context, config: Path, signing_as: str) -> None:
    r"""Archive a department's social media as the public records they are.

    \b
    Examples:
      archiver init
      archiver capture --all
      archiver items search '"road closed" page:facebook'
      archiver status
    """
    ctx.obj = Counter(config, signing_as)


_line_by_line(cli)


def main() -> None:
    """Run the command line; errors become one message with a remedy, and an exit code.

    What the output's encoding has no sign for is written as an escape, and stops no answer.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(prog_name="archiver", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("stopped; what was not finished is found and finished by the next run", err=True)
        code = STOPPED
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = error.exit_code
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        words = context.command_path if context else "archiver"
        code = _say(errors.ConfigInvalid(error.format_message(), remedy=f"See `{words} --help`."))
    except ArchiverError as error:
        code = _say(error)
    except OSError as error:
        code = _say(_refused(error))
    sys.exit(_flushed(code if isinstance(code, int) else 0))


def _flushed(code: int) -> int:
    """Give *code*, or that of what keeps the end of the output from being written.

    What could not be written would be tried again as the interpreter ends, and its own exit code
    would take the place of ours: so it goes nowhere.
    """
    if not isinstance(sys.stdout, io.TextIOWrapper):  # None where it was closed from the start
        return code
    try:
        sys.stdout.flush()
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        return code or _say(_refused(error))
    return code


def _say(error: ArchiverError) -> int:
    """Print what happened and what to do; give the exit code."""
    for line in str(error).splitlines():
        click.echo(f"error: {line}", err=True)
    click.echo(f"remedy: {error.remedy}", err=True)
    return error.exit_code


def _refused(error: OSError) -> errors.FileRefused:
    """Explain what the operating system refused; an error it has no number for is passed on."""
    if error.errno is None:
        raise error
    names = [str(name) for name in (error.filename, error.filename2) if name is not None]
    return errors.FileRefused(": ".join([*names, error.strerror or os.strerror(error.errno)]))
