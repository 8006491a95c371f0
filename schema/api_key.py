"""API keys, without the keys themselves."""

from schema.declare import described, public_type
from schema.scalars import DateTime
from schema.shop import Shop


@public_type
class ApiKey:
    """A valid API key: what it permits, and its life; never the key itself.

    While a key is rotated there are two of its name.
    """

    name: str = described("The name of the key.")
    scopes: list[str] = described("The scopes of the key.")
    shops: list[Shop] = described("The shops that the key can see, of those you may see.")
    created_at: DateTime | None = described("When it was made.", default=None)
    expires_at: DateTime | None = described(
        "From when on it is refused; null if it does not expire.", default=None
    )
    last_used_at: DateTime | None = described(
        "When it was last used, to the minute; null if it was not used yet.", default=None
    )
