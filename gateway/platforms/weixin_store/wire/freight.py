"""Freight templates (reference, section 6); prices in fen, weights in kilograms."""

from typing import Any

from gateway.platforms.weixin_store.wire.base import Flag, Id, Number, Read, Written

#: How many pieces or kilograms, which may be a fraction, or text.
Amount = int | float | str


class TemplatesRequest(Written, frozen=True, kw_only=True):
    """The request of `merchant/getfreighttemplatelist`."""

    offset: int
    limit: int


class TemplatesResponse(Read, frozen=True, kw_only=True):
    """The ids of templates; a page that is not full is the last one."""

    template_id_list: list[Id] | None


class TemplateRequest(Written, frozen=True, kw_only=True):
    """The request of `merchant/getfreighttemplatedetail`."""

    template_id: str


class Area(Read, frozen=True, kw_only=True):
    """A province, a city in it, or a district of that."""

    province_name: str | None = None
    city_name: str | None = None
    county_name: str | None = None


class Method(Read, frozen=True, kw_only=True):
    """A fee rule; the default one names no areas.

    The pages say `address_infos`, one SDK and older samples `address_info`.
    """

    is_default: Flag | None = None
    address_infos: list[Area] | None = None
    address_info: list[Area] | None = None
    first_val_amount: Amount | None = None
    first_price: Number | None = None
    second_val_amount: Amount | None = None
    second_price: Number | None = None


class Methods(Read, frozen=True, kw_only=True):
    """`all_freight_calc_method`."""

    freight_calc_method_list: list[Method] | None = None


class FreightTemplate(Read, frozen=True, kw_only=True):
    """What is mapped of a template; writes send the rest back as it came.

    `valuation_type`: PIECE, WEIGHT. `shipping_method`: FREE, CONDITION_FREE, NO_FREE.
    """

    template_id: Id
    name: str | None = None
    valuation_type: str | None = None
    delivery_type: str | None = None
    shipping_method: str | None = None
    all_freight_calc_method: Methods | None = None
    is_default: Flag | None = None


class TemplateResponse(Read, frozen=True, kw_only=True):
    """The answer to `merchant/getfreighttemplatedetail`."""

    freight_template: FreightTemplate


class WriteRequest(Written, frozen=True, kw_only=True):
    """A whole template, for `merchant/addfreighttemplate` and `merchant/updatefreighttemplate`.

    A dictionary, since an update sends every member of the platform's own document.
    """

    freight_template: dict[str, Any]


class WriteResponse(Read, frozen=True, kw_only=True):
    """The answer to `merchant/addfreighttemplate`."""

    template_id: Id
