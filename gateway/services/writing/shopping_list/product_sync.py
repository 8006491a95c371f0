"""Brings the product data of shopping lists up to date."""

from collections.abc import Callable
from typing import Final

from gateway.outbox.shopping_list_intake import ShoppingListCommand, ShoppingListIntake
from gateway.outbox.shopping_list_messages import shopping_list_message
from gateway.ports import ReadOptions
from gateway.ports.writing.problems import Problems
from gateway.services.directory import Directory
from gateway.services.products import ProductService
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.input_reader import InputReader
from gateway.services.writing.receipts import GoodsReceipt
from gateway.services.writing.shopping_list.done import GoodsDone, goods_done
from gateway.services.writing.shopping_list.inputs import product
from gateway.services.writing.shopping_list.port import add_violations_of_messages, goods_port
from gateway.services.writing.shopping_list.synced import brought_up_to_date
from gateway.services.writing.targets import Targets
from gateway.store.engine import Transaction
from gateway.store.mutation_receipts import left_before
from gateway.store.store import Store
from schema.inputs.product_sync import ProductsSyncInput
from schema.key import Key
from schema.product import Product

#: Products of one mutation.
MOST: Final = 500


class ProductSync:
    """Reads the input, asks the platform's rules, and brings it to the intake.

    `now` gives unix seconds. Where something of an input is wrong, nothing of it is accepted:
    InputRefused is raised then, and StoreUnavailable where nothing was accepted.
    """

    def __init__(
        self,
        directory: Directory,
        store: Store,
        intake: ShoppingListIntake,
        products: ProductService,
        pushes: PushService,
        now: Callable[[], float],
    ) -> None:
        self._targets = Targets(directory)
        self._store = store
        self._intake = intake
        self._products = products
        self._pushes = pushes
        self._now = now

    async def sync(
        self, given: ProductsSyncInput, viewer: Viewer, reading: ReadOptions
    ) -> GoodsDone[Product]:
        """Brings products up to date; SKUs that are not given stay as they are."""
        receipt = left_before(GoodsReceipt) or await self._synced(given, viewer)
        found = await self._products.get_many(
            [Key("Product", given.shop, name) for name in receipt.names], viewer, reading
        )
        things = [one for one in found if isinstance(one, Product)]
        return await goods_done(given.shop, things, receipt, "products", self._pushes, viewer)

    async def _synced(self, given: ProductsSyncInput, viewer: Viewer) -> GoodsReceipt:
        shop = given.shop
        port = goods_port(self._targets, shop, viewer)
        reader = InputReader(Problems(), int(self._now()))
        reader.several(given.products, MOST, "products")
        documents = [
            product(reader, one, "products", place) for place, one in enumerate(given.products)
        ]
        names = [document.platform_product_id for document in documents]
        reader.each_once(names, "products")
        messages = [shopping_list_message("PRODUCTS_SYNC", one) for one in documents]
        add_violations_of_messages(port, reader.problems, messages, "products")
        reader.problems.stop()

        async def keep(transaction: Transaction) -> None:
            known = await self._store.products.get_many(shop, names, within=transaction)
            entries = brought_up_to_date(documents, known, reader.now)
            await self._store.products.put_many(transaction, shop, entries)

        commands = [
            ShoppingListCommand(
                aggregate=f"product/{name}", message=message, subject=("Product", name)
            )
            for name, message in zip(names, messages, strict=True)
        ]
        return await self._intake.carry_out(
            shop, keep, commands, lambda _, ids: GoodsReceipt(names=names, push_ids=ids)
        )
