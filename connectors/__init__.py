"""Connectors: one module per platform, known by entry point."""
