"""Errors of an HTTP exchange without an answer, as httpx's, with no address in the text."""

import os
import ssl

import aiohttp
import httpx
from aiohttp.http_exceptions import BadHttpMessage, LineTooLong


class AnswerTooLarge(httpx.TransportError):
    """The answer's body exceeded the size limit; reading stopped there."""


class HeadersTooLarge(httpx.RemoteProtocolError):
    """The answer's headers exceeded the size limit; reading stopped there."""

    def __init__(self) -> None:
        super().__init__("the answer's headers are too large")


class ConnectionEnded(httpx.RemoteProtocolError):
    """The platform closed the connection before the answer was complete.

    `answered`: whether all of its headers had arrived.
    """

    def __init__(self, *, answered: bool) -> None:
        super().__init__("the connection ended before the answer did")
        self.answered = answered


def before_sending(error: Exception, *, proxy: str | None, seconds: float) -> httpx.TransportError:
    """The error for a request of which nothing was sent.

    `proxy` is the proxy's host name, None without one; `seconds` is the connect timeout.
    """
    if isinstance(error, TimeoutError):
        return httpx.ConnectTimeout(f"no connection within {seconds:g} s")
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return proxy_refusal(error.status)
    words = "no connection: failed"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        words = _tls_failed(error.certificate_error)
    elif isinstance(error, aiohttp.ClientConnectorSSLError):
        words = _tls_failed(error.os_error)
    elif isinstance(error, aiohttp.ClientConnectorDNSError):
        whose = "proxy" if error.host == proxy else "host"
        words = f"no connection: the {whose}'s name is not known"
    elif isinstance(error, aiohttp.ClientProxyConnectionError):
        words = f"no connection to the proxy: {_reason(error)}"
    elif isinstance(error, aiohttp.ClientConnectorError):
        words = f"no connection: {_reason(error)}"
    elif proxy is not None:
        return proxy_refusal(None)
    return httpx.ConnectError(words)


def proxy_refusal(status: int | None) -> httpx.ConnectError:
    """The error for a proxy that forwarded nothing; `status` is its answer's, None without one."""
    if status == httpx.codes.PROXY_AUTHENTICATION_REQUIRED:
        return httpx.ConnectError("the proxy refused the credentials: HTTP 407")
    words = "the proxy refused the tunnel"
    return httpx.ConnectError(words if status is None else f"{words}: HTTP {status}")


def after_sending(error: Exception, *, answered: bool) -> httpx.TransportError:
    """The error for a request that may have been sent; `answered` as in ConnectionEnded."""
    if isinstance(error, TimeoutError):
        return httpx.ReadTimeout("no whole answer in time")
    if isinstance(error, aiohttp.ClientResponseError):
        if _is_of_headers(error):
            return HeadersTooLarge()
        return httpx.RemoteProtocolError("what came is not HTTP")
    return ConnectionEnded(answered=answered)


def _is_of_headers(error: aiohttp.ClientResponseError) -> bool:
    """Whether aiohttp's parser stopped at one of its limits for headers."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, LineTooLong):
            return True
        if isinstance(cause, BadHttpMessage) and cause.message == "Too many headers received":
            return True
        cause = cause.__cause__
    return False


def _tls_failed(error: BaseException) -> str:
    reason = error.reason if isinstance(error, ssl.SSLError) else None
    return f"TLS failed: {reason or 'refused'}"


def _reason(error: aiohttp.ClientConnectorError) -> str:
    """The reason, without the address that the libraries put into their messages."""
    number = error.os_error.errno
    return os.strerror(number) if number else "failed"
