"""Want-to-buy lists, product data and the cart page of shopping lists."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from gateway.ledger.mapping.wanted_item import wanted_item as public_line
from gateway.outbox.goods import CartPath, WantedKey, goods_parcel
from gateway.outbox.goods_desk import GoodsDesk, GoodsWish
from gateway.outbox.parcel import Parcel
from gateway.ports import Adapter, Reading, TakesGoods
from gateway.services.directory import Directory
from gateway.services.products import ProductService
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.goods_inputs import product, wanted_item
from gateway.services.writing.order_inputs import InputReader
from gateway.services.writing.push_errors import push_errors
from gateway.services.writing.receipts import GoodsReceipt, LineReceipt
from gateway.services.writing.synced import brought_up_to_date
from gateway.services.writing.targets import Targets
from gateway.services.writing.unfit import noting_unfit
from gateway.store import wanted_items as store
from gateway.store.documents import WantedItemDocument
from gateway.store.engine import Transaction
from gateway.store.receipts import left_before
from gateway.store.store import Store
from gateway.writes.problems import Problems
from schema.inputs.product_sync import ProductsSyncInput
from schema.inputs.wanted_item import WantedItemKeyInput, WantedItemsImportInput
from schema.key import Key
from schema.product import Product
from schema.push import Push
from schema.shop import Shop
from schema.user_error import UserError
from schema.wanted_item import WantedItem

T = TypeVar("T")
Path = tuple[str, ...]

_ABILITY: Final = "shopping list"
#: Lines, or products, of one mutation.
MOST: Final = 500
#: The longest path of a page.
_LONGEST_PATH: Final = 1024
#: How many lines of a list are read at once.
_PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsDone(Generic[T]):
    """What was changed as it is now, its deliveries, and what the caller can act on."""

    things: Sequence[T] = ()
    pushes: list[Push] = field(default_factory=list)
    errors: list[UserError] = field(default_factory=list)


class GoodsWriting:
    """Reads the input, asks the platform's rules, and brings it to the desk.

    `now` gives unix seconds. Where something of an input is wrong, nothing of it is accepted:
    every method raises InputRefused then, and StoreUnavailable where nothing was accepted.
    """

    def __init__(
        self,
        directory: Directory,
        store: Store,
        desk: GoodsDesk,
        products: ProductService,
        pushes: PushService,
        now: Callable[[], float],
    ) -> None:
        self._targets = Targets(directory)
        self._directory = directory
        self._store = store
        self._desk = desk
        self._products = products
        self._pushes = pushes
        self._now = now

    async def import_wanted(
        self, given: WantedItemsImportInput, viewer: Viewer
    ) -> GoodsDone[WantedItem]:
        """Puts lines on a buyer's list, or replaces those that are on it."""
        receipt = left_before(GoodsReceipt) or await self._imported(given, viewer)
        found = await self._store.wanted_items.get_many(given.shop, receipt.names)
        lines = self._lines(given.shop, given.open_id, _receipts_of(receipt.names, found), viewer)
        return await self._done(given.shop, lines, receipt, "items", viewer)

    async def _imported(self, given: WantedItemsImportInput, viewer: Viewer) -> GoodsReceipt:
        shop, open_id = given.shop, given.open_id
        port = self._port(shop, viewer, "shop")
        reader = self._reader()
        reader.id(open_id, "openId")
        _not_too_many(reader, given.items, "items")
        documents = [
            wanted_item(reader, one, "items", place) for place, one in enumerate(given.items)
        ]
        keys = [
            store.WantedItemKey(one.platform_product_id, one.platform_sku_id) for one in documents
        ]
        _each_once(reader, keys, "items")
        parcels = [goods_parcel("WANTED_ITEMS_IMPORT", one, open_id) for one in documents]
        _check(port, reader, parcels, "items")
        reader.problems.stop()

        names = self._line_ids(shop, open_id, keys)

        async def keep(transaction: Transaction) -> None:
            await self._store.wanted_items.put_many(transaction, shop, open_id, documents)

        return await self._desk.carry_out(
            shop,
            keep,
            _wishes(names, parcels),
            lambda _, push_ids: GoodsReceipt(names=names, push_ids=push_ids),
        )

    async def remove_wanted(
        self,
        shop: str,
        open_id: str,
        given: Sequence[WantedItemKeyInput],
        viewer: Viewer,
    ) -> GoodsDone[WantedItem]:
        """Takes lines off a buyer's list; gives those that were on it, as they were.

        What the ledger does not have is taken off all the same: the platform may have it.
        """
        receipt = left_before(GoodsReceipt)
        if receipt is None:
            self._port(shop, viewer, "shop")
            reader = self._reader()
            reader.id(open_id, "openId")
            _not_too_many(reader, given, "items")
            keys = [
                store.WantedItemKey(one.platform_product_id, one.platform_sku_id or None)
                for one in given
            ]
            for place, key in enumerate(keys):
                reader.id(key.platform_product_id, "items", place, "platformProductId")
            _each_once(reader, keys, "items")
            reader.problems.stop()
            receipt = await self._removed(shop, open_id, keys)
        lines = self._lines(shop, open_id, receipt.lines, viewer)
        return await self._done(shop, lines, receipt, "items", viewer)

    async def clear_wanted(self, shop: str, open_id: str, viewer: Viewer) -> GoodsDone[WantedItem]:
        """Takes every line that the ledger knows off a buyer's list, for lack of a call for all."""
        receipt = left_before(GoodsReceipt)
        if receipt is None:
            self._port(shop, viewer, "shop")
            reader = self._reader()
            reader.id(open_id, "openId")
            reader.problems.stop()
            keys: list[store.WantedItemKey] = []
            after: store.WantedItemPosition | None = None
            while page := await self._store.wanted_items.page(
                shop, open_id, after=after, limit=_PAGE
            ):
                keys += (_key_of(line.document) for line in page)
                after = store.WantedItemPosition(page[-1].added_at, page[-1].item_id)
            if not keys:
                return GoodsDone()
            receipt = await self._removed(shop, open_id, keys)
        lines = self._lines(shop, open_id, receipt.lines, viewer)
        return await self._done(shop, lines, receipt, "items", viewer)

    async def sync(
        self, given: ProductsSyncInput, viewer: Viewer, reading: Reading
    ) -> GoodsDone[Product]:
        """Brings products up to date; SKUs that are not given stay as they are."""
        receipt = left_before(GoodsReceipt) or await self._synced(given, viewer)
        found = await self._products.get_many(
            [Key("Product", given.shop, name) for name in receipt.names], viewer, reading
        )
        things = [one for one in found if isinstance(one, Product)]
        return await self._done(given.shop, things, receipt, "products", viewer)

    async def _synced(self, given: ProductsSyncInput, viewer: Viewer) -> GoodsReceipt:
        shop = given.shop
        port = self._port(shop, viewer, "shop")
        reader = self._reader()
        _not_too_many(reader, given.products, "products")
        documents = [
            product(reader, one, "products", place) for place, one in enumerate(given.products)
        ]
        names = [document.platform_product_id for document in documents]
        _each_once(reader, names, "products")
        parcels = [goods_parcel("PRODUCTS_SYNC", one) for one in documents]
        _check(port, reader, parcels, "products")
        reader.problems.stop()

        async def keep(transaction: Transaction) -> None:
            known = await self._store.products.get_many(shop, names, within=transaction)
            entries = brought_up_to_date(documents, known, reader.now)
            await self._store.products.put_many(transaction, shop, entries)

        wishes = [
            GoodsWish(aggregate=f"product/{name}", parcel=parcel, subject=("Product", name))
            for name, parcel in zip(names, parcels, strict=True)
        ]
        return await self._desk.carry_out(
            shop, keep, wishes, lambda _, ids: GoodsReceipt(names=names, push_ids=ids)
        )

    async def set_cart_path(self, shop: str, path: str, viewer: Viewer) -> GoodsDone[Shop]:
        """Sets the page behind the cart button."""
        receipt = left_before(GoodsReceipt) or await self._path_set(shop, path, viewer)
        things = [self._directory.get(shop, viewer).shop]
        return await self._done(shop, things, receipt, "path", viewer)

    async def _path_set(self, shop: str, path: str, viewer: Viewer) -> GoodsReceipt:
        port = self._port(shop, viewer, "shop")
        reader = self._reader()
        if not path.strip() or len(path) > _LONGEST_PATH or not path.isprintable():
            reader.problems.add(
                f"A page's path is 1 to {_LONGEST_PATH} characters, none of them a control"
                " character.",
                "path",
            )
        parcel = goods_parcel("CART_PATH", CartPath(path=path))
        with noting_unfit(reader.problems):
            port.check(parcel)
        reader.problems.stop()

        async def keep(transaction: Transaction) -> None:
            await self._store.shops.set_cart_path(transaction, shop, path)

        wish = GoodsWish(aggregate="cart", parcel=parcel, subject=("Shop", ""))
        return await self._desk.carry_out(
            shop, keep, [wish], lambda _, ids: GoodsReceipt(names=[], push_ids=ids)
        )

    async def _removed(
        self, shop: str, open_id: str, keys: Sequence[store.WantedItemKey]
    ) -> GoodsReceipt:
        names = self._line_ids(shop, open_id, keys)
        parcels = [
            goods_parcel(
                "WANTED_ITEMS_REMOVE",
                WantedKey(
                    platform_product_id=key.platform_product_id,
                    platform_sku_id=key.platform_sku_id,
                ),
                open_id,
            )
            for key in keys
        ]

        async def keep(transaction: Transaction) -> list[LineReceipt]:
            found = await self._store.wanted_items.get_many(shop, names, within=transaction)
            await self._store.wanted_items.remove(transaction, shop, open_id, keys)
            return _receipts_of(names, found)

        return await self._desk.carry_out(
            shop,
            keep,
            _wishes(names, parcels),
            lambda lines, ids: GoodsReceipt(names=names, push_ids=ids, lines=lines),
        )

    def _lines(
        self, shop: str, open_id: str, lines: Iterable[LineReceipt], viewer: Viewer
    ) -> list[WantedItem]:
        # They were found by keyed hashes of this open id: it is theirs, can it be read or not.
        public = self._directory.get(shop, viewer).shop
        return [
            public_line(
                line.document,
                public,
                item_id=line.item_id,
                found=open_id,
                added_at=line.added_at,
            )
            for line in lines
        ]

    async def _done(
        self, shop: str, things: Sequence[T], receipt: GoodsReceipt, at: str, viewer: Viewer
    ) -> GoodsDone[T]:
        keys = [Key("Push", shop, str(push_id)) for push_id in receipt.push_ids]
        pushes = await self._pushes.get_many(keys, viewer)
        several = at != "path"
        errors = [
            error
            for place, push in enumerate(pushes)
            for error in push_errors(push, (at, str(place)) if several else (at,))
        ]
        return GoodsDone(
            things=things, pushes=[push for push in pushes if push is not None], errors=errors
        )

    def _line_ids(self, shop: str, open_id: str, keys: Sequence[store.WantedItemKey]) -> list[str]:
        return [self._store.wanted_items.item_id(shop, open_id, key) for key in keys]

    def _reader(self) -> InputReader:
        return InputReader(Problems(), int(self._now()))

    def _port(self, shop: str, viewer: Viewer, *field_: str) -> TakesGoods[Parcel]:
        def choose(adapter: Adapter) -> TakesGoods[Parcel] | None:
            return adapter.goods_writes

        return self._targets.port(shop, viewer, choose, _ABILITY, *field_)


def _wishes(ids: Sequence[str], parcels: Sequence[Parcel]) -> list[GoodsWish]:
    return [
        GoodsWish(aggregate=f"wanted/{name}", parcel=parcel, subject=("WantedItem", name))
        for name, parcel in zip(ids, parcels, strict=True)
    ]


def _receipts_of(
    names: Iterable[str], found: Mapping[str, store.StoredWantedItem]
) -> list[LineReceipt]:
    return [
        LineReceipt(name, found[name].document, found[name].added_at)
        for name in names
        if name in found
    ]


def _check(
    port: TakesGoods[Parcel], reader: InputReader, parcels: Sequence[Parcel], name: str
) -> None:
    for place, parcel in enumerate(parcels):
        with noting_unfit(reader.problems, name, place):
            port.check(parcel)


def _key_of(document: WantedItemDocument) -> store.WantedItemKey:
    return store.WantedItemKey(document.platform_product_id, document.platform_sku_id)


def _not_too_many(reader: InputReader, given: Sequence[object], name: str) -> None:
    if not 1 <= len(given) <= MOST:
        reader.problems.add(f"Give 1 to {MOST} of them.", name)


def _each_once(reader: InputReader, keys: Sequence[object], name: str) -> None:
    for place, key in enumerate(keys):
        if key in keys[:place]:
            reader.problems.add("It stands twice.", name, place)
