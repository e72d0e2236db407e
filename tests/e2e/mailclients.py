"""Standard mail clients of the story: imaplib, imapclient and aioimaplib, unmodified."""

from __future__ import annotations

import email
import email.policy
import imaplib
import re
import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import aioimaplib
from imapclient import IMAPClient

from tests.support.aioimap import leave

PATIENCE_S = 60.0


@contextmanager
def imap(port: int, login: str, password: str) -> Iterator[IMAPClient]:
    """Signed in; folder names are Unicode."""
    client = IMAPClient("127.0.0.1", port=port, ssl=False, timeout=30)
    client.login(login, password)
    try:
        yield client
    finally:
        client.logout()


def find(client: IMAPClient, folder: str, words: str) -> int:
    """The uid of the one message in `folder` whose subject has these words; waits until it is there."""
    client.select_folder(folder, readonly=False)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        uids = client.search(["SUBJECT", words], charset="UTF-8")
        if uids:
            assert len(uids) == 1, f"{len(uids)} messages about {words} in {folder}"
            return int(uids[0])
        client.idle()
        client.idle_check(timeout=0.5)
        client.idle_done()
    raise AssertionError(f"nothing about {words} in {folder}")


def read(client: IMAPClient, uid: int) -> EmailMessage:
    octets = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
    message = email.message_from_bytes(octets, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def attachment(message: EmailMessage, suffix: str) -> tuple[str, bytes]:
    """Name and content of the one attachment with this ending."""
    found = [part for part in message.iter_attachments() if (part.get_filename() or "").endswith(suffix)]
    assert len(found) == 1, [part.get_filename() for part in message.iter_attachments()]
    return str(found[0].get_filename()), bytes(found[0].get_payload(decode=True))  # type: ignore[arg-type]


def reply(port: int, login: str, password: str, to: EmailMessage, text: str) -> None:
    """Answer as a mail program does: Reply-To, In-Reply-To, References, the old text quoted."""
    answer = EmailMessage()
    answer["From"] = login
    answer["To"] = to["Reply-To"]
    answer["Subject"] = f"Re: {to['Subject']}"
    answer["In-Reply-To"] = to["Message-ID"]
    answer["References"] = f"{to['References'] or ''} {to['Message-ID']}".strip()
    body = to.get_body(("plain",))
    quoted = "\n".join(f"> {line}" for line in (body.get_content() if body else "").splitlines())
    answer.set_content(f"{text}\n\nVào ngày 21/11/2026, Trưởng phòng viết:\n{quoted}\n")
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.login(login, password)
        client.send_message(answer, login)


def move_refused(port: int, login: str, password: str, folder: str, uid: int, target: str) -> str:
    """Try MOVE with imaplib, which knows nothing of documents; returns the server's sentence."""
    client = imaplib.IMAP4("127.0.0.1", port, timeout=30)
    client.login(login, password)
    client.select(mutf7(folder))
    status, answer = client.uid("MOVE", str(uid), mutf7(target))
    assert status == "NO", answer
    assert client.uid("FETCH", str(uid), "(FLAGS)")[1] != [None], "a refused message stays"
    client.logout()
    return answer[0].decode()


async def move(port: int, login: str, password: str, folder: str, uid: int, target: str) -> str:
    """MOVE with aioimaplib; returns the result word."""
    client = aioimaplib.IMAP4(host="127.0.0.1", port=port, timeout=30)
    await client.wait_hello_from_server()
    await client.login(login, password)
    await client.select(mutf7(folder))
    result = await client.uid("move", str(uid), mutf7(target))
    await leave(client)
    return str(result.result)


def mutf7(name: str) -> str:
    """A folder name as it goes over the wire, quoted (RFC 3501 §5.1.3)."""
    from imapclient.imap_utf7 import encode

    return '"' + re.sub(r'(["\\])', r"\\\1", encode(name).decode("ascii")) + '"'
