"""Each filter, order and dimension that only the index has, over orders that are known."""

from typing import Any

import pytest

from schema.key import Key
from tests.e2e.indexes import indexed
from tests.e2e.order_samples import IMPORT_MANY, baidu_order
from tests.e2e.test_indexed_orders import ids, listed, two_shops
from tests.e2e.test_metadata import SET
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve

#: Orders of one shop, with the day of February 2024 on which each was paid, None: it was not.
PAID = {"f1": 1, "f2": 20, "f3": None, "f4": 8}
STATS = """
query ($by: [OrderStatsDimension!]!) {
  orderStats(filter: {shops: ["other"], createdFrom: "2024-01-01T00:00:00Z"}, groupBy: $by) {
    rows { period platform shop { key } orders units total { fen } }
  }
}"""


def order(name: str, paid_on: int | None) -> dict[str, Any]:
    """An order of one week after another: of 1.00 yuan, 2.00 yuan and so on."""
    place = int(name[1:])
    item = baidu_order(name)["items"][0] | {"quantity": 1, "unitPrice": {"fen": place * 100}}
    paid = paid_on is not None
    payment = {"method": "ONLINE", "paid": paid}
    if paid:
        payment["paidAt"] = f"2024-02-{paid_on:02}T12:00:00+08:00"
    return baidu_order(
        name,
        shop="other",
        createdAt=f"2024-01-{1 + 7 * (place - 1):02}T12:00:00+08:00",
        status="AWAITING_SHIPMENT" if paid else "AWAITING_PAYMENT",
        items=[item],
        shippingFee={"fen": 0},
        discounts=[],
        total={"fen": place * 100},
        payment=payment,
    )


async def test_orders_are_found_and_added_up_by_what_only_the_index_knows(
    serve: Serve, sandbox: Sandbox, tmp_path: Any
) -> None:
    async with serve(shops=two_shops(sandbox, tmp_path)) as client:
        orders = [order(name, day) for name, day in PAID.items()]
        asked = await client.ask(IMPORT_MANY, {"input": orders})
        assert asked.data["ordersImport"]["userErrors"] == []
        keys = {"id": Key("Order", "other", "f2").encode()}
        items = [{"key": "erp", "value": "7"}]
        await client.ask(SET, keys | {"items": items})
        await indexed(client, shops=["swan", "other"])

        async def found(sort_key: str | None = None, **chosen: Any) -> list[str]:
            page = await listed(
                client, filter={"shops": ["other"], **chosen}, sortKey=sort_key, first=50
            )
            assert {source["state"] for source in page["sources"]} == {"INDEXED"}
            assert page["totalCount"] == len(page["nodes"])
            return ids(page)

        assert await found("PAID_AT") == ["f2", "f4", "f1", "f3"]
        assert await found(paidFrom="2024-02-08T12:00:00+08:00") == ["f4", "f2"]
        assert await found(paidTo="2024-02-08T12:00:01+08:00") == ["f4", "f1"]
        assert await found(platformIds=["f3", "f1", "none"]) == ["f3", "f1"]
        assert await found(metadata=items) == ["f2"]
        assert await found(metadata=[{"key": "erp", "value": "8"}]) == []
        assert await found(openAfterSale=True) == []
        assert await found(openAfterSale=False) == ["f4", "f3", "f2", "f1"]
        assert await found(updatedTo="2023-12-31T00:00:00Z") == []
        assert len(await found(updatedFrom="2024-01-01T00:00:00Z")) == 4

        async def sums(*by: str) -> list[tuple[Any, ...]]:
            rows = (await client.ask(STATS, {"by": by})).data["orderStats"]["rows"]
            return [
                (row["period"], row["platform"], row["orders"], row["units"], row["total"]["fen"])
                for row in rows
            ]

        assert await sums("WEEK") == [
            ("2024-W01", None, 1, 1, 100),
            ("2024-W02", None, 1, 1, 200),
            ("2024-W03", None, 1, 1, 300),
            ("2024-W04", None, 1, 1, 400),
        ]
        assert await sums("MONTH", "PLATFORM") == [("2024-01", "BAIDU", 4, 4, 1_000)]


@pytest.mark.parametrize("by", [["DAY", "WEEK"], ["WEEK", "MONTH"]])
async def test_a_row_of_sums_has_one_period(serve: Serve, by: list[str]) -> None:
    async with serve() as client:
        asked = await client.ask(STATS, {"by": by})

    assert asked.codes == ["BAD_USER_INPUT"]
    assert asked.body["errors"][0]["message"] == (
        f"`groupBy` has {by[0]} and {by[1]}: a row has one period."
    )
