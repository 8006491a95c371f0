"""Schemathesis invents requests from our own descriptions: no 500, nothing private, no hang.

`make schemathesis` tries 5,000, `make schemathesis CASES=300` as many as CI does.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from graphql.language import FloatValueNode, IntValueNode, StringValueNode, ValueNode
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok

from gateway.auth.key_manager import KeyManager
from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from schema.key import Key
from schema.scope import Scope
from tests.e2e.api_keys import key
from tests.fixtures_figures import Note
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import KEY, Serve, configuration
from tests.house.tree import ROOT
from tests.wechat.deliveries import AES_KEY, TOKEN

CASES = int(os.environ.get("SCHEMATHESIS_CASES", "300"))
#: Seconds that no answer takes: the gateway's own deadline is 30.
LONGEST = 120
#: What no answer may hold, whatever was asked.
PRIVATE = (
    *(FLAGSHIP.secret, MINI.secret, SWAN.secret, KEY, TOKEN, AES_KEY),
    *("Traceback", "sqlalchemy", "asyncpg", "sqlite3", "msgspec", str(ROOT), 'File "'),
)
#: Statuses that the gateway's errors have; 500 is a fault of its own.
STATUSES = {200, 400, 401, 403, 404, 405, 406, 413, 415, 422, 429, 431, 503}
IDS = [
    Key("Product", "flagship", "pDF3iY6Kr_BV_CXaiYysoGqJhppQ").encode(),
    Key("Order", "flagship", "7197417460812533543").encode(),
    Key("Order", "swan", "1").encode(),
    Key("Shelf", "flagship", "22").encode(),
    Key("Shop", "mini").encode(),
]


def scalars() -> Iterator[tuple[str, st.SearchStrategy[ValueNode]]]:
    """Values of our scalars, of which some are right."""
    text = st.text(max_size=40)
    times = st.sampled_from(["2026-01-01T00:00:00Z", "2026-06-01t00:00:00+08:00", "2026", ""])
    amounts = st.sampled_from(["1.00", "0", "-1", "1e9", "0.005", "999999999999.99"])
    for name in ("DateTime", "Date"):
        yield name, (times | text).map(lambda value: StringValueNode(value=value))
    yield "Decimal", (amounts | text).map(lambda value: StringValueNode(value=value))
    numbers = st.integers(-(2**70), 2**70).map(lambda value: IntValueNode(value=str(value)))
    yield "BigInt", numbers | text.map(lambda value: StringValueNode(value=value))
    yield "JSON", text.map(lambda value: StringValueNode(value=value))
    yield "Upload", text.map(lambda value: StringValueNode(value=value))
    floats = st.floats(allow_nan=False, allow_infinity=False)
    yield "Float", floats.map(lambda value: FloatValueNode(value=repr(value)))
    ids = (st.sampled_from(IDS) | text).map(lambda value: StringValueNode(value=value))
    yield "ID", ids


def operations(schema: Any) -> list[Any]:
    """The operations of a description; each must be readable."""
    found = list(schema.get_all_operations())
    assert all(isinstance(one, Ok) for one in found)
    return [one.ok() for one in found]


def check(status: int, text: str, asked: str, private: tuple[str, ...]) -> None:
    """Fail on what no answer may be; a text that was asked with may be told back."""
    assert status in STATUSES, (status, text[:500])
    assert '"code":"INTERNAL"' not in text, text[:500]
    # Hypothesis takes texts out of this very file.
    assert [word for word in private if word in text and word not in asked] == []


class Asker:
    """Sends what is invented, and counts the statuses."""

    def __init__(self, url: str, headers: dict[str, str], private: tuple[str, ...]) -> None:
        self.statuses: Counter[int] = Counter()
        self.with_data = 0
        self._url, self._private = url, private
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update(headers)

    def ask(self, case: Case[Any], path: str) -> None:
        """Send one case, and check the answer."""
        try:
            answer = case.call(base_url=self._url + path, session=self._session, timeout=LONGEST)
        except requests.exceptions.InvalidHeader:
            return  # never sent: the client refuses it
        self.statuses[answer.status_code] += 1
        self.with_data += '"data":{' in answer.text
        asked = f"{answer.request.url} {answer.request.headers} {case.body!r}"
        check(answer.status_code, answer.text, asked, self._private)

    def try_all(self, operations: list[Any], cases: int, path: str = "") -> None:
        """Try so many cases of all operations together, below a path."""
        each = max(1, -(-cases // (len(operations) * len(GenerationMode))))
        for operation in operations:
            for mode in GenerationMode:

                @settings(
                    max_examples=each,
                    phases=[Phase.generate],
                    deadline=None,
                    database=None,
                    suppress_health_check=list(HealthCheck),
                )
                @given(operation.as_strategy(generation_mode=mode))
                def tried(case: Case[Any]) -> None:
                    self.ask(case, path)

                with suppress(Unsatisfiable):  # nothing of this operation can be wrong
                    tried()


# The gateway in the same process takes from `random` while hypothesis watches it.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
@pytest.mark.long
@pytest.mark.timeout(3_600)
async def test_no_invented_request_fails_hangs_or_tells_too_much(
    serve: Serve,
    keys: dict[str, Any],
    book: KeyManager,
    sandbox: Sandbox,
    tmp_path: Path,
    figures: Note,
) -> None:
    for name, values in scalars():
        schemathesis.graphql.scalar(name, values)
    graphql = schemathesis.graphql.from_path(str(ROOT / "schema" / "schema.graphql"))
    events = {"event_token": TOKEN, "event_aes_key": AES_KEY}
    shops = configuration(sandbox, tmp_path)["shops"]
    shops = [shop | (events if shop["platform"] != "baidu" else {}) for shop in shops]
    granted = key(book, [scope.value for scope in Scope])
    async with serve(**keys, shops=shops, limits={"cost_per_minute": 1_000_000_000}) as client:
        private = (*PRIVATE, *tokens(sandbox))
        url = str(client.http.base_url).rstrip("/")
        asker = Asker(url, granted, private)
        rest = schemathesis.openapi.from_dict((await client.http.get("/openapi.json")).json())

        def tried() -> None:
            described = operations(rest)
            asker.try_all(described, CASES // 5)
            fields = operations(graphql)
            while (left := CASES - asker.statuses.total()) > 0:
                # Some fields have fewer cases than asked for.
                asker.try_all(fields, left, "/graphql")

        await asyncio.to_thread(tried)
        alive = await client.http.get("/livez")

    assert alive.status_code == 200
    # What is executed is tried, not the refusals alone.
    assert asker.with_data > asker.statuses.total() // 5
    counted = ", ".join(f"{count} of {code}" for code, count in sorted(asker.statuses.items()))
    total = asker.statuses.total()
    figures(f"schemathesis: {total} requests: {counted}; {asker.with_data} executed")


def tokens(sandbox: Sandbox) -> Iterator[str]:
    """The access tokens that are in use."""
    for account in (FLAGSHIP, MINI):
        body = {"grant_type": "client_credential"}
        body |= {"appid": account.app_id, "secret": account.secret}
        answer = sandbox.client.post("/cgi-bin/stable_token", json=body).json()
        yield answer["access_token"]
