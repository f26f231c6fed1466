"""The catalogue: what we know about items. SQLAlchemy lives here."""

from archiver.catalogue.engine import Catalogue, Desk, Reading

__all__ = ["Catalogue", "Desk", "Reading"]
