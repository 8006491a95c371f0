"""viewer."""

from schema.declare import described, public_type
from schema.shop import Shop


@public_type
class Viewer:
    """Viewer."""

    name: str = described("")
    scopes: list[str] = described("")
    shops: list[Shop] = described("")
