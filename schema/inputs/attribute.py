"""Attributes by name and value."""

from schema.declare import described, public_input


@public_input
class SkuAttributeInput:
    """SkuAttributeInput."""

    name: str = described("")
    value: str = described("")
