"""imap_tools: scripts that sort incoming mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from imap_tools import AND, NOT, OR, H, MailBox, MailBoxStartTls, MailMessageFlags, SortCriteria

from tests.clients.far import PATIENCE_S, Far
from tests.clients.letters import letter
from tests.clients.server import Server, User

WAITING, FILED = "Văn bản đến/Chờ xử lý", "Văn bản đến/Đã xử lý & lưu"


@pytest.fixture
def box(server: Server, user: User) -> Iterator[MailBox]:
    """Signed in over TLS, the inbox open."""
    box = MailBox("localhost", server.imaps, timeout=PATIENCE_S, ssl_context=server.trusting())
    with box.login(user.address, user.password):
        yield box


def scan_from(sender: str) -> bytes:
    """A letter as a scanner sends it: Vietnamese in the subject, the text and the file's name."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "an@sct.test", "Công văn số 12/SCT-VP"
    message["Date"] = "Mon, 02 Nov 2026 08:30:00 +0700"
    message.set_content("Kính gửi: đề nghị thẩm định.\n")
    message.add_attachment(b"%PDF-1.7 " * 100, maintype="application", subtype="pdf", filename="Công văn 12.pdf")
    return message.as_bytes()


def test_a_script_files_the_mail_of_a_scanner(box: MailBox, far: Far) -> None:
    for folder in (WAITING, FILED):
        box.folder.create(folder)
    box.append(scan_from("mayquet@sct.test"), "INBOX", dt=datetime(2026, 11, 2, tzinfo=UTC))
    box.append(letter("other"), "INBOX", flag_set=[MailMessageFlags.SEEN])
    wanted = AND(OR(subject="công văn", text="khong co"), NOT(from_="doitac.example"), seen=False)
    (found,) = box.fetch(wanted, charset="UTF-8", bulk=True)
    assert found.subject == "Công văn số 12/SCT-VP"
    assert found.text.strip() == "Kính gửi: đề nghị thẩm định."
    (file,) = found.attachments
    assert (file.filename, file.payload) == ("Công văn 12.pdf", b"%PDF-1.7 " * 100)
    assert found.uid is not None
    box.flag(found.uid, [MailMessageFlags.FLAGGED, "$Dang_xu_ly"], True)
    box.copy(found.uid, FILED)
    box.move(found.uid, WAITING)
    assert box.uids() == ["2"]
    assert box.folder.status(WAITING, ["MESSAGES", "UNSEEN", "UIDNEXT"]) == {"MESSAGES": 1, "UNSEEN": 0, "UIDNEXT": 2}
    box.folder.set(WAITING)
    (moved,) = box.fetch(AND(keyword="$Dang_xu_ly"), mark_seen=False, headers_only=True)
    assert set(moved.flags) >= {MailMessageFlags.SEEN, MailMessageFlags.FLAGGED, "$Dang_xu_ly"}
    box.delete(box.uids())
    assert far.contents(WAITING) == {WAITING: {}}
    assert far.client.folder_status(FILED, ["MESSAGES"]) == {b"MESSAGES": 1}


def test_reading_without_marking_leaves_mail_unread(box: MailBox, far: Far) -> None:
    for day, name in enumerate(("a", "b", "c"), 1):
        box.append(letter(name, day=day))
    assert [one.obj["Message-ID"] for one in box.fetch(mark_seen=False, reverse=True, limit=2)] == [
        "<c@doitac.example>",
        "<b@doitac.example>",
    ]
    assert far.contents("INBOX")["INBOX"] == {"a": "", "b": "", "c": ""}
    assert len(list(box.fetch(AND(header=H("Message-ID", "a@doitac.example"))))) == 1
    assert box.numbers(AND(seen=True)) == ["1"]
    assert box.uids(sort=SortCriteria.DATE_DESC, charset="UTF-8") == ["3", "2", "1"]
    assert far.contents("INBOX")["INBOX"] == {"a": "S", "b": "", "c": ""}


def test_folders_have_vietnamese_names(box: MailBox) -> None:
    box.folder.create(FILED)
    assert box.folder.exists(FILED)
    (found,) = box.folder.list("Văn bản đến", "/*")
    assert (found.name, found.delim) == (FILED, "/")
    box.folder.rename(FILED, WAITING)
    box.folder.subscribe(WAITING, False)
    assert WAITING not in [one.name for one in box.folder.list(subscribed_only=True)]
    box.folder.set(WAITING)
    assert box.folder.get() == WAITING
    box.folder.set("INBOX")
    box.folder.delete(WAITING)
    assert not box.folder.exists(WAITING)


def test_a_watcher_is_told_of_new_mail(server: Server, user: User, far: Far) -> None:
    """Over STARTTLS; the news comes while it idles."""
    box = MailBoxStartTls("localhost", server.imap, timeout=PATIENCE_S, ssl_context=server.trusting())
    with box.login(user.address, user.password), box.idle as idle:
        far.append("INBOX", "new")
        told = idle.poll(timeout=PATIENCE_S)
    assert b"* 1 EXISTS" in told
