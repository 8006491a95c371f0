"""Ports that change products, their stock and their pictures.

Every method takes a `deadline`, a moment on the event loop's clock or None, and raises
`PlatformFailure` where the platform failed: `AnswerLost` where it may have done it all the same.
Nothing is sent twice.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from schema.inputs.product import ProductCreateInput, ProductUpdateInput
from schema.product import Product
from schema.product_details import DetailImage, DetailText
from schema.product_status import ProductListing


class WritesProducts(Protocol):
    """Adds, changes and removes products, which are named by their platform id."""

    async def create(self, given: ProductCreateInput, deadline: float | None) -> Product:
        """The product as the platform has it.

        Raises:
            InputRefused: a rule of the platform is broken.
        """

    async def update(
        self, product: str, change: ProductUpdateInput, deadline: float | None
    ) -> Product:
        """The product as the platform has it, with what was given and all else as it was.

        Raises:
            Absent: there is no such product.
            InputRefused: a rule of the platform is broken, or what it does not give back is
                missing.
        """

    async def delete(self, product: str, deadline: float | None) -> None:
        """Removes a product.

        Raises:
            Absent: there is no such product.
        """

    async def set_status(
        self, product: str, listing: ProductListing, deadline: float | None
    ) -> None:
        """Puts a product on or off the shelf.

        Raises:
            Absent: there is no such product.
        """


class AdjustsStock(Protocol):
    """Changes how many units of a SKU there are."""

    async def adjust(self, product: str, sku: str, delta: int, deadline: float | None) -> None:
        """Adds `delta` units, or takes them away where it is negative; 0 asks nothing.

        Raises:
            Absent: there is no such SKU.
            InputRefused: there are fewer units than shall be taken away.
        """


class UploadsImages(Protocol):
    """Gives pictures to the platform."""

    async def upload(self, content: bytes, name: str | None, deadline: float | None) -> str:
        """The address under which the platform keeps the picture.

        Args:
            content: the picture as it is.
            name: what its file is called, if the caller said.
            deadline: as above.

        Raises:
            InputRefused: it is none that the platform takes.
        """


class KeptDetail(NamedTuple):
    """A product's description as it was written last.

    It is current only while the product's answer has this fingerprint.
    """

    answer: str
    blocks: Sequence[DetailText | DetailImage]


class KeepsDetails(Protocol):
    """Descriptions that the platform does not give back as it takes them."""

    async def details(self, products: Sequence[str]) -> Mapping[str, KeptDetail]:
        """What is remembered, by the products' platform ids."""
