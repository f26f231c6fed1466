"""Bags in folders, as BagIt 1.0 (RFC 8493) lays them out. Nothing here knows what they hold."""

from archiver.bagging.writing import BagFolder, Entry, Packed, Proof

__all__ = ["BagFolder", "Entry", "Packed", "Proof"]
