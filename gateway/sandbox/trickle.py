"""Buyers who pay an order now and then, so that there is something to see."""

import asyncio

from gateway.sandbox.admin import Paid
from gateway.sandbox.new_orders import NoSuchOrderError, Purchase, place_order
from gateway.sandbox.world import World

#: Seconds until the first order, which a newcomer waits for.
FIRST = 5.0
#: A demo that runs for days must not drown in orders.
MOST = 1_000


async def trickle(world: World, paid: Paid, every: float) -> None:
    """Let an order be paid in each WeChat Store every so many seconds, until cancelled."""
    await asyncio.sleep(min(FIRST, every))
    for _ in range(MOST):
        for app_id, shop in world.state.stores.items():
            try:
                order = place_order(
                    shop, Purchase(), world.setting.invented.statuses, int(world.clock.now())
                )
            except NoSuchOrderError:
                # Everything is sold out.
                continue
            await paid(app_id, order)
        await asyncio.sleep(every)
