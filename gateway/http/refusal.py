"""Refusals of requests before their execution, and their HTTP statuses."""

from collections.abc import Sequence

from graphql import GraphQLError

from gateway.errors import GatewayError


class HttpRefusal(GatewayError):
    """The request violates HTTP or GraphQL over HTTP; `status` is the response's."""

    code = "BAD_USER_INPUT"

    def __init__(
        self, status: int, message: str, *, headers: Sequence[tuple[bytes, bytes]] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = tuple(headers)


class OperationRefused(GatewayError):
    """The document, the choice of operation or the variables are wrong; nothing was executed."""

    def __init__(
        self, code: str, errors: Sequence[GraphQLError], status: int | None = None
    ) -> None:
        super().__init__(errors[0].message)
        self.refusal_code = code
        self.errors = errors
        #: None: 400, or 200 to a client that accepts only `application/json`.
        self.status = status


class ClientGone(Exception):
    """The client closed the connection; the answer is no longer needed."""


def without_nodes(error: GraphQLError) -> GraphQLError:
    """The message and the locations of an error, without the document and the frames it came from.

    An error that is kept would keep the document; one with a traceback is a reference cycle with
    the frames that collected it.
    """
    cause: BaseException | None = error
    while cause is not None:
        cause.__traceback__ = None
        cause = cause.original_error if isinstance(cause, GraphQLError) else None
    shown = GraphQLError(error.message)
    shown.locations = error.locations
    return shown
