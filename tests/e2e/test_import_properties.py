"""Whatever order is imported, the same order is read back."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.e2e.order_samples import IMPORT
from tests.fixtures_served import Client

READ = """
query($shop: String!, $id: String!) {
  orderByPlatformId(shop: $shop, platformId: $id) {
    platformId status createdAt updatedAt paidAt paymentMethod paymentReference
    buyer { openId }
    shippingAddress {
      name nationalCode country province city district street mobile phone
    }
    items {
      platformProductId platformSkuId title description quantity
      unitPrice { fen } listPrice { fen } total { fen }
      images attributes { name value } categoryPath page { ...Page }
    }
    total { fen } shippingFee { fen } discount { fen }
    shipments {
      carrier { code name } trackingNumber shippedAt page { ...Page }
      items { platformProductId platformSkuId }
    }
    afterSaleStatus
    details {
      ... on BaiduOrderDetails {
        title kind page { ...Page } reviewPage { ...Page }
        payment {
          method paid paidAt
          discounts { name amount { fen } quantity } charges { name amount { fen } quantity }
        }
      }
      ... on MiniProgramOrderDetails {
        page { ...Page } remark brandPhone contactPage
        invoice {
          type title taxNumber companyAddress telephone bankName bankAccount page { ...Page }
        }
      }
    }
  }
}
fragment Page on PageLink { state name h5 swan ios android miniProgramPath }
"""

#: Any text but surrogates, which no JSON can carry; and none that is empty, where one is needed.
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
ids = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=12)
fen = st.integers(0, 10_000)
moments = st.integers(0, 2**32 - 1).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
)


def perhaps(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Answer a strategy that may give nothing."""
    return st.none() | strategy


def amounts() -> st.SearchStrategy[dict[str, int]]:
    return fen.map(lambda number: {"fen": number})


pages = st.fixed_dictionaries(
    {
        "state": perhaps(st.sampled_from(["HIDDEN", "SHOWN", "SHOWN_AND_OPENS"])),
        "miniProgramPath": words,
        **{name: perhaps(text) for name in ("name", "h5", "swan", "ios", "android")},
    }
)
items = st.fixed_dictionaries(
    {
        "platformProductId": ids,
        "platformSkuId": perhaps(ids),
        "title": words,
        "description": perhaps(text),
        "quantity": st.integers(1, 1_000),
        "unitPrice": amounts(),
        "listPrice": perhaps(amounts()),
        "total": perhaps(amounts()),
        "images": st.lists(words, max_size=5),
        "attributes": st.lists(st.fixed_dictionaries({"name": words, "value": words}), max_size=3),
        "categoryPath": st.lists(words, min_size=1, max_size=3),
        "page": pages,
    }
)
lines = st.lists(
    st.fixed_dictionaries({"name": words, "amount": amounts(), "quantity": st.integers(1, 9)}),
    max_size=2,
)
addresses = st.fixed_dictionaries(
    {
        name: perhaps(text)
        for name in (
            *("name", "nationalCode", "country", "province", "city"),
            *("district", "street", "mobile", "phone"),
        )
    }
)
invoices = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["COMPANY", "PERSON"]),
        "title": words,
        "page": perhaps(pages),
        **{
            name: perhaps(text)
            for name in ("taxNumber", "companyAddress", "telephone", "bankName", "bankAccount")
        },
    }
)
shipments = st.fixed_dictionaries(
    {
        "carrierCode": perhaps(st.sampled_from(["2001", "2011", "x"])),
        "carrierName": words,
        "trackingNumber": words,
        "shippedAt": moments,
        "page": pages,
        "items": st.lists(
            st.fixed_dictionaries({"platformProductId": words, "platformSkuId": perhaps(words)}),
            min_size=1,
            max_size=2,
        ),
    }
)
payments = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["ONLINE", "CASH_ON_DELIVERY", "WECHAT_PAY"]),
        "paid": st.booleans(),
        "paidAt": perhaps(moments),
        "reference": words,
    }
)


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an order that adds up, for one of the two shops."""
    shop = draw(st.sampled_from(["swan", "mini"]))
    swan = shop == "swan"
    order = {
        "shop": shop,
        "openId": draw(ids),
        "platformId": draw(ids),
        "overwrite": True,
        "title": draw(words),
        "kind": draw(st.sampled_from(["PHYSICAL", "VIRTUAL"])),
        "remark": draw(perhaps(words)),
        "status": draw(st.sampled_from(["COMPLETED"] if swan else ["COMPLETED", "REFUNDED"])),
        "createdAt": draw(moments),
        "updatedAt": draw(moments),
        "items": draw(st.lists(items, min_size=1, max_size=3)),
        "shippingFee": draw(amounts()),
        "discounts": draw(lines),
        "charges": draw(lines),
        "payment": draw(payments),
        "shippingAddress": draw(perhaps(addresses)),
        "shipments": draw(st.lists(shipments, max_size=2)),
        "invoice": draw(perhaps(invoices)),
        "brandPhone": draw(words),
        "contactPage": draw(words),
        "page": draw(pages),
        "reviewPage": draw(perhaps(pages)),
    }
    if not swan:
        # The shopping list has paid orders only, each with the time of payment.
        order["payment"] |= {"paid": True, "paidAt": draw(moments)}
    total = sum(line_price(item, with_totals=not swan) for item in order["items"])
    order["charges"].append({"name": "保险", "amount": {"fen": 50_000_000}, "quantity": 1})
    sums = {name: sum(map(line_sum, order[name])) for name in ("charges", "discounts")}
    total += sums["charges"] + order["shippingFee"]["fen"] - sums["discounts"]
    return order | {"total": {"fen": total}}


def line_price(item: dict[str, Any], *, with_totals: bool) -> int:
    """Answer what a line comes to: Baidu has no total of its own for it."""
    if with_totals and item["total"] is not None:
        own: int = item["total"]["fen"]
        return own
    price: int = item["unitPrice"]["fen"] * item["quantity"]
    return price


def line_sum(line: dict[str, Any]) -> int:
    """Answer what a discount or a charge comes to."""
    amount: int = line["amount"]["fen"] * line["quantity"]
    return amount


def expected(order: dict[str, Any]) -> dict[str, Any]:
    """Answer what is to be read of an order that was given so."""
    payment, discounts = order["payment"], order["discounts"]
    total_of = sum(map(line_sum, discounts))
    common = {
        "platformId": order["platformId"],
        "status": order["status"],
        "createdAt": order["createdAt"],
        "updatedAt": order["updatedAt"],
        "paidAt": payment["paidAt"],
        "paymentMethod": payment["method"],
        "paymentReference": payment["reference"],
        "buyer": {"openId": order["openId"]},
        "shippingAddress": order["shippingAddress"],
        "items": [item_of(item) for item in order["items"]],
        "total": order["total"],
        "shippingFee": order["shippingFee"],
        "discount": {"fen": total_of} if discounts else None,
        "shipments": [shipment_of(shipment) for shipment in order["shipments"]],
        "afterSaleStatus": "REFUNDED" if order["status"] == "REFUNDED" else None,
    }
    return common | {"details": details_of(order)}


def item_of(item: dict[str, Any]) -> dict[str, Any]:
    whole = {"fen": item["unitPrice"]["fen"] * item["quantity"]}
    return item | {
        "listPrice": item["listPrice"] or item["unitPrice"],
        "total": item["total"] or whole,
    }


def shipment_of(shipment: dict[str, Any]) -> dict[str, Any]:
    told = {name: shipment[name] for name in ("trackingNumber", "shippedAt", "page", "items")}
    carrier = {"code": shipment["carrierCode"], "name": shipment["carrierName"]}
    return told | {"carrier": carrier}


def details_of(order: dict[str, Any]) -> dict[str, Any]:
    payment = order["payment"]
    if order["shop"] == "mini":
        names = ("page", "remark", "brandPhone", "contactPage", "invoice")
        return {name: order[name] for name in names}
    return {
        "title": order["title"],
        "kind": order["kind"],
        "page": order["page"],
        "reviewPage": order["reviewPage"],
        "payment": {
            "method": payment["method"],
            "paid": payment["paid"],
            "paidAt": payment["paidAt"],
            "discounts": order["discounts"],
            "charges": order["charges"],
        },
    }


@settings(
    max_examples=60,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ],
)
@given(order=orders())
async def test_what_was_imported_is_read_back(gateway: Client, order: dict[str, Any]) -> None:
    imported = (await gateway.ask(IMPORT, {"input": order})).data["orderImport"]
    assert imported["order"] is not None, imported["userErrors"]

    read = await gateway.ask(READ, {"shop": order["shop"], "id": order["platformId"]})

    assert read.data["orderByPlatformId"] == expected(order)
