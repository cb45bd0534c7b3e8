from __future__ import annotations

import base64

import pytest

from shellhook.sandbox import totp
from shellhook.sandbox.devices import Device

SEED = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("now", "digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(now: int, digits: str) -> None:
    """Appendix B, SHA-1."""
    assert totp.code_of_step(SEED, totp.step_of(now), digits=8) == digits
    assert totp.code(SEED, now) == digits[-6:]


def test_a_seed_is_160_bits_of_base32() -> None:
    seed = totp.new_seed()
    assert len(base64.b32decode(seed)) == 20
    assert seed != totp.new_seed()


def test_a_seed_without_padding_and_in_small_letters_is_the_same() -> None:
    assert totp.code("mzxw6ytboi", 0) == totp.code("MZXW6YTBOI======", 0)


@pytest.fixture
def device() -> Device:
    return Device("arn:aws:iam::111122223333:mfa/alice", "arn:aws:iam::111122223333:user/alice")


NOW = 1_700_000_020.0  # ten seconds into a step


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_the_neighbouring_codes_are_accepted_once(device: Device, steps: int) -> None:
    code = totp.code(device.seed, NOW + steps * totp.STEP)
    assert device.accepts(code, NOW)
    assert not device.accepts(code, NOW)


@pytest.mark.parametrize("steps", [-2, 2])
def test_codes_further_away_are_not(device: Device, steps: int) -> None:
    assert not device.accepts(totp.code(device.seed, NOW + steps * totp.STEP), NOW)


def test_a_used_code_is_not_good_in_the_next_step_either(device: Device) -> None:
    code = totp.code(device.seed, NOW)
    assert device.accepts(code, NOW)
    assert not device.accepts(code, NOW + totp.STEP)


def test_fresh_codes_never_repeat_and_are_all_accepted(device: Device) -> None:
    codes = [device.fresh(NOW) for _ in range(12)]
    assert len(set(codes)) == 12
    assert all(device.accepts(code, NOW) for code in codes)
    assert not any(device.accepts(code, NOW) for code in codes)


def test_a_fresh_code_lives_long_enough_to_be_typed(device: Device) -> None:
    late = NOW - NOW % totp.STEP + totp.STEP - 0.5  # half a second before the step ends
    codes = [device.fresh(late) for _ in range(4)]
    assert all(device.accepts(code, late + 9) for code in codes)


def test_a_fresh_code_is_none_that_was_used(device: Device) -> None:
    shown, left, used = device.shown(NOW)
    assert (left, used) == (20.0, False)
    assert device.accepts(shown, NOW)
    assert device.shown(NOW) == (shown, 20.0, True)
    assert device.fresh(NOW) != shown


def test_an_old_seed_is_forgotten(device: Device) -> None:
    codes = [device.fresh(NOW) for _ in range(4)]
    assert device.accepts(codes[0], NOW)
    assert not device.accepts(codes[1], NOW + 10 * totp.STEP)


def test_wrong_codes_are_wrong(device: Device) -> None:
    for _ in range(5):
        assert not device.accepts(device.wrong(NOW), NOW)
        device.fresh(NOW)
