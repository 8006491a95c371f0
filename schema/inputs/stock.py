"""Inputs of stock."""

import strawberry
from strawberry import UNSET

from schema.declare import described, public_choice, public_input


@public_input
class SkuStockByIdInput:
    """The stock of a SKU that is named by its id."""

    id: strawberry.ID = described("The SKU's id.")
    stock: int = described("The number of units in stock.")


@public_input
class SkuStockByCodeInput:
    """The stock of a SKU that is named by its shop and code."""

    shop: str = described("The shop's key.")
    code: str = described("The merchant's own code of the SKU, which one SKU of the shop has.")
    stock: int = described("The number of units in stock.")


@public_choice
class SkuStockInput:
    """The stock of a SKU. Give exactly one of the fields."""

    by_id: SkuStockByIdInput | None = described("Names the SKU by its id.", default=UNSET)
    by_code: SkuStockByCodeInput | None = described(
        "Names the SKU by its shop and code.", default=UNSET
    )
