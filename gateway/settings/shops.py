"""The shops and mirrors of the configuration; each platform's folder adds keys to its shops."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, Protocol

from pydantic import (
    Field,
    SerializeAsAny,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from gateway.settings.section import (
    FilePath,
    PlatformAddress,
    Problem,
    ProxyAddress,
    Section,
    Text,
    matching,
)

_KEY: Final = re.compile(r"[a-z0-9-]+")
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")

#: Under this name the settings classes of the platforms are handed to the validators.
SHOPS: Final = "shops"
#: What an unknown `platform` is called among pydantic's errors.
UNKNOWN_PLATFORM: Final = "unknown_platform"

ShopKey = Annotated[
    str,
    matching(
        lambda text: _KEY.fullmatch(text) is not None,
        "lower-case letters, digits and hyphens, such as flagship-2",
    ),
]
PageTemplate = Annotated[
    Text,
    matching(
        lambda text: set(_PLACEHOLDER.findall(text)) <= {"platform_id"},
        "a page path in which nothing but {platform_id} is filled in",
    ),
]


def _name_of(values: dict[str, Any]) -> str:
    return str(values["key"])


class ShopSettings(Section):
    """The keys of every shop; the settings class of its platform adds others."""

    #: How the API names it.
    key: ShopKey = Field(description="a name for the API: lower-case letters, digits and hyphens")
    platform: str = Field(description="The name of its platform.")
    name: Text = Field(
        default_factory=_name_of,
        description="Display name; the key by default.",
        examples=["旗舰店"],
    )
    base_url: PlatformAddress = Field(description="the address of the platform")
    proxy: ProxyAddress | None = Field(
        default=None,
        description="A proxy for this shop alone; default: that of [upstream].",
        examples=["http://egress.example:3128"],
    )
    ca_file: FilePath | None = Field(
        default=None,
        description="Certificates for this shop alone; default: those of [upstream].",
        examples=["ca.pem"],
    )
    writes: Literal["on", "off"] = Field(
        default="on",
        description="off: nothing is changed on the platform; a mutation reports the call that "
        "it would have made.",
    )

    def contradictions(self) -> Iterator[Problem]:
        """Every rule between its own keys that it breaks, each named by its own key."""
        yield from ()


class ConfigurablePlatform(Protocol):
    """What the configuration has to know of a platform."""

    @property
    def name(self) -> str:
        """The value of a shop's `platform`."""

    @property
    def settings(self) -> type[ShopSettings]:
        """The class of its shops."""

    @property
    def mirrors_from(self) -> bool:
        """Whether its orders can be copied into other shops."""

    @property
    def accepts_orders(self) -> bool:
        """Whether orders can be copied into its shops."""


def named(platforms: Sequence[ConfigurablePlatform]) -> Mapping[str, ConfigurablePlatform]:
    """Platforms by their names, in their order."""
    return {platform.name: platform for platform in platforms}


def _of_its_platform(
    value: Any, refuse: ValidatorFunctionWrapHandler, info: ValidationInfo
) -> ShopSettings:
    """The shop as its platform's class, so that a mistake is reported once."""
    if not isinstance(value, Mapping):
        # Which it does: a shop is a table.
        return refuse(value)  # type: ignore[no-any-return] # pydantic gives Any
    known: Mapping[str, ConfigurablePlatform] = (info.context or {}).get(SHOPS, {})
    platform = value.get("platform")
    if not isinstance(platform, str) or platform not in known:
        choice = ", ".join(f'"{name}"' for name in known)
        raise PydanticCustomError(UNKNOWN_PLATFORM, "expected one of {choice}", {"choice": choice})
    return known[platform].settings.model_validate(value, context=info.context)


#: A shop of the file.
AnyShop = Annotated[SerializeAsAny[ShopSettings], WrapValidator(_of_its_platform)]


class MirrorSettings(Section):
    """`[[mirrors]]`: keeps the orders of linked buyers in step in another shop."""

    source: ShopKey = Field(alias="from", description="the key of the shop that has the orders")
    target: ShopKey = Field(alias="to", description="the key of the shop that shows them too")
    order_page: PageTemplate | None = Field(
        default=None,
        description="Page of an order in the target; {platform_id} is filled in.",
        examples=["/pages/order?id={platform_id}"],
    )
    product_page: PageTemplate | None = Field(
        default=None, description="Page of a product.", examples=["/pages/product?id={platform_id}"]
    )
    parcel_page: PageTemplate | None = Field(
        default=None,
        description="Page of a parcel.",
        examples=["/pages/parcel?order={platform_id}"],
    )
    category: tuple[Text, ...] = Field(
        default=(), description="Category of the products, from the top."
    )
