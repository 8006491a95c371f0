"""Under which names an open gateway answers: a page of the open web cannot make one lead here."""

import pytest

from tests.fixtures_served import Client
from tests.http.small_gateway import without_cost

QUESTION = {"query": "{ __typename }"}


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
async def test_an_open_gateway_answers_to_the_names_of_this_machine(
    gateway: Client, host: str
) -> None:
    answer = await gateway.http.post("/graphql", json=QUESTION, headers={"Host": host})

    assert without_cost(answer) == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("host", ["shop.example", "127.0.0.1.shop.example:8000", "[::2]"])
async def test_an_open_gateway_answers_to_no_other_name(gateway: Client, host: str) -> None:
    answer = await gateway.http.post("/graphql", json=QUESTION, headers={"Host": host})
    figures = await gateway.http.get("/metrics", headers={"Host": host})

    assert answer.status_code == figures.status_code == 401
    assert answer.json()["errors"][0]["message"] == (
        'auth.mode "open" is for this machine alone: ask 127.0.0.1'
    )
