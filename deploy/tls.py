"""TLS for the doors: the given certificate, or a self-signed one made at first start."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Sequence
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
        make_self_signed(settings.host, settings.domain, cert, key, _other_names(settings))


def context(settings: Settings) -> ssl.SSLContext:
    """A server context. Raises OSError or ssl.SSLError if the files do not serve."""
    made = server_context()
    if not settings.tls.session_tickets:
        made.options |= ssl.OP_NO_TICKET
        made.num_tickets = 0  # TLS 1.3 has others
    reload(made, settings)
    return made


def reload(context_: ssl.SSLContext, settings: Settings) -> None:
    """Read the files again; connections made from now on see the new certificate."""
    cert, key = files(settings)
    context_.load_cert_chain(cert, key, password=_no_passphrase)


def _no_passphrase() -> bytes:
    """For keys that need one; OpenSSL would ask for it at the terminal and wait."""
    return b""


def _other_names(settings: Settings) -> tuple[str, ...]:
    """Under which mail programs reach this server, and look for their settings."""
    clients = settings.clients
    found = (
        f"autoconfig.{settings.domain}",
        f"autodiscover.{settings.domain}",
        clients.internet_host,
        clients.lan_host,
    )
    return tuple(name for name in found if name)


def sign(settings: Settings, data: bytes) -> bytes:
    """`data` inside a CMS signature with the server's certificate and chain, DER (RFC 5652 §5).

    Raises OSError, ValueError or TypeError if the files cannot be used for that.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.serialization import pkcs7

    cert, key = files(settings)
    own, *chain = x509.load_pem_x509_certificates(cert.read_bytes())
    secret = serialization.load_pem_private_key(key.read_bytes(), None)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(data).add_signer(own, secret, hashes.SHA256())  # type: ignore[arg-type]
    for link in chain:
        builder = builder.add_certificate(link)
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def make_self_signed(host: str, domain: str, cert: Path, key: Path, others: Sequence[str] = ()) -> None:
    """Write a certificate for `host`, `domain`, `others` and loopback; the key is readable by its owner only."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    known = dict.fromkeys((host, domain, f"mail.{domain}", "localhost", *others))
    names: list[x509.GeneralName] = [x509.DNSName(one) for one in known if one.isascii() and not _is_ip(one)]
    addresses = dict.fromkeys(("127.0.0.1", "::1", *filter(_is_ip, known)))
    names += [x509.IPAddress(ipaddress.ip_address(one)) for one in addresses]
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
