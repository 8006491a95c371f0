"""Times of a question as the ledger counts them: whole seconds, both ends included."""

import math
from collections.abc import Collection
from datetime import datetime
from enum import Enum


def first_second(moment: datetime | None) -> int | None:
    """The first whole second that is not before the moment."""
    return None if moment is None else math.ceil(moment.timestamp())


def last_second(moment: datetime | None) -> int | None:
    """The last whole second that is before the moment: the end of a range is not in it."""
    return None if moment is None else math.ceil(moment.timestamp()) - 1


def names(members: Collection[Enum] | None) -> list[str] | None:
    """The names by which the ledger knows the members; None means any."""
    return None if members is None else sorted(one.name for one in members)
