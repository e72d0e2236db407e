"""SCRAM-SHA-256 (RFC 5802, RFC 7677): what is kept of a password, and the server's half of an exchange.

Pure. The client proves that it knows the password without sending it; the server proves that it knows
the verifier. Whose verifier, and what a wrong proof costs, is `login`'s to say; the order of messages
`scramexchange`'s.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
import stringprep
import unicodedata
from base64 import b64decode, b64encode
from dataclasses import dataclass, field

from mailserver.directory import passwords

NAME, NAME_PLUS = "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"
# Rounds of PBKDF2; docs/decisions/0019-scram-beside-argon2.md says why so many and no more.
ITERATIONS = 60_000
SALT_OCTETS = 16
MAX_MESSAGE = 4096  # octets of one message of the client

# gs2-header and client-first-message-bare of RFC 5802 §7; the reserved "m=" is no match, so refused.
_FIRST = re.compile(
    rb"(?P<header>(?P<flag>n|y|p=(?P<binding>[A-Za-z0-9.-]+)),(?:a=(?P<identity>[^,\x00]*))?,)"
    rb"(?P<bare>n=(?P<name>[^,\x00]+),r=(?P<nonce>[\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-z]=[^,\x00]+)*)"
)
_FINAL = re.compile(
    rb"(?P<unproved>c=(?P<binding>[A-Za-z0-9+/=]+),r=(?P<nonce>[\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-oq-z]=[^,\x00]+)*)"
    rb",p=(?P<proof>[A-Za-z0-9+/=]+)"
)


class Malformed(ValueError):
    """The client's message is none of RFC 5802 §7, or does not belong to this exchange."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """What is kept of a password: whoever reads it can check a proof, not make one (RFC 5802 §3)."""

    salt: bytes
    iterations: int
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)

    @classmethod
    def of(cls, password: str, salt: bytes, iterations: int = ITERATIONS) -> Verifier:
        """Derive it; takes about as long as an argon2 hash, by purpose."""
        salted = hashlib.pbkdf2_hmac("sha256", normalised(password).encode(), salt, iterations)
        stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
        return cls(salt, iterations, stored_key, hmac.digest(salted, b"Server Key", "sha256"))

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """From the form of RFC 5803 §2, in which it is stored."""
        _name, work, keys = text.split("$")
        iterations, _, salt = work.partition(":")
        stored_key, _, server_key = keys.partition(":")
        return cls(b64decode(salt), int(iterations), b64decode(stored_key), b64decode(server_key))

    def text(self) -> str:
        salt, stored_key, server_key = (
            b64encode(octets).decode() for octets in (self.salt, self.stored_key, self.server_key)
        )
        return f"{NAME}${self.iterations}:{salt}${stored_key}:{server_key}"

    def fits(self, salt: bytes, iterations: int) -> bool:
        """Whether a proof made with this salt can be checked against it."""
        return (self.salt, self.iterations) == (salt, iterations)

    def proves(self, message: bytes, proof: bytes) -> bool:
        """Whether whoever made this proof for the AuthMessage knows the password (RFC 5802 §3)."""
        signature = hmac.digest(self.stored_key, message, "sha256")
        if len(proof) != len(signature):
            return False
        client_key = bytes(a ^ b for a, b in zip(proof, signature, strict=True))
        return hmac.compare_digest(hashlib.sha256(client_key).digest(), self.stored_key)

    def signature(self, message: bytes) -> bytes:
        """The server's own proof."""
        return hmac.digest(self.server_key, message, "sha256")


def salt_for(key: bytes, name: str) -> bytes:
    """The salt of a name, always the same, whether somebody has the name or not.

    key: a secret of this installation, without which nobody can tell it from a random one.
    """
    return hmac.digest(key, name.encode(errors="surrogatepass"), "sha256")[:SALT_OCTETS]


def normalised(password: str) -> str:
    """SASLprep (RFC 4013), which clients are to apply too; a password it refuses stays as it is, in NFC."""
    text = "".join(
        " " if stringprep.in_table_c12(letter) else letter for letter in password if not stringprep.in_table_b1(letter)
    )
    text = unicodedata.normalize("NFKC", text)
    if not text or any(_prohibited(letter) for letter in text) or not _one_direction(text):
        return passwords.prepared(password).encode(errors="replace").decode()
    return text


_PROHIBITED = (
    stringprep.in_table_c12, stringprep.in_table_c21_c22, stringprep.in_table_c3, stringprep.in_table_c4,
    stringprep.in_table_c5, stringprep.in_table_c6, stringprep.in_table_c7, stringprep.in_table_c8,
    stringprep.in_table_c9,
)  # fmt: skip


def _prohibited(letter: str) -> bool:
    return any(is_in(letter) for is_in in _PROHIBITED)


def _one_direction(text: str) -> bool:
    """The rule of RFC 3454 §6 about text from right to left."""
    if not any(stringprep.in_table_d1(letter) for letter in text):
        return True
    ends = stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
    return ends and not any(stringprep.in_table_d2(letter) for letter in text)


@dataclass(frozen=True, slots=True)
class First:
    """The client's first message.

    header: gs2-header, bare: the rest. flag: "n" no channel binding, "y" the client could but believes
    that the server cannot, "p" it binds by the type `binding`. name: who signs in.
    """

    header: bytes
    bare: bytes
    flag: str
    binding: str
    name: str
    nonce: bytes

    @classmethod
    def parse(cls, message: bytes) -> First:
        """Raises Malformed, also for a client that wants to act as somebody else."""
        match = _FIRST.fullmatch(message) if len(message) <= MAX_MESSAGE else None
        if match is None:
            raise Malformed("client-first-message")
        name = _name(match["name"])
        # GNU SASL sends "a=" for nobody else.
        if match["identity"] and _name(match["identity"]) != name:
            raise Malformed("authorisation identity")
        binding = (match["binding"] or b"").decode()
        return cls(match["header"], match["bare"], match["flag"][:1].decode(), binding, name, match["nonce"])


def _name(raw: bytes) -> str:
    """A saslname: "=2C" is a comma, "=3D" an equals sign, no other "=" may stand (RFC 5802 §5.1)."""
    if b"=" in raw.replace(b"=2C", b"").replace(b"=3D", b""):
        raise Malformed("saslname")
    try:
        return raw.replace(b"=2C", b",").replace(b"=3D", b"=").decode()
    except UnicodeDecodeError:
        raise Malformed("saslname") from None


@dataclass(frozen=True, slots=True)
class Final:
    """The client's final message. unproved: all of it before the proof; bound: gs2-header and binding."""

    unproved: bytes
    bound: bytes
    nonce: bytes
    proof: bytes = field(repr=False)

    @classmethod
    def parse(cls, message: bytes) -> Final:
        """Raises Malformed."""
        match = _FINAL.fullmatch(message) if len(message) <= MAX_MESSAGE else None
        if match is None:
            raise Malformed("client-final-message")
        try:
            bound, proof = b64decode(match["binding"], validate=True), b64decode(match["proof"], validate=True)
        except binascii.Error:
            raise Malformed("base64") from None
        return cls(match["unproved"], bound, match["nonce"], proof)


def server_first(nonce: bytes, salt: bytes, iterations: int) -> bytes:
    return b"r=%b,s=%b,i=%d" % (nonce, b64encode(salt), iterations)


def auth_message(first: First, challenge: bytes, final: Final) -> bytes:
    """What both proofs are about (RFC 5802 §3)."""
    return b",".join((first.bare, challenge, final.unproved))
