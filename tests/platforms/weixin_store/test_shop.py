"""A shop as a whole: what it can do, and whether the platform admits it."""

from typing import Any

import pytest

from gateway.errors import PlatformCredentials, PlatformFailure, PlatformQuotaExceeded
from gateway.ports import Adapter
from schema.platform import Capability, Platform
from tests.fixtures_sandbox import Sandbox
from tests.platforms.weixin_store.conftest import OpenShop

INFO = "/channels/ec/basics/info/get"


async def refused(shop: Adapter) -> PlatformFailure:
    with pytest.raises(PlatformFailure) as caught:
        await shop.check.credentials()
    return caught.value


def test_what_the_shop_can_do(open_shop: OpenShop) -> None:
    adapter = open_shop(name="微信小店")

    assert (adapter.shop.key_name, adapter.shop.name) == ("weixin", "微信小店")
    assert adapter.shop.platform is Platform.WEIXIN_STORE
    assert adapter.shop.capabilities == [
        Capability.READ_PRODUCTS,
        Capability.READ_SHELVES,
        Capability.READ_GROUPS,
        Capability.READ_DELIVERY_TEMPLATES,
        Capability.READ_ORDERS,
        Capability.READ_AFTER_SALES,
        Capability.WRITE_PRODUCTS,
        Capability.ADJUST_STOCK,
        Capability.UPLOAD_IMAGES,
        Capability.WRITE_DELIVERY_TEMPLATES,
        Capability.SHIP_ORDERS,
        Capability.DECIDE_AFTER_SALES,
        Capability.REPRICE_ORDERS,
        Capability.ANNOTATE_ORDERS,
        Capability.REVEAL_ADDRESSES,
        Capability.ANSWER_ADDRESS_REQUESTS,
        Capability.AUDIT_PRODUCTS,
        Capability.SET_PRICES,
    ]


async def test_the_check_asks_for_a_token_and_for_the_store(shop: Adapter, store: Sandbox) -> None:
    await shop.check.credentials()

    # The check's own token, which is not kept, and that of the store's call.
    assert store.counts() == {"/cgi-bin/stable_token": 2, INFO: 1}


async def test_a_wrong_secret_is_told_without_the_secret(open_shop: OpenShop) -> None:
    failure = await refused(open_shop(secret="not-the-secret"))

    assert isinstance(failure, PlatformCredentials)
    assert failure.platform_code == "40125"
    assert "not-the-secret" not in str(failure)


async def test_an_address_that_is_not_on_the_list_is_told_with_the_remedy(
    shop: Adapter, store: Sandbox
) -> None:
    change(store, admitted=False)

    failure = await refused(shop)

    assert isinstance(failure, PlatformCredentials)
    assert (failure.http_status, failure.platform_code) == (403, None)
    assert failure.message == (
        "basics.info.get: the platform answered HTTP 403 without a code: the caller's address is"
        " not on the store's list; add this machine's outgoing address to the allowed ones in the"
        " store's console"
    )


async def test_a_closed_store_is_told(shop: Adapter, store: Sandbox) -> None:
    change(store, status="close_finished")

    failure = await refused(shop)

    assert isinstance(failure, PlatformCredentials)
    assert failure.message == "the platform reports that the store is closed"


async def test_a_closing_store_is_served(shop: Adapter, store: Sandbox) -> None:
    change(store, status="closing")

    await shop.check.credentials()


@pytest.mark.parametrize(
    ("limits", "code"), [({"calls_per_minute": 1}, "45011"), ({"calls_per_day": 1}, "45009")]
)
async def test_a_call_above_a_quota_is_refused(
    shop: Adapter, store: Sandbox, limits: dict[str, int], code: str
) -> None:
    change(store, **limits)
    await shop.check.credentials()

    failure = await refused(shop)

    assert isinstance(failure, PlatformQuotaExceeded)
    assert failure.platform_code == code


def change(store: Sandbox, **members: Any) -> None:
    """Change the store's limits or status at the platform."""
    answer = store.client.post("/_sandbox/weixin/shop", json=members)
    assert answer.status_code == 200, answer.text
