"""The catalogue: what we know about items. SQLAlchemy lives here."""
