"""Lists of orders: what they ask of the platforms, and what of the index."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.errors import BadUserInput
from gateway.ledger.paging import first_second, last_second, names
from gateway.ports import OrderQuery
from gateway.services.cursor import PageArguments, mark_of
from gateway.services.viewer import Viewer
from gateway.store.order_questions import OrderQuestion, OrderSort
from schema.order import OrderFilter, OrderSortKey
from schema.scope import Scope

#: The fields of a filter that only the index can answer, as clients write them.
_INDEXED: Final[Mapping[str, str]] = {
    "updated_from": "updatedFrom",
    "updated_to": "updatedTo",
    "paid_from": "paidFrom",
    "paid_to": "paidTo",
    "linked_buyers": "linkedBuyers",
    "platform_ids": "platformIds",
    "search": "search",
    "open_after_sale": "openAfterSale",
    "metadata": "metadata",
}
#: Of an open id: the shop whose it is, and the id.
BuyerId = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderListing:
    """What a list of orders is asked: its filter and its order."""

    chosen: OrderFilter = field(default_factory=OrderFilter)
    sort_key: OrderSortKey | None = None
    reverse: bool = False

    @property
    def default_order(self) -> bool:
        """Whether it is sorted as platforms sort it: newest first."""
        return self.sort_key in (None, OrderSortKey.CREATED_AT) and not self.reverse

    @property
    def mark(self) -> int:
        """What its cursors are marked with."""
        if self.default_order:
            return mark_of(self.chosen)
        return mark_of(self.chosen, self.sort_key or OrderSortKey.CREATED_AT, self.reverse)

    def indexed_arguments(self, page: PageArguments) -> list[str]:
        """The arguments that only the index can answer, as clients write them."""
        given = indexed_fields(self.chosen)
        listed = {
            "sortKey": self.sort_key is not None,
            "reverse": self.reverse,
            "last": page.backwards,
        }
        return [*given, *(name for name, asked in listed.items() if asked)]


def indexed_fields(chosen: OrderFilter) -> list[str]:
    """The fields of a filter that only the index can answer, as clients write them."""
    values = {public: getattr(chosen, name) for name, public in _INDEXED.items()}
    return [
        public
        for public, value in values.items()
        if value is not None and not (public == "linkedBuyers" and value is False)
    ]


def check_filter(chosen: OrderFilter) -> None:
    """Raises BadUserInput for fields that do not go together."""
    if chosen.linked_buyers and chosen.buyer_open_id is None:
        raise BadUserInput("`linkedBuyers` needs a `buyerOpenId` whose links are followed.")


def query_of(chosen: OrderFilter, *, beside: frozenset[str]) -> OrderQuery:
    """What the platforms are asked; `beside` are the shops whose orders' copies are left out."""
    return OrderQuery(
        statuses=frozenset(chosen.statuses) if chosen.statuses is not None else None,
        created_from=chosen.created_from,
        created_to=chosen.created_to,
        buyer_open_id=chosen.buyer_open_id,
        copies=chosen.copies,
        beside=beside,
    )


def question_of(
    listing: OrderListing,
    shops: Collection[str],
    buyers: Collection[BuyerId] | None,
    viewer: Viewer,
) -> OrderQuestion:
    """What the index is asked.

    Args:
        listing: what clients asked.
        shops: those that the filter selects and the viewer sees.
        buyers: the open ids of which the orders are; None: of anyone.
        viewer: who asks; what only pii:read shows finds nothing without it.
    """
    chosen = listing.chosen
    return OrderQuestion(
        shops=shops,
        statuses=names(chosen.statuses),
        created_from=first_second(chosen.created_from),
        created_to=last_second(chosen.created_to),
        updated_from=first_second(chosen.updated_from),
        updated_to=last_second(chosen.updated_to),
        paid_from=first_second(chosen.paid_from),
        paid_to=last_second(chosen.paid_to),
        platform_ids=chosen.platform_ids,
        buyers=buyers,
        search=chosen.search,
        with_personal=Scope.PII_READ in viewer.scopes,
        open_after_sale=chosen.open_after_sale,
        copies=chosen.copies,
        metadata=(
            None
            if chosen.metadata is None
            else [(item.key, item.value) for item in chosen.metadata]
        ),
        sort=OrderSort[(listing.sort_key or OrderSortKey.CREATED_AT).name],
        reverse=listing.reverse,
    )
