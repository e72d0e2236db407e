"""Work mail that neomutt forwards to outside waits for its sender, however it is forwarded (DOMAIN §2.7)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from mailbox_policies import choices
from mailbox_policies.modes import Mode
from mailbox_policies.rules import forward_consent
from mailserver.actor import SYSTEM
from tests.clients.conftest import serving
from tests.clients.far import Far
from tests.clients.letters import letter
from tests.clients.server import Server, User
from tests.clients.test_neomutt import NO_CACHE, Neomutt
from tests.support.office import Office

OUTSIDE = "lan@ngoai.example"
# A form that was filled in: too small for a blob of its own.
FORM = b"%PDF-1.7 " + bytes(range(256)) * 8


@pytest.fixture(scope="module")
def asking(dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose agency asks, and whose queue of outgoing mail nobody empties."""
    folder = tmp_path_factory.mktemp("forwarding")
    with serving(dialect, request, folder, "[outbound]\nenabled = true\n", ask) as server:
        yield server


def ask(office: Office) -> None:
    """The agency chooses the rule."""
    agency_id, rule = office.agency_id, forward_consent.RULE
    office.store.db.write(lambda tx: choices.set_tx(tx, agency_id, rule, Mode.ENFORCE, {}), SYSTEM)


def with_form(name: str, sender: str) -> bytes:
    """A colleague's letter with the form."""
    text = letter(name, sender).replace(
        b"MIME-Version: 1.0\r\n",
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="=b"\r\n\r\n--=b\r\n',
    )
    encoded = base64.encodebytes(FORM).replace(b"\n", b"\r\n")
    named = b'\r\n--=b\r\nContent-Type: application/pdf; name="mau.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return text + named + encoded + b"--=b--\r\n"


def on_their_way(server: Server) -> int:
    with server.office.store.db.engine.connect() as conn:
        query = "SELECT count(*) FROM outbound_recipient WHERE address = 'lan@ngoai.example'"
        return int(conn.exec_driver_sql(query).scalar_one())


@pytest.mark.requirement("R-089")
def test_what_neomutt_forwards_waits_and_what_it_writes_goes(asking: Server, tmp_path: Path) -> None:
    """Forwarded in the text, forwarded as an attachment, and a colleague's small file under another name."""
    user, colleague = asking.new_user(), asking.new_user()
    file = tmp_path / "khac-ten.bin"
    file.write_bytes(FORM)
    for home in ("inline", "attached"):
        (tmp_path / home).mkdir()
    with Far.signed_in(asking.imap, user) as far, Far.signed_in(asking.imap, colleague) as asked:
        for name in ("trongthu", "dinhkem"):
            far.client.append("INBOX", letter(name, colleague.address))
        far.client.append("INBOX", with_form("tepnho", colleague.address))
        neomutt(tmp_path / "inline", asking, user, "set mime_forward = no").do(
            f"<search>~s trongthu<enter><forward-message>{OUTSIDE}<enter><send-message>"
        )
        assert [said(one) for one in asked.octets("INBOX")] == [(colleague.address, "trongthu")]
        neomutt(tmp_path / "attached", asking, user, "set mime_forward = yes").do(
            f"<search>~s dinhkem<enter><forward-message>{OUTSIDE}<enter><send-message>",
            f"<mail>{OUTSIDE}<enter>Mẫu<enter><attach-file>{file}<enter><send-message>",
        )
        assert [said(one)[1] for one in asked.octets("INBOX")] == ["trongthu", "dinhkem", "tepnho"]
        assert on_their_way(asking) == 0
        neomutt(tmp_path / "inline", asking, user, "").do(f"<mail>{OUTSIDE}<enter>Mời họp<enter><send-message>")
        assert on_their_way(asking) == 1
        assert len(asked.octets("INBOX")) == 3


def neomutt(home: Path, server: Server, user: User, more: str) -> Neomutt:
    client = Neomutt(home, server, user, NO_CACHE)
    with client.config.open("a", encoding="utf-8") as out:
        out.write(f"{more}\nset forward_attachments = yes\n")
    return client


def said(question: bytes) -> tuple[str, str]:
    """To whom a question goes, and about which letter."""
    mail = message_from_bytes(question, policy=policy.default)
    assert OUTSIDE in mail.get_content()
    [name] = [one for one in ("trongthu", "dinhkem", "tepnho") if f"Công văn {one}" in mail["Subject"]]
    return mail["To"].addresses[0].addr_spec, name
