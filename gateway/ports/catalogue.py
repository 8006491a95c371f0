"""Ports that read products, categories, groups, shelves and delivery templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from gateway.ports.lists import CompleteList, Page, Provenance, ReadOptions
from schema.category import Category, PropertyDefinition, SkuAttributeDefinition
from schema.delivery import DeliveryTemplate
from schema.product import Product
from schema.product_status import ProductStatus
from schema.shelf import Shelf
from schema.shipment import Carrier


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductQuery:
    """Which products: None means any; `search` is case-insensitive, all its words must occur."""

    statuses: frozenset[ProductStatus] | None = None
    search: str | None = None


class ReadsProducts(Protocol):
    """Products, ordered by platform id."""

    async def get_many(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Product]:
        """Products by platform id; reads in bulk if that is cheaper."""

    async def page(
        self, query: ProductQuery, after: str | None, first: int, reading: ReadOptions
    ) -> Page[Product]:
        """At most `first` products that follow the platform id `after`."""

    async def statuses(
        self, ids: Sequence[str], reading: ReadOptions
    ) -> Mapping[str, ProductStatus]:
        """The statuses of products, in one call."""


class ReadsCatalogue(Protocol):
    """The platform's own category tree and its attribute tables."""

    async def children(self, parent: str | None, reading: ReadOptions) -> Sequence[Category]:
        """The children of a category, or the roots."""

    async def name(self, category: str, reading: ReadOptions) -> str | None:
        """A category's name; None if the platform's tree does not have it."""

    async def sku_attributes(
        self, category: str, reading: ReadOptions
    ) -> Sequence[SkuAttributeDefinition]:
        """The SKU attributes of a category, with all values."""

    async def properties(self, category: str, reading: ReadOptions) -> Sequence[PropertyDefinition]:
        """The product properties of a category, with all values."""


class Group(NamedTuple):
    """A group of products: its id, its name and, if requested, its products' ids."""

    platform_id: str
    name: str
    product_ids: tuple[str, ...] | None
    provenance: Provenance = Provenance()


class ReadsGroups(Protocol):
    """Groups of products."""

    async def all(self, reading: ReadOptions) -> Sequence[Group]:
        """All groups, without their products, in the platform's order."""

    async def get_many(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Group]:
        """Groups by id, with their products."""


class ReadsShelves(Protocol):
    """Shelves."""

    async def all(self, reading: ReadOptions) -> CompleteList[Shelf]:
        """All shelves, by platform id (as numbers)."""

    async def get(self, shelf: str, reading: ReadOptions) -> Shelf | None:
        """One shelf."""


class ReadsCarriers(Protocol):
    """The carriers that a shop's platform lists, where it is asked for them."""

    async def all(self, reading: ReadOptions) -> Sequence[Carrier]:
        """The carriers with a code, in the platform's order."""


class ReadsDeliveryTemplates(Protocol):
    """Delivery templates."""

    async def all(self, reading: ReadOptions) -> Sequence[DeliveryTemplate]:
        """All templates, in the platform's order."""

    async def get_many(
        self, ids: Sequence[str], reading: ReadOptions
    ) -> Mapping[str, DeliveryTemplate]:
        """Templates by id."""
