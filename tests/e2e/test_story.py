"""A document arrives by mail and travels to its end: browser, mail clients and command line, all real."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import mailclients, neighbour
from tests.e2e.browser import DESK, PHONE, Person
from tests.e2e.conftest import DOMAIN, Office

CLERK, DIRECTOR, HEAD, SPECIALIST = "anhhtk", "truongpk", "khoivd", "vankhain"
UNIT = "Phòng Quy hoạch – Kiến trúc"
COPIED = {"anl": "Lê Ân", "namlh": "Lưu Hoàng Nam"}
SECRET = "muoi-hai-con-giap-2026"
AGENCY = f"sxd@{DOMAIN}"
PENDING, FINISHED, FOR_INFORMATION = "Văn bản đến/Chờ xử lý", "Văn bản đến/Kết thúc", "Văn bản đến/Để biết"
INSTRUCTION = "Phòng QHKT chủ trì rà soát, tham mưu báo cáo UBND tỉnh."
OPINION = "Đề nghị Trung tâm Quy hoạch cung cấp bản đồ nền trước ngày 25/11."


def login(account: str) -> str:
    return f"{account}@{DOMAIN}"


@pytest.mark.browser
@pytest.mark.timeout(240)
@pytest.mark.requirement("R-094")
def test_a_document_travels_from_a_neighbours_mail_to_its_end(office: Office, browser: Browser) -> None:
    pdf = neighbour.scan()
    ports = office.product.ports
    clerk = Person(browser, office.web, DESK)
    clerk.sign_in(CLERK, office.first_password(CLERK), SECRET)

    arrives_and_is_seen_at_once(office, clerk, pdf)
    document = registered_and_submitted(clerk)

    director = Person(browser, office.web, PHONE, phone=True)
    director.sign_in(DIRECTOR, office.first_password(DIRECTOR), SECRET)
    directed_on_the_phone(director)

    head = Person(browser, office.web, DESK)
    head.sign_in(HEAD, office.first_password(HEAD), SECRET)
    with mailclients.imap(ports.imap, login(HEAD), SECRET) as client:
        task = mailclients.find(client, f"Shared/{UNIT}/{PENDING}", "phía nam sông Lệ")
        assert mailclients.attachment(mailclients.read(client, task), ".pdf") == (neighbour.FILENAME, pdf)
    for account in COPIED:
        office.product.command("user", "passwd", login(account), "--password-stdin", stdin=SECRET)
        with mailclients.imap(ports.imap, login(account), SECRET) as client:
            mailclients.find(client, FOR_INFORMATION, "phía nam sông Lệ")
    assigned_inside_the_unit(head)

    office.product.command("user", "passwd", login(SPECIALIST), "--password-stdin", stdin=SECRET)
    worked_on_from_a_mail_client(office, head, document, pdf)

    the_journey_is_whole(clerk, document)
    for person in (clerk, director, head):
        person.close()


def arrives_and_is_seen_at_once(office: Office, clerk: Person, pdf: bytes) -> None:
    """The open desk shows the new letter without a reload, and so does a mail client."""
    page = clerk.page
    page.goto("/van-ban/cho-vao-so")
    expect(page.get_by_role("heading", name="Chờ vào sổ").first).to_be_visible()
    page.evaluate("window.stillTheSamePage = true")
    neighbour.send(office.product.ports.smtp, AGENCY, pdf)
    expect(page.get_by_role("link", name=re.compile("phía nam sông Lệ"))).to_be_visible()
    assert page.evaluate("window.stillTheSamePage") is True
    with mailclients.imap(office.product.ports.imap, login(CLERK), SECRET) as client:
        inbox = next(
            name for _, _, name in client.list_folders() if name.startswith("Shared/") and name.endswith("/INBOX")
        )
        uid = mailclients.find(client, inbox, "phia nam song le")
        assert mailclients.attachment(mailclients.read(client, uid), ".pdf") == (neighbour.FILENAME, pdf)


def registered_and_submitted(clerk: Person) -> str:
    """The form beside the scan is filled from suggestions; returns the document's address."""
    page = clerk.page
    page.get_by_role("link", name=re.compile("phía nam sông Lệ")).click()
    expect(clerk.field("notation")).to_have_value("UBND-KTN")
    expect(clerk.field("number")).to_have_value("1501")
    expect(page.locator(".viewer img").first).to_be_visible()
    assert page.locator(".viewer img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 300
    clerk.field("issuer").fill("UBND tỉnh Hưng Bình")
    clerk.field("type_name").fill("Công văn")
    clerk.field("summary").fill("UBND tỉnh yêu cầu rà soát quy hoạch phân khu phía nam sông Lệ")
    clerk.field("urgency").select_option("1")
    clerk.field("due_on").fill("2026-11-30")
    clerk.picture("cho-vao-so-1440")
    page.get_by_role("button", name="Vào sổ & trình").click()
    page.get_by_role("button", name="Trình lãnh đạo").click()
    expect(page.locator(".state-line")).to_contain_text("Phùng Khắc Trường")
    return re.sub(r"[?#].*", "", page.url)


def directed_on_the_phone(director: Person) -> None:
    """Instruction, one main handler, two in copy, with a thumb."""
    page = director.page
    page.goto("/viec")
    director.picture("viec-giam-doc-390")
    page.get_by_role("link", name=re.compile("phía nam sông Lệ")).first.click()
    director.picture("van-ban-giam-doc-390")
    director.field("instruction").fill(INSTRUCTION)
    page.get_by_role("radio", name=re.compile(UNIT)).check()
    page.get_by_text("Đồng gửi, phối hợp").first.click()
    for name in COPIED.values():
        page.get_by_role("checkbox", name=re.compile(name)).first.check()
        page.get_by_label(re.compile(f"Việc của .*{name}")).first.fill("Phối hợp, cho ý kiến")
    director.picture("giao-viec-390")
    page.get_by_role("button", name="Giao xử lý").click()
    expect(page.locator(".state-line")).to_contain_text(UNIT)


def assigned_inside_the_unit(head: Person) -> None:
    page = head.page
    page.goto("/viec")
    head.picture("viec-truong-phong-1440")
    page.get_by_role("link", name=re.compile("phía nam sông Lệ")).first.click()
    head.field("instruction").fill("Đ/c Khải tham mưu báo cáo.")
    page.get_by_role("radio", name=re.compile("Nguyễn Văn Khải")).check()
    page.get_by_role("button", name="Giao xử lý").click()
    expect(page.locator(".state-line")).to_contain_text("Nguyễn Văn Khải")


def worked_on_from_a_mail_client(office: Office, head: Person, document: str, pdf: bytes) -> None:
    """Read, answer, finish: refused until the document is in a case file, then done."""
    ports, who = office.product.ports, login(SPECIALIST)
    with mailclients.imap(ports.imap, who, SECRET) as client:
        uid = mailclients.find(client, PENDING, "phía nam sông Lệ")
        task = mailclients.read(client, uid)
    assert mailclients.attachment(task, ".pdf") == (neighbour.FILENAME, pdf)
    mailclients.reply(ports.submission, who, SECRET, task, OPINION)
    page = head.page
    page.goto(document)
    expect(page.get_by_text(OPINION)).to_be_visible()

    sentence = mailclients.move_refused(ports.imap, who, SECRET, PENDING, uid, FINISHED)
    assert "[NOPERM]" in sentence and "hồ sơ" in sentence
    filed_in_a_case(head)
    with ThreadPoolExecutor(1) as elsewhere:  # the browser's driver has this thread's event loop
        moved = elsewhere.submit(asyncio.run, mailclients.move(ports.imap, who, SECRET, PENDING, uid, FINISHED))
        assert moved.result() == "OK"
    with mailclients.imap(ports.imap, who, SECRET) as client:
        mailclients.find(client, FINISHED, "phía nam sông Lệ")


def filed_in_a_case(head: Person) -> None:
    page = head.page
    page.locator("summary", has_text="Đưa vào hồ sơ").click()
    head.field("title").fill("Rà soát quy hoạch ven sông Lệ 2026")
    page.get_by_role("button", name="Đưa vào hồ sơ").click()
    expect(page.get_by_role("link", name=re.compile("Rà soát quy hoạch ven sông Lệ"))).to_be_visible()


def the_journey_is_whole(clerk: Person, document: str) -> None:
    """Document page, register and statistics agree that it is done."""
    page = clerk.page
    page.goto(document)
    expect(page.locator(".state-line")).to_contain_text("Đã kết thúc")
    for words in (INSTRUCTION, OPINION, "Huỳnh Thị Kim Anh", "Phùng Khắc Trường", "Vương Đình Khôi", "Nguyễn Văn Khải"):
        expect(page.get_by_text(words).first).to_be_visible()
    expect(page.locator(".journey li").first).to_contain_text(re.compile("Nguyễn Văn Khải.*kết thúc", re.DOTALL))
    clerk.picture("hanh-trinh-1440")
    page.goto("/so/den")
    row = page.get_by_role("row", name=re.compile("phía nam sông Lệ"))
    expect(row).to_contain_text("1501/UBND-KTN")
    expect(row).to_contain_text("Nguyễn Văn Khải")
    expect(row).to_contain_text(re.compile("kết thúc", re.IGNORECASE))
    clerk.picture("so-den-1440")
    page.goto("/bao-cao")
    clerk.picture("bao-cao-1440")
    page.get_by_role("link", name=re.compile("Đã giải quyết")).click()
    expect(page.get_by_role("link", name=re.compile("phía nam sông Lệ"))).to_be_visible()
