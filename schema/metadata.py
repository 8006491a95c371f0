"""Metadata: the integrators' own keys and values of orders and products."""

from schema.declare import described, public_input, public_type


@public_type
class MetadataItem:
    """A key and a value that an integrator has set, such as the number in its ERP."""

    key: str = described("The key.")
    value: str = described("The value.")


@public_input
class MetadataInput:
    """A key and a value."""

    key: str = described("The key.")
    value: str = described("The value; where it is set, an empty one removes the key.")
