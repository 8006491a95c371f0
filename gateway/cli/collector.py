"""Sets Python's garbage collector for a server: what lives as long as it does is not looked at."""

import gc
from typing import Final

#: New objects between two looks at the youngest; by default 700, which a single answer makes.
_YOUNG: Final = 50_000
_MIDDLE: Final = 20
_OLD: Final = 100


def settle() -> None:
    """Take all that is there now out of the collector's sight, and let it look more rarely."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
