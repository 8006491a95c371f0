"""Patterns of personal data in free text: phones, identity numbers, names, addresses, open ids.

What is near a label, such as 收件人, is hidden whatever it looks like; without one, what looks
like personal data is. Order ids, times, codes and hotlines (400-…) stay.
"""

import re
from typing import Final

#: Instead of what was hidden.
HIDDEN: Final = "[…]"

_HAN: Final = r"\u4e00-\u9fff"
#: The most common family names; those of two characters first.
_FAMILY: Final = (
    "(?:欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|南宫|"
    "[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶"
    "程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛"
    "郝龚邵万钱严覃武戴莫孔向汤欧柯甘温尤邢祝阮俞聂葛常齐康伍鲁施牛洪颜倪樊殷庄])"
)
#: Characters that follow a name, and are no part of it.
_AFTER_NAME: Final = "的在已不是与和及未无有电手地信订因被请将于，。"
#: Of a person called by what follows it.
_NAMED: Final = (
    r"收件人|收货人|寄件人|发件人|提货人|联系人|持卡人|购买人|买家|买方|客户|顾客|用户|会员|昵称|姓名"
    r"|\b(?:receiver|consignee|recipient|buyer|nick_?name|user_?name|real_?name|contact)"
    r"(?:[\s_]?name)?\b"
)
_NAME_WORD: Final = r"(?:的)?(?:姓名|名字|名称|昵称)?"
_OPENING: Final = r"[\s\"'“‘「【\[(（<《]*"
#: A value behind a colon or an equals sign, quoted or not.
_SIGN: Final = r"[\"'\\]*\s*(?:[:：=＝]|%3[AaDd])\s*[\"'“‘「【\[(（\\]*"
_VALUE: Final = r"(?:[^\s,，;；。、|&\"'”’」】\])）<>{}\\]|\\+u[0-9A-Fa-f]{4}){1,60}"
#: Further words of a name in Latin letters.
_WORDS: Final = r"(?-i:(?:\s[A-Z][A-Za-z'.-]{0,30}){0,3})"
_LINE: Final = r"(?:[^;；。|&\"'”’」】\])）<>{}\\\n\r]|\\+u[0-9A-Fa-f]{4}){1,120}"

_PHONE: Final = (
    # With or without the country's code, in the groups in which people write it.
    r"(?:[(（]?(?:\+|＋|00)?86[)）]?[\s-]*)?"
    r"1[3-9]\d(?:[\s-]?\d{4}[\s-]?\d{4}|[\s-]?\d{3}[\s-]?\d{5}|\d[\s-]?\d{3}[\s-]?\d{4})(?!\d)"
)
_LANDLINE: Final = (
    r"(?:(?:(?:\+|＋|00)86[\s-]*)?[(（]?0(?:10|2\d|[3-9]\d{2})[)）]?[\s-]*"
    r"|(?:\+|＋|00)86[\s-]*[(（]?(?:10|2\d|[3-9]\d{2})[)）]?[\s-]*)"
    r"[1-9]\d{2,3}[\s-]?\d{4}(?:\s*(?:-|转|ext\.?)\s*\d{1,6})?(?!\d)"
)
_IDENTITY: Final = (
    r"[1-9]\d{5}[\s-]?(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[\s-]?\d{3}[\dXxＸ]"
    r"(?![0-9A-Za-z])"
)

#: What follows a street: house, building, room.
_HOUSE: Final = (
    rf"[{_HAN}\w()（）#-]{{0,40}}(?:\s[\w-]{{0,10}}(?:号|室|栋|幢|楼|层|单元)[\w-]{{0,10}})*"
)

#: The label stays, and what follows it is hidden. Behind a sign or a space whatever it is:
_LABELLED: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"((?:{_NAMED}){_NAME_WORD}{_SIGN}){_VALUE}{_WORDS}",
        rf"((?:地址|住址|\b(?:street|address)\b){_SIGN}){_LINE}",
        (
            r"((?:手机号?码?|电话号?码?|座机|身份证号?码?|银行卡号?|税号|邮箱"
            r"|\b(?:mobile|phone|tele?phone|tel|id_?card|bank_?account|tax_?number|e-?mail)\b)"
            rf"(?:为|是)?(?:{_SIGN}|\s*))(?=[^\s]*\d){_VALUE}"
        ),
        rf"(\b(?:user_?)?(?:open|union|swan)_?-?id\b(?:{_SIGN}|\s+|=)){_VALUE}",
        r"((?:用户|微信|买家)?(?:标识|openid)\s*[\"'“‘「【\[(（:：]+\s*)[\w-]{6,64}",
    )
)
#: A Chinese name also without a sign.
_LABELLED_NAMES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        (
            rf"((?:{_NAMED}){_NAME_WORD}(?:为|是)?{_OPENING}){_FAMILY}"
            rf"(?:(?![{_AFTER_NAME}])[{_HAN}]){{1,2}}"
        ),
        rf"(\bname{_SIGN}){_FAMILY}[{_HAN}]{{1,2}}(?![{_HAN}])",
    )
)
#: The rest is hidden wherever it is.
_NUMBERS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<!\d){_IDENTITY}",
        rf"(?<![\d.]){_PHONE}",
        rf"(?<![\d.a-f]){_LANDLINE}",
    )
)
_OPEN_ID: Final = re.compile(r"(?<![\w/+-])o[A-Za-z0-9_-]{27}(?![\w-])")
_MAIL: Final = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"
)
_ADDRESSES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # From the city or the street on, down to house and room.
        (
            rf"[{_HAN}]{{1,14}}(?:市|区|县|旗|镇|街道)\s?[{_HAN}\w-]{{1,30}}?"
            rf"(?:路|街|道|巷|弄|村|号|室|栋|幢|楼|单元|小区|花园|大厦){_HOUSE}"
        ),
        rf"[{_HAN}]{{2,8}}(?:路|街|大道|巷|弄)\s?\d{{1,5}}\s?(?:号|弄){_HOUSE}",
        # 张三先生 without a label.
        rf"{_FAMILY}[{_HAN}]{{1,2}}(?=先生|女士|小姐)",
    )
)

# What the patterns need at least: most lines of a log have none of it.
_LABELS: Final = (
    *("receiver", "consignee", "recipient", "buyer", "nick", "user", "real", "contact"),
    *("street", "address", "mobile", "phone", "tel", "card", "bank", "tax", "mail"),
    *("openid", "open_id", "open-id", "unionid", "union_id", "swanid", "swan_id"),
)
#: The shortest number: three digits of a city and eight of its own.
_LONG_NUMBER: Final = re.compile(r"[\d(（][\d\s()（）-]{10}")


def hide_personal(text: str) -> str:
    """The text with personal data replaced by HIDDEN; the labels before it stay."""
    if _LONG_NUMBER.search(text) is not None:
        for pattern in _NUMBERS:
            text = pattern.sub(HIDDEN, text)
    chinese = not text.isascii()
    lowered = text.lower()
    if chinese or any(label in lowered for label in _LABELS):
        for pattern in _LABELLED:
            text = pattern.sub(rf"\1{HIDDEN}", text)
    if chinese:
        for pattern in _LABELLED_NAMES:
            text = pattern.sub(rf"\1{HIDDEN}", text)
    text = _OPEN_ID.sub(HIDDEN, text)
    if "@" in text:
        text = _MAIL.sub(HIDDEN, text)
    if chinese:
        for pattern in _ADDRESSES:
            text = pattern.sub(HIDDEN, text)
    return text
