"""Baidu's token call, by client credentials."""

from typing import Literal

import msgspec

SCOPE = "smartapp_snsapi_base"


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The client's credentials; never shown, because they include the secret."""

    grant_type: Literal["client_credentials"] = "client_credentials"
    client_id: str
    client_secret: str
    scope: str = SCOPE

    def __repr__(self) -> str:
        return f"TokenRequest(client_id={self.client_id!r})"
