from pathlib import Path

from alembic.script import ScriptDirectory

from archiver import catalogue
from archiver.catalogue.upgrading import NEWEST


def test_the_version_this_program_knows_is_the_head_of_the_migrations():
    migrations = Path(catalogue.__file__).parent / "migrations"

    assert ScriptDirectory(str(migrations)).get_current_head() == NEWEST
