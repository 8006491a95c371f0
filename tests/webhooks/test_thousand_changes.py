"""A thousand changes reach a receiver that fails and hangs, of a gateway that is killed.

`make webhooks` runs it.
"""

import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from gateway.auth.authenticator import EVERYONE
from gateway.store.store import Store
from gateway.store.webhook_endpoints import NewWebhookEndpoint
from tests.crash.killed_gateway import CLIENTS, LIFE, Journal, KilledGateway, one_order
from tests.fixtures_figures import Note
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import KEY
from tests.upstream.server import Raw, Received, answer, platform
from tests.waiting import eventually
from tests.webhooks.worlds import SECRET

STATUSES = ["AWAITING_SHIPMENT", *LIFE]
#: Each has as many changes as there are statuses.
ORDERS = -(-1_000 // len(STATUSES))
#: The gateway is killed once so many changes have arrived.
KILLED_AT = (200, 550)
#: One of so many calls is never answered.
HANGS = 200


@dataclass
class Receiver:
    """Takes two calls of three, once their signature was verified, and writes down what it took."""

    chance: random.Random
    library: Webhook = field(default_factory=lambda: Webhook(SECRET.get_secret_value()))
    #: By the id of the message, in the order in which they came first: the order and its status.
    taken: dict[str, tuple[str, str]] = field(default_factory=dict)
    calls: int = 0
    repeated: int = 0

    def __call__(self, call: Received) -> Raw:
        self.calls += 1
        if self.calls % HANGS == 0:
            return Raw(b"", then="hang")
        if self.chance.random() < 1 / 3:
            return answer("", 503)
        self.library.verify(call.body, call.headers)
        data = json.loads(call.body)["data"]
        name = call.headers["webhook-id"]
        self.repeated += name in self.taken
        self.taken.setdefault(name, (data["platformId"], data["status"]))
        return answer("", 204)

    def has_taken(self, count: int) -> bool:
        return len(self.taken) >= count

    def statuses(self) -> dict[str, list[str]]:
        """What each order was told to go through, in the order in which it came."""
        found: dict[str, list[str]] = {}
        for order, status in self.taken.values():
            found.setdefault(order, []).append(status)
        return found


async def add_endpoint(store_url: str, url: str) -> None:
    """Make an endpoint in a ledger that no gateway has opened."""
    store = await Store.open(store_url, encryption_key=KEY, clock=time.time)
    endpoint = NewWebhookEndpoint(
        url=url,
        topics=frozenset({"ORDER_CHANGED"}),
        # Of the others the platforms have orders, which the gateway finds.
        shops=frozenset({"swan"}),
        key_name=EVERYONE.name,
        key_id=EVERYONE.key_id,
        secret=SECRET.get_secret_value(),
    )
    async with store.transaction() as transaction:
        assert await store.webhook_endpoints.add(transaction, endpoint, most=1) == 1
    await store.close()


async def change_orders(url: str) -> None:
    """Import all orders and let them go on, some at a time, whenever the gateway is killed."""
    journal, waiting = Journal(), [f"order-{number}" for number in range(ORDERS)]

    async def client() -> None:
        while waiting:
            await one_order(url, journal, waiting.pop(), asyncio.Event())

    async with asyncio.TaskGroup() as clients:
        for _ in range(CLIENTS):
            clients.create_task(client())


@pytest.mark.long
@pytest.mark.timeout(1_200)
async def test_a_thousand_changes_arrive_each_and_in_order(
    sandbox: Sandbox, tmp_path: Path, figures: Note
) -> None:
    store_url = f"sqlite:///{tmp_path}/gateway.db"
    receiver = Receiver(random.Random(20_261_130))
    gateway = KilledGateway(sandbox, tmp_path, store_url, webhooks={"allow": ["127.0.0.0/8"]})
    try:
        async with platform(receiver) as played:
            await add_endpoint(store_url, f"{played.url}/hook")
            await gateway.start()
            async with asyncio.TaskGroup() as work:
                work.create_task(change_orders(gateway.url))
                for arrived in KILLED_AT:
                    await eventually(partial(receiver.has_taken, arrived))
                    await gateway.kill()
                    await gateway.start()
            await eventually(partial(receiver.has_taken, ORDERS * len(STATUSES)))
            assert await gateway.stop() == 0
    finally:
        await gateway.kill()

    assert receiver.statuses() == {f"order-{number}": STATUSES for number in range(ORDERS)}
    assert receiver.calls // HANGS > 0
    figures(
        f"webhooks: {len(receiver.taken)} changes of {ORDERS} orders arrived in order, in"
        f" {receiver.calls} calls of which a third failed and {receiver.calls // HANGS} hung, with"
        f" {len(KILLED_AT)} kills; {receiver.repeated} came twice"
    )
