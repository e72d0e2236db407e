"""Files that run when they are opened, at the doors."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from mailbox_policies import chain
from mailbox_policies.rules.dangerous_files import Settings
from mailserver.delivery.delivery import Delivery
from mailserver.smtp.settings import Role
from tests.mailbox_policies.files import samples
from tests.mailserver.smtp.conftest import SIZE, Doors
from tests.support.office import PASSWORD, Office


def letter(octets: bytes) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "an@sct.test", "binh@sct.test", "x"
    message.set_content("x")
    message.add_attachment(octets, maintype="application", subtype="pdf", filename="hóa đơn.pdf")
    return message.as_bytes().replace(b"\n", b"\r\n")


@pytest.fixture
def guarded(doors: Doors) -> Doors:
    policy = chain.standard(chain.for_all(chain.Settings(SIZE, Settings())))
    doors.delivery = Delivery(doors.store, doors.settings.hostname, lambda: datetime.now(UTC), policy)
    return doors


async def said(doors: Doors, role: Role, octets: bytes) -> str:
    peer = await doors.connect(role, allow_plaintext=True)
    if role is Role.SUBMISSION:
        await peer.hello()
        secret = b64encode(f"\0an\0{PASSWORD}".encode()).decode()
        assert (await peer.say(f"AUTH PLAIN {secret}")).startswith("235")
    assert (await peer.begin(["binh@sct.test"], "<an@sct.test>")).startswith("354")
    peer.send(letter(octets) + b".\r\n")
    return await peer.reply()


@pytest.mark.requirement("R-026")
@pytest.mark.parametrize("role", [Role.MX, Role.SUBMISSION])
async def test_a_program_is_refused_under_whatever_name_and_a_document_is_taken(
    guarded: Doors, office: Office, role: Role
) -> None:
    refused = await said(guarded, role, samples.zipped(trong_zip=samples.zipped(anh_jpg=samples.PROGRAM)))
    assert refused.startswith("554 5.7.1 ")
    assert "123/Q" in refused
    assert office.mail("binh") == []
    assert (await said(guarded, role, b"%PDF-1.7 ...")).startswith("250")
    assert len(office.mail("binh")) == 1
