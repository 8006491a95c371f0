"""carrier."""

from schema.declare import described, public_type


@public_type
class Carrier:
    """A carrier the platform does not list has a name only; one it no longer lists, a code only."""

    code: str | None = described("", default=None)
    name: str | None = described("", default=None)


@public_type
class Province:
    """Province."""

    country: str = described("")
    name: str = described("")
    cities: list[str] = described("")
