"""Full-text indexes: rebuildable at any time, never the truth. Whoosh lives here."""
