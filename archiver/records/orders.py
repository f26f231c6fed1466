"""Court orders: what a court may order for items, and what an archive may make of it.

An order has the effect it was given and no other: nothing follows from its title. In doubt it
restricts, which can be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Effect(StrEnum):
    """What an order does with what it names, as ordered."""

    RESTRICT = "restrict"
    SEAL = "seal"
    SEAL_THEN_DESTROY = "seal_then_destroy"
    DESTROY = "destroy"
    RETURN = "return"

    @property
    def destroys(self) -> bool:
        """Say whether, at its end, nothing is left of what it names."""
        return self in {Effect.SEAL_THEN_DESTROY, Effect.DESTROY, Effect.RETURN}

    @property
    def closes(self) -> bool:
        """Say whether it closes what it names to most or all, from its confirmation on."""
        return self in {Effect.RESTRICT, Effect.SEAL, Effect.SEAL_THEN_DESTROY}

    @property
    def keeps(self) -> bool:
        """Say whether what it names stays as it is, due or not, until the order says otherwise.

        A closed record is kept closed, not destroyed by a schedule; a seal has an end that the
        order names. What is to be handed back must be here for that.
        """
        return self.closes or self is Effect.RETURN

    @property
    def seals(self) -> bool:
        """Say whether what it names is shown to counsel alone."""
        return self in {Effect.SEAL, Effect.SEAL_THEN_DESTROY}


class OrderStatus(StrEnum):
    """Where an order stands."""

    ENTERED = "entered"
    CONFIRMED = "confirmed"
    IN_FORCE = "in_force"
    HANDED_OVER = "handed_over"
    RECEIVED = "received"
    BEGUN = "begun"
    STOPPED = "stopped"
    BY_HAND = "by_hand"
    CARRIED_OUT = "carried_out"
    LIFTED = "lifted"

    @property
    def over(self) -> bool:
        """Say whether an order that stands so asks for nothing any more."""
        return self in {OrderStatus.CARRIED_OUT, OrderStatus.LIFTED}


class Answer(StrEnum):
    """What a person says of a place in which a name could not be looked for, or not be struck."""

    NOTHING = "nothing"
    DONE = "done"
    STRIKE = "strike"
    KEEP = "keep"

    @property
    def is_counsels(self) -> bool:
        """Say whether only counsel may say so: it destroys a document, or leaves a name."""
        return self in {Answer.STRIKE, Answer.KEEP}


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtOrder:
    """An order as counsel read it. *as_ordered* are its own words, where they decide.

    *names* are by which words of people may tell of whom it is for, besides what its items say.
    *to* is to whom an order to return has them handed.
    """

    court: str
    number: str
    dated: date
    effect: Effect = Effect.RESTRICT
    destroy_on: date | None = None
    as_ordered: str = ""
    names: tuple[str, ...] = ()
    to: str = ""

    def faults(self, state: str, *, on: date) -> list[str]:
        """Say why an archive of *state* may not take the order as it was read, on the day *on*.

        Missouri closes records and does not destroy them: there, only words of the order itself
        destroy.
        """
        found: list[str] = []
        if self.dated > on:
            found.append(f"the order is dated {self.dated.isoformat()}, which is still to come")
        if (self.destroy_on is not None) != (self.effect is Effect.SEAL_THEN_DESTROY):
            found.append("a day of destruction belongs to seal_then_destroy, and to nothing else")
        if self.destroy_on is not None and self.destroy_on <= self.dated:
            found.append("the day of destruction is not after the order's own")
        if bool(self.to.strip()) != (self.effect is Effect.RETURN):
            found.append("to whom it is handed belongs to an order to return, and to nothing else")
        if state == "MO" and self.effect.destroys and not self.as_ordered.strip():
            found.append(
                "Missouri closes records and does not destroy them, "
                "unless the order says so in words"
            )
        return found

    def may_destroy(self, *, on: date) -> bool:
        """Say whether the order destroys on the day *on* already."""
        return self.effect.destroys and (self.destroy_on is None or on >= self.destroy_on)
