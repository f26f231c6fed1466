"""Credentials as they are kept: passphrases hashed, secrets sealed, codes reckoned."""
