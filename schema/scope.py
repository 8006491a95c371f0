"""The scopes that an API key can hold."""

from enum import StrEnum


class Scope(StrEnum):
    """What a key may do; the contract's table says what each covers."""

    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    PII_READ = "pii:read"
    RAW_READ = "raw:read"
    OPS_READ = "ops:read"
    OPS_WRITE = "ops:write"
