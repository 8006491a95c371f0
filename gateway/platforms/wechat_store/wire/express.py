"""Delivery templates (manual 3), as read and as written; fees in fen."""

from gateway.wechat.wire import Id, Number, Read, Written


class TemplateRequest(Written, frozen=True, kw_only=True):
    """Requests one template, or its deletion (manual 3.2, 3.4)."""

    template_id: int


class Rule(Read, frozen=True, kw_only=True, rename="pascal"):
    """One fee for the first units, another for each further lot."""

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
    """The rules of one delivery service; `type` is an id from the table after manual 1.1."""

    type: Number | None = None
    normal: Rule | None = None
    custom: list[RegionalRule] | None = None


class Template(Read, frozen=True, kw_only=True, rename="pascal"):
    """`assumer`: 0 the buyer pays, 1 the seller; `valuation`: by 0 piece, 1 weight, 2 volume."""

    id: Id
    name: str | None = None
    assumer: Number | None = None
    valuation: Number | None = None
    top_fee: list[Fee] | None = None


class TemplateResponse(Read, frozen=True, kw_only=True):
    """The response of manual 3.4."""

    template_info: Template


class TemplatesResponse(Read, frozen=True, kw_only=True):
    """The response of manual 3.5."""

    templates_info: list[Template] | None = None


class NewRule(Written, frozen=True, kw_only=True, rename="pascal"):
    """A rule as sent."""

    start_standards: int
    start_fees: int
    add_standards: int
    add_fees: int


class NewRegionalRule(NewRule, frozen=True, kw_only=True, rename="pascal"):
    """A rule for one place as sent; see the manual's list of regions."""

    dest_country: str
    dest_province: str
    dest_city: str


class NewFee(Written, frozen=True, kw_only=True, rename="pascal"):
    """The rules of one delivery service as sent."""

    type: int
    normal: NewRule
    custom: list[NewRegionalRule] | None = None


class NewTemplate(Written, frozen=True, kw_only=True, rename="pascal"):
    """A template as sent; the platform bills by piece only (manual 3.1)."""

    name: str
    assumer: int
    valuation: int
    top_fee: list[NewFee]


class AddRequest(Written, frozen=True, kw_only=True):
    """A new template (manual 3.1)."""

    delivery_template: NewTemplate


class AddResponse(Read, frozen=True, kw_only=True):
    """The response of manual 3.1."""

    template_id: Id


class UpdateRequest(Written, frozen=True, kw_only=True):
    """A template's new whole document (manual 3.3)."""

    template_id: int
    delivery_template: NewTemplate
