"""What became of after-sales, told with them and their pushes as they are now."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.ports import ReadOptions
from gateway.services.after_sales import AfterSaleService
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.order_pushes import order_pushes
from gateway.services.writing.push_errors import push_errors
from gateway.services.writing.receipts import OrderReceipt, user_errors
from schema.after_sale import AfterSale
from schema.errors import UserError
from schema.push import Push


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterSalesDone:
    """What became of after-sales: those that were changed, their deliveries, and what is wrong."""

    after_sales: list[AfterSale] = field(default_factory=list)
    pushes: list[Push] = field(default_factory=list)
    errors: list[UserError] = field(default_factory=list)


async def after_sales_done(
    receipts: Sequence[OrderReceipt],
    after_sales: AfterSaleService,
    pushes: PushService,
    viewer: Viewer,
    reading: ReadOptions,
) -> AfterSalesDone:
    """All that the receipts tell of, in their order."""
    done = AfterSalesDone()
    pushed = await order_pushes(receipts, pushes, viewer)
    for one in receipts:
        done.errors.extend(user_errors(one.refusals))
        push = pushed.get(str(one.push_id))
        if push is not None:
            done.pushes.append(push)
        done.errors.extend(push_errors(push, one.at))
        found = [await after_sales.get(key, viewer, reading) for key in one.keys]
        done.after_sales.extend(thing for thing in found if thing is not None)
    return done
