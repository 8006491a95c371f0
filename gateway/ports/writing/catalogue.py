"""Ports that change products, their stock and their images.

Every method takes a `deadline`, a time on the event loop's clock or None, and raises
`PlatformFailure` if the platform failed: `AnswerLost` if it may have done it. Nothing is sent
twice.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from schema.inputs.product import ProductCreateInput, ProductUpdateInput
from schema.money import Money
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
        """The product as the platform has it, with only the given fields changed.

        Raises:
            Absent: there is no such product.
            InputRefused: a rule of the platform is broken, or a field that it does not return is
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
        """Lists or unlists a product; a platform that audits drafts lists it when that is done.

        Raises:
            Absent: there is no such product.
        """


class AdjustsStock(Protocol):
    """Changes the stock of SKUs."""

    async def adjust(self, product: str, sku: str, delta: int, deadline: float | None) -> None:
        """Adds `delta` units, or removes them if it is negative; 0 makes no call.

        Raises:
            Absent: there is no such SKU.
            InputRefused: there are fewer units than are to be removed.
        """


class SetsStock(Protocol):
    """Sets the stock of SKUs."""

    async def set_stock(self, product: str, sku: str, stock: int, deadline: float | None) -> None:
        """Sets the number of units, 0 or more, whatever it was.

        Raises:
            Absent: there is no such SKU.
        """


class SetsPrices(Protocol):
    """Sets the prices of SKUs of listed products, without an audit."""

    async def set_price(self, product: str, sku: str, price: Money, deadline: float | None) -> None:
        """Sets the price of one unit.

        Raises:
            Absent: there is no such SKU.
            InputRefused: a rule of the platform is broken; paths begin with `price`.
        """


class WithdrawsDrafts(Protocol):
    """Takes drafts of products out of the platform's audit."""

    async def withdraw(self, product: str, deadline: float | None) -> None:
        """Takes the draft out of its audit: it can be changed again.

        Raises:
            Absent: there is no such product.
        """


class UploadsImages(Protocol):
    """Uploads images to the platform."""

    async def upload(self, content: bytes, name: str | None, deadline: float | None) -> str:
        """The platform's URL of the uploaded image.

        Args:
            content: the image file.
            name: its file name, if given.
            deadline: as above.

        Raises:
            InputRefused: the platform does not accept this image.
        """


class KeptDetail(NamedTuple):
    """A product's description as last written.

    It is current only while the product's answer has this fingerprint.
    """

    answer: str
    blocks: Sequence[DetailText | DetailImage]


class KeepsDetails(Protocol):
    """Descriptions that the platform does not return as written."""

    async def details(self, products: Sequence[str]) -> Mapping[str, KeptDetail]:
        """The stored descriptions, by the products' platform ids."""
