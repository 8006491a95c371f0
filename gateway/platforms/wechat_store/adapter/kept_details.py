"""Descriptions as the gateway wrote them: the platform gives back html."""

from collections.abc import Mapping, Sequence

from gateway.platforms.wechat_store.adapter.originals import Originals
from gateway.platforms.wechat_store.mapping.product_details import blocks_from_wire
from gateway.ports.writing.catalogue import KeptDetail


class KeptDetails:
    """Fills the port KeepsDetails."""

    def __init__(self, originals: Originals) -> None:
        self._originals = originals

    async def details(self, products: Sequence[str]) -> Mapping[str, KeptDetail]:
        """What was written last of products, by platform id."""
        return {
            product: KeptDetail(kept.answer, blocks_from_wire(kept.sent.product_base.detail))
            for product, kept in (await self._originals.of_many(products)).items()
            if kept.sent is not None and kept.answer is not None
        }
