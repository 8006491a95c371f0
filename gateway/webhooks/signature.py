"""Signatures of webhooks, by the Standard Webhooks specification."""

import base64
import hmac
from collections.abc import Sequence
from typing import Final

from pydantic import SecretStr

from gateway.auth.keys import RandomBytes

#: Of a secret's text; the rest is base64.
PREFIX: Final = "whsec_"
#: The specification asks for 24 to 64.
RANDOM_BYTES: Final = 32
#: Symmetric: HMAC with SHA-256.
_VERSION: Final = "v1"


def new_secret(random_bytes: RandomBytes) -> SecretStr:
    """A new signing secret; `random_bytes` is `secrets.token_bytes` outside of tests."""
    return SecretStr(PREFIX + base64.b64encode(random_bytes(RANDOM_BYTES)).decode())


def signed_headers(
    secrets: Sequence[SecretStr], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The headers by which a receiver verifies `body`.

    A receiver accepts the message if any of the signatures is right: while a secret is replaced,
    there is one by each valid secret, in the order of `secrets`. `message_id` is the same for each
    attempt, by which receivers recognise a repetition. `timestamp` is the attempt's, in unix
    seconds: receivers refuse what is older than a few minutes.
    """
    content = f"{message_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signature(secret, content) for secret in secrets),
    }


def _signature(secret: SecretStr, content: bytes) -> str:
    key = base64.b64decode(secret.get_secret_value().removeprefix(PREFIX))
    return f"{_VERSION},{base64.b64encode(hmac.digest(key, content, 'sha256')).decode()}"
