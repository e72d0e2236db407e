"""DANE (RFC 6698, RFC 7672): the DNS says which certificate or which authority a mail server shows.

Pure: which records can be used, and which certificates they name. Certificates are DER.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterable, Sequence
from enum import IntEnum, unique

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mailserver.dns.answers import Tlsa

# Records of one server that are looked at; each may cost a hash of every certificate that it shows.
MOST = 30


@unique
class Usage(IntEnum):
    """Of RFC 7671 §5; PKIX-TA(0) and PKIX-EE(1) are of no use between mail servers (RFC 7672 §3.1.3)."""

    DANE_TA = 2
    DANE_EE = 3


@unique
class Selector(IntEnum):
    """RFC 6698 §2.1.2."""

    CERTIFICATE = 0
    PUBLIC_KEY = 1


# Octets of what is compared, by matching type (RFC 6698 §2.1.3); exact matches have any length.
_LENGTHS = {1: 32, 2: 64}
_HASHES = {1: hashlib.sha256, 2: hashlib.sha512}


def usable(records: Iterable[Tlsa]) -> tuple[Tlsa, ...]:
    """Those that can tell something (RFC 7672 §2.2: the others count only as a wish for TLS)."""
    return tuple(one for one in records if _is_usable(one))[:MOST]


def _is_usable(record: Tlsa) -> bool:
    known = record.usage in tuple(Usage) and record.selector in tuple(Selector)
    if record.matching == 0:
        return known and bool(record.data)
    return known and len(record.data) == _LENGTHS.get(record.matching)


def names_leaf(records: Iterable[Tlsa], certificate: bytes) -> bool:
    """Whether a record says that this is the server's certificate; its names and dates then do not count.

    RFC 7672 §3.1.1.
    """
    return any(one.usage == Usage.DANE_EE and _matches(one, certificate) for one in records)


def anchors(records: Sequence[Tlsa], chain: Sequence[bytes]) -> list[bytes]:
    """The authorities that records name: among what a server shows behind its own certificate, or in the record.

    RFC 7672 §3.1.2: a server has to show them; a whole certificate in the DNS is as good.
    """
    trusted = [one for one in records if one.usage == Usage.DANE_TA]
    shown = [certificate for certificate in chain[1:] if any(_matches(one, certificate) for one in trusted)]
    whole = [one.data for one in trusted if (one.selector, one.matching) == (Selector.CERTIFICATE, 0)]
    return list(dict.fromkeys([*shown, *filter(_is_certificate, whole)]))


def trusting(authorities: Iterable[bytes]) -> ssl.SSLContext:
    """A context that believes these alone, wherever they stand in a chain. It looks at no names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for one in authorities:
        context.load_verify_locations(cadata=one)
    return context


def _matches(record: Tlsa, certificate: bytes) -> bool:
    selected = _public_key(certificate) if record.selector == Selector.PUBLIC_KEY else certificate
    if record.matching:
        selected = _HASHES[record.matching](selected).digest() if selected else b""
    return selected == record.data


def _public_key(certificate: bytes) -> bytes:
    """SubjectPublicKeyInfo; b"" for a certificate or a key that nobody here can read."""
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        return b""


def _is_certificate(octets: bytes) -> bool:
    try:
        x509.load_der_x509_certificate(octets)
    except ValueError:
        return False
    return True
