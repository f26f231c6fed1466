"""The verbs: one module per duty."""
