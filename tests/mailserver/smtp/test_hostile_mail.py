"""Mail that no parser likes is delivered or refused with a code, and never stops the next one."""

from __future__ import annotations

import pytest

from mailserver.policy import accept_all
from mailserver.store.store import Store
from tests.mailserver.smtp.conftest import Doors
from tests.support.office import Office


@pytest.fixture
def office(shared_office: Office) -> Office:
    return shared_office


@pytest.fixture
def store(shared_office: Office) -> Store:
    return shared_office.store


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
    "50 hops": RECEIVED * 50 + b"\r\n",
}
REFUSED = {
    "51 hops": (RECEIVED * 51 + b"\r\n", "554 5.4.6"),
    "51 deliveries": (b"Delivered-To: x\r\n" * 51 + b"\r\n", "554 5.4.6"),
    "two authors": (b"From: a@b.test\r\nSubject: x\r\nFROM : c@d.test\r\n\r\n", "550 5.6.0"),
}


def stuffed(data: bytes) -> bytes:
    text = data if data.endswith(b"\r\n") or not data else data + b"\r\n"
    return (b"\r\n" + text).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


@pytest.mark.parametrize("name", DELIVERED)
async def test_it_is_delivered_octet_for_octet_and_the_next_one_too(doors: Doors, office: Office, name: str) -> None:
    peer = await doors.connect(size_limit=0)
    doors.delivery.policy = accept_all
    for data in (DELIVERED[name], b"Subject: next\r\n\r\nnext\r\n"):
        await peer.begin([office.address("an")])
        peer.send(stuffed(data))
        assert (await peer.reply()).startswith("250")
    first, second = office.mail("an", last=2)
    assert first.endswith(DELIVERED[name])
    assert second.endswith(b"Subject: next\r\n\r\nnext\r\n")


@pytest.mark.parametrize("name", REFUSED)
async def test_it_is_refused_for_good_and_the_next_one_is_taken(doors: Doors, office: Office, name: str) -> None:
    data, code = REFUSED[name]
    peer = await doors.connect()
    await peer.begin([office.address("an")])
    peer.send(stuffed(data))
    assert (await peer.reply()).startswith(code)
    await peer.begin([office.address("an")])
    peer.send(stuffed(b"Subject: next\r\n\r\n"))
    assert (await peer.reply()).startswith("250")
    assert office.mail("an", last=1)[0].endswith(b"Subject: next\r\n\r\n")
