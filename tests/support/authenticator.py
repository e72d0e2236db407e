"""An authenticator in software (W3C Web Authentication Level 3 §6): makes keys and signs with them, also wrongly."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One key. flags: of what it says about its person. Everything may be changed to make it lie."""

    origin: str = "http://localhost"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    name: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: bytes | None = None

    def made(self, options: dict[str, Any], **lies: Any) -> str:
        """The answer to a creation."""
        self.handle = unb64(options["user"]["id"])
        client = self._client("webauthn.create", options["challenge"], lies)
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.name).to_bytes(2, "big") + self.name + cbor2.dumps(public)
        data = self._data(options["rp"]["id"], self.flags | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            {"clientDataJSON": b64(client), "attestationObject": b64(attestation), "transports": ["usb"]}
        )

    def used(self, options: dict[str, Any], **lies: Any) -> str:
        """The answer to a request. The counter grows, but for who has set it back."""
        self.count += 1
        client = self._client("webauthn.get", options["challenge"], lies)
        data = self._data(lies.get("rp_id", options["rpId"]), lies.get("flags", self.flags))
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        handle = lies.get("handle", self.handle)
        response = {"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signed)}
        return self._answer({**response, "userHandle": None if handle is None else b64(handle)})

    def _client(self, kind: str, challenge: str, lies: dict[str, Any]) -> bytes:
        said = {"type": lies.get("type", kind), "challenge": lies.get("challenge", challenge)}
        return json.dumps({**said, "origin": lies.get("origin", self.origin), "crossOrigin": False}).encode()

    def _data(self, rp_id: str, flags: int) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _answer(self, response: dict[str, Any]) -> str:
        return json.dumps({"id": b64(self.name), "rawId": b64(self.name), "type": "public-key", "response": response})
