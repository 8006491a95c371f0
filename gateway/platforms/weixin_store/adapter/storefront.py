"""Reads the home page and its classification, and sets products' places on it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from gateway.errors import PlatformRejected
from gateway.platform_kit.calls import ask, each
from gateway.platform_kit.provenance import provenance
from gateway.platform_kit.writes import send_write
from gateway.platforms.weixin_store.endpoints import (
    GET_BANNER,
    GET_CLASS_PRODUCTS,
    GET_CLASSES,
    GET_WINDOW,
    HIDE_PRODUCT,
    PIN_PRODUCT,
    REORDER_PRODUCT,
)
from gateway.platforms.weixin_store.mapping.storefront import (
    HOME_PAGE,
    HOME_PRODUCTS,
    ClassId,
    class_id,
    groups_from_wire,
    home_page,
    visible_products,
)
from gateway.platforms.weixin_store.rules.storefront import check_placement
from gateway.platforms.weixin_store.wire.base import Nothing
from gateway.platforms.weixin_store.wire.storefront import (
    BannerResponse,
    ClassProducts,
    ClassProductsRequest,
    ClassProductsResponse,
    HideRequest,
    ReorderRequest,
    TopRequest,
    WindowProduct,
    WindowRequest,
    WindowResponse,
)
from gateway.ports import CompleteList, Group, ReadOptions
from gateway.ports.writing.storefront import Placement
from gateway.upstream.answer import PlatformAnswer
from gateway.upstream.client import PlatformClient
from gateway.upstream.document import document
from schema.shelf import Shelf
from schema.shop import Shop

#: There is neither a banner nor an application for one.
_NO_BANNER: Final = "268549675"
#: The most that the platform gives at once.
_PAGE: Final = 30
#: Pages of the home page that are read: a call each, and nobody scrolls further.
_MOST_PAGES: Final = 10
#: A class has 500 products at most.
_CLASS_PAGES: Final = 20


class HomePage:
    """Implements ReadsShelves: the home page is the store's one shelf."""

    def __init__(self, client: PlatformClient, shop: Shop) -> None:
        self._client = client
        self._shop = shop

    async def all(self, reading: ReadOptions) -> CompleteList[Shelf]:
        """The home page."""
        tree = await ask(self._client, GET_CLASSES, Nothing(), reading)
        window = await read_window(self._client, reading)
        banner = await self._banner(reading)
        answers = [tree, *window, *([banner] if banner is not None else [])]
        shelf = home_page(
            tree.value,
            _products(window),
            None if banner is None else banner.value.banner,
            self._shop,
            partial(_document, tree, window, banner),
        )
        return CompleteList(items=(shelf,), provenance=provenance(*answers))

    async def get(self, shelf: str, reading: ReadOptions) -> Shelf | None:
        """The home page by its fixed id."""
        return (await self.all(reading)).items[0] if shelf == HOME_PAGE else None

    async def _banner(self, reading: ReadOptions) -> PlatformAnswer[BannerResponse] | None:
        try:
            return await ask(self._client, GET_BANNER, Nothing(), reading)
        except PlatformRejected as refusal:
            if refusal.platform_code == _NO_BANNER:
                return None
            raise


class Classification:
    """Implements ReadsGroups: the classes of the home page, and the products that it shows."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def all(self, reading: ReadOptions) -> Sequence[Group]:
        """All classes, without their products, each first level before those below it."""
        answer = await ask(self._client, GET_CLASSES, Nothing(), reading)
        return answer.derive(groups_from_wire)

    async def get_many(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Group]:
        """Classes by id, with their products; the home page's products are a group too."""
        return await each(ids, partial(self._get, reading=reading))

    async def _get(self, group: str, reading: ReadOptions) -> Group | None:
        if group == HOME_PRODUCTS:
            window = await read_window(self._client, reading)
            ids = visible_products(_products(window))
            return Group(group, "", ids, provenance(*window))
        known = {one.platform_id: one for one in await self.all(reading)}
        wanted = class_id(group)
        if wanted is None or group not in known:
            return None
        answers = await self._class_products(wanted, reading)
        products = [id_ for one in answers for id_ in _ids(one.value)]
        return known[group]._replace(
            product_ids=tuple(dict.fromkeys(products)), provenance=provenance(*answers)
        )

    async def _class_products(
        self, wanted: ClassId, reading: ReadOptions
    ) -> list[PlatformAnswer[ClassProductsResponse]]:
        answers: list[PlatformAnswer[ClassProductsResponse]] = []
        context: str | None = None
        while len(answers) < _CLASS_PAGES:
            one = ClassProducts(
                level_1_id=wanted.level_1,
                level_2_id=wanted.level_2,
                page_size=_PAGE,
                page_context=context,
            )
            request = ClassProductsRequest(req=one)
            answer = await ask(self._client, GET_CLASS_PRODUCTS, request, reading)
            answers.append(answer)
            page = answer.value.resp
            context = page.page_context if page is not None else None
            if not context or not _ids(answer.value):
                break
        return answers


class StorefrontWrites:
    """Implements PlacesProducts."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def place(self, product: str, placement: Placement, deadline: float | None) -> None:
        """Pins, shows and moves a product, in this order: a pinned one moves among its like."""
        check_placement(placement)
        if placement.pinned is not None:
            pin = TopRequest(product_id=product, is_set_top=int(placement.pinned))
            await send_write(self._client, PIN_PRODUCT, pin, deadline)
        if placement.hidden is not None:
            hide = HideRequest(product_id=product, is_set_hide=int(placement.hidden))
            await send_write(self._client, HIDE_PRODUCT, hide, deadline)
        if placement.position is not None:
            move = ReorderRequest(product_id=product, index_num=placement.position)
            await send_write(self._client, REORDER_PRODUCT, move, deadline)


async def read_window(
    client: PlatformClient, reading: ReadOptions
) -> list[PlatformAnswer[WindowResponse]]:
    """The first pages of the home page's products, in its order."""
    answers: list[PlatformAnswer[WindowResponse]] = []
    key: str | None = None
    seen = 0
    while len(answers) < _MOST_PAGES:
        answer = await ask(
            client, GET_WINDOW, WindowRequest(page_size=_PAGE, next_key=key), reading
        )
        answers.append(answer)
        products = answer.value.products or ()
        key, seen = answer.value.next_key, seen + len(products)
        # The platform says by nothing else that a page is the last one.
        if not key or not products or seen >= int(answer.value.total_num or 0):
            break
    return answers


def _products(window: Sequence[PlatformAnswer[WindowResponse]]) -> list[WindowProduct]:
    return [product for page in window for product in page.value.products or ()]


def _ids(page: ClassProductsResponse) -> list[str]:
    return [str(id_) for id_ in (page.resp.product_ids if page.resp else None) or ()]


def _document(
    tree: PlatformAnswer[Any],
    window: Sequence[PlatformAnswer[Any]],
    banner: PlatformAnswer[Any] | None,
) -> Any:
    """The platform's documents that the home page is made of."""
    pages = [document(page.body).get("products") or [] for page in window]
    return {
        "classification": document(tree.body).get("resp"),
        "products": [product for page in pages for product in page],
        "banner": None if banner is None else document(banner.body).get("banner"),
    }
