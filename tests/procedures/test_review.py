from __future__ import annotations

import pytest

from archiver.procedures import review
from archiver.records.classification import Tag
from archiver.records.errors import ConfigInvalid
from tests.archive import Archive, an_observation


@pytest.mark.parametrize(
    ("series", "remedy"),
    [
        ("NONE-1", "`archiver schedule show demo` lists them."),
        ("DEMO-200", "Say --tag substantive, or name a series of transitory records: "),
    ],
)
def test_a_series_that_does_not_go_with_the_decision_is_refused_with_what_to_do(
    archive: Archive, series: str, remedy: str
):
    archive.capture(an_observation("1"))
    office = archive.office

    with pytest.raises(ConfigInvalid) as refused:
        review.decide(
            office.account,
            office.objects,
            archive.person,
            office.schedule,
            archive.item("1").item,
            tag=Tag.TRANSITORY,
            series=series,
            reason="a greeting",
        )

    assert refused.value.remedy.startswith(remedy)
    assert "config.example.toml" not in refused.value.remedy
