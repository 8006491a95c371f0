"""The store's own addresses (reference, section 6)."""

from gateway.platforms.weixin_store.wire.base import Flag, Id, Number, Read, Written


class AddressesRequest(Written, frozen=True, kw_only=True):
    """Requests some ids; both members are always sent."""

    offset: int
    limit: int


class AddressesResponse(Read, frozen=True, kw_only=True):
    """The answer to `merchant/address/list`."""

    address_id_list: list[Id]


class AddressRequest(Written, frozen=True, kw_only=True):
    """Requests one address."""

    address_id: str


class AddressInfo(Read, frozen=True, kw_only=True):
    """Who receives parcels, and where."""

    user_name: str | None = None
    province_name: str | None = None
    city_name: str | None = None
    county_name: str | None = None
    detail_info: str | None = None
    house_number: Id | None = None
    tel_number: Id | None = None


class Address(Read, frozen=True, kw_only=True):
    """An address; `recv_addr` and `default_recv`: for returns, and the default one of them."""

    address_id: Id
    address_info: AddressInfo | None = None
    recv_addr: Flag | None = None
    default_recv: Flag | None = None
    update_time: Number | None = None


class AddressResponse(Read, frozen=True, kw_only=True):
    """The answer to `merchant/address/get`."""

    address_detail: Address
