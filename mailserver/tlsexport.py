"""Keying material of a TLS 1.3 connection (RFC 5705, RFC 9266), which Python's ssl has no function for.

OpenSSL has one, and `_ssl` is linked to it; what is missing is the address of the connection inside an
SSLObject. It is read with ctypes from where CPython 3.11 keeps it (struct PySSLSocket of
Modules/_ssl.c). Nothing is taken on trust: another Python, or a field beside it that does not hold the
context we know, and there is no keying material; nothing but the object itself is read before that.
"""

from __future__ import annotations

import _ssl
import ctypes
import ssl
import sys
from functools import cache
from typing import Any

LABEL, OCTETS = b"EXPORTER-Channel-Binding", 32  # RFC 9266 §2
TLS_1_3 = 0x0304
PYTHON = (3, 11)  # whose layout is written down here

_WORD = ctypes.sizeof(ctypes.c_void_p)
# After the object's header: Socket (a weak reference), ssl (what is wanted), ctx (the context).
_SSL_AT = object.__basicsize__ + _WORD
_CONTEXT_AT = object.__basicsize__ + 2 * _WORD


def keying_material(channel: ssl.SSLObject) -> bytes:
    """What both ends of this connection can bind to and nobody else knows; b"" where it cannot be had."""
    handle = _handle(channel)
    if handle is None or _library().SSL_version(handle) != TLS_1_3:
        return b""
    out = ctypes.create_string_buffer(OCTETS)
    done = _library().SSL_export_keying_material(handle, out, OCTETS, LABEL, len(LABEL), b"", 0, 1)
    return out.raw if done == 1 else b""


def _handle(channel: ssl.SSLObject) -> ctypes.c_void_p | None:
    """OpenSSL's SSL * of a connection."""
    inner: Any = getattr(channel, "_sslobj", None)
    if sys.implementation.name != "cpython" or sys.version_info[:2] != PYTHON:
        return None
    if not isinstance(inner, vars(_ssl).get("_SSLSocket", ())) or _field(inner, _CONTEXT_AT) != id(channel.context):
        return None
    address = _field(inner, _SSL_AT)
    return ctypes.c_void_p(address) if address else None


def _field(inner: Any, offset: int) -> int | None:
    return ctypes.c_void_p.from_address(id(inner) + offset).value


@cache
def _library() -> ctypes.CDLL:
    """The OpenSSL that ssl uses, and no other that may be on this machine."""
    library = ctypes.CDLL(getattr(_ssl, "__file__", None))
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    library.SSL_version.argtypes = [pointer]
    library.SSL_export_keying_material.argtypes = [
        pointer, ctypes.c_char_p, size, ctypes.c_char_p, size, ctypes.c_char_p, size, ctypes.c_int,
    ]  # fmt: skip
    return library
