"""The wheel carries all it needs, and works where there is no checkout."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
import venv
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel of this checkout, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=HOME, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture
def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_carries_every_schedule_and_sample(contents):
    for folder in ("schedules", "samples"):
        shipped = [path for path in (HOME / folder).rglob("*") if path.is_file()]

        for path in shipped:
            if "__pycache__" not in path.parts and not path.name.startswith("."):
                name = f"archiver/_{folder}/{path.relative_to(HOME / folder).as_posix()}"
                assert contents[name] == path.read_bytes()
    assert contents["archiver/_config.example.toml"]


def test_the_wheel_carries_every_module_and_nothing_beside(contents):
    sources = [*HOME.glob("archiver/**/*.py"), *HOME.glob("connectors/**/*.py")]

    assert {path.relative_to(HOME).as_posix() for path in sources} - contents.keys() == set()
    tops = {name.split("/")[0] for name in contents}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"archiver", "connectors"}


def test_the_wheel_announces_the_command_and_every_connector(contents):
    (text,) = (data for name, data in contents.items() if name.endswith("entry_points.txt"))
    announced = ConfigParser(delimiters=("=",))
    announced.read_string(text.decode())
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]

    assert dict(announced["console_scripts"]) == project["scripts"]
    connectors = dict(announced["archiver.connectors"])
    assert connectors == project["entry-points"]["archiver.connectors"]
    for target in connectors.values():
        module = target.partition(":")[0].replace(".", "/")
        assert {f"{module}.py", f"{module}/__init__.py"} & contents.keys(), target


def test_the_wheel_carries_the_licence(contents):
    (text,) = (data for name, data in contents.items() if name.endswith("licenses/LICENSE"))

    assert b"Apache License" in text


@pytest.mark.proof
def test_the_wheel_works_in_an_empty_environment_far_from_the_checkout(wheel, tmp_path):
    """Installed as a department would: the wheel, and the lock file's versions of the rest."""
    venv.create(tmp_path / "env", with_pip=True)
    program = tmp_path / "env" / "bin"
    install = [program / "python", "-m", "pip", "install", "--quiet", "--no-input"]
    locked = ["--require-hashes", "--only-binary", ":all:", "-r", HOME / "requirements.lock"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    subprocess.run([*install, *locked], cwd=elsewhere, check=True, timeout=600)
    subprocess.run([*install, "--no-deps", wheel], cwd=elsewhere, check=True, timeout=120)
    shown = subprocess.run(
        [program / "archiver", "schedule", "show", "indio-ca", "--json"],
        cwd=elsewhere, check=True, timeout=60, capture_output=True, text=True,
    )  # fmt: skip

    assert "CW-026" in json.dumps(json.loads(shown.stdout))
