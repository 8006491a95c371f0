"""Reads products: the platform lists ids only, so that a page is one call for each product."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Any, Final

from gateway.errors import PlatformRejected
from gateway.platform_kit.calls import ask, each, find, together
from gateway.platform_kit.provenance import provenance
from gateway.platforms.weixin_store.endpoints import GET_PRODUCT, GET_PRODUCT_IDS
from gateway.platforms.weixin_store.mapping.product import product_document, product_from_wire
from gateway.platforms.weixin_store.mapping.product_status import LISTED
from gateway.platforms.weixin_store.wire.product import (
    BOTH,
    DRAFT,
    LINE,
    ProductIdsRequest,
    ProductIdsResponse,
    ProductRequest,
    ProductResponse,
)
from gateway.ports import Page, ProductQuery, ReadOptions
from gateway.upstream.answer import PlatformAnswer
from gateway.upstream.client import PlatformClient
from gateway.upstream.document import document
from gateway.wechat.scalars import whole
from schema.product import Product
from schema.product_status import ProductStatus
from schema.shop import Shop

#: The most ids of one call.
_PAGE: Final = 30
#: Products that are read at once where each has to be looked at.
_ABREAST: Final = 50
#: Seconds that a list's ids hold for its next pages: since the last page, since they were read.
_PAUSE: Final = 60.0
_LONGEST: Final = 600.0

#: `status` of drafts that were never listed, which a list without a status leaves out. The page
#: documents 0, the platform's support said 1 (C): both are asked for.
_DRAFTS: Final = (0, 1)
#: The platform does not take this argument.
_BAD_ARGUMENT: Final = "10020051"
#: Never listed, so that there is no such copy; a kind of product that has no draft (A). The page
#: does not say whether they also refuse a call for both copies: then the other one is asked for.
_ONE_COPY: Final = {"10020065": DRAFT, "10020207": LINE}

Answer = PlatformAnswer[ProductResponse]


class _Part(Enum):
    """Which products a list has, by the code of those that are listed."""

    ALL = auto()
    LISTED = auto()
    OTHERS = auto()


@dataclass(slots=True)
class _Listing:
    """The ids of a list, sorted, and the answers that they are from; times are monotonic."""

    ids: Sequence[str]
    answers: Sequence[PlatformAnswer[Any]]
    read_at: float
    used_at: float


class Products:
    """Implements ReadsProducts."""

    def __init__(self, client: PlatformClient, shop: Shop) -> None:
        self._client = client
        self._shop = shop
        self._listings: dict[_Part, _Listing] = {}

    async def get_many(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Product]:
        """Products by platform id, each by a call of its own."""
        found = await each(ids, partial(self.answer, reading=reading))
        products = ((id_, self.product(answer)) for id_, answer in found.items())
        return {id_: product for id_, product in products if product is not None}

    async def page(
        self, query: ProductQuery, after: str | None, first: int, reading: ReadOptions
    ) -> Page[Product]:
        """At most `first` products that follow the platform id `after`.

        Without a condition that is one call for each of them; with one, products are read until
        there are enough that fulfil it, but only those of the listed ones or the rest that may.
        """
        words = (query.search or "").casefold().split()
        conditional = bool(words) or query.statuses is not None
        listing = await self._listing(_part(query.statuses), after, reading)
        place = 0 if after is None else bisect_right(listing.ids, after)
        enough = first + 1 if conditional else first
        answers: list[Answer] = []
        found: list[Product] = []
        while place < len(listing.ids) and len(found) < enough:
            count = _ABREAST if conditional else enough - len(found)
            ids = listing.ids[place : place + count]
            place += len(ids)
            for answer in (await each(ids, partial(self.answer, reading=reading))).values():
                answers.append(answer)
                product = self.product(answer)
                if product is not None and _matches(product, query.statuses, words):
                    found.append(product)
        more = len(found) > first or place < len(listing.ids)
        return Page(
            items=found[:first],
            more=more,
            total=len(found) if after is None and not more else None,
            provenance=provenance(*listing.answers, *answers),
        )

    async def statuses(
        self, ids: Sequence[str], reading: ReadOptions
    ) -> Mapping[str, ProductStatus]:
        """The statuses of products; each takes a call."""
        found = await self.get_many(ids, reading)
        return {
            id_: product.known_status
            for id_, product in found.items()
            if product.known_status is not None
        }

    async def answer(self, product: str, reading: ReadOptions) -> Answer | None:
        """Both copies of a product; None if the platform has no such product."""
        request = ProductRequest(product_id=product, data_type=BOTH)
        try:
            return await find(self._client, GET_PRODUCT, request, reading)
        except PlatformRejected as refusal:
            other = _ONE_COPY.get(refusal.platform_code or "")
            if other is None:
                raise
        request = ProductRequest(product_id=product, data_type=other)
        return await find(self._client, GET_PRODUCT, request, reading)

    def product(self, answer: Answer) -> Product | None:
        """The product of an answer; None if the platform reports that it does not exist."""
        return answer.derive_as_read(self._mapped)

    def _mapped(
        self, value: ProductResponse, body: bytes, asked_at: float | None
    ) -> Product | None:
        product = product_from_wire(value, self._shop, lambda: product_document(document(body)))
        if product is not None:
            product.asked_at = asked_at
        return product

    async def _listing(self, part: _Part, after: str | None, reading: ReadOptions) -> _Listing:
        """The ids of a list; the pages that follow its first one share those of the first."""
        now = self._client.clock.monotonic()
        known = self._listings.get(part)
        if (
            after is not None
            and known is not None
            and now - known.used_at < _PAUSE
            and now - known.read_at < _LONGEST
        ):
            known.used_at = now
            return known
        statuses: tuple[int | None, ...] = (None, *_DRAFTS)
        if part is _Part.LISTED:
            statuses = (LISTED,)
        elif part is _Part.OTHERS:
            statuses = (LISTED, *statuses)
        lists = await together(self._ids(status, reading) for status in statuses)
        ids = {id_ for some, _ in lists for id_ in some}
        if part is _Part.OTHERS:
            ids -= set(lists[0][0])
        listing = _Listing(
            ids=sorted(ids),
            answers=[answer for _, answers in lists for answer in answers],
            read_at=now,
            used_at=now,
        )
        self._listings[part] = listing
        return listing

    async def _ids(
        self, status: int | None, reading: ReadOptions
    ) -> tuple[list[str], list[PlatformAnswer[ProductIdsResponse]]]:
        """All ids of a status, page by page; none of a draft's if the platform does not take it."""
        ids: dict[str, None] = {}
        answers: list[PlatformAnswer[ProductIdsResponse]] = []
        next_key: str | None = None
        while True:
            request = ProductIdsRequest(status=status, page_size=_PAGE, next_key=next_key)
            try:
                answer = await ask(self._client, GET_PRODUCT_IDS, request, reading)
            except PlatformRejected as refusal:
                if status in _DRAFTS and refusal.platform_code == _BAD_ARGUMENT:
                    return [], []
                raise
            answers.append(answer)
            page = answer.value
            before = len(ids)
            ids.update(dict.fromkeys(map(str, page.product_ids or ())))
            # The platform does not say whether a page follows.
            whole_list = len(ids) >= (whole(page.total_num) or 0) and page.total_num is not None
            if whole_list or len(ids) == before or not page.next_key or page.next_key == next_key:
                return list(ids), answers
            next_key = page.next_key


def _part(statuses: frozenset[ProductStatus] | None) -> _Part:
    """The list that has all products of these statuses.

    The platform lists those that are listed by their code; some of them are sold out, and others
    that are sold out have a code of their own, by which it does not list.
    """
    if statuses is None or ProductStatus.SOLD_OUT in statuses:
        return _Part.ALL
    if ProductStatus.ON_SHELF not in statuses:
        return _Part.OTHERS
    return _Part.LISTED if len(statuses) == 1 else _Part.ALL


def _matches(
    product: Product, statuses: frozenset[ProductStatus] | None, words: Sequence[str]
) -> bool:
    """Whether it has one of the statuses, and all words in title, SKU codes or platform id."""
    if statuses is not None and product.known_status not in statuses:
        return False
    if not words:
        return True
    codes = (sku.code for sku in product.skus if sku.code)
    text = "\n".join((product.title, product.platform_id, *codes)).casefold()
    return all(word in text for word in words)
