"""Writes docs/errors.md: the code of every error, its HTTP status, what it means, what to do."""

import sys
from typing import Final

from graphql import GraphQLEnumType

from gateway.http.error_codes import ERROR_CODES, RequestErrorCode
from resolvers.schema import executable

_HEAD: Final = """\
# Errors

Written by `make docs` from the code. Two kinds: what went wrong with a request stands in `errors`,
with `extensions.code`; what the caller of a mutation can act on stands in the payload's
`userErrors`, with `code`. Each error of the first kind has `extensions.requestId`, and where they
apply `shop`, `platformError` and `retryAfter` (whole seconds).

## `extensions.code`

The status is that of a request that is refused as a whole. An answer with `data` is a 200: the
error stands beside the fields that could be answered. A request that is refused without a status of
its own is answered by 400, or by 200 to a client that accepts `application/json` only. Each 429 and
503 has the header `Retry-After`.

"""
_USER_ERRORS: Final = """
## `userErrors[].code`

| code | meaning |
|---|---|
"""
_STATUSES: Final = """
## Statuses without a code of their own

These are `BAD_USER_INPUT`; the message says what was wrong.

| status | when |
|---|---|
| 400 | malformed request: no JSON, no `query`, an ambiguous operation |
| 404 | the path or the bulk operation does not exist |
| 405, 406, 415 | method, `Accept` or content type not supported |
| 408, 413, 431 | the request was too slow, its body or its head is too large |
"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    parts += [_section(name, code) for name, code in ERROR_CODES.items()]
    parts.append(_USER_ERRORS)
    codes = executable().type_map["ErrorCode"]
    assert isinstance(codes, GraphQLEnumType)
    parts += [f"| `{name}` | {code.description} |\n" for name, code in codes.values.items()]
    parts.append(_STATUSES)
    return "".join(parts)


def _section(name: str, code: RequestErrorCode) -> str:
    status = "400 or 200" if code.status is None else str(code.status)
    return f"### {name}\n\nStatus {status}. {code.meaning}\n\n{code.remedy}\n\n"


if __name__ == "__main__":
    sys.stdout.write(page())
