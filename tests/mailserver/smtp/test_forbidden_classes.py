"""Secret documents at the doors: what our people send is refused with the reason, and nothing of it stays."""

from __future__ import annotations

import asyncio
import email
import email.policy
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from deploy.reindexing import reindex
from mailbox_policies import chain
from mailbox_policies.forbidden.telling import Clerks
from mailbox_policies.holding import deciding, destroying
from mailbox_policies.holding.keeper import Keeper
from mailbox_policies.holding.notices import Office as Telling
from mailbox_policies.rules.forbidden_classes import Settings
from mailserver.actor import SYSTEM
from mailserver.delivery.delivery import Delivery
from mailserver.directory.offices import REGISTRY
from mailserver.directory.schema import person_role
from mailserver.outbound.parcels import Queue
from mailserver.smtp.settings import Role
from mailserver.store import fsck, raw
from mailserver.store.attachments import index_attachments
from mailserver.store.database import Tx
from mailserver.store.store import Store
from tests.mailserver.mime.test_extract import pdf_file
from tests.mailserver.smtp.conftest import Doors
from tests.mailserver.smtp.test_submission import signed_in, submit
from tests.support.office import Office

LETTER = "From: an@sct.test\r\nSubject: {}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n"


@pytest.fixture
def strict(doors: Doors) -> Doors:
    policy = chain.standard(chain.for_all(chain.Settings(Settings(True, True, True, True))))
    keeper = Keeper(Clerks(doors.store.blobs))
    doors.delivery = Delivery(doors.store, doors.settings.hostname, lambda: datetime.now(UTC), policy, keeper=keeper)
    return doors


@pytest.mark.requirement("R-020")
async def test_a_secret_document_is_not_sent_and_the_sender_hears_why(strict: Doors, office: Office) -> None:
    peer = await signed_in(strict)
    letter = LETTER.format("Ke hoach", "TỐI MẬT\r\n\r\nKính gửi anh,").encode()
    answer = await submit(peer, letter, "an@sct.test", "chi@sct.test")
    assert answer.startswith("550 5.7.1 Có dấu hiệu văn bản TỐI MẬT (nội dung thư)")
    assert "xử lý theo quy trình riêng" in answer and "1201/QĐ-SYT, Điều 3 khoản 5" in answer
    assert office.mail("chi") == []
    innocent = LETTER.format("Mat ong", "Mật ong rừng, bảo mật, mật khẩu.").encode()
    assert (await submit(peer, innocent, "an@sct.test", "chi@sct.test")).startswith("250")
    assert len(office.mail("chi")) == 1


@pytest.mark.parametrize(("subject", "told"), [("Đơn tố cáo ông A", "đơn thư"), ("Gửi đích danh bà B", "đích danh")])
async def test_complaints_and_letters_to_persons_are_not_sent(
    strict: Doors, office: Office, subject: str, told: str
) -> None:
    peer = await signed_in(strict)
    answer = await submit(peer, LETTER.format(subject, "Kính gửi,").encode(), "an@sct.test", "chi@sct.test")
    assert answer.startswith("550 5.7.1") and told in answer
    assert office.mail("chi") == []


def make_clerk(strict: Doors, office: Office) -> None:
    """Binh is the registry's."""

    def work(tx: Tx) -> None:
        tx.conn.execute(insert(person_role).values(person_id=office.ids["binh"], role=REGISTRY))

    strict.store.db.write(work, SYSTEM)


@pytest.mark.requirement("R-020", "R-025")
@pytest.mark.parametrize(
    ("subject", "text"),
    [("[MẬT] Kế hoạch", "Kính gửi,"), ("Gửi đích danh bà Diễm", "Kính gửi bà,"), ("Gửi", "TUYỆT MẬT\r\n\r\nKính gửi,")],
)
async def test_what_comes_in_is_kept_apart_and_the_registry_is_told_and_no_copy_stays(
    strict: Doors, office: Office, subject: str, text: str
) -> None:
    await asyncio.to_thread(make_clerk, strict, office)
    assert "cách ly" in await received(strict, subject, text)
    assert office.mail("an") == []
    (told,) = office.mail("binh")
    message = email.message_from_bytes(told, policy=email.policy.default)
    assert "xử lý theo quy trình riêng" in message["Subject"] and "x@y.example" in message.get_content()
    assert subject not in message.get_content() and "Kính gửi" not in message.get_content()
    store = strict.store
    told_at_end = Telling(Queue(), store.blobs, "mail.sct.test")
    await asyncio.to_thread(destroying.destroy, store.db, told_at_end, 1, SYSTEM, "chuyển giấy")
    left = store.db.read(lambda conn: raw.rows(conn, "SELECT count(*) FROM message"))[0][0]
    assert left == 1, "what the registry was told"


def shown(store: Store) -> tuple[str, list[int], int]:
    """Of the first message: its preview, who finds its words, and how many attachments were read."""
    preview = store.db.read(lambda conn: raw.rows(conn, "SELECT preview FROM message ORDER BY id"))[0][0]
    query = "SELECT message_pk FROM message_text WHERE head LIKE '%ke hoach%' OR body LIKE '%ke hoach%'"
    found = [row[0] for row in store.db.read(lambda conn: raw.rows(conn, query))]
    return str(preview), found, index_attachments(store)


@pytest.mark.requirement("R-020")
async def test_quarantined_mail_is_in_no_index_and_no_preview_until_it_is_released(
    strict: Doors, office: Office
) -> None:
    pdf = b64encode(pdf_file()).decode()
    parts = (
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nke hoach\r\n"
        f"--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{pdf}\r\n"
        "--b--\r\n"
    )
    peer = await strict.connect(Role.MX)
    assert (await peer.begin(["an@sct.test"], "<x@y.example> SMTPUTF8")).startswith("354")
    peer.send(f"From: x@y.example\r\nSubject: [MẬT] Ke hoach\r\n{parts}.\r\n".encode())
    assert "cách ly" in await peer.reply()
    store = strict.store
    assert await asyncio.to_thread(shown, store) == ("", [], 0)
    unread: list[int] = []
    await asyncio.to_thread(
        reindex, store, lambda _done, _total: None, lambda message_pk, _fault: unread.append(message_pk)
    )
    assert unread == []
    assert await asyncio.to_thread(shown, store) == ("", [], 0), "vanthu reindex leaves it alone"
    telling = Telling(Queue(), store.blobs, "mail.sct.test")
    await asyncio.to_thread(store.db.write, lambda tx: deciding.release_tx(tx, telling, 1), SYSTEM)
    assert await asyncio.to_thread(shown, store) == ("ke hoach", [1], 1)
    assert len(office.mail("an")) == 1
    assert not await asyncio.to_thread(fsck.check, store.db, store.blobs)


@pytest.mark.requirement("R-023")
@pytest.mark.parametrize("subject", ["Đơn tố cáo ông A", "Quyết định giải quyết khiếu nại của bà B"])
async def test_complaints_and_what_settles_them_wait_for_a_decision(
    strict: Doors, office: Office, subject: str
) -> None:
    await asyncio.to_thread(make_clerk, strict, office)
    assert "đang chờ" in await received(strict, subject, "Kính gửi,")
    assert office.mail("an") == []
    assert len(office.mail("binh")) == 1
    store = strict.store
    telling = Telling(Queue(), store.blobs, "mail.sct.test")
    await asyncio.to_thread(store.db.write, lambda tx: deciding.release_tx(tx, telling, 1, "được phép"), SYSTEM)
    (delivered,) = office.mail("an")
    assert delivered.endswith("Kính gửi,\r\n".encode())


async def received(strict: Doors, subject: str, text: str) -> str:
    peer = await strict.connect(Role.MX)
    assert (await peer.begin(["an@sct.test"], "<x@y.example> SMTPUTF8")).startswith("354")
    peer.send(LETTER.format(subject, text).encode() + b".\r\n")
    return await peer.reply()
