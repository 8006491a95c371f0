"""Who asks."""

from schema.declare import described, public_type
from schema.shop import Shop


@public_type
class Viewer:
    """The holder of the key that asks."""

    name: str = described("What the key is called.")
    scopes: list[str] = described("What the key may do.")
    shops: list[Shop] = described("The shops that the key is bound to.")
