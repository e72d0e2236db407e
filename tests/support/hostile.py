"""Mail that no parser likes, and how it goes over the wire."""

from __future__ import annotations

MULTIPART = b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n'
DEEP = b"From: a@b.test\r\n" + b"".join(MULTIPART % (level, level) for level in range(1000)) + b"\r\nx\r\n"
EMBEDDED = b"Content-Type: message/rfc822\r\n\r\n" * 1000 + b"Subject: inside\r\n\r\nx\r\n"
RECEIVED = b"Received: from a by b; Tue, 5 Mar 2024 08:30:00 +0700\r\n"
DELIVERED = {
    "nothing": b"",
    "only an empty line": b"\r\n",
    "no header": b"\r\nbody\r\n",
    "no empty line": b"Subject: x\r\nFrom: y\r\n",
    "not a header at all": b"%PDF-1.7\r\n%\xe2\xe3\xcf\xd3\r\n",
    "every octet": bytes(range(14, 256)) * 10 + b"\x00\x01\x02\r\n",
    "8-bit header": "Subject: Công văn số 5\r\nFrom: Sở <x@y>\r\n\r\nĐây\r\n".encode("cp1258", "replace"),
    "truncated multipart": b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Ty\r\n',
    "1,000 levels": DEEP,
    "1,000 embedded messages": EMBEDDED,
    "1-MB header line": b"Subject: " + b"x" * 1_000_000 + b"\r\n\r\nbody\r\n",
    "100,000 fields": b"X-A: b\r\n" * 100_000 + b"\r\nbody\r\n",
    "50,000 addresses": b"To: " + b"a@b.test, " * 50_000 + b"c@d.test\r\n\r\nbody\r\n",
    "20,000 parameters": b"Content-Type: text/plain" + b'; a*0="b"' * 20_000 + b"\r\n\r\nbody\r\n",
    "broken encoded words": b"Subject: =?x?q?=?= =?utf-8?b?!!!?= =?punycode?q?" + b"a" * 5000 + b"?=\r\n\r\n",
    "unknown charset": b"Content-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe\r\n",
    "broken base64": b"Content-Transfer-Encoding: base64\r\n\r\n!!!===\r\nAAA\r\n",
    "NUL in every field": b"Subject: a\x00b\r\nFrom: x\x00 <y\x00@z.test>\r\nMessage-ID: <a\x00b@c>\r\n"
    b'Content-Type: text/plain; name="x\x00.txt"; charset="ut\x00f-8"\r\n\r\nbo\x00dy\r\n',
    "NUL and surrogates in encoded words": b"Subject: =?utf-8?q?a=00b?= =?utf-16-be?b?2AA=?= =?utf-7?q?+2AA-?=\r\n"
    b"From: =?utf-8?q?x=00=ED=A0=80?= <y@z.test>\r\n"
    b"Content-Disposition: attachment; filename*=utf-8''..%2F..%2Fetc%2Fpasswd%00%ED%A0%80\r\n\r\nbody\r\n",
    "line ends in encoded words": b"Subject: =?utf-8?q?a=0D=0AX-Injected:_yes=0D=0A=0D=0Ab?=\r\n"
    b"From: =?utf-8?q?x=0D=0A*_BYE?= <y@z.test>\r\n\r\nbody\r\n",
    "50 hops": RECEIVED * 50 + b"\r\n",
}
REFUSED = {
    "51 hops": (RECEIVED * 51 + b"\r\n", "554 5.4.6"),
    "51 deliveries": (b"Delivered-To: x\r\n" * 51 + b"\r\n", "554 5.4.6"),
    "two authors": (b"From: a@b.test\r\nSubject: x\r\nFROM : c@d.test\r\n\r\n", "550 5.6.0"),
}


def stuffed(data: bytes) -> bytes:
    """The text with its dots doubled and the end of DATA behind it (RFC 5321 §4.5.2)."""
    text = data if data.endswith(b"\r\n") or not data else data + b"\r\n"
    return (b"\r\n" + text).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"
