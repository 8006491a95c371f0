"""Which changes of a platform's health are told, by one process or several."""

import json
from dataclasses import dataclass

from gateway.ports import Adapter, HealthNow
from gateway.store.webhook_deliveries import WebhookSettlement
from gateway.webhooks.bodies import Topic
from gateway.webhooks.health_watcher import HealthWatcher
from schema.key import Key
from schema.platform import Availability, Platform
from schema.shop import Shop
from tests.webhooks.worlds import World

UP, DOWN, UNKNOWN = Availability.UP, Availability.DOWN, Availability.UNKNOWN
DELIVERED = WebhookSettlement("DELIVERED", 204)


@dataclass
class Seen:
    """What one process sees of a platform; it makes no call."""

    availability: Availability = UNKNOWN

    async def credentials(self) -> None:
        """Nothing is checked."""

    def health(self) -> HealthNow:
        return HealthNow(availability=self.availability)

    def adapter(self) -> Adapter:
        key = Key("Shop", "mini")
        shop = Shop(
            key=key, key_name="mini", platform=Platform.MINI_PROGRAM, name="", capabilities=[]
        )
        return Adapter(shop=shop, check=self, health=self.health)


def process(here: World) -> tuple[Seen, HealthWatcher]:
    """One process that has called no platform yet."""
    seen = Seen()
    return seen, HealthWatcher(here.store, [seen.adapter()], here.rights)


async def told(here: World, endpoint: int) -> list[tuple[str, str]]:
    """What an endpoint was told: each availability, and the one before it."""
    changes = []
    for _ in await here.deliveries(endpoint):
        async with here.store.transaction() as transaction:
            deliveries = here.store.webhook_deliveries
            (one,) = await deliveries.claim(transaction, "me", endpoint, lease=9, limit=1)
            data = json.loads(one.body)["data"]
            assert data["id"] == one.subject == Key("Shop", "mini").encode()
            changes.append((data["availability"], data["previousAvailability"]))
            await here.store.webhook_endpoints.lock(transaction, endpoint)
            await deliveries.settle(transaction, "me", one, DELIVERED)
    return changes


async def test_a_platform_that_ceases_to_answer_and_answers_again(here: World) -> None:
    number = await here.endpoint()
    seen, watcher = process(here)
    for availability in (UP, UP, DOWN, UP):
        seen.availability = availability
        await watcher.once()
    # The first call that succeeded was no news.
    assert await told(here, number) == [("DOWN", "UP"), ("UP", "DOWN")]


async def test_a_platform_that_never_answered(here: World) -> None:
    number = await here.endpoint()
    seen, watcher = process(here)
    seen.availability = DOWN

    assert await watcher.once() == 1
    assert await told(here, number) == [("DOWN", "UNKNOWN")]


async def test_of_several_processes_the_first_one_tells(here: World) -> None:
    number = await here.endpoint()
    processes = [process(here), process(here)]
    for availability in (UP, DOWN, UP):
        for seen, watcher in processes:
            seen.availability = availability
            await watcher.once()
    assert await told(here, number) == [("DOWN", "UP"), ("UP", "DOWN")]


async def test_a_process_that_starts_tells_what_the_one_before_did_not(here: World) -> None:
    number = await here.endpoint()
    seen, watcher = process(here)
    seen.availability = DOWN
    await watcher.once()

    seen, watcher = process(here)
    seen.availability = UP
    await watcher.once()
    assert await told(here, number) == [("DOWN", "UNKNOWN"), ("UP", "DOWN")]


async def test_what_was_told_before_an_endpoint_asked_says_nothing(here: World) -> None:
    first = await here.endpoint()
    seen, watcher = process(here)
    seen.availability = DOWN
    await watcher.once()
    async with here.store.transaction() as transaction:
        await here.store.webhook_endpoints.delete(transaction, first)
    commits = here.store.commits
    seen.availability = UP
    # Nobody asks: nothing is written.
    assert await watcher.once() == 0
    assert here.store.commits == commits

    here.now += 1
    second = await here.endpoint()
    await here.endpoint(topics=[Topic.ORDER_CHANGED])
    seen.availability = DOWN
    assert await watcher.once() == 1
    assert await told(here, second) == [("DOWN", "UP")]
