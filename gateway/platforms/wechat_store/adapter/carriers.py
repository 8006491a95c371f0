"""Lists the carriers that the platform knows."""

from collections.abc import Sequence

from gateway.platforms.wechat_store.mapping.carriers import CARRIERS
from schema.carrier import Carrier


class Carriers:
    """Fills the port ReadsCarriers."""

    def all(self) -> Sequence[Carrier]:
        """In the manual's order."""
        return CARRIERS
