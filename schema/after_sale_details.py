"""Fields of after-sales that only one platform has."""

from typing import Annotated

import strawberry

from schema.declare import described, guarded, public_type
from schema.scope import Scope
from schema.shipment import Shipment


@public_type
class WeixinStoreAfterSaleDetails:
    """An after-sale of a Weixin Store."""

    description_given: strawberry.Private[str | None] = None

    reason_code: str | None = described(
        "The platform's code of the buyer's reason, a word or a number; null if it sent none.",
        default=None,
    )
    description: str | None = guarded(
        "description_given",
        (Scope.PII_READ,),
        description="What the buyer wrote; null if the buyer wrote nothing.",
    )
    evidence: list[str] = described("The platform's media ids of the buyer's pictures.")
    return_parcel: Shipment | None = described(
        "The parcel in which the buyer returns the goods; null until the buyer has sent it.",
        default=None,
    )
    complaint_id: str | None = described(
        "The platform's id of the buyer's complaint about it; null if there is none.", default=None
    )


AfterSaleDetails = Annotated[
    WeixinStoreAfterSaleDetails,
    strawberry.union(
        "AfterSaleDetails", description="Fields of after-sales that only one platform has."
    ),
]
