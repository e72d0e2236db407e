"""TLS for the doors: the given certificate, or a self-signed one made at first start."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

from deploy import durable
from deploy.config import Settings
from mailserver.tls import server_context

# Long enough for an office to get a real one; clients warn about it from the first day anyway.
SELF_SIGNED_DAYS = 825
CLOCK_SKEW = dt.timedelta(hours=1)


def files(settings: Settings) -> tuple[Path, Path]:
    """Paths of certificate chain and key, PEM."""
    if settings.tls.cert is not None and settings.tls.key is not None:
        return settings.tls.cert, settings.tls.key
    folder = settings.data_dir / "tls"
    return folder / "cert.pem", folder / "key.pem"


def ensure(settings: Settings) -> None:
    """Make a self-signed certificate if the settings name none and none has been made yet."""
    cert, key = files(settings)
    if settings.tls.cert is None and not (cert.is_file() and key.is_file()):
        make_self_signed(settings.host, settings.domain, cert, key)


def context(settings: Settings) -> ssl.SSLContext:
    """A server context. Raises OSError or ssl.SSLError if the files do not serve."""
    made = server_context()
    reload(made, settings)
    return made


def reload(context_: ssl.SSLContext, settings: Settings) -> None:
    """Read the files again; connections made from now on see the new certificate."""
    cert, key = files(settings)
    context_.load_cert_chain(cert, key)


def make_self_signed(host: str, domain: str, cert: Path, key: Path) -> None:
    """Write a certificate for `host`, `domain` and loopback; the key is readable by its owner only."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    names: list[x509.GeneralName] = [
        x509.DNSName(one) for one in dict.fromkeys((host, domain, f"mail.{domain}", "localhost")) if one.isascii()
    ]
    names += [x509.IPAddress(ipaddress.ip_address(one)) for one in ("127.0.0.1", "::1")]
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + dt.timedelta(days=SELF_SIGNED_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(secret, hashes.SHA256())
    )
    cert.parent.mkdir(parents=True, exist_ok=True)
    pem = serialization.Encoding.PEM
    private = secret.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    durable.write(key, private, 0o600)
    durable.write(cert, made.public_bytes(pem), 0o644)
