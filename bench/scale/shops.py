"""The shops of a seeded ledger: two large ones and eight small ones, on two platforms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

MINI, SWAN = "mini_program", "baidu"
#: The most orders a hundred are of these; the rest is spread evenly over the small ones.
LARGE: Final = {"mini": (MINI, 60), "swan": (SWAN, 30)}
SMALL: Final = {
    f"{name}-{number}": platform
    for number in range(2, 6)
    for name, platform in (("mini", MINI), ("swan", SWAN))
}
#: How many orders make one cycle, in which each shop has its share.
CYCLE: Final = 80


@dataclass(frozen=True, slots=True)
class SeededShop:
    """A shop by its key in the configuration, and the name of its platform."""

    key: str
    platform: str

    def settings(self, base_url: str) -> dict[str, Any]:
        """Its section of the configuration."""
        app_id = "app_key" if self.platform == SWAN else "app_id"
        return {
            "key": self.key,
            "platform": self.platform,
            app_id: f"scale-{self.key}",
            "app_secret": "scale",
            "base_url": base_url,
        } | ({"service_phone": "400-000-0000"} if self.platform == MINI else {})


SHOPS: Final[Mapping[str, SeededShop]] = {
    key: SeededShop(key, platform)
    for key, platform in ({key: of for key, (of, _) in LARGE.items()} | dict(SMALL)).items()
}


def _cycle() -> Iterator[SeededShop]:
    for key, (_, share) in LARGE.items():
        yield from [SHOPS[key]] * (share * CYCLE // 100)
    yield from (SHOPS[key] for key in SMALL)


#: The shop of order number n is `BY_TURNS[n % CYCLE]`; steps of 7 mix them.
BY_TURNS: Final = tuple(list(_cycle())[7 * place % CYCLE] for place in range(CYCLE))
