"""What became of goods that were changed, told with their pushes as they are now."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.push_errors import push_errors
from gateway.services.writing.receipts import GoodsReceipt
from schema.errors import UserError
from schema.key import Key
from schema.push import Push

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsDone(Generic[T]):
    """What was changed as it is now, its deliveries, and what the caller can act on."""

    things: Sequence[T] = ()
    pushes: list[Push] = field(default_factory=list)
    errors: list[UserError] = field(default_factory=list)


async def goods_done(  # noqa: PLR0913 - a receipt, all that stands around it, and who asks
    shop: str,
    things: Sequence[T],
    receipt: GoodsReceipt,
    at: str,
    pushes: PushService,
    viewer: Viewer,
    *,
    listed: bool = True,
) -> GoodsDone[T]:
    """What the receipt tells of; `at` is the field that it was read from, a list if `listed`."""
    found = await pushes.get_many(
        [Key("Push", shop, str(push_id)) for push_id in receipt.push_ids], viewer
    )
    errors = [
        error
        for place, push in enumerate(found)
        for error in push_errors(push, (at, str(place)) if listed else (at,))
    ]
    return GoodsDone(
        things=things, pushes=[push for push in found if push is not None], errors=errors
    )
