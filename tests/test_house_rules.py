"""The rules of the house that neither ruff, mypy nor import-linter can see."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import tokenize
import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

import archiver.records
from archiver.records import errors

HOME = Path(__file__).parent.parent
OURS = sorted([*HOME.glob("archiver/**/*.py"), *HOME.glob("connectors/**/*.py")])
WRITTEN = [path for path in OURS if "versions" not in path.parts]
TESTS = sorted(HOME.glob("tests/**/*.py"))
SCRIPTS = sorted([*HOME.glob("benchmarks/**/*.py"), *HOME.glob("services/**/*.py")])

NOT_OUR_WORDS = {
    "util", "utils", "helper", "helpers", "manager", "misc", "common", "delete", "policy",
}  # fmt: skip
LONGEST_MODULE = 350
LONGEST_FUNCTION = 40
READS_THE_WALL = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
    ("time", "time"), ("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"),
}  # fmt: skip
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
SILENCER = re.compile(
    r"#\s*(?:noqa|type:\s*ignore|pragma:\s*no cover)"
    r"(?:\[[\w, -]+\]|:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?(?P<reason>.*)"
)


def named(path: Path) -> str:
    return path.relative_to(HOME).as_posix()


def asked_of(modules: Sequence[Path]) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    """Ask a rule of every module in one test, which names each that breaks it.

    A test apiece would be thousands, and starting them takes longer than asking.
    """

    def in_one_test(rule: Callable[[Path], None]) -> Callable[[], None]:
        def test() -> None:
            broken = {}
            for module in modules:
                try:
                    rule(module)
                except AssertionError as why:
                    broken[named(module)] = str(why)
            assert modules
            assert broken == {}

        test.__name__, test.__doc__ = rule.__name__, rule.__doc__
        return test

    return in_one_test


each_module = asked_of(WRITTEN)
each_test_module = asked_of(TESTS)
each_file = asked_of([*WRITTEN, *TESTS, *SCRIPTS])


@cache
def every_node(module: Path) -> dict[type[ast.AST], list[ast.AST]]:
    """Read a module once, for all the rules that look at it."""
    found: dict[type[ast.AST], list[ast.AST]] = {}
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        found.setdefault(type(node), []).append(node)
    return found


@pytest.fixture(autouse=True, scope="module")
def _forgotten() -> Iterator[None]:
    """Forget every module's nodes at the end: they are millions."""
    yield
    every_node.cache_clear()


def nodes(module: Path, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    return (node for kind in kinds for node in every_node(module).get(kind, ()))


def words_of(name: str) -> set[str]:
    return {w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def callee(call: ast.Call) -> tuple[str, str]:
    """Give the last two names of what *call* calls: `datetime.datetime.now` → datetime, now."""
    match call.func:
        case ast.Attribute(attr=verb, value=ast.Name(id=owner) | ast.Attribute(attr=owner)):
            return owner, verb
        case ast.Name(id=verb) | ast.Attribute(attr=verb):
            return "", verb
    return "", ""


@each_module
def test_we_use_our_own_words(module):
    names = {n.name for n in nodes(module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)}
    names |= {module.stem, module.parent.name}

    assert {name: words for name in names if (words := words_of(name) & NOT_OUR_WORDS)} == {}


@each_module
def test_a_module_can_be_read_in_one_sitting(module):
    assert len(module.read_text("utf-8").splitlines()) <= LONGEST_MODULE


@each_module
def test_a_function_can_be_seen_at_one_glance(module):
    """Its body counts, from its first line to its last; its docstring, which is a promise, not."""
    long = {}
    for function in nodes(module, ast.FunctionDef, ast.AsyncFunctionDef):
        lines = function.end_lineno - function.lineno + 1
        if ast.get_docstring(function) is not None:
            promise = function.body[0]
            lines -= promise.end_lineno - promise.lineno + 1
        if lines >= LONGEST_FUNCTION:
            long[function.name] = lines

    assert long == {}


@each_module
def test_only_the_office_looks_at_the_wall(module):
    if named(module) == "archiver/office/__init__.py":
        return
    calls = {callee(call) for call in nodes(module, ast.Call)}

    assert calls & READS_THE_WALL == set()


@each_module
def test_nothing_unfinished_is_handed_over(module):
    text = module.read_text("utf-8")

    assert UNFINISHED.findall(text) == []
    assert "NotImplementedError" not in text


@each_module
def test_no_error_is_caught_without_knowing_which(module):
    """What catches everything must raise it again."""
    greedy = []
    for handler in nodes(module, ast.ExceptHandler):
        caught = {n.id for n in ast.walk(handler.type or handler) if isinstance(n, ast.Name)}
        everything = handler.type is None or caught & {"Exception", "BaseException"}
        if everything and not any(isinstance(n, ast.Raise) for n in ast.walk(handler)):
            greedy.append(handler.lineno)

    assert greedy == []


@each_test_module
def test_a_test_waits_for_nothing_but_what_it_asked_for(module):
    sleeping = [call.lineno for call in nodes(module, ast.Call) if callee(call)[1] == "sleep"]

    assert sleeping == []


@each_test_module
def test_no_test_talks_to_a_mock(module):
    """Nor puts a function of its own in the place of ours; a constant it may make smaller."""
    imported = set()
    for node in nodes(module, ast.Import, ast.ImportFrom):
        origin = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        imported |= {*origin, *(alias.name for alias in node.names)}
    arguments = {argument.arg for argument in nodes(module, ast.arg)}
    functions = {function.name for function in nodes(module, ast.FunctionDef)}
    replaced = [
        call.lineno
        for call in nodes(module, ast.Call)
        if callee(call) in {("monkeypatch", "setattr"), ("monkeypatch", "setitem")}
        if isinstance(call.args[-1], ast.Lambda | ast.Call)
        or (isinstance(call.args[-1], ast.Name) and call.args[-1].id in functions)
    ]

    assert {name for name in imported if "mock" in name.split(".")} == set()
    assert "mocker" not in arguments
    assert replaced == []


@each_file
def test_whoever_silences_a_check_says_why(module):
    if SILENCER.search(module.read_text("utf-8")) is None:
        return  # cutting it into its tokens takes long
    with module.open("rb") as source:
        comments = [t for t in tokenize.tokenize(source.readline) if t.type == tokenize.COMMENT]
    silencers = [(t.start[0], found) for t in comments if (found := SILENCER.search(t.string))]

    assert [line for line, found in silencers if len(found["reason"].split()) < 3] == []


def test_every_rule_left_out_of_ruff_has_its_reason_beside_it():
    text = (HOME / "pyproject.toml").read_text("utf-8")
    ruff = text[text.index("[tool.ruff.lint]") : text.index("[tool.ruff.lint.pydocstyle]")]
    rules = [line for line in ruff.splitlines() if re.search(r'"[A-Z]+\d*"', line)]
    left_out = [line for line in rules if not line.startswith("select")]

    assert len(left_out) > 10
    assert [line for line in left_out if not re.search(r"#\s+\S+ \S+", line)] == []


# --- errors ---------------------------------------------------------------------------------


def drawn_tree() -> list[tuple[str, str | None, int]]:
    """Read the tree of the module's docstring: every class, its parent, its exit code."""
    rows: list[tuple[str, str | None, int]] = []
    line_of_descent: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"^([│├└─ ]*)(\w+) +(\d+)  \S", line):
            depth = len(found[1]) // 4
            del line_of_descent[depth:]
            rows.append((found[2], line_of_descent[-1] if depth else None, int(found[3])))
            line_of_descent.append(found[2])
    return rows


def error_classes() -> list[type[errors.ArchiverError]]:
    own = [value for value in vars(errors).values() if isinstance(value, type)]
    return [value for value in own if issubclass(value, errors.ArchiverError)]


def test_the_drawn_tree_shows_every_error_its_parent_and_its_exit_code():
    classes = [
        (
            error.__name__,
            None if error is errors.ArchiverError else error.__bases__[0].__name__,
            error.exit_code,
        )
        for error in error_classes()
    ]

    assert sorted(drawn_tree()) == sorted(classes)


def test_no_two_errors_share_an_exit_code():
    codes = [error.exit_code for error in error_classes()]

    assert len(set(codes)) == len(codes)
    assert all(0 < code < 126 for code in codes)


def test_every_error_says_what_happened_and_what_to_do():
    for error in error_classes():
        assert "exit_code" in vars(error), error
        assert "remedy" in vars(error), error
        assert error.remedy.endswith("."), error
        assert error.__doc__, error


@each_module
def test_errors_are_born_in_one_module_only(module):
    if named(module) == "archiver/records/errors.py":
        return
    known = {error.__name__ for error in error_classes()}
    strays = [
        node.name
        for node in nodes(module, ast.ClassDef)
        for base in node.bases
        if (base.id if isinstance(base, ast.Name) else getattr(base, "attr", "")) in known
    ]

    assert strays == []


# --- the lock -------------------------------------------------------------------------------

LOCKS = ("requirements.lock", "requirements-dev.lock", "services/mastodon/requirements.lock")


def locked(name: str) -> dict[str, str]:
    text = (HOME / name).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, flags=re.MULTILINE))


def required(requirements: list[str]) -> set[str]:
    names = (re.match(r"[\w.-]+", requirement) for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", name[0]).lower() for name in names if name}


def test_the_lock_files_hold_every_dependency_and_what_it_must_hash_to():
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    extras = project["project"]["optional-dependencies"]

    asked = project["project"]["dependencies"] + extras["postgresql"] + groups["build"]
    assert required(asked) - locked("requirements.lock").keys() == set()
    assert required(groups["dev"]) - locked("requirements-dev.lock").keys() == set()
    for name in LOCKS:
        pins = re.split(r"\n(?=\S)", (HOME / name).read_text("utf-8"))
        assert [pin for pin in pins if "==" in pin and "--hash=sha256:" not in pin] == []


def test_both_lock_files_agree():
    runtime, development = locked("requirements.lock"), locked("requirements-dev.lock")

    shared = runtime.keys() & development.keys()
    assert {n for n in shared if runtime[n] != development[n]} == set()


def test_the_lock_files_name_no_registry_and_no_machine():
    for name in LOCKS:
        text = (HOME / name).read_text("utf-8")

        assert re.findall(r"\w+://\S+|--index|--find-links|@ file", text) == []


def test_the_search_engine_is_pinned_to_one_release():
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))
    (whoosh,) = (d for d in project["project"]["dependencies"] if d.startswith("whoosh"))

    assert re.fullmatch(r"whoosh3==[\d.]+", whoosh)
    assert locked("requirements.lock")["whoosh3"] == whoosh.partition("==")[2]


# --- the rulebook ---------------------------------------------------------------------------


def test_every_module_of_the_rulebook_says_what_it_is_about():
    for found in pkgutil.iter_modules(archiver.records.__path__, "archiver.records."):
        assert importlib.import_module(found.name).__doc__, found.name
