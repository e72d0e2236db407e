"""What strangers may send instead of a passkey's answer: taken for what it is, or refused; never a fault of ours."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

import cbor2
from hypothesis import given, settings
from hypothesis import strategies as st

from mailserver.directory import passkey_proofs as proofs
from mailserver.directory.passkey_proofs import NotProved, Party
from tests.support.authenticator import Authenticator, b64, unb64

PARTY = Party("localhost", "Sở Xây dựng", ("http://localhost",))
CHALLENGE = secrets.token_bytes(proofs.CHALLENGE_OCTETS)
KEY = Authenticator()
MADE = KEY.made(json.loads(proofs.creation(PARTY, CHALLENGE, b"h" * 32, "an@x.test", "An", ())))
PUBLIC = proofs.made(PARTY, CHALLENGE, MADE).public_key
USED = KEY.used(json.loads(proofs.request(PARTY, CHALLENGE, (), verified=True)))

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=40).map(b64)
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner))
CBOR = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=10) | st.binary(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(-9, 9), inner),
)


def weigh(answer: str) -> None:
    """Both readers; a fault other than NotProved fails the test."""
    for judge in (
        lambda: proofs.made(PARTY, CHALLENGE, answer),
        lambda: proofs.claimed(answer),
        lambda: proofs.count_proved(PARTY, CHALLENGE, answer, PUBLIC, verified=True),
    ):
        try:
            judge()
        except NotProved:
            continue


def changed(answer: str, change: Callable[[dict[str, Any]], None]) -> str:
    told = json.loads(answer)
    change(told)
    return json.dumps(told)


def test_the_answers_are_good_before_they_are_changed() -> None:
    assert proofs.made(PARTY, CHALLENGE, MADE).credential_id == KEY.name
    assert proofs.count_proved(PARTY, CHALLENGE, USED, PUBLIC, verified=True) == KEY.count


@settings(max_examples=120, deadline=None)
@given(answer=st.sampled_from([MADE, USED]), name=st.sampled_from(["id", "rawId", "type", "response"]), value=VALUES)
def test_any_value_in_any_place(answer: str, name: str, value: object) -> None:
    weigh(changed(answer, lambda told: told.update({name: value})))


@settings(max_examples=150, deadline=None)
@given(
    answer=st.sampled_from([MADE, USED]),
    name=st.sampled_from(
        ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle", "transports"]
    ),
    value=VALUES | CBOR.map(cbor2.dumps).map(b64),
)
def test_any_value_in_any_place_of_the_response(answer: str, name: str, value: object) -> None:
    weigh(changed(answer, lambda told: told["response"].update({name: value})))


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(["clientDataJSON", "attestationObject", "authenticatorData", "signature"]),
    cut=st.integers(0, 400),
    at=st.integers(0, 400),
    octet=st.integers(0, 255),
)
def test_octets_that_are_cut_off_or_another(name: str, cut: int, at: int, octet: int) -> None:
    def change(told: dict[str, Any]) -> None:
        given_ = bytearray(unb64(told["response"].get(name, "")))
        if given_:
            given_[at % len(given_)] = octet
        told["response"][name] = b64(bytes(given_[: max(0, len(given_) - cut)]))

    for answer in (MADE, USED):
        weigh(changed(answer, change))


@settings(max_examples=120, deadline=None)
@given(auth_data=st.binary(max_size=300), statement=CBOR, form=CBOR)
def test_any_attestation(auth_data: bytes, statement: object, form: object) -> None:
    told = {"fmt": form, "attStmt": statement, "authData": auth_data}
    weigh(changed(MADE, lambda answer: answer["response"].update(attestationObject=b64(cbor2.dumps(told)))))


@settings(max_examples=120, deadline=None)
@given(key=CBOR.map(cbor2.dumps) | st.binary(max_size=80))
def test_any_key(key: bytes) -> None:
    def change(told: dict[str, Any]) -> None:
        attestation = cbor2.loads(unb64(told["response"]["attestationObject"]))
        attestation["authData"] = attestation["authData"][: 37 + 16 + 2 + len(KEY.name)] + key
        told["response"]["attestationObject"] = b64(cbor2.dumps(attestation))

    weigh(changed(MADE, change))


@given(answer=st.text(max_size=200) | VALUES.map(json.dumps))
def test_any_text(answer: str) -> None:
    weigh(answer)
