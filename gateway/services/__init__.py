"""Use cases across platforms: route, fan out, merge, page."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_bytes
from typing import NamedTuple, Self

from gateway.auth.keys_file import KeyRecord
from gateway.feed.health_changes import HealthFeed
from gateway.feed.order_changes import OrderChangeFeed
from gateway.index.writer import IndexWriter
from gateway.outbox.dispatcher import Dispatcher
from gateway.outbox.intake import OrderIntake
from gateway.outbox.shopping_list_intake import ShoppingListIntake
from gateway.ports import Adapter
from gateway.services.after_sales import AfterSaleService
from gateway.services.api_keys import ApiKeyService
from gateway.services.audit import AuditService
from gateway.services.bulk_imports import BulkImportService
from gateway.services.bulk_operations import BulkOperationService
from gateway.services.bulk_results import BulkResultService
from gateway.services.buyer_links import BuyerLinkService
from gateway.services.catalogue import CatalogueService
from gateway.services.copies import CopyService
from gateway.services.counterparts import CounterpartService
from gateway.services.directory import Directory
from gateway.services.export_sources import ExportedIndex
from gateway.services.exports import ChecksSelections, ExportService
from gateway.services.fan_out import FanOut
from gateway.services.indexed_after_sales import IndexedAfterSaleService
from gateway.services.indexed_orders import IndexedOrderService
from gateway.services.indexed_products import IndexedProductService
from gateway.services.metadata import MetadataService
from gateway.services.mirroring.synchroniser import MirrorSynchroniser
from gateway.services.order_stats import OrderStatsService
from gateway.services.orders import OrderService
from gateway.services.products import ProductService
from gateway.services.pushes import PushService
from gateway.services.shelves import ShelfService
from gateway.services.shops import ShopService
from gateway.services.subscriptions import SubscriptionService
from gateway.services.wanted_items import WantedItemService
from gateway.services.webhooks import WebhookService
from gateway.services.writing.after_sale_decisions import AfterSaleDecisions
from gateway.services.writing.after_sales import AfterSaleWriting
from gateway.services.writing.delivery_templates import TemplateWriting
from gateway.services.writing.fulfilment import Fulfilment
from gateway.services.writing.groups import GroupWriting
from gateway.services.writing.images import ImageWriting
from gateway.services.writing.metadata import MetadataWriting
from gateway.services.writing.mirrors import MirrorWriting
from gateway.services.writing.order_center import OrderCenterWriting
from gateway.services.writing.orders import OrderWriting
from gateway.services.writing.products import ProductWriting
from gateway.services.writing.pushes import PushWriting
from gateway.services.writing.record_change import OrderChangeRecorder, ProductChangeRecorder
from gateway.services.writing.shelves import ShelfWriting
from gateway.services.writing.shopping_list import ShoppingListWriting
from gateway.services.writing.stock import StockWriting
from gateway.services.writing.webhook_endpoints import EndpointRules, WebhookEndpointWriting
from gateway.settings.shops import MirrorSettings
from gateway.store.store import Store
from schema.delivery import Province


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """The dependencies of all use cases."""

    #: In the order of the configuration.
    adapters: Mapping[str, Adapter]
    store: Store
    #: The platform's list of regions.
    provinces: Sequence[Province]
    dispatcher: Dispatcher
    #: The mirrors of the configuration.
    mirrors: Sequence[MirrorSettings]
    feed: OrderChangeFeed
    health_feed: HealthFeed
    #: Wakes subscribers to order changes.
    notify: Callable[[], Awaitable[None]]
    #: Seconds since the epoch.
    now: Callable[[], float]
    #: The clock of deadlines, in seconds.
    monotonic: Callable[[], float]
    #: What webhook endpoints may be.
    endpoint_rules: EndpointRules
    #: The API keys that are not revoked.
    api_keys: Callable[[], Sequence[KeyRecord]] = list
    #: The public address of the gateway.
    public_url: str = ""
    #: Checks the selections of exports; None: nothing can be exported.
    selections: ChecksSelections | None = None
    #: Writes the index; None: there is none.
    index: IndexWriter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All use cases, shared by every request."""

    directory: Directory
    products: ProductService
    counterparts: CounterpartService
    catalogue: CatalogueService
    shelves: ShelfService
    orders: OrderService
    copies: CopyService
    buyer_links: BuyerLinkService
    order_stats: OrderStatsService
    after_sales: AfterSaleService
    wanted_items: WantedItemService
    shops: ShopService
    pushes: PushService
    audit: AuditService
    metadata: MetadataService
    api_keys: ApiKeyService
    webhooks: WebhookService
    bulk_operations: BulkOperationService
    bulk_results: BulkResultService
    bulk_imports: BulkImportService
    exports: ExportService
    following: SubscriptionService
    product_writing: ProductWriting
    stock_writing: StockWriting
    image_writing: ImageWriting
    group_writing: GroupWriting
    shelf_writing: ShelfWriting
    template_writing: TemplateWriting
    fulfilment: Fulfilment
    order_writing: OrderWriting
    order_center_writing: OrderCenterWriting
    push_writing: PushWriting
    shopping_list_writing: ShoppingListWriting
    mirror_writing: MirrorWriting
    mirror_synchroniser: MirrorSynchroniser
    after_sale_writing: AfterSaleWriting
    after_sale_decisions: AfterSaleDecisions
    metadata_writing: MetadataWriting
    webhook_endpoint_writing: WebhookEndpointWriting

    @classmethod
    def over(cls, given: Resources) -> Self:
        """The use cases over these shops."""
        store, directory = given.store, Directory(given.adapters)
        fan_out = FanOut(directory, given.monotonic)
        lists = _lists(given, directory, fan_out)
        orders, products, after_sales = lists.orders, lists.products, lists.after_sales
        pushes = PushService(directory, store)
        intake = OrderIntake(store, given.dispatcher, given.notify, given.index)
        shelves = ShelfService(directory, fan_out)
        recorder = OrderChangeRecorder(store, given.notify)
        order_writing = OrderWriting(directory, intake, orders, pushes, given.now, given.monotonic)
        bulk_operations = BulkOperationService(store, given.api_keys, given.public_url)
        synchroniser = _synchroniser(given)
        return cls(
            directory=directory,
            products=products,
            counterparts=lists.counterparts,
            catalogue=CatalogueService(directory, given.provinces),
            shelves=shelves,
            orders=orders,
            copies=CopyService(directory, store.mirrors),
            buyer_links=BuyerLinkService(directory, store.buyer_links),
            order_stats=lists.order_stats,
            after_sales=after_sales,
            wanted_items=WantedItemService(directory),
            shops=ShopService(directory, store, indexed=given.index is not None),
            pushes=pushes,
            audit=AuditService(directory, store),
            metadata=MetadataService(store),
            api_keys=ApiKeyService(directory, store, given.api_keys, given.now),
            webhooks=WebhookService(store),
            bulk_operations=bulk_operations,
            bulk_imports=BulkImportService(directory, store, bulk_operations),
            bulk_results=BulkResultService(store, bulk_operations),
            exports=ExportService(
                directory, store, bulk_operations, given.selections, lists.exported
            ),
            following=SubscriptionService(
                directory, orders, store, given.feed, given.health_feed, given.now
            ),
            product_writing=ProductWriting(directory, products, ProductChangeRecorder(store)),
            stock_writing=StockWriting(directory, products),
            image_writing=ImageWriting(directory),
            group_writing=GroupWriting(directory, shelves),
            shelf_writing=ShelfWriting(directory, products),
            template_writing=TemplateWriting(directory),
            fulfilment=Fulfilment(directory, orders, recorder, order_writing, given.now),
            order_writing=order_writing,
            order_center_writing=OrderCenterWriting(directory),
            push_writing=PushWriting(directory, store, given.dispatcher, pushes),
            after_sale_writing=AfterSaleWriting(
                directory, intake, after_sales, pushes, given.now, given.monotonic
            ),
            after_sale_decisions=AfterSaleDecisions(directory, after_sales, store, recorder),
            mirror_writing=MirrorWriting(directory, synchroniser, orders, pushes, given.now),
            mirror_synchroniser=synchroniser,
            metadata_writing=MetadataWriting(directory, store, orders, products),
            webhook_endpoint_writing=_webhook_endpoints(given, directory),
            shopping_list_writing=_shopping_list(given, directory, products, pushes),
        )


def _webhook_endpoints(given: Resources, directory: Directory) -> WebhookEndpointWriting:
    return WebhookEndpointWriting(
        directory,
        given.store,
        WebhookService(given.store),
        given.endpoint_rules,
        token_bytes,
    )


def _shopping_list(
    given: Resources, directory: Directory, products: ProductService, pushes: PushService
) -> ShoppingListWriting:
    intake = ShoppingListIntake(given.store, given.dispatcher, given.index)
    return ShoppingListWriting(directory, given.store, intake, products, pushes, given.now)


def _synchroniser(given: Resources) -> MirrorSynchroniser:
    return MirrorSynchroniser(
        given.adapters,
        given.store,
        given.dispatcher,
        given.notify,
        given.mirrors,
        given.now,
        index=given.index,
    )


class _Lists(NamedTuple):
    """The use cases that read platforms, and the index where it is on."""

    orders: OrderService
    order_stats: OrderStatsService
    after_sales: AfterSaleService
    products: ProductService
    counterparts: CounterpartService
    exported: ExportedIndex


def _lists(given: Resources, directory: Directory, fan_out: FanOut) -> _Lists:
    store, now, on = given.store, given.now, given.index is not None
    orders = IndexedOrderService(directory, fan_out, store, now, on=on)
    after_sales = IndexedAfterSaleService(directory, fan_out, store, now, on=on)
    products = IndexedProductService(directory, fan_out, store, now, on=on)
    return _Lists(
        orders=OrderService(directory, fan_out, orders),
        order_stats=OrderStatsService(directory, orders, store.order_statistics, now),
        after_sales=AfterSaleService(directory, fan_out, after_sales),
        products=ProductService(directory, fan_out, products),
        counterparts=CounterpartService(directory, store, products),
        exported=ExportedIndex(orders, after_sales, products),
    )
