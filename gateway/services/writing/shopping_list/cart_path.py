"""Sets the page behind the cart button of shopping lists."""

from typing import Final

from gateway.outbox.shopping_list_intake import ShoppingListCommand, ShoppingListIntake
from gateway.outbox.shopping_list_messages import CartPath, shopping_list_message
from gateway.ports.writing.problems import Problems
from gateway.services.directory import Directory
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.receipts import GoodsReceipt
from gateway.services.writing.shopping_list.done import GoodsDone, goods_done
from gateway.services.writing.shopping_list.port import goods_port
from gateway.services.writing.targets import Targets
from gateway.services.writing.validation_errors import collecting_violations
from gateway.store.engine import Transaction
from gateway.store.mutation_receipts import left_before
from gateway.store.store import Store
from schema.shop import Shop

#: The longest path of a page.
_LONGEST_PATH: Final = 1024


class CartPathWriting:
    """Reads the path, asks the platform's rules, and brings it to the intake."""

    def __init__(
        self, directory: Directory, store: Store, intake: ShoppingListIntake, pushes: PushService
    ) -> None:
        self._directory = directory
        self._targets = Targets(directory)
        self._store = store
        self._intake = intake
        self._pushes = pushes

    async def set(self, shop: str, path: str, viewer: Viewer) -> GoodsDone[Shop]:
        """Sets the page behind the cart button.

        Raises:
            InputRefused: something of the input is wrong.
            StoreUnavailable: nothing was accepted.
        """
        receipt = left_before(GoodsReceipt) or await self._set(shop, path, viewer)
        things = [self._directory.get(shop, viewer).shop]
        return await goods_done(shop, things, receipt, "path", self._pushes, viewer, listed=False)

    async def _set(self, shop: str, path: str, viewer: Viewer) -> GoodsReceipt:
        port = goods_port(self._targets, shop, viewer)
        problems = Problems()
        if not path.strip() or len(path) > _LONGEST_PATH or not path.isprintable():
            problems.add(
                f"A page's path is 1 to {_LONGEST_PATH} characters, none of them a control"
                " character.",
                "path",
            )
        message = shopping_list_message("CART_PATH", CartPath(path=path))
        with collecting_violations(problems):
            port.check(message)
        problems.stop()

        async def keep(transaction: Transaction) -> None:
            await self._store.shops.set_cart_path(transaction, shop, path)

        command = ShoppingListCommand(aggregate="cart", message=message, subject=("Shop", ""))
        return await self._intake.carry_out(
            shop, keep, [command], lambda _, ids: GoodsReceipt(names=[], push_ids=ids)
        )
