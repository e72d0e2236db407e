"""Real clients, unmodified."""

from __future__ import annotations

import smtplib
import ssl
from email import policy
from email.message import EmailMessage

import aiosmtplib
import pytest

from mailserver.smtp.settings import Role
from tests.mailserver.smtp.conftest import Blocking, Doors
from tests.support.office import PASSWORD, Office


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "an@sct.test", "binh@sct.test", "Công văn số 5"
    message.set_content("Kính gửi: Phòng Kế hoạch.\n.\nTrân trọng.\n")
    message.add_attachment(b"%PDF-1.7" * 5000, maintype="application", subtype="pdf", filename="công văn.pdf")
    return message


async def test_smtplib_over_starttls(
    doors: Doors, office: Office, tls: ssl.SSLContext, trusting: ssl.SSLContext, in_thread: Blocking
) -> None:
    port = await doors.open(Role.SUBMISSION, tls=tls)

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="pc.test", timeout=10) as client:
            client.starttls(context=trusting)
            client.login("an@sct.test", PASSWORD)
            assert client.send_message(letter()) == {}

    await in_thread(send)
    assert b"\r\n.\r\nTr" in office.mail("binh")[0]


async def test_smtplib_over_tls_with_auth_login(
    doors: Doors, office: Office, tls: ssl.SSLContext, trusting: ssl.SSLContext, in_thread: Blocking
) -> None:
    port = await doors.open(Role.SUBMISSIONS, tls=tls)

    def send() -> None:
        with smtplib.SMTP_SSL("127.0.0.1", port, local_hostname="pc.test", timeout=10, context=trusting) as client:
            client.ehlo_or_helo_if_needed()
            client.user, client.password = "an@sct.test", PASSWORD
            client.auth("LOGIN", client.auth_login)
            client.send_message(letter())

    await in_thread(send)
    assert b"with ESMTPSA id" in office.mail("binh")[0]


async def test_aiosmtplib_over_starttls(
    doors: Doors, office: Office, tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    port = await doors.open(Role.SUBMISSION, tls=tls)
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=True, tls_context=trusting, timeout=10)
    async with client:
        await client.login("an@sct.test", PASSWORD)
        assert all(client.supports_extension(name) for name in ("chunking", "dsn", "limits", "pipelining", "size"))
        wishes = {"mail_options": ["RET=HDRS", "ENVID=aB1"], "rcpt_options": ["NOTIFY=FAILURE,DELAY"]}
        refused, answer = await client.send_message(letter(), **wishes)
    assert (refused, answer[:8]) == ({}, "2.0.0 Ok")
    assert b"with ESMTPSA id" in office.mail("binh")[0]


async def test_smtplib_over_lmtp_and_plain(doors: Doors, office: Office, in_thread: Blocking) -> None:
    lmtp, mx = await doors.open(Role.LMTP), await doors.open(Role.MX)

    def send() -> None:
        with smtplib.LMTP("127.0.0.1", lmtp, local_hostname="relay.test") as client:
            client.sendmail("x@y.test", ["binh@sct.test"], letter().as_bytes(policy=policy.SMTP))
        with smtplib.SMTP("127.0.0.1", mx, local_hostname="relay.test", timeout=10) as client:
            client.sendmail("x@y.test", ["binh@sct.test"], letter().as_bytes(policy=policy.SMTP))
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                client.sendmail("x@y.test", ["x@elsewhere.test"], b"\r\n")
            assert refused.value.recipients["x@elsewhere.test"][0] == 550

    await in_thread(send)
    assert len(office.mail("binh")) == 2


async def test_smtplib_is_told_of_the_size_before_it_sends(doors: Doors, office: Office, in_thread: Blocking) -> None:
    port = await doors.open(Role.MX)

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="relay.test", timeout=10) as client:
            with pytest.raises(smtplib.SMTPSenderRefused) as refused:
                client.sendmail("x@y.test", ["binh@sct.test"], b"x" * 400_000)
            assert refused.value.smtp_code == 552

    await in_thread(send)
    assert office.mail("binh") == []
