"""Names of attributes and properties, looked up in the category's tables by id."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from schema.category import AttributeValue, PropertyDefinition, SkuAttributeDefinition
from schema.key import Key
from schema.loader_keys import Naming, PropertyQuery, SkuAttributeQuery
from schema.product import Product
from schema.product_details import ProductProperty, WechatStoreProductDetails

Table = Callable[[Key], Awaitable[Sequence[SkuAttributeDefinition] | None]]
Properties = Callable[[Key], Awaitable[Sequence[PropertyDefinition] | None]]
Products = Callable[[Key], Awaitable[Product | None]]


class AttributeNames:
    """Looks up names in the tables of categories, which the request's loaders read once."""

    def __init__(self, products: Products, table: Table, properties: Properties) -> None:
        self._products = products
        self._table = table
        self._properties = properties

    async def attribute(self, naming: Naming) -> str | None:
        """The name of a SKU attribute, such as 颜色; None if no table has it."""
        definition = await self._definition(naming)
        return definition.name if definition is not None else None

    async def value(self, naming: Naming) -> str | None:
        """The name of a SKU attribute's value, such as 红色; None if no table has it."""
        definition = await self._definition(naming)
        return _value_name(definition.values, naming.value_id) if definition is not None else None

    async def attributes(self, query: SkuAttributeQuery) -> list[SkuAttributeDefinition]:
        """A product's SKU attributes with their names; ids of custom ones begin with `$`."""
        known = {one.name_id: one for one in await self._table(query.category) or ()}
        return [
            SkuAttributeDefinition(
                name_id=name_id,
                name=_own(name_id) or (known[name_id].name if name_id in known else None),
                values=[
                    AttributeValue(
                        platform_id=value_id,
                        name=_own(value_id)
                        or _value_name(known[name_id].values if name_id in known else (), value_id),
                    )
                    for value_id in value_ids
                ],
            )
            for name_id, value_ids in query.choices
        ]

    async def properties(self, query: PropertyQuery) -> list[ProductProperty]:
        """A product's properties with ids and names, whichever of them the platform sent.

        What no table has keeps only what the platform sent. A text that no table has as an id is
        taken for a name: an id that is none would be written back.
        """
        known = await self._properties(query.category) or ()
        return [_property(known, name, value) for name, value in query.pairs]

    async def _definition(self, naming: Naming) -> SkuAttributeDefinition | None:
        for category in await self._categories(naming.owner):
            for definition in await self._table(category) or ():
                if definition.name_id == naming.name_id:
                    return definition
        return None

    async def _categories(self, owner: Key) -> Sequence[Key]:
        if owner.kind == "Category":
            return (owner,)
        product = await self._products(owner)
        if product is None or not isinstance(product.details, WechatStoreProductDetails):
            return ()
        return product.details.category_keys


def _own(text: str) -> str | None:
    return text[1:] if text.startswith("$") else None


def _value_name(values: Iterable[AttributeValue], value_id: str) -> str | None:
    return next((value.name for value in values if value.platform_id == value_id), None)


def _property(
    known: Sequence[PropertyDefinition], name: int | str, value: int | str
) -> ProductProperty:
    definition = next((one for one in known if _is_named(one, name)), None)
    name_id, its_name = (
        (definition.platform_id, definition.name) if definition else _id_and_name(name)
    )
    values = definition.values if definition else ()
    found = next((one for one in values if _is_named(one, value)), None)
    value_id, its_value = (found.platform_id, found.name) if found else _id_and_name(value)
    return ProductProperty(name_id=name_id, name=its_name, value_id=value_id, value=its_value)


def _is_named(one: PropertyDefinition | AttributeValue, sent: int | str) -> bool:
    return sent == one.name or str(sent) == one.platform_id


def _id_and_name(sent: int | str) -> tuple[str | None, str | None]:
    return (None, sent or None) if isinstance(sent, str) else (str(sent), None)
