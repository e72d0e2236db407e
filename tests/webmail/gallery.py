"""Pictures of every page at three widths: `python -m tests.webmail.gallery FOLDER [--serve PORT]`."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import create_engine

from mailbox_policies.chain import Settings
from mailserver.store.store import Store
from tests.routing.world import World
from tests.support.tables import create_tables
from tests.webmail import (
    sample,
    sample_boards,
    sample_cleanup,
    sample_comments,
    sample_files,
    sample_forwards,
    sample_junk,
    sample_lists,
    sample_redirects,
    sample_sent,
)
from tests.webmail.browser import ARGUMENTS, CHROMIUM
from tests.webmail.queue.test_views import make_admin
from tests.webmail.running import running
from tests.webmail.sample_inspections import envelopes, order
from tests.webmail.sentfiles.outside import ALLOWED
from tests.webmail.world import PASSWORD, desk_of, web_services, web_settings, with_passwords

WIDTHS = {1440: 900, 820: 1180, 390: 844}


@contextmanager
def office(folder: Path) -> Iterator[tuple[World, dict[str, int]]]:
    """A world in a database of its own, full of mail and documents."""
    engine = create_engine(f"sqlite:///{folder}/vanthu.sqlite3")
    with engine.begin() as conn:
        conn.exec_driver_sql("PRAGMA page_size = 8192")
    create_tables(engine)
    engine.dispose()
    store = Store.open(f"sqlite:///{folder}/vanthu.sqlite3", f"file://{folder}/blobs", data_dir=folder)
    try:
        world = with_passwords(store)
        documents = sample.fill(world)
        sample.keep(world)
        make_admin(world, world.agency_id, "tuanht")
        yield world, documents
    finally:
        store.close()


def pages(world: World, documents: dict[str, int]) -> list[tuple[str, str, str]]:
    """(name, who looks, path)."""
    inbox, desk = world.folder("truongpk", "INBOX"), world.folder("sxd", "INBOX")
    pending = world.folder("vankhain", "Văn bản đến/Chờ xử lý")
    token = sample_forwards.wait(world)
    judged = sample_junk.fill(world, "truongpk")
    sample_cleanup.fill(world)
    waiting, running_order = order(world)
    envelopes(world)
    asked, _over = sample_comments.fill(world)
    file_id = sample_files.fill(world)
    outside_id, link = sample_files.outside(world)
    gone = f"/thu/{world.folder('truongpk', 'Sent')}/{sample_sent.fill(world)}/da-di"
    posted = sample_boards.fill(world)
    sample_boards.hide(world, posted["case"], "tuanht")
    board = f"/thu-muc-chung/{posted['board']}"
    listed = sample_lists.fill(world)
    sample_redirects.fill(world)
    return [
        ("boards", "anhhtk", "/thu-muc-chung/"),
        ("boards-admin", "tuanht", "/thu-muc-chung/"),
        ("board", "khoivd", board),
        ("board-edit", "khoivd", f"{board}/{posted['own']}/sua"),
        ("board-hidden", "vankhain", board),
        ("board-design", "anhhtk", board),
        ("board-report", "khoivd", f"{board}/{posted['other']}/bao"),
        ("board-reports", "tuanht", "/thu-muc-chung/bai-bi-bao/"),
        ("board-case", "tuanht", f"/thu-muc-chung/bai-bi-bao/{posted['case']}"),
        ("board-case-own", "vankhain", f"/thu-muc-chung/bai-bi-bao/{posted['case']}"),
        ("notices", "truongpk", "/van-ban/thong-bao"),
        ("work-director", "truongpk", "/viec"),
        ("work-clerk", "anhhtk", "/viec"),
        ("work-specialist", "vankhain", "/viec"),
        ("inbox", "truongpk", f"/thu/{inbox}"),
        ("folders", "truongpk", f"/thu/{inbox}?xem=thu-muc"),
        ("mail-text", "truongpk", f"/thu/{inbox}/1"),
        ("mail-html", "truongpk", f"/thu/{inbox}/4"),
        ("mail-old", "truongpk", f"/thu/{inbox}/5"),
        ("mail-junk", "truongpk", judged["junk"]),
        ("mail-suspect", "truongpk", judged["suspect"]),
        ("mail-step", "vankhain", f"/thu/{pending}/2"),
        ("mail-scan", "anhhtk", f"/thu/{desk}/8"),
        ("preview", "anhhtk", f"/thu/{desk}/8/xem/2"),
        ("compose", "truongpk", f"/thu/soan?tra_loi={inbox}.2"),
        ("compose-files", "truongpk", f"/thu/soan?nhap={sample.draft(world)}"),
        ("shrink", "truongpk", f"/thu/soan/thu-gon?nhap={sample.draft(world)}"),
        ("desk", "anhhtk", f"/van-ban/cho-vao-so/{desk}/8"),
        ("desk-empty", "anhhtk", "/van-ban/cho-vao-so"),
        ("direct", "truongpk", f"/van-ban/{documents['directing']}"),
        ("flash", "truongpk", f"/van-ban/{documents['flash']}"),
        ("submit", "anhhtk", f"/van-ban/{documents['registered']}"),
        ("assign", "khoivd", f"/van-ban/{documents['with_unit']}"),
        ("handle", "vankhain", f"/van-ban/{documents['handled']}"),
        ("finished", "anhhtk", f"/van-ban/{documents['finished']}"),
        ("register", "anhhtk", "/so/den"),
        ("report", "truongpk", "/bao-cao"),
        ("report-late", "truongpk", "/bao-cao/tre-han"),
        ("report-closed", "truongpk", "/bao-cao/khong-san-pham"),
        ("search", "truongpk", "/tim?q=quy+hoach"),
        ("cases", "vankhain", "/van-ban/ho-so"),
        ("account", "truongpk", "/tai-khoan/"),
        ("passkeys", "truongpk", "/tai-khoan/khoa/"),
        ("absence", "truongpk", "/tai-khoan/vang-mat/"),
        ("lock-down", "truongpk", "/tai-khoan/khoa-khan-cap"),
        ("mailboxes", "khoivd", "/tai-khoan/hop-thu/"),
        ("forwards", "truongpk", "/chuyen-tiep/"),
        ("consent", "lamhs", f"/dong-y/{token}"),
        ("delegation", "khoivd", "/uy-quyen/"),
        ("openers", "khoivd", "/tai-khoan/ai-da-mo/"),
        *((f"unit-{tab}", "khoivd", f"/don-vi/{world.id('qhkt')}?tab={tab}") for tab in ("cho", "toi", "giao", "xong")),
        ("set-up", "truongpk", "/cai-dat-thu/"),
        ("kept", "anhhtk", "/thu-giu/"),
        ("kept-one", "khoivd", "/thu-giu/1"),
        ("kept-destroy", "anhhtk", "/thu-giu/2/huy"),
        ("cleanup", "lamhs", "/don-thu/?loai=junk"),
        ("cleanup-due", "lamhs", "/don-thu/sap-xoa"),
        ("cleanup-office", "tuanht", "/don-thu/sap-xoa?xem=co-quan"),
        ("cleanup-vault", "lamhs", "/don-thu/khoi-phuc"),
        ("cleanup-holds", "tuanht", "/don-thu/giu"),
        ("policies", "tuanht", "/chinh-sach/"),
        ("policy-retention", "tuanht", "/chinh-sach/retention"),
        ("policy", "tuanht", "/chinh-sach/message-size"),
        ("policy-spam", "tuanht", "/chinh-sach/spam"),
        ("policy-virus", "tuanht", "/chinh-sach/virus"),
        ("policy-dry-run", "tuanht", "/chinh-sach/message-size/chay-thu"),
        ("staff", "tuanht", "/nhan-su/"),
        ("staff-resets", "tuanht", "/nhan-su/cap-lai-mat-khau"),
        ("inspections", "truongpk", "/kiem-tra/"),
        ("inspections-empty", "lamhs", "/kiem-tra/"),
        ("inspection", "diemttn", f"/kiem-tra/{waiting}"),
        ("inspection-mail", "khoivd", f"/kiem-tra/{running_order}/thu"),
        ("inspection-one", "khoivd", f"/kiem-tra/{running_order}/thu/1"),
        ("inspection-minutes", "khoivd", f"/kiem-tra/{running_order}/bien-ban"),
        ("inspected", "anl", "/tai-khoan/ai-da-mo/"),
        ("audit", "truongpk", "/nhat-ky/"),
        ("files", "truongpk", "/tep/"),
        ("files-sent", "khoivd", "/tep/?xem=gui"),
        ("whereabouts", "truongpk", gone),
        ("files-one", "khoivd", f"/tep/{file_id}"),
        ("files-outside", "khoivd", f"/tep/{outside_id}"),
        ("outside", "lamhs", link),
        ("outside-en", "lamhs", f"{link}?lang=en"),
        ("outside-nothing", "lamhs", "/lay-tep/khong-co"),
        ("files-new", "khoivd", "/tep/moi"),
        ("files-empty", "anl", "/tep/?xem=gui"),
        ("envelopes", "anhhtk", "/vo-bi/"),
        ("comments", "vankhain", "/lay-y-kien/"),
        ("comments-empty", "camltm", "/lay-y-kien/"),
        ("comments-new", "vankhain", f"/lay-y-kien/moi?thu={world.folder('vankhain', 'INBOX')}.1"),
        ("comments-asker", "vankhain", f"/lay-y-kien/{asked}"),
        ("comments-asked", "lamhs", f"/lay-y-kien/{asked}"),
        ("comments-summary", "vankhain", f"/lay-y-kien/{asked}/bang-tong-hop"),
        ("envelopes-mine", "diemttn", "/vo-bi/"),
        ("staff-import", "tuanht", "/nhan-su/nhap"),
        ("staff-new", "tuanht", "/nhan-su/them"),
        ("staff-person", "tuanht", f"/nhan-su/{world.id('vankhain')}"),
        ("staff-edit", "tuanht", f"/nhan-su/{world.id('vankhain')}/sua"),
        ("staff-wishes", "tuanht", "/nhan-su/de-nghi"),
        ("staff-roles", "tuanht", "/nhan-su/vai-tro"),
        ("staff-days", "tuanht", "/nhan-su/hoat-dong"),
        ("book", "truongpk", "/danh-ba/"),
        ("lists", "truongpk", "/danh-sach-thu/"),
        ("list", "tuanht", f"/danh-sach-thu/{listed}"),
        ("list-reader", "vankhain", f"/danh-sach-thu/{listed}"),
        ("list-new", "tuanht", "/danh-sach-thu/moi"),
        ("redirects", "tuanht", "/nhan-su/chuyen-tiep/"),
        ("redirects-new", "tuanht", "/nhan-su/chuyen-tiep/moi"),
        ("redirects-own", "vankhain", "/tai-khoan/chuyen-tiep/"),
        ("redirects-account", "khoivd", "/tai-khoan/"),
        ("details", "khoivd", "/tai-khoan/thong-tin/"),
        ("second", "khoivd", "/tai-khoan/hai-buoc/"),
        ("help", "truongpk", "/tro-giup"),
        ("missing", "truongpk", "/van-ban/99999"),
    ]


def shoot(browser: Browser, base: str, out: Path, wanted: list[tuple[str, str, str]], widths: list[int]) -> None:
    for width in widths:
        signed_in = {}
        for name, who, path in wanted:
            if who not in signed_in:
                context = browser.new_context(viewport={"width": width, "height": WIDTHS[width]}, locale="vi-VN")
                page = context.new_page()
                page.on("console", lambda said, name=name: print(f"{name}: {said.type}: {said.text}"))
                page.goto(f"{base}/dang-nhap")
                if not signed_in:
                    page.screenshot(path=out / f"sign-in-{width}.png")
                page.fill("#login", who)
                page.fill("#password", PASSWORD)
                page.click("form button")
                signed_in[who] = page
            page = signed_in[who]
            page.goto(base + path)
            page.wait_for_timeout(250)
            page.screenshot(path=out / f"{name}-{width}.png", full_page=width == 390)
        for page in signed_in.values():
            page.context.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--serve", type=int, default=0, help="keep serving on this port of 127.0.0.1")
    parser.add_argument("--only", nargs="*", help="names of pages")
    parser.add_argument("--widths", nargs="*", type=int, default=list(WIDTHS))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, office(Path(name)) as (world, documents):
        services = replace(web_services(world), sent_files=desk_of(world, Settings(ALLOWED)))
        sample_redirects.switch_on(services)
        with running(services, web_settings(Path(name) / "cache"), options.serve) as base:
            with sync_playwright() as play:
                browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                wanted = [one for one in pages(world, documents) if not options.only or one[0] in options.only]
                shoot(browser, base, options.folder, wanted, options.widths)
                browser.close()
            if options.serve:
                input(f"{base}: Enter ends. Password of everybody: {PASSWORD}\n")
        services.auth.close()


if __name__ == "__main__":
    main()
