"""The signed copy of the ledger: keys, notes, tiles."""
