"""The sample shop's products, a row each; ids are those that the manual's samples name."""

# ruff: noqa: E501 - one product a line reads as the table that it is

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One product: category, value ids of each SKU axis, prices in fen, one property value id.

    No axes: one SKU, whose id is empty. `stock` None: drawn from the seed.
    """

    title: str
    category_id: int
    price: int
    list_price: int
    description: str
    axes: tuple[tuple[str, ...], ...] = ()
    property_value: str = ""
    store_id: str = ""
    on_shelf: bool = True
    post_free: bool = False
    buy_limit: int = 0
    stock: int | None = None


_PINK, _WHITE, _BLACK, _NAVY = "10000995", "10000996", "10000997", "10000998"
_M, _L, _XL = "10001010", "10001011", "10001012"
_36, _38, _40, _42 = "10001036", "10001038", "10001040", "10001042"
_250G, _500G, _2500G = "10001201", "10001202", "10001203"
_ONE, _FAMILY, _GIFT = "10001301", "10001302", "10001303"
_DARK, _ORANGE, _BEIGE = "1079742386", "1079742376", "1079742380"
_CAMERA_BLACK, _CAMERA_WHITE, _SILVER = "1079742386", "1079742363", "1079742377"
_COTTON, _LINEN, _CANVAS = "200060001", "200060002", "200060003"
_CERAMIC, _WOOD = "200060004", "200060005"
_HANGZHOU, _NANPING, _LIANGSHAN = "200070001", "200070002", "200070003"
_AKSU, _GUANGZHOU = "200070004", "200070005"

# fmt: off
ROWS = (
    ProductRow("纯棉圆领短袖T恤", 537900101, 5900, 9900, "精梳棉，透气不起球", ((_PINK, _WHITE), (_M, _L)), _COTTON, "pDF3iY5EYkMxs4-tF8xedyES5GQI"),
    ProductRow("亚麻宽松短袖衬衫", 537900101, 12900, 19900, "夏季亚麻，轻薄凉爽", ((_WHITE, _NAVY), (_M, _L, _XL)), _LINEN, "pDF3iY9cEWyMimNlKbik_NYJTzYU"),
    ProductRow("条纹长袖打底衫", 537900101, 7900, 11900, "春秋打底，弹力贴身", ((_BLACK, _WHITE), (_M, _L)), _COTTON, "pDF3iY4kpZagQfwJ_LVQBaOC-LsM"),
    ProductRow("加绒连帽卫衣", 537900102, 15900, 25900, "内里加绒，秋冬保暖", ((_BLACK, _NAVY), (_M, _L, _XL)), _COTTON, "pDF3iY-CgqlAL3k8Ilz-6sj0UYpk"),
    ProductRow("圆领套头卫衣", 537900102, 13900, 19900, "重磅面料，挺括有型", ((_PINK, _BLACK), (_M, _L)), _COTTON, "pDF3iY-RewlAL3k8Ilz-6sjsepp9"),
    ProductRow("法式碎花连衣裙", 537900103, 18900, 29900, "收腰显瘦，度假穿搭", ((_PINK, _WHITE), (_M, _L)), _COTTON, "pDF3iYzZoY-Budrzt8O6IxrwIJAA"),
    ProductRow("针织半身长裙", 537900103, 14900, 22900, "垂感针织，遮肉百搭", ((_BLACK,), (_M, _L, _XL)), _COTTON, "pDF3iY3pnWSGJcO2MpS2Nxy3HWx8"),
    ProductRow("直筒牛仔长裤", 537900104, 16900, 26900, "高腰直筒，四季可穿", ((_BLACK, _NAVY), (_M, _L, _XL)), _COTTON, "pDF3iY33jNt0Dj3M3UqiGlUxGrio"),
    ProductRow("运动速干短裤", 537900104, 6900, 9900, "速干面料，跑步健身", ((_BLACK, _NAVY), (_L, _XL)), _COTTON, "p0FfkjnSNm4NQj0_4a9l9MtRRxzA", on_shelf=False),
    ProductRow("轻便缓震跑步鞋", 537900201, 25900, 39900, "缓震鞋底，日常慢跑", ((_WHITE, _BLACK), (_38, _40, _42)), _CANVAS, "pDF3iYwktviE3BzU3BKiSWWi9Nkw"),
    ProductRow("户外防滑徒步鞋", 537900201, 32900, 45900, "防滑大底，轻户外", ((_BLACK,), (_40, _42)), _CANVAS, "pDF3iY-mql6CncpbVajaB_obC3Bk"),
    ProductRow("低帮经典帆布鞋", 537900202, 9900, 15900, "硫化工艺，百搭小白鞋", ((_WHITE, _NAVY), (_36, _38, _40)), _CANVAS, "pDF3iY-mql6CncpbVajaB_obC321"),
    ProductRow("真皮链条单肩包", 537072692, 39900, 59900, "头层牛皮，小巧能装", ((_DARK, _BEIGE),), "200050868"),
    ProductRow("大容量托特包", 537072692, 19900, 29900, "通勤大包，可放笔记本", ((_DARK, _ORANGE, _BEIGE),), "200050867"),
    ProductRow("帆布双肩背包", 537900302, 15900, 23900, "防泼水，多隔层", ((_DARK, _ORANGE),), "200050972"),
    ProductRow("商务电脑双肩包", 537900302, 22900, 32900, "减负背带，独立电脑仓", ((_DARK,),), "200050971", post_free=True),
    ProductRow("明前龙井绿茶", 537900401, 16800, 25800, "明前采摘，豆香清雅", ((_250G, _500G),), _HANGZHOU),
    ProductRow("武夷大红袍", 537900401, 19800, 29800, "岩骨花香，炭火慢焙", ((_250G, _500G),), _NANPING, post_free=True),
    ProductRow("茉莉花茶", 537900401, 6800, 9800, "七窨一提，花香持久", ((_250G, _500G),), _NANPING),
    ProductRow("原味夏威夷果", 537900402, 4990, 6990, "附开果器，大颗饱满", ((_250G, _500G),), _GUANGZHOU),
    ProductRow("每日混合坚果", 537900402, 8990, 12900, "七日装，独立小包", ((_500G, _2500G),), _GUANGZHOU),
    ProductRow("纸皮核桃", 537900402, 5990, 8990, "皮薄肉满，轻捏即开", ((_500G, _2500G),), _AKSU),
    ProductRow("四川大凉山丑苹果脆甜红将军盐源丑苹果", 537900403, 2390, 3990, "四川大凉山丑苹果脆甜:5斤小果25个左右偏小;", ((_2500G,),), _LIANGSHAN, post_free=True),
    ProductRow("阿克苏冰糖心苹果", 537900403, 4590, 6590, "昼夜温差大，冰糖心", ((_2500G,),), _AKSU),
    ProductRow("赣南脐橙", 537900403, 3990, 5990, "现摘现发，皮薄多汁", (), _GUANGZHOU, buy_limit=5),
    ProductRow("新疆哈密瓜", 537900403, 4290, 5990, "一箱两个，香甜爽脆", (), _AKSU, stock=0),
    ProductRow("全棉四件套", 537900501, 29900, 45900, "活性印染，亲肤柔软", ((_ONE, _FAMILY),), _COTTON),
    ProductRow("水洗棉夏凉被", 537900501, 15900, 23900, "可机洗，夏季空调被", ((_ONE, _FAMILY),), _COTTON),
    ProductRow("羽绒抱枕芯", 537900501, 3990, 5990, "蓬松回弹", (), _COTTON, on_shelf=False),
    ProductRow("釉下彩陶瓷餐具套装", 537900502, 19900, 32900, "釉下彩，可进微波炉", ((_ONE, _FAMILY, _GIFT),), _CERAMIC),
    ProductRow("手工粗陶马克杯", 537900502, 4900, 7900, "手工拉坯，每只不同", (("$米白", "$墨绿", "$赭石"),), _CERAMIC),
    ProductRow("竹木砧板", 537900502, 5900, 8900, "整竹热压，双面可用", (), _WOOD),
    ProductRow("护眼学习台灯", 537900503, 16900, 25900, "无频闪，三档调光", ((_ONE, _GIFT),), _WOOD),
    ProductRow("原木落地灯", 537900503, 35900, 49900, "实木灯架，暖光氛围", ((_ONE,),), _WOOD, post_free=True),
    ProductRow("玻尿酸补水面膜", 537900601, 5990, 9900, "十片装，温和补水", ((_ONE, _FAMILY, _GIFT),), _HANGZHOU),
    ProductRow("清洁泥膜", 537900601, 6990, 9900, "清洁毛孔，不紧绷", ((_ONE, _FAMILY),), _HANGZHOU),
    ProductRow("丝绒哑光口红", 537900602, 8900, 12900, "显白不拔干", (("$豆沙色", "$正红色", "$枫叶红"),), _GUANGZHOU, buy_limit=3),
    ProductRow("木质积木一百粒", 537900701, 7900, 11900, "榉木打磨，无漆", ((_ONE, _GIFT),), _WOOD),
    ProductRow("微单相机套机", 537102001, 429900, 499900, "含标准变焦镜头", ((_CAMERA_BLACK, _SILVER),), "1079749968", post_free=True, buy_limit=1),
    ProductRow("人像定焦镜头", 537082412, 219900, 269900, "大光圈，奶油虚化", ((_CAMERA_BLACK,),), "1079749968", post_free=True),
    ProductRow("家用高清摄像机", 537074293, 189900, 239900, "五轴防抖，长续航", ((_CAMERA_BLACK, _CAMERA_WHITE),), "1079749968", on_shelf=False),
)
# fmt: on
