"""Content-Type and Content-Disposition, parsed once for the part tree and for BODYSTRUCTURE."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from mailserver.mime.filenames import file_name
from mailserver.mime.header import unfold
from mailserver.mime.limits import MAX_BOUNDARY_OCTETS
from mailserver.mime.params import Parameters, parameters, without_comments
from mailserver.mime.wire import quoted
from mailserver.mime.words import decode_text

_TOKEN: Final = rb"[!#$%&'*+\-.^_`{|}~0-9A-Za-z]++"
_TYPE: Final = re.compile(rb"\s*+(" + _TOKEN + rb")\s*+/\s*+(" + _TOKEN + rb")[^;]*+")
_DISPOSITION: Final = re.compile(rb"\s*+(" + _TOKEN + rb")(?!\s*+=)[^;]*+")
# Short values without a boundary repeat from mail to mail.
_CACHED_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class MediaType:
    """A Content-Type. `type` and `subtype` are in lower case, the *_wire octets as they were written."""

    type: str
    subtype: str
    type_wire: bytes
    subtype_wire: bytes
    params_wire: bytes
    charset: str | None = None
    boundary: bytes | None = None
    name: str | None = None
    defects: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Disposition:
    """A Content-Disposition; `wire` is its parenthesised list (RFC 3501 §7.4.2)."""

    kind: str | None
    filename: str | None
    wire: bytes
    defects: frozenset[str] = frozenset()


# RFC 2045 §5.2; the charset is shown as Dovecot shows it.
TEXT_PLAIN: Final = MediaType("text", "plain", b'"text"', b'"plain"', b'("charset" "us-ascii")')
MESSAGE_RFC822: Final = MediaType("message", "rfc822", b'"message"', b'"rfc822"', b"NIL")
OCTET_STREAM: Final = MediaType("application", "octet-stream", b'"application"', b'"octet-stream"', b"NIL")
NO_DISPOSITION: Final = Disposition(None, None, b"NIL")


def media_type(value: bytes, default: MediaType = TEXT_PLAIN) -> MediaType:
    """The Content-Type in a raw field value, `default` if there is none in it. Never raises."""
    if len(value) <= _CACHED_LENGTH and b"oundary" not in value:
        return _cached_media_type(value, default)
    return _media_type(value, default)


def _media_type(value: bytes, default: MediaType) -> MediaType:
    value = unfold(value)
    if value.startswith(b"=?"):
        # Very old macOS Mail wraps the whole value (MAIL.md; Cyrus message.c).
        value = decode_text(value).encode()
    match = _TYPE.match(value)
    if match is None and b"(" in value:
        match = _TYPE.match(value := without_comments(value))
    if match is None:
        return default
    main, sub = match[1], match[2]
    params, defects = parameters(value[match.end() :])
    main_name = main.lower().decode("ascii")
    charset = _plain_value(params, b"charset")
    boundary = _plain_value(params, b"boundary") if main_name == "multipart" else None
    if boundary is not None and len(boundary) > MAX_BOUNDARY_OCTETS:
        boundary, defects = None, defects | {"boundary"}
    if charset is None and main_name == "text":
        params = [*params, (b"charset", b"us-ascii")]
    return MediaType(
        main_name,
        sub.lower().decode("ascii"),
        quoted(main),
        quoted(sub),
        parameters_wire(params),
        (charset or b"").replace(b"\0", b"").decode("latin-1").lower() or None,
        boundary or None,
        file_name(params, b"name"),
        defects,
    )


_cached_media_type: Final[Callable[[bytes, MediaType], MediaType]] = lru_cache(maxsize=1024)(_media_type)


def disposition(value: bytes) -> Disposition:
    """The Content-Disposition in a raw field value. Never raises."""
    if len(value) <= _CACHED_LENGTH:
        return _cached_disposition(value)
    return _disposition(value)


def _disposition(value: bytes) -> Disposition:
    value = unfold(value)
    if value.startswith(b"=?"):
        value = decode_text(value).encode()
    match = _DISPOSITION.match(value)
    params, defects = parameters(value[match.end() :] if match else value)
    if match is None and not params:
        return NO_DISPOSITION
    # Parameters alone, without a type: a file (RFC 2183 §2.8 for what is not known).
    kind = match[1] if match else b"attachment"
    wire = b"(" + quoted(kind) + b" " + parameters_wire(params) + b")"
    return Disposition(kind.lower().decode("ascii"), file_name(params, b"filename"), wire, defects)


_cached_disposition: Final[Callable[[bytes], Disposition]] = lru_cache(maxsize=1024)(_disposition)


def parameters_wire(params: Parameters) -> bytes:
    """("name" "value" …), or NIL without parameters."""
    if not params:
        return b"NIL"
    return b"(" + b" ".join([quoted(name) + b" " + quoted(value) for name, value in params]) + b")"


def _plain_value(params: Parameters, name: bytes) -> bytes | None:
    """A parameter that is to be ASCII; the extended form is accepted for it (RFC 2231 §4)."""
    for key, value in params:
        key = key.lower()
        if key == name:
            return value
        if key == name + b"*":
            return value.split(b"'", 2)[-1]
    return None
