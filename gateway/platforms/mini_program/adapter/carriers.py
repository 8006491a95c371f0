"""The carriers that the shopping list knows."""

from collections.abc import Sequence

from gateway.platforms.mini_program.mapping.carriers import CARRIERS
from schema.carrier import Carrier


class MiniProgramCarriers:
    """Implements `ReadsCarriers`."""

    def all(self) -> Sequence[Carrier]:
        """In the manual's order."""
        return [Carrier(code=code, name=name) for code, name in CARRIERS.items()]
