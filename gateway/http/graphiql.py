"""GraphiQL, the page that a browser gets at /graphql, with all its files."""

from html import escape
from typing import Final

from gateway.http.local_callers import LocalCallers
from gateway.http.request import RequestInfo
from gateway.http.response import HttpResponse
from gateway.http.static_files import PAGE_HEADERS, packaged_files

_HEADERS: Final = (*PAGE_HEADERS, (b"vary", b"Accept"))
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphiQL</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{static}/page.css">
<script type="module" src="{static}/page.js"></script>
</head>
<body>
<div id="graphiql" data-authorization="{authorization}"></div>
</body>
</html>
"""


class GraphiQL:
    """Renders the page, and holds the files that it loads.

    `key` is prefilled in the page's headers editor, for local callers only: otherwise a public
    page could read it by DNS rebinding.
    """

    def __init__(self, is_local: LocalCallers, *, key: str | None = None) -> None:
        self._is_local = is_local
        self.static = packaged_files("graphiql")
        self._key = key

    def __call__(self, request: RequestInfo) -> HttpResponse:
        """The page, for one request."""
        key = self._key if self._key is not None and self._is_local(request) else ""
        page = _PAGE.format(
            # Relative to the page, so that it works below any prefix of a proxy.
            static=f"graphql/static/{self.static.digest}",
            authorization=escape(f"Bearer {key}"),
        )
        return HttpResponse(200, b"text/html; charset=utf-8", page.encode(), _HEADERS)
