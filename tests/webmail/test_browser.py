"""A real Chromium against a real server."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from mailbox_policies.holding.keeper import Keeper
from mailbox_policies.holding.moderating import Moderating
from mailserver.actor import SYSTEM
from mailserver.delivery import submission
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.submission import Letter
from mailserver.delivery.trace import Received
from mailserver.directory import mailing_changes
from mailserver.directory.mailing_changes import Wanted
from mailserver.directory.mailing_lists import Posting, Role, Settings
from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment
from mailserver.store import raw
from mailserver.store.database import Tx
from mailserver.store.store import Store
from mailserver.teams import service
from tests.routing.world import DOMAIN, PENDING, World
from tests.webmail.browser import ARGUMENTS, CHROMIUM
from tests.webmail.mail.payloads import HOST, PAYLOADS
from tests.webmail.running import running
from tests.webmail.sample import arrive, send
from tests.webmail.teams.test_queue import come, item
from tests.webmail.world import PASSWORD, web_services, web_settings, with_passwords

pytestmark = pytest.mark.browser
NEIGHBOUR = Address("Sở Tài chính", "stc", "stc.hungbinh.example")


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """What is looked at in a browser does not depend on the database: one world on SQLite for all tests."""
    folder = tmp_path_factory.mktemp("browser")
    (folder / "vanthu.sqlite3").write_bytes(sqlite_template.read_bytes())
    store = Store.open(f"sqlite:///{folder}/vanthu.sqlite3", f"file://{folder}/blobs", data_dir=folder)
    made = with_passwords(store)
    yield made
    store.close()


@pytest.fixture(scope="module")
def base(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    services = web_services(world)
    with running(services, web_settings(tmp_path_factory.mktemp("cache"))) as address:
        yield address
    services.auth.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def opened(chromium: Browser, base: str, who: str, **options: object) -> Page:
    page = chromium.new_context(**options).new_page()  # type: ignore[arg-type]
    page.goto(f"{base}/dang-nhap")
    page.fill("#login", who)
    page.fill("#password", PASSWORD)
    page.click("form button")
    page.wait_for_url(f"{base}/viec")
    return page


class Trap:
    """Listens where the payloads call out to, and counts who comes."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.caught: list[bytes] = []
        self.thread = threading.Thread(target=self._listen)
        self.thread.start()

    def _listen(self) -> None:
        while True:
            try:
                peer, _address = self.socket.accept()
            except OSError:
                return
            with peer:
                self.caught.append(peer.recv(200))

    def close(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()


def test_no_payload_runs_calls_out_or_leaves_its_frame(chromium: Browser, base: str, world: World) -> None:
    trap = Trap()
    page = opened(chromium, base, "truongpk")
    page.add_init_script("window.attacked = 0")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    try:
        for number, payload in enumerate(PAYLOADS):
            evil = payload.replace(HOST, trap.host)
            subject = re.sub(r"[\x00-\x1f]", "", evil)[:300]
            file = Attachment(f"{number}{subject[:120]}.txt", "text/plain", b"x")
            name = Address(subject[:80], "evil", "evil.example")
            ref = send(world, name, "truongpk", subject, evil.replace("\x00", ""), evil, attachments=(file,))
            page.goto(f"{base}/thu/{ref.folder_id}/{ref.uid}")
            frame = page.frame_locator(".mail-frame")
            expect(frame.locator("body")).to_be_attached()
            for link in frame.locator("a:not([href^=http])").all():
                link.click(force=True, no_wait_after=True)
            assert page.evaluate("window.attacked") == 0, payload
            assert page.url.endswith(f"/{ref.uid}"), payload
            assert len(page.context.pages) == 1, payload
        assert page.locator(".mail-row").count() == 50
    finally:
        trap.close()
        page.context.close()
    assert trap.caught == [] and dialogs == []


def test_new_mail_appears_without_a_reload(chromium: Browser, base: str, world: World) -> None:
    page = opened(chromium, base, "anl")
    page.goto(f"{base}/thu/{world.folder('anl', 'INBOX')}")
    page.wait_for_selector("html[data-push=on]")
    page.evaluate("window.same = true")
    send(world, NEIGHBOUR, "anl", "Vừa mới đến", "Chào anh Ân.")
    expect(page.locator(".mail-row .subject", has_text="Vừa mới đến")).to_be_visible()
    expect(page.locator(".mail-folders [aria-current] .unseen")).to_have_text(re.compile(r"^1"))
    expect(page.locator(".rail [data-count=mail]")).to_have_text("1")
    expect(page.locator("#live")).to_have_text("Có thư mới")
    assert page.evaluate("window.same") is True
    page.context.close()


def test_mail_opens_beside_the_list_and_back_returns(chromium: Browser, base: str, world: World) -> None:
    for subject in ("Thư một", "Thư hai"):
        send(world, NEIGHBOUR, "lamhs", subject, f"Nội dung {subject}")
    page = opened(chromium, base, "lamhs", viewport={"width": 1440, "height": 900})
    page.goto(f"{base}/thu/{world.folder('lamhs', 'INBOX')}")
    page.evaluate("window.same = true")
    page.keyboard.press("j")
    expect(page.locator("#reader h1")).to_have_text("Thư hai")
    page.keyboard.press("j")
    expect(page.locator("#reader h1")).to_have_text("Thư một")
    assert page.evaluate("window.same") is True and page.url.endswith("/1")
    page.go_back()
    expect(page.locator("#reader h1")).to_have_text("Thư hai")
    page.context.close()


def test_a_document_is_registered_by_keyboard_and_assigned_on_a_phone(
    chromium: Browser, base: str, world: World
) -> None:
    ref = arrive(world, "ubnd", "1482/UBND-KTN", "V/v rà soát quy hoạch ven sông Lệ", date(2026, 11, 2))
    clerk = opened(chromium, base, "anhhtk", viewport={"width": 1440, "height": 900})
    clerk.goto(f"{base}/van-ban/cho-vao-so/{ref.folder_id}/{ref.uid}")
    image = clerk.locator(".viewer-pages img").first
    expect(image).to_be_visible()
    clerk.wait_for_function("document.querySelector('.viewer-pages img').naturalWidth > 500")
    clerk.locator("#summary").press("Control+Enter")
    clerk.wait_for_url(f"{base}/van-ban/cho-vao-so")
    clerk.goto(f"{base}/viec")
    clerk.click(".work-item .summary")
    clerk.get_by_role("button", name="Trình lãnh đạo").click()
    expect(clerk.locator(".state-line")).to_contain_text("Chờ Giám đốc Phùng Khắc Trường cho ý kiến")

    phone = opened(chromium, base, "truongpk", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone.tap(".work-item .summary")
    phone.get_by_role("button", name="Chủ trì xử lý, báo cáo kết quả.").tap()
    phone.get_by_label("Phòng Quy hoạch – Kiến trúc").first.check()
    phone.get_by_role("button", name="Giao xử lý").tap()
    expect(phone.locator(".state-line")).to_contain_text("Phòng Quy hoạch – Kiến trúc")
    assert len(world.uids("qhkt", PENDING)) == 1
    for context in (clerk.context, phone.context):
        context.close()


def test_an_owner_lets_a_letter_to_the_list_go_and_refuses_another(chromium: Browser, base: str, world: World) -> None:
    def make(tx: Tx) -> None:
        terms = Settings(posting=Posting.MEMBERS, moderated=True)
        list_id = mailing_changes.create_tx(tx, world.agency_id, "Toàn phòng", "toanphong", terms)
        mailing_changes.add_tx(tx, list_id, Wanted(world.id("lamhs")))
        mailing_changes.give_role_tx(tx, list_id, world.id("khoivd"), Role.OWNER)

    store = world.store
    store.db.write(make, SYSTEM)
    delivery = Delivery(store, "mail.test", lambda: datetime.now(UTC), keeper=Moderating(Keeper(), store.blobs, base))
    for subject in ("Nghe", "Quang"):
        head = f"From: anl@{DOMAIN}\r\nTo: toanphong@{DOMAIN}\r\nSubject: {subject}\r\n\r\n{subject}\r\n"
        written = Letter(head.encode(), f"anl@{DOMAIN}", (f"toanphong@{DOMAIN}",), Received("", "", "HTTP", subject))
        submission.submit_sync(delivery, world.actor("anl"), written)
    page = opened(chromium, base, "khoivd")
    for row, subject in enumerate(("Quang", "Nghe")):  # the newest first
        page.goto(f"{base}/thu/")
        page.locator(".mail-row .subject", has_text="Thư chờ duyệt: Toàn phòng").nth(row).click()
        page.goto(page.locator("#reader a[href*='/thu-giu/']").first.get_attribute("href") or "")
        expect(page.locator(".kept-text")).to_have_text(subject)
        if subject == "Quang":
            page.get_by_label("Lý do không cho gửi").fill("Không liên quan")
            page.keyboard.press("Enter")
            expect(page.locator(".page-head .tag")).to_have_text("không cho gửi")
        else:
            page.get_by_role("button", name="Cho gửi", exact=True).click()
            expect(page.locator(".page-head .tag")).to_have_text("đã cho gửi")
    page.context.close()
    subjects = "SELECT m.subject FROM message m JOIN entry e ON e.message_pk = m.id WHERE e.folder_id = ?"
    inbox = world.folder("lamhs", "INBOX")
    arrived = {row[0] for row in store.db.read(lambda conn: raw.rows(conn, subjects, (inbox,)))}
    assert "Nghe" in arrived and "Quang" not in arrived


def test_enter_in_a_field_does_nothing_to_anything_else(chromium: Browser, base: str, world: World) -> None:
    mails = [come(world, "Thư thứ nhất"), come(world, "Thư thứ hai")]
    unit, who = world.id("qhkt"), world.actor("khoivd")
    world.store.db.write(lambda tx: service.take_by_tx(tx, unit, mails), who)
    page = opened(chromium, base, "khoivd")
    page.goto(f"{base}/don-vi/{unit}?tab=toi")
    rows = page.locator(".team-line")
    expect(rows).to_have_count(2)
    above = rows.first.locator(".team-subject").text_content() or ""
    rows.last.locator("summary").click()
    rows.last.get_by_label("Đã xử lý thế nào?").fill("Đã gọi điện")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(rows.locator(".team-subject")).to_have_text(above.strip())
    assert sorted(item(world, one).note for one in mails) == ["", "Đã gọi điện"]
    page.goto(f"{base}/thu/soan")
    page.fill("#subject", "Báo cáo")
    page.keyboard.press("Enter")
    page.get_by_label("Nội dung thư").fill("Kính gửi")
    page.get_by_role("button", name="Lưu nháp").click()
    page.wait_for_url(re.compile("nhap="))
    expect(page.get_by_label("Nội dung thư")).to_have_value(re.compile("Kính gửi"))
    page.context.close()


def test_reading_answering_and_assigning_work_without_scripts(chromium: Browser, base: str, world: World) -> None:
    _document, _step = world.with_unit()
    send(world, Address("Lê Ân", "anl", "sxd.hungbinh.example"), "khoivd", "Hỏi số liệu", "Anh Khôi cho em hỏi.")
    page = opened(chromium, base, "khoivd", java_script_enabled=False)
    page.goto(f"{base}/thu/")
    page.get_by_role("link", name=re.compile("Hỏi số liệu")).click()
    page.locator(".reader-bar").get_by_role("link", name="Trả lời", exact=True).click()
    page.fill("#text", "Số liệu đây.")
    page.get_by_role("button", name=re.compile("^Gửi")).click()
    expect(page.locator(".toast-note")).to_contain_text("Đã gửi thư.")
    page.goto(f"{base}/viec")
    page.locator(".work-item .summary").first.click()
    page.fill("#assign-instruction", "Đ/c Khải dự thảo.")
    page.get_by_label("Nguyễn Văn Khải").first.check()
    page.get_by_role("button", name="Giao xử lý").click()
    expect(page.locator(".state-line")).to_contain_text("Nguyễn Văn Khải đang xử lý")
    page.context.close()


def test_files_chosen_one_after_the_other_stay_and_what_is_left_is_told(chromium: Browser, base: str) -> None:
    page = opened(chromium, base, "vankhain")
    page.goto(f"{base}/thu/soan")
    button, rows = page.locator("button[value=shrink]"), page.locator("[data-chosen] li")
    expect(button).to_be_hidden()
    for name, size in (("so lieu.csv", 300_000), ("ghi chu.txt", 10), ("nham.txt", 20)):
        page.set_input_files("#files", {"name": name, "mimeType": "text/plain", "buffer": b"1" * size})
    expect(rows).to_have_count(3)
    rows.nth(2).get_by_role("button", name="Bỏ tệp nham.txt").click()
    expect(rows).to_have_text([re.compile("so lieu.csv293 KB"), re.compile("ghi chu.txt10 B")])
    button.click()
    left = page.locator("[data-after]")
    expect(left).to_contain_text(re.compile(r"còn \d+ (B|KB) trên 10,0 MB"))
    page.get_by_label("Giữ nguyên").first.check()
    expect(left).to_contain_text("còn 293 KB trên 10,0 MB")
    expect(page.locator("fieldset")).to_have_count(2)
    page.context.close()


SIZES = {"desktop": (1440, 900), "tablet": (820, 1180), "phone": (390, 844), "zoomed": (640, 450)}


@pytest.mark.parametrize("size", SIZES, ids=list(SIZES))
def test_no_page_is_wider_than_the_screen_and_targets_are_large(
    chromium: Browser, base: str, world: World, size: str
) -> None:
    width, height = SIZES[size]
    document_id, _step = world.with_handler()
    page = opened(chromium, base, "vankhain", viewport={"width": width, "height": height}, has_touch=size == "phone")
    inbox = world.folder("vankhain", "INBOX")
    paths = [
        "/viec",
        f"/thu/{inbox}",
        "/thu/soan",
        f"/van-ban/{document_id}",
        "/van-ban/ho-so",
        "/tai-khoan/",
        "/cai-dat-thu/",
        "/tim?q=a",
    ]
    for path in paths:
        page.goto(base + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        if size == "phone":
            small = page.evaluate(SMALL_TARGETS)
            assert small == [], (path, small)
    page.context.close()


# WCAG 2.2 2.5.8, and 44 px on the phone: buttons, links that stand alone, boxes with their labels.
SMALL_TARGETS = """() => [...document.querySelectorAll(
  'button, .btn, .bottombar a, .folder, summary.btn, .fold > summary, .choice')]
  .filter((one) => one.offsetParent !== null && one.tabIndex >= 0)
  .map((one) => [one.textContent.trim().slice(0, 30), one.getBoundingClientRect().height])
  .filter(([, high]) => high < 43.5)"""


def test_every_field_and_button_has_a_name_and_focus_is_seen(chromium: Browser, base: str, world: World) -> None:
    document_id, _step = world.with_handler()
    page = opened(chromium, base, "vankhain")
    for path in ("/thu/soan", "/viec", "/thu/", f"/van-ban/{document_id}", "/tai-khoan/", "/cai-dat-thu/"):
        page.goto(base + path)
        assert page.evaluate(NAMELESS) == [], path
        if path == "/thu/soan":  # begins in the field for the recipient
            continue
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip-link"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.context.close()


NAMELESS = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter((one) => one.offsetParent !== null && one.type !== 'hidden')
  .filter((one) => !(one.textContent.trim() || one.ariaLabel || one.title || (one.labels || []).length))
  .map((one) => one.outerHTML.slice(0, 120))"""


def test_news_take_away_neither_words_nor_focus_nor_what_was_chosen(chromium: Browser, base: str, world: World) -> None:
    for number in range(3):
        send(world, NEIGHBOUR, "hoavc", f"Có sẵn {number}", "Chào anh.")
    page = opened(chromium, base, "hoavc", viewport={"width": 1440, "height": 900})
    page.goto(f"{base}/thu/{world.folder('hoavc', 'INBOX')}")
    page.wait_for_selector("html[data-push=on]")
    page.locator(".pick").nth(1).check()
    page.locator("a[data-open]").nth(2).focus()
    focused = page.evaluate("document.activeElement.id")
    send(world, NEIGHBOUR, "hoavc", "Tin thứ nhất", "Chào anh.")
    expect(page.locator(".mail-row", has_text="Tin thứ nhất")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == focused
    expect(page.locator(".pick:checked")).to_have_count(1)
    expect(page.locator(".mail-row", has_text="Có sẵn 1").locator(".pick")).to_be_checked()
    page.locator("#search-mail").press_sequentially("lich hop")
    send(world, NEIGHBOUR, "hoavc", "Tin thứ hai", "Chào anh.")
    expect(page.locator(".rail [data-count=mail]")).to_have_text("5")
    expect(page.locator("#search-mail")).to_have_value("lich hop")
    expect(page.locator("#search-mail")).to_be_focused()
    page.locator("#search-mail").fill("")
    page.locator("#search-mail").blur()
    expect(page.locator(".mail-row", has_text="Tin thứ hai")).to_be_visible()
    page.context.close()


@pytest.mark.requirement("R-033")
def test_a_large_file_goes_in_pieces_and_on_after_a_line_that_broke(chromium: Browser, base: str, world: World) -> None:
    octets = bytes(range(256)) * 36_000  # three pieces
    page = opened(chromium, base, "vankhain")
    page.goto(f"{base}/tep/moi")
    page.fill("#to", "truongpk")
    broken: list[str] = []

    def break_once(route: Route) -> None:
        broken.append(route.request.url)
        route.abort() if len(broken) == 2 else route.continue_()

    page.route("**/doan?tu=*", break_once)
    page.set_input_files("#file", {"name": "phim.bin", "mimeType": "application/octet-stream", "buffer": octets})
    page.click("form[data-handing] .btn-primary")
    page.wait_for_url(re.compile(r"/tep/\?xem=gui"), timeout=60_000)
    assert [url.rpartition("=")[2] for url in broken] == ["0", "4194304", "4194304", "8388608"]
    reader = opened(chromium, base, "truongpk", accept_downloads=True)
    reader.goto(f"{base}/tep/")
    reader.click("text=phim.bin")
    with reader.expect_download() as saved:
        reader.click("text=Tải về")
    assert saved.value.suggested_filename == "phim.bin"
    assert Path(saved.value.path()).read_bytes() == octets
    for one in (page, reader):
        one.context.close()
