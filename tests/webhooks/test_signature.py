"""Our signatures, verified by the specification's own libraries of PyPI and npm."""

import json
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from gateway.webhooks.signature import RANDOM_BYTES, new_secret, signed_headers

OLD = new_secret(lambda length: b"\x00" * length)
NEW = new_secret(lambda length: b"\x01" * length)
BODY = '{"type":"order.changed","data":{"note":"茶"}}'.encode()


def test_a_secret_is_random_bytes_in_base64() -> None:
    asked: list[int] = []

    def random_bytes(length: int) -> bytes:
        asked.append(length)
        return bytes(range(length))

    secret = new_secret(random_bytes)
    assert asked == [32]
    assert secret.get_secret_value() == "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def test_the_headers_of_one_message() -> None:
    secret = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert signed_headers(
        [secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    ) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(random=st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES), text=st.text())
def test_the_library_of_pypi_verifies_any_body(random: bytes, text: str) -> None:
    secret, body = new_secret(lambda _: random), json.dumps({"text": text}).encode()
    headers = signed_headers([secret], "msg_1", int(time.time()), body)
    assert Webhook(secret.get_secret_value()).verify(body, headers) == {"text": text}


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_while_a_secret_is_replaced_both_verify(secret: SecretStr) -> None:
    headers = signed_headers([NEW, OLD], "msg_1", int(time.time()), BODY)
    assert Webhook(secret.get_secret_value()).verify(BODY, headers)["type"] == "order.changed"


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp", "body", "secret"])
def test_a_changed_message_is_not_verified(changed: str) -> None:
    now = int(time.time())
    headers = signed_headers([OLD], "msg_1", now, BODY)
    body, secret = BODY, OLD
    if changed == "body":
        body += b" "
    elif changed == "secret":
        secret = NEW
    else:
        headers[changed] = {"webhook-id": "msg_2", "webhook-timestamp": str(now + 1)}[changed]
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(secret.get_secret_value()).verify(body, headers)


def test_the_library_of_npm_verifies(node_packages: Path) -> None:
    headers = signed_headers([NEW, OLD], "msg_1", int(time.time()), BODY)
    given = {"body": BODY.decode(), "headers": headers}
    secrets = [secret.get_secret_value() for secret in (OLD, NEW)]
    done = subprocess.run(
        ["node", "verify-webhook.js", *secrets],
        cwd=node_packages,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [json.loads(BODY), json.loads(BODY)]
