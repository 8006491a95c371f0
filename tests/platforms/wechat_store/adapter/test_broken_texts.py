"""What the platform sends with broken characters is shown, and never written back so."""

from typing import Any

import pytest

from gateway.ports import ReadOptions
from gateway.ports.writing.problems import InputRefused
from schema.errors import ErrorCode
from schema.inputs.product import DetailBlockInput, ProductUpdateInput
from schema.inputs.shelf import ShelfUpdateInput
from tests.platforms.wechat_store.conftest import OpenShop
from tests.platforms.wechat_store.product_inputs import id_of
from tests.platforms.wechat_store.samples import body
from tests.upstream.server import Platform, Raw, Received, answer, platform

BROKEN = [b"caf\xe8\x8c", "茶叶".encode("gb18030"), b"\\ud83d"]
BROKEN_IDS = ["cut off", "GB18030", "half of a pair"]
DETAIL: dict[str, Any] = {"detail": [DetailBlockInput(text="a")], "properties": []}


def _script(typed: bytes) -> Any:
    product = body("get.response").replace(b'"testaddproduct"', b'"%b"' % typed)
    shelf = body("shelf.getbyid.response").replace("新建货架".encode(), typed)
    assert typed in product
    assert typed in shelf

    def script(request: Received) -> Raw:
        path = request.target.partition("?")[0]
        answers = {
            "/cgi-bin/stable_token": b'{"access_token":"t","expires_in":7200}',
            "/merchant/get": product,
            "/merchant/shelf/getbyid": shelf,
        }
        return answer(answers.get(path, b'{"errcode":0}'))

    return script


def _written(played: Platform) -> list[str]:
    paths = [request.target.partition("?")[0] for request in played.received]
    return [path for path in paths if path in {"/merchant/update", "/merchant/shelf/mod"}]


@pytest.mark.parametrize("typed", BROKEN, ids=BROKEN_IDS)
async def test_a_product_with_a_broken_name_is_shown_and_changed_by_a_new_one(
    open_shop: OpenShop, typed: bytes
) -> None:
    async with platform(_script(typed)) as played:
        shop = open_shop(base_url=played.url)
        assert shop.products is not None
        assert shop.writes_products is not None
        shown = await shop.products.get_many(["p"], ReadOptions(fresh=True))
        assert list(shown) == ["p"]

        change = ProductUpdateInput(id=id_of("Product", "p"), purchase_limit=3, **DETAIL)
        with pytest.raises(InputRefused) as refused:
            await shop.writes_products.update("p", change, None)
        assert [(error.code, error.field) for error in refused.value.errors] == [
            (ErrorCode.INVALID, ["title"])
        ]
        assert _written(played) == []

        change = ProductUpdateInput(id=id_of("Product", "p"), title="new", **DETAIL)
        await shop.writes_products.update("p", change, None)
        assert _written(played) == ["/merchant/update"]


@pytest.mark.parametrize("typed", BROKEN, ids=BROKEN_IDS)
async def test_a_shelf_with_a_broken_name_is_shown_and_changed_by_a_new_one(
    open_shop: OpenShop, typed: bytes
) -> None:
    async with platform(_script(typed)) as played:
        shop = open_shop(base_url=played.url)
        assert shop.shelves is not None
        assert shop.writes_shelves is not None
        assert await shop.shelves.get("97", ReadOptions(fresh=True)) is not None

        change = ShelfUpdateInput(id=id_of("Shelf", "97"), banner=None)
        with pytest.raises(InputRefused) as refused:
            await shop.writes_shelves.update("97", change, None)
        assert [(error.code, error.field) for error in refused.value.errors] == [
            (ErrorCode.INVALID, ["name"])
        ]
        assert _written(played) == []

        change = ShelfUpdateInput(id=id_of("Shelf", "97"), name="new")
        await shop.writes_shelves.update("97", change, None)
        assert _written(played) == ["/merchant/shelf/mod"]
