"""The documents do not lie: what they name exists, and what exists is in them."""

from __future__ import annotations

import ast
import importlib
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest

from tests import commands_page

HOME = Path(__file__).parent.parent
README = HOME / "README.md"
DECISIONS = HOME / "docs" / "decisions"
DOCUMENTS = sorted([*HOME.glob("*.md"), *HOME.glob("docs/**/*.md"), *HOME.glob("*/README.md")])
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")


def named(path: Path) -> str:
    return path.relative_to(HOME).as_posix()


each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=named)


# --- the command line -----------------------------------------------------------------------


def root() -> click.Group:
    """Give the command line as click sees it."""
    return importlib.import_module("archiver.cli.root").cli


def commands() -> Iterator[tuple[str, click.Command, click.Context]]:
    """Give every command that does something, with its words: `archiver holds issue`."""

    def below(command: click.Command, above: click.Context | None, name: str):
        context = click.Context(command, parent=above, info_name=name)
        if isinstance(command, click.Group):
            for word in command.list_commands(context):
                yield from below(command.get_command(context, word), context, word)
        else:
            yield context.command_path, command, context

    yield from below(root(), None, "archiver")


def options_of(context: click.Context) -> Iterator[click.Option]:
    """Give every option that may stand on the line of this command, its groups' too."""
    while context is not None:
        for parameter in context.command.get_params(context):
            if isinstance(parameter, click.Option):
                yield parameter
        context = context.parent


def option_named(name: str, context: click.Context) -> click.Option | None:
    """Give the option of this command that is written *name*."""
    options = (o for o in options_of(context) if name in {*o.opts, *o.secondary_opts})
    return next(options, None)


def faults_of(line: str) -> list[str]:
    """Say what in a line that calls the archiver the command line does not know."""
    context = click.Context(root(), info_name="archiver")
    words = iter(shlex.split(line, comments=True)[1:])
    faults = []
    for word in words:
        if word.startswith("-"):
            name, _, value = word.partition("=")
            option = option_named(name, context)
            if option is None and name.startswith("--"):
                faults.append(f"{line}: {context.command_path} has no {name}")
            elif option is not None and not (value or option.is_flag or option.count):
                next(words, None)
        elif isinstance(context.command, click.Group):
            command = context.command.get_command(context, word)
            if command is None:
                return [*faults, f"{line}: there is no {context.command_path} {word}"]
            context = click.Context(command, parent=context, info_name=word)
    return faults


def called_in(text: str) -> list[str]:
    """Give the lines of a document or a help text that call the archiver."""
    lines = [
        line for _, block in BLOCK.findall(text) for line in block.replace("\\\n", " ").splitlines()
    ]
    lines += INLINE.findall(BLOCK.sub("", text))
    stripped = [line.strip().removeprefix("$ ") for line in lines]
    return [line for line in stripped if re.match(r"archiver [a-z-]", line)]


def test_every_command_has_help_that_ends_in_an_example():
    faults = []
    for path, command, context in commands():
        text = command.get_help(context)
        if not command.help:
            faults.append(f"{path}: no help")
        examples = re.findall(rf"^\s+(?:\$ )?({re.escape(path)}\b.*)$", text, re.MULTILINE)
        if not examples:
            faults.append(f"{path}: no example")
        for example in examples:
            faults += faults_of(example)

    assert faults == []


def test_every_option_has_help():
    faults = [
        f"{path} {option.opts[0]}"
        for path, command, context in commands()
        for option in command.get_params(context)
        if isinstance(option, click.Option) and not option.help
    ]

    assert faults == []


def test_every_command_is_documented():
    text = "\n".join(document.read_text("utf-8") for document in DOCUMENTS)
    documented = called_in(text)
    paths = [path for path, _, _ in commands()]

    assert [
        p for p in paths if not any(f"{line} ".startswith(f"{p} ") for line in documented)
    ] == []


def test_the_page_of_commands_is_what_the_program_says_of_itself():
    assert commands_page.PAGE.read_text("utf-8") == commands_page.written()


def test_no_command_can_be_forced():
    assert [path for path, _, context in commands() if option_named("--force", context)] == []


@each_document
def test_every_command_a_document_names_exists(document):
    if calls := called_in(document.read_text("utf-8")):
        assert [fault for line in calls for fault in faults_of(line)] == []


@pytest.mark.proof  # and run by `make check`, which looks after the documents
def test_the_snippets_of_the_readme_run_and_print_what_it_says(tmp_path):
    """Every ```console block, in order, in one empty folder: the reader's own afternoon."""
    away = {name: value for name, value in os.environ.items() if not name.startswith("ARCHIVER_")}
    away["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), away["PATH"]])
    for language, block in BLOCK.findall(README.read_text("utf-8")):
        if language == "console":
            for command, promised in steps(block):
                ran = subprocess.run(
                    ["bash", "-c", command], cwd=tmp_path, env=away, timeout=300,
                    capture_output=True, text=True, check=False,
                )  # fmt: skip
                assert ran.returncode == 0, f"{command}\n{ran.stdout}\n{ran.stderr}"
                assert missing(promised, ran.stdout) == [], f"{command}\n{ran.stdout}"


def steps(block: str) -> Iterator[tuple[str, list[str]]]:
    """Cut a console block into its commands and what each is said to print."""
    lines = block.replace("\\\n", " ").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start][2:], [line for line in lines[start + 1 : end] if line.strip()]


def missing(promised: list[str], printed: str) -> list[str]:
    """Give the promised lines that were not printed, in that order; `…` stands for anything."""
    rest = iter(printed.splitlines())
    absent = []
    for line in promised:
        pattern = ".*".join(re.escape(part) for part in line.strip().split("…"))
        if not any(re.fullmatch(pattern, shown.strip()) for shown in rest):
            absent.append(line)
    return absent


# --- the configuration ----------------------------------------------------------------------


def keys_asked_for() -> set[str]:
    """Give every key that the configuration is asked for, and every connector's own settings."""
    kinds = {
        "text",
        "optional",
        "integer",
        "number",
        "boolean",
        "texts",
        "choice",
        "clock",
        "variable",
    }
    kinds |= {"minutes", "table", "tables", "address", "named"}
    keys = set()
    for module in HOME.glob("archiver/config/*.py"):
        for call in ast.walk(ast.parse(module.read_text("utf-8"))):
            match call:
                case ast.Call(func=ast.Attribute(attr=verb), args=[ast.Constant(value=key), *_]):
                    keys |= {key} if verb in kinds else set()
    for entry in entry_points(group="archiver.connectors"):
        keys |= {setting.name for setting in entry.load().settings}
    return keys


def keys_shown() -> set[str]:
    """Give every key the example shows, be it in use or commented out."""
    text = (HOME / "config.example.toml").read_text("utf-8")
    return set(re.findall(r"^(?:# ?)?([a-z_]+) = ", text, re.MULTILINE))


def test_every_key_of_the_configuration_is_in_the_example_and_no_other():
    tables = {"agency", "archive", "objects", "purge", "holds", "timetable", "fetching", "alerts"}
    keys = keys_asked_for() - (tables - {"objects"}) - {"pages", "time_stamps"}

    assert {"time_zone", "objects", "nightly", "look_back_days"} < keys
    assert keys_shown() == keys


def test_the_example_configuration_is_read_without_a_fault(tmp_path):
    lookup = importlib.import_module("archiver.office.lookup")
    copy = tmp_path / "config.toml"
    copy.write_bytes((HOME / "config.example.toml").read_bytes())

    assert lookup.read_config(copy, {}).agency


NO_DEFAULT = {
    ("objects", "endpoint_url"), ("objects", "region"),
    ("fetching", "ca_file"), ("fetching", "requests_per_second"),
    ("alerts", "mail_to"), ("alerts", "mail_from"), ("listen", "public_url"), ("anchors", "folder"),
}  # fmt: skip
"""Keys that are not set at all where nobody sets them: the example shows how they look."""


def test_a_key_that_is_commented_out_shows_its_default(tmp_path):
    lookup = importlib.import_module("archiver.office.lookup")
    copy, section, differ, seen = tmp_path / "config.toml", "", set(), 0
    (tmp_path / "agency-ca.pem").write_bytes(b"")
    lines = (HOME / "config.example.toml").read_text("utf-8").partition("# [[")[0].splitlines()

    def read(told):
        copy.write_text("\n".join(told), "utf-8")
        return lookup.read_config(copy, {})

    untouched = read(lines)
    for at, line in enumerate(lines):
        section = line[1:].partition("]")[0] if line.startswith("[") else section
        if re.match(r"# \w+ = ", line):
            seen += 1
            if read([*lines[:at], line[2:], *lines[at + 1 :]]) != untouched:
                differ.add((section, line.split()[1]))

    assert seen > 30
    assert differ == NO_DEFAULT


# --- connectors -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(entry_points(group="archiver.connectors").names))
def test_the_page_of_connectors_tells_each_setting_and_everything_it_cannot_see(name):
    text = (HOME / "docs" / "connectors.md").read_text("utf-8")
    (entry,) = entry_points(group="archiver.connectors", name=name)
    connector = entry.load()
    _, _, section = text.partition(f"\n## {name}\n")
    section, _, _ = section.partition("\n## ")
    bullets = [" ".join(bullet.split()) for bullet in re.split(r"^- ", section, flags=re.MULTILINE)]
    _, *blind = re.split(r"^### What it cannot see$", section, flags=re.MULTILINE)

    seen = [line for line in connector.capabilities.blind_to if f"{line}" not in bullets]
    assert [s.name for s in connector.settings if f"`{s.name}`" not in section] == []
    assert seen == []
    assert len(blind) == 1
    assert len(re.findall(r"^- ", blind[0], re.MULTILINE)) == len(connector.capabilities.blind_to)
    assert f"Looks back: {connector.capabilities.backfill}." in " ".join(section.split())


# --- files, targets, links ------------------------------------------------------------------


def test_every_make_target_a_document_names_exists():
    targets = set(re.findall(r"^([a-z][\w-]*):", (HOME / "Makefile").read_text(), re.MULTILINE))
    asked = set()
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        lines = re.findall(r"`make ([a-z][a-z -]*)`", text)
        lines += re.findall(r"^make ([a-z -]+)", text, re.MULTILINE)
        asked |= {(named(document), word) for line in lines for word in line.split()}

    assert asked
    assert {(document, word) for document, word in asked if word not in targets} == set()


def test_make_help_names_every_target_that_is_for_people():
    text = (HOME / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)

    told = set(re.findall(r'@echo "make ([\w-]+)', text))

    assert set(phony.split()) - {"help"} == told


@each_document
def test_every_link_within_the_house_leads_somewhere(document):
    links = re.findall(r"\]\(([^)#\s]+)", document.read_text("utf-8"))
    within = [link for link in links if "://" not in link and not link.startswith("mailto:")]

    assert [link for link in within if not (document.parent / link).exists()] == []


@each_document
def test_every_file_of_ours_a_document_names_is_there(document):
    """A path in backticks that begins with a folder of ours and has no blank in it."""
    text = BLOCK.sub("", document.read_text("utf-8"))
    ours = r"`((?:archiver|connectors|tests|schedules|docs|services|changes|samples)/[\w./-]*)`"

    assert [path for path in re.findall(ours, text) if not (HOME / path).exists()] == []


def test_every_document_that_the_program_names_is_there():
    code = "\n".join(path.read_text("utf-8") for path in HOME.glob("archiver/**/*.py"))

    missing = [
        name for name in set(re.findall(r"docs/[\w/-]+\.md", code)) if not (HOME / name).is_file()
    ]

    assert not missing


def test_every_folder_of_the_archiver_is_on_the_map():
    text = (HOME / "ARCHITECTURE.md").read_text("utf-8")
    parts = [path.parent.name for path in HOME.glob("archiver/*/__init__.py")]
    parts += [path.stem for path in HOME.glob("archiver/*.py") if not path.stem.startswith("__")]

    assert [part for part in sorted(parts) if part not in text] == []


def test_every_decision_stands_in_the_index():
    index = (DECISIONS / "README.md").read_text("utf-8")
    pages = [path.name for path in sorted(DECISIONS.glob("*.md")) if path.name != "README.md"]

    assert [page for page in pages if f"({page})" not in index] == []


def test_every_word_of_the_glossary_stands_once_and_in_order():
    words = re.findall(r"^\*\*([^*]+)\*\*", (HOME / "GLOSSARY.md").read_text("utf-8"), re.MULTILINE)
    lowered = [word.lower() for word in words]

    assert len(words) > 50
    assert lowered == sorted(set(lowered))


def test_every_fragment_of_the_changelog_has_a_kind_we_know():
    kinds = {
        kind["directory"]
        for kind in tomllib.loads((HOME / "pyproject.toml").read_text())["tool"]["towncrier"][
            "type"
        ]
    }
    fragments = [p.name for p in (HOME / "changes").glob("*.md") if p.name != "README.md"]

    shaped = re.compile(rf"(\d+|\+[\w-]+)\.({'|'.join(sorted(kinds))})(\.\d+)?\.md")
    assert fragments
    assert [name for name in fragments if not shaped.fullmatch(name)] == []
