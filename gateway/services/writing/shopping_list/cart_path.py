"""Sets the page behind the cart button of shopping lists."""

from typing import Final

from gateway.outbox.goods import CartPath, goods_parcel
from gateway.outbox.goods_desk import GoodsDesk, GoodsWish
from gateway.ports.writing.problems import Problems
from gateway.services.directory import Directory
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.receipts import GoodsReceipt
from gateway.services.writing.shopping_list.done import GoodsDone, goods_done
from gateway.services.writing.shopping_list.port import goods_port
from gateway.services.writing.targets import Targets
from gateway.services.writing.unfit import noting_unfit
from gateway.store.engine import Transaction
from gateway.store.receipts import left_before
from gateway.store.store import Store
from schema.shop import Shop

#: The longest path of a page.
_LONGEST_PATH: Final = 1024


class CartPathWriting:
    """Reads the path, asks the platform's rules, and brings it to the desk."""

    def __init__(
        self, directory: Directory, store: Store, desk: GoodsDesk, pushes: PushService
    ) -> None:
        self._directory = directory
        self._targets = Targets(directory)
        self._store = store
        self._desk = desk
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
        parcel = goods_parcel("CART_PATH", CartPath(path=path))
        with noting_unfit(problems):
            port.check(parcel)
        problems.stop()

        async def keep(transaction: Transaction) -> None:
            await self._store.shops.set_cart_path(transaction, shop, path)

        wish = GoodsWish(aggregate="cart", parcel=parcel, subject=("Shop", ""))
        return await self._desk.carry_out(
            shop, keep, [wish], lambda _, ids: GoodsReceipt(names=[], push_ids=ids)
        )
