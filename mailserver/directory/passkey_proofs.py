"""What browsers and authenticators say, checked (W3C Web Authentication Level 3, §7.1, §7.2); no I/O.

All answers are JSON of strangers. Whether a challenge is fresh, whose a passkey is and what its counter was, is
`passkey_answers` and `passkeys` to say.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import webauthn
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

# Octets; 16 would do (WebAuthn-3 §13.4.3).
CHALLENGE_OCTETS = 32
# Milliseconds that browsers show their window for.
TIMEOUT_MS = 180_000
# Characters of an answer: keys and an attestation of "none" need less than 2,000.
LONGEST_ANSWER = 20_000
# Octets of a credential's name (WebAuthn-3 §4).
LONGEST_ID = 1023

_TRANSPORTS = {one.value: one for one in AuthenticatorTransport}

# What the library raises for answers of strangers: keys that are lists or numbers, counts that are too large, and more.
_FAULTS = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)


class NotProved(Exception):
    """The answer does not prove what was asked. The text is for the log."""


@dataclass(frozen=True, slots=True)
class Party:
    """Us, as authenticators know us. id: a host name, which passkeys are bound to for good. origins: of our pages,
    "https://mail.sxd.example", the first one under `id`."""

    id: str
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewKey:
    """A passkey that was just made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Who an answer says it is of; nothing of it is proved. handle: None where the person was known already."""

    credential_id: bytes
    handle: bytes | None


def creation(
    party: Party, challenge: bytes, handle: bytes, address: str, name: str, known: Sequence[tuple[bytes, str]]
) -> str:
    """What a browser is asked in order to make a passkey (WebAuthn-3 §5.4), as JSON. known: the person's others.

    Discoverable and with user verification, so that it opens the account alone. No attestation: which model of
    device it is, is not ours to know.
    """
    wanted = AuthenticatorSelectionCriteria(
        resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
    )
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=handle,
        user_name=address,
        user_display_name=name,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        authenticator_selection=wanted,
        exclude_credentials=_described(known),
    )
    return webauthn.options_to_json(options)


def request(party: Party, challenge: bytes, known: Sequence[tuple[bytes, str]], *, verified: bool) -> str:
    """What a browser is asked in order to use one (WebAuthn-3 §5.5), as JSON. known: those that will do, () for any.

    verified: its person must show themselves to the device, by PIN or finger.
    """
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        allow_credentials=_described(known),
        user_verification=UserVerificationRequirement.REQUIRED if verified else UserVerificationRequirement.PREFERRED,
    )
    return webauthn.options_to_json(options)


def made(party: Party, challenge: bytes, answer: str) -> NewKey:
    """The passkey that an answer to `creation` brings (WebAuthn-3 §7.1). Raises NotProved."""
    try:
        found = webauthn.verify_registration_response(
            credential=_parsed(answer),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=True,
        )
    except _FAULTS as fault:
        raise NotProved(str(fault)) from fault
    if len(found.credential_id) > LONGEST_ID:
        raise NotProved("credential id too long")
    response = _parsed(answer)["response"]
    named = response.get("transports") if isinstance(response, dict) else None
    ways = [one for one in map(str, named) if one in _TRANSPORTS] if isinstance(named, list) else []
    return NewKey(found.credential_id, found.credential_public_key, found.sign_count, " ".join(sorted(set(ways))))


def claimed(answer: str) -> Claim:
    """Whose passkey an answer to `request` says it is. Raises NotProved."""
    try:
        found = parse_authentication_credential_json(_parsed(answer))
    except _FAULTS as fault:
        raise NotProved(str(fault)) from fault
    return Claim(found.raw_id, found.response.user_handle)


def count_proved(party: Party, challenge: bytes, answer: str, public_key: bytes, *, verified: bool) -> int:
    """The authenticator's counter, after all but the counter was checked (WebAuthn-3 §7.2). Raises NotProved.

    The counter is given out and not compared here: only a signature makes it worth anything, and one that has gone
    back is no forgery but a copy of the device.
    """
    try:
        found = webauthn.verify_authentication_response(
            credential=_parsed(answer),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=verified,
        )
    except _FAULTS as fault:
        raise NotProved(str(fault)) from fault
    return found.new_sign_count


def _parsed(answer: str) -> dict[str, object]:
    if len(answer) > LONGEST_ANSWER:
        raise NotProved("too long")
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError) as fault:
        raise NotProved("no JSON") from fault
    if not isinstance(found, dict):
        raise NotProved("no object")
    return found


def _described(known: Sequence[tuple[bytes, str]]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=one, transports=[_TRANSPORTS[way] for way in ways.split()] or None)
        for one, ways in known
    ]
