"""smtplib of Python, and aiosmtplib: what programs of the office send with."""

from __future__ import annotations

import smtplib
from email import policy
from email.message import EmailMessage

import aiosmtplib
import pytest

from deploy.sockets import Door
from tests.clients.far import PATIENCE_S, Far
from tests.clients.server import Server, User

STRANGER, NOBODY = "x@ngoai.example", "x@khac.example"


def letter(user: User) -> EmailMessage:
    message = EmailMessage()
    message["From"] = message["To"] = user.address
    message["Subject"] = "Công văn số 5"
    message.set_content("Kính gửi: Phòng Kế hoạch.\n.\nTrân trọng.\n")
    message.add_attachment(b"%PDF-1.7" * 5000, maintype="application", subtype="pdf", filename="công văn.pdf")
    return message


def test_it_sends_over_starttls(server: Server, user: User, far: Far) -> None:
    with smtplib.SMTP("localhost", server.submission, local_hostname="pc.test", timeout=PATIENCE_S) as client:
        client.starttls(context=server.trusting())
        client.login(user.address, user.password)
        assert client.send_message(letter(user)) == {}
    (stored,) = far.octets("INBOX")
    assert b"\r\n.\r\nTr" in stored


def test_it_sends_over_tls_with_auth_login(server: Server, user: User, far: Far) -> None:
    context, host = server.trusting(), "localhost"
    with smtplib.SMTP_SSL(host, server.submissions, local_hostname="pc.test", context=context) as client:
        client.ehlo_or_helo_if_needed()
        client.user, client.password = user.address, user.password
        client.auth("LOGIN", client.auth_login)
        client.send_message(letter(user))
    (stored,) = far.octets("INBOX")
    assert b"with ESMTPSA id" in stored


def test_it_delivers_over_lmtp_and_from_outside(server: Server, user: User, far: Far) -> None:
    octets = letter(user).as_bytes(policy=policy.SMTP)
    with smtplib.LMTP("127.0.0.1", server.ports[Door.LMTP], local_hostname="relay.test") as client:
        client.sendmail(STRANGER, [user.address], octets)
    with smtplib.SMTP("127.0.0.1", server.ports[Door.MX], local_hostname="relay.test", timeout=PATIENCE_S) as client:
        client.sendmail(STRANGER, [user.address], octets)
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            client.sendmail(STRANGER, [NOBODY], b"\r\n")
        assert refused.value.recipients[NOBODY][0] == 550
        with pytest.raises(smtplib.SMTPSenderRefused) as too_large:
            client.sendmail(STRANGER, [user.address], b"x" * 15_000_000)
        assert too_large.value.smtp_code == 552
    assert len(far.octets("INBOX")) == 2


async def test_aiosmtplib_sends_over_starttls(server: Server, user: User, far: Far) -> None:
    how = {"start_tls": True, "tls_context": server.trusting(), "timeout": PATIENCE_S}
    async with aiosmtplib.SMTP(hostname="localhost", port=server.submission, **how) as client:
        await client.login(user.address, user.password)
        assert all(client.supports_extension(name) for name in ("chunking", "dsn", "limits", "pipelining", "size"))
        wishes = {"mail_options": ["RET=HDRS", "ENVID=aB1"], "rcpt_options": ["NOTIFY=FAILURE,DELAY"]}
        refused, answer = await client.send_message(letter(user), **wishes)
    assert (refused, answer[:8]) == ({}, "2.0.0 Ok")
    (stored,) = far.octets("INBOX")
    assert b"with ESMTPSA id" in stored
