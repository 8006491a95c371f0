"""Groups to create."""

import strawberry

from schema.declare import described, public_input


@public_input
class ProductGroupCreateInput:
    """ProductGroupCreateInput."""

    shop: str = described("")
    name: str = described("")
    product_ids: list[strawberry.ID] | None = described("", default=None)
