"""Classifiers: they suggest a tag and a series; they never decide."""
