"""The rule that places are called as the platform's list of regions calls them."""

from typing import Final

from gateway.platforms.wechat_store.mapping.regions import PROVINCES
from gateway.ports.writing.problems import Problems

_COUNTRY: Final = "中国"
_CITIES: Final = {province.name: frozenset(province.cities) for province in PROVINCES}


def check_region(country: str, province: str, city: str, problems: Problems) -> None:
    """Note what the list after manual 3.1 does not have; paths are those of the three fields."""
    if country != _COUNTRY:
        problems.add(f"The platform knows one country: {_COUNTRY}.", "country")
    cities = _CITIES.get(province)
    if cities is None:
        problems.add("The platform has no such province: see `provinces`.", "province")
    elif city not in cities:
        problems.add(f"The platform has no such city in {province}: see `provinces`.", "city")
