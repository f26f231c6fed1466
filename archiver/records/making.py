"""Making many records quickly: of frozen dataclasses, where a hundred thousand are made in a run.

A frozen dataclass fills each of its fields in a way of its own, several times as slow as an
assignment. What is made here is filled while it is of a class with the same fields that is not
frozen, and is frozen then: whoever is handed it cannot tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, field, fields, make_dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

P = ParamSpec("P")
Made = TypeVar("Made")
Row = TypeVar("Row", bound="DataclassInstance")


def made_of(kind: type[Row]) -> Callable[[Iterable[object]], Row]:
    """Give what makes a record of its values, one for each field of *kind*, in their order.

    For a frozen dataclass with slots, and values that need no check: what *kind* would check is
    not. It takes a twentieth of what calling *kind* does.
    """
    thawed = make_dataclass(kind.__name__, [each.name for each in fields(kind)], slots=True)

    def make(values: Iterable[object]) -> Row:
        row = thawed(*values)
        row.__class__ = kind
        return cast("Row", row)

    return make


def quickly(kind: Callable[P, Made]) -> Callable[P, Made]:
    """Give what makes a record as calling *kind* does, of the same arguments, and more quickly.

    For a frozen dataclass with slots. What *kind* checks when it is made is checked.
    """
    check = getattr(kind, "__post_init__", None)

    def freeze(made: object) -> None:
        if check is not None:
            check(made)
        made.__class__ = kind  # type: ignore[assignment] # a dataclass of the same slots

    thawed = make_dataclass(
        getattr(kind, "__name__", ""),
        [(each.name, each.type, _as_filled(each)) for each in fields(cast("type[Any]", kind))],
        namespace={"__post_init__": freeze},
        slots=True,
    )
    return cast("Callable[P, Made]", thawed)


def _as_filled(each: Field[Any]) -> object:
    """Give a field that is filled as *each* is."""
    if each.default_factory is not MISSING:
        return field(default_factory=each.default_factory, kw_only=each.kw_only)
    return field(default=each.default, kw_only=each.kw_only)
