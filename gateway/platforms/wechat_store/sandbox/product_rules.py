"""Validation of products: the field table of manual 1.1 and the remarks of 1.3."""

from gateway.platforms.wechat_store.sandbox.images import require_uploaded
from gateway.platforms.wechat_store.sandbox.regions import CITIES, COUNTRY
from gateway.platforms.wechat_store.sandbox.state import StoreCall, StoreProduct
from gateway.sandbox.request import Fields, Refusal, Wire

EXPRESS_IDS = (10_000_027, 10_000_028, 10_000_029)
FLAGS = ("isPostFree", "isHasReceipt", "isUnderGuaranty", "isSupportReplace")


def check_document(call: StoreCall) -> None:
    """Refuse a product that 1.1 does not allow."""
    base = call.body.inner("product_base")
    base.text("name")
    _check_categories(call, base)
    _check_images(call, base)
    for pair in base.inners("property", empty=True):
        _check_property(call, base, pair)
    axes = _axes(base)
    seen: set[str] = set()
    for sku in call.body.inners("sku_list"):
        _check_sku(call, sku, axes, seen)
    _check_delivery(call, post_free=_check_attributes(call.body))


def check_frozen(call: StoreCall, product: StoreProduct) -> None:
    """Refuse a changed name, category or property once the product was on the shelf (1.3)."""
    if not product.listed_before:
        return
    former, given = product.document["product_base"], call.body.inner("product_base").data
    for name in ("name", "category_id", "property"):
        if _comparable(former.get(name)) != _comparable(given.get(name)):
            raise Refusal(call.invented.codes.field_frozen, f"{name} cannot be changed once listed")


def _comparable(value: object) -> object:
    if not isinstance(value, list):
        return value
    return sorted(
        f"{item.get('id')}:{item.get('vid')}" if isinstance(item, dict) else str(item)
        for item in value
    )


def _check_categories(call: StoreCall, base: Fields) -> None:
    for category_id in base.texts("category_id"):
        if not category_id.isdecimal() or int(category_id) not in call.shop.categories:
            raise Refusal(call.invented.codes.category_not_found, "category not exist")


def _check_images(call: StoreCall, base: Fields) -> None:
    require_uploaded(call, base.text("main_img"))
    for url in base.texts("img"):
        require_uploaded(call, url)
    for block in base.inners("detail"):
        if block.has("img"):
            require_uploaded(call, block.text("img"))
        else:
            block.text("text", empty=True)


def _check_property(call: StoreCall, base: Fields, pair: Fields) -> None:
    """Refuse what is no id in the tables of the product's categories, a name among them."""
    name_id, value_id = pair.text("id"), pair.text("vid")
    tables = (
        known["property_value"]
        for category_id in base.texts("category_id")
        for known in call.shop.categories[int(category_id)].properties
        if known["id"] == name_id
    )
    if not any(value["id"] == value_id for table in tables for value in table):
        raise Refusal(call.invented.codes.property_not_found, "property not exist")


def _axes(base: Fields) -> dict[str, list[str]]:
    """Return the SKU table of the product: attribute id → value ids, `$` for own ones."""
    axes = base.inners("sku_info", empty=True)
    return {axis.text("id"): axis.texts("vid") for axis in axes}


def _check_sku(call: StoreCall, sku: Fields, axes: dict[str, list[str]], seen: set[str]) -> None:
    sku_id = sku.text("sku_id", empty=True)
    _check_sku_id(call, sku_id, axes)
    if sku_id in seen:
        raise Refusal(call.invented.codes.sku_form, "sku_id repeated")
    seen.add(sku_id)
    if sku.whole("price", at_least=0) >= sku.whole("ori_price", at_least=0):
        raise Refusal(call.invented.codes.price_not_below_list, "price must be less than ori_price")
    sku.whole("quantity", at_least=0)
    sku.optional_text("product_code")
    if icon := sku.optional_text("icon_url"):
        require_uploaded(call, icon)


def _check_sku_id(call: StoreCall, sku_id: str, axes: dict[str, list[str]]) -> None:
    """Check `id1:vid1;id2:vid2` against the table; "" is the only SKU of a product without one."""
    pairs = [part.partition(":") for part in sku_id.split(";")] if sku_id else []
    fits = len(pairs) == len(axes) == len({pair[0] for pair in pairs})
    if not fits or any(value not in axes.get(name, []) for name, _, value in pairs):
        raise Refusal(call.invented.codes.sku_form, "sku_id does not match sku_info")


def _check_attributes(body: Fields) -> bool:
    """Check `attrext` and return whether postage is free."""
    if not body.has("attrext"):
        return False
    attributes = body.inner("attrext")
    values = {flag: attributes.one_of(flag, (0, 1)) for flag in FLAGS if attributes.has(flag)}
    if attributes.has("location"):
        location = attributes.inner("location")
        for name in ("country", "province", "city", "address"):
            location.optional_text(name)
        _check_location(location)
    return values.get("isPostFree") == 1


def _check_location(location: Fields) -> None:
    """Refuse a place that the manual's list of regions does not have; a part may be left out."""
    province, city = location.optional_text("province"), location.optional_text("city")
    if location.optional_text("country") not in {"", COUNTRY}:
        raise location.refuse("country", "is not in the list of regions")
    if province and (province not in CITIES or (city and city not in CITIES[province])):
        raise location.refuse("city", "is not in the list of regions")


def _check_delivery(call: StoreCall, *, post_free: bool) -> None:
    if not call.body.has("delivery_info"):
        if post_free:
            return
        raise Refusal(call.invented.codes.delivery_missing, "delivery_info missing")
    delivery = call.body.inner("delivery_info")
    if delivery.one_of("delivery_type", (0, 1)) == 1:
        template_id = delivery.whole("template_id")
        if template_id not in call.shop.templates:
            raise Refusal(call.invented.codes.template_not_found, "template not exist")
        return
    for fee in delivery.inners("express"):
        fee.one_of("id", EXPRESS_IDS)
        fee.whole("price", at_least=0)


def find_sku(call: StoreCall, product: StoreProduct, sku_id: str) -> Wire:
    """Return a product's SKU by its id string ("" if it has only one), or refuse."""
    for sku in product.document["sku_list"]:
        if sku["sku_id"] == sku_id:
            found: Wire = sku
            return found
    raise Refusal(call.invented.codes.sku_not_found, "sku not exist")
