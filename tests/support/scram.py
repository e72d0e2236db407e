"""The client's half of SCRAM-SHA-256, written from RFC 5802 §3 alone: nothing of the server's is used."""

from __future__ import annotations

import base64
import hashlib
import hmac


def fields(message: bytes) -> dict[str, bytes]:
    return {part[:1].decode(): part[2:] for part in message.split(b",")}


class ScramClient:
    """One attempt. header: gs2-header, "n,," without channel binding; data: what it binds to."""

    def __init__(
        self, name: str, password: str, *, header: str = "n,,", data: bytes = b"", nonce: bytes = b"fyko+d2lbbFgONRv9"
    ) -> None:
        self.password = password.encode()
        self.header = header.encode()
        self.data = data
        self.nonce = nonce
        self.bare = b"n=" + name.replace("=", "=3D").replace(",", "=2C").encode() + b",r=" + nonce
        self.signature = b""

    def first(self) -> bytes:
        return self.header + self.bare

    def final(self, challenge: bytes) -> bytes:
        asked = fields(challenge)
        assert asked["r"].startswith(self.nonce)
        assert len(asked["r"]) > len(self.nonce)
        salted = hashlib.pbkdf2_hmac("sha256", self.password, base64.b64decode(asked["s"]), int(asked["i"]))
        unproved = b"c=" + base64.b64encode(self.header + self.data) + b",r=" + asked["r"]
        message = b",".join((self.bare, challenge, unproved))
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        mask = hmac.digest(hashlib.sha256(client_key).digest(), message, "sha256")
        self.signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), message, "sha256")
        proof = bytes(a ^ b for a, b in zip(client_key, mask, strict=True))
        return unproved + b",p=" + base64.b64encode(proof)

    def knows(self, answer: bytes) -> bool:
        """Whether the server has proved that it knows the verifier."""
        return answer == b"v=" + base64.b64encode(self.signature)
