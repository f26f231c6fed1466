"""As sent: the platform's own bytes of a version, and the exchange that brought them."""

from __future__ import annotations

from archiver.ports import ObjectReader
from archiver.records.canonical import read_object
from archiver.records.identity import ObjectRef, Part
from archiver.records.items import RawFragment, from_object


def as_sent(objects: ObjectReader, item: str, digest: str) -> RawFragment:
    """Give what the platform sent of the version of *item* whose object has that *digest*.

    Raises:
        ObjectError: the object is lost, or is not what its name says.
    """
    content, _ = from_object(read_object(objects.read(ObjectRef(item, Part.CONTENT, digest))))
    return content.raw
