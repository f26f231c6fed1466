"""docs/commands.md, written from the command line itself: `python -m tests.commands_page`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from archiver.cli.root import cli, exit_codes

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"

BEGINNING = """\
# Commands

Every command takes `--help`. Commands that read take `--json`, and print one JSON document and
nothing else; words meant for people go beside it, to the error output. On a terminal lists are
tables, elsewhere lines of cells parted by tabs. The configuration is `config.toml` in the current
folder, or what `ARCHIVER_CONFIG` names, or what stands after `archiver --config`. Who does a deed
is the person of the OS account, or who signs in with `archiver --as NAME`, by passphrase and code.

This page is written from the program's own help by `python -m tests.commands_page`.
"""


def each_command() -> Iterator[tuple[click.Command, click.Context]]:
    """Give every command and group, in the order in which `--help` lists them."""

    def below(command: click.Command, context: click.Context):
        if isinstance(command, click.Group):
            for word in command.list_commands(context):
                found = command.get_command(context, word)
                inner = click.Context(found, parent=context, info_name=word)
                yield found, inner
                yield from below(found, inner)

    yield from below(cli, click.Context(cli, info_name="archiver"))


def written() -> str:
    """Give the whole page."""
    parts = [BEGINNING]
    for command, context in each_command():
        parts.append(_group(command) if isinstance(command, click.Group) else "")
        if not isinstance(command, click.Group):
            parts.append(_command(command, context))
    parts.append("## Exit codes\n")
    parts.append("| code | |\n|---|---|\n" + "".join(f"| {c} | {w} |\n" for c, w in exit_codes()))
    return "\n".join(part for part in parts if part)


def _group(group: click.Group) -> str:
    return f"## {group.name}\n\n{_told(group)[0]}\n"


def _command(command: click.Command, context: click.Context) -> str:
    words = context.command_path.removeprefix("archiver ")
    depth = "###" if " " in words else "##"
    told, examples = _told(command)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    lines = "\n".join(examples)
    return f"{depth} {words}\n\n`{usage}`\n\n{told}\n\n```sh\n{lines}\n```\n{_options(command)}"


def _options(command: click.Command) -> str:
    rows = []
    for option in command.params:
        if isinstance(option, click.Option):
            name, text = option.get_help_record(click.Context(command)) or ("", "")
            cells = (f"`{name}`", " ".join(text.split()))
            rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    return "\n| option | |\n|---|---|\n" + "".join(rows) if rows else ""


def _told(command: click.Command) -> tuple[str, list[str]]:
    """Give what a command says of itself, and its examples."""
    text = inspect.cleandoc(command.help or "").replace("\b\n", "")
    told, _, examples = text.replace("Examples:", "Example:").partition("Example:\n")
    return told.strip(), [line.strip() for line in examples.splitlines() if line.strip()]


if __name__ == "__main__":
    PAGE.write_text(written(), "utf-8")
