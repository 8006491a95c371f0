import os
import re
from collections.abc import Callable

import pytest

from gateway.auth.keys import fingerprint, is_well_formed, key_id, new_key

#: Of 32 zero bytes; the CRC-32 of what stands before is 0x0552d786.
OF_ZEROS = "cgw_" + "0" * 43 + "062kxq"


def test_a_key_is_256_random_bits_with_prefix_and_checksum() -> None:
    key = new_key(os.urandom).get_secret_value()

    assert re.fullmatch(r"cgw_[0-9A-Za-z]{43}[0-9A-Za-z]{6}", key)
    assert is_well_formed(key)
    assert new_key(os.urandom).get_secret_value() != key


def test_all_random_bits_are_in_the_key() -> None:
    def only(bit: int) -> Callable[[int], bytes]:
        return (1 << bit).to_bytes

    keys = {new_key(only(bit)).get_secret_value() for bit in range(256)}

    assert len(keys) == 256


def test_the_format_stays_as_it_is() -> None:
    assert new_key(bytes).get_secret_value() == OF_ZEROS


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(OF_ZEROS[:-1], id="cut"),
        pytest.param(OF_ZEROS[:20] + "1" + OF_ZEROS[21:], id="mistyped"),
        pytest.param("x" + OF_ZEROS[1:], id="another-prefix"),
        pytest.param(OF_ZEROS + "0", id="too-long"),
    ],
)
def test_what_is_no_key_is_told_without_a_look_up(text: str) -> None:
    assert not is_well_formed(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("cgx_" + "7" * 43 + "2vY5Fe", id="another-prefix"),
        pytest.param("cgw_" + "7" * 42 + "0B0PTE", id="too-short"),
        pytest.param("cgw_" + "7" * 44 + "2HPgKC", id="too-long"),
    ],
)
def test_a_right_checksum_alone_makes_no_key(text: str) -> None:
    assert not is_well_formed(text)
    assert is_well_formed("cgw_" + "7" * 43 + "1jsU9v")


def test_the_fingerprint_is_the_sha_256() -> None:
    digest = fingerprint("abc")

    assert digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert key_id(digest) == "ba7816bf8f01"
