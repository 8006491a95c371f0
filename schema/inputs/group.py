"""Groups to create."""

import strawberry

from schema.declare import described, public_input


@public_input
class ProductGroupCreateInput:
    """A group of products to add."""

    shop: str = described("The shop's key.")
    name: str = described("What it is called.")
    product_ids: list[strawberry.ID] | None = described(
        "The products in it, in this order; none where left out.", default=None
    )
