"""Maps an order's receiver and parcels to the shopping list's form."""

from gateway.ledger.requirements import Requirements
from gateway.platforms.mini_program.mapping.carriers import CARRIER_BY_CODE, OTHER_CARRIER
from gateway.platforms.mini_program.wire import order as wire
from gateway.store.documents import OrderDocument, Shipment, ShipmentItem, ShippingAddress


def express_info(
    document: OrderDocument, address: ShippingAddress | None, needs: Requirements
) -> wire.ExpressInfo:
    """The receiver, the freight and any parcels."""
    to = address or ShippingAddress()
    return wire.ExpressInfo(
        name=to.name,
        phone=to.mobile or to.phone,
        address=to.street,
        price=needs.given(document.shipping_fee, "shippingFee", instead=0),
        national_code=to.national_code,
        country=to.country,
        province=to.province,
        city=to.city,
        district=to.district,
        express_package_info_list=tuple(
            _parcel(shipment, needs, "shipments", str(index))
            for index, shipment in enumerate(document.shipments)
        ),
    )


def _parcel(shipment: Shipment, needs: Requirements, *path: str) -> wire.ExpressPackage:
    listed = CARRIER_BY_CODE.get(shipment.carrier_code)
    name = shipment.carrier_name or (listed.name if listed else None)
    page = shipment.page.mini_program_path if shipment.page else None
    items = tuple(map(_goods, shipment.items))
    return wire.ExpressPackage(
        express_company_id=int(listed.code or 0) if listed else OTHER_CARRIER,
        express_company_name=needs.given(name, *path, "carrierName", instead=""),
        express_code=needs.given(shipment.tracking_number, *path, "trackingNumber", instead=""),
        ship_time=needs.given(shipment.shipped_at, *path, "shippedAt", instead=0),
        express_page=wire.Page(
            path=needs.given(page, *path, "page", "miniProgramPath", instead="")
        ),
        express_goods_info_list=needs.given(items, *path, "items", instead=()),
    )


def _goods(item: ShipmentItem) -> wire.ExpressGoods:
    return wire.ExpressGoods(
        item_code=item.platform_product_id,
        sku_id=item.platform_sku_id or item.platform_product_id,
    )
