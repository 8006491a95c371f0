"""Products of all shops: one, several, the merged list, and the products of a group."""

from collections import deque
from collections.abc import Mapping, Sequence

from gateway.ports import (
    Adapter,
    Page,
    ProductQuery,
    Provenance,
    ReadOptions,
    ReadsProducts,
)
from gateway.ports.writing.catalogue import KeptDetail
from gateway.services.batch_by_shop import Found, batch_by_shop, raised
from gateway.services.cursor import ListStart, PageArguments, Place, behind, read_cursor
from gateway.services.directory import Directory
from gateway.services.fan_out import FanOut, Listing, ListRequest
from gateway.services.index_reach import refuse_without_index
from gateway.services.indexed_lists import CountedPage
from gateway.services.indexed_products import IndexedProductService, ProductListQuery
from gateway.services.merge import Merged, PageSource, Part, SortOrder, by_shop_alone, merge
from gateway.services.seen_marks import SeenMarks
from gateway.services.viewer import Viewer
from gateway.stale_reads import StaleReads
from gateway.store.indexed_products import DraftRefusal
from schema.connection import SourceState
from schema.key import Key
from schema.loader_keys import DetailQuery, DraftRefusalQuery
from schema.product import Product
from schema.product_details import DetailImage, DetailText
from schema.product_status import ProductStatus


def _place(product: Product) -> Place:
    return (product.platform_id,)


def _with_products(group: Provenance, products: StaleReads) -> Provenance:
    """Where a group's page came from: STALE if any of its products did."""
    read = products.oldest
    if read is None:
        return group
    ages = [read.since, *([group.fetched_at] if group.fetched_at is not None else [])]
    return Provenance(
        state=SourceState.STALE, fetched_at=min(ages), error=group.error or read.error
    )


class ProductService:
    """Routes queries of products to the shops' ports."""

    def __init__(
        self,
        directory: Directory,
        fan_out: FanOut,
        indexed: IndexedProductService,
    ) -> None:
        self._directory = directory
        self._fan_out = fan_out
        self._indexed = indexed

    async def get_many(
        self, keys: Sequence[Key], viewer: Viewer, reading: ReadOptions
    ) -> Sequence[Found[Product]]:
        """Products in the order of their keys."""

        async def load(adapter: Adapter, mine: Sequence[Key]) -> Mapping[Key, Product]:
            if adapter.products is None:
                return {}
            if reading.indexed and adapter.exports_products is None:
                return await self._indexed.get_many(adapter, mine, viewer)
            found = await adapter.products.get_many([key.platform_id for key in mine], reading)
            return {key: found[key.platform_id] for key in mine if key.platform_id in found}

        return await batch_by_shop(self._directory, viewer, keys, load)

    async def statuses(
        self, keys: Sequence[Key], viewer: Viewer, reading: ReadOptions
    ) -> Sequence[Found[ProductStatus]]:
        """The statuses of products, in the order of their keys; UNKNOWN if not known."""

        async def load(adapter: Adapter, mine: Sequence[Key]) -> Mapping[Key, ProductStatus]:
            if adapter.products is None:
                return {}
            ids = [key.platform_id for key in mine]
            if reading.indexed and adapter.exports_products is None:
                found = await self._indexed.statuses(adapter, ids)
            else:
                found = await adapter.products.statuses(ids, reading)
            return {key: found.get(key.platform_id, ProductStatus.UNKNOWN) for key in mine}

        return await batch_by_shop(self._directory, viewer, keys, load)

    async def draft_refusals(
        self, queries: Sequence[DraftRefusalQuery], viewer: Viewer
    ) -> Sequence[Found[str]]:
        """Why drafts were refused, in the order of the queries.

        None if no event told it since the last edit, or the index is off.
        """

        async def load(adapter: Adapter, mine: Sequence[Key]) -> Mapping[Key, DraftRefusal]:
            ids = [key.platform_id for key in mine]
            found = await self._indexed.draft_refusals(adapter, ids)
            return {key: found[key.platform_id] for key in mine if key.platform_id in found}

        keys = [query.product for query in queries]
        found = await batch_by_shop(self._directory, viewer, keys, load)
        return [
            (kept.reason if kept.at >= (query.edited_at or 0) else None)
            if isinstance(kept, DraftRefusal)
            else kept
            for query, kept in zip(queries, found, strict=True)
        ]

    async def blocks(
        self, queries: Sequence[DetailQuery], viewer: Viewer
    ) -> Sequence[Found[Sequence[DetailText | DetailImage]]]:
        """Descriptions as written, in the order of the queries.

        None if the gateway did not write it, or another client has written it since.
        """

        async def load(adapter: Adapter, mine: Sequence[Key]) -> Mapping[Key, KeptDetail]:
            if adapter.kept_details is None:
                return {}
            kept = await adapter.kept_details.details([key.platform_id for key in mine])
            return {key: kept[key.platform_id] for key in mine if key.platform_id in kept}

        keys = [query.product for query in queries]
        found = await batch_by_shop(self._directory, viewer, keys, load)
        return [
            (kept.blocks if kept.answer == query.answer else None)
            if isinstance(kept, KeptDetail)
            else kept
            for query, kept in zip(queries, found, strict=True)
        ]

    async def page(
        self, listing: ProductListQuery, asked: PageArguments, viewer: Viewer, reading: ReadOptions
    ) -> CountedPage[Product]:
        """A page of the merged list, from the platforms; what they cannot answer, from the index.

        Raises:
            BadUserInput: an unknown shop, a cursor of another list, or an argument that needs the
                index where it is off.
            PlatformFailure | StoreUnavailable | Overloaded: every shop asked failed.
        """
        arguments = listing.indexed_arguments(asked)
        if not self._indexed.enabled:
            refuse_without_index(arguments)
        if arguments or (self._indexed.enabled and listing.chosen.search is not None):
            page = await self._indexed.page(listing, asked, viewer, reading)
        else:
            page = await self._listed(listing, asked, viewer, reading)

        async def total() -> int | None:
            if page.total is not None or not self._indexed.enabled:
                return page.total
            return await self._indexed.count(listing, viewer)

        return CountedPage(page, total)

    async def _listed(
        self, listing: ProductListQuery, asked: PageArguments, viewer: Viewer, reading: ReadOptions
    ) -> Merged[Product]:
        """The list as the platforms have it."""
        chosen = listing.chosen
        query = ProductQuery(
            statuses=frozenset(chosen.statuses) if chosen.statuses is not None else None,
            search=chosen.search,
        )
        products: Listing[Product, ReadsProducts] = Listing(
            ability="products",
            port=lambda adapter: adapter.products,
            read=lambda port, place, count, within: port.page(query, behind(place), count, within),
            order=SortOrder(by_shop_alone, _place),
        )
        request = ListRequest.marked(chosen, asked, listing.mark, timed=False)
        return await self._fan_out.across(viewer, products, request, reading)

    async def in_group(
        self, group: Key, after: str | None, first: int, viewer: Viewer, reading: ReadOptions
    ) -> Merged[Product] | None:
        """A group's products in the group's order; None if the group is gone.

        A product that is in the group but no longer on the platform is skipped.
        """
        places = read_cursor(after, timed=False)
        adapter = self._directory.find(group.shop, viewer)
        if adapter is None or adapter.groups is None:
            return None
        port = adapter.groups
        texts: dict[str, str] = {}
        within, seconds = self._fan_out.bounded(reading)

        async def read(place: Place, count: int) -> Page[Product]:
            before = SeenMarks(behind(place))
            found = (await port.get_many([group.platform_id], within)).get(group.platform_id)
            members = list(dict.fromkeys(found.product_ids or ())) if found else []
            rest = deque(member for member in members if member not in before)
            items: list[Product] = []
            with StaleReads() as stale:
                while rest and len(items) < count:
                    asked = [rest.popleft() for _ in range(min(count - len(items), len(rest)))]
                    keys = [Key("Product", group.shop, member) for member in asked]
                    for member, product in zip(
                        asked, await self.get_many(keys, viewer, within), strict=True
                    ):
                        texts[member] = before.add(member)
                        if (there := raised(product)) is not None:
                            items.append(there)
            return Page(
                items=items,
                more=bool(rest),
                total=len(members),
                provenance=_with_products(found.provenance if found else Provenance(), stale),
            )

        order: SortOrder[Product] = SortOrder(by_shop_alone, lambda one: (texts[one.platform_id],))
        feed = PageSource(adapter.shop, read)
        part = Part(start=ListStart(places=places), size=first)
        return await merge([feed], [], order, part, seconds)
