"""Addresses of the Sender Rewriting Scheme, against sums made another way and against whatever hypothesis thinks of."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailserver.srs import scheme
from mailserver.srs.scheme import Expired, NotOurs, Wrapped, unwrap, wrap, wrap_token

KEY, OTHER = bytes(range(32)), bytes(32)
DAY = 20_783  # 2026-11-26
LOCALS = st.from_regex(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}(\.[A-Za-z0-9_=+-]{1,10})?", fullmatch=True)
DOMAINS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?(\.[a-z]{2,8}){1,2}", fullmatch=True)
DAYS = st.integers(0, 60_000)


def summed(*parts: str) -> str:
    """The hash by the library's own base32, of the digest's octets as they are."""
    digest = hmac.new(KEY, "\0".join(parts).lower().encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[: scheme.HASH]


def test_addresses_are_what_the_paper_says_with_hashes_of_known_value() -> None:
    # 20783 = 20 * 1024 + 303, and 303 = 9 * 32 + 15: J and P.
    assert scheme.days_of(DAY) == "JP"
    assert (
        wrap("Lan@ngoai.example", KEY, DAY)
        == f"SRS0={summed('srs0', 'JP', 'ngoai.example', 'lan')}=JP=ngoai.example=Lan"
    )
    rest = "=HHH=TT=first.example=lan"
    once = f"SRS0{rest}@second.example"
    made = f"SRS1={summed('srs1', 'second.example', rest)}=second.example={rest}"
    assert wrap(once, KEY, DAY) == made
    # A third forwarder names the first hop, not the one before it.
    assert wrap(f"SRS1=ABCDEFGHIJ=second.example={rest}@third.example", KEY, DAY) == made
    assert unwrap(made, [KEY], DAY) == Wrapped(once)
    # Computed apart, with `openssl dgst -sha256 -mac HMAC` and coreutils' base32.
    assert wrap("lan@ngoai.example", KEY, DAY) == "SRS0=U65AANEX6N=JP=ngoai.example=lan"


@given(LOCALS, DOMAINS, DAYS, st.integers(-1, scheme.VALID_DAYS))
def test_what_was_wrapped_is_found_again_while_it_is_valid(local: str, domain: str, day: int, later: int) -> None:
    sender = f"{local}@{domain}"
    made = wrap(sender, KEY, day)
    if made is None:
        assert len(sender) > 40 or scheme.is_rewritten(local)
        return
    assert len(made) <= 64 and made.isascii() and scheme.is_rewritten(made)
    assert unwrap(made, [OTHER, KEY], day + later) == Wrapped(sender) or scheme.is_rewritten(local)


@given(LOCALS, DOMAINS, DAYS, st.integers(scheme.VALID_DAYS + 1, 1000))
def test_an_old_one_and_one_of_another_key_are_refused(local: str, domain: str, day: int, later: int) -> None:
    made = wrap_token("0123456789abcdef", KEY, day)
    with pytest.raises(Expired):
        unwrap(made, [KEY], day + later)
    with pytest.raises(NotOurs):
        unwrap(wrap(f"{local}@{domain}", OTHER, day) or "SRS0=x", [KEY], day)
    with pytest.raises(NotOurs):
        unwrap(made, [], day)


@given(DOMAINS, st.sampled_from([str.lower, str.upper, str.swapcase]))
def test_a_server_that_changes_the_case_breaks_nothing(domain: str, change: object) -> None:
    made = wrap(f"Lan.Anh@{domain}", KEY, DAY)
    assert made is not None and callable(change)
    assert unwrap(change(made), [KEY], DAY).sender.lower() == f"lan.anh@{domain}"
    assert unwrap(change(wrap_token("abc123", KEY, DAY)), [KEY], DAY) == Wrapped(token="abc123")


@given(st.text(max_size=80), st.data())
def test_nothing_made_up_or_altered_is_taken(text: str, data: st.DataObject) -> None:
    with pytest.raises(NotOurs):
        unwrap(text, [KEY], DAY)
    made = wrap("lan@ngoai.example", KEY, DAY)
    assert made is not None
    at = data.draw(st.integers(5, len(made) - 1))
    letter = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=@.-"))
    altered = made[:at] + letter + made[at + 1 :]
    if altered.lower() != made.lower():
        with pytest.raises(NotOurs):
            unwrap(altered, [KEY], DAY)


@pytest.mark.parametrize(
    "sender",
    [
        "lãn@ngoai.example",
        '"lan anh"@ngoai.example',
        "lan@[192.0.2.1]",
        "lan@ngoại.example",
        f"{'l' * 40}@ngoai.example",
        "lan..anh@ngoai.example",
        "lan",
        "",
    ],
)
def test_what_does_not_fit_needs_a_token(sender: str) -> None:
    assert wrap(sender, KEY, DAY) is None
    assert len(wrap_token("f" * 32, KEY, DAY)) <= 64
