"""Attributes by name and value."""

from schema.declare import described, public_input


@public_input
class SkuAttributeInput:
    """A name and a value that the merchant wrote."""

    name: str = described("Such as 颜色.")
    value: str = described("Such as 红色.")
