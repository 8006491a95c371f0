"""An endpoint prepared for one shop: everything that is the same in every call."""

from collections.abc import Mapping
from typing import Any, Final, Generic

import httpx
import msgspec

from gateway.errors import ConfigurationError
from gateway.tracing.span import GivenAttributes
from gateway.upstream.cache_tags import CacheTag, CacheTags
from gateway.upstream.encoding import RequestEncoder
from gateway.upstream.endpoint import Endpoint, Res
from gateway.upstream.lenient_answer import AnswerDecoder
from gateway.upstream.reading import CallName

_PORTS: Final = {"http": 80, "https": 443}


class PreparedEndpoint(Generic[Res]):
    """URL, headers, encoder, decoder, lifetime and tags of an endpoint of one shop."""

    __slots__ = (
        "answers",
        "asked",
        "call_attributes",
        "call_name",
        "encode",
        "endpoint",
        "headers",
        "invalidated_tags",
        "result_required",
        "span_attributes",
        "span_name",
        "tags",
        "ttl",
        "url",
    )

    def __init__(
        self,
        endpoint: Endpoint[Any, Res],
        shop: str,
        base: httpx.URL,
        tags: CacheTags,
        lifetimes: Mapping[str, float],
    ) -> None:
        self.endpoint = endpoint
        self.asked = CallName(shop, endpoint.name)
        self.url = base.copy_with(raw_path=base.raw_path.rstrip(b"/") + endpoint.path.encode())
        encoder = RequestEncoder(endpoint, self.url.raw_path)
        self.encode = encoder.encode
        self.headers = httpx.Headers(
            {"host": base.netloc.decode("ascii")}
            | ({"content-type": encoder.content_type} if encoder.content_type else {})
        )
        #: Of a call, with all of its attempts.
        self.call_name = f"call {endpoint.name}"
        self.call_attributes: GivenAttributes = {
            "gateway.shop": shop,
            "gateway.endpoint": endpoint.name,
        }
        #: Of the span of an attempt. Its path has no query, which holds what callers ask for.
        self.span_name = f"{endpoint.method} {self.url.path}"
        self.span_attributes: GivenAttributes = {
            "http.request.method": endpoint.method,
            "server.address": base.host,
            "server.port": base.port or _PORTS[base.scheme],
            "url.scheme": base.scheme,
            "url.template": self.url.path,
            **self.call_attributes,
        }
        self.answers: AnswerDecoder[Res] = AnswerDecoder(endpoint)
        #: Whether only the envelope says that it was done: a write that answers with nothing else.
        self.result_required = not endpoint.shareable and not any(
            field.required for field in msgspec.structs.fields(endpoint.response)
        )
        #: Seconds that an answer stays fresh; None: it is not cached.
        self.ttl = None if endpoint.ttl is None else _lifetime(endpoint, lifetimes)
        self.tags: tuple[CacheTag, ...] = tags.of(shop, (endpoint.name, *endpoint.tags))
        self.invalidated_tags: tuple[CacheTag, ...] = tags.of(shop, endpoint.invalidates)


def _lifetime(endpoint: Endpoint[Any, Any], lifetimes: Mapping[str, float]) -> float | None:
    try:
        return lifetimes[endpoint.ttl or ""] or None
    except KeyError:
        raise ConfigurationError(
            f"{endpoint.name}: no lifetime is configured for {endpoint.ttl}"
        ) from None
