"""Ids of what an order consists of: its lines and parcels, and the lines of its after-sales."""

from collections.abc import Hashable, Iterable

import strawberry

from schema.key import Key

#: Separates the parts within `Key.part`; platforms' ids hold no control characters.
_SEPARATOR = "\x1e"


def line_id(kind: str, owner: Key, *parts: str) -> strawberry.ID:
    """An opaque, stable id, unique over all orders.

    Args:
        kind: the GraphQL type.
        owner: the key of the order, or of the after-sale.
        parts: what tells the line apart within it.
    """
    part = _SEPARATOR.join((owner.part, *parts))
    return strawberry.ID(Key(kind, owner.shop, owner.platform_id, part).encode())


def positions(goods: Iterable[Hashable]) -> list[int]:
    """The position of each line among those of equal goods, in order; 0 for the first."""
    seen: dict[Hashable, int] = {}
    found = []
    for one in goods:
        position = seen.get(one, 0)
        seen[one] = position + 1
        found.append(position)
    return found
