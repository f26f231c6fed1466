"""A small schedule of our own invention, and how to change one line of it."""

from dataclasses import replace
from datetime import date

from archiver.records.adoption import Adoption
from archiver.records.schedule_reading import load_schedule
from archiver.records.wordings import ScheduleText

HEAD = """
[schedule]
name = "small"
title = "A small schedule"
state = "CA"
agency = "Smallville Police"
default_series = "COR"
public_comments = "COR"
minimum_after_activity = "P2Y"

[approval_chains]
clerk = ["records_custodian"]
none = []

[words]
fillers = ["all", "you"]

[guards.doubt]
phrases = ["but"]
patterns = ['[?]']
"""

TRANSITORY = """
[[series]]
number = "TR"
number_official = true
title = "Transitory"
falls_in = "Courtesies"
category = "transitory"
rule = "when_no_longer_required"
trigger = "admin_value_ended"
floor = "P60D"
floor_from = "created"
disposition = "destroy"
approval = "clerk"
citation = ["Ordinance 1"]
verified = true
confidence = "S"
basis = "authority"
[[series.examples]]
text = "Thanks!"
days = { created = 2026-01-02, last_activity = 2026-01-02, admin_value_ended = 2026-02-01 }
first_day_of_disposition = 2028-01-03
"""

CORRESPONDENCE = """
[[series]]
number = "COR"
number_official = false
title = "Correspondence"
falls_in = "Letters"
category = "substantive"
rule = "period"
period = "P3Y"
trigger = "last_activity"
disposition = "destroy"
approval = "clerk"
citation = ["Ordinance 2"]
verified = false
confidence = "F"
basis = "frame"
[[series.examples]]
text = "We sent a patrol."
days = { last_activity = 2026-01-02 }
first_day_of_disposition = 2029-01-03
"""

PERMANENT = """
[[series]]
number = "DIS"
number_official = false
title = "Disposition record"
falls_in = "Certificates"
category = "substantive"
rule = "permanent"
trigger = "created"
disposition = "permanent"
approval = "none"
citation = ["Ordinance 3"]
verified = true
confidence = "S"
basis = "authority"
[[series.examples]]
text = "A certificate."
days = { created = 2026-01-02 }
"""

RULES = """
[[rules]]
id = "incident"
says = "An incident."
cites = ["O4"]
tag = "substantive"
series = "COR"
confidence = 0.9
[rules.when]
phrases = ["arrest*"]
patterns = ['[0-9]{2}-[0-9]{4}']

[[rules]]
id = "thanks"
says = "Thanks."
cites = ["(l)"]
guards = ["doubt"]
fillers = ["much"]
tag = "transitory"
series = "TR"
confidence = 0.8
[rules.when]
own = true
max_words = 10
max_other_words = 0
phrases = ["thanks"]
"""

ADOPTION = """
[adoption]
instrument = "Resolution"
number = "12"
date = 2026-03-01
signed_by = ["A. Clerk"]
"""
"""What only a demonstration may carry in its own file."""

SMALL = HEAD + TRANSITORY + CORRESPONDENCE + PERMANENT + RULES


def changed(old="", new="", *, more=""):
    """The small schedule with *old* replaced by *new*, once, and *more* at its end."""
    assert SMALL.count(old) >= 1, old
    return SMALL.replace(old, new, 1) + more


def loaded(text=SMALL, *, wordings=None):
    texts = ScheduleText(toml=text.encode(), wordings=wordings.encode() if wordings else None)
    return load_schedule("small.toml", texts)


def adopted(text=SMALL, **changes):
    """The schedule of *text*, with an adoption of 1 March 2026 from the catalogue."""
    record = Adoption(
        instrument="Resolution",
        number="12",
        date=date(2026, 3, 1),
        signed_by=("A. Clerk",),
        **changes,
    )
    return replace(loaded(text), adoption=record)
