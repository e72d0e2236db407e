"""Public keys in DNS (RFC 6376 §3.6.1, RFC 8463 §4). Pure."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mailserver.senderauth.dkim_signature import BadTags, Signature, Unusable, tags_of
from mailserver.senderauth.results import Outcome

# RFC 8301 §3.2: shorter keys prove nothing. Longer ones than any that is in use cost time.
MIN_BITS, MAX_BITS = 1024, 8192
MAX_RECORD = 16 * 1024  # octets

_TYPES = {"rsa-sha256": "rsa", "ed25519-sha256": "ed25519"}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """testing: t=y, the owner is trying out and asks that nothing be built on it."""

    key: RSAPublicKey | Ed25519PublicKey
    testing: bool

    def verifies(self, value: bytes, digest: bytes) -> bool:
        """digest: SHA-256 of what was signed."""
        try:
            if isinstance(self.key, RSAPublicKey):
                self.key.verify(value, digest, PKCS1v15(), Prehashed(SHA256()))
            else:
                self.key.verify(value, digest)
        except InvalidSignature:
            return False
        return True


def key_for(signature: Signature, texts: Sequence[bytes]) -> PublicKey:
    """The key for a signature among TXT records. Raises Unusable."""
    fault = Unusable(Outcome.PERMERROR, "no key for signature")
    for text in texts[:3]:
        try:
            return _read(signature, tags_of(text[:MAX_RECORD].decode("utf-8", "replace")))
        except BadTags:
            continue
        except Unusable as found:
            fault = found
    raise fault


def _read(signature: Signature, tags: dict[str, str]) -> PublicKey:
    if tags.get("v", "DKIM1") != "DKIM1" or "p" not in tags:
        raise Unusable(Outcome.PERMERROR, "no key for signature")
    if not tags["p"]:
        raise Unusable(Outcome.PERMERROR, "key revoked")
    if tags.get("k", "rsa").lower() != _TYPES[signature.algorithm]:
        raise Unusable(Outcome.PERMERROR, "key of another type")
    if "sha256" not in _listed(tags.get("h", "sha256")) or not {"*", "email"} & _listed(tags.get("s", "*")):
        raise Unusable(Outcome.PERMERROR, "key for another use")
    flags = _listed(tags.get("t", ""))
    if "s" in flags and signature.agent != signature.domain:
        raise Unusable(Outcome.PERMERROR, "key not for subdomains")
    return PublicKey(_loaded(signature.algorithm, tags["p"]), testing="y" in flags)


def _listed(text: str) -> set[str]:
    return {one.strip().lower() for one in text.split(":")}


def _loaded(algorithm: str, text: str) -> RSAPublicKey | Ed25519PublicKey:
    try:
        octets = b64decode("".join(text.split()), validate=True)
        key = Ed25519PublicKey.from_public_bytes(octets) if algorithm.startswith("ed") else load_der_public_key(octets)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        raise Unusable(Outcome.PERMERROR, "unreadable key") from None
    if isinstance(key, RSAPublicKey) and not MIN_BITS <= key.key_size <= MAX_BITS:
        raise Unusable(Outcome.POLICY, "key too short or too long")
    if not isinstance(key, RSAPublicKey | Ed25519PublicKey):
        raise Unusable(Outcome.PERMERROR, "key of another type")
    return key
