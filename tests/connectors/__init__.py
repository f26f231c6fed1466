"""Connectors, each against a scripted platform of its own kind."""
