"""The command line as a whole: what it offers, and what it says of itself."""

from __future__ import annotations

import re

import click
import pytest

from archiver.cli.root import COMMANDS, cli
from archiver.records import errors


def each_command():
    """Give every command that does something, as the words that call it."""

    def below(words: list[str], command: click.Command):
        if isinstance(command, click.Group):
            context = click.Context(command)
            for word in command.list_commands(context):
                yield from below([*words, word], command.get_command(context, word))
        else:
            yield words, command

    yield from below([], cli)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_of_each_what_its_own_help_says(name):
    command = cli.get_command(click.Context(cli), name)

    (first, *_) = (command.help or "").splitlines()
    assert COMMANDS[name][1] == first


def test_every_command_answers_help_with_its_example(newcomer):
    silent = []
    for words, _ in each_command():
        said = newcomer(*words, "--help")
        if said.code or not re.search(rf"^ +archiver {' '.join(words)}", said.out, re.MULTILINE):
            silent.append(words)

    assert silent == []


def test_help_tables_the_exit_code_of_every_kind_of_refusal(newcomer):
    shown = newcomer("--help").out

    codes = {int(code) for code in re.findall(r"^  (\d+)  ", shown, re.MULTILINE)}
    kinds = [k for k in vars(errors).values() if isinstance(k, type)]
    refusals = {k.exit_code for k in kinds if issubclass(k, errors.ArchiverError)}
    assert codes == refusals | {0, 1}


def test_every_command_that_reads_can_answer_in_json():
    reading = {"list", "show", "search", "thread", "status", "verify", "check", "plan"}
    reading |= {"capture", "import", "nightly", "purge"}
    mute = [
        words
        for words, command in each_command()
        if words[-1] in reading and not any("--json" in p.opts for p in command.params)
    ]

    assert mute == []


def test_no_option_names_another_actor():
    named = {
        option
        for _, command in each_command()
        for parameter in command.params
        for option in parameter.opts
    }

    assert named & {"--actor", "--as", "--by", "--user", "--person", "--force"} == set()


def test_a_mistyped_command_is_told_the_one_that_is_near(newcomer):
    said = newcomer("serach")
    other = newcomer("statsu")

    assert (said.code, other.code) == (2, 2)
    assert "Did you mean status?" in other.err
    assert "remedy: See `archiver --help`." in other.err


def test_a_mistyped_option_is_refused_with_the_help_that_lists_them(clerk):
    said = clerk("items", "search", "bus", "--limt", "3")

    assert said.code == 2
    assert "--limt" in said.err
    assert "remedy: See `archiver items search --help`." in said.err


def test_the_program_is_the_module_too(newcomer):
    said = newcomer.from_nothing("--version")

    assert said.code == 0
    assert said.out.startswith("archiver, version ")
