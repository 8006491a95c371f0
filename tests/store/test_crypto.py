import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ConfigurationError, StoreUnavailable
from gateway.store.crypto import Vault, parse_key
from tests.store.samples import KEY, OTHER_KEY

RAW = bytes.fromhex(KEY)
PLACE = {"shop": "mini", "row": "42", "column": "orders.personal"}
#: Bytes whose base64 holds what the two alphabets spell differently.
TELLING = b"\xfb\xef\xff" * 10 + b"\xfb\xef"


@pytest.fixture
def vault() -> Vault:
    return Vault(RAW)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (KEY, RAW),
        (KEY.upper(), RAW),
        (f"  {KEY}\n", RAW),
        (base64.b64encode(RAW).decode(), RAW),
        (base64.b64encode(TELLING).decode(), TELLING),
        (base64.urlsafe_b64encode(TELLING).decode(), TELLING),
    ],
)
def test_a_key_is_read_from_hexadecimal_and_base64(text: str, key: bytes) -> None:
    assert parse_key(text) == key


@pytest.mark.parametrize("text", ["", "secret", KEY[:-2], KEY + "00", "钥匙", "A" * 44])
def test_any_other_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_key(text)

    assert refused.value.message == (
        "store.encryption_key: expected 32 bytes in base64 or hexadecimal,"
        " as `openssl rand -base64 32` prints them"
    )


@given(st.binary())
def test_a_sealed_value_opens_in_its_place(value: bytes) -> None:
    vault = Vault(RAW)

    assert vault.unseal(vault.seal(value, **PLACE), **PLACE) == value


def test_a_sealed_value_shows_nothing_of_the_value(vault: Vault) -> None:
    assert b"13800138000" not in vault.seal(b"13800138000", **PLACE)


def test_sealing_twice_gives_two_values(vault: Vault) -> None:
    assert vault.seal(b"same", **PLACE) != vault.seal(b"same", **PLACE)


@pytest.mark.parametrize("part", ["shop", "row", "column"])
def test_a_value_moved_elsewhere_does_not_open(vault: Vault, part: str) -> None:
    sealed = vault.seal(b"13800138000", **PLACE)

    with pytest.raises(StoreUnavailable, match="cannot be decrypted") as refused:
        vault.unseal(sealed, **PLACE | {part: "other"})
    assert "13800138000" not in refused.value.message


def test_the_parts_of_a_place_do_not_run_together(vault: Vault) -> None:
    sealed = vault.seal(b"", shop="ab", row="c", column="d")

    with pytest.raises(StoreUnavailable):
        vault.unseal(sealed, shop="a", row="bc", column="d")


def test_a_changed_value_does_not_open(vault: Vault) -> None:
    sealed = vault.seal(b"13800138000", **PLACE)

    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(StoreUnavailable):
            vault.unseal(bytes(changed), **PLACE)


@pytest.mark.parametrize("length", [0, 1, 2, 13, 14, 29])
def test_a_truncated_value_does_not_open(vault: Vault, length: int) -> None:
    sealed = vault.seal(b"", **PLACE)

    with pytest.raises(StoreUnavailable):
        vault.unseal(sealed[:length], **PLACE)


def test_another_key_does_not_open(vault: Vault) -> None:
    with pytest.raises(StoreUnavailable):
        Vault(bytes.fromhex(OTHER_KEY)).unseal(vault.seal(b"", **PLACE), **PLACE)


def test_a_blind_index_finds_the_same_buyer_of_the_same_shop_only(vault: Vault) -> None:
    index = vault.blind_index("mini", "oABC")

    assert index == vault.blind_index("mini", "oABC")
    assert len(index) == 32
    assert index != vault.blind_index("swan", "oABC")
    assert index != vault.blind_index("mini", "oABD")
    assert index != Vault(bytes.fromhex(OTHER_KEY)).blind_index("mini", "oABC")
    assert vault.blind_index("mini", "ab", "c") != vault.blind_index("mini", "a", "bc")
