"""Standing lists: a text for people that still tells one entry from another."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.records.standing_lists import Change, Entry, as_text, change, entries_of

WORDS = st.text(st.sampled_from("ab [](){}\n\t@.é"), max_size=8)
KEYS = st.text(st.sampled_from("ab []1\n"), min_size=1, max_size=6).filter(str.strip)
ENTRIES = st.lists(st.builds(Entry, KEYS, WORDS), max_size=6)


@settings(max_examples=60)
@given(ENTRIES)
def test_what_is_written_is_read_again_whatever_people_call_themselves(entries):
    text = as_text(entries)

    assert as_text(entries_of(text)) == text
    assert as_text(reversed(entries_of(text))) == text
    assert change(text, text) == Change()


@settings(max_examples=60)
@given(ENTRIES, ENTRIES)
def test_every_entry_of_two_versions_came_went_reads_otherwise_or_stayed(old, new):
    before, after = entries_of(as_text(old)), entries_of(as_text(new))

    changed = change(as_text(old), as_text(new))

    stayed = {e.key for e in before} & {e.key for e in after}
    assert {e.key for e in changed.added} == {e.key for e in after} - stayed
    assert {e.key for e in changed.dropped} == {e.key for e in before} - stayed
    assert {a.key for a, _ in changed.altered} == {
        a.key for a in before for b in after if a.key == b.key and a != b
    }
    assert changed.emptied == (bool(before) and not after)


def test_who_writes_brackets_into_a_name_is_not_taken_for_somebody_else():
    text = as_text([Entry("7", "@troll [8]"), Entry("8", "@a\nb [7]")])

    assert text.split("\n") == ["@troll [8] [7]", "@a b [7] [8]"]
    assert entries_of(text) == (Entry("7", "@troll [8]"), Entry("8", "@a b [7]"))
