"""Small messages for the tests of this folder, written with LF and sent with CRLF."""

from __future__ import annotations

HEAD = b"From: An <an@x.vn>\nTo: binh@x.vn\nSubject: s\n"


def crlf(text: bytes | str) -> bytes:
    """A message written with LF line ends as it comes over the wire."""
    raw = text.encode() if isinstance(text, str) else text
    return raw.replace(b"\n", b"\r\n")


def typed(content_type: bytes | str, body: bytes | str = b"hello\n", more: bytes | str = b"") -> bytes:
    """A message with this Content-Type, further fields (each with its line end) and body."""
    kind, text, fields = (part.encode() if isinstance(part, str) else part for part in (content_type, body, more))
    return crlf(HEAD + b"Content-Type: " + kind + b"\n" + fields + b"\n" + text)


def nested(levels: int) -> bytes:
    """Multiparts within multiparts, each with a boundary of its own that is not another's beginning."""
    opening = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d.\n\n--b%d.\n" % (level, level) for level in range(levels)
    )
    closing = b"".join(b"--b%d.--\n" % level for level in reversed(range(levels)))
    return crlf(HEAD + opening + b"\nx\n" + closing)
