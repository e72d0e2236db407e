"""TLS of the mail doors, as far as a sign-in can be bound to it (RFC 5056)."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

from mailserver.tlsexport import keying_material

UNIQUE, END_POINT, EXPORTER = "tls-unique", "tls-server-end-point", "tls-exporter"


class Channel(ssl.SSLObject):
    """One TLS connection. end_point: see `ServerContext`, as it was when the connection began."""

    end_point: bytes = b""


class ServerContext(ssl.SSLContext):
    """A server's context that knows the hash of its certificate (RFC 5929 §4.1); b"" if none is defined.

    The certificate may be replaced at any time; connections keep the one that they began with.
    """

    end_point: bytes = b""
    sslobject_class = Channel

    def load_cert_chain(self, certfile: Any, keyfile: Any = None, password: Any = None) -> None:
        super().load_cert_chain(certfile, keyfile, password)
        self.end_point = end_point(Path(certfile).read_bytes())

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        channel = super().wrap_bio(*args, **options)
        if isinstance(channel, Channel):
            channel.end_point = self.end_point
        return channel


def server_context() -> ServerContext:
    """A context without certificate yet, TLS 1.2 and above."""
    made = ServerContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def end_point(chain: bytes) -> bytes:
    """The hash of the first certificate of a PEM file, by the hash of its signature, SHA-256 at least.

    b"" for signatures without a hash, as Ed25519's: the type is undefined for them (RFC 5929 §4.1).
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    certificate = x509.load_pem_x509_certificate(chain)
    algorithm = certificate.signature_hash_algorithm
    if algorithm is None:
        return b""
    weak = isinstance(algorithm, hashes.MD5 | hashes.SHA1)
    return certificate.fingerprint(hashes.SHA256() if weak else algorithm)


def bindings(transport: asyncio.BaseTransport | None) -> dict[str, bytes]:
    """What a sign-in over this connection can be bound to, by the type's name; empty: nothing.

    The type that clients take by default must be there, tls-unique under TLS 1.2, tls-exporter under
    TLS 1.3 (RFC 9266 §3), where tls-unique means nothing: they cannot know which ones we have, and
    would fail where those that do not find the mechanism announced sign in without.
    """
    channel: ssl.SSLObject | None = transport.get_extra_info("ssl_object") if transport is not None else None
    if channel is None:
        return {}
    if channel.version() == "TLSv1.3":
        default, data = EXPORTER, keying_material(channel)
    else:
        default, data = UNIQUE, channel.get_channel_binding(UNIQUE) or b""
    if not data:
        return {}
    certificate = getattr(channel, "end_point", b"")
    return {default: data, END_POINT: certificate} if certificate else {default: data}
