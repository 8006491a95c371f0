"""Carriers, and the regions that platforms know."""

from schema.declare import described, public_type


@public_type
class Carrier:
    """A carrier the platform does not list has a name only; one it no longer lists, a code only."""

    code: str | None = described("The platform's code.", default=None)
    name: str | None = described("The carrier's name.", default=None)


@public_type
class Province:
    """A province or municipality, with its cities."""

    country: str = described("The country, such as 中国.")
    name: str = described("What it is called.")
    cities: list[str] = described("Its cities.")
