"""docs/invariants.md says which tests keep each invariant; here it is held to that."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.proofs import invariants
from tests.proofs.lifecycle_model import GUARDS

HOME = Path(__file__).parents[2]
PAGE = (HOME / "docs" / "invariants.md").read_text("utf-8")
SECTION = re.compile(r"^## (.*)\n([^#]*)", re.MULTILINE)
SECTIONS = dict(SECTION.findall(PAGE))
NUMBERS = list(dict.fromkeys(GUARDS.values()))


def line_of(number: str, name: str) -> str:
    found = re.search(rf"^- {name}: (.*)$", SECTIONS[number], re.MULTILINE)
    return found[1] if found else ""


def names_in(path: Path) -> set[str]:
    body = ast.parse(path.read_text("utf-8")).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef)}


def test_every_invariant_has_its_section_in_order():
    assert list(SECTIONS) == NUMBERS


@pytest.mark.parametrize("number", NUMBERS)
def test_the_guards_named_are_those_of_the_model(number):
    named = re.findall(r"\*([^*]+)\*", line_of(number, "model"))

    assert named == [guard for guard, keeps in GUARDS.items() if keeps == number]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_case_named_is_a_test_that_exists(number):
    cases = re.findall(r"^  - `([^`]+)::([^`]+)`$", SECTIONS[number], re.MULTILINE)

    assert cases
    for path, name in cases:
        assert name in names_in(HOME / path), f"{path} has no {name}"


def test_every_function_that_asks_for_an_invariant_is_named_under_it():
    asked = {name for name in vars(invariants) if re.match(r"[ldt]\d+_", name)}
    named = {
        name: number
        for number in SECTIONS
        for name in re.findall(r"`(\w+)`", line_of(number, "life"))
    }

    assert named.keys() == asked
    assert all(
        number.lower() in name.split("_") for name, number in named.items() if number != "D2"
    )
