"""Every error has its code, its status and its place in the documents."""

import re
from collections.abc import Iterator

import gateway.http.request_pipeline  # noqa: F401 - its refusals are GatewayErrors as well
from gateway.errors import GatewayError
from gateway.http.error_codes import ERROR_CODES
from tests.house.errors_page import page
from tests.house.tree import ROOT


def _below(kind: type[GatewayError]) -> Iterator[type[GatewayError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _below(one)


def test_every_error_s_code_is_described() -> None:
    codes = {kind.code for kind in _below(GatewayError)}
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "gateway").rglob("*.py"))
    named = set(re.findall(r'OperationRefused\(\s*"([A-Z_]+)"', text))

    assert codes | named <= set(ERROR_CODES)
    assert set(ERROR_CODES) - codes - named == {"GRAPHQL_PARSE_FAILED"}


def test_the_page_is_what_the_code_says() -> None:
    written = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")

    assert page() == written, "write it anew: make docs"


def test_every_code_has_a_heading_to_link_to() -> None:
    headings = re.findall(r"^### (\w+)$", page(), re.MULTILINE)

    assert headings == list(ERROR_CODES)
