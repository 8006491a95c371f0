"""No endpoint reaches what is not public: when it is made, at delivery, after DNS changed."""

from collections.abc import Sequence
from secrets import token_bytes

import pytest

from gateway.auth.viewer import Viewer
from gateway.services.directory import Directory
from gateway.services.webhooks import WebhookService
from gateway.services.writing.webhook_endpoints import (
    EndpointRules,
    WebhookEndpointWriting,
    WebhookResult,
)
from gateway.webhooks.addresses import AddressPolicy
from gateway.webhooks.sender import WebhookSender
from schema.webhook import WebhookEndpointInput, WebhookTopic
from tests.upstream.server import answer, platform
from tests.waiting import eventually
from tests.webhooks.worlds import LOOPBACK, RECORD, World

PUBLIC = "93.184.216.34"
REFUSED = (
    "the host is not on the public Internet: an address of it is private, loopback, link-local or"
    " reserved"
)
VIEWER: Viewer = RECORD.viewer()


class Names:
    """A resolver whose answer a test changes."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        del port
        assert host == "hooks.example"
        return self.addresses


async def create(here: World, policy: AddressPolicy, url: str) -> WebhookResult:
    """What an integrator that asks for an endpoint is answered."""
    writing = WebhookEndpointWriting(
        Directory({}),
        here.store,
        WebhookService(here.store),
        EndpointRules(policy, here.rights),
        token_bytes,
    )
    given = WebhookEndpointInput(url=url, topics=[WebhookTopic.ORDER_CHANGED])
    return await writing.create(given, VIEWER)


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
async def test_an_address_that_became_private_is_not_called(here: World, address: str) -> None:
    names = Names(PUBLIC)
    policy = AddressPolicy([], names)
    async with platform(lambda _: answer("", 204)) as played:
        url = f"https://hooks.example:{played.url.rpartition(':')[2]}/hook-7f3a"
        assert (await create(here, policy, url)).errors == []
        names.addresses = (PUBLIC, address)
        (error,) = (await create(here, policy, url)).errors
        await here.orders(("1", "PAID"))
        while await here.recorder().once():
            pass
        deliverer = here.deliverer(WebhookSender(policy, timeout=30.0))
        await deliverer.once()
        await eventually(lambda: here.observed.attempts)
        await deliverer.stop()
    assert (error.field, error.message) == (["url"], f"The URL cannot be called: {REFUSED}.")
    (delivery,) = await here.deliveries(1)
    assert (delivery.state, delivery.last_status, delivery.last_error) == ("PENDING", None, REFUSED)
    assert here.observed.attempts == [("ORDER_CHANGED", "PENDING")]
    assert played.connections == 0


async def test_a_refused_delivery_is_made_once_the_address_is_allowed(here: World) -> None:
    policy = AddressPolicy(LOOPBACK, names := Names("127.0.0.1"))
    async with platform(lambda _: answer("", 204)) as played:
        url = f"http://hooks.example:{played.url.rpartition(':')[2]}/hook"
        assert (await create(here, policy, url)).errors == []
        names.addresses = ("10.0.0.1",)
        await here.orders(("1", "PAID"))
        while await here.recorder().once():
            pass
        deliverer = here.deliverer(WebhookSender(policy, timeout=30.0))
        await deliverer.once()
        await eventually(lambda: here.observed.attempts)
        names.addresses = ("127.0.0.1",)
        here.now += 60.0
        await deliverer.once()
        await eventually(lambda: len(here.observed.attempts) == 2)
        await deliverer.stop()
    (delivery,) = await here.deliveries(1)
    assert (delivery.state, delivery.attempts, delivery.last_error) == ("DELIVERED", 2, None)
    assert len(played.received) == 1
