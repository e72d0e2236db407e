"""Keys and signed messages for tests."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from functools import cache

import dkim
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

LETTER = (
    b"From: An <an@gov.test>\r\nTo: van.thu@sct.test\r\nSubject: =?utf-8?q?V=C4=83n?= ban\r\n"
    b"Date: Mon, 05 Jan 2026 08:00:00 +0700\r\nMessage-ID: <1@gov.test>\r\n\r\n"
    b"Kinh gui  cac dong chi \r\n\r\n.\r\n\r\n"
)


def rsa_key(bits: int = 2048) -> RSAPrivateKey:
    """The same key each time."""
    return _made(bits)


@cache
def _made(bits: int) -> RSAPrivateKey:
    return generate_private_key(65537, bits)


@cache
def ed_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def pkcs1(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def record(key: RSAPrivateKey | Ed25519PrivateKey, tags: str = "v=DKIM1; ") -> str:
    """The TXT record of a key."""
    if isinstance(key, RSAPrivateKey):
        octets = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"{tags}k=rsa; p={b64encode(octets).decode()}"
    return f"{tags}k=ed25519; p={b64encode(key.public_key().public_bytes_raw()).decode()}"


@dataclass
class Signing:
    """A signature by dkimpy, whose fields a test may have its own way."""

    domain: bytes = b"gov.test"
    selector: bytes = b"s1"
    bits: int = 2048
    forms: tuple[bytes, bytes] = (b"relaxed", b"relaxed")
    algorithm: bytes = b"rsa-sha256"
    names: list[bytes] = field(default_factory=lambda: [b"from", b"to", b"subject", b"date"])
    length: bool = False

    def sign(self, data: bytes = LETTER) -> bytes:
        signer = dkim.DKIM(data, signature_algorithm=self.algorithm)
        made = signer.sign(
            self.selector,
            self.domain,
            pkcs1(rsa_key(self.bits)),
            canonicalize=self.forms,
            include_headers=self.names,
            length=self.length,
        )
        return bytes(made) + data
