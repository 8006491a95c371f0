"""Delivery templates (manual 3): what is read and what is written, fees in fen."""

from gateway.platforms.wechat_store.wire.base import Id, Number, Read, Written


class TemplateRequest(Written, frozen=True, kw_only=True):
    """Asks for one template, or for its end (manual 3.2, 3.4)."""

    template_id: int


class Rule(Read, frozen=True, kw_only=True, rename="pascal"):
    """So much for the first units, so much for each further lot."""

    start_standards: Number | None = None
    start_fees: Number | None = None
    add_standards: Number | None = None
    add_fees: Number | None = None


class RegionalRule(Rule, frozen=True, kw_only=True, rename="pascal"):
    """A rule for one place."""

    dest_country: str | None = None
    dest_province: str | None = None
    dest_city: str | None = None


class Fee(Read, frozen=True, kw_only=True, rename="pascal"):
    """The rules of one way of sending; `type` is an id of the table after manual 1.1."""

    type: Number | None = None
    normal: Rule | None = None
    custom: list[RegionalRule] | None = None


class Template(Read, frozen=True, kw_only=True, rename="pascal"):
    """`assumer`: 0 the buyer pays, 1 the seller; `valuation`: 0 piece, 1 weight, 2 volume."""

    id: Id
    name: str | None = None
    assumer: Number | None = None
    valuation: Number | None = None
    top_fee: list[Fee] | None = None


class TemplateResponse(Read, frozen=True, kw_only=True):
    """The answer of manual 3.4."""

    template_info: Template


class TemplatesResponse(Read, frozen=True, kw_only=True):
    """The answer of manual 3.5."""

    templates_info: list[Template] | None = None


class NewRule(Written, frozen=True, kw_only=True, rename="pascal"):
    """A rule as it is sent."""

    start_standards: int
    start_fees: int
    add_standards: int
    add_fees: int


class NewRegionalRule(NewRule, frozen=True, kw_only=True, rename="pascal"):
    """A rule for one place as it is sent; see the manual's list of regions."""

    dest_country: str
    dest_province: str
    dest_city: str


class NewFee(Written, frozen=True, kw_only=True, rename="pascal"):
    """The rules of one way of sending as they are sent."""

    type: int
    normal: NewRule
    custom: list[NewRegionalRule] | None = None


class NewTemplate(Written, frozen=True, kw_only=True, rename="pascal"):
    """A template as it is sent; the platform bills by piece only (manual 3.1)."""

    name: str
    assumer: int
    valuation: int
    top_fee: list[NewFee]


class AddRequest(Written, frozen=True, kw_only=True):
    """A new template (manual 3.1)."""

    delivery_template: NewTemplate


class AddResponse(Read, frozen=True, kw_only=True):
    """The answer of manual 3.1."""

    template_id: Id


class UpdateRequest(Written, frozen=True, kw_only=True):
    """A template's new whole document (manual 3.3)."""

    template_id: int
    delivery_template: NewTemplate
