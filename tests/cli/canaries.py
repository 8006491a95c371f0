"""Canaries: personal data that no other text has, and a search for any form of it."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Final
from urllib.parse import quote

#: Base64 digits that occur by chance.
_SHORTEST: Final = 8
_GROUP: Final = 3
_ZEROS: Final = 64
_MOBILE_DIGITS: Final = 11
#: Written in capital or in small letters.
_ANY_CASE: Final = frozenset(
    {"JSON escapes", "escaped twice", "hexadecimal", "percent-encoded", "digest in hexadecimal"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """All that the schema and the platforms can say of one buyer; ids are valid in one app."""

    store_open_id: str
    mini_open_id: str
    swan_open_id: str
    swan_id: str
    union_id: str
    nickname: str
    name: str
    mobile: str
    landline: str
    street: str
    remark: str
    identity: str
    invoice_title: str
    tax_number: str
    company_address: str
    telephone: str
    bank_name: str
    bank_account: str

    def canaries(self) -> dict[str, str]:
        """Each value by its kind."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def words(self) -> str:
        """What a platform says of the person when it refuses a call."""
        return (
            f"收件人{self.name}的手机号+86 {self.mobile}无效，电话：{self.landline}，"
            f"身份证{self.identity}，用户openid：{self.mini_open_id}，地址：{self.street}"
        )


#: A buyer who is erased at the end of the day.
ERASED: Final = Person(
    store_open_id="oCanaryStoreBuyer00000000001",
    mini_open_id="oCanaryMiniBuyer000000000001",
    swan_open_id="canarySwanBuyer0000000000001",
    swan_id="canarySwanGuest0000000000001",
    union_id="oCanaryUnionBuyer00000000001",
    nickname="陈金丝昵称",
    name="陈金丝",
    mobile="13971650428",
    landline="020-87654329",
    street="金丝雀路7号8栋901",
    remark="金丝雀请放门口",
    identity="440106199003071238",
    invoice_title="陈金丝工作室",
    tax_number="91440106CANARY0017",
    company_address="金丝雀大道17号",
    telephone="020-38654327",
    bank_name="金丝雀银行天河支行",
    bank_account="6222026543210987654",
)
#: A buyer who stays.
KEPT: Final = Person(
    store_open_id="oCanaryStoreBuyer00000000002",
    mini_open_id="oCanaryMiniBuyer000000000002",
    swan_open_id="canarySwanBuyer0000000000002",
    swan_id="canarySwanGuest0000000000002",
    union_id="oCanaryUnionBuyer00000000002",
    nickname="林云雀昵称",
    name="林云雀",
    mobile="13820465937",
    landline="021-76543298",
    street="云雀路6号5栋402",
    remark="云雀请打电话",
    identity="310106198504162347",
    invoice_title="林云雀工作室",
    tax_number="91310106CANARY0026",
    company_address="云雀大道26号",
    telephone="021-27654398",
    bank_name="云雀银行静安支行",
    bank_account="6222027654321098765",
)


def found(text: bytes, canaries: Mapping[str, str]) -> list[str]:
    """Which kinds are in the text in any form, with the form."""
    # Databases fill their files with zeros.
    text = text.replace(bytes(_ZEROS), b"\0")
    lowered = text.lower()
    return [
        f"{kind}, {form}"
        for kind, canary in canaries.items()
        for form, spelling in _forms(canary)
        if spelling in (lowered if form in _ANY_CASE else text)
    ]


def _forms(canary: str) -> Iterator[tuple[str, bytes]]:
    """All forms by their name; in small letters where the case does not matter."""
    raw = canary.encode()
    yield "plain", raw
    yield "reversed", canary[::-1].encode()
    escaped = json.dumps(canary)[1:-1].lower()
    if escaped != canary.lower():
        yield "JSON escapes", escaped.encode()
        yield "escaped twice", escaped.replace("\\", "\\\\").encode()
        yield "percent-encoded", quote(canary, safe="").lower().encode()
        yield "bytes in Python", repr(raw)[2:-1].encode()
    yield "UTF-16", canary.encode("utf-16-le")
    yield "UTF-16", canary.encode("utf-16-be")
    yield "hexadecimal", raw.hex().encode()
    for digits in _base64(raw):
        yield "base64", digits
        yield "base64", digits.replace(b"+", b"-").replace(b"/", b"_")
    # Whoever knows all phone numbers finds the one of a plain hash.
    for algorithm in ("md5", "sha1", "sha256"):
        digest = hashlib.new(algorithm, raw, usedforsecurity=False)
        yield "digest", digest.digest()
        yield "digest in hexadecimal", digest.hexdigest().encode()
    if len(canary) == _MOBILE_DIGITS and canary.isdecimal():
        first, second, third = canary[:3], canary[3:7], canary[7:]
        yield "in groups", f"{first} {second} {third}".encode()
        yield "in groups", f"{first}-{second}-{third}".encode()
        yield "its last digits", canary[3:].encode()


def _base64(raw: bytes) -> Iterator[bytes]:
    """The digits that do not depend on what is before and behind."""
    for offset in range(_GROUP):
        padded = bytes(offset) + raw
        whole = len(padded) - len(padded) % _GROUP
        digits = base64.b64encode(padded[:whole])[4 if offset else 0 :]
        if len(digits) >= _SHORTEST:
            yield digits
