"""Messages and connections that several fault procedures use."""

from __future__ import annotations

import base64
import random
import smtplib

from tests.e2e.product import Product

ATTACHMENT_OCTETS = 72_000  # about 100 kB in base64


def attachment(run: str, number: int, to: str, octets: int = ATTACHMENT_OCTETS) -> bytes:
    """A numbered message with one attachment that nothing can pack; CRLF line ends."""
    blob = base64.encodebytes(random.Random(f"{run}.{number}").randbytes(octets)).replace(b"\n", b"\r\n")
    return (
        (
            f"X-Loss-Serial: {run}.{number}\r\nFrom: ngoai@example.net\r\nTo: {to}\r\nSubject: tep {number}\r\n"
            f"Message-ID: <{run}.{number}@example.net>\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nxem tep\r\n"
            "--x\r\nContent-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        ).encode()
        + blob
        + b"--x--\r\n"
    )


def text(run: str, number: int, to: str, octets: int = 100_000) -> bytes:
    """A numbered message of words alone; CRLF line ends."""
    rnd = random.Random(f"{run}.{number}")
    lines = "".join(" ".join(f"{rnd.getrandbits(28):x}" for _ in range(9)) + "\r\n" for _ in range(octets // 72))
    return (
        f"X-Loss-Serial: {run}.{number}\r\nFrom: ngoai@example.net\r\nTo: {to}\r\nSubject: chu {number}\r\n"
        f"Message-ID: <{run}.{number}@example.net>\r\n\r\n{lines}"
    ).encode()


def connect(product: Product, timeout: float = 60) -> smtplib.SMTP:
    """To the MX, greeted."""
    client = smtplib.SMTP("127.0.0.1", product.ports.smtp, timeout=timeout)
    try:
        client.ehlo("thu.example.net")
    except BaseException:
        client.close()
        raise
    return client
