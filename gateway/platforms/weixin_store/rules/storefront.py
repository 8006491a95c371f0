"""Rules for a product's place on the home page (section 7)."""

from typing import Final

from gateway.ports.writing.problems import Problems
from gateway.ports.writing.storefront import Placement

#: A position is at most this far away from the present one, by the platform's page; what is further
#: is refused by the platform, which alone knows the present one.
_LAST: Final = 100_000


def check_placement(placement: Placement) -> None:
    """Checks what is to be set.

    Raises:
        InputRefused: nothing is to be set, or the position is none.
    """
    problems = Problems()
    if placement == Placement():
        problems.add("Give at least one of `position`, `hidden` and `pinned`.")
    if placement.position is not None and not 1 <= placement.position <= _LAST:
        problems.add(f"Positions are counted from 1, to {_LAST} at most.", "position")
    problems.stop()
