"""The store's home page: its classification, the order of its products, its banner (section 7)."""

from gateway.platforms.weixin_store.wire.base import Flag, Id, Number, Read, Written


class Level2(Read, frozen=True, kw_only=True):
    """A class below another one."""

    id: Id
    name: str | None = None
    is_displayed: Flag | None = None


class Level1(Read, frozen=True, kw_only=True):
    """A class of the first level, with those below it."""

    id: Id
    name: str | None = None
    is_displayed: Flag | None = None
    level_2: list[Level2] | None = None


class Tree(Read, frozen=True, kw_only=True):
    """The classification: two levels."""

    level_1: list[Level1] | None = None


class VersionedTree(Read, frozen=True, kw_only=True):
    """The classification, and its version, which writes would have to name."""

    version: Number | None = None
    tree: Tree | None = None


class TreeResponse(Read, frozen=True, kw_only=True):
    """The answer to `store/classification/tree/get`; no tree: there is no classification."""

    resp: VersionedTree | None


class ClassProducts(Written, frozen=True, kw_only=True):
    """Which class: `level_2_id` 0 is the first level itself. The ids are small numbers."""

    level_1_id: int
    level_2_id: int
    page_size: int
    page_context: str | None = None


class ClassProductsRequest(Written, frozen=True, kw_only=True):
    """The request of `store/classification/tree/product/get`."""

    req: ClassProducts


class ClassProductsPage(Read, frozen=True, kw_only=True):
    """One page of a class's products; an empty `page_context` ends the list."""

    product_ids: list[Id] | None = None
    page_context: str | None = None


class ClassProductsResponse(Read, frozen=True, kw_only=True):
    """The answer to `store/classification/tree/product/get`."""

    resp: ClassProductsPage | None


class WindowRequest(Written, frozen=True, kw_only=True):
    """The request of `store/window/product/list/get`; `page_size` is 30 at most."""

    page_size: int
    next_key: str | None = None


class WindowProduct(Read, frozen=True, kw_only=True):
    """A listed product on the home page."""

    product_id: Id
    is_set_hide: Flag | None = None
    is_set_top: Flag | None = None


class WindowResponse(Read, frozen=True, kw_only=True):
    """One page of the home page's products, in its order; there is no `has_more`."""

    products: list[WindowProduct] | None
    next_key: str | None = None
    total_num: Number | None = None


class ReorderRequest(Written, frozen=True, kw_only=True):
    """A product's new place; places are counted from 1."""

    product_id: str
    index_num: int


class HideRequest(Written, frozen=True, kw_only=True):
    """Hides a product from the home page (1), or shows it (0)."""

    product_id: str
    is_set_hide: int


class TopRequest(Written, frozen=True, kw_only=True):
    """Pins a product to the top of the home page (1), or not (0)."""

    product_id: str
    is_set_top: int


class BannerProduct(Read, frozen=True, kw_only=True):
    """The product that a banner opens."""

    product_id: Id | None = None


class BannerFinder(Read, frozen=True, kw_only=True):
    """The channel's video that a banner opens."""

    feed_id: str | None = None
    finder_user_name: str | None = None


class BannerArticle(Read, frozen=True, kw_only=True):
    """The article that a banner opens."""

    url: str | None = None


class BannerPicture(Read, frozen=True, kw_only=True):
    """How a banner looks."""

    img_url: str | None = None
    title: str | None = None
    description: str | None = None


class BannerEntry(Read, frozen=True, kw_only=True):
    """One banner; `type` 1 product, 3 channel video, 4 article."""

    type: Number | None = None
    product: BannerProduct | None = None
    finder: BannerFinder | None = None
    official_account: BannerArticle | None = None
    banner: BannerPicture | None = None


class Banner(Read, frozen=True, kw_only=True):
    """The banners in force; `scale` 1 small, 2 large."""

    scale: Number | None = None
    banner: list[BannerEntry] | None = None


class Application(Read, frozen=True, kw_only=True):
    """Banners that wait for their audit, or were refused; they are not shown."""

    apply_id: Id | None = None


class BannerResponse(Read, frozen=True, kw_only=True):
    """The answer to `basics/homepage/banner/get`; of an application only that there is one."""

    banner: Banner | None = None
    apply: Application | None = None

    def __post_init__(self) -> None:
        """Refuse an answer with neither; the platform tells that by a code."""
        if self.banner is None and self.apply is None:
            raise ValueError("neither a banner nor an application")
