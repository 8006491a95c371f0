"""Two versions of the gateway on one store: what an old process does beside newer tables.

The newer version is a copy of this one with one more migration.
"""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.store import migrate
from tests.cli.command import ROOT, Running, gateway, serving
from tests.cli.conftest import Configure
from tests.cli.test_serve import address_of
from tests.e2e.order_samples import baidu_order
from tests.waiting import eventually

#: In the package of the newer version: adds only, so that the present version still serves.
EXPANDS = """
import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = "{head}"
additive = True


def upgrade() -> None:
    op.add_column("orders", sa.Column("courier", sa.Text(), nullable=True))
    op.create_table("couriers", sa.Column("name", sa.Text(), primary_key=True))
    op.create_index("ix_orders_courier", "orders", ["courier"])
"""
#: In that of the newest: takes away what the present version needs.
CONTRACTS = """
from alembic import op

revision = "9002"
down_revision = "9001"
additive = False


def upgrade() -> None:
    op.execute("ALTER TABLE partner_orders RENAME TO partner_orders_of_old")
"""
IMPORT = "mutation($input: OrderImportInput!) { orderImport(input: $input) { order { id } } }"
READ = "query($id: ID!) { order(id: $id) { platformId } }"


@pytest.fixture
def folder(request: pytest.FixtureRequest, configure: Configure) -> Path:
    """The folder of a configuration on each database; its store is of this version."""
    url = {"sqlite": "sqlite:///gateway.db"}.get(request.param) or request.getfixturevalue(
        f"{request.param}_url"
    )
    folder = configure(store=f'url = "{url}"', more='[auth]\nmode = "open"\n').parent
    assert gateway("migrate", cwd=folder).returncode == 0
    return folder


def version(folder: Path, *migrations: str) -> Mapping[str, str]:
    """Copy this version's packages and add migrations; answer the environment that imports it."""
    versions = folder / "gateway" / "store" / "migrations" / "versions"
    place, there = folder, ROOT
    for name in ("gateway", "store", "migrations", "versions"):
        # What does not change is a link: only the way to the migrations is a copy.
        place, there = place / name, there / name
        place.mkdir(parents=True)
        for one in there.iterdir():
            if one.name not in {"gateway", "store", "migrations", "versions"}:
                (place / one.name).symlink_to(one)
    for package in ("resolvers", "schema"):
        (folder / package).symlink_to(ROOT / package)
    for number, text in enumerate(migrations, 9001):
        (versions / f"rev_{number}.py").write_text(text.format(head=migrate.head()))
    return {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}{os.pathsep}{os.environ['PYTHONPATH']}"}


class Client:
    """Asks one process."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = self.http.post("/graphql", json={"query": query, "variables": variables}).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def write(self, name: str) -> str:
        """Import an order that is not sent; answer its id."""
        order = baidu_order(name, adopt=True)
        return str(self.ask(IMPORT, input=order)["orderImport"]["order"]["id"])

    def read(self, order: str) -> str:
        """Answer the platform's id of an order."""
        return str(self.ask(READ, id=order)["order"]["platformId"])

    def ready(self) -> int:
        """The status of the check that load balancers ask for."""
        return self.http.get("/readyz").status_code


@contextmanager
def asking(running: Running) -> Iterator[Client]:
    """A client of a process that has started."""
    with httpx.Client(base_url=address_of(running), timeout=60, trust_env=False) as http:
        yield Client(http)


@contextmanager
def writing(client: Client) -> Iterator[dict[str, str]]:
    """Write one order after the other meanwhile; gives their ids by name, and none is refused."""
    written: dict[str, str] = {}
    failures: list[BaseException] = []
    stop = threading.Event()

    def write() -> None:
        try:
            while not stop.is_set():
                name = f"W{len(written)}"
                written[name] = client.write(name)
                assert client.ready() == 200
        except BaseException as failure:
            failures.append(failure)
            raise

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield written
    finally:
        stop.set()
        thread.join()
    assert failures == []


@pytest.mark.long
@pytest.mark.parametrize("folder", ["sqlite", "postgres"], indirect=True)
async def test_two_versions_serve_one_store_until_it_is_contracted(folder: Path) -> None:
    newer = version(folder / "newer", EXPANDS)
    serve = ("serve", "--port", "0")
    with serving(*serve, cwd=folder) as running, asking(running) as old:
        with writing(old) as written:
            await eventually(lambda: written)
            expanded = gateway("migrate", cwd=folder, environ=newer, fresh=True)
            before = len(written)
            await eventually(lambda: len(written) > before)
        assert (expanded.returncode, expanded.stdout) == (0, "the store is of this version\n")

        with (
            serving(*serve, cwd=folder, environ=newer, fresh=True) as other,
            asking(other) as new,
        ):
            here, there = old.write("H"), new.write("T")
            assert (old.read(there), new.read(here)) == ("T", "H")
            assert {name: new.read(order) for name, order in written.items()} == {
                name: name for name in written
            }
            assert (old.ready(), new.ready()) == (200, 200)

            newest = version(folder / "newest", EXPANDS, CONTRACTS)
            contracted = gateway("migrate", cwd=folder, environ=newest, fresh=True)
            assert contracted.returncode == 0
            await eventually(lambda: (old.ready(), new.ready()) == (503, 503))
        assert "the ledger has another version's tables" in running.output

    refused = gateway(*serve, cwd=folder)
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == (
        "gateway: store.url: the store is of a newer version of the gateway (revision 9002); "
        "install that version, or restore the copy made before it"
    )
