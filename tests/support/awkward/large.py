"""Messages that are awkward by their size."""

from __future__ import annotations

from collections.abc import Callable

_FROM = b"From: a@b.vn\r\n"
_MULTIPART = _FROM + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"

LARGE: dict[str, Callable[[], bytes]] = {
    "header line of a megabyte": lambda: _FROM + b"Subject: " + b"x" * 1_000_000 + b"\r\n\r\nbody\r\n",
    "100,000 fields": lambda: _FROM + b"X-A: b\r\n" * 100_000 + b"\r\nbody\r\n",
    "50,000 folds": lambda: _FROM + b"Subject: a" + b"\r\n b" * 50_000 + b"\r\n\r\nbody\r\n",
    "20,000 recipients": lambda: _FROM + b"To: " + b"a@b.vn,\r\n c@d.vn, " * 10_000 + b"e@f\r\n\r\nbody\r\n",
    "20,000 parameters": lambda: _FROM + b"Content-Type: text/plain" + b'; a*0="b"' * 20_000 + b"\r\n\r\nbody\r\n",
    "parameter of a megabyte": lambda: _FROM + b"Content-Type: a/b; name=" + b"x" * 1_000_000 + b"\r\n\r\nbody\r\n",
    "12,000 parts": lambda: _MULTIPART + b"--b\r\n\r\nx\r\n" * 12_000 + b"--b--\r\n",
    "100,000 lines like delimiters": lambda: _MULTIPART + b"--b\r\n\r\n" + b"--bX\r\n" * 100_000 + b"--b--\r\n",
    "1,000 levels": lambda: _FROM + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d.\r\n\r\n--b%d.\r\n" % (n, n) for n in range(1_000)
    ),
    "1,000 embedded messages": lambda: _FROM + b"Content-Type: message/rfc822\r\n\r\n" * 1_000 + b"x\r\n",
    "line of a megabyte": lambda: _FROM + b"\r\n" + b"y" * 1_000_000,
    "megabyte of base64 in one line": lambda: _FROM + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QUJD" * 250_000,
    "half a million empty lines": lambda: _FROM + b"\r\n" + b"\r\n" * 500_000,
}  # fmt: skip
