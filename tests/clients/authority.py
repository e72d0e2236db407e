"""Certificates as an office has them: from an authority that its machines trust."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM, DAY = serialization.Encoding.PEM, dt.timedelta(days=1)
SERVER_AUTH = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH])


@dataclass(frozen=True)
class Issued:
    """authority: PEM text, for those who shall trust it. cert, key: PEM files of the server."""

    authority: str
    cert: Path
    key: Path


def issue(folder: Path, names: Sequence[str]) -> Issued:
    """A new authority and a server certificate of it for these DNS names, good for a day."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = _name("CA của tỉnh Hưng Bình")
    ca = _builder(ca_name, ca_name, ca_key).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    cert = (
        _builder(_name(names[0]), ca_name, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(SERVER_AUTH, critical=False)
    )
    issued = Issued(
        ca.sign(ca_key, hashes.SHA256()).public_bytes(PEM).decode("ascii"), folder / "cert.pem", folder / "key.pem"
    )
    issued.cert.write_bytes(cert.sign(ca_key, hashes.SHA256()).public_bytes(PEM))
    issued.key.write_bytes(
        key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
    return issued


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
    )
