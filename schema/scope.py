"""The scopes that an API key can hold."""

from enum import StrEnum
from typing import Final

from schema.key import Key


class Scope(StrEnum):
    """A permission of an API key."""

    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    REFUNDS_WRITE = "refunds:write"
    PII_READ = "pii:read"
    PII_REVEAL = "pii:reveal"
    RAW_READ = "raw:read"
    OPS_READ = "ops:read"
    OPS_WRITE = "ops:write"
    AUDIT_READ = "audit:read"


#: The scopes needed to read an object by its id, by type; types not listed need none.
_READ: Final = {
    "Order": (Scope.ORDERS_READ,),
    "AfterSale": (Scope.ORDERS_READ,),
    "WantedItem": (Scope.ORDERS_READ,),
    "Product": (Scope.CATALOG_READ,),
    "Sku": (Scope.CATALOG_READ,),
    "Category": (Scope.CATALOG_READ,),
    "ProductGroup": (Scope.CATALOG_READ,),
    "Shelf": (Scope.CATALOG_READ,),
    "DeliveryTemplate": (Scope.CATALOG_READ,),
    "Push": (Scope.OPS_READ,),
    "AuditEvent": (Scope.AUDIT_READ,),
    "WebhookEndpoint": (Scope.OPS_READ,),
    "WebhookDelivery": (Scope.OPS_READ,),
}


def scopes_of(key: Key) -> tuple[Scope, ...]:
    """The scopes needed to read an object by its id."""
    return _READ.get(key.kind, ())
