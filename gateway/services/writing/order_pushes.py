"""The deliveries of orders that receipts tell of, as they are now."""

from collections.abc import Iterable, Mapping

from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.receipts import OrderReceipt
from schema.key import Key
from schema.push import Push


async def order_pushes(
    receipts: Iterable[OrderReceipt], pushes: PushService, viewer: Viewer
) -> Mapping[str, Push]:
    """By their numbers as text; what was recorded and not sent has none."""
    numbers = [
        Key("Push", one.keys[0].shop, str(one.push_id))
        for one in receipts
        if one.keys and one.push_id is not None
    ]
    found = await pushes.get_many(numbers, viewer)
    return {push.key.platform_id: push for push in found if push is not None}
