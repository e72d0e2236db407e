"""One-time codes, by the tables of the RFCs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mailserver.directory import otp

SECRET = b"12345678901234567890"
# RFC 4226 appendix D.
BY_COUNTER = ("755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489")
# RFC 6238 appendix B, SHA-1: seconds since 1970 and eight digits.
BY_TIME = (
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
)
NOW = datetime(2026, 11, 12, 1, 30, 5, tzinfo=UTC)


def test_codes_by_counter_are_those_of_the_standard() -> None:
    assert tuple(otp.code_at(SECRET, counter) for counter in range(10)) == BY_COUNTER


@pytest.mark.parametrize(("seconds", "code"), BY_TIME)
def test_codes_by_time_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert otp.code_at(SECRET, otp.step_at(datetime.fromtimestamp(seconds, UTC)), 8) == code


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_taken_one_step_early_or_late_and_no_more(steps: int, is_taken: bool) -> None:
    code = otp.code_at(SECRET, otp.step_at(NOW) + steps)
    assert (otp.fitting_step(SECRET, code, NOW, -1) is not None) is is_taken


def test_a_code_counts_once_and_so_do_those_before_it() -> None:
    here = otp.step_at(NOW)
    used = otp.fitting_step(SECRET, otp.code_at(SECRET, here), NOW, -1)
    assert used == here
    for earlier in (here, here - 1):
        assert otp.fitting_step(SECRET, otp.code_at(SECRET, earlier), NOW, used) is None
    later = otp.fitting_step(SECRET, otp.code_at(SECRET, here + 1), NOW + timedelta(seconds=otp.STEP_S), used)
    assert later == here + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "٣٤٥٦٧٨", "-12345", "123 45"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert otp.fitting_step(SECRET, typed, NOW, -1) is None


def test_spaces_between_digits_do_not_count() -> None:
    code = otp.code_at(SECRET, otp.step_at(NOW))
    assert otp.fitting_step(SECRET, f" {code[:3]} {code[3:]} ", NOW, -1) is not None


def test_apps_are_told_the_secret_as_they_read_it() -> None:
    told = otp.uri(SECRET, "Vanthu", "anl@sxd.example")
    assert told == (
        "otpauth://totp/Vanthu:anl%40sxd.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=Vanthu&digits=6&period=30"
    )
    assert otp.shown(SECRET).replace(" ", "") == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert len(otp.new_secret()) == 20 and otp.new_secret() != otp.new_secret()
