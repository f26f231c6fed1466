"""The rulebook: nouns and decisions, pure. No clock, no disk, no network."""
